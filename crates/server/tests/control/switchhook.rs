//! Our own routes: the server, its settings, numbers, previews, events, the desk phone, signing in.

use crate::world::World;
use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt;
use serde_json::{Value, json};

#[tokio::test]
async fn the_server_tells_what_it_can_do_and_where_it_listens() {
    let world = World::new().await;
    let can = world.get("/api/switchhook/capabilities").await.ok();
    assert_eq!(can["product"], "switchhook");
    let features = can["features"].as_array().expect("a list");
    assert!(features.contains(&json!("hang-up")));
    let server = world.get("/api/switchhook/server").await.ok();
    assert_eq!(
        server["workspace"],
        json!({ "id": 1, "name": "My workspace" })
    );
    assert!(
        server["public"]["url"]
            .as_str()
            .expect("a URL")
            .starts_with("http://127.0.0.1:")
    );
    assert_eq!(server["control"]["problem"], Value::Null);
    // A sealed file without a passphrase is no store; that is said with the way out.
    assert_eq!(server["secrets"]["kind"], "none");
    assert!(server["secrets"]["problem"]["fix"].is_string(), "{server}");
}

#[tokio::test]
async fn settings_change_in_part() {
    let world = World::new().await;
    let path = "/api/switchhook/settings";
    let defaults = json!({ "concurrent_calls": 10, "requests_per_second": null, "default_country": null, "public_base_url": null, "record_request_bodies": false, "keep_request_bodies_hours": null, "keep_runs_days": null });
    assert_eq!(world.get(path).await.ok(), defaults);
    let change = json!({ "default_country": "us", "public_base_url": "https://a.example/" });
    world.put(path, change).await.ok();
    let changed = json!({ "concurrent_calls": 10, "requests_per_second": null, "default_country": "US", "public_base_url": "https://a.example", "record_request_bodies": false, "keep_request_bodies_hours": null, "keep_runs_days": null });
    assert_eq!(world.get(path).await.ok(), changed);
    let reset = world
        .put(path, json!({ "default_country": null }))
        .await
        .ok();
    assert_eq!(reset["default_country"], Value::Null);
    assert_eq!(reset["public_base_url"], "https://a.example");
}

#[tokio::test]
async fn wrong_settings_change_nothing() {
    let world = World::new().await;
    let path = "/api/switchhook/settings";
    for (field, value) in [
        ("concurrent_calls", json!(0)),
        ("concurrent_calls", Value::Null),
        ("requests_per_second", json!("many")),
        ("default_country", json!("XX")),
        ("public_base_url", json!("a.example")),
    ] {
        let body = json!({ field: value, "default_country": "US" });
        let body = if field == "default_country" {
            json!({ field: value })
        } else {
            body
        };
        let refused = world.put(path, body).await;
        assert_eq!(refused.status, 422, "{field}");
        assert_eq!(refused.body["detail"][0]["loc"], json!(["body", field]));
    }
    assert_eq!(world.get(path).await.ok()["default_country"], Value::Null);
}

#[tokio::test]
async fn a_number_is_judged_while_it_is_typed() {
    let world = World::new().await;
    let ask = async |number: &str, provider: &str| {
        let body = json!({ "phone_number": number, "provider": provider });
        world.post("/api/switchhook/destinations", body).await.ok()
    };
    let known = ask("+1 415 555 0100", "desk_phone").await;
    assert_eq!(
        (&known["kind"], &known["e164"], &known["country_code"]),
        (&json!("phone"), &json!("+14155550100"), &json!("US"))
    );
    let empty = ask("", "desk_phone").await;
    assert_eq!(
        (&empty["kind"], &empty["possible"]),
        (&json!("invalid"), &json!(false))
    );
    assert!(empty["message"].is_string());
    assert_eq!(ask("1001", "ari").await["kind"], "extension");
    assert_eq!(ask("4155550100", "desk_phone").await["possible"], false);
    let settings = json!({ "default_country": "US" });
    world.put("/api/switchhook/settings", settings).await.ok();
    assert_eq!(
        ask("4155550100", "desk_phone").await["e164"],
        "+14155550100"
    );
}

#[tokio::test]
async fn a_preview_is_what_the_call_will_say() {
    let world = World::new().await;
    let versions = world.get("/api/v1/workflow/1/versions").await.ok();
    let body = json!({
        "workflow_definition": versions[0]["workflow_json"],
        "template_context_variables": null,
        "initial_context": { "customer_name": "Asha" },
        "mode": "test",
        "phone_number": null,
    });
    let preview = world.post("/api/switchhook/preview", body).await.ok();
    let text = preview["greeting"]["text"].as_str().expect("a text");
    assert!(
        text.starts_with("Hello Asha, this is the assistant"),
        "{text}"
    );
    let nodes = preview["nodes"].as_array().expect("nodes");
    assert_eq!((nodes.len(), &nodes[0]["name"]), (4, &json!("Greeting")));
    let refused = world
        .post("/api/switchhook/preview", json!({ "mode": "dry" }))
        .await;
    assert_eq!(refused.status, 422);
}

#[tokio::test]
async fn a_person_talks_on_the_desk_phone() {
    let world = World::new().await;
    let fired = world.fire("", "+14155550100").await.ok();
    let call = world.desk_call(|call| call["state"] == "ringing").await;
    assert_eq!(call["run_id"], fired["workflow_run_id"]);
    assert_eq!(call["agent"], "Appointment reminder");
    let base = format!(
        "/api/switchhook/desk-phone/calls/{}",
        call["id"].as_str().expect("an id")
    );
    let early = world
        .post(&format!("{base}/say"), json!({ "text": "hi" }))
        .await;
    assert_eq!(
        (early.status, early.code()),
        (409, "call-not-in-that-state")
    );
    let answered = world
        .post(&format!("{base}/answer"), Value::Null)
        .await
        .ok();
    assert_eq!(answered["state"], "in-progress");
    for text in ["", &"x".repeat(2001)] {
        assert_eq!(
            world
                .post(&format!("{base}/say"), json!({ "text": text }))
                .await
                .status,
            422
        );
    }
    world
        .post(&format!("{base}/say"), json!({ "text": "Yes." }))
        .await
        .ok();
    let with_edges = |call: &Value| {
        call["edges"]
            .as_array()
            .is_some_and(|edges| !edges.is_empty())
    };
    let call = world.desk_call(with_edges).await;
    assert_eq!(call["node"]["name"], "Greeting");
    let edge = json!({ "edge_id": call["edges"][0]["id"] });
    world.post(&format!("{base}/take-edge"), edge).await.ok();
    world
        .desk_call(|call| call["node"]["name"] == "Confirm appointment")
        .await;
    world.post(&format!("{base}/hang-up"), json!({})).await.ok();
    let run = world
        .ended(fired["workflow_run_id"].as_i64().expect("a run"))
        .await;
    assert_eq!(run["end"]["code"], "callee-hung-up");
    let spoken = run["transcript"].to_string();
    assert!(
        spoken.contains("Yes.") && spoken.contains("Lovely."),
        "{spoken}"
    );
    let gone = world.post(&format!("{base}/answer"), Value::Null).await;
    assert_eq!((gone.status, gone.code()), (404, "call-not-found"));
}

/// Reads server-sent events until one is of this kind.
async fn next_event<B>(body: &mut B, text: &mut String, kind: &str) -> Value
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Debug,
{
    loop {
        if let Some((event, rest)) = text.split_once("\n\n") {
            let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
            let found = (line("event: ") == Some(kind)).then(|| {
                let mut data: Value =
                    serde_json::from_str(line("data: ").expect("data")).expect("JSON");
                data["place"] = line("id: ").expect("an id").into();
                data
            });
            let rest = rest.to_owned();
            *text = rest;
            if let Some(found) = found {
                return found;
            }
            continue;
        }
        let frame = body
            .frame()
            .await
            .expect("the stream goes on")
            .expect("a frame");
        let data = frame.into_data().expect("data");
        text.push_str(std::str::from_utf8(&data).expect("UTF-8"));
    }
}

#[tokio::test]
async fn changes_are_streamed_as_they_happen() {
    let world = World::new().await;
    let path = "/api/switchhook/events";
    let response = world.open(Method::GET, path, Value::Null).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let (mut body, mut text) = (response.into_body(), String::new());
    world
        .put("/api/v1/workflow/1", json!({ "name": "new" }))
        .await
        .ok();
    let event = next_event(&mut body, &mut text, "agent").await;
    assert_eq!(
        (&event["kind"], &event["id"], &event["run_id"]),
        (&json!("agent"), &json!(1), &Value::Null)
    );
    let fired = world.fire("", "+14155550100").await.ok();
    let event = next_event(&mut body, &mut text, "run").await;
    assert_eq!(event["run_id"], fired["workflow_run_id"]);
    let event = next_event(&mut body, &mut text, "desk-phone").await;
    assert!(event["id"].is_string(), "{event}");
}

#[tokio::test]
async fn a_stream_goes_on_where_the_last_one_ended() {
    let world = World::new().await;
    let path = "/api/switchhook/events";
    let response = world.open(Method::GET, path, Value::Null).await;
    let (mut body, mut text) = (response.into_body(), String::new());
    world
        .put("/api/v1/workflow/1", json!({ "name": "one" }))
        .await
        .ok();
    let first = next_event(&mut body, &mut text, "agent").await;
    drop(body);
    world
        .post("/api/v1/user/api-keys", json!({ "name": "missed" }))
        .await
        .ok();
    let place = first["place"].as_str().expect("a place");
    let response = world.resume(path, place).await;
    let (mut body, mut text) = (response.into_body(), String::new());
    let missed = next_event(&mut body, &mut text, "key").await;
    assert_eq!(missed["id"], 1);
}

#[tokio::test]
async fn a_link_signs_a_browser_in_once() {
    let world = World::new().await;
    let session = "/api/switchhook/session";
    let out = world.control("GET", session, "", "").await;
    assert_eq!((out.status, out.code()), (401, "sign-in-required"));
    let body = json!({ "token": world.sign_in_token() }).to_string();
    let sign_in = "/api/switchhook/sign-in";
    let answer = world.control("POST", sign_in, "", &body).await;
    assert_eq!(answer.status, 204);
    let cookie = answer
        .head
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .expect("a cookie");
    assert!(
        cookie.ends_with("; HttpOnly; SameSite=Strict; Path=/"),
        "{cookie}"
    );
    let again = world.control("POST", sign_in, "", &body).await;
    assert_eq!((again.status, again.code()), (401, "sign-in-required"));
    let (pair, _) = cookie.split_once(';').expect("attributes");
    let cookie = format!("Cookie: {pair}\r\n");
    assert_eq!(
        world.control("GET", session, &cookie, "").await.ok(),
        json!({ "signed_in": true })
    );
    let settings = "/api/switchhook/settings";
    let foreign = world.control("PUT", settings, &cookie, "{}").await;
    assert_eq!(foreign.status, 403);
    let own = format!("{cookie}X-Switchhook: window\r\n");
    assert_eq!(world.control("PUT", settings, &own, "{}").await.status, 200);
}
