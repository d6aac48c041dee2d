//! The recording of a call. A channel that is recorded itself can be bridged with nothing any more,
//! so two channels listen along, one to each direction; what they heard is fetched when the call is
//! over, laid side by side as two tracks, and deleted at Asterisk. Where it cannot be fetched the
//! record of the run's requests says so: the call itself is over by then and not touched.

use super::line::post;
use super::session::Shared;
use crate::exchange::About;
use crate::http::Answer;
use reqwest::Method;
use std::sync::Arc;
use std::time::Duration;
use switchhook_core::ids::AttemptId;
use switchhook_core::ports::{
    ArtifactError, ArtifactKind, CallRef, ExchangeKind, NewArtifact, SAMPLE_RATE,
};
use switchhook_core::recording::{HEAD, Layout, SAMPLE, head};

/// Longest wait for a listening channel to arrive, and for its recording to be written.
const ARRIVAL: Duration = Duration::from_secs(5);
const FINISHED: Duration = Duration::from_secs(20);
/// Longest fetch of a track, and the longest track: more than an hour.
const FETCH: Duration = Duration::from_secs(120);
const LONGEST: usize = 64 * 1024 * 1024;

/// The directions as Asterisk names them, the callee's in front: its track is the left one.
const DIRECTIONS: [&str; 2] = ["in", "out"];

fn name(attempt: AttemptId, direction: &str) -> String {
    format!("switchhook-{direction}-{attempt}")
}

/// Begins to record. A call that cannot be recorded goes on.
pub(super) async fn begin(shared: &Arc<Shared>, id: &str, call: &CallRef) {
    for direction in DIRECTIONS {
        let name = name(call.attempt_id, direction);
        if let Err(why) = listen(shared, id, &name, direction).await {
            tracing::warn!(run_id = %call.run_id, why, "a call is not recorded");
        }
    }
}

async fn listen(
    shared: &Shared,
    id: &str,
    name: &str,
    direction: &str,
) -> Result<(), &'static str> {
    let there = shared.expect(name);
    let query = [
        ("spy", direction),
        ("whisper", "none"),
        ("app", shared.account.app.as_str()),
        ("snoopId", name),
    ];
    let listening = async {
        post(shared, &["channels", id, "snoop"], &query).await?;
        let arrived = tokio::time::timeout(ARRIVAL, there).await;
        arrived
            .map_err(|_| "the listening channel does not arrive")?
            .map_err(|_| "the listening channel is gone")?;
        let query = [("name", name), ("format", "wav"), ("ifExists", "overwrite")];
        post(shared, &["channels", name, "record"], &query).await
    };
    let listening = listening.await;
    shared.expect_no_more(name);
    listening
}

/// Brings a call's recording home, once both tracks are written.
pub(super) async fn fetch(shared: &Arc<Shared>, call: &CallRef) {
    let names = DIRECTIONS.map(|direction| name(call.attempt_id, direction));
    let mut tracks = Vec::new();
    for name in &names {
        match track(shared, call, name).await {
            Some(track) => tracks.push(track),
            None => return,
        }
    }
    let Ok([callee, agent]) = <[Vec<u8>; 2]>::try_from(tracks) else {
        return;
    };
    let kept = keep(shared, call, callee, agent).await;
    match kept {
        Ok(()) | Err(ArtifactError::AlreadyThere | ArtifactError::NoSuchRun) => {
            for name in &names {
                let url = shared.account.at(["recordings", "stored", name], &[]);
                // What is left there is the PBX's keeper's to delete.
                let _ = shared
                    .account
                    .quietly(&shared.http, Method::DELETE, url)
                    .await;
            }
        }
        Err(error) => {
            tracing::error!(run_id = %call.run_id, %error, "a recording was not kept; Asterisk still has it");
        }
    }
}

/// The samples of a track, as they are stored.
async fn track(shared: &Shared, call: &CallRef, name: &str) -> Option<Vec<u8>> {
    let url = shared
        .account
        .at(["recordings", "stored", name, "file"], &[]);
    let about = About::call(&*shared.sink, &*shared.clock, call, ExchangeKind::LookUp);
    let deadline = tokio::time::Instant::now() + FINISHED;
    loop {
        // Asterisk writes it to its end after the call's; an event tells.
        let finished = shared.expect(name);
        let under_way = shared.account.under_way(&about, &Method::GET, &url);
        let request =
            shared
                .account
                .request(shared.account.asks(&shared.http), Method::GET, url.clone());
        let outcome = crate::http::fetch(request.timeout(FETCH), LONGEST).await;
        let is_late = tokio::time::Instant::now() >= deadline;
        let track = match &outcome {
            Ok(answer) if answer.status == 200 && answer.is_whole => samples(&answer.body),
            _ => None,
        };
        if track.is_some() || is_late {
            let told = outcome.map(|answer| Answer {
                body: Vec::new(),
                ..answer
            });
            under_way.end(&told);
            shared.expect_no_more(name);
            return track;
        }
        under_way.forget();
        let _ = tokio::time::timeout_at(deadline, finished).await;
    }
}

/// The samples of a WAV file of one track; `None` for any other, and for one that is still written.
fn samples(wav: &[u8]) -> Option<Vec<u8>> {
    let head = &wav[..wav.len().min(HEAD)];
    let layout = Layout::read(head, wav.len() as u64)?;
    let is_ours = (layout.tracks, layout.sample_rate) == (1, SAMPLE_RATE);
    let from = usize::try_from(layout.samples_from)
        .ok()
        .filter(|_| is_ours)?;
    let bytes = usize::try_from(layout.frames * SAMPLE).ok()?;
    Some(wav.get(from..from + bytes)?.to_vec())
}

async fn keep(
    shared: &Shared,
    call: &CallRef,
    callee: Vec<u8>,
    agent: Vec<u8>,
) -> Result<(), ArtifactError> {
    let artifacts = &shared.sound.artifacts;
    let kind = ArtifactKind::Recording;
    let file = artifacts.create(call.run_id, kind).await?;
    let written = tokio::task::spawn_blocking(move || write(file, &callee, &agent)).await;
    written.unwrap_or_else(|error| Err(ArtifactError::Unavailable(error.to_string())))
}

/// Both tracks side by side; the shorter one is silent at its end.
fn write(mut file: Box<dyn NewArtifact>, callee: &[u8], agent: &[u8]) -> Result<(), ArtifactError> {
    let unavailable = |error: std::io::Error| ArtifactError::Unavailable(error.to_string());
    let frames = callee.len().max(agent.len()) / 2;
    let head = head(2, SAMPLE_RATE, frames as u64);
    file.write_all(&head).map_err(unavailable)?;
    let sample = |track: &[u8], frame: usize| {
        let sample = track.get(frame * 2..frame * 2 + 2);
        <[u8; 2]>::try_from(sample.unwrap_or_default()).unwrap_or_default()
    };
    let mut part = Vec::with_capacity(64 * 1024);
    for frame in 0..frames {
        part.extend(sample(callee, frame));
        part.extend(sample(agent, frame));
        if part.len() >= 60 * 1024 || frame + 1 == frames {
            file.write_all(&part).map_err(unavailable)?;
            part.clear();
        }
    }
    file.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(tracks: u16, rate: u32) -> Vec<u8> {
        let mut wav = head(tracks, rate, 2);
        wav.extend([1, 0, 2, 0]);
        wav
    }

    #[test]
    fn a_track_is_taken_only_whole_and_of_the_right_kind() {
        assert_eq!(samples(&file(1, 8000)).as_deref(), Some(&[1, 0, 2, 0][..]));
        assert_eq!(samples(&file(1, 16000)), None);
        assert_eq!(samples(&file(1, 8000)[..46]), None);
        assert_eq!(samples(b"<html>not found</html>"), None);
    }
}
