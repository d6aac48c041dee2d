//! Which version a URL runs: production the published one, test the draft or else the published
//! one, whatever a draft's save does to its trigger (contract §13.5 with our difference).

use serde_json::{Value, json};
use switchhook_tests::server::Desk;
use switchhook_tests::server::http::Response;

/// A definition with a trigger of this path, with more in its node's data.
fn definition(trigger: Option<(&str, bool)>) -> Value {
    let mut nodes = vec![
        json!({"id": "s", "type": "startCall", "position": {"x": 0, "y": 0}, "data": {"name": "Start", "prompt": "Greet."}}),
        json!({"id": "e", "type": "endCall", "position": {"x": 9, "y": 0}, "data": {"name": "End", "prompt": "Say goodbye."}}),
    ];
    if let Some((path, enabled)) = trigger {
        let data = json!({"name": "Trigger", "trigger_path": path, "enabled": enabled});
        nodes.push(
            json!({"id": "t", "type": "trigger", "position": {"x": 0, "y": 9}, "data": data}),
        );
    }
    let edge = json!({"id": "s-e", "source": "s", "target": "e", "data": {"label": "done", "condition": "always"}});
    json!({"nodes": nodes, "edges": [edge]})
}

struct Agent {
    desk: Desk,
    id: i64,
}

impl Agent {
    fn new(published: Option<(&str, bool)>) -> Self {
        let desk = Desk::open();
        let body = json!({"name": "Matrix", "workflow_definition": definition(published)});
        let made = desk.post("/api/v1/workflow/create/definition", &body);
        assert_eq!(made.status, 200, "{}", made.text());
        let id = made.json()["id"].as_i64().expect("an id");
        Self { desk, id }
    }

    fn draft(self, trigger: Option<(&str, bool)>) -> Self {
        let body = json!({"workflow_definition": definition(trigger)});
        let saved = self
            .desk
            .put(&format!("/api/v1/workflow/{}", self.id), &body);
        assert_eq!(saved.status, 200, "{}", saved.text());
        self
    }

    fn publish(&self) {
        let published = self
            .desk
            .post(&format!("/api/v1/workflow/{}/publish", self.id), &json!({}));
        assert_eq!(published.status, 200, "{}", published.text());
    }

    fn set(&self, status: &str) {
        let set = self.desk.put(
            &format!("/api/v1/workflow/{}/status", self.id),
            &json!({"status": status}),
        );
        assert_eq!(set.status, 200, "{}", set.text());
    }

    fn post(&self, target: &str) -> Response {
        let post = self
            .desk
            .server
            .public
            .post(&format!("/api/v1/public/agent/{target}"))
            .key(&self.desk.key);
        post.json(&json!({"phone_number": "+14155550101"})).send()
    }

    fn uuid(&self) -> String {
        let agent = self
            .desk
            .get(&format!("/api/v1/workflow/fetch/{}", self.id))
            .json();
        agent["workflow_uuid"].as_str().expect("a UUID").to_owned()
    }

    #[track_caller]
    fn assert_runs(
        &self,
        target: &str,
        version: i64,
        status: &str,
        mode: &str,
        draft_missing: bool,
    ) {
        let reply = self.post(target);
        assert_eq!(reply.status, 200, "{}", reply.text());
        let reply = reply.json();
        let id = &reply["workflow_run_id"];
        let prefix = if mode == "test" { "TEST" } else { "API" };
        let expected = json!({
            "status": "initiated", "workflow_run_id": id, "workflow_run_name": format!("WR-{prefix}-{id}"), "mode": mode,
            "version_number": version, "version_status": status, "draft_missing": draft_missing, "warnings": [],
        });
        assert_eq!(reply, expected);
    }

    #[track_caller]
    fn assert_refused(&self, target: &str, code: &str, detail: &str) {
        let reply = self.post(target);
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (404, code),
            "{}",
            reply.text()
        );
        assert_eq!(reply.json()["detail"], detail);
    }
}

const NOT_FOUND: (&str, &str) = ("trigger-not-found", "Agent trigger not found");
const NOT_IN_VERSION: (&str, &str) = (
    "trigger-not-found",
    "Trigger not found in the selected Agent",
);

#[test]
fn without_a_draft_both_urls_run_the_published_version() {
    let agent = Agent::new(Some(("a", true)));
    agent.assert_runs("a", 1, "published", "production", false);
    agent.assert_runs("test/a", 1, "published", "test", true);
}

#[test]
fn with_a_draft_the_test_url_runs_it() {
    let agent = Agent::new(Some(("a", true))).draft(Some(("a", true)));
    agent.assert_runs("a", 1, "published", "production", false);
    agent.assert_runs("test/a", 2, "draft", "test", false);
}

#[test]
fn a_trigger_only_in_the_draft_can_be_tested_but_not_called() {
    let agent = Agent::new(None).draft(Some(("a", true)));
    agent.assert_runs("test/a", 2, "draft", "test", false);
    agent.assert_refused("a", NOT_IN_VERSION.0, NOT_IN_VERSION.1);
}

#[test]
fn a_draft_without_the_trigger_leaves_production_alone() {
    let agent = Agent::new(Some(("a", true))).draft(None);
    agent.assert_runs("a", 1, "published", "production", false);
    agent.assert_refused("test/a", NOT_FOUND.0, NOT_FOUND.1);
}

#[test]
fn a_draft_that_renames_the_trigger_leaves_production_alone() {
    let agent = Agent::new(Some(("a", true))).draft(Some(("b", true)));
    agent.assert_runs("a", 1, "published", "production", false);
    agent.assert_refused("test/a", NOT_FOUND.0, NOT_FOUND.1);
    agent.assert_runs("test/b", 2, "draft", "test", false);
    agent.assert_refused("b", NOT_IN_VERSION.0, NOT_IN_VERSION.1);
}

#[test]
fn publishing_a_rename_moves_production() {
    let agent = Agent::new(Some(("a", true))).draft(Some(("b", true)));
    agent.publish();
    agent.assert_runs("b", 2, "published", "production", false);
    assert_eq!(agent.post("a").status, 404);
}

#[test]
fn a_disabled_trigger_does_not_dial() {
    let agent = Agent::new(Some(("a", false)));
    agent.assert_refused("a", "trigger-not-active", "Agent trigger is not active");
    agent.assert_refused(
        "test/a",
        "trigger-not-active",
        "Agent trigger is not active",
    );
}

#[test]
fn disabling_a_trigger_in_the_draft_leaves_production_alone() {
    let agent = Agent::new(Some(("a", true))).draft(Some(("a", false)));
    agent.assert_runs("a", 1, "published", "production", false);
    agent.assert_refused(
        "test/a",
        "trigger-not-active",
        "Agent trigger is not active",
    );
}

#[test]
fn an_archived_agent_does_not_dial_until_it_is_active_again() {
    let agent = Agent::new(Some(("a", true)));
    agent.set("archived");
    let uuid = agent.uuid();
    for target in [
        "a".to_owned(),
        "test/a".to_owned(),
        format!("workflow/{uuid}"),
        format!("test/workflow/{uuid}"),
    ] {
        agent.assert_refused(&target, "agent-not-active", "Workflow is not active");
    }
    agent.set("active");
    agent.assert_runs("a", 1, "published", "production", false);
}

#[test]
fn an_agent_is_fired_by_its_uuid_without_any_trigger() {
    let agent = Agent::new(None).draft(None);
    let uuid = agent.uuid();
    agent.assert_runs(
        &format!("workflow/{uuid}"),
        1,
        "published",
        "production",
        false,
    );
    agent.assert_runs(&format!("test/workflow/{uuid}"), 2, "draft", "test", false);
}

#[test]
fn a_trigger_path_belongs_to_one_agent() {
    let agent = Agent::new(Some(("a", true)));
    let taken = json!({"name": "Other", "workflow_definition": definition(Some(("a", true)))});
    let created = agent
        .desk
        .post("/api/v1/workflow/create/definition", &taken);
    let updated = agent.desk.put("/api/v1/workflow/1", &taken);
    for refused in [created, updated] {
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (409, "invalid-definition"),
            "{}",
            refused.text()
        );
        assert_eq!(
            refused.json()["detail"]["errors"][0]["field"],
            "data.trigger_path"
        );
    }
}

#[test]
fn template_variables_lie_under_a_test_context_and_never_under_a_production_one() {
    let agent = Agent::new(Some(("a", true)));
    let variables = json!({"template_context_variables": {"city": "Berne", "name": "template", "provider": "template"}});
    let path = format!("/api/v1/workflow/{}", agent.id);
    assert_eq!(agent.desk.put(&path, &variables).status, 200);
    let context = |target: &str| {
        let post = agent
            .desk
            .server
            .public
            .post(&format!("/api/v1/public/agent/{target}"))
            .key(&agent.desk.key);
        let body = json!({"phone_number": "+14155550101", "initial_context": {"name": "mine"}});
        let id = post.json(&body).send().json()["workflow_run_id"]
            .as_i64()
            .expect("a run");
        agent.desk.run(id)["initial_context"].clone()
    };
    let test = context("test/a");
    assert_eq!(
        (&test["city"], &test["name"], &test["provider"]),
        (&json!("Berne"), &json!("mine"), &json!("desk_phone"))
    );
    agent.publish();
    let production = context("a");
    assert_eq!(
        (production.get("city"), &production["name"]),
        (None, &json!("mine"))
    );
}
