//! Secrets inside agents: where they rest, and what a locked secret store means for them.

use super::{CREATE, definition, fetch, publish, save};
use serde_json::{Value, json};
use switchhook_tests::server::{Desk, Folder, Options, eventually};

/// Part of every secret in these tests.
const NEEDLE: &str = "very-secret-word";

/// A definition with a reviewer's key and a webhook's header.
fn with_secrets(path: &str, ending: &str) -> Value {
    let mut definition = definition(&json!(path));
    let key = format!("{NEEDLE}-key-{ending}");
    let header = json!({"key": "Authorization", "value": format!("Bearer {NEEDLE}-{ending}")});
    let plain = json!({"key": "X-Shop", "value": "north"});
    let nodes = definition["nodes"].as_array_mut().expect("nodes");
    nodes.push(json!({"id": "q", "type": "qa", "data": {"name": "QA", "qa_api_key": key}}));
    nodes.push(json!({"id": "w", "type": "webhook", "data": {
        "name": "CRM", "endpoint_url": "https://crm.example/calls", "custom_headers": [plain, header],
    }}));
    definition
}

fn create(desk: &Desk, name: &str, definition: &Value) -> Value {
    let body = json!({"name": name, "workflow_definition": definition});
    let made = desk.post(CREATE, &body);
    assert_eq!(made.status, 200, "{}", made.text());
    assert!(!made.text().contains(NEEDLE), "{}", made.text());
    made.json()
}

/// Whether any file of the data folder, or the log, holds a text.
fn rests(desk: &Desk, text: &str) -> bool {
    let folder = &desk.server.folder;
    let files = std::fs::read_dir(folder.data()).expect("a folder");
    let mut files =
        files.map(|file| std::fs::read(file.expect("a file").path()).unwrap_or_default());
    let holds = |bytes: Vec<u8>| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    files.any(holds) || folder.log().contains(text)
}

#[test]
fn no_secret_of_an_agent_rests_in_the_clear() {
    let desk = Desk::with_secrets();
    let made = create(&desk, "a", &with_secrets("a", "1234"));
    let id = made["id"].as_i64().expect("an id");
    save(&desk, id, &with_secrets("a", "5678"));
    let llm = json!({"model_overrides": {"llm": {"api_key": format!("{NEEDLE}-llm")}}});
    let path = format!("/api/v1/workflow/{id}");
    let changed = desk.put(&path, &json!({"workflow_configurations": llm}));
    assert_eq!(changed.status, 200, "{}", changed.text());
    publish(&desk, id);
    let duplicate = desk.post(&format!("{path}/duplicate"), &json!({}));
    assert_eq!(duplicate.status, 200, "{}", duplicate.text());
    let file =
        json!({"workflow_definition": with_secrets("b", "9999"), "workflow_configurations": llm});
    let imported = desk.post("/api/switchhook/agents/import", &file);
    assert_eq!(imported.status, 200, "{}", imported.text());
    assert!(!rests(&desk, NEEDLE));
    let shown = fetch(&desk, id).to_string();
    assert!(
        !shown.contains(NEEDLE) && !shown.contains("sealed"),
        "{shown}"
    );
    assert!(
        shown.contains("5678"),
        "the masks tell the endings: {shown}"
    );
    // What is no secret rests as it is.
    assert!(rests(&desk, "north"));
}

#[test]
fn masks_are_known_by_node_and_header_wherever_they_stand() {
    let desk = Desk::with_secrets();
    let made = create(&desk, "a", &with_secrets("a", "1234"));
    let id = made["id"].as_i64().expect("an id");
    let mut masked = fetch(&desk, id)["workflow_definition"].clone();
    let shown = masked.clone();
    let nodes = masked["nodes"].as_array_mut().expect("nodes");
    for node in nodes.iter_mut() {
        if let Some(headers) = node["data"]["custom_headers"].as_array_mut() {
            headers.reverse();
        }
    }
    nodes.reverse();
    save(&desk, id, &masked);
    // Nothing that was sealed changed, so that nothing of the nodes themselves did.
    assert_eq!(fetch(&desk, id)["workflow_definition"], masked);
    save(&desk, id, &shown);
    let diff = desk.get(&format!("/api/switchhook/agents/{id}/diff"));
    assert_eq!(diff.status, 200, "{}", diff.text());
    assert_eq!(diff.json()["is_equal"], true, "{}", diff.text());
}

#[test]
fn an_agent_with_secrets_is_called_and_edited_while_the_store_is_locked() {
    let desk = Desk::with_secrets();
    let made = create(&desk, "a", &with_secrets("with-secrets", "1234"));
    let id = made["id"].as_i64().expect("an id");
    let folder = desk.server.crash();
    // Without its passphrase.
    let locked = Options {
        folder,
        ..Options::default()
    };
    let desk = Desk::at(locked.variable("SWITCHHOOK_SECRETS", "file").start());
    let url = "/api/v1/public/agent/with-secrets";
    let public = &desk.server.public;
    let body = json!({"phone_number": "+14155550101"});
    let fired = public.post(url).key(&desk.key).json(&body).send();
    assert_eq!(fired.status, 200, "{}", fired.text());
    // Masks need no store, another secret does.
    let masked = fetch(&desk, id)["workflow_definition"].clone();
    save(&desk, id, &masked);
    let body = json!({"workflow_definition": with_secrets("with-secrets", "5678")});
    let refused = desk.put(&format!("/api/v1/workflow/{id}"), &body);
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (503, "secret-store-unavailable")
    );
    assert!(!rests(&desk, NEEDLE));
}

#[test]
fn what_an_earlier_version_left_in_the_clear_is_sealed_at_the_first_start() {
    let folder = Folder::default();
    let earlier = include_bytes!("../data/earlier.db");
    assert!(
        earlier
            .windows(NEEDLE.len())
            .any(|part| part == NEEDLE.as_bytes())
    );
    std::fs::create_dir_all(folder.data()).expect("a folder");
    std::fs::write(folder.data().join("switchhook.db"), earlier).expect("written");
    let options = Options {
        folder,
        ..Options::default()
    };
    let options = options
        .variable("SWITCHHOOK_SECRETS", "file")
        .variable("SWITCHHOOK_PASSPHRASE", "correct horse");
    let mut desk = Desk::at(options.start());
    // The masks stand beside what is sealed, in the published version and in the draft.
    eventually("both versions were sealed", || {
        (rests(&desk, "*1234") && rests(&desk, "*5678")).then_some(())
    });
    let shown = fetch(&desk, 1).to_string();
    assert!(
        shown.contains("*5678") && !shown.contains(NEEDLE),
        "{shown}"
    );
    let (status, _) = desk.server.terminate();
    assert!(status.success());
    assert!(!rests(&desk, NEEDLE));
}
