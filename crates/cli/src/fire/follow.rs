//! `--wait`: reads the run with the key that started it, until it is over. The public listener has
//! single runs and no events, so this asks again and again; a server that is away for a moment, as
//! one that restarts is, is waited for.

use super::{Exit, Stop, interrupted, print};
use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use switchhook_client::{Cause, Failure, Instance};
use tokio::time::Instant;

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(400);
/// How long a server may be away.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for a run's end, prints it, and says it as an exit status.
pub async fn to_the_end(instance: &Instance, run: i64) -> Result<Exit, Stop> {
    let unknown = |why: String| Stop {
        exit: Exit::Unknown,
        words: format!("{why}; run {run} is not affected, but how it ends is not known here"),
    };
    let seen = tokio::select! {
        seen = ended(instance, run) => seen.map_err(unknown)?,
        () = interrupted() => return Err(unknown("interrupted".to_owned())),
    };
    let (state, end) = (&seen["state"], &seen["end"]);
    print(&json!({"workflow_run_id": run, "state": state, "end": end}));
    if let Some(sentence) = end["sentence"].as_str() {
        eprintln!("switchhook: {sentence}");
    }
    Ok(match state.as_str() {
        // A Dograh says only that it is over.
        None | Some("completed") => Exit::Done,
        Some("indeterminate") => Exit::Unknown,
        Some(_) => Exit::NotCompleted,
    })
}

async fn ended(instance: &Instance, run: i64) -> Result<Value, String> {
    let mut heard = Instant::now();
    loop {
        match look(instance, run).await {
            Ok(seen) if seen["is_completed"] == true => return Ok(seen),
            Ok(_) => heard = Instant::now(),
            Err(Missed::ForGood(why)) => return Err(why),
            Err(Missed::ForNow(why)) if heard.elapsed() > PATIENCE => return Err(why),
            Err(Missed::ForNow(_)) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Why a look saw nothing.
enum Missed {
    ForNow(String),
    ForGood(String),
}

async fn look(instance: &Instance, run: i64) -> Result<Value, Missed> {
    // The agent in the path is not compared with the run's (docs/api.md, results).
    let request = Request::get(format!("/api/v1/workflow/0/runs/{run}"));
    let request = request.body(Bytes::new());
    let request = request.map_err(|error| Missed::ForGood(error.to_string()))?;
    let answer = instance.ask(request).await;
    let answer = answer.map_err(|Failure { cause, message }| match cause {
        Cause::NotAllowed | Cause::TooLarge => Missed::ForGood(message),
        Cause::NoNetwork | Cause::Tls | Cause::NoAnswer => Missed::ForNow(message),
    })?;
    let status = answer.status;
    if status == StatusCode::OK {
        return serde_json::from_slice(&answer.body)
            .map_err(|_| Missed::ForGood("what answers there tells no runs".to_owned()));
    }
    let why = format!("the run cannot be read ({status})");
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        Err(Missed::ForNow(why))
    } else {
        Err(Missed::ForGood(why))
    }
}
