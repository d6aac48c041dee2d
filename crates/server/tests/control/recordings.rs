//! Recordings as they are handed out: the file, its parts, one track, its loudness, its links. The
//! desk phone carries no sound, so each test keeps a recording for one of its runs, as a line does.

use crate::world::World;
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use switchhook_core::ids::RunId;
use switchhook_core::ports::{ArtifactKind, Artifacts};
use switchhook_core::recording::head;
use switchhook_store::Database;

/// More than is read at a time.
const FRAMES: u64 = 100_000;

/// The callee counts up, the agent down; the agent is loud in the second half.
fn wav() -> Vec<u8> {
    let mut file = head(2, 8000, FRAMES);
    for frame in 0..FRAMES {
        let callee = i16::try_from(frame % 1000).expect("small");
        let agent = if frame < FRAMES / 2 { -1 } else { -20_000 };
        file.extend(callee.to_le_bytes());
        file.extend(i16::to_le_bytes(agent));
    }
    file
}

/// What is left of a file with every second sample.
fn track(at: usize) -> Vec<u8> {
    let mut file = head(1, 8000, FRAMES);
    let samples = wav()[44..].to_vec();
    file.extend(
        samples
            .chunks_exact(4)
            .flat_map(|frame| [frame[at], frame[at + 1]]),
    );
    file
}

/// A run that was answered, and its recording.
async fn recorded(world: &World) -> i64 {
    let fired = world.fire("", "+14155550101").await.ok();
    let id = fired["workflow_run_id"].as_i64().expect("a run");
    world.ended(id).await;
    let database = Database::open(&world.data()).expect("opens");
    let file = database.create(RunId(id), ArtifactKind::Recording).await;
    let mut file = file.expect("begun");
    let written = tokio::task::spawn_blocking(move || {
        file.write_all(&wav()).expect("written");
        file.finish()
    });
    written.await.expect("no panic").expect("finished");
    id
}

async fn bytes(response: Response<crate::world::Content>) -> Vec<u8> {
    let body = response.into_body().collect().await.expect("whole");
    body.to_bytes().to_vec()
}

fn header(response: &Response<crate::world::Content>, name: &str) -> String {
    let value = response.headers().get(name);
    value
        .map(|value| value.to_str().expect("text").to_owned())
        .unwrap_or_default()
}

/// The path of an artifact that a run links to.
async fn link(world: &World, run: i64, name: &str) -> String {
    let run = world
        .get(&format!("/api/v1/workflow/1/runs/{run}"))
        .await
        .ok();
    let url = run[name].as_str().expect("a link").to_owned();
    let (_, path) = url.split_once("/api/").expect("a path");
    format!("/api/{path}")
}

#[tokio::test]
async fn the_recording_is_handed_out_whole_and_by_track() {
    let world = World::new().await;
    let run = recorded(&world).await;
    for (name, file) in [
        ("recording_public_url", wav()),
        ("user_recording_public_url", track(0)),
        ("bot_recording_public_url", track(2)),
    ] {
        let path = link(&world, run, name).await;
        let answer = world.open(Method::GET, &path, Value::Null).await;
        assert_eq!(answer.status(), 200, "{name}");
        assert_eq!(header(&answer, "content-type"), "audio/wav");
        assert_eq!(header(&answer, "content-length"), file.len().to_string());
        let artifact = name.trim_end_matches("_public_url");
        let placing = format!("attachment; filename=\"{artifact}-{run}.wav\"");
        assert_eq!(header(&answer, "content-disposition"), placing);
        assert!(bytes(answer).await == file, "{name}");
    }
    let found = world
        .get(&format!("/api/v1/workflow/1/runs/{run}"))
        .await
        .ok();
    let keys = ["recording_url", "user_recording_url", "bot_recording_url"];
    let keys = keys.map(|key| found[key].as_str().expect("a key").to_owned());
    let wanted = [".wav", "/user.wav", "/bot.wav"].map(|name| format!("recordings/{run}{name}"));
    assert_eq!(keys, wanted);
}

#[tokio::test]
async fn a_part_of_a_recording_is_handed_out() {
    let world = World::new().await;
    let run = recorded(&world).await;
    let own = format!("/api/switchhook/runs/{run}/recording");
    let agent = link(&world, run, "bot_recording_public_url").await;
    for (path, file) in [(&own, wav()), (&agent, track(2))] {
        // In the head, over its end, odd bytes, over what is read at a time.
        for (from, to) in [(0, 9), (40, 50), (45, 46), (1001, 1002), (3, 190_000)] {
            let answer = world.part(path, &format!("bytes={from}-{to}")).await;
            assert_eq!(answer.status(), 206, "{path} {from}");
            let range = format!("bytes {from}-{to}/{}", file.len());
            assert_eq!(header(&answer, "content-range"), range);
            assert!(bytes(answer).await == file[from..=to], "{path} {from}-{to}");
        }
    }
    let behind = world.part(&own, "bytes=9000000-").await;
    assert_eq!(behind.status(), 416);
    let range = format!("bytes */{}", wav().len());
    assert_eq!(header(&behind, "content-range"), range);
    let whole = world.part(&own, "bytes=0-1,4-5").await;
    assert_eq!(whole.status(), 200);
}

#[tokio::test]
async fn a_run_tells_its_recording_and_how_loud_it_is() {
    let world = World::new().await;
    let run = recorded(&world).await;
    let found = world.get(&format!("/api/switchhook/runs/{run}")).await.ok();
    let recording = &found["recording"];
    assert_eq!(recording["duration_ms"], json!(12_500));
    assert_eq!(recording["bytes"], json!(wav().len()));
    assert_eq!(recording["is_there"], json!(true));
    let peaks = format!("/api/switchhook/runs/{run}/recording/peaks");
    let drawn = world.get(&format!("{peaks}?parts=4")).await.ok();
    assert_eq!(drawn["duration_ms"], json!(12_500));
    assert_eq!(drawn["callee"], json!([7, 7, 7, 7]));
    assert_eq!(drawn["agent"], json!([0, 0, 156, 156]));
    assert_eq!(world.get(&format!("{peaks}?parts=0")).await.status, 422);
}

#[tokio::test]
async fn a_run_without_a_recording_says_so_and_one_whose_file_is_gone_too() {
    let world = World::new().await;
    let fired = world.fire("", "+14155550102").await.ok();
    let run = fired["workflow_run_id"].as_i64().expect("a run");
    world.ended(run).await;
    let found = world.get(&format!("/api/switchhook/runs/{run}")).await.ok();
    assert_eq!(found["recording"], Value::Null);
    let none = world
        .get(&format!("/api/switchhook/runs/{run}/recording"))
        .await;
    let detail = &none.body["detail"];
    assert_eq!(
        (none.status, detail),
        (404, &json!("The run has no recording"))
    );

    let run = recorded(&world).await;
    let path = link(&world, run, "recording_public_url").await;
    for file in fs::read_dir(world.data().join("artifacts")).expect("a folder") {
        fs::remove_file(file.expect("a file").path()).expect("removed");
    }
    let found = world.get(&format!("/api/switchhook/runs/{run}")).await.ok();
    assert_eq!(found["recording"]["is_there"], json!(false));
    let gone = world
        .get(&format!("/api/switchhook/runs/{run}/recording"))
        .await;
    let detail = gone.body["detail"].as_str().unwrap_or_default();
    assert_eq!(gone.status, 404);
    assert!(detail.contains("not in the data folder"), "{detail}");
    let gone = world.get(&path).await;
    let detail = json!("No recording available for this workflow run");
    assert_eq!((gone.status, &gone.body["detail"]), (404, &detail));
}

impl World {
    async fn part(&self, path: &str, range: &str) -> Response<crate::world::Content> {
        let request = Request::builder().uri(path).header("range", range);
        self.ask(request).await
    }
}
