//! A carrier on loopback that speaks the part of Twilio's Calls API that Switchhook uses, counts
//! the phones it rings and misbehaves on request. The called number says how
//! ([`Answer`], [`Life`]), so that one carrier serves many calls at once. It is made of threads and
//! blocking sockets, because dropping a connection at an exact moment is what it is for. It judges
//! no request's form: the dialers' own tests hold those to the carrier's published description.

mod callback;
mod wire;

pub use callback::Callback;

use super::server::http::Base;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use wire::{Asked, Told};

/// The account that opens it.
pub const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
/// The account's token, which also signs callbacks.
pub const TOKEN: &str = "an auth token of nobody";

/// How a dial is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Rings, and says 201 with the call's id.
    Taken,
    /// Rings, then closes the connection without a word.
    Drops,
    /// Rings, and answers when whoever asked has stopped waiting.
    Late,
    /// Rings, and says 500.
    Fails,
    /// Says 400; nothing rings.
    Refuses,
    /// Rings, and says 201 without the call's id.
    Nameless,
    /// Closes the connection without a word; nothing rings.
    Loses,
    /// Rings, and is answered when the test says so.
    Held,
    /// Says 401; nothing rings.
    Denies,
    /// Rings, and says 200 where 201 is agreed.
    Odd,
}

/// What becomes of a call that rang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It stays queued until the test says something else.
    Waits,
    /// Rings, is answered, is over: one word after the other.
    Talks,
    /// The same, every word twice.
    Stutters,
    /// The same words, the last one first.
    Backwards,
    /// Is over, and then also busy, not answered and ringing.
    Contradicts,
    /// Rings, then is busy.
    Busy,
    /// As `Talks`, but nobody is ever called back.
    Silent,
}

/// Every answer, by its digit in a number.
pub const ANSWERS: [Answer; 10] = [
    Answer::Taken,
    Answer::Drops,
    Answer::Late,
    Answer::Fails,
    Answer::Refuses,
    Answer::Nameless,
    Answer::Loses,
    Answer::Held,
    Answer::Denies,
    Answer::Odd,
];
/// Every life, by its digit in a number.
pub const LIVES: [Life; 7] = [
    Life::Waits,
    Life::Talks,
    Life::Stutters,
    Life::Backwards,
    Life::Contradicts,
    Life::Busy,
    Life::Silent,
];

impl Life {
    /// The words that are said, in the order they are said in, and the one that stays true.
    const fn words(self) -> (&'static [&'static str], &'static str) {
        match self {
            Self::Waits => (&[], "queued"),
            Self::Talks | Self::Silent => (&["ringing", "in-progress", "completed"], "completed"),
            Self::Stutters => (
                &[
                    "ringing",
                    "ringing",
                    "in-progress",
                    "in-progress",
                    "completed",
                    "completed",
                ],
                "completed",
            ),
            Self::Backwards => (&["completed", "in-progress", "ringing"], "completed"),
            Self::Contradicts => (
                &["in-progress", "completed", "busy", "no-answer", "ringing"],
                "completed",
            ),
            Self::Busy => (&["ringing", "busy"], "busy"),
        }
    }
}

/// A number that is answered so and lives so; `serial` below five millions tells them apart.
#[must_use]
pub fn number(answer: Answer, life: Life, serial: usize) -> String {
    let digit = |index: Option<usize>| index.expect("every value is in its list");
    let answer = digit(ANSWERS.iter().position(|one| *one == answer));
    let life = digit(LIVES.iter().position(|one| *one == life));
    let area = 415 + serial / 10_000;
    format!("+1{area}2{answer}{life}{:04}", serial % 10_000)
}

/// What a called number asks for.
fn script(number: &str) -> (Answer, Life) {
    let digit = |at: usize| {
        let digit = number.as_bytes().get(at).copied().unwrap_or(b'0');
        usize::from(digit.wrapping_sub(b'0'))
    };
    let answer = ANSWERS.get(digit(6)).copied().unwrap_or(Answer::Taken);
    (answer, LIVES.get(digit(7)).copied().unwrap_or(Life::Waits))
}

/// When the server is killed during a dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The dial arrived and nothing rang.
    Reached,
    /// The phone rang and the dial is not answered.
    Rung,
    /// The answer was sent; whether it is recorded is open.
    Answered,
}

/// A call as the carrier knows it.
#[derive(Clone, Debug)]
pub struct Call {
    pub sid: String,
    pub to: String,
    pub from: String,
    pub status: String,
    /// How often it was told to end.
    pub hang_ups: usize,
    /// Where it is told of, signed.
    status_callback: Option<String>,
    created: jiff::Timestamp,
    /// Words that the next look-ups show.
    next: Vec<&'static str>,
}

impl Call {
    fn is_over(&self) -> bool {
        !matches!(self.status.as_str(), "queued" | "ringing" | "in-progress")
    }

    fn resource(&self) -> Value {
        let created =
            jiff::fmt::rfc2822::to_string(&self.created.to_zoned(jiff::tz::TimeZone::UTC))
                .expect("a time after 1970");
        json!({
            "sid": self.sid, "account_sid": ACCOUNT, "to": self.to, "from": self.from,
            "status": self.status, "direction": "outbound-api", "date_created": created,
            "date_updated": created, "start_time": null, "end_time": null,
            "duration": if self.is_over() { json!("1") } else { Value::Null },
            "answered_by": null, "price": null, "api_version": "2010-04-01",
            "uri": format!("/2010-04-01/Accounts/{ACCOUNT}/Calls/{}.json", self.sid),
        })
    }
}

#[derive(Default)]
struct Shared {
    calls: Mutex<Vec<Call>>,
    dials: AtomicUsize,
    /// How often the list of calls was asked for.
    lists: AtomicUsize,
    /// Whether held dials are answered.
    released: Mutex<bool>,
    release: Condvar,
    /// How the next dial is answered, whatever its number says.
    answers_next: Mutex<Option<Answer>>,
    kill: Mutex<Option<(Moment, u32)>>,
    /// Where the public address of callbacks leads.
    public: Mutex<Option<Base>>,
}

/// See the module. It answers as long as the test runs.
#[derive(Clone)]
pub struct Carrier {
    /// For a telephony configuration.
    pub base_url: String,
    shared: Arc<Shared>,
}

impl Carrier {
    /// Starts one.
    ///
    /// # Panics
    /// When there is no free port.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("bound");
        let carrier = Self {
            base_url: format!("http://{address}"),
            shared: Arc::default(),
        };
        let heard = carrier.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let carrier = heard.clone();
                std::thread::spawn(move || carrier.serve(stream));
            }
        });
        carrier
    }

    fn calls_mut(&self) -> MutexGuard<'_, Vec<Call>> {
        self.shared.calls.lock().expect("no holder panics")
    }

    /// Every call whose phone rang, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.calls_mut().clone()
    }

    /// How often the phone with this number rang.
    #[must_use]
    pub fn rung(&self, number: &str) -> usize {
        let calls = self.calls_mut();
        calls.iter().filter(|call| call.to == number).count()
    }

    /// How many dials arrived, whatever became of them.
    #[must_use]
    pub fn dials(&self) -> usize {
        self.shared.dials.load(Ordering::Acquire)
    }

    /// The one call to a number; `None` before it rang.
    #[must_use]
    pub fn call(&self, number: &str) -> Option<Call> {
        self.calls().into_iter().find(|call| call.to == number)
    }

    /// How often the list of calls was asked for.
    #[must_use]
    pub fn listed(&self) -> usize {
        self.shared.lists.load(Ordering::Acquire)
    }

    /// The next dial is answered so, whatever its number says.
    pub fn answer_next(&self, answer: Answer) {
        *self.shared.answers_next.lock().expect("no holder panics") = Some(answer);
    }

    /// Answers the dials that are held, and those that come.
    pub fn release(&self) {
        *self.shared.released.lock().expect("no holder panics") = true;
        self.shared.release.notify_all();
    }

    /// Callbacks go to this listener from now on, whatever address their URLs name.
    pub fn reach(&self, public: &Base) {
        *self.shared.public.lock().expect("no holder panics") = Some(public.clone());
    }

    /// Kills a process at this moment of the next dial.
    pub fn kill(&self, moment: Moment, process: u32) {
        *self.shared.kill.lock().expect("no holder panics") = Some((moment, process));
    }

    /// Kills nothing any more.
    pub fn spare(&self) {
        *self.shared.kill.lock().expect("no holder panics") = None;
    }

    fn strike(&self, now: Moment) -> bool {
        let mut kill = self.shared.kill.lock().expect("no holder panics");
        let Some((_, process)) = kill.take_if(|(moment, _)| *moment == now) else {
            return false;
        };
        let killed = Command::new("kill")
            .args(["-KILL", &process.to_string()])
            .status();
        killed.is_ok_and(|status| status.success())
    }

    /// What is true of a call from now on. Nobody is told; they may ask.
    pub fn turn(&self, sid: &str, status: &str) {
        let mut calls = self.calls_mut();
        for call in calls.iter_mut().filter(|call| call.sid == sid) {
            status.clone_into(&mut call.status);
        }
    }

    /// The same, and says so.
    ///
    /// # Panics
    /// When the call has no callback URL.
    pub fn tell(&self, sid: &str, status: &str) -> u16 {
        self.turn(sid, status);
        self.callback(sid, status).send().status
    }

    /// A signed callback about a call, to send as it is or to spoil first.
    ///
    /// # Panics
    /// When there is no such call, or it has no callback URL.
    #[must_use]
    pub fn callback(&self, sid: &str, status: &str) -> Callback {
        let calls = self.calls();
        let call = calls.iter().find(|call| call.sid == sid);
        let public = self.shared.public.lock().expect("no holder panics").clone();
        Callback::new(
            call.expect("a call with this id"),
            status,
            public.expect("the carrier was told where callbacks lead"),
        )
    }

    fn serve(&self, stream: TcpStream) {
        let Some((asked, stream)) = Asked::read(stream) else {
            return;
        };
        if !asked.is_authorised() {
            return wire::answer(stream, &Told::problem(401, 20003));
        }
        if asked.path == format!("/2010-04-01/Accounts/{ACCOUNT}.json") {
            let account =
                json!({"sid": ACCOUNT, "auth_token": TOKEN, "status": "active", "type": "Full"});
            return wire::answer(stream, &Told(200, account));
        }
        let below = format!("/2010-04-01/Accounts/{ACCOUNT}/Calls");
        let Some(rest) = asked.path.strip_prefix(&below) else {
            return wire::answer(stream, &Told::problem(404, 20404));
        };
        let sid = rest
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix(".json"));
        match (asked.method.as_str(), sid) {
            ("POST", None) => self.dial(&asked, stream),
            ("GET", None) => wire::answer(stream, &self.list(&asked.query)),
            (method, Some(sid)) => wire::answer(stream, &self.one(method, sid)),
            _ => wire::answer(stream, &Told::problem(405, 20004)),
        }
    }

    fn dial(&self, asked: &Asked, mut stream: TcpStream) {
        let serial = self.shared.dials.fetch_add(1, Ordering::AcqRel);
        let of = |name: &str| asked.form.get(name).cloned().unwrap_or_default();
        let (answer, life) = script(&of("To"));
        let next = self
            .shared
            .answers_next
            .lock()
            .expect("no holder panics")
            .take();
        let answer = next.unwrap_or(answer);
        if self.strike(Moment::Reached) || answer == Answer::Loses {
            return;
        }
        if answer == Answer::Refuses {
            return wire::answer(stream, &Told::problem(400, 21211));
        }
        if answer == Answer::Denies {
            return wire::answer(stream, &Told::problem(401, 20003));
        }
        let (words, last) = life.words();
        let call = Call {
            sid: format!("CA{serial:032x}"),
            to: of("To"),
            from: of("From"),
            status: "queued".to_owned(),
            hang_ups: 0,
            status_callback: asked.form.get("StatusCallback").cloned(),
            created: jiff::Timestamp::now(),
            next: words.iter().rev().copied().collect(),
        };
        let is_called_back = call.status_callback.is_some();
        let (sid, resource) = (call.sid.clone(), call.resource());
        self.calls_mut().push(call);
        if self.strike(Moment::Rung) {
            return;
        }
        match answer {
            Answer::Taken => wire::answer(stream, &Told(201, resource)),
            Answer::Held => {
                let released = self.shared.released.lock().expect("no holder panics");
                let released = self
                    .shared
                    .release
                    .wait_while(released, |released| !*released);
                drop(released.expect("no holder panics"));
                wire::answer(stream, &Told(201, resource));
            }
            Answer::Odd => wire::answer(stream, &Told(200, resource)),
            Answer::Nameless => wire::answer(stream, &Told(201, json!({"status": "queued"}))),
            Answer::Fails => wire::answer(stream, &Told::problem(500, 20500)),
            Answer::Late => {
                // Ends when whoever asked closes the connection.
                let _ = std::io::copy(&mut stream, &mut std::io::sink());
                wire::answer(stream, &Told(201, resource));
            }
            Answer::Drops | Answer::Refuses | Answer::Denies | Answer::Loses => drop(stream),
        }
        self.strike(Moment::Answered);
        if is_called_back && life != Life::Waits {
            self.turn(&sid, last);
        }
        if is_called_back && life != Life::Silent {
            for word in words {
                // Nobody may be there any more; the carrier does not mind.
                let _ = self.callback(&sid, word).try_send();
            }
        }
    }

    fn list(&self, query: &HashMap<String, String>) -> Told {
        self.shared.lists.fetch_add(1, Ordering::AcqRel);
        let size = number_of(query, "PageSize").unwrap_or(50).max(1);
        let page = number_of(query, "Page").unwrap_or(0);
        let fits = |call: &Call| {
            query.get("To").is_none_or(|to| *to == call.to)
                && query.get("From").is_none_or(|from| *from == call.from)
        };
        let mut calls = self.calls_mut();
        let fitting: Vec<_> = calls.iter_mut().rev().filter(|call| fits(call)).collect();
        let has_next = fitting.len() > (page + 1) * size;
        let shown: Vec<_> = fitting
            .into_iter()
            .skip(page * size)
            .take(size)
            .map(move_on)
            .collect();
        let next = has_next.then(|| {
            let to = query.get("To").map_or(String::new(), |to| {
                format!("To={}&", to.replace('+', "%2B"))
            });
            format!(
                "/2010-04-01/Accounts/{ACCOUNT}/Calls.json?{to}PageSize={size}&Page={}",
                page + 1
            )
        });
        Told(
            200,
            json!({"calls": shown, "page": page, "page_size": size, "next_page_uri": next}),
        )
    }

    fn one(&self, method: &str, sid: &str) -> Told {
        let mut calls = self.calls_mut();
        let Some(call) = calls.iter_mut().find(|call| call.sid == sid) else {
            return Told::problem(404, 20404);
        };
        if method != "POST" {
            return Told(200, move_on(call));
        }
        if call.is_over() {
            return Told::problem(400, 21220);
        }
        call.hang_ups += 1;
        call.next.clear();
        let end = if call.status == "in-progress" {
            "completed"
        } else {
            "canceled"
        };
        end.clone_into(&mut call.status);
        Told(200, call.resource())
    }
}

fn number_of(query: &HashMap<String, String>, name: &str) -> Option<usize> {
    query.get(name)?.parse().ok()
}

/// Shows a call to somebody who asks; a call that lives by itself is a word further then.
fn move_on(call: &mut Call) -> Value {
    if !call.is_over()
        && let Some(word) = call.next.pop()
    {
        word.clone_into(&mut call.status);
    }
    call.resource()
}
