//! Whether an account is what it says, without a call: Twilio is asked for the account itself (its
//! Account resource, contract §7). Its answer holds the auth token and a person's name, so nothing
//! of it is told on but the two words that decide.

use super::account::{Account, AccountError};
use crate::http::{Answer, Http};
use serde::Deserialize;
use switchhook_core::ports::Proof;
use switchhook_core::run::Side;

const CONSOLE: &str = "copy the Account SID and the Auth Token from the Twilio console again";
const LATER: &str = "try again in a minute; the account was neither proved nor refused";

/// What is read of the account.
#[derive(Deserialize)]
struct Resource {
    status: String,
    #[serde(default, rename = "type")]
    kind: String,
}

pub(super) async fn verify(account: Result<Account, AccountError>, http: &Http) -> Proof {
    let account = match account {
        Ok(account) => account,
        Err(error) => {
            let next = "open the configuration and fill it in";
            return refused(Side::Caller, error.to_string(), next);
        }
    };
    match account.ask_for_itself(http).await {
        Ok(answer) => judged(&answer),
        Err(lost) => Proof::Unknown {
            side: Side::Unknown,
            message: lost.into_words(),
            next: "check the network of this computer and the base URL, then try again".to_owned(),
        },
    }
}

fn refused(side: Side, message: impl Into<String>, next: &str) -> Proof {
    Proof::Refused {
        side,
        message: message.into(),
        next: next.to_owned(),
    }
}

fn judged(answer: &Answer) -> Proof {
    match answer.status {
        200 => {
            let resource = answer
                .is_whole
                .then(|| serde_json::from_slice::<Resource>(&answer.body).ok());
            resource
                .flatten()
                .map_or_else(foreign, |resource| known(&resource))
        }
        401 => refused(
            Side::Caller,
            "Twilio knows no account with this SID and token",
            CONSOLE,
        ),
        403 => refused(
            Side::Caller,
            "Twilio knows the account but does not let it be read with this token",
            CONSOLE,
        ),
        404 => refused(
            Side::Caller,
            "Twilio has no account with this SID at this address",
            "check the Account SID, and that the base URL is that of the account's region",
        ),
        300..=399 => refused(
            Side::Caller,
            "the address redirects elsewhere, where credentials are not sent",
            "check the base URL",
        ),
        429 => Proof::Unknown {
            side: Side::Carrier,
            message: "Twilio takes no more requests of this account right now".to_owned(),
            next: LATER.to_owned(),
        },
        500.. => Proof::Unknown {
            side: Side::Carrier,
            message: format!("Twilio is in trouble (status {})", answer.status),
            next: LATER.to_owned(),
        },
        _ => foreign(),
    }
}

/// What answers there speaks otherwise than Twilio documents.
fn foreign() -> Proof {
    let message = "what answers at this address does not speak as Twilio does";
    refused(
        Side::Caller,
        message,
        "check the base URL; empty is right for most accounts",
    )
}

fn known(account: &Resource) -> Proof {
    match account.status.as_str() {
        "active" if account.kind == "Trial" => Proof::Proved {
            note: Some(
                "a trial account: it calls only numbers that were verified in the Twilio console"
                    .to_owned(),
            ),
        },
        "active" => Proof::Proved { note: None },
        "suspended" => refused(
            Side::Carrier,
            "Twilio has suspended the account",
            "look into the Twilio console for the reason: an unpaid balance, usually",
        ),
        "closed" => refused(
            Side::Carrier,
            "the account is closed at Twilio",
            "enter another account",
        ),
        _ => foreign(),
    }
}
