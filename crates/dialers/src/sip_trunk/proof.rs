//! Whether a trunk takes the account, without a call: it is asked to register this end where calls
//! need that, else just whether it is there. What a trunk does not ask for it does not prove.

use super::settings::{Settings, SettingsError};
use super::stack::{Answer, Final, Stack, Unreached, Unready};
use std::sync::Arc;
use switchhook_core::ports::Proof;
use switchhook_core::run::Side;

const PASSWORD: &str =
    "check the username, the authentication name and the password against the trunk's own page";
const ADDRESS: &str =
    "check the server, its port and the transport, and that this computer is online";
const CERTIFICATE: &str = "enter the certificate of the authority that signed the server's, or the server's name as its certificate has it";

pub(super) async fn verify(settings: Result<Settings, SettingsError>) -> Proof {
    let settings = match settings {
        Ok(settings) => settings,
        Err(error) => {
            return refused(
                Side::Caller,
                error.to_string(),
                "open the configuration and mend it",
            );
        }
    };
    let (register, has_password) = (settings.register, settings.password.is_some());
    let stack = match Stack::open(settings).await {
        Ok(stack) => stack,
        Err(error) => return unreached(error),
    };
    let ready = stack.make_ready().await;
    let proof = match ready {
        Err(Unready::Unreached(error)) => unreached(error),
        Err(Unready::Unregistered(answer)) => no(&answer, has_password, true),
        Err(Unready::Unanswered) => silent(),
        Ok(()) if register => Proof::Proved { note: None },
        Ok(()) => match stack.options().await {
            Answer::Yes { asked_who } => yes(asked_who, has_password),
            Answer::No { answer, asked_who } => no(&answer, has_password, asked_who),
            Answer::Silence => silent(),
        },
    };
    if let Some(stack) = Arc::into_inner(stack) {
        stack.close().await;
    }
    proof
}

fn yes(asked_who: bool, has_password: bool) -> Proof {
    let note = "the trunk answers and did not ask for the password: whether it takes that, only a call shows";
    Proof::Proved {
        note: (has_password && !asked_who).then(|| note.to_owned()),
    }
}

fn no(answer: &Final, has_password: bool, asked_who: bool) -> Proof {
    match answer.code {
        401 | 407 if !has_password => refused(
            Side::Caller,
            format!("the trunk wants a username and a password ({answer})"),
            "enter those of the trunk's account",
        ),
        401 | 403 | 407 if asked_who => refused(
            Side::Caller,
            format!("the trunk does not take this username and password ({answer})"),
            PASSWORD,
        ),
        403 => refused(
            Side::Carrier,
            format!("the trunk turns this computer away ({answer})"),
            "allow this computer's address at the trunk, or enter the account's username and password",
        ),
        500.. => Proof::Unknown {
            side: Side::Carrier,
            message: format!("the trunk is in trouble ({answer})"),
            next: "try again in a minute; the account was neither proved nor refused".to_owned(),
        },
        // It is there, and the question is none that it answers to everybody.
        _ => Proof::Proved {
            note: Some(format!(
                "the trunk is there and answers the question with {answer}: whether it takes calls, only a call shows"
            )),
        },
    }
}

fn silent() -> Proof {
    Proof::Unknown {
        side: Side::Unknown,
        message: "nothing answers at the SIP server".to_owned(),
        next: ADDRESS.to_owned(),
    }
}

fn unreached(error: Unreached) -> Proof {
    match error {
        Unreached::Untrusted | Unreached::Certificate => {
            refused(Side::Caller, error.to_string(), CERTIFICATE)
        }
        Unreached::NoSuchName | Unreached::Refused | Unreached::NoTls => {
            refused(Side::Caller, error.to_string(), ADDRESS)
        }
        Unreached::NoRoute | Unreached::Silent | Unreached::NoSocket => Proof::Unknown {
            side: Side::Unknown,
            message: error.to_string(),
            next: ADDRESS.to_owned(),
        },
    }
}

fn refused(side: Side, message: String, next: &str) -> Proof {
    Proof::Refused {
        side,
        message,
        next: next.to_owned(),
    }
}
