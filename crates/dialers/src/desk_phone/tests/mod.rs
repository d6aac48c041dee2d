//! What every test of the desk phone stands in: a sink that keeps what is said, and a person, an
//! agent and an engine to act. Time is paused where it matters, so a ringing phone costs none.

mod agent;
mod numbers;
mod person;

use super::*;
use std::sync::atomic::{AtomicI64, Ordering};
use switchhook_core::destination::{Destination, DestinationScheme};
use switchhook_core::ids::TelephonyConfigurationId;
use switchhook_core::ports::{Account, CallEvent, CallWord, Line, LineError};
use switchhook_core::walk::{Beat, LineKind};
use tokio::runtime::Handle;
use tokio::time::{Duration, Instant};

const PERSON: &str = "+14155550100";
const TALKER: &str = "+14155550101";
const BUSY: &str = "+14155550102";
const SILENT: &str = "+14155550103";
const DECLINES: &str = "+14155550104";
const REFUSED: &str = "+14155550105";
const LOST: &str = "+14155550106";
const ECHOED: &str = "+14155550107";

use CallWord::{Answered, Ended, Ringing};

#[expect(
    clippy::large_enum_variant,
    reason = "a handful exist at once, in tests"
)]
enum Said {
    Word(CallWord),
    Line(CallRef, Arc<dyn Line>),
}

struct Sink(mpsc::UnboundedSender<Said>);

impl CallSink for Sink {
    fn call_event(&self, event: CallEvent) {
        if let Some(word) = event.word {
            let _ = self.0.send(Said::Word(word));
        }
    }

    fn line(&self, call: CallRef, line: Arc<dyn Line>) {
        let _ = self.0.send(Said::Line(call, line));
    }
}

/// One second later each time it is read.
#[derive(Default)]
struct Ticks(AtomicI64);

impl Clock for Ticks {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.fetch_add(1, Ordering::SeqCst)).expect("in range")
    }
}

struct Room {
    phone: Arc<DeskPhone>,
    said: mpsc::UnboundedReceiver<Said>,
    changes: mpsc::UnboundedReceiver<(String, RunId)>,
    runs: i64,
}

impl Room {
    fn new() -> Self {
        let (sink, said) = mpsc::unbounded_channel();
        let (changed, changes) = mpsc::unbounded_channel();
        let tell = move |id: &str, run_id: RunId| drop(changed.send((id.to_owned(), run_id)));
        let phone = DeskPhone::new(
            Arc::new(Sink(sink)),
            Arc::new(Ticks::default()),
            Box::new(tell),
        );
        Self {
            phone,
            said,
            changes,
            runs: 0,
        }
    }

    fn request(&mut self, to: &str) -> DialRequest {
        self.runs += 1;
        DialRequest {
            attempt_id: AttemptId(uuid::Uuid::new_v4()),
            run_id: RunId(self.runs),
            agent_name: "Appointment reminder".to_owned(),
            destination: Destination::parse(to, DestinationScheme::Phone, None).expect("possible"),
            caller_id: Some("+14155550199".to_owned()),
            ring_timeout: Duration::from_secs(30),
            max_call: Duration::from_secs(300),
            account: Account {
                configuration_id: TelephonyConfigurationId(1),
                settings: serde_json::Value::Null,
                credentials: None,
            },
            callbacks: None,
            greeting: None,
            at: Timestamp::UNIX_EPOCH,
        }
    }

    async fn dial(&mut self, to: &str) -> CallRef {
        let request = self.request(to);
        let call = request.call_ref();
        self.phone.dial(request).await.expect("accepted");
        call
    }

    /// A minute is longer than any phone rings, so a test whose word never comes fails.
    async fn next(&mut self) -> Said {
        let next = tokio::time::timeout(Duration::from_mins(1), self.said.recv()).await;
        next.expect("something is said").expect("the sink lives")
    }

    async fn word(&mut self) -> CallWord {
        match self.next().await {
            Said::Word(word) => word,
            Said::Line(..) => panic!("a line, where a word was expected"),
        }
    }

    async fn words<const N: usize>(&mut self) -> [CallWord; N] {
        let mut words = [Ringing; N];
        for word in &mut words {
            *word = self.word().await;
        }
        words
    }

    async fn line(&mut self) -> Arc<dyn Line> {
        match self.next().await {
            Said::Line(_, line) => line,
            Said::Word(word) => panic!("{word:?}, where a line was expected"),
        }
    }

    /// A call that the person has answered.
    async fn talk(&mut self) -> (CallRef, String, Arc<dyn Line>) {
        let call = self.dial(PERSON).await;
        let id = call.attempt_id.to_string();
        self.phone.answer(&id).expect("rings");
        assert_eq!(self.words().await, [Ringing, Answered]);
        (call, id, self.line().await)
    }

    fn drain_changes(&mut self) -> usize {
        std::iter::from_fn(|| self.changes.try_recv().ok()).count()
    }

    /// Nothing more was said, no call and no task is left.
    fn assert_quiet(&mut self) {
        assert!(self.said.try_recv().is_err(), "a word after the end");
        assert!(self.phone.lock().is_empty(), "a call is left");
        assert_eq!(
            Handle::current().metrics().num_alive_tasks(),
            0,
            "a task is left"
        );
    }
}

fn greeting() -> Beat {
    Beat {
        kind: LineKind::Greeting,
        text: "Hello".to_owned(),
        node_id: "s".to_owned(),
    }
}

fn scene(node: &str, edges: &[&str]) -> Scene {
    let edge = |id: &&str| {
        (
            (*id).to_owned(),
            "Done".to_owned(),
            "all is said".to_owned(),
        )
    };
    Scene {
        node: Some((node.to_owned(), node.to_uppercase())),
        edges: edges.iter().map(edge).collect(),
    }
}
