//! A real n8n with an HTTP Request node, as its users set one up: the key in a Header Auth
//! credential, the body as JSON, nothing else changed. `cargo xtask interop` runs this, because n8n
//! is too large to be a part of every test run, and writes down what came in docs/interop.md.

use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use switchhook_tests::peers;
use switchhook_tests::server::Desk;

/// The override replaces the one dependency that does not come from the registry; n8n wants a newer
/// Node.js than the pages do.
const MANIFEST: &str = r#"{"name":"n8n-check","private":true,"dependencies":{"n8n":"2.8.4","node":"^24"},"overrides":{"xlsx":"0.18.5"}}"#;

/// An installed n8n with a home of its own.
struct N8n {
    modules: PathBuf,
    home: tempfile::TempDir,
}

impl N8n {
    fn install() -> Self {
        let folder = peers::npm(env!("CARGO_TARGET_TMPDIR"), "n8n", MANIFEST);
        Self {
            modules: folder.join("node_modules"),
            home: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(self.modules.join("node/bin/node"))
            .arg(self.modules.join("n8n/bin/n8n"))
            .args(arguments)
            .current_dir(self.home.path())
            .env("N8N_USER_FOLDER", self.home.path())
            .env("N8N_DIAGNOSTICS_ENABLED", "false")
            .env("N8N_VERSION_NOTIFICATIONS_ENABLED", "false")
            .env("N8N_RUNNERS_ENABLED", "false")
            .output()
            .expect("n8n starts")
    }

    fn import(&self, what: &str, content: &Value) {
        let file = self.home.path().join("import.json");
        fs::write(&file, content.to_string()).expect("a file");
        let path = file.display().to_string();
        let done = self.run(&[&format!("import:{what}"), &format!("--input={path}")]);
        assert!(done.status.success(), "{}", text(&done.stderr));
    }

    /// A Header Auth credential.
    fn credential(&self, id: &str, key: &str) {
        let data = json!({"name": "X-API-Key", "value": key});
        self.import(
            "credentials",
            &json!([{"id": id, "name": id, "type": "httpHeaderAuth", "data": data}]),
        );
    }

    /// Runs a workflow of a Manual Trigger and an HTTP Request, and gives back what n8n printed.
    fn fire(&self, id: &str, credential: &str, url: &str, body: &Value) -> Value {
        let start = json!({
            "id": "start", "name": "Start", "type": "n8n-nodes-base.manualTrigger",
            "typeVersion": 1, "position": [0, 0], "parameters": {},
        });
        let fire = json!({
            "id": "fire", "name": "Fire", "type": "n8n-nodes-base.httpRequest",
            "typeVersion": 4.2, "position": [200, 0],
            "parameters": {
                "method": "POST", "url": url,
                "authentication": "genericCredentialType", "genericAuthType": "httpHeaderAuth",
                "sendBody": true, "specifyBody": "json", "jsonBody": body.to_string(), "options": {},
            },
            "credentials": {"httpHeaderAuth": {"id": credential, "name": credential}},
        });
        let next = json!({"main": [[{"node": "Fire", "type": "main", "index": 0}]]});
        let workflow = json!({
            "id": id, "name": id, "active": false, "settings": {},
            "nodes": [start, fire], "connections": {"Start": next},
        });
        self.import("workflow", &workflow);
        let done = self.run(&["execute", &format!("--id={id}")]);
        let printed = text(&done.stdout);
        let json = printed.find('{').map(|at| &printed[at..]);
        json.and_then(|json| serde_json::Deserializer::from_str(json).into_iter().next())
            .and_then(Result::ok)
            .unwrap_or_else(|| panic!("no run but {printed} {}", text(&done.stderr)))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What the node gave to the next one.
fn item(run: &Value) -> &Value {
    &run["data"]["resultData"]["runData"]["Fire"][0]["data"]["main"][0][0]["json"]
}

/// What a person sees at the failed node: n8n's words, the server's, the status.
fn refusal(run: &Value) -> Value {
    let error = &run["data"]["resultData"]["error"];
    json!({"httpCode": error["httpCode"], "message": error["message"], "description": error["description"]})
}

/// What was seen, as docs/interop.md has it.
struct Page(String);

impl Page {
    fn add(&mut self, what: &str, seen: &Value) {
        let seen = serde_json::to_string_pretty(seen).expect("JSON");
        write!(self.0, "\n## {what}\n\n```json\n{seen}\n```\n").expect("a text takes more");
    }
}

const HEAD: &str = "# Switchhook and n8n

What a real n8n 2.8.4 sees, by a workflow of a Manual Trigger and an HTTP Request node (4.2): method POST, the URL of the trigger, Generic Credential Type, Header Auth with the name `X-API-Key` and an API key, the body as JSON. `cargo xtask interop` installs n8n below the target folder (2.5 GB), runs the workflows and writes this page; a run that went otherwise fails it. A success is the item that the next node gets; a refusal is what the failed node shows, where `description` is the server's `detail`.
";

#[test]
#[ignore = "installs 2.5 GB; cargo xtask interop"]
fn a_person_fires_from_n8n_and_meets_every_refusal() {
    let n8n = N8n::install();
    let desk = Desk::open();
    n8n.credential("switchhook", &desk.key);
    n8n.credential("wrong", "dgr_wrong");
    let public = desk.server.ready["public"].as_str().expect("a URL");
    let url = |path: &str| format!("{public}{path}");
    let body = json!({"phone_number": "+14155550101", "initial_context": {"customer_name": "Jane", "order": {"id": 77}}});
    let mut page = Page(HEAD.to_owned());

    for (id, path, mode) in [
        ("production", desk.production(), "production"),
        ("test", desk.test(), "test"),
    ] {
        let run = n8n.fire(id, "switchhook", &url(&path), &body);
        let reply = item(&run);
        assert_eq!(
            (&reply["status"], &reply["mode"]),
            (&json!("initiated"), &json!(mode)),
            "{run}"
        );
        let stored = desk.ended(reply["workflow_run_id"].as_i64().expect("a run"));
        assert_eq!(stored["initial_context"]["customer_name"], "Jane");
        assert_eq!(stored["initial_context"]["order"], json!({"id": 77}));
        page.add(&format!("The {mode} URL"), reply);
    }

    let mut refused = |id: &str, credential: &str, path: &str, status: &str, detail: &str| {
        let run = n8n.fire(id, credential, &url(path), &body);
        let seen = refusal(&run);
        assert_eq!(
            (&seen["httpCode"], &seen["description"]),
            (&json!(status), &json!(detail)),
            "{run}"
        );
        page.add(&format!("{status}: {id}"), &seen);
    };
    refused(
        "a wrong key",
        "wrong",
        &desk.production(),
        "401",
        "Invalid API key",
    );
    let nowhere = "/api/v1/public/agent/nowhere";
    refused(
        "an unknown path",
        "switchhook",
        nowhere,
        "404",
        "Agent trigger not found",
    );
    let one = desk.put("/api/switchhook/settings", &json!({"concurrent_calls": 1}));
    assert_eq!(one.status, 200, "{}", one.text());
    let busy = desk.call("+14155550100");
    let limit = "Concurrent call limit reached";
    refused(
        "too many calls",
        "switchhook",
        &desk.production(),
        "429",
        limit,
    );
    assert_eq!(
        desk.run(busy)["is_completed"],
        false,
        "the limit was held by a call"
    );

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/interop.md");
    fs::write(file, page.0).expect("the page is written");
}
