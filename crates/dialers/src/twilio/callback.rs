//! Twilio's status callbacks: believed only with its signature, and only about the call that the
//! callback's URL belongs to. A repeated or late one is an event like any other; what it still
//! changes is decided where runs are kept.

use super::account::Account;
use super::signature::{self, Keys, SETTINGS, SIGNATURE, Signed};
use super::words;
use crate::exchange::{About, Redaction};
use jiff::Timestamp;
use secrecy::SecretString;
use switchhook_core::ports::{CallEvent, CallRef, CallbackReply, CallbackRequest, Refusal};

/// How a callback is answered.
const OK: u16 = 200;
/// What is kept of a callback for the record; none of it names a person.
const KEPT: &[&str] = &[
    "CallStatus",
    "CallDuration",
    "AnsweredBy",
    "SipResponseCode",
    "ErrorCode",
    "ErrorMessage",
];

/// What is shown of a callback beside that.
const SHOWN: &[&str] = &[
    "CallSid",
    "CallStatus",
    "From",
    "To",
    "Direction",
    "CallDuration",
    "Duration",
    "AnsweredBy",
    "SipResponseCode",
    "ErrorCode",
    "ErrorMessage",
    "SequenceNumber",
    "Timestamp",
    "CallbackSource",
];

/// What takes the secrets out of a callback's texts: the account's, and the token in its address.
fn redaction(account: &Account, callback: &CallbackRequest) -> Redaction {
    let query = callback.url.split_once('?').map_or("", |(_, query)| query);
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let token = pairs.find(|(name, _)| name == "token");
    let token = token.map(|(_, token)| SecretString::from(token.into_owned()));
    account.redaction(token.as_ref())
}

/// Reads a callback about `call` that came at `at`.
pub(super) fn receive(
    account: &Account,
    call: &CallRef,
    callback: &CallbackRequest,
    at: Timestamp,
    about: &About<'_>,
) -> Result<(Vec<CallEvent>, CallbackReply), Refusal> {
    let parameters = verified(account, callback)?;
    let parameter = |wanted: &str| {
        parameters
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.as_str())
    };
    let (Some(sid), Some(status)) = (parameter("CallSid"), parameter("CallStatus")) else {
        return Err(Refusal::Form);
    };
    if call.carrier_call_id.as_deref().is_some_and(|id| id != sid) {
        return Err(Refusal::Form);
    }
    if words::meaning(status).is_none() {
        tracing::warn!(run_id = %call.run_id, "Twilio sent a status that it does not document");
    }
    let redaction = redaction(account, callback);
    about.called_back(&redaction, &callback.url, &parameters, SHOWN, OK);
    let event = CallEvent {
        attempt_id: call.attempt_id,
        run_id: call.run_id,
        at,
        carrier_call_id: Some(sid.to_owned()),
        word: words::meaning(status).flatten(),
        note: words::note(
            KEPT.iter()
                .map(|name| (*name, parameter(name).map(|value| redaction.stars(value)))),
        ),
    };
    let reply = CallbackReply {
        status: OK,
        content_type: "application/json",
        body: r#"{"status":"success"}"#.to_owned(),
    };
    Ok((vec![event], reply))
}

/// The callback's parameters, once its signature is found genuine.
fn verified(
    account: &Account,
    callback: &CallbackRequest,
) -> Result<Vec<(String, String)>, Refusal> {
    let header = |wanted: &str| {
        callback
            .headers
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.trim())
    };
    let is_form = header("content-type").is_none_or(|kind| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    });
    let parameters: Vec<_> = form_urlencoded::parse(&callback.body)
        .into_owned()
        .collect();
    let signed = if is_form {
        Signed::Form(&parameters)
    } else {
        Signed::Hashed(&callback.body)
    };
    let keys = Keys {
        auth_token: account.auth_token(),
        shared_key: account.shared_key(),
    };
    let signature = header(SIGNATURE).ok_or(Refusal::Signature)?;
    let (url, settings) = (&callback.url, header(SETTINGS));
    if !signature::is_genuine(&keys, url, &signed, signature, settings) {
        return Err(Refusal::Signature);
    }
    if is_form {
        Ok(parameters)
    } else {
        Err(Refusal::Form)
    }
}
