//! The dial: what is sent, to whom, how often; and what each answer, and each silence, means.

use crate::double::{Double, Received, Reply};
use crate::oracle::Oracle;
use crate::{
    CALL, FROM, SID, TO, TOKEN, account, account_with, callbacks, fields, number, request, twilio,
};
use serde_json::{Value, json};
use std::time::Duration;
use switchhook_core::ports::{DialError, DialRequest, Dialer};

const CALLS: &str = "/2010-04-01/Accounts/ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Calls.json";

fn taken() -> Reply {
    Reply::Json(201, json!({ "sid": CALL, "status": "queued" }))
}

fn value<'a>(fields: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    let mut values = fields.iter().filter(|(name, _)| name == wanted);
    let value = values.next().map(|(_, value)| value.as_str());
    assert!(values.next().is_none(), "{wanted} comes once");
    value
}

/// Whether two requests mean the same.
fn assert_alike(one: &Received, other: &Received) {
    assert_eq!((&one.method, &one.path), (&other.method, &other.path));
    assert_eq!(fields(&one.query), fields(&other.query));
    assert_eq!(fields(&one.body), fields(&other.body));
    for header in ["authorization", "content-type"] {
        assert_eq!(one.header(header), other.header(header), "{header}");
    }
}

#[tokio::test]
async fn a_taken_call_has_the_carriers_id() {
    let double = Double::that(taken()).await;
    let dialed = twilio().dial(request(account(&double.base_url))).await;
    assert_eq!(
        dialed.expect("taken").carrier_call_id.as_deref(),
        Some(CALL)
    );
}

#[tokio::test]
async fn a_dial_says_who_calls_whom_for_how_long_and_what_is_spoken_and_nothing_else() {
    let double = Double::that(taken()).await;
    twilio()
        .dial(request(account(&double.base_url)))
        .await
        .expect("taken");
    let expected = [
        ("From", FROM),
        ("TimeLimit", "300"),
        ("Timeout", "25"),
        ("To", TO),
        (
            "Twiml",
            "<Response><Say>Hello &amp; welcome</Say><Hangup/></Response>",
        ),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(fields(&double.only().body), expected);
    assert_eq!(double.only().path, CALLS);
}

#[tokio::test]
async fn where_callbacks_are_heard_their_address_names_the_run_the_attempt_and_the_token() {
    let double = Double::that(taken()).await;
    let mut dial = request(account(&double.base_url));
    dial.callbacks = callbacks();
    twilio().dial(dial).await.expect("taken");
    let sent = fields(&double.only().body);
    assert_eq!(
        value(&sent, "StatusCallback"),
        Some(
            "https://hooks.example.com/api/v1/telephony/twilio/status-callback/5012?attempt=7b1c1f0e-2f0a-4f0e-9d2b-0a1b2c3d4e5f&token=t-123"
        )
    );
    assert_eq!(value(&sent, "StatusCallbackMethod"), Some("POST"));
    let events = sent
        .iter()
        .filter(|(name, _)| name == "StatusCallbackEvent");
    let events: Vec<_> = events.map(|(_, value)| value.as_str()).collect();
    assert_eq!(events, ["answered", "completed", "initiated", "ringing"]);
}

#[tokio::test]
async fn machines_are_detected_only_where_the_configuration_says_so() {
    let double = Double::that(taken()).await;
    let settings = json!({ "base_url": double.base_url, "amd_enabled": true });
    let credentials = json!({ "account_sid": SID, "auth_token": TOKEN });
    twilio()
        .dial(request(account_with(settings, credentials)))
        .await
        .expect("taken");
    assert_eq!(
        value(&fields(&double.only().body), "MachineDetection"),
        Some("Enable")
    );
}

#[tokio::test]
async fn a_dial_is_the_request_that_the_carriers_package_makes() {
    let double = Double::that(taken()).await;
    let mut dial = request(account(&double.base_url));
    dial.callbacks = callbacks();
    dial.account.settings["amd_enabled"] = json!(true);
    twilio().dial(dial).await.expect("taken");
    let ours = double.only();
    let sent = fields(&ours.body);
    let question = json!({
        "ask": "create", "base_url": double.base_url, "account_sid": SID, "auth_token": TOKEN,
        "with": {
            "to": TO, "from_": FROM, "timeout": 25, "time_limit": 300,
            "twiml": value(&sent, "Twiml"), "machine_detection": "Enable",
            "status_callback": value(&sent, "StatusCallback"), "status_callback_method": "POST",
            "status_callback_event": ["initiated", "ringing", "answered", "completed"],
        },
    });
    let answer = tokio::task::spawn_blocking(move || Oracle::start().ask(&question)).await;
    assert_eq!(answer.expect("the oracle answered"), CALL);
    assert_alike(&ours, &double.received()[1]);
}

#[tokio::test]
async fn a_dial_writes_its_fields_as_the_recorded_one_of_the_carriers_package() {
    let recorded = include_str!("../data/twilio-sdk-requests.json");
    let recorded: Value = serde_json::from_str(recorded).expect("the file is JSON");
    let recorded = &recorded["twilio.create"][0];
    let double = Double::that(taken()).await;
    let mut dial = request(account(&double.base_url));
    dial.destination = number("+15551234567");
    dial.callbacks = callbacks();
    twilio().dial(dial).await.expect("taken");
    let (ours, headers) = (double.only(), &recorded["headers"]);
    assert_eq!(recorded["method"], ours.method);
    assert_eq!(recorded["path"], ours.path);
    for header in ["Authorization", "Content-Type"] {
        assert_eq!(headers[header].as_str(), ours.header(header), "{header}");
    }
    let theirs = fields(recorded["body"].as_str().expect("a form"));
    let alike = [
        "To",
        "From",
        "Timeout",
        "StatusCallbackMethod",
        "StatusCallbackEvent",
    ];
    let alike = |fields: Vec<(String, String)>| -> Vec<_> {
        fields
            .into_iter()
            .filter(|(name, _)| alike.contains(&name.as_str()))
            .collect()
    };
    assert_eq!(alike(fields(&ours.body)), alike(theirs));
}

#[tokio::test]
async fn what_is_spoken_is_the_document_that_the_carriers_package_builds() {
    let double = Double::that(taken()).await;
    let greetings = [None, Some("Hi <b>\"Asha\"</b> & it's 5 > 4 — ünïcode 日本")];
    for greeting in greetings {
        let mut dial = request(account(&double.base_url));
        dial.greeting = greeting.map(str::to_owned);
        twilio().dial(dial).await.expect("taken");
    }
    let received = double.received();
    let questions = greetings
        .into_iter()
        .zip(received)
        .map(|(greeting, request)| {
            let sent = fields(&request.body);
            json!({ "ask": "twiml", "greeting": greeting, "document": value(&sent, "Twiml") })
        });
    let questions: Vec<_> = questions.collect();
    let mut oracle = Oracle::start();
    for question in questions {
        assert_eq!(oracle.ask(&question), true, "{question}");
    }
}

#[tokio::test]
async fn the_carriers_answer_decides() {
    let problem = json!({ "code": 21211, "message": "The 'To' number is not a valid phone number.", "status": 400 });
    let refused =
        r#"{"code":21211,"message":"The 'To' number is not a valid phone number.","status":400}"#;
    let html = "<html><body>Bad gateway</body></html>";
    let rows = [
        (
            Reply::Json(400, problem.clone()),
            "refused",
            format!("400: {refused}"),
        ),
        (
            Reply::Json(401, problem.clone()),
            "refused",
            format!("401: {refused}"),
        ),
        (
            Reply::Json(404, problem.clone()),
            "refused",
            format!("404: {refused}"),
        ),
        (
            Reply::Json(429, problem.clone()),
            "refused",
            format!("429: {refused}"),
        ),
        (Reply::Html(403), "refused", format!("403: {html}")),
        (
            Reply::Json(408, problem.clone()),
            "unknown",
            format!("408: {refused}"),
        ),
        (
            Reply::Json(500, problem.clone()),
            "unknown",
            format!("500: {refused}"),
        ),
        (
            Reply::Json(503, problem),
            "unknown",
            format!("503: {refused}"),
        ),
        (Reply::Html(502), "unknown", format!("502: {html}")),
        (Reply::Html(201), "unknown", format!("201: {html}")),
        (
            Reply::Json(200, json!({ "sid": "CA200" })),
            "unknown",
            r#"200: {"sid":"CA200"}"#.to_owned(),
        ),
        (
            Reply::Json(201, json!({ "status": "queued" })),
            "unknown",
            r#"201: {"status":"queued"}"#.to_owned(),
        ),
        (
            Reply::Json(201, json!({ "sid": "" })),
            "unknown",
            r#"201: {"sid":""}"#.to_owned(),
        ),
        (
            Reply::BreakOff(201),
            "unknown",
            r#"201: {"sid":"CA"#.to_owned(),
        ),
    ];
    for (reply, expected, words) in rows {
        let double = Double::that(reply.clone()).await;
        let dialed = twilio().dial(request(account(&double.base_url))).await;
        let actual = match dialed.expect_err("nobody took it") {
            DialError::Refused(words) => ("refused", words),
            DialError::Unknown(words) => ("unknown", words),
        };
        assert_eq!(actual, (expected, words), "{reply:?}");
        assert_eq!(double.received().len(), 1, "a dial is sent once: {reply:?}");
    }
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let double = Double::that(Reply::Endless(201)).await;
    let dialed = twilio().dial(request(account(&double.base_url))).await;
    assert!(matches!(dialed, Err(DialError::Unknown(_))), "{dialed:?}");
    let double = Double::that(Reply::Endless(400)).await;
    let dialed = twilio().dial(request(account(&double.base_url))).await;
    assert!(
        matches!(&dialed, Err(DialError::Refused(words)) if words.len() < 5000),
        "{dialed:?}"
    );
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_leaves_the_outcome_unknown() {
    let double = Double::that(Reply::Drop).await;
    let dialed = twilio().dial(request(account(&double.base_url))).await;
    assert!(matches!(dialed, Err(DialError::Unknown(_))), "{dialed:?}");
    assert_eq!(double.received().len(), 1, "a dial is sent once");
}

#[tokio::test]
async fn a_carrier_that_never_answers_leaves_the_outcome_unknown() {
    let double = Double::that(Reply::Never).await;
    let dial = request(account(&double.base_url));
    let dialing = tokio::spawn(async move { twilio().dial(dial).await });
    double.arrived().await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    let dialed = dialing.await.expect("no panic");
    assert!(matches!(dialed, Err(DialError::Unknown(_))), "{dialed:?}");
}

#[tokio::test]
async fn without_a_connection_nothing_rang() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = closed.local_addr().expect("it is bound");
    drop(closed);
    let no_tls = Double::that(taken()).await;
    let rows = [
        ("refused connection", format!("http://{address}")),
        ("unknown host", "https://twilio.invalid".to_owned()),
        ("no TLS", no_tls.base_url.replace("http:", "https:")),
    ];
    for (name, base_url) in rows {
        let dialed = twilio().dial(request(account(&base_url))).await;
        let Err(DialError::Refused(words)) = dialed else {
            panic!("{name}: {dialed:?}");
        };
        assert!(words.contains("nothing was sent"), "{name}: {words}");
        assert!(!words.contains(SID), "{name}: {words}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_credentials_stay() {
    let rows = [
        (307, "refused"),
        (308, "refused"),
        (301, "unknown"),
        (302, "unknown"),
        (303, "unknown"),
    ];
    for (status, expected) in rows {
        let elsewhere = Double::that(taken()).await;
        let double = Double::that(Reply::Redirect(status, elsewhere.base_url.clone())).await;
        let dialed = twilio().dial(request(account(&double.base_url))).await;
        let actual = match dialed.expect_err("nobody took it") {
            DialError::Refused(_) => "refused",
            DialError::Unknown(_) => "unknown",
        };
        assert_eq!(actual, expected, "{status}");
        assert_eq!(double.received().len(), 1, "{status}");
        assert!(elsewhere.received().is_empty(), "{status}");
    }
}

#[tokio::test]
async fn a_dial_never_uses_a_connection_that_was_used_before() {
    let double = Double::that(taken()).await;
    let twilio = twilio();
    for _ in 0..3 {
        twilio
            .dial(request(account(&double.base_url)))
            .await
            .expect("taken");
    }
    let connections: Vec<_> = double
        .received()
        .iter()
        .map(|request| request.connection)
        .collect();
    assert_eq!(connections, [0, 1, 2]);
}

#[tokio::test]
async fn what_cannot_be_dialled_is_refused_before_anything_is_sent() {
    let double = Double::that(taken()).await;
    let good = || request(account(&double.base_url));
    let mut rows = vec![];
    let mut dial = good();
    dial.account.credentials = None;
    rows.push(("no credentials", dial));
    let mut dial = good();
    dial.account.credentials = Some(
        json!({ "account_sid": "", "auth_token": "" })
            .to_string()
            .into(),
    );
    rows.push(("empty credentials", dial));
    let mut dial = good();
    dial.account.settings["base_url"] = json!("http://api.example.com");
    rows.push(("no encryption", dial));
    let mut dial = good();
    dial.caller_id = None;
    rows.push(("no number", dial));
    let mut dial = good();
    dial.greeting = Some("x".repeat(4000));
    rows.push(("a greeting that is too long", dial));
    for (name, dial) in rows {
        let dialed = twilio().dial(dial).await;
        assert!(
            matches!(dialed, Err(DialError::Refused(_))),
            "{name}: {dialed:?}"
        );
    }
    assert!(double.received().is_empty());
}

#[tokio::test]
async fn no_secret_is_in_what_is_told() {
    let url = "https://hooks.example.com/x?token=t-123";
    let body = json!({ "message": format!("{SID} may not use tok_secret_123456 at {url}") });
    let double = Double::that(Reply::Json(403, body)).await;
    let credentials = json!({ "account_sid": SID, "auth_token": "tok_secret_123456" });
    let account = account_with(json!({ "base_url": double.base_url }), credentials);
    let dial = DialRequest {
        callbacks: callbacks(),
        ..request(account)
    };
    let shown = format!("{dial:?}");
    assert!(!shown.contains("tok_secret") && !shown.contains("t-123"));
    let words = twilio().dial(dial).await.expect_err("refused").to_string();
    assert_eq!(
        words,
        r#"403: {"message":"**** may not use **** at https://hooks.example.com/x?token=****"}"#
    );
}
