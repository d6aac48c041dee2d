//! Several workspaces on one server: each route is asked with another workspace's key for what is
//! the first one's. The routes are those of the served document, so that a new one is asked too.

use serde_json::{Map, Value, json};
use switchhook_tests::carrier::Carrier;
use switchhook_tests::server::events::Events;
use switchhook_tests::server::http::Response;
use switchhook_tests::server::{Desk, Options};

/// Stands in everything of the first workspace.
const MARK: &str = "of-the-first-workspace";
const CONFIGURATIONS: &str = "/api/v1/organizations/telephony-configs";

/// Two workspaces; the first has one of everything.
struct World {
    desk: Desk,
    /// Manages the second workspace.
    other: String,
    /// Parameter of a path → an id of the first workspace.
    ids: Map<String, Value>,
}

fn key_of(desk: &Desk, workspace: &str) -> String {
    let arguments = [
        "keys",
        "create",
        "x",
        "--scope",
        "manage",
        "--workspace",
        workspace,
    ];
    let made = desk.server.folder.run(&arguments);
    assert!(made.status.success(), "no key of workspace {workspace}");
    let key = String::from_utf8(made.stdout).expect("a key is ASCII");
    key.trim().to_owned()
}

fn options() -> Options {
    Options::default()
        .argument("--sign-in-link")
        .variable("SWITCHHOOK_SECRETS", "file")
        .variable("SWITCHHOOK_PASSPHRASE", "correct horse")
}

impl World {
    /// Two workspaces, without anything in them but the sample.
    fn bare() -> Self {
        let desk = Desk::at(options().start());
        let made = desk.server.folder.run(&["workspaces", "create", "Second"]);
        assert_eq!(String::from_utf8_lossy(&made.stdout), "2\tSecond\n");
        let other = key_of(&desk, "2");
        let ids = Map::new();
        Self { desk, other, ids }
    }

    fn new() -> Self {
        let mut world = Self::bare();
        let desk = &world.desk;
        let made = |answer: Response| {
            assert_eq!(answer.status, 200, "{}", answer.text());
            answer.json()
        };
        let agent = made(desk.get("/api/v1/workflow/fetch/1"));
        let renamed = json!({ "name": format!("Agent {MARK}") });
        made(desk.put("/api/v1/workflow/1", &renamed));
        let key = made(desk.post("/api/v1/user/api-keys", &json!({ "name": MARK })));
        let config = json!({ "provider": "cloudonix", "bearer_token": "t", "domain_id": "d" });
        let config = json!({ "name": format!("Line {MARK}"), "config": config });
        let config = made(desk.post(CONFIGURATIONS, &config));
        let path = format!("{CONFIGURATIONS}/{}", config["id"]);
        let trunk = made(desk.post(&format!("{path}/trunks"), &json!({ "name": MARK })));
        let number = json!({ "address": "+15550001111", "label": MARK });
        let number = made(desk.post(&format!("{path}/phone-numbers"), &number));
        let credential = json!({ "name": MARK, "credential_type": "bearer_token", "credential_data": { "token": "t" } });
        let credential = made(desk.post("/api/v1/credentials/", &credential));
        let preferences = json!({ "timezone": MARK });
        made(desk.put("/api/v1/organizations/preferences", &preferences));
        let body = json!({ "phone_number": "+14155550100", "initial_context": { "note": MARK } });
        let run = made(desk.fire(&body))["workflow_run_id"]
            .as_i64()
            .expect("a run");
        let call = desk.ringing(run);
        let seen = made(desk.get("/api/switchhook/requests"))["requests"][0]["id"].clone();
        let ids = [
            ("workflow_id", json!(1)),
            ("agent_id", json!(1)),
            ("version_number", json!(1)),
            ("n", json!(1)),
            ("workflow_uuid", agent["workflow_uuid"].clone()),
            ("trigger_path", json!(desk.path)),
            ("api_key_id", key["id"].clone()),
            ("config_id", config["id"].clone()),
            ("trunk_id", trunk["id"].clone()),
            ("phone_number_id", number["id"].clone()),
            ("credential_uuid", credential["uuid"].clone()),
            ("run_id", json!(run)),
            ("call_id", call["id"].clone()),
            ("workspace_id", json!(1)),
            ("request_id", seen),
            ("backup_name", json!("a.db")),
        ];
        let ids = ids.into_iter().map(|(name, id)| (name.to_owned(), id));
        world.ids = ids.collect();
        world
    }

    /// Every method and path of the document that a key is asked for.
    fn operations(&self) -> Vec<(String, String)> {
        let document = self.desk.server.control.get("/api/openapi.json").send();
        let document = document.json();
        let paths = document["paths"].as_object().expect("paths").iter();
        let operations = paths.flat_map(|(path, operations)| {
            let methods = operations.as_object().expect("operations").keys();
            let methods = methods.map(|method| method.to_ascii_uppercase());
            methods
                .map(|method| (method, path.clone()))
                .collect::<Vec<_>>()
        });
        // Opened by a carrier's signature, by a token, or by nothing.
        let is_keyed = |path: &str| {
            ![
                "/api/v1/telephony/",
                "/api/v1/health",
                "/api/v1/public/download",
                "/api/v1/node-types",
                "/api/switchhook/sign-in",
            ]
            .iter()
            .any(|start| path.starts_with(start))
                || path.ends_with("/initiate-call")
        };
        operations.filter(|(_, path)| is_keyed(path)).collect()
    }

    /// The path with the first workspace's ids; `None` where it has none.
    fn filled(&self, path: &str) -> Option<String> {
        let mut filled = path.to_owned();
        while let Some((before, rest)) = filled.split_once('{') {
            let (name, after) = rest.split_once('}').expect("a parameter ends");
            let id = self.ids.get(name);
            let id = id.unwrap_or_else(|| panic!("no {name} for {path}"));
            let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            filled = format!("{before}{id}{after}");
        }
        (filled != path).then_some(filled)
    }

    fn ask(&self, method: &str, path: &str) -> Response {
        let server = &self.desk.server;
        let request = server.control.request(method, path).key(&self.other);
        match method {
            "GET" | "DELETE" => request.send(),
            _ => request.json(&body(path)).send(),
        }
    }
}

/// A body that is right for a path, so that nothing but the workspace is wrong.
fn body(path: &str) -> Value {
    match path {
        _ if path.starts_with("/api/v1/public/agent") => json!({ "phone_number": "+14155550101" }),
        _ if path.ends_with("/status") => json!({ "status": "archived" }),
        _ if path.ends_with("/trunks") => json!({ "name": "a" }),
        _ if path.ends_with("/phone-numbers") => json!({ "address": "+15550002222" }),
        _ if path.ends_with("/say") => json!({ "text": "Hello" }),
        _ if path.ends_with("/take-edge") => json!({ "edge_id": "a" }),
        _ if path.ends_with("/runs") => json!({ "mode": "desk_phone", "name": "a" }),
        _ => json!({ "name": "a", "label": "a", "reason": "a" }),
    }
}

/// What another workspace's key is told, by the first match; the words are the contract's.
const REFUSALS: &[(&str, &str, u16, &str)] = &[
    ("/api/switchhook/workspaces/", "", 403, "Access denied"),
    ("/api/switchhook/backups/", "", 403, "Access denied"),
    (
        "/api/v1/public/agent/",
        "/workflow/",
        404,
        "Workflow not found",
    ),
    ("/api/v1/public/agent/", "", 403, "Access denied"),
    ("/api/v1/user/api-keys/", "", 404, "API key not found"),
    (CONFIGURATIONS, "", 404, "Telephony configuration not found"),
    ("/api/v1/credentials/", "", 404, "Credential not found"),
    ("/api/switchhook/desk-phone/", "", 404, "Call not found"),
    ("/api/", "/runs/", 404, "Workflow run not found"),
    ("/api/", "", 404, "not found"),
];

#[test]
fn what_is_of_one_workspace_is_not_found_with_anothers_key() {
    let world = World::new();
    let mut asked = 0;
    for (method, template) in world.operations() {
        let Some(path) = world.filled(&template) else {
            continue;
        };
        let answer = world.ask(&method, &path);
        // Recorded: the runs of an agent of nobody's are an empty list.
        if (method.as_str(), template.as_str()) == ("GET", "/api/v1/workflow/{workflow_id}/runs") {
            assert_eq!(answer.json()["total_count"], 0, "{}", answer.text());
            continue;
        }
        let (_, _, status, detail) = REFUSALS
            .iter()
            .find(|(start, part, _, _)| path.starts_with(start) && path.contains(part))
            .expect("the last row takes every route");
        let told = answer.json()["detail"].to_string();
        assert_eq!(
            answer.status,
            *status,
            "{method} {template}: {}",
            answer.text()
        );
        assert!(told.contains(detail), "{method} {template}: {told}");
        asked += 1;
    }
    assert!(asked > 30, "only {asked} routes were asked");
}

#[test]
fn what_is_of_one_workspace_is_in_no_list_of_another() {
    let world = World::new();
    let streams = ["/api/switchhook/events"];
    for (method, path) in world.operations() {
        if method != "GET" || path.contains('{') || streams.contains(&path.as_str()) {
            continue;
        }
        let theirs = world.ask("GET", &path);
        assert!(!theirs.text().contains(MARK), "{path}: {}", theirs.text());
    }
    let ours = world.desk.get("/api/v1/workflow/fetch");
    assert!(
        ours.text().contains(MARK),
        "the mark is where it is looked for"
    );
}

#[test]
fn a_request_names_nothing_of_another_workspace() {
    let world = World::new();
    let control = &world.desk.server.control;
    let post = |path: &str, body: Value| {
        let answer = control.post(path).key(&world.other).json(&body).send();
        (answer.status, answer.json()["detail"].clone())
    };
    let own = json!({ "name": "own", "config": { "provider": "desk_phone" } });
    assert_eq!(post(CONFIGURATIONS, own).0, 200);
    let path = format!("{CONFIGURATIONS}/3/phone-numbers");
    let with_agent = json!({ "address": "+15550003333", "inbound_workflow_id": 1 });
    assert_eq!(post(&path, with_agent), (404, json!("Workflow not found")));
    let with_trunk =
        json!({ "address": "+15550003333", "telephony_trunk_id": world.ids["trunk_id"] });
    let detail = json!("Trunk not found on this telephony configuration");
    assert_eq!(post(&path, with_trunk), (404, detail));
    let limited = json!({ "name": "k", "agents": [1], "scope": "trigger" });
    assert_eq!(post("/api/v1/user/api-keys", limited).0, 422);
    let definition = json!({ "nodes": [
        { "id": "t", "type": "trigger", "position": { "x": 0, "y": 0 }, "data": { "name": "T", "trigger_path": "theirs" } },
        { "id": "s", "type": "startCall", "position": { "x": 0, "y": 0 }, "data": { "name": "S", "prompt": "Hi." } },
        { "id": "e", "type": "endCall", "position": { "x": 0, "y": 0 }, "data": { "name": "E", "prompt": "Bye." } },
    ], "edges": [ { "id": "s-e", "source": "s", "target": "e", "data": { "label": "a", "condition": "b" } } ] });
    let agent = json!({ "name": "a", "workflow_definition": definition });
    assert_eq!(post("/api/v1/workflow/create/definition", agent).0, 200);
    let fire = |names: Value| {
        let mut body = json!({ "phone_number": "+14155550101" });
        body.as_object_mut()
            .expect("an object")
            .extend(names.as_object().cloned().unwrap_or_default());
        post("/api/v1/public/agent/theirs", body)
    };
    let foreign = fire(json!({ "telephony_configuration_id": 1 }));
    assert_eq!(foreign, (404, json!("Telephony configuration not found")));
    let foreign = fire(json!({ "from_phone_number_id": 1 }));
    assert_eq!(foreign, (400, json!("from_phone_number_not_found")));
}

#[test]
fn a_stream_of_events_tells_of_its_own_workspace_only() {
    let world = World::bare();
    let mut events = Events::open(&world.desk.server.control, &world.other, None);
    assert_eq!(
        world
            .desk
            .post("/api/v1/user/api-keys", &json!({ "name": "ours" }))
            .status,
        200
    );
    let theirs = world.desk.server.control.post("/api/v1/user/api-keys");
    let theirs = theirs
        .key(&world.other)
        .json(&json!({ "name": "theirs" }))
        .send();
    assert_eq!(events.read().data["id"], theirs.json()["id"]);
}

/// The person at a signed-in browser.
struct Person<'a> {
    desk: &'a Desk,
    cookie: String,
}

impl<'a> Person<'a> {
    fn sign_in(desk: &'a Desk) -> Self {
        let link = desk.server.ready["sign_in"].as_str().expect("a link");
        let (_, token) = link.split_once("#sign-in=").expect("a token");
        let sign_in = desk.server.control.post("/api/switchhook/sign-in");
        let answer = sign_in.json(&json!({ "token": token })).send();
        let cookie = answer.header("set-cookie").expect("a cookie");
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Self { desk, cookie }
    }

    fn ask(&self, method: &str, path: &str, workspace: Option<&str>, body: &Value) -> Response {
        let request = self.desk.server.control.request(method, path);
        let request = request
            .header("Cookie", &self.cookie)
            .header("X-Switchhook", "window");
        let request = match workspace {
            Some(id) => request.header("X-Switchhook-Workspace", id),
            None => request,
        };
        if body.is_null() {
            request.send()
        } else {
            request.json(body).send()
        }
    }
}

#[test]
fn a_person_acts_in_the_first_workspace_or_in_the_chosen_one() {
    let world = World::bare();
    let person = Person::sign_in(&world.desk);
    let agents = |workspace| {
        let answer = person.ask("GET", "/api/v1/workflow/fetch", workspace, &Value::Null);
        (answer.status, answer.json())
    };
    assert_eq!(agents(None).1.as_array().map(Vec::len), Some(1));
    assert_eq!(agents(Some("1")), agents(None));
    assert_eq!(agents(Some("2")), (200, json!([])));
    for unknown in ["3", "", "two", "-1"] {
        let (status, body) = agents(Some(unknown));
        assert_eq!(
            (status, &body["detail"]),
            (404, &json!("Workspace not found")),
            "{unknown}"
        );
    }
    let made = person.ask(
        "POST",
        "/api/v1/user/api-keys",
        Some("2"),
        &json!({ "name": "theirs" }),
    );
    let key = made.json()["api_key"].as_str().expect("a key").to_owned();
    let seen = world
        .desk
        .server
        .control
        .get("/api/switchhook/workspaces")
        .key(&key)
        .send();
    assert_eq!(seen.json()["workspaces"][0]["name"], "Second");
    let fired = person.ask(
        "POST",
        &world.desk.production(),
        Some("2"),
        &json!({ "phone_number": "+14155550101" }),
    );
    assert_eq!(
        (fired.status, fired.code().as_str()),
        (403, "access-denied")
    );
}

#[test]
fn a_key_chooses_no_workspace_but_its_own() {
    let world = World::bare();
    let ask = |workspace: &str| {
        let request = world.desk.server.control.get("/api/v1/workflow/fetch");
        let request = request
            .key(&world.other)
            .header("X-Switchhook-Workspace", workspace);
        request.send().status
    };
    assert_eq!([ask("2"), ask("1"), ask("x")], [200, 403, 403]);
}

#[test]
fn a_person_makes_renames_and_deletes_workspaces() {
    let world = World::bare();
    let person = Person::sign_in(&world.desk);
    let path = "/api/switchhook/workspaces";
    let ask = |method, path: &str, body: Value| person.ask(method, path, None, &body);
    let made = ask("POST", path, json!({ "name": " Third " })).json();
    assert_eq!(
        (&made["id"], &made["name"], &made["is_home"]),
        (&json!(3), &json!("Third"), &json!(false))
    );
    let taken = ask("POST", path, json!({ "name": "Third" }));
    assert_eq!((taken.status, taken.code().as_str()), (409, "name-taken"));
    assert_eq!(ask("POST", path, json!({ "name": " " })).status, 422);
    let third = format!("{path}/3");
    assert_eq!(
        ask("PUT", &third, json!({ "name": "Fourth" })).json()["name"],
        "Fourth"
    );
    assert_eq!(ask("PUT", &third, json!({ "name": "Second" })).status, 409);
    assert_eq!(
        ask("PUT", &format!("{path}/9"), json!({ "name": "x" })).status,
        404
    );
    let listed = ask("GET", path, Value::Null).json();
    let names = listed["workspaces"].as_array().expect("a list").iter();
    let names: Vec<_> = names
        .filter_map(|workspace| workspace["name"].as_str())
        .collect();
    assert_eq!(names[1..], ["Second", "Fourth"]);
    let key = key_of(&world.desk, "3");
    assert_eq!(ask("DELETE", &third, Value::Null).status, 200);
    assert_eq!(ask("DELETE", &third, Value::Null).status, 404);
    let gone = world
        .desk
        .server
        .control
        .get("/api/v1/workflow/count")
        .key(&key)
        .send();
    assert_eq!(gone.status, 401);
}

#[test]
fn the_first_workspace_and_one_with_runs_stay() {
    let world = World::bare();
    let person = Person::sign_in(&world.desk);
    let path = "/api/switchhook/workspaces";
    let delete = |id: i64| person.ask("DELETE", &format!("{path}/{id}"), None, &Value::Null);
    assert_eq!(
        (delete(1).status, delete(1).code().as_str()),
        (409, "in-use")
    );
    let config = json!({ "name": "c", "config": { "provider": "desk_phone" } });
    assert_eq!(
        person
            .ask("POST", CONFIGURATIONS, Some("2"), &config)
            .status,
        200
    );
    let sample = world.desk.get("/api/v1/workflow/fetch/1").json();
    let mut definition = sample["workflow_definition"].clone();
    for node in definition["nodes"].as_array_mut().expect("nodes") {
        if node["type"] == "trigger" {
            node["data"]["trigger_path"] = "second".into();
        }
    }
    let agent = json!({ "name": "a", "workflow_definition": definition });
    let made = person.ask(
        "POST",
        "/api/v1/workflow/create/definition",
        Some("2"),
        &agent,
    );
    assert_eq!(made.status, 200, "{}", made.text());
    let call = json!({ "phone_number": "+14155550101" });
    let fired = person.ask("POST", "/api/v1/public/agent/second", Some("2"), &call);
    assert_eq!(fired.status, 200, "{}", fired.text());
    assert_eq!(
        (delete(2).status, delete(2).code().as_str()),
        (409, "in-use")
    );
}

#[test]
fn a_key_keeps_no_workspaces() {
    let world = World::bare();
    let path = "/api/switchhook/workspaces";
    let made = world.desk.post(path, &json!({ "name": "Third" }));
    assert_eq!((made.status, made.code().as_str()), (403, "access-denied"));
    let seen = world.desk.get(path).json();
    assert_eq!(seen["workspaces"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_number_is_with_one_account_once_on_the_whole_server() {
    let world = World::bare();
    let carrier = Carrier::start();
    let control = &world.desk.server.control;
    let post = |key: &str, path: &str, body: Value| control.post(path).key(key).json(&body).send();
    let account = |name: &str, account: &str| {
        json!({ "name": name, "config": {
        "provider": "twilio", "account_sid": account, "auth_token": "a long token", "base_url": carrier.base_url,
    } })
    };
    let number = json!({ "address": "+15550001111" });
    let made = post(&world.desk.manage, CONFIGURATIONS, account("ours", "AC1")).json();
    let path = format!("{CONFIGURATIONS}/{}/phone-numbers", made["id"]);
    assert_eq!(post(&world.desk.manage, &path, number.clone()).status, 200);
    // Another account may have the same number; taking over the first's is refused then.
    let made = post(&world.other, CONFIGURATIONS, account("theirs", "AC2")).json();
    let theirs = format!("{CONFIGURATIONS}/{}", made["id"]);
    assert_eq!(
        post(&world.other, &format!("{theirs}/phone-numbers"), number).status,
        200
    );
    let moved = control
        .put(&theirs)
        .key(&world.other)
        .json(&account("theirs", "AC1"))
        .send();
    assert_eq!(moved.status, 409, "{}", moved.text());
    assert!(
        moved
            .text()
            .contains("another organization using the same provider account")
    );
}
