//! Lists of runs: filtered, sorted, counted, of an agent and of the whole workspace, and as CSV.

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use switchhook_tests::server::{Desk, eventually};

/// A desk with a run of each of these numbers, ended in this order.
fn desk_with(numbers: &[&str]) -> (Desk, Vec<i64>) {
    let desk = Desk::open();
    let runs = numbers.iter().map(|number| {
        let run = desk.call(number);
        let _ = desk.ended(run);
        run
    });
    let runs = runs.collect();
    (desk, runs)
}

/// Percent-encoded as a query wants it.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

fn ids(answer: &Value) -> Vec<i64> {
    let runs = answer["runs"].as_array().expect("a list of runs");
    runs.iter().filter_map(|run| run["id"].as_i64()).collect()
}

/// The ids of an agent's list and its count.
fn listed(desk: &Desk, query: &str) -> (Vec<i64>, i64) {
    let answer = desk.get(&format!("/api/v1/workflow/1/runs?{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    let total = answer["total_count"].as_i64().expect("a count");
    (ids(&answer), total)
}

fn filter(attribute: &str, kind: &str, value: Value) -> String {
    let items = json!([{"attribute": attribute, "type": kind, "value": value}]);
    format!("filters={}", encoded(&items.to_string()))
}

#[test]
fn an_agents_runs_are_filtered_by_their_disposition() {
    let (desk, runs) = desk_with(&["+14155550101", "+14155550102", "+14155550102"]);
    let codes = |codes: Value| filter("dispositionCode", "multiSelect", json!({ "codes": codes }));
    assert_eq!(
        listed(&desk, &codes(json!(["busy"]))),
        (vec![runs[2], runs[1]], 2)
    );
    let all = codes(json!(["busy", "user_hangup", "end_call_tool"]));
    assert_eq!(listed(&desk, &all).1, 3);
    assert_eq!(listed(&desk, &codes(json!(["no-answer"]))), (vec![], 0));
    assert_eq!(listed(&desk, &codes(json!([]))).1, 3);
}

#[test]
fn an_agents_runs_are_filtered_by_their_duration() {
    let (desk, runs) = desk_with(&["+14155550101", "+14155550102"]);
    let range = |value: Value| filter("duration", "numberRange", value);
    assert_eq!(
        listed(&desk, &range(json!({"max": 0.0}))),
        (vec![runs[1]], 1)
    );
    assert_eq!(
        listed(&desk, &range(json!({"min": 0.001}))),
        (vec![runs[0]], 1)
    );
    assert_eq!(listed(&desk, &range(json!({"min": 3600}))), (vec![], 0));
    assert_eq!(
        listed(&desk, &range(json!({"min": null, "max": null}))).1,
        2
    );
}

#[test]
fn a_token_usage_is_met_by_no_run() {
    let (desk, _) = desk_with(&["+14155550102"]);
    let range = |value: Value| filter("tokenUsage", "numberRange", value);
    assert_eq!(listed(&desk, &range(json!({"min": 0}))), (vec![], 0));
    assert_eq!(listed(&desk, &range(json!({}))).1, 1);
}

#[test]
fn an_agents_runs_are_filtered_by_day_and_status() {
    let (desk, runs) = desk_with(&["+14155550102"]);
    let open = desk.call("+14155550100");
    let status = |status: &str| filter("status", "radio", json!({ "status": status }));
    assert_eq!(listed(&desk, &status("completed")), (runs.clone(), 1));
    assert_eq!(listed(&desk, &status("in_progress")), (vec![open], 1));
    assert_eq!(listed(&desk, &status("all")).1, 2);
    let days = |value: Value| filter("dateRange", "dateRange", value);
    let all = days(json!({"from": "2020-01-01", "to": "2999-01-31"}));
    assert_eq!(listed(&desk, &all), (vec![open, runs[0]], 2));
    assert_eq!(listed(&desk, &days(json!({"to": "2020-01-31"}))).1, 0);
}

#[test]
fn runs_are_sorted_by_duration_with_open_ones_last() {
    let (desk, runs) = desk_with(&["+14155550102", "+14155550101"]);
    let open = desk.call("+14155550100");
    let longest = listed(&desk, "sort_by=duration&sort_order=desc").0;
    assert_eq!(longest, [runs[1], runs[0], open]);
    let shortest = listed(&desk, "sort_by=duration&sort_order=asc").0;
    assert_eq!(shortest, [runs[0], runs[1], open]);
    let newest = listed(&desk, "sort_by=anything").0;
    assert_eq!(newest, [open, runs[1], runs[0]]);
    assert_eq!(
        listed(&desk, "sort_by=duration&limit=1&page=2"),
        (vec![runs[0]], 3)
    );
}

#[test]
fn filters_that_cannot_be_read_are_refused() {
    let (desk, _) = desk_with(&[]);
    for (filters, status, detail) in [
        ("{bad", 400, "Invalid filter format"),
        ("{}", 400, "Invalid filter format"),
        ("[1]", 400, "Invalid filter format"),
        (
            r#"[{"attribute":"runId"}]"#,
            403,
            "Invalid attribute 'runId'",
        ),
        (r#"[{"type":"radio"}]"#, 403, "Invalid attribute 'None'"),
    ] {
        let path = format!("/api/v1/workflow/1/runs?filters={}", encoded(filters));
        let answer = desk.get(&path);
        let told = (answer.status, answer.json()["detail"].clone());
        assert_eq!(told, (status, json!(detail)), "{filters}");
    }
}

/// The workspace's list.
fn usage(desk: &Desk, query: &str) -> Value {
    let answer = desk.get(&format!("/api/v1/organizations/usage/runs?{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[test]
fn a_workspaces_runs_have_their_usage() {
    let (desk, runs) = desk_with(&["+14155550101", "+14155550102"]);
    let answer = usage(&desk, "limit=1");
    assert_eq!(
        (&answer["total_count"], &answer["total_pages"]),
        (&json!(2), &json!(2))
    );
    let run = &answer["runs"][0];
    assert_eq!(run["id"], runs[1]);
    let told = json!([
        run["workflow_name"],
        run["disposition"],
        run["called_number"],
        run["phone_number"],
        run["call_type"]
    ]);
    let expected = json!([
        "Appointment reminder",
        "busy",
        "+14155550102",
        "+14155550102",
        "outbound"
    ]);
    assert_eq!(told, expected);
    assert_eq!(
        (&run["charge_usd"], &run["dograh_token_usage"]),
        (&Value::Null, &json!(0.0))
    );
}

#[test]
fn a_workspaces_runs_are_filtered_by_number_run_agent_and_more() {
    let (desk, runs) = desk_with(&["+14155550101", "+14155550102"]);
    let found = |attribute: &str, kind: &str, value: Value| {
        ids(&usage(&desk, &filter(attribute, kind, value)))
    };
    let rows = [
        (
            "calledNumber",
            "text",
            json!({"value": "5550101"}),
            vec![runs[0]],
        ),
        (
            "callerNumber",
            "text",
            json!({"value": "5550100199"}),
            vec![runs[1], runs[0]],
        ),
        ("callerNumber", "text", json!({"value": "5550101"}), vec![]),
        ("runId", "number", json!({"value": runs[0]}), vec![runs[0]]),
        ("workflowId", "number", json!({"value": 2}), vec![]),
        ("campaignId", "number", json!({"value": 1}), vec![]),
        (
            "callDirection",
            "radio",
            json!({"status": "inbound"}),
            vec![],
        ),
        (
            "callChannel",
            "radio",
            json!({"status": "telephony"}),
            vec![runs[1], runs[0]],
        ),
        ("duration", "numberRange", json!({"max": 0}), vec![runs[1]]),
        (
            "status",
            "radio",
            json!({"status": "in_progress"}),
            vec![runs[1], runs[0]],
        ),
        (
            "unheard-of",
            "text",
            json!({"value": "1"}),
            vec![runs[1], runs[0]],
        ),
    ];
    for (attribute, kind, value, expected) in rows {
        assert_eq!(
            found(attribute, kind, value.clone()),
            expected,
            "{attribute} {value}"
        );
    }
    assert_eq!(
        ids(&usage(
            &desk,
            "start_date=2020-01-01&end_date=2999-01-01T00:00:00Z"
        ))
        .len(),
        2
    );
    assert_eq!(usage(&desk, "end_date=2020-01-01")["total_count"], 0);
}

#[test]
fn a_workspaces_list_refuses_what_it_cannot_read() {
    let (desk, _) = desk_with(&[]);
    let path = "/api/v1/organizations/usage/runs";
    for (query, status) in [
        ("filters=%7B", 400),
        ("start_date=x", 400),
        ("sort_order=up", 422),
        ("limit=101", 422),
    ] {
        assert_eq!(
            desk.get(&format!("{path}?{query}")).status,
            status,
            "{query}"
        );
    }
    let detail = &desk.get(&format!("{path}?sort_order=up")).json()["detail"][0];
    assert_eq!(detail["type"], "string_pattern_mismatch");
}

#[test]
fn a_report_has_a_line_for_each_run_and_no_formula() {
    let (desk, runs) = desk_with(&["+14155550101", "+14155550102"]);
    let _open = desk.call("+14155550100");
    let report = desk.get("/api/v1/workflow/1/report");
    assert_eq!(
        report.header("content-type"),
        Some("text/csv; charset=utf-8")
    );
    let text = report.text();
    let lines: Vec<_> = text.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "Run ID,Campaign ID,Agent ID,Agent Definition ID,Created At,Phone Number,Call Disposition,Call Duration (s),Call Tags,Transcript URL,Recording URL"
    );
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[1].starts_with(&format!("{},,1,", runs[1])), "{text}");
    assert!(lines[1].contains(",'+14155550102,busy,0,"), "{text}");
    assert!(
        lines[1].contains("\"not_connected, telephony_busy\""),
        "{text}"
    );
    assert!(lines[2].contains("/transcript,"), "{text}");
    let all = desk.get("/api/v1/organizations/usage/runs/report");
    assert_eq!(all.text().split("\r\n").count(), 5);
    let none = desk.get("/api/v1/workflow/1/report?end_date=2020-01-01");
    assert_eq!(none.text().split("\r\n").count(), 2);
    assert_eq!(desk.get("/api/v1/workflow/9/report").status, 404);
    assert_eq!(
        desk.get("/api/v1/workflow/1/report?start_date=x").status,
        422
    );
}

#[test]
fn a_report_has_what_people_wrote_where_it_is_asked_for() {
    let (desk, runs) = desk_with(&["+14155550101"]);
    let remark = json!({"noted_outcome": "Interested", "note": "=call back, Monday"});
    let path = format!("/api/switchhook/runs/{}", runs[0]);
    let written = desk.server.control.request("PATCH", &path);
    let written = written.key(&desk.manage).json(&remark).send();
    assert_eq!(written.status, 200, "{}", written.text());
    for path in [
        "/api/v1/workflow/1/report",
        "/api/v1/organizations/usage/runs/report",
    ] {
        let text = desk.get(&format!("{path}?remarks=true")).text();
        let lines: Vec<_> = text.split("\r\n").collect();
        assert!(lines[0].ends_with(",Recording URL,Outcome,Note"), "{text}");
        let cells = ",Interested,\"'=call back, Monday\"";
        assert!(lines[1].ends_with(cells), "{text}");
        assert!(!desk.get(path).text().contains("Interested"));
    }
}

#[test]
fn a_transcript_is_had_with_the_token_alone() {
    let (desk, runs) = desk_with(&["+14155550101", "+14155550102"]);
    let run = desk
        .get(&format!("/api/v1/workflow/1/runs/{}", runs[0]))
        .json();
    assert_eq!(
        run["transcript_url"],
        format!("transcripts/{}.txt", runs[0])
    );
    let token = run["public_access_token"].as_str().expect("a token");
    let url = run["transcript_public_url"].as_str().expect("a link");
    let path = format!("/api/v1/public/download/workflow/{token}");
    assert!(url.ends_with(&format!("{path}/transcript")), "{url}");
    let get = |artifact: &str| desk.server.public.get(&format!("{path}/{artifact}")).send();
    let transcript = get("transcript");
    assert_eq!(transcript.status, 200);
    assert_eq!(
        transcript.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert!(
        transcript.text().contains("] assistant: "),
        "{}",
        transcript.text()
    );
    assert!(
        transcript.text().contains("] user: "),
        "{}",
        transcript.text()
    );
    let placing = get("transcript?inline=true");
    assert!(
        placing
            .header("content-disposition")
            .is_some_and(|placing| placing.starts_with("inline"))
    );
    for (artifact, status, detail) in [
        (
            "recording",
            404,
            "No recording available for this workflow run",
        ),
        ("video", 400, "Unsupported artifact type"),
    ] {
        let answer = get(artifact);
        assert_eq!(
            (answer.status, &answer.json()["detail"]),
            (status, &json!(detail))
        );
    }
    let nothing_said = desk
        .get(&format!("/api/v1/workflow/1/runs/{}", runs[1]))
        .json();
    assert_eq!(nothing_said["public_access_token"], Value::Null);
    let wrong = desk
        .server
        .public
        .get("/api/v1/public/download/workflow/nope/transcript")
        .send();
    assert_eq!(
        (wrong.status, &wrong.json()["detail"]),
        (404, &json!("Invalid or expired token"))
    );
}

#[test]
fn the_words_of_an_end_are_offered() {
    let (desk, _) = desk_with(&[]);
    let codes = desk.get("/api/v1/organizations/disposition-codes").json();
    let codes = codes["codes"].as_array().expect("a list");
    assert!(codes.contains(&json!("user_hangup")) && codes.contains(&json!("no-answer")));
}

/// The ids that a search finds, once it finds any.
fn found(desk: &Desk, words: &str) -> Vec<i64> {
    let path = format!("/api/switchhook/runs?q={}", encoded(words));
    eventually("the search found it", || {
        let answer = desk.get(&path);
        assert_eq!(answer.status, 200, "{}", answer.text());
        Some(ids(&answer.json())).filter(|ids| !ids.is_empty())
    })
}

#[test]
fn a_run_is_found_by_its_words_soon_after_its_end() {
    let desk = Desk::open();
    let body = json!({"phone_number": "+14155550101", "initial_context": {"customer_name": "Zoë Obermüller"}});
    let run = desk.fire(&body).json()["workflow_run_id"]
        .as_i64()
        .expect("a run");
    let _ = desk.ended(run);
    let began = Instant::now();
    assert_eq!(found(&desk, "zoe oberm"), [run]);
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(found(&desk, "555 0101"), [run]);
    let other = desk.call("+14155550102");
    let _ = desk.ended(other);
    assert_eq!(found(&desk, "0102"), [other]);
    for nothing in ["zoe nobody", "\"", "zoe\" OR \"a"] {
        let path = format!("/api/switchhook/runs?q={}", encoded(nothing));
        let answer = desk.get(&path);
        assert_eq!(
            (answer.status, ids(&answer.json())),
            (200, vec![]),
            "{nothing}"
        );
    }
    assert_eq!(
        ids(&desk.get("/api/switchhook/runs?q=%20").json()),
        [other, run]
    );
}

#[test]
fn nothing_is_found_of_an_agent_that_cannot_be() {
    let desk = Desk::open();
    let answer = desk.get("/api/switchhook/runs?q=hello&agent_id=-704");
    assert_eq!(
        (answer.status, answer.json()["runs"].clone()),
        (200, json!([]))
    );
}

/// The ids of our own list.
fn ours(desk: &Desk, query: &str) -> Vec<i64> {
    let answer = desk.get(&format!("/api/switchhook/runs?{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    ids(&answer.json())
}

#[test]
fn our_list_is_filtered_by_mode_state_outcome_and_time() {
    let (desk, runs) = desk_with(&["+14155550101", "+14155550102", "+14155550104"]);
    let [talked, busy, declined] = runs[..] else {
        unreachable!("three were called")
    };
    let tested = json!({"workflow_id": 1, "phone_number": "+14155550102"});
    let tested = desk.post("/api/v1/telephony/initiate-call", &tested).json();
    let tested = tested["workflow_run_id"].as_i64().expect("an id");
    let _ = desk.ended(tested);
    let open = desk.call("+14155550100");
    assert_eq!(ours(&desk, "mode=test"), [tested]);
    assert_eq!(
        ours(&desk, "mode=production"),
        [open, declined, busy, talked]
    );
    assert_eq!(ours(&desk, "state=busy"), [tested, declined, busy]);
    assert_eq!(ours(&desk, "state=open"), [open]);
    assert_eq!(ours(&desk, "state=ended"), [tested, declined, busy, talked]);
    assert_eq!(ours(&desk, "state=failed"), [0i64; 0]);
    assert_eq!(ours(&desk, "outcome=declined"), [declined]);
    assert_eq!(ours(&desk, "outcome=busy&mode=production"), [busy]);
    assert_eq!(ours(&desk, "state=completed&outcome=busy"), [0i64; 0]);
    assert_eq!(ours(&desk, "agent_id=1&outcome=busy"), [tested, busy]);
    assert_eq!(ours(&desk, "agent_id=2&outcome=busy"), [0i64; 0]);
    let of = |run: i64| {
        desk.run(run)["created_at"]
            .as_str()
            .expect("a time")
            .to_owned()
    };
    let (first, last) = (encoded(&of(busy)), encoded(&of(tested)));
    let between = format!("created_from={first}&created_before={last}");
    assert_eq!(ours(&desk, &between), [declined, busy]);
    assert_eq!(ours(&desk, &format!("{between}&outcome=busy")), [busy]);
    let page = desk.get("/api/switchhook/runs?state=busy&limit=2").json();
    assert_eq!(
        (ids(&page), &page["next_before"]),
        (vec![tested, declined], &json!(declined))
    );
    assert_eq!(
        ours(&desk, &format!("state=busy&limit=2&before={declined}")),
        [busy]
    );
    eventually("the ends are indexed", || {
        let found = ours(&desk, "q=4155550102");
        (found == [tested, busy]).then_some(())
    });
    assert_eq!(ours(&desk, "q=4155550102&mode=test"), [tested]);
    assert_eq!(
        ours(&desk, &format!("q=4155550102&created_before={last}")),
        [busy]
    );
    for (query, kind) in [
        ("mode=x", "literal_error"),
        ("state=x", "literal_error"),
        ("outcome=x", "literal_error"),
        ("created_from=x", "datetime_parsing"),
    ] {
        let refused = desk.get(&format!("/api/switchhook/runs?{query}"));
        let error = refused.json()["detail"][0]["type"].clone();
        assert_eq!((refused.status, error), (422, json!(kind)), "{query}");
    }
}
