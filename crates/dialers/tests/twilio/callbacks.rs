//! Status callbacks: which are believed, and what they say.

use crate::oracle::Oracle;
use crate::{CALL, SID, TOKEN, account, account_with, attempt_id, call, twilio};
use form_urlencoded::Serializer;
use serde_json::{Value, json};
use std::hash::{BuildHasher, RandomState};
use switchhook_core::ids::RunId;
use switchhook_core::ports::{CallEvent, CallRef, CallWord, CallbackRequest, Dialer, Refusal};
use switchhook_core::run::EndCode;

const URL: &str = "https://hooks.example.com/api/v1/telephony/twilio/status-callback/5012?attempt=7b1c1f0e-2f0a-4f0e-9d2b-0a1b2c3d4e5f&token=t-123";

fn callback(
    url: &str,
    body: &str,
    signature: Option<&str>,
    settings: Option<&str>,
) -> CallbackRequest {
    let headers = [
        (
            "content-type",
            Some("application/x-www-form-urlencoded; charset=UTF-8"),
        ),
        ("x-twilio-signature", signature),
        ("x-twilio-webhooks-signature-settings", settings),
    ];
    let headers = headers
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    CallbackRequest {
        url: url.to_owned(),
        headers: headers.collect(),
        body: body.as_bytes().to_vec(),
    }
}

fn sign(oracle: &mut Oracle, url: &str, body: &str) -> String {
    let question =
        json!({ "ask": "sign", "secret": TOKEN, "url": url, "body": body, "algorithm": null });
    oracle
        .ask(&question)
        .as_str()
        .expect("a signature")
        .to_owned()
}

/// A genuine callback, and what is made of it.
fn received(oracle: &mut Oracle, call: &CallRef, body: &str) -> Result<Vec<CallEvent>, Refusal> {
    let signature = sign(oracle, URL, body);
    let received = twilio().receive(call, &callback(URL, body, Some(&signature), None));
    received.map(|(events, reply)| {
        assert_eq!(
            (reply.status, reply.content_type, reply.body.as_str()),
            (200, "application/json", r#"{"status":"success"}"#)
        );
        events
    })
}

#[test]
fn each_status_has_its_meaning() {
    let ended = |code| Some(CallWord::Ended(code));
    let rows = [
        ("queued", None),
        ("initiated", None),
        ("ringing", Some(CallWord::Ringing)),
        ("in-progress", Some(CallWord::Answered)),
        ("answered", Some(CallWord::Answered)),
        ("completed", ended(EndCode::Completed)),
        ("busy", ended(EndCode::Busy)),
        ("no-answer", ended(EndCode::NoAnswer)),
        ("failed", ended(EndCode::CarrierFailed)),
        ("canceled", ended(EndCode::Canceled)),
        ("a-new-word", None),
    ];
    let mut oracle = Oracle::start();
    let call = call(account(""), Some(CALL));
    for (status, word) in rows {
        let body = format!("CallSid={CALL}&CallStatus={status}");
        let events = received(&mut oracle, &call, &body).expect("it is genuine");
        let words: Vec<_> = events.iter().map(|event| event.word).collect();
        assert_eq!(words, [word], "{status}");
        assert_eq!(events[0].carrier_call_id.as_deref(), Some(CALL));
        for event in events {
            assert_eq!(
                (event.attempt_id, event.run_id),
                (attempt_id(), RunId(5012))
            );
        }
    }
}

#[test]
fn the_note_has_the_carriers_own_words_and_no_numbers() {
    let body = format!(
        "Called=%2B14155550123&CallSid={CALL}&CallStatus=failed&From=%2B15550001111&SipResponseCode=404&ErrorCode=13224&CallDuration=0&AnsweredBy="
    );
    let call = call(account(""), Some(CALL));
    let events = received(&mut Oracle::start(), &call, &body).expect("it is genuine");
    let note = events[0].note.as_deref();
    assert_eq!(
        note,
        Some("CallStatus failed, CallDuration 0, SipResponseCode 404, ErrorCode 13224")
    );
}

#[test]
fn a_callback_about_another_call_or_without_a_call_is_refused() {
    let mut oracle = Oracle::start();
    let known = call(account(""), Some("CAcccccccccccccccccccccccccccccccc"));
    let body = format!("CallSid={CALL}&CallStatus=busy");
    assert_eq!(
        received(&mut oracle, &known, &body).err(),
        Some(Refusal::Form)
    );
    let unknown = call(account(""), None);
    assert!(
        received(&mut oracle, &unknown, &body).is_ok(),
        "its id may not be known yet"
    );
    for body in ["CallStatus=busy", "CallSid=CA1", "", "{}"] {
        assert_eq!(
            received(&mut oracle, &unknown, body).err(),
            Some(Refusal::Form),
            "{body}"
        );
    }
}

#[test]
fn nothing_is_believed_without_a_signature_or_a_secret_to_check_it_with() {
    let body = format!("CallSid={CALL}&CallStatus=completed");
    let signature = sign(&mut Oracle::start(), URL, &body);
    let bare = callback(URL, &body, None, None);
    let good = callback(URL, &body, Some(&signature), None);
    let known = call(account(""), Some(CALL));
    assert!(twilio().receive(&known, &good).is_ok());
    assert_eq!(
        twilio().receive(&known, &bare).err(),
        Some(Refusal::Signature)
    );
    let mut empty = known;
    empty.account.credentials = None;
    assert_eq!(
        twilio().receive(&empty, &good).err(),
        Some(Refusal::Signature)
    );
}

#[test]
fn a_shared_key_signs_where_the_request_names_one() {
    let mut oracle = Oracle::start();
    let body = format!("CallSid={CALL}&CallStatus=completed");
    let question = json!({ "ask": "sign", "secret": "shared", "url": URL, "body": body, "algorithm": "HMAC_SHA256" });
    let signature = oracle.ask(&question);
    let settings = Some("key=webhooks_sharedkey_01,algorithm=HMAC_SHA256");
    let callback = callback(URL, &body, signature.as_str(), settings);
    let with = |credentials: Value| call(account_with(json!({}), credentials), Some(CALL));
    let known =
        with(json!({ "account_sid": SID, "auth_token": TOKEN, "webhook_shared_key": "shared" }));
    assert!(twilio().receive(&known, &callback).is_ok());
    let unknown = with(json!({ "account_sid": SID, "auth_token": "shared" }));
    assert_eq!(
        twilio().receive(&unknown, &callback).err(),
        Some(Refusal::Signature)
    );
}

/// Random enough to find what nobody thought of; the seed is printed so that it can be had again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }

    fn text(&mut self) -> String {
        let parts = [
            "a", "Z", "7", " ", "+", "&", "=", "%", "é", "日", "😀", "\n", "\"", "~", "-", "_",
        ];
        (0..self.roll(9)).map(|_| self.pick(&parts)).collect()
    }

    fn url(&mut self) -> String {
        let scheme = self.pick(&["https", "http"]);
        let host = self.pick(&["hooks.example.com", "127.0.0.1", "a-b.example.org"]);
        let port = self.pick(&["", ":443", ":80", ":8443"]);
        let path = self.pick(&["/", "/status/5012", "/a%20b/%C3%A9", "/x:1/y"]);
        let query = self.pick(&[
            "",
            "?a=1&token=t-1",
            "?b=%2B1%20x&a=%3D",
            "?u=https://h:1/&t=a:b",
        ]);
        format!("{scheme}://{host}{port}{path}{query}")
    }

    fn body(&mut self) -> String {
        let mut form = Serializer::new(String::new());
        for _ in 0..self.roll(6) {
            let name = format!("p{}", self.text());
            for _ in 0..=self.roll(3) {
                let value = self.text();
                form.append_pair(&name, &value);
            }
        }
        form.append_pair("CallSid", CALL)
            .append_pair("CallStatus", "ringing")
            .finish()
    }
}

/// A request that differs a little from the one that was signed, or not at all.
fn tamper(dice: &mut Dice, url: &str, body: &str, signature: &str) -> (String, String, String) {
    let (mut url, mut body, mut signature) =
        (url.to_owned(), body.to_owned(), signature.to_owned());
    match dice.roll(9) {
        0 => body.push_str("&x=1"),
        1 => body.push_str("&CallStatus=ringing"),
        2 => body = body.replacen("ringing", "failed", 1),
        3 => url.push('x'),
        4 => url = url.replacen("https:", "http:", 1),
        5 => url = url.replacen(":8443", "", 1),
        6 => url = url.replacen(":443", "", 1),
        7 => signature.insert(dice.roll(20), 'A'),
        _ => {}
    }
    (url, body, signature)
}

#[test]
fn what_the_carriers_validator_believes_is_believed_and_nothing_else() {
    let seed = RandomState::new().hash_one("seed");
    let (mut dice, mut oracle) = (Dice(seed), Oracle::start());
    let mut verdicts = [0, 0];
    for _ in 0..400 {
        let (url, body, secret) = (dice.url(), dice.body(), format!("k{}", dice.text()));
        let shared = dice.roll(2) == 1;
        let algorithm = if shared { "HMAC_SHA256" } else { "HMAC_SHA1" };
        let about = |ask: &str, url: &str, body: &str, signature: &str| {
            json!({ "ask": ask, "secret": secret, "url": url, "body": body,
                "signature": signature, "algorithm": algorithm })
        };
        let signature = oracle.ask(&about("sign", &url, &body, ""));
        let signature = signature.as_str().expect("a signature");
        let (url, body, signature) = tamper(&mut dice, &url, &body, signature);
        let theirs = oracle.ask(&about("validate", &url, &body, &signature));

        let settings = shared.then_some("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256");
        let (auth_token, shared_key) = match shared {
            true => ("another", Some(&secret)),
            false => (secret.as_str(), None),
        };
        let credentials = json!({ "account_sid": SID, "auth_token": auth_token, "webhook_shared_key": shared_key });
        let call = call(account_with(json!({}), credentials), Some(CALL));
        let ours = twilio_once().receive(&call, &callback(&url, &body, Some(&signature), settings));
        assert_ne!(
            ours.as_ref().err(),
            Some(&Refusal::Form),
            "the forms here are whole"
        );
        assert_eq!(
            ours.is_ok(),
            theirs == true,
            "seed {seed}: {url} {body} {signature} {algorithm}"
        );
        verdicts[usize::from(ours.is_ok())] += 1;
    }
    assert!(
        verdicts.iter().all(|count| *count > 40),
        "seed {seed}: both verdicts occur: {verdicts:?}"
    );
}

/// Making the clients anew for every question would be most of the time.
fn twilio_once() -> &'static switchhook_dialers::twilio::Twilio {
    static TWILIO: std::sync::LazyLock<std::sync::Arc<switchhook_dialers::twilio::Twilio>> =
        std::sync::LazyLock::new(twilio);
    &TWILIO
}
