//! A server, an Asterisk that it calls through, and what a test does with both.

use serde_json::{Value, json};
use std::time::Duration;
use switchhook_tests::server::http::Response;
use switchhook_tests::server::{Desk, Folder, Options, eventually, within};
use switchhook_tests::telephony::{Asterisk, Callee, Gate, PASSWORD, USER};

/// The number that is called; which far end it reaches says the configuration.
pub const NUMBER: &str = "+14155550123";

const CONFIGURATIONS: &str = "/api/v1/organizations/telephony-configs";
/// Longer than the ringing time of a call and what Asterisk needs to give it up.
const GIVEN_UP: Duration = Duration::from_secs(90);

/// See the module.
pub struct World {
    pub desk: Desk,
    pub asterisk: Asterisk,
}

fn options(folder: Folder) -> Options {
    let options = Options {
        folder,
        ..Options::default()
    };
    options
        .variable("SWITCHHOOK_SECRETS", "file")
        .variable("SWITCHHOOK_PASSPHRASE", "correct horse")
}

impl World {
    /// `None` where no Asterisk is installed, which it has said then.
    pub fn open() -> Option<Self> {
        let asterisk = Asterisk::start(env!("CARGO_TARGET_TMPDIR"))?;
        let desk = Desk::at(options(Folder::default()).start());
        Some(Self { desk, asterisk })
    }

    /// A configuration that calls a far end and hears of it through a gate.
    pub fn through(&self, gate: &Gate, callee: &Callee) -> i64 {
        let mut settings = self.settings(&callee.dial_string());
        settings["ari_endpoint"] = json!(gate.base_url());
        self.configure(&settings)
    }

    /// Hangs up as a person at the window does.
    pub fn hang_up(&self, run: i64) {
        let path = format!("/api/switchhook/runs/{run}/hang-up");
        let hung_up = self.desk.post(&path, &json!({}));
        assert_eq!(hung_up.status, 200, "{}", hung_up.text());
    }

    /// The settings of a configuration that calls with a dial string.
    pub fn settings(&self, dial_string: &str) -> Value {
        json!({
            "provider": "ari", "ari_endpoint": self.asterisk.base_url(),
            "app_name": USER, "app_password": PASSWORD, "dial_string": dial_string,
        })
    }

    /// Makes a configuration and gives back its id.
    pub fn configure(&self, settings: &Value) -> i64 {
        let made = self.desk.get(CONFIGURATIONS).json();
        let number = made["configurations"].as_array().map_or(0, Vec::len);
        let body = json!({"name": format!("PBX {number}"), "config": settings});
        let made = self.desk.post(CONFIGURATIONS, &body);
        assert_eq!(made.status, 200, "{}", made.text());
        made.json()["id"].as_i64().expect("an id")
    }

    /// A configuration whose calls reach a far end.
    pub fn to(&self, callee: &Callee) -> i64 {
        self.configure(&self.settings(&callee.dial_string()))
    }

    /// A configuration whose calls reach an extension of the pretended carrier.
    pub fn to_extension(&self, extension: &str) -> i64 {
        let port = self.asterisk.sip;
        // The number is there, because a dial string must have a place for it.
        let dial_string = format!("PJSIP/trunk/sip:{extension}@127.0.0.1:{port};n={{digits}}");
        self.configure(&self.settings(&dial_string))
    }

    /// Asks whether a configuration can be used.
    pub fn verify(&self, configuration: i64) -> Value {
        let path = format!("/api/switchhook/telephony-configurations/{configuration}/verify");
        let verified = self.desk.post(&path, &json!({}));
        assert_eq!(verified.status, 200, "{}", verified.text());
        verified.json()
    }

    /// Fires through a configuration.
    pub fn fire(&self, configuration: i64) -> Response {
        let body = json!({"phone_number": NUMBER, "telephony_configuration_id": configuration});
        self.desk.fire(&body)
    }

    /// Fires through a configuration, which takes the call: the run.
    pub fn call(&self, configuration: i64) -> i64 {
        let reply = self.fire(configuration);
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["workflow_run_id"].as_i64().expect("a run")
    }

    /// Waits for a state of a run.
    pub fn reached(&self, run: i64, state: &str) -> Value {
        eventually(&format!("the run was {state}"), || {
            let run = self.desk.run(run);
            assert!(
                run["is_completed"] == false || run["state"] == state,
                "{run}"
            );
            (run["state"] == state).then_some(run)
        })
    }

    /// Waits for a run's end.
    pub fn ended(&self, run: i64) -> Value {
        within(GIVEN_UP, "the run ended", || {
            Some(self.desk.run(run)).filter(|run| run["is_completed"] == true)
        })
    }

    /// Waits for the recording of the only call: both tracks, the callee's in front.
    pub fn recording(&self) -> [Vec<f64>; 2] {
        let folder = self.desk.server.folder.data().join("artifacts");
        let wav = eventually("the recording is kept", || {
            let files = std::fs::read_dir(&folder).ok()?.filter_map(Result::ok);
            let mut files = files.map(|file| file.path());
            let file = files.find(|file| file.extension().is_none_or(|end| end != "part"))?;
            std::fs::read(file).ok()
        });
        let (_, samples) = wav.split_at(44);
        let track = |at: usize| {
            let frames = samples.chunks_exact(4);
            let sample = |frame: &[u8]| f64::from(i16::from_le_bytes([frame[at], frame[at + 1]]));
            frames.map(sample).collect()
        };
        [track(0), track(2)]
    }

    /// The server dies and starts again over the same folder.
    pub fn restart(self) -> Self {
        let Self { desk, asterisk } = self;
        let (key, manage, path) = (desk.key.clone(), desk.manage.clone(), desk.path.clone());
        let server = options(desk.server.crash()).start();
        let desk = Desk {
            server,
            key,
            manage,
            path,
        };
        Self { desk, asterisk }
    }
}

/// How a run ended.
pub fn code(run: &Value) -> &str {
    run["end"]["code"].as_str().unwrap_or_default()
}
