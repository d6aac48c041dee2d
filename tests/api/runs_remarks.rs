//! What a person writes about a run: an outcome of their own and a note.

use serde_json::{Value, json};
use switchhook_tests::server::http::Response;
use switchhook_tests::server::{Desk, eventually};

fn patch(desk: &Desk, run: i64, body: &Value) -> Response {
    let path = format!("/api/switchhook/runs/{run}");
    let request = desk.server.control.request("PATCH", &path);
    request.key(&desk.manage).json(body).send()
}

fn ended(desk: &Desk) -> i64 {
    let run = desk.call("+14155550102");
    let _ = desk.ended(run);
    run
}

#[test]
fn an_outcome_and_a_note_stay_with_the_run() {
    let desk = Desk::open();
    let run = ended(&desk);
    let answer = patch(
        &desk,
        run,
        &json!({"noted_outcome": " Call back ", "note": "On Tuesday,\nafter five"}),
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    let listed = desk.get("/api/switchhook/runs").json()["runs"][0].clone();
    for shown in [answer.json(), desk.run(run), listed] {
        assert_eq!(
            (&shown["noted_outcome"], &shown["note"]),
            (&json!("Call back"), &json!("On Tuesday,\nafter five"))
        );
    }
}

#[test]
fn what_is_not_sent_stays_and_null_or_nothing_takes_away() {
    let desk = Desk::open();
    let run = ended(&desk);
    let rows = [
        (
            json!({"noted_outcome": "Done", "note": "a"}),
            json!(["Done", "a"]),
        ),
        (json!({"note": "b"}), json!(["Done", "b"])),
        (json!({"noted_outcome": null}), json!([null, "b"])),
        (json!({}), json!([null, "b"])),
        (json!({"note": "  "}), json!([null, null])),
    ];
    for (sent, expected) in rows {
        let run = patch(&desk, run, &sent).json();
        assert_eq!(
            json!([run["noted_outcome"], run["note"]]),
            expected,
            "{sent}"
        );
    }
}

#[test]
fn a_remark_is_of_bounded_length() {
    let desk = Desk::open();
    let run = ended(&desk);
    for (field, most) in [("noted_outcome", 60), ("note", 2000)] {
        assert_eq!(
            patch(&desk, run, &json!({ field: "ä".repeat(most) })).status,
            200
        );
        let answer = patch(&desk, run, &json!({ field: "ä".repeat(most + 1) }));
        assert_eq!(answer.status, 422, "{field}");
        assert_eq!(answer.json()["detail"][0]["loc"], json!(["body", field]));
    }
}

#[test]
fn only_those_who_manage_the_runs_workspace_write_about_it() {
    let desk = Desk::open();
    let run = ended(&desk);
    let path = format!("/api/switchhook/runs/{run}");
    let by = |key: &str| {
        let request = desk.server.control.request("PATCH", &path);
        let answer = request.key(key).json(&json!({"note": "a"})).send();
        answer.status
    };
    assert_eq!(by(&desk.key), 403);
    assert_eq!(by("dgr_wrong"), 401);
    assert_eq!(patch(&desk, 4711, &json!({"note": "a"})).status, 404);
    assert_eq!(desk.run(run)["note"], Value::Null);
}

#[test]
fn a_run_is_found_by_its_note_at_once() {
    let desk = Desk::open();
    let run = ended(&desk);
    let _ = patch(
        &desk,
        run,
        &json!({"noted_outcome": "Promised", "note": "Wants a refund"}),
    );
    for words in ["refund", "promised%20wants"] {
        let path = format!("/api/switchhook/runs?q={words}");
        let found = desk.get(&path).json();
        assert_eq!(found["runs"][0]["id"], run, "{words}");
    }
}

#[test]
fn a_call_that_goes_on_can_be_written_about_and_is_found_by_its_end_later() {
    let desk = Desk::open();
    let run = desk.call("+14155550100");
    let call = desk.ringing(run);
    let _ = patch(&desk, run, &json!({"note": "Rings the workshop"}));
    let _ = desk.act(&call, "decline", &json!({}));
    let _ = desk.ended(run);
    let path = format!("/api/switchhook/runs?q=workshop%20{run}%204155550100");
    let found = eventually("the note beside the number", || {
        let found = desk.get(&path).json();
        found["runs"][0]["id"].as_i64()
    });
    assert_eq!(found, run);
}
