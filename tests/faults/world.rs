//! A server whose only carrier is the double, and what holds after everything that can go wrong.

use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use switchhook_tests::carrier::{ACCOUNT, Call, Carrier, TOKEN};
use switchhook_tests::server::http::Response;
use switchhook_tests::server::{Desk, Folder, Options, eventually, within};

/// The address that carriers are told; it leads to the public listener, as behind a proxy.
const PUBLIC_URL: &str = "https://hooks.example.com";
/// The number that is called from.
const CALLER_ID: &str = "+14155559999";

/// See the module.
pub struct World {
    pub desk: Desk,
    pub carrier: Carrier,
}

fn locked(folder: Folder) -> Options {
    let options = Options {
        folder,
        outlives_full_files: true,
        ..Options::default()
    };
    options.variable("SWITCHHOOK_SECRETS", "file")
}

fn options(folder: Folder) -> Options {
    locked(folder).variable("SWITCHHOOK_PASSPHRASE", "correct horse")
}

impl World {
    /// The carrier calls back.
    pub fn called_back() -> Self {
        let world = Self::polled();
        let settings = json!({"public_base_url": PUBLIC_URL});
        assert_eq!(
            world.desk.put("/api/switchhook/settings", &settings).status,
            200
        );
        world
    }

    /// Nobody calls back: the carrier is asked.
    pub fn polled() -> Self {
        let world = Self {
            desk: Desk::at(options(Folder::default()).start()),
            carrier: Carrier::start(),
        };
        world.carrier.reach(&world.desk.server.public);
        let configuration = json!({
            "name": "The double", "is_default_outbound": true,
            "config": {
                "provider": "twilio", "account_sid": ACCOUNT, "auth_token": TOKEN,
                "base_url": world.carrier.base_url,
            },
        });
        let configurations = "/api/v1/organizations/telephony-configs";
        let made = world.desk.post(configurations, &configuration);
        assert_eq!(made.status, 200, "{}", made.text());
        let numbers = format!("{configurations}/{}/phone-numbers", made.json()["id"]);
        let number = world.desk.post(&numbers, &json!({"address": CALLER_ID}));
        assert_eq!(number.status, 200, "{}", number.text());
        world
    }

    /// At most this many calls at a time.
    pub fn with_limit(self, calls: usize) -> Self {
        let settings = json!({"concurrent_calls": calls});
        let put = self.desk.put("/api/switchhook/settings", &settings);
        assert_eq!(put.status, 200, "{}", put.text());
        self
    }

    /// The server dies; it starts again with [`World::restart`].
    pub fn kill(&self) {
        self.signal("-KILL");
    }

    /// From now on files of the server may grow to so many bytes, or `unlimited`.
    pub fn allow_files(&self, bytes: &str) {
        let (id, limit) = (self.desk.server.id(), format!("--fsize={bytes}:"));
        let set = std::process::Command::new("prlimit")
            .args(["--pid", &id.to_string(), &limit])
            .status();
        assert!(set.expect("prlimit exists").success());
    }

    /// Sends the server a signal.
    pub fn signal(&self, signal: &str) {
        let id = self.desk.server.id().to_string();
        let sent = std::process::Command::new("kill")
            .args([signal, &id])
            .status();
        assert!(sent.expect("kill exists").success());
    }

    /// The server dies, if it has not, and starts again over the same folder.
    pub fn restart(self) -> Self {
        self.exchange(|desk| options(desk.server.crash()))
    }

    /// The same, and it starts without the way to its secrets.
    pub fn restart_locked(self) -> Self {
        self.exchange(|desk| locked(desk.server.crash()))
    }

    /// The server is asked to stop and starts again.
    pub fn stop_and_start(self) -> Self {
        self.exchange(|mut desk| {
            assert!(desk.server.terminate().0.success());
            options(desk.server.folder.clone())
        })
    }

    fn exchange(self, end: impl FnOnce(Desk) -> Options) -> Self {
        let Self { desk, carrier } = self;
        let (key, manage, path) = (desk.key.clone(), desk.manage.clone(), desk.path.clone());
        let server = end(desk).start();
        carrier.reach(&server.public);
        let desk = Desk {
            server,
            key,
            manage,
            path,
        };
        Self { desk, carrier }
    }

    /// Fires at a number.
    pub fn fire(&self, number: &str) -> Response {
        self.desk.fire(&json!({"phone_number": number}))
    }

    /// Fires at a number under an idempotency key; `None` when the server goes away meanwhile.
    pub fn fire_once(&self, key: &str, number: &str) -> Option<Response> {
        let post = self.desk.server.public.post(&self.desk.production());
        let post = post.key(&self.desk.key).header("Idempotency-Key", key);
        post.json(&json!({"phone_number": number})).try_send()
    }

    /// Waits for a number's phone to have rung.
    pub fn rung(&self, number: &str) -> Call {
        eventually("the phone rang", || self.carrier.call(number))
    }

    /// Fires at a number and has the call answered: the run, and what the carrier calls it.
    pub fn talking(&self, number: &str) -> (i64, String) {
        let run = run_of(&self.fire(number));
        let sid = self.rung(number).sid;
        assert_eq!(self.carrier.tell(&sid, "in-progress"), 200);
        let _ = self.reached(run, "in-progress");
        (run, sid)
    }

    /// Waits for a state of a run.
    pub fn reached(&self, run: i64, state: &str) -> Value {
        eventually(&format!("the run was {state}"), || {
            Some(self.desk.run(run)).filter(|run| run["state"] == state)
        })
    }

    /// Waits for a run's end, which may come by the longest deadline of a lost call.
    pub fn ended(&self, run: i64) -> Value {
        within(Duration::from_secs(150), "the run ended", || {
            Some(self.desk.run(run)).filter(|run| run["is_completed"] == true)
        })
    }

    /// Every run, newest first.
    pub fn runs(&self) -> Vec<Value> {
        let (mut runs, mut before) = (Vec::new(), Value::Null);
        loop {
            let from = before
                .as_i64()
                .map_or(String::new(), |id| format!("&before={id}"));
            let page = self
                .desk
                .get(&format!("/api/switchhook/runs?limit=100{from}"))
                .json();
            runs.extend(page["runs"].as_array().expect("a list of runs").clone());
            before = page["next_before"].clone();
            if before.is_null() {
                return runs;
            }
        }
    }

    /// The run of the only call there was.
    pub fn only_run(&self) -> i64 {
        let runs = self.runs();
        assert_eq!(runs.len(), 1, "{runs:?}");
        runs[0]["id"].as_i64().expect("an id")
    }

    /// Waits until no run is open.
    pub fn all_over(&self, patience: Duration) {
        within(patience, "every run ended", || {
            let open = self.desk.get("/api/switchhook/runs?open=true").json();
            open["runs"]
                .as_array()
                .is_some_and(Vec::is_empty)
                .then_some(())
        });
    }

    /// No number rang more often than it was dialled, and no dial is without its run: the ledger of
    /// the carrier and ours agree.
    pub fn balanced(&self) {
        let mut runs: HashMap<String, usize> = HashMap::new();
        for run in self.runs() {
            let number = run["destination"].as_str().expect("a number").to_owned();
            *runs.entry(number).or_default() += 1;
        }
        for call in self.carrier.calls() {
            let (rung, runs) = (self.carrier.rung(&call.to), runs.get(&call.to));
            assert!(
                runs.is_some_and(|runs| rung <= *runs),
                "{} rang {rung} times for {runs:?} runs",
                call.to
            );
        }
    }
}

/// The run that a reply names.
pub fn run_of(reply: &Response) -> i64 {
    let id = reply.json()["workflow_run_id"].as_i64();
    id.unwrap_or_else(|| panic!("{} names no run", reply.text()))
}

/// How a run ended.
pub fn code(run: &Value) -> &str {
    run["end"]["code"].as_str().unwrap_or_default()
}
