//! The recorded world rebuilt on a server of ours: the same agent under the same trigger path, the
//! desk phone where the reference had Twilio, a `manage` key where it had a login, and the names
//! under which the recording's ids are known here.

use crate::recorded::Exchange;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use switchhook_tests::server::http::{Base, Request, Response};
use switchhook_tests::server::{Desk, Options, eventually};

/// The recorded agent's trigger path.
pub const TRIGGER: &str = "aefa8eec-5e0f-4c99-80fd-ce3803077008";
/// The recorded agent's UUID.
const AGENT_UUID: &str = "f23e3117-23ab-4ab9-b5db-e3571cf4c1b9";
/// A plain call in the recording.
pub const PLAIN: &str = r#"{"phone_number": "+14155550100"}"#;

/// See the module.
pub struct World {
    pub desk: Desk,
    /// Recorded key → key here.
    keys: HashMap<String, String>,
    /// Kind and recorded id → id here.
    ids: HashMap<(&'static str, i64), i64>,
    /// Recorded words → words here.
    words: Vec<(String, String)>,
    /// The run that was started last.
    pub run: i64,
    /// Recorded number → what is dialled here.
    dialled: Vec<(String, String)>,
    /// Stands for the recording's login.
    login: String,
    /// Stands for the login of the recording's other organization.
    other_login: String,
}

/// Which kind of id follows a word of a path.
const PLACES: &[(&str, &str)] = &[
    ("api-keys", "key"),
    ("telephony-configs", "configuration"),
    ("phone-numbers", "number"),
    ("workflow", "agent"),
    ("runs", "run"),
];

/// A definition as the recording's set-up made them.
pub fn definition(trigger: Option<&str>) -> Value {
    let mut nodes = vec![
        json!({"id": "s", "type": "startCall", "position": {"x": 0, "y": 0}, "data": {"name": "Start", "prompt": "Greet {{customer_name}}."}}),
        json!({"id": "e", "type": "endCall", "position": {"x": 400, "y": 0}, "data": {"name": "End", "prompt": "Say goodbye."}}),
    ];
    if let Some(path) = trigger {
        let data = json!({"name": "API Trigger", "trigger_path": path});
        nodes.push(
            json!({"id": "t", "type": "trigger", "position": {"x": -200, "y": 0}, "data": data}),
        );
    }
    let edge = json!({"id": "s-e", "source": "s", "target": "e", "data": {"label": "done", "condition": "always"}});
    json!({"nodes": nodes, "edges": [edge]})
}

impl World {
    /// The world in the middle of the recording: one agent, one configuration with its number.
    pub fn new() -> Self {
        Self::of(Options::default().variable("SWITCHHOOK_CONCURRENT_CALLS", "10000"))
    }

    /// The same on a server of these options.
    pub fn of(options: Options) -> Self {
        let server = options
            .variable("SWITCHHOOK_SECRETS", "file")
            .variable("SWITCHHOOK_PASSPHRASE", "correct horse")
            .start();
        let made = server
            .folder
            .run(&["keys", "create", "Default API Key", "--scope", "manage"]);
        let key = String::from_utf8(made.stdout)
            .expect("a key is ASCII")
            .trim()
            .to_owned();
        let login = key.clone();
        let made = server.folder.run(&["workspaces", "create", "org2"]);
        assert!(made.status.success(), "no second workspace");
        let made = server.folder.run(&[
            "keys",
            "create",
            "login",
            "--scope",
            "manage",
            "--workspace",
            "2",
        ]);
        let other_login = String::from_utf8(made.stdout).expect("a key is ASCII");
        let other_login = other_login.trim().to_owned();
        let desk = Desk {
            server,
            key: key.clone(),
            manage: key,
            path: TRIGGER.to_owned(),
        };
        let mut world = Self {
            desk,
            keys: HashMap::new(),
            ids: HashMap::new(),
            words: Vec::new(),
            run: 0,
            dialled: Vec::new(),
            login,
            other_login: other_login.clone(),
        };
        world
            .keys
            .insert("dgr_KEY01".to_owned(), world.desk.manage.clone());
        world.key("dgr_KEY02", &other_login);
        let uuid = world.agent(1, "W1", &definition(Some(TRIGGER)));
        world.say(AGENT_UUID, &uuid);
        world.say(&AGENT_UUID.to_uppercase(), &uuid.to_uppercase());
        // The desk phone's way to refuse a call, where the recording's carrier had its own number.
        world.say("+14155550500", "+14155550105");
        world.dial("+14155550500", "+14155550105");
        world
    }

    /// The configuration that the sample workspace has, under its recorded name and number.
    pub fn with_telephony(mut self) -> Self {
        let renamed = self.desk.put(
            "/api/v1/organizations/telephony-configs/1",
            &json!({"name": "main2"}),
        );
        assert_eq!(renamed.status, 200, "{}", renamed.text());
        let deleted = self
            .desk
            .delete("/api/v1/organizations/telephony-configs/1/phone-numbers/1");
        assert_eq!(deleted.status, 200, "{}", deleted.text());
        self.number(
            1,
            1,
            &json!({"address": "+15550001111", "label": "main", "is_default_caller_id": true}),
        );
        self.number(1, 2, &json!({"address": "+15550002222"}));
        self.number(
            1,
            3,
            &json!({"address": "+15550003333", "is_active": false}),
        );
        self
    }

    /// Remembers that recorded words are others here.
    pub fn say(&mut self, recorded: &str, here: &str) {
        self.words.push((recorded.to_owned(), here.to_owned()));
    }

    /// From now on another number is dialled than the recorded one.
    pub fn dial(&mut self, recorded: &str, here: &str) {
        self.dialled.retain(|(known, _)| known != recorded);
        self.dialled.push((recorded.to_owned(), here.to_owned()));
    }

    /// From now on this number stands for a recorded one, in what is sent and in what is stored.
    pub fn carried(&mut self, recorded: &str, here: &str) {
        self.words.retain(|(known, _)| known != recorded);
        self.say(recorded, here);
        self.dial(recorded, here);
    }

    /// From now on the recorded number is this one.
    pub fn called(&mut self, number: &str) {
        self.words
            .retain(|(recorded, _)| recorded != "+14155550100");
        self.say("+14155550100", number);
    }

    /// Remembers a recorded key.
    pub fn key(&mut self, recorded: &str, here: &str) {
        self.keys.insert(recorded.to_owned(), here.to_owned());
    }

    /// Remembers a recorded id.
    pub fn id(&mut self, kind: &'static str, recorded: i64, here: i64) {
        self.ids.insert((kind, recorded), here);
    }

    /// From now on the login is one of the recording's organization 1 or 2.
    pub fn log_in(&mut self, organization: u8) {
        let login = match organization {
            1 => &self.desk.manage,
            _ => &self.other_login,
        };
        self.login = login.clone();
    }

    /// Sends as the other organization; 200 is expected.
    pub fn post_as_other(&self, path: &str, body: &Value) -> Value {
        let control = &self.desk.server.control;
        let made = control.post(path).key(&self.other_login).json(body).send();
        assert_eq!(made.status, 200, "{}", made.text());
        made.json()
    }

    /// The id here of a recorded one.
    pub fn here(&self, kind: &'static str, recorded: i64) -> i64 {
        self.ids.get(&(kind, recorded)).copied().unwrap_or(recorded)
    }

    /// Makes an agent that the recording knows by this id; gives back its UUID.
    pub fn agent(&mut self, recorded: i64, name: &str, definition: &Value) -> String {
        let body = json!({"name": name, "workflow_definition": definition});
        let made = self.desk.post("/api/v1/workflow/create/definition", &body);
        assert_eq!(made.status, 200, "{}", made.text());
        let id = made.json()["id"].as_i64().expect("an id");
        self.id("agent", recorded, id);
        self.uuid(recorded)
    }

    /// An agent's UUID.
    pub fn uuid(&self, recorded: i64) -> String {
        let agent = self
            .desk
            .get(&format!(
                "/api/v1/workflow/fetch/{}",
                self.here("agent", recorded)
            ))
            .json();
        agent["workflow_uuid"].as_str().expect("a UUID").to_owned()
    }

    /// Saves a definition as an agent's draft.
    pub fn draft(&self, recorded: i64, definition: &Value) {
        let path = format!("/api/v1/workflow/{}", self.here("agent", recorded));
        let saved = self
            .desk
            .put(&path, &json!({"workflow_definition": definition}));
        assert_eq!(saved.status, 200, "{}", saved.text());
    }

    /// Adds a configuration that the recording knows by this id.
    pub fn configuration(&mut self, recorded: i64, name: &str, config: &Value) {
        let body = json!({"name": name, "config": config});
        let made = self
            .desk
            .post("/api/v1/organizations/telephony-configs", &body);
        assert_eq!(made.status, 200, "{}", made.text());
        self.id(
            "configuration",
            recorded,
            made.json()["id"].as_i64().expect("an id"),
        );
    }

    /// Adds a number that the recording knows by this id.
    pub fn number(&mut self, configuration: i64, recorded: i64, number: &Value) {
        let configuration = self.here("configuration", configuration);
        let path = format!("/api/v1/organizations/telephony-configs/{configuration}/phone-numbers");
        let made = self.desk.post(&path, number);
        assert_eq!(made.status, 200, "{}", made.text());
        self.id(
            "number",
            recorded,
            made.json()["id"].as_i64().expect("an id"),
        );
    }

    /// Fires with a body, whatever comes of it.
    pub fn fire(&self, body: &str) -> Response {
        let body: Value = serde_json::from_str(body).expect("a body of JSON");
        self.desk.fire(&body)
    }

    /// Fires and remembers the run, also by its recorded id where it has one.
    pub fn run(&mut self, recorded: Option<i64>, body: &str) -> i64 {
        let reply = self.fire(body);
        self.run = reply.json()["workflow_run_id"].as_i64().expect("a run");
        if let Some(recorded) = recorded {
            self.id("run", recorded, self.run);
        }
        self.run
    }

    /// How many runs there are.
    pub fn runs(&self) -> Value {
        let agent = self.here("agent", 1);
        self.desk
            .get(&format!("/api/v1/workflow/{agent}/runs"))
            .json()["total_count"]
            .clone()
    }

    /// The runs that are not over.
    pub fn open(&self) -> Vec<i64> {
        let runs = self
            .desk
            .get("/api/switchhook/runs?open=true&limit=50")
            .json();
        let runs = runs["runs"].as_array().expect("a list of runs");
        runs.iter().filter_map(|run| run["id"].as_i64()).collect()
    }

    /// Hangs up every open call and waits until they are over.
    pub fn hang_up(&self) {
        for run in self.open() {
            let _ = self
                .desk
                .post(&format!("/api/switchhook/runs/{run}/hang-up"), &json!({}));
        }
        eventually("every call ended", || self.open().is_empty().then_some(()));
    }

    /// Sets how many calls there may be at a time.
    pub fn limit(&self, calls: u32) {
        let set = self.desk.put(
            "/api/switchhook/settings",
            &json!({"concurrent_calls": calls}),
        );
        assert_eq!(set.status, 200, "{}", set.text());
    }

    /// Recorded text in the words of this world.
    pub fn translate(&self, text: &str) -> String {
        self.words
            .iter()
            .fold(text.to_owned(), |text, (recorded, here)| {
                text.replace(recorded, here)
            })
    }

    fn target(&self, path: &str) -> String {
        let path = self.translate(path);
        let (path, query) = path
            .split_once('?')
            .map_or((path.as_str(), ""), |(path, query)| (path, query));
        let mut kind = None;
        let mut segments = Vec::new();
        for segment in path.split('/') {
            let id = kind
                .zip(segment.parse().ok())
                .map(|(kind, id)| self.here(kind, id).to_string());
            segments.push(id.unwrap_or_else(|| segment.to_owned()));
            kind = PLACES
                .iter()
                .find(|(word, _)| *word == segment)
                .map(|(_, kind)| *kind);
        }
        let path = segments.join("/");
        let query = self
            .keys
            .iter()
            .fold(query.to_owned(), |query, (recorded, here)| {
                query.replace(recorded, here)
            });
        if query.is_empty() {
            path
        } else {
            format!("{path}?{query}")
        }
    }

    fn body(&self, exchange: &Exchange) -> Option<Vec<u8>> {
        let body = exchange.body()?;
        let Ok(Value::Object(mut object)) = serde_json::from_slice(&body) else {
            return Some(body);
        };
        let before = object.clone();
        self.translate_members(&mut object);
        // What needs no translation goes out byte for byte: duplicate keys, odd spacing, all of it.
        Some(if object == before {
            body
        } else {
            Value::Object(object).to_string().into_bytes()
        })
    }

    fn translate_members(&self, object: &mut Map<String, Value>) {
        for (member, kind) in [
            ("telephony_configuration_id", "configuration"),
            ("from_phone_number_id", "number"),
            ("inbound_workflow_id", "agent"),
        ] {
            let Some(id) = object.get_mut(member) else {
                continue;
            };
            if let Some(recorded) = id.as_i64() {
                *id = self.here(kind, recorded).into();
            } else if let Some(recorded) = id.as_str().and_then(|text| text.parse().ok()) {
                *id = self.here(kind, recorded).to_string().into();
            }
        }
        if let Some(Value::String(number)) = object.get_mut("phone_number") {
            let dialled = self.dialled.iter().find(|(recorded, _)| recorded == number);
            if let Some((_, here)) = dialled {
                number.clone_from(here);
            }
        }
    }

    /// Sends a recorded request to the listener that has its route.
    pub fn send(&mut self, exchange: &Exchange) -> Response {
        let is_trigger = exchange
            .path
            .to_ascii_lowercase()
            .starts_with("/api/v1/public");
        let is_callback = exchange.path.contains("/status-callback/");
        let is_public = is_trigger
            || is_callback
            || ["/", "/api/v1/nope", "/api/v1/health", "/api/v1/health/"]
                .contains(&&*exchange.path);
        let server = &self.desk.server;
        let base = if is_public {
            &server.public
        } else {
            &server.control
        };
        let request = self.request(base, exchange, is_trigger);
        let answer = request.send();
        if answer.status == 200 {
            self.learn(exchange, &answer);
        }
        answer
    }

    fn request(&self, base: &Base, exchange: &Exchange, is_trigger: bool) -> Request {
        let mut request = base.request(&exchange.method, &self.target(&exchange.path));
        let has_key = exchange
            .headers
            .keys()
            .any(|name| name.eq_ignore_ascii_case("x-api-key"));
        for (name, value) in &exchange.headers {
            let is_key = name.eq_ignore_ascii_case("x-api-key");
            if name == "Authorization" && !is_trigger {
                // The login: a person of the workspace.
                if !has_key {
                    request = request.key(&self.login);
                }
            } else if is_key {
                request = request.header(name, self.keys.get(value).unwrap_or(value));
            } else {
                request = request.header(name, value);
            }
        }
        match self.body(exchange) {
            Some(body) => request.body(body),
            None => request,
        }
    }

    /// Remembers under which id here the recording's new things are known.
    fn learn(&mut self, exchange: &Exchange, answer: &Response) {
        let (Some(recorded), Ok(here)) = (
            exchange.json(),
            serde_json::from_slice::<Value>(&answer.body),
        ) else {
            return;
        };
        if let (Some(recorded), Some(here)) = (
            recorded["workflow_run_id"].as_i64(),
            here["workflow_run_id"].as_i64(),
        ) {
            self.id("run", recorded, here);
            self.run = here;
        }
        if let (Some(recorded), Some(here)) =
            (recorded["api_key"].as_str(), here["api_key"].as_str())
        {
            self.key(recorded, here);
        }
        let kind = match exchange.path.rsplit('/').next() {
            Some("api-keys") => "key",
            Some("telephony-configs") => "configuration",
            Some("phone-numbers") => "number",
            Some("definition") => "agent",
            _ => return,
        };
        if let (Some(recorded), Some(here)) = (recorded["id"].as_i64(), here["id"].as_i64()) {
            self.id(kind, recorded, here);
        }
        if let (Some(recorded), Some(here)) = (path(&recorded), path(&here)) {
            self.say(&recorded, &here);
        }
    }
}

/// The trigger path of a workflow's definition.
fn path(workflow: &Value) -> Option<String> {
    let nodes = workflow["workflow_definition"]["nodes"].as_array()?;
    let trigger = nodes.iter().find(|node| node["type"] == "trigger")?;
    trigger["data"]["trigger_path"].as_str().map(str::to_owned)
}
