//! The chapters of the recording: which server a chapter plays on, and what has to happen before a
//! case because the recording does not hold the request that made it happen there.

use crate::compare;
use crate::differences;
use crate::recorded::{Case, Exchange, Kind, chapter};
use crate::world::{PLAIN, World, definition};
use serde_json::{Map, Value, json};
use switchhook_tests::carrier::{ACCOUNT, Answer, Carrier, Life, TOKEN, number};
use switchhook_tests::server::Options;
use switchhook_tests::server::http::Response;

/// Plays a chapter. `prepare` runs before every case.
pub fn play(name: &str, world: &mut World, prepare: impl Fn(&mut World, &str)) {
    let mut wrong = Vec::new();
    for case in chapter(name) {
        if differences::not_replayed().any(|name| name == case.case) {
            continue;
        }
        prepare(world, &case.case);
        wrong.extend(replay(world, &case));
    }
    assert!(
        wrong.is_empty(),
        "{} of {name}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What is wrong about a case.
fn replay(world: &mut World, case: &Case) -> Option<String> {
    let name = &case.case;
    let (problems, instead) = match &case.kind {
        Kind::Exchange(exchange) => {
            // Which of five wins a race is chance: a recorded winner is compared with the winner.
            let in_race = name
                .starts_with("race")
                .then(|| race(world))
                .into_iter()
                .flatten();
            let answer = in_race
                .into_iter()
                .find(|answer| answer.status == exchange.status);
            let answer = answer.unwrap_or_else(|| world.send(exchange));
            (
                compare::answers(&in_our_words(world, exchange), &answer),
                differences::check(name, &answer),
            )
        }
        Kind::Fact { fact } => (
            fact_holds(world, name, fact),
            differences::check_run(name, &last_run(world)),
        ),
        Kind::Raw { .. } => unreachable!("raw cases have a player of their own"),
    };
    judge(name, &problems, instead)
}

/// Equal and not in the table, or in the table and answered as it says.
pub fn judge(
    name: &str,
    problems: &[String],
    instead: Option<Result<(), String>>,
) -> Option<String> {
    match instead {
        None if problems.is_empty() => None,
        None => Some(format!("{name}: {}", problems.join("; "))),
        Some(_) if problems.is_empty() => Some(format!(
            "{name}: is answered equally, yet stands among the differences"
        )),
        Some(Ok(())) => None,
        Some(Err(problem)) => Some(format!("{name}: {problem}")),
    }
}

fn in_our_words(world: &World, exchange: &Exchange) -> Exchange {
    let mut exchange = exchange.clone();
    exchange.response = world.translate(&exchange.response);
    exchange
}

fn last_run(world: &World) -> Value {
    if world.run == 0 {
        Value::Null
    } else {
        world.desk.run(world.run)
    }
}

/// Compares what the reference stored with what the last run tells.
fn fact_holds(world: &mut World, name: &str, fact: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    if let Some(statuses) = fact.get("statuses") {
        let mut is = race(world)
            .iter()
            .map(|answer| answer.status)
            .collect::<Vec<_>>();
        is.sort_unstable();
        compare::value("statuses", "", statuses, &json!(is), &mut problems);
        return problems;
    }
    if let (Some(before), Some(after)) = (fact["before"].as_i64(), fact["after"].as_i64()) {
        if world.runs().as_i64() < Some(after - before) {
            problems.push(format!("{} runs", world.runs()));
        }
        return problems;
    }
    let run = compatible(world);
    if let Some(override_) = fact.get("v") {
        let is = &run["initial_context"]["greeting_override"];
        compare::value("greeting_override", "", override_, is, &mut problems);
        return problems;
    }
    let row = fact.get("row").unwrap_or(fact);
    // Some facts are the bare context.
    let context = row.get("initial_context").unwrap_or(row);
    let mut context: Value =
        serde_json::from_str(&world.translate(&context.to_string())).expect("JSON");
    if let Some(id) = context["telephony_configuration_id"].as_i64() {
        context["telephony_configuration_id"] = world.here("configuration", id).into();
    }
    compare::value(
        "initial_context",
        "",
        &context,
        &run["initial_context"],
        &mut problems,
    );
    order(&context, &run["initial_context"], &mut problems);
    for member in ["name", "call_type", "is_completed", "gathered_context"] {
        if let Some(expected) = row.get(member) {
            let expected: Value =
                serde_json::from_str(&world.translate(&expected.to_string())).expect("JSON");
            compare::value(member, member, &expected, &run[member], &mut problems);
        }
    }
    if !name.starts_with("stored_") {
        problems.push("no rule compares this fact".to_owned());
    }
    problems
}

/// The last run in the compatible API's shape.
fn compatible(world: &World) -> Value {
    world
        .desk
        .get(&format!("/api/v1/workflow/1/runs/{}", world.run))
        .json()
}

/// The shared names stand in the recorded order.
fn order(expected: &Value, is: &Value, problems: &mut Vec<String>) {
    let names = |object: &Value, other: &Value| -> Vec<String> {
        let object = object.as_object().cloned().unwrap_or_default();
        object
            .keys()
            .filter(|name| other.get(name).is_some())
            .cloned()
            .collect()
    };
    let (expected, is) = (names(expected, is), names(is, expected));
    if expected != is {
        problems.push(format!("the order is {is:?} instead of {expected:?}"));
    }
}

#[test]
fn edges() {
    let mut world = World::new();
    play("edges", &mut world, |_, _| {});
}

#[test]
fn keys() {
    let mut world = World::new();
    play("keys", &mut world, |world, case| {
        world.log_in(if case == "apikey_create_org2" { 2 } else { 1 });
        if case == "apikey_archive_r" {
            let made = world
                .desk
                .post("/api/v1/user/api-keys", &json!({"name": "re"}))
                .json();
            world.key("dgr_KEY07", made["api_key"].as_str().expect("a key"));
            world.id("key", 9, made["id"].as_i64().expect("an id"));
        }
    });
}

#[test]
fn telephony() {
    let mut world = World::new();
    assert_eq!(
        world
            .desk
            .delete("/api/v1/organizations/telephony-configs/1")
            .status,
        200
    );
    let carrier = Carrier::start();
    let recorded = (
        "AC11111111111111111111111111111111",
        "tok_secret_123456",
        "",
    );
    let account = |world: &World, (account, token, base_url): (&str, &str, &str)| {
        let id = world.here("configuration", 1);
        let path = format!("/api/v1/organizations/telephony-configs/{id}");
        let config = json!({"provider": "twilio", "account_sid": account, "auth_token": token, "base_url": base_url});
        let changed = world.desk.put(&path, &json!({"config": config}));
        assert_eq!(changed.status, 200, "{}", changed.text());
    };
    play("telephony", &mut world, |world, case| match case {
        // The one call of the chapter goes to a carrier that knows an account of its own.
        "trigger_default_unready_falls_through_to_ready" => {
            account(world, (ACCOUNT, TOKEN, &carrier.base_url));
            world.dial("+14155550100", &number(Answer::Taken, Life::Waits, 1));
        }
        "phone_create_second_config" => account(world, recorded),
        "telephony_reactivate_active" | "telephony_reactivate" => {
            let id = world.here("configuration", 1);
            let path = format!("/api/v1/organizations/telephony-configs/{id}/set-default-outbound");
            assert_eq!(world.desk.post(&path, &json!({})).status, 200);
        }
        "phone_create_duplicate_other_format" => {
            world.number(
                1,
                1,
                &json!({"address": "+15550001111", "label": "main", "is_default_caller_id": true}),
            );
            world.number(1, 2, &json!({"address": "+1 (555) 000-2222"}));
            world.number(
                1,
                3,
                &json!({"address": "+15550003333", "is_active": false}),
            );
        }
        "phone_create_extension" => {
            world.number(1, 5, &json!({"address": "sip:agent@pbx.example.com"}))
        }
        "phone_delete" => world.number(1, 8, &json!({"address": "+15550008888"})),
        _ => {}
    });
}

#[test]
fn providers() {
    play("providers", &mut World::new(), |_, _| {});
}

/// What was sent where the recording holds only what was stored.
fn request_of(case: &str, fact: &Value) -> Option<Value> {
    let body = match case {
        "stored_ctx_null" => json!({"initial_context": null}),
        "stored_tcid_second" => json!({"telephony_configuration_id": 4}),
        "stored_tcid_string_digits" => json!({"telephony_configuration_id": "1"}),
        "stored_from_default_one" => json!({"from_phone_number_id": 1}),
        "stored_from_null" => json!({"from_phone_number_id": null}),
        "stored_trigger_minimal" => json!({}),
        "stored_trigger_test_no_draft"
        | "stored_ctx_empty"
        | "stored_ctx_deep50"
        | "stored_ctx_html" => {
            let context = fact
                .pointer("/row/initial_context")
                .or_else(|| fact.get("initial_context"))?;
            let own = context
                .as_object()?
                .iter()
                .filter(|(name, _)| !SERVERS.contains(&name.as_str()));
            let own: Map<_, _> = own
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            json!({"initial_context": own})
        }
        _ => return None,
    };
    Some(body)
}

/// Names of a stored context that the server wrote.
const SERVERS: &[&str] = &[
    "provider",
    "direction",
    "phone_number",
    "trigger_mode",
    "telephony_configuration_id",
    "agent_identifier",
    "agent_identifier_type",
    "workflow_uuid",
    "from_phone_number_id",
    "agent_uuid",
    "api_key_id",
    "api_key_created_by",
    "called_number",
    "caller_number",
    "mps_correlation_id",
];

#[test]
fn triggers() {
    let mut world = World::new().with_telephony();
    let empty = json!({"provider": "twilio", "account_sid": "", "auth_token": ""});
    world.configuration(3, "emptycreds", &empty);
    world.configuration(4, "second", &json!({"provider": "desk_phone"}));
    world.number(4, 9, &json!({"address": "+15551112222"}));
    let spare = world.desk.server.key("trigger");
    world.key("dgr_KEY07", &spare);
    let cases = chapter("triggers");
    play("triggers", &mut world, |world, case| {
        if case == "tcid_empty_creds_with_number" {
            world.number(3, 10, &json!({"address": "+15552223333"}));
        }
        let Some(Kind::Fact { fact }) = cases
            .iter()
            .find(|known| known.case == case)
            .map(|known| &known.kind)
        else {
            return;
        };
        let Some(mut body) = request_of(case, fact) else {
            return;
        };
        body["phone_number"] = "+14155550100".into();
        for (member, kind) in [
            ("telephony_configuration_id", "configuration"),
            ("from_phone_number_id", "number"),
        ] {
            if let Some(id) = body[member].as_i64() {
                body[member] = world.here(kind, id).into();
            }
        }
        let url = if case == "stored_trigger_test_no_draft" {
            world.desk.test()
        } else {
            world.desk.production()
        };
        let reply = world
            .desk
            .server
            .public
            .post(&url)
            .key(&world.desk.key)
            .json(&body)
            .send();
        assert_eq!(reply.status, 200, "{case}: {}", reply.text());
        world.run = reply.json()["workflow_run_id"].as_i64().expect("a run");
    });
}

/// Five requests at the same moment.
fn race(world: &World) -> Vec<Response> {
    world.hang_up();
    world.limit(1);
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..5).map(|_| scope.spawn(|| world.fire(PLAIN))).collect();
        started
            .into_iter()
            .map(|thread| thread.join().expect("an answer"))
            .collect()
    })
}

#[test]
fn concurrency() {
    let mut world = World::of(Options::default());
    play("concurrency", &mut world, |world, case| {
        let number = |prefix: &str| {
            case.strip_prefix(prefix)
                .and_then(|number| number.parse::<usize>().ok())
        };
        match case {
            "conc_2_of_2" => {
                world.limit(2);
                world.run(None, PLAIN);
            }
            "conc_provider_failure_releases_slot_a" => {
                world.hang_up();
                world.run(None, PLAIN);
            }
            _ => {}
        }
        if let Some(number) = number("conc_default_limit_call_") {
            world.limit(10);
            if number == 2 {
                world.hang_up();
            }
            while world.open().len() + 1 < number {
                world.run(None, PLAIN);
            }
        }
    });
}

#[test]
fn a_refusal_for_the_limit_makes_no_run() {
    let world = World::of(Options::default());
    world.limit(1);
    assert_eq!(world.fire(PLAIN).status, 200);
    let before = world.runs();
    assert_eq!(world.fire(PLAIN).status, 429);
    assert_eq!(world.runs(), before);
}

#[test]
fn a_limit_below_one_is_refused() {
    let world = World::of(Options::default());
    for calls in [0, -1] {
        let body = json!({ "concurrent_calls": calls });
        let set = world.desk.put("/api/switchhook/settings", &body);
        assert_eq!(set.status, 422, "{}", set.text());
    }
}

#[test]
fn callbacks() {
    let mut world = World::of(Options::default()).with_telephony();
    world.limit(1);
    play("callbacks", &mut world, |world, case| {
        let Some((state, what)) = case
            .trim_start_matches("stored_")
            .trim_start_matches("cb_")
            .split_once('_')
        else {
            // A stored state whose other cases are about the carrier's own callback.
            return reach(world, case.trim_start_matches("stored_cb_"));
        };
        match what {
            "trigger" | "tcid_in_context" => world.hang_up(),
            "status_callback" => {
                world.run(Some(79), PLAIN);
            }
            _ if state == "overridden" => {}
            _ => reach(world, state),
        }
    });
}

/// Brings a call into the state that the recording's carrier told.
fn reach(world: &mut World, state: &str) {
    let ids = [
        ("in-progress", 104),
        ("completed", 105),
        ("busy", 107),
        ("no-answer", 109),
        ("canceled", 113),
    ];
    let recorded = ids
        .iter()
        .find(|(word, _)| *word == state)
        .map(|(_, id)| *id);
    let number = match state {
        "busy" => "+14155550102",
        "no-answer" => "+14155550103",
        "completed" | "canceled" | "in-progress" => "+14155550100",
        // Ringing and words that mean nothing leave the call as it is.
        _ => return,
    };
    world.hang_up();
    let run = world.run(recorded, &json!({"phone_number": number}).to_string());
    if state == "canceled" {
        let _ = world.desk.ringing(run);
        world.hang_up();
    }
    if state == "completed" || state == "in-progress" {
        let call = world.desk.ringing(run);
        assert_eq!(world.desk.act(&call, "answer", &json!({})).status, 200);
        if state == "completed" {
            assert_eq!(world.desk.act(&call, "hang-up", &json!({})).status, 200);
        }
    }
    if state != "in-progress" {
        let _ = world.desk.ended(run);
    }
    // The recording's carrier was always told the same number; the desk phone's outcomes each have one.
    world.called(number);
}

#[test]
fn agents() {
    let mut world = World::new().with_telephony();
    play("agents", &mut world, |world, case| match case {
        "trigger_no_default_config_but_one_ready" => {
            let only = json!({"name": "o2", "config": {"provider": "desk_phone"}});
            world.post_as_other("/api/v1/organizations/telephony-configs", &only);
        }
        "trigger_only_in_draft_test" | "trigger_restored_prod" => {
            world.draft(2, &definition(Some("custom_path-175bd8d")))
        }
        "stored_test_template_vars" => {
            let uuid = world.uuid(2);
            world.say("59a9f63b-e278-4eba-acc7-fad86cbba080", &uuid);
        }
        "workflow_archive" => {
            let uuid = world.agent(
                4,
                "archived_workflow",
                &definition(Some("972a29de-d054-4776-92cb-e21308681420")),
            );
            world.say("fc399d81-ffb2-43ed-987e-5fbaca217876", &uuid);
        }
        _ => {}
    });
}

#[test]
fn runs() {
    let mut world = World::new().with_telephony();
    world.run(Some(1), PLAIN);
    let jane = json!({"customer_name": "Jane", "n": 1, "nested": {"a": [1, 2, {"b": null}]}});
    world.run(
        Some(2),
        &json!({"phone_number": "+14155550100", "initial_context": jane}).to_string(),
    );
    world.run(
        Some(80),
        &json!({"phone_number": "+14155550105"}).to_string(),
    );
    for recorded in [89, 90, 91, 92] {
        world.run(Some(recorded), PLAIN);
    }
    play("runs", &mut world, |world, case| match case {
        "usage_runs" => {
            let _ = world.agent(7, "path_test_word", &definition(Some("test")));
            let fired = world.desk.server.public.post("/api/v1/public/agent/test");
            let body = json!({"phone_number": "+14155550100"});
            assert_eq!(fired.key(&world.desk.key).json(&body).send().status, 200);
            let body = json!({"mode": "twilio", "name": "manual"});
            let path = format!("/api/v1/workflow/{}/runs", world.here("agent", 1));
            let made = world.desk.post(&path, &body);
            assert_eq!(made.status, 200, "{}", made.text());
        }
        "download_bad_token" => {
            let run = world.run(None, r#"{"phone_number": "+14155550101"}"#);
            let _ = world.desk.ended(run);
            let token = compatible(world)["public_access_token"].clone();
            let recorded = "00c4d183-43db-4ccb-959d-a39232e62dd1";
            world.say(recorded, token.as_str().expect("a token"));
        }
        "run_get_after_ctx_nul" => {
            let body = json!({"phone_number": "+14155550100", "initial_context": {"a": "x\u{0}y"}});
            world.run(Some(45), &body.to_string());
        }
        _ => {}
    });
}
