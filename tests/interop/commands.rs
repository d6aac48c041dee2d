//! The commands of docs/api.md, read as a person reads them: every route of the served document has
//! one, and all of them run, by a shell and curl, against a server with a new data folder.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use switchhook_tests::server::{Desk, Options, eventually};

/// What a program with a key, or with an outdated token, is refused, and what is not there.
const REFUSED: &[(&str, &str, &str)] = &[
    ("POST", "/api/switchhook/workspaces", "403"),
    ("PUT", "/api/switchhook/workspaces/2", "403"),
    ("DELETE", "/api/switchhook/workspaces/2", "403"),
    ("PUT", "/api/switchhook/server/control", "403"),
    ("PUT", "/api/switchhook/server/network", "403"),
    ("POST", "/api/switchhook/server/check", "403"),
    ("GET", "/api/switchhook/backups", "403"),
    ("POST", "/api/switchhook/backups", "403"),
    ("GET", "/api/switchhook/backups/copy.db", "403"),
    ("PUT", "/api/switchhook/restore", "403"),
    ("DELETE", "/api/switchhook/restore", "403"),
    (
        "POST",
        "/api/v1/telephony/twilio/status-callback/$RUN",
        "401",
    ),
    // The desk phone carries no sound.
    ("GET", "/api/switchhook/runs/$RUN/recording", "404"),
    ("GET", "/api/switchhook/runs/$RUN/recording/peaks", "404"),
];

/// One command of the page.
struct Documented {
    line: String,
    method: String,
    /// Below the base, without the query.
    path: String,
}

fn documented() -> Vec<Documented> {
    let page = include_str!("../../docs/api.md");
    let section = page.split("\n## Every route").nth(1);
    let section = section.and_then(|section| section.split("\n## ").next());
    let spans = section.expect("the section").split('`');
    let lines = spans.filter(|span| span.starts_with("api "));
    lines
        .map(|line| {
            let path = line
                .split("$BASE")
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            let path = path.unwrap_or_else(|| panic!("{line} asks for nothing"));
            let named = line
                .split("-X ")
                .nth(1)
                .and_then(|rest| rest.split(' ').next());
            let usual = if line.contains(" -d ") { "POST" } else { "GET" };
            Documented {
                line: line.to_owned(),
                method: named.unwrap_or(usual).to_owned(),
                path: path.split('?').next().unwrap_or_default().to_owned(),
            }
        })
        .collect()
}

/// Whether a path is one of a template.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    let parameter = |part: &str| part.starts_with('{');
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(expected, is)| expected == is || parameter(expected) && !is.is_empty())
}

#[test]
fn every_route_has_a_command() {
    let desk = Desk::open();
    let document = desk.server.control.get("/api/openapi.json").send().json();
    let commands = documented();
    let mut met = BTreeSet::new();
    let paths = document["paths"].as_object().expect("paths");
    for command in &commands {
        // The most literal template is the one that is met.
        let found = paths
            .keys()
            .filter(|template| fits(template, &command.path))
            .filter(|template| {
                paths[*template]
                    .get(command.method.to_lowercase())
                    .is_some()
            })
            .min_by_key(|template| template.matches('{').count());
        let found = found.unwrap_or_else(|| panic!("{} leads nowhere", command.line));
        met.insert((found.clone(), command.method.to_lowercase()));
    }
    for (path, operations) in paths {
        for method in operations.as_object().expect("operations").keys() {
            assert!(
                met.contains(&(path.clone(), method.clone())),
                "docs/api.md has no command for {method} {path}"
            );
        }
    }
}

/// What the page writes as `$NAME`.
struct Shell {
    desk: Desk,
    variables: BTreeMap<&'static str, String>,
}

fn id(answer: &Value) -> String {
    answer["id"].to_string()
}

impl Shell {
    fn new() -> Self {
        let desk = Desk::at(
            Options::default()
                .argument("--sign-in-link")
                .variable("SWITCHHOOK_SECRETS", "file")
                .variable("SWITCHHOOK_PASSPHRASE", "correct horse")
                .start(),
        );
        let mut variables = BTreeMap::new();
        let run = desk.call("+14155550101");
        let _ = desk.ended(run);
        let done = desk.get(&format!("/api/v1/workflow/1/runs/{run}")).json();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let seen = desk.get("/api/switchhook/requests").json();
        variables.insert("REQUEST", id(&seen["requests"][0]));
        variables.insert("TOKEN", text(&done["public_access_token"]));
        let agent = desk.get("/api/v1/workflow/fetch/1").json();
        variables.insert("AGENT_UUID", text(&agent["workflow_uuid"]));
        variables.insert("TRIGGER_PATH", desk.path.clone());
        let link = text(&desk.server.ready["sign_in"]);
        let token = link.split("sign-in=").nth(1).expect("a token");
        variables.insert("SIGN_IN", token.to_owned());
        let configurations = "/api/v1/organizations/telephony-configs";
        let spare = json!({"name": "Spare", "config": {"provider": "desk_phone"}});
        variables.insert("CONFIG", id(&desk.post(configurations, &spare).json()));
        let config = json!({"provider": "cloudonix", "bearer_token": "t", "domain_id": "d"});
        let config = desk.post(configurations, &json!({"name": "Trunks", "config": config}));
        let config = id(&config.json());
        let trunks = format!("{configurations}/{config}/trunks");
        variables.insert(
            "TRUNK",
            id(&desk.post(&trunks, &json!({"name": "south"})).json()),
        );
        variables.insert("CLOUDONIX", config);
        let numbers = format!("{configurations}/1/phone-numbers");
        let number = desk
            .post(&numbers, &json!({"address": "+14155550198"}))
            .json();
        variables.insert("NUMBER", id(&number));
        let key = desk
            .post("/api/v1/user/api-keys", &json!({"name": "spare"}))
            .json();
        variables.insert("KEY_ID", id(&key));
        let credential = json!({"name": "Spare", "credential_type": "none", "credential_data": {}});
        let credential = desk.post("/api/v1/credentials/", &credential).json();
        variables.insert("CREDENTIAL", text(&credential["uuid"]));
        Self { desk, variables }
    }

    /// A run, or a call at the desk phone, in the state that a command is for.
    fn prepare(&mut self, path: &str) {
        let verb = path.rsplit('/').next().unwrap_or_default();
        if !path.contains("$RUN") && !path.contains("$CALL") {
            return;
        }
        let run = self.desk.call("+14155550100");
        self.variables.insert("RUN", run.to_string());
        let mut call = self.desk.ringing(run);
        if ["say", "take-edge", "hang-up"].contains(&verb) && path.contains("$CALL") {
            let _ = self.desk.act(&call, "answer", &json!({}));
            // The greeting comes first.
            call = eventually("the call came to a node with edges", || {
                let call = self.desk.desk_call(run)?;
                call["edges"][0]["id"].is_string().then_some(call)
            });
        }
        self.variables
            .insert("CALL", call["id"].as_str().expect("an id").to_owned());
        let edge = call["edges"][0]["id"].as_str().unwrap_or_default();
        self.variables.insert("EDGE", edge.to_owned());
    }

    /// The status that a command is answered with.
    fn run(&self, command: &Documented) -> String {
        let api = "api() { curl -sS -o answer -w '%{http_code}' -H \"X-API-Key: $SWITCHHOOK_KEY\" -H 'Content-Type: application/json' \"$@\"; }";
        let folder = tempfile::tempdir().expect("a temporary folder");
        let output = Command::new("bash")
            .args(["-uc", &format!("{api}\n{}", command.line)])
            .current_dir(folder.path())
            .envs(&self.variables)
            .env(
                "BASE",
                self.desk.server.ready["control"].as_str().expect("a URL"),
            )
            .env("SWITCHHOOK_KEY", &self.desk.manage)
            .output()
            .expect("a shell starts");
        let problem = String::from_utf8_lossy(&output.stderr);
        let answer = std::fs::read_to_string(folder.path().join("answer")).unwrap_or_default();
        let status = String::from_utf8_lossy(&output.stdout).into_owned();
        if !status.starts_with('2') {
            eprintln!("{} -> {status} {answer:.300} {problem}", command.line);
        }
        status
    }

    /// Ends the call that [`Shell::prepare`] began, so that calls do not pile up.
    fn clear(&mut self) {
        let Some(run) = self.variables.remove("RUN") else {
            return;
        };
        let _ = self
            .desk
            .post(&format!("/api/switchhook/runs/{run}/hang-up"), &json!({}));
    }
}

#[test]
fn every_command_runs_from_top_to_bottom() {
    let mut shell = Shell::new();
    let mut wrong = Vec::new();
    for command in documented() {
        // It never ends by itself.
        if command.path == "/api/switchhook/events" {
            continue;
        }
        shell.prepare(&command.path);
        let status = shell.run(&command);
        shell.clear();
        let refused = REFUSED
            .iter()
            .find(|(method, path, _)| (*method, *path) == (&command.method, &command.path));
        let is_right = match refused {
            Some((_, _, expected)) => status == *expected,
            None => status.starts_with('2'),
        };
        if !is_right {
            wrong.push(format!("{status} {}", command.line));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
