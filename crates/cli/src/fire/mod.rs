//! `switchhook fire`: one call through a trigger, here or at another instance. Its exit status says
//! whether a phone may have rung, so that a script knows when asking again is safe; the HTTP is the
//! client crate's, which sends nothing twice. No retries here either: whoever runs the command
//! decides, and the `Idempotency-Key` that every request carries makes the second one harmless.

mod answer;
mod follow;
mod request;
mod trigger;

use answer::Judged;
use bytes::Bytes;
use clap::Args;
use http::{Method, Request, header};
use secrecy::SecretString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use switchhook_client::{Cause, Failure, Instance, Remote};
use trigger::Trigger;

/// The environment variable that holds the API key.
const API_KEY: &str = "SWITCHHOOK_API_KEY";

/// What the exit status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Exit {
    /// Initiated; with `--wait`, completed.
    Done = 0,
    /// Refused.
    Refused = 1,
    /// The command cannot be understood; nothing was sent. clap's own status for it.
    Usage = 2,
    /// No server was reached; nothing was sent.
    NotReached = 3,
    /// Nobody knows whether the phone rang, or how the call ended.
    Unknown = 4,
    /// With `--wait`: the call was placed and ended otherwise than completed.
    NotCompleted = 5,
}

const AFTER_HELP: &str = "\
The API key comes from the environment variable SWITCHHOOK_API_KEY or from --key-file.

The reply is one line of JSON on standard output; with --wait a second line says how the run
ended. Errors are words on standard error.

Exit status:
  0  initiated; with --wait, completed
  1  refused
  2  the command is wrong; nothing was sent
  3  no server was reached; nothing was sent
  4  it is not known whether the phone rang or, with --wait, how the call ended
  5  with --wait: the call ended, but not completed";

#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The trigger's URL, or its path alone
    #[arg(value_name = "TRIGGER")]
    trigger: String,
    /// Whom to call
    number: String,
    /// Run the draft where there is one, as the test URL does
    #[arg(long)]
    test: bool,
    /// The initial context, a JSON object
    #[arg(long, value_name = "JSON", conflicts_with = "context_file")]
    context: Option<String>,
    /// A file that holds the initial context
    #[arg(long, value_name = "FILE")]
    context_file: Option<PathBuf>,
    /// The telephony configuration's number; the default one without it
    #[arg(long, value_name = "N")]
    telephony_configuration: Option<i64>,
    /// Where the server is; without it and without a whole URL, the one that serves the data folder
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Names this call, 1 to 255 ASCII characters; a new one without it
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Wait until the run is over and say how it ended
    #[arg(long)]
    wait: bool,
    /// A file whose first line is the API key and that nobody else may read
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    #[arg(long, env = "SWITCHHOOK_DATA_DIR")]
    data_dir: Option<PathBuf>,
}

/// Why the command ends here, in words for people.
#[derive(Debug)]
struct Stop {
    exit: Exit,
    words: String,
}

impl Stop {
    fn usage(words: impl Into<String>) -> Self {
        let (exit, words) = (Exit::Usage, words.into());
        Self { exit, words }
    }
}

pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let exit = match runtime.block_on(fire(&arguments)) {
        Ok(exit) => exit,
        Err(Stop { exit, words }) => {
            eprintln!("switchhook: {words}");
            exit
        }
    };
    Ok(ExitCode::from(exit as u8))
}

async fn fire(arguments: &Arguments) -> Result<Exit, Stop> {
    let key = request::idempotency_key(arguments.idempotency_key.as_deref())?;
    let body = request::body(arguments)?;
    let api_key = request::api_key(arguments.key_file.as_deref())?;
    let trigger = trigger::find(arguments)?;
    let remote = Remote::new(trigger.base.clone(), Some(&api_key));
    let instance = Instance::Remote(remote.map_err(|failure| Stop::usage(failure.message))?);
    let request = Request::builder()
        .method(Method::POST)
        .uri(trigger.path.clone())
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", &key)
        .body(Bytes::from(body))
        .map_err(|_| Stop::usage("this trigger cannot be asked for"))?;
    let answer = tokio::select! {
        answer = instance.ask(request) => answer.map_err(|failure| lost(&failure, &key, &trigger))?,
        () = interrupted() => return Err(unknown("interrupted before an answer came", &key, &trigger)),
    };
    match answer::judge(&answer) {
        Judged::Initiated { run, reply } => {
            print(&reply);
            if arguments.wait {
                follow::to_the_end(&instance, run).await
            } else {
                Ok(Exit::Done)
            }
        }
        Judged::Unknown {
            run: Some(run),
            words,
        } => {
            if arguments.wait {
                eprintln!("switchhook: {words}; waiting for what becomes of run {run}");
                return follow::to_the_end(&instance, run).await;
            }
            let words = format!(
                "{words}; run {run} tells what became of it, and calling again may ring a second time"
            );
            Err(Stop {
                exit: Exit::Unknown,
                words,
            })
        }
        Judged::Unknown { run: None, words } => Err(unknown(&words, &key, &trigger)),
        Judged::Refused { words } => Err(Stop {
            exit: Exit::Refused,
            words,
        }),
    }
}

/// No answer came: either nothing was sent, or nobody knows.
fn lost(failure: &Failure, key: &str, trigger: &Trigger) -> Stop {
    match failure.cause {
        Cause::NotAllowed => Stop::usage(&failure.message),
        Cause::NoNetwork | Cause::Tls => Stop {
            exit: Exit::NotReached,
            words: format!(
                "{} was not reached, nothing was sent: {}",
                trigger.base, failure.message
            ),
        },
        Cause::NoAnswer | Cause::TooLarge => unknown(&failure.message, key, trigger),
    }
}

/// The phone may have rung, and only the key makes it safe to ask again.
fn unknown(why: &str, key: &str, trigger: &Trigger) -> Stop {
    let mut words = format!(
        "{why}; it is not known whether the call was placed.\n\
         Idempotency-Key: {key}\n\
         The same command with `--idempotency-key {key}` within 24 hours asks again without a second call."
    );
    // Somewhere else it need not be a Switchhook that answers.
    if !trigger.is_ours {
        words.push_str(
            "\nThat holds for a Switchhook; a Dograh does not know the key, so look at its runs first.",
        );
    }
    Stop {
        exit: Exit::Unknown,
        words,
    }
}

/// Resolves at Ctrl+C: what is known by then is still said.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// One line of JSON for programs.
#[allow(clippy::print_stdout)]
fn print(value: &serde_json::Value) {
    println!("{value}");
}
