//! A browser at the control listener: signing in, the cookie, and what foreign pages cannot do.

use serde_json::json;
use switchhook_tests::server::http::{Request, Response};
use switchhook_tests::server::{Options, Server};

fn server() -> Server {
    Options::default().argument("--sign-in-link").start()
}

fn token(server: &Server) -> String {
    let link = server.ready["sign_in"]
        .as_str()
        .expect("a link in the ready line");
    let (url, token) = link
        .split_once("/#sign-in=")
        .expect("the token in the fragment");
    assert_eq!(Some(url), server.ready["control"].as_str());
    token.to_owned()
}

fn sign_in(server: &Server, token: &str) -> Response {
    server
        .control
        .post("/api/switchhook/sign-in")
        .json(&json!({"token": token}))
        .send()
}

/// The cookie of a signed-in browser.
fn cookie(server: &Server) -> String {
    let answer = sign_in(server, &token(server));
    assert_eq!(answer.status, 204, "{}", answer.text());
    let cookie = answer.header("set-cookie").expect("a cookie");
    cookie.split(';').next().unwrap_or_default().to_owned()
}

fn create(server: &Server, cookie: &str) -> Request {
    server
        .control
        .post("/api/v1/user/api-keys")
        .header("Cookie", cookie)
        .json(&json!({"name": "by browser"}))
}

#[test]
fn without_the_option_there_is_no_link() {
    let server = Server::start();
    assert_eq!(server.ready.get("sign_in"), None);
    assert_eq!(server.ready["event"], "ready");
    assert_eq!(
        server.ready["data_dir"],
        server.folder.data().display().to_string()
    );
}

#[test]
fn a_link_signs_in_once() {
    let server = server();
    let token = token(&server);
    assert_eq!(sign_in(&server, &token).status, 204);
    assert_eq!(sign_in(&server, &token).status, 401);
    assert_eq!(sign_in(&server, "made up").status, 401);
}

#[test]
fn the_cookie_is_for_this_site_and_no_script() {
    let server = server();
    let answer = sign_in(&server, &token(&server));
    let cookie = answer.header("set-cookie").expect("a cookie").to_owned();
    for flag in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(flag), "{flag} in {cookie}");
    }
}

#[test]
fn a_signed_in_browser_reads_and_with_its_header_writes() {
    let server = server();
    let cookie = cookie(&server);
    assert_eq!(
        server.control.get("/api/switchhook/session").send().status,
        401
    );
    let session = server
        .control
        .get("/api/switchhook/session")
        .header("Cookie", &cookie)
        .send();
    assert_eq!(
        (session.status, session.json()),
        (200, json!({"signed_in": true}))
    );
    let without = create(&server, &cookie).send();
    assert_eq!(
        (without.status, &without.json()["detail"]),
        (403, &json!("Access denied"))
    );
    assert_eq!(
        create(&server, &cookie)
            .header("X-Switchhook", "window")
            .send()
            .status,
        200
    );
}

#[test]
fn a_signed_in_browser_fires_without_a_key() {
    let server = server();
    let cookie = cookie(&server);
    let agents = server
        .control
        .get("/api/v1/workflow/fetch")
        .header("Cookie", &cookie)
        .send()
        .json();
    let path = format!(
        "/api/v1/public/agent/{}",
        agents[0]["trigger_path"].as_str().expect("a path")
    );
    let post = |base: &switchhook_tests::server::http::Base| {
        base.post(&path)
            .header("Cookie", &cookie)
            .json(&json!({"phone_number": "+14155550101"}))
    };
    assert_eq!(post(&server.control).send().status, 403);
    assert_eq!(
        post(&server.control)
            .header("X-Switchhook", "window")
            .send()
            .status,
        200
    );
    // The public listener may stand behind a tunnel: it knows keys only.
    assert_eq!(
        post(&server.public)
            .header("X-Switchhook", "window")
            .send()
            .status,
        401
    );
}

#[test]
fn a_foreign_host_is_misdirected() {
    let server = Server::start();
    let key = server.key("manage");
    for host in [
        "evil.example",
        "evil.example:4666",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "",
    ] {
        let answer = server
            .control
            .get("/api/v1/workflow/fetch")
            .header("Host", host)
            .key(&key)
            .send();
        assert_eq!(answer.status, 421, "{host}: {}", answer.text());
    }
    for host in ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:4666"] {
        let answer = server
            .control
            .get("/api/v1/workflow/fetch")
            .header("Host", host)
            .key(&key)
            .send();
        assert_eq!(answer.status, 200, "{host}: {}", answer.text());
    }
}

#[test]
fn an_allowed_host_is_answered() {
    let server = Options::default()
        .argument("--allow-host")
        .argument("desk.example")
        .start();
    let key = server.key("manage");
    let get = |host: &str| {
        server
            .control
            .get("/api/v1/workflow/count")
            .header("Host", host)
            .key(&key)
            .send()
            .status
    };
    assert_eq!(
        (
            get("desk.example"),
            get("Desk.Example:4666"),
            get("other.example")
        ),
        (200, 200, 421)
    );
}

#[test]
fn a_foreign_origin_is_refused() {
    let server = Server::start();
    let key = server.key("manage");
    let get = |origin: &str| {
        server
            .control
            .get("/api/v1/workflow/count")
            .header("Origin", origin)
            .key(&key)
            .send()
    };
    for origin in [
        "https://evil.example",
        "null",
        "http://localhost.evil.example",
    ] {
        let answer = get(origin);
        assert_eq!(
            (answer.status, &answer.json()["detail"]),
            (403, &json!("Access denied")),
            "{origin}"
        );
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    assert_eq!(
        get(&format!("http://{}", server.control.authority)).status,
        200
    );
}

#[test]
fn the_window_is_served_under_a_policy() {
    let server = Server::start();
    let page = server.control.get("/").send();
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    let policy = page
        .header("content-security-policy")
        .expect("a policy")
        .to_owned();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("script-src 'self'"),
        "{policy}"
    );
    assert!(
        policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-eval"),
        "{policy}"
    );
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert!(
        !page.text().contains("onclick=") && !page.text().contains("<script>"),
        "{}",
        page.text()
    );
}

#[test]
fn a_page_that_is_not_there_is_a_404() {
    let server = Server::start();
    for path in [
        "/no/such/page.js",
        "/../Cargo.toml",
        "/assets/..%2f..%2fCargo.toml",
    ] {
        assert_eq!(server.control.get(path).send().status, 404, "{path}");
    }
    assert_eq!(server.control.post("/").send().status, 404);
}

#[test]
fn any_page_may_call_the_public_listener_with_a_key_of_its_own() {
    let server = Server::start();
    let preflight = |method: &str| {
        let asked = server
            .public
            .request("OPTIONS", "/api/v1/public/agent/x")
            .header("Origin", "https://page.example");
        asked
            .header("Access-Control-Request-Method", method)
            .header("Access-Control-Request-Headers", "x-api-key")
            .send()
    };
    let allowed = preflight("POST");
    assert_eq!((allowed.status, allowed.text().as_str()), (200, "OK"));
    assert_eq!(allowed.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        allowed.header("access-control-allow-headers"),
        Some("x-api-key")
    );
    assert_eq!(allowed.header("access-control-allow-credentials"), None);
    let refused = preflight("BREW");
    assert_eq!(
        (refused.status, refused.text().as_str()),
        (400, "Disallowed CORS method")
    );
    let call = server
        .public
        .post("/api/v1/public/agent/x")
        .header("Origin", "https://page.example")
        .send();
    assert_eq!(
        (call.status, call.header("access-control-allow-origin")),
        (401, Some("*"))
    );
}

#[test]
fn a_head_request_is_answered_without_a_body() {
    let server = Server::start();
    let answer = server.public.request("HEAD", "/api/v1/health").send();
    assert_eq!((answer.status, answer.text().as_str()), (200, ""));
    let wrong = server.public.post("/api/v1/health").send();
    assert_eq!(
        (wrong.status, wrong.header("allow")),
        (405, Some("GET,HEAD"))
    );
}

#[test]
fn a_person_is_not_limited_to_the_requests_of_a_key() {
    let server = server();
    let cookie = cookie(&server);
    let ask = |request: Request, body| {
        request
            .header("Cookie", &cookie)
            .header("X-Switchhook", "window")
            .json(&body)
            .send()
    };
    let limit = json!({"requests_per_second": 1});
    assert_eq!(
        ask(server.control.put("/api/switchhook/settings"), limit).status,
        200
    );
    for _ in 0..20 {
        // What is looked for after the limit: a trigger that nobody has.
        let fired = ask(
            server.control.post("/api/v1/public/agent/nobodys"),
            json!({"phone_number": "+14155550101"}),
        );
        assert_eq!(fired.status, 404, "{}", fired.text());
    }
}
