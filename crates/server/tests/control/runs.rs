//! Runs in both shapes, from the sample agent and the desk phone.

use crate::recorded::{assert_refused_as, assert_shaped_as};
use crate::world::{World, with_key};
use serde_json::{Value, json};

/// Answers, says one line and hangs up.
const AUTOMATIC: &str = "+14155550101";
const BUSY: &str = "+14155550102";
const REFUSED: &str = "+14155550105";
const PERSON: &str = "+14155550100";

fn run_id(answer: &Value) -> i64 {
    answer["workflow_run_id"].as_i64().expect("a run")
}

#[tokio::test]
async fn an_open_run_and_a_busy_one_are_answered_as_recorded() {
    let world = World::new().await;
    let fired = world.fire("", PERSON).await.ok();
    let open = world
        .get(&format!("/api/v1/workflow/999999/runs/{}", run_id(&fired)))
        .await;
    assert_shaped_as(
        &open,
        "run_get_wrong_workflow_id",
        &["initial_context", "gathered_context"],
    );
    assert_eq!(open.body["mode"], "desk_phone");
    let fired = world.fire("", BUSY).await.ok();
    world.ended(run_id(&fired)).await;
    let busy = world
        .get(&format!("/api/v1/workflow/1/runs/{}", run_id(&fired)))
        .await;
    let free = ["initial_context", "gathered_context", "logs"];
    assert_shaped_as(&busy, "cb_busy_run_get", &free);
    assert_eq!(busy.body["gathered_context"]["call_disposition"], "busy");
    assert_eq!(busy.body["usage_info"]["call_duration_seconds"], 0);
    let told = &busy.body["logs"]["telephony_status_callbacks"];
    let told = told.as_array().expect("what the carrier told");
    let last = told.last().expect("the end");
    let expected = [
        (&last["status"], &json!("busy")),
        (&last["call_id"], &busy.body["gathered_context"]["call_id"]),
        (&last["duration"], &json!("0")),
    ];
    for (is, expected) in expected {
        assert_eq!(is, expected, "{last}");
    }
}

#[tokio::test]
async fn a_refused_dial_is_logged_as_recorded() {
    let world = World::new().await;
    let fired = world.fire("", REFUSED).await;
    assert_eq!((fired.status, fired.code()), (400, "carrier-refused"));
    let run = world
        .get(&format!("/api/v1/workflow/1/runs/{}", run_id(&fired.body)))
        .await;
    assert_shaped_as(
        &run,
        "run_get_failed",
        &["initial_context", "gathered_context"],
    );
    let event = &run.body["logs"]["realtime_feedback_events"][0];
    assert_eq!(event["payload"]["error"], fired.body["detail"]);
    assert_eq!(run.body["state"], "failed");
}

#[tokio::test]
async fn a_conversation_is_in_the_transcript_and_in_the_log() {
    let world = World::new().await;
    let id = run_id(&world.fire("test/", AUTOMATIC).await.ok());
    let run = world.ended(id).await;
    assert_eq!(run["end"]["code"], "callee-hung-up");
    assert_eq!(
        (&run["version_number"], &run["version_status"]),
        (&json!(2), &json!("draft"))
    );
    let greeting = &run["transcript"][0];
    assert_eq!(
        (&greeting["kind"], &greeting["speaker"]),
        (&json!("greeting"), &json!("agent"))
    );
    assert!(greeting["offset_ms"].as_i64().expect("a number") >= 0);
    let states = run["timeline"].as_array().expect("a timeline").iter();
    let states: Vec<_> = states.map(|entry| entry["state"].clone()).collect();
    assert_eq!(states.first(), Some(&json!("queued")));
    assert_eq!(states.last(), Some(&json!("completed")));
    let compatible = world
        .get(&format!("/api/v1/workflow/1/runs/{id}"))
        .await
        .ok();
    let events = compatible["logs"]["realtime_feedback_events"]
        .as_array()
        .expect("events");
    let of = |kind: &str| events.iter().find(|event| event["type"] == kind);
    assert_eq!(
        of("rtf-bot-text").expect("spoken")["payload"]["text"],
        greeting["text"]
    );
    assert_eq!(
        of("rtf-node-transition").expect("moved")["payload"]["node_name"],
        "Greeting"
    );
    assert!(of("rtf-user-transcription").is_some());
    assert!(!events.iter().any(|event| {
        event["payload"]["text"]
            .as_str()
            .is_some_and(|text| text.starts_with("Find out"))
    }));
}

#[tokio::test]
async fn wrong_requests_are_refused_as_recorded() {
    let world = World::new().await;
    let get = async |rest: &str| world.get(&format!("/api/v1/workflow/1/runs{rest}")).await;
    assert_refused_as(&get("/99999999").await, "run_get_unknown");
    assert_refused_as(&get("/9223372036854775808").await, "run_get_unknown");
    assert_refused_as(&get("/abc").await, "run_get_nonint");
    assert_refused_as(&get("?page=0").await, "runs_list_page0");
    assert_refused_as(&get("?limit=0").await, "runs_list_limit0");
    assert_refused_as(&get("?limit=abc").await, "runs_list_limit_word");
    assert_refused_as(&get("?filters=%7Bbad").await, "runs_list_filters_bad_json");
    let foo = "?filters=%5B%7B%22attribute%22%3A%22foo%22%2C%22value%22%3A%7B%7D%7D%5D";
    assert_refused_as(&get(foo).await, "runs_list_filters_bad_attr");
}

#[tokio::test]
async fn a_page_of_runs_is_answered_as_recorded() {
    let world = World::new().await;
    for _ in 0..3 {
        world.fire("", PERSON).await.ok();
    }
    let page = world.get("/api/v1/workflow/1/runs?page=2&limit=2").await;
    assert_shaped_as(
        &page,
        "runs_list_page2",
        &["initial_context", "gathered_context"],
    );
    assert_eq!(
        (&page.body["total_count"], &page.body["total_pages"]),
        (&json!(3), &json!(2))
    );
    let beyond = world.get("/api/v1/workflow/1/runs?page=9999&limit=2").await;
    assert_shaped_as(&beyond, "runs_list_page_beyond", &[]);
    let huge = world
        .get("/api/v1/workflow/1/runs?page=9223372036854775808")
        .await
        .ok();
    assert_eq!(huge["runs"], json!([]));
    let ascending = world
        .get("/api/v1/workflow/1/runs?sort_order=asc&limit=1")
        .await
        .ok();
    assert_eq!(ascending["runs"][0]["id"], 1);
    let unknown = world.get("/api/v1/workflow/999999/runs").await.ok();
    assert_eq!(unknown["total_count"], 0);
}

#[tokio::test]
async fn runs_are_filtered_by_status_and_date() {
    let world = World::new().await;
    world.fire("", PERSON).await.ok();
    let over = run_id(&world.fire("", BUSY).await.ok());
    world.ended(over).await;
    let list = async |filter: Value| {
        let filters = json!([filter]).to_string();
        let filters: String = filters.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let path = format!("/api/v1/workflow/1/runs?filters={filters}");
        world.get(&path).await.ok()
    };
    let status =
        |word: &str| json!({ "attribute": "status", "type": "radio", "value": { "status": word } });
    let completed = list(status("completed")).await;
    assert_eq!(
        (&completed["total_count"], &completed["runs"][0]["id"]),
        (&json!(1), &json!(over))
    );
    assert_eq!(completed["applied_filters"], json!([status("completed")]));
    assert_eq!(list(status("in_progress")).await["total_count"], 1);
    let until = json!({ "attribute": "dateRange", "type": "dateRange", "value": { "to": "2020-01-01T00:00:00Z" } });
    assert_eq!(list(until).await["total_count"], 0);
}

#[tokio::test]
async fn our_own_list_is_paged_by_id() {
    let world = World::new().await;
    for _ in 0..3 {
        world.fire("", PERSON).await.ok();
    }
    let first = world.get("/api/switchhook/runs?limit=2").await.ok();
    assert_eq!(first["next_before"], 2);
    let last = world
        .get("/api/switchhook/runs?limit=2&before=2")
        .await
        .ok();
    assert_eq!(
        (&last["runs"][0]["id"], &last["next_before"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(last["runs"][0]["agent_name"], "Appointment reminder");
}

#[tokio::test]
async fn a_call_is_hung_up_once() {
    let world = World::new().await;
    let id = run_id(&world.fire("", PERSON).await.ok());
    let path = format!("/api/switchhook/runs/{id}/hang-up");
    let asked = world.post(&path, json!({})).await.ok();
    assert_eq!(asked["id"], id);
    let run = world.ended(id).await;
    assert_eq!(run["end"]["code"], "canceled");
    let again = world.post(&path, json!({})).await;
    assert_eq!((again.status, again.code()), (409, "run-not-in-that-state"));
    let unknown = world
        .post("/api/switchhook/runs/999/hang-up", json!({}))
        .await;
    assert_refused_as(&unknown, "run_get_unknown");
}

#[tokio::test]
async fn the_public_listener_shows_a_run_to_the_key_that_started_it() {
    let world = World::new().await;
    let (own, other, manage) = (
        world.key("trigger").await,
        world.key("trigger").await,
        world.key("manage").await,
    );
    let agents = world.get("/api/v1/workflow/fetch").await.ok();
    let trigger = format!(
        "/api/v1/public/agent/{}",
        agents[0]["trigger_path"].as_str().expect("a path")
    );
    let body = json!({ "phone_number": PERSON }).to_string();
    let fired = world
        .public("POST", &trigger, &with_key(&own), &body)
        .await
        .ok();
    let path = format!("/api/v1/workflow/1/runs/{}", run_id(&fired));
    assert_eq!(
        world.public("GET", &path, &with_key(&own), "").await.ok()["id"],
        fired["workflow_run_id"]
    );
    assert_eq!(
        world
            .public("GET", &path, &with_key(&manage), "")
            .await
            .status,
        200
    );
    let foreign = world.public("GET", &path, &with_key(&other), "").await;
    assert_refused_as(&foreign, "run_get_unknown");
    assert_eq!(world.public("GET", &path, "", "").await.status, 401);
    assert_eq!(
        world
            .public("GET", &path, &with_key("dgr_wrong"), "")
            .await
            .status,
        401
    );
    assert_eq!(
        world
            .control("GET", &path, &with_key(&own), "")
            .await
            .status,
        403
    );
}
