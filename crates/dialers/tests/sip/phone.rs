//! What the engine does with the port: it dials, hears, speaks and keeps files.

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{Cursor, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use switchhook_core::destination::{Destination, DestinationScheme};
use switchhook_core::ids::{ArtifactId, AttemptId, RunId, TelephonyConfigurationId};
use switchhook_core::ports::{
    Account, Artifact, ArtifactError, ArtifactKind, Artifacts, CallEvent, CallRef, CallSink,
    CallWord, Clock, DialError, DialRequest, Dialed, Dialer, Line, NewArtifact, Voice, VoiceError,
};
use switchhook_core::walk::{Beat, LineKind};
use switchhook_dialers::sip_trunk::SipTrunk;
use tokio::sync::{Mutex, mpsc};

/// Longest wait for anything that comes by itself, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the dialer told.
pub enum Told {
    Word(CallWord, Option<String>),
    Line(Arc<dyn Line>),
}

struct Ear(mpsc::UnboundedSender<(AttemptId, Told)>);

impl CallSink for Ear {
    fn call_event(&self, event: CallEvent) {
        let word = event.word.expect("a trunk tells words only");
        let _ = self
            .0
            .send((event.attempt_id, Told::Word(word, event.note)));
    }

    fn line(&self, call: CallRef, line: Arc<dyn Line>) {
        let _ = self.0.send((call.attempt_id, Told::Line(line)));
    }
}

struct Now;

impl Clock for Now {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Says the same whatever the text is.
struct Mouth(Vec<i16>);

#[async_trait]
impl Voice for Mouth {
    async fn check(&self) -> Result<(), VoiceError> {
        Ok(())
    }

    async fn say(&self, _: &str) -> Result<Vec<i16>, VoiceError> {
        Ok(self.0.clone())
    }
}

/// Hands each file out when it is finished.
struct Files(mpsc::UnboundedSender<Vec<u8>>, Arc<AtomicUsize>);

struct File(Cursor<Vec<u8>>, mpsc::UnboundedSender<Vec<u8>>);

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Seek for File {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

impl NewArtifact for File {
    fn finish(self: Box<Self>) -> Result<(), ArtifactError> {
        let _ = self.1.send(self.0.into_inner());
        Ok(())
    }
}

#[async_trait]
impl Artifacts for Files {
    async fn create(
        &self,
        _: RunId,
        _: ArtifactKind,
    ) -> Result<Box<dyn NewArtifact>, ArtifactError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(File(Cursor::default(), self.0.clone())))
    }

    async fn of_run(&self, _: RunId) -> Result<Vec<Artifact>, ArtifactError> {
        Ok(Vec::new())
    }

    async fn read(&self, _: ArtifactId, _: u64, _: usize) -> Result<Vec<u8>, ArtifactError> {
        Err(ArtifactError::Gone)
    }
}

/// A dialer, and everything that it tells.
pub struct Phone {
    pub trunk: Arc<SipTrunk>,
    told: Mutex<mpsc::UnboundedReceiver<(AttemptId, Told)>>,
    files: Mutex<mpsc::UnboundedReceiver<Vec<u8>>>,
    /// How many recordings were begun.
    begun: Arc<AtomicUsize>,
}

impl Phone {
    /// One whose agent says this.
    pub fn that_says(sound: Vec<i16>) -> Self {
        let (ear, told) = mpsc::unbounded_channel();
        let (kept, files) = mpsc::unbounded_channel();
        let begun = Arc::<AtomicUsize>::default();
        let (voice, artifacts) = (Arc::new(Mouth(sound)), Arc::new(Files(kept, begun.clone())));
        Self {
            trunk: SipTrunk::new(Arc::new(Ear(ear)), Arc::new(Now), voice, artifacts),
            told: Mutex::new(told),
            files: Mutex::new(files),
            begun,
        }
    }

    pub fn new() -> Self {
        Self::that_says(Vec::new())
    }

    pub async fn dial(&self, request: &DialRequest) -> Result<Dialed, DialError> {
        self.trunk.dial(request.clone()).await
    }

    /// What is told next, of whichever call.
    pub async fn next(&self) -> (AttemptId, Told) {
        let mut told = self.told.lock().await;
        let next = tokio::time::timeout(PATIENCE, told.recv()).await;
        next.expect("something is told in time")
            .expect("the dialer lives")
    }

    /// The next word, which is told with a note.
    pub async fn word(&self) -> (CallWord, String) {
        match self.next().await.1 {
            Told::Word(word, note) => (word, note.unwrap_or_default()),
            Told::Line(_) => panic!("a word is expected, and a line comes"),
        }
    }

    /// The words until the line, and the line.
    pub async fn answered(&self) -> (Vec<CallWord>, Arc<dyn Line>) {
        let mut words = Vec::new();
        loop {
            match self.next().await.1 {
                Told::Word(word, note) => {
                    assert!(
                        !matches!(word, CallWord::Ended(_)),
                        "{words:?}, {word:?}: {note:?}"
                    );
                    words.push(word);
                }
                Told::Line(line) => return (words, line),
            }
        }
    }

    /// The end, after whatever comes before it.
    pub async fn end(&self) -> (CallWord, String) {
        loop {
            if let Told::Word(word @ CallWord::Ended(_), note) = self.next().await.1 {
                return (word, note.unwrap_or_default());
            }
        }
    }

    /// The next end, and of which call.
    pub async fn ended(&self) -> (AttemptId, CallWord) {
        loop {
            if let (attempt, Told::Word(word @ CallWord::Ended(_), _)) = self.next().await {
                return (attempt, word);
            }
        }
    }

    /// Whether no recording was finished, and none is being written.
    pub fn nothing_recorded(&self) -> bool {
        self.begun.load(Ordering::Relaxed) == 0
    }

    /// A finished recording: what the callee said, and what the agent did.
    pub async fn recording(&self) -> (Vec<i16>, Vec<i16>) {
        let mut files = self.files.lock().await;
        let bytes = tokio::time::timeout(PATIENCE, files.recv()).await;
        let bytes = bytes
            .expect("a recording in time")
            .expect("the dialer lives");
        let mut wav = hound::WavReader::new(Cursor::new(bytes)).expect("a WAV file");
        assert_eq!((wav.spec().channels, wav.spec().sample_rate), (2, 8000));
        let samples: Vec<i16> = wav
            .samples()
            .map(|sample| sample.expect("a sample"))
            .collect();
        samples
            .chunks_exact(2)
            .map(|pair| (pair[0], pair[1]))
            .unzip()
    }
}

pub fn beat(kind: LineKind) -> Beat {
    Beat {
        kind,
        text: "Hello.".to_owned(),
        node_id: "s".to_owned(),
    }
}

/// A trunk at this port of this computer, with these settings besides.
pub fn account(port: u16, more: Value, password: &str) -> Account {
    let server = format!("127.0.0.1:{port}");
    // Away from the ports that the far ends are given.
    let mut settings = json!({"server": server, "media_ports": "32000-32766"});
    let members = settings.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("an object").clone());
    Account {
        configuration_id: TelephonyConfigurationId(1),
        settings,
        credentials: Some(json!({"password": password}).to_string().into()),
    }
}

/// A call to a number through an account, from nobody.
pub fn call(account: Account, number: &str) -> DialRequest {
    let destination = Destination::parse(number, DestinationScheme::PhoneOrSip, None);
    DialRequest {
        attempt_id: AttemptId(uuid::Uuid::new_v4()),
        run_id: RunId(5012),
        agent_name: "Ada".to_owned(),
        destination: destination.expect("a destination"),
        caller_id: None,
        ring_timeout: Duration::from_secs(30),
        max_call: Duration::from_secs(300),
        account,
        callbacks: None,
        greeting: None,
        at: Timestamp::now(),
    }
}
