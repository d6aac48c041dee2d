//! Whether an Asterisk can be used, without a call: who it is, whether SIP runs in it, and whether its
//! events can be heard. The events are listened to under another name than the configuration's own,
//! because a second listener with the same one would silence the first.

use super::account::{Account, AccountError};
use super::socket::{self, Closed};
use crate::http::Http;
use reqwest::Method;
use serde::Deserialize;
use switchhook_core::ports::Proof;
use switchhook_core::run::Side;

const FILL_IN: &str = "open the configuration and fill it in";
const REACH: &str = "check the ARI endpoint, that http.conf of Asterisk has enabled = yes and a bindaddr that this computer reaches, and the network between them";
const PASSWORD: &str = "copy the user's name and password from ari.conf of Asterisk again";

fn refused(message: impl Into<String>, next: &str) -> Proof {
    Proof::Refused {
        side: Side::Caller,
        message: message.into(),
        next: next.to_owned(),
    }
}

fn unreached(message: String) -> Proof {
    Proof::Unknown {
        side: Side::Carrier,
        message,
        next: REACH.to_owned(),
    }
}

pub(super) async fn verify(account: Result<Account, AccountError>, http: &Http) -> Proof {
    let account = match account {
        Ok(account) => account,
        Err(error) => return refused(error.to_string(), FILL_IN),
    };
    let proof = async {
        let version = version(&account, http).await?;
        let has_sip = account.dial_string.starts_with("PJSIP/");
        if has_sip && !is_running(&account, http, "chan_pjsip.so").await? {
            return Err(refused(
                "Asterisk runs without chan_pjsip, so it can call no SIP phone",
                "look for errors of pjsip.conf in Asterisk's log, then load chan_pjsip",
            ));
        }
        listen(&account, http).await?;
        let has_sound = is_running(&account, http, "chan_websocket.so").await?;
        let silent = "without the module chan_websocket (Asterisk 20.15, 21.10, 22.5 or newer) nothing can be said on calls";
        let sound = (!has_sound).then_some(silent);
        let words = [Some(version), sound.map(str::to_owned)];
        Ok(words.into_iter().flatten().collect::<Vec<_>>().join("; "))
    };
    match proof.await {
        Ok(note) => Proof::Proved { note: Some(note) },
        Err(proof) => proof,
    }
}

#[derive(Deserialize)]
struct Info {
    system: System,
}

#[derive(Deserialize)]
struct System {
    version: String,
}

async fn version(account: &Account, http: &Http) -> Result<String, Proof> {
    let url = account.at(["asterisk", "info"], &[("only", "system")]);
    let answer = account.quietly(http, Method::GET, url).await;
    let answer = answer.map_err(|lost| unreached(lost.into_words()))?;
    match answer.status {
        200 => {
            let info = serde_json::from_slice::<Info>(&answer.body).ok();
            let version = info.map(|info| format!("Asterisk {}", info.system.version));
            version.ok_or_else(foreign)
        }
        401 | 403 => Err(refused(Closed::Unauthorized.to_string(), PASSWORD)),
        404 => Err(foreign()),
        status => Err(unreached(format!("Asterisk answered {status}"))),
    }
}

fn foreign() -> Proof {
    refused(
        "what answers at the ARI endpoint is no Asterisk with its REST interface",
        "check address and port; ari.conf of Asterisk must have enabled = yes",
    )
}

#[derive(Deserialize)]
struct Module {
    status: String,
}

async fn is_running(account: &Account, http: &Http, module: &str) -> Result<bool, Proof> {
    let url = account.at(["asterisk", "modules", module], &[]);
    let answer = account.quietly(http, Method::GET, url).await;
    let answer = answer.map_err(|lost| unreached(lost.into_words()))?;
    let module = serde_json::from_slice::<Module>(&answer.body);
    Ok(answer.status == 200 && module.is_ok_and(|module| module.status == "Running"))
}

async fn listen(account: &Account, http: &Http) -> Result<(), Proof> {
    let app = format!("{}-verify", account.app);
    let url = account.at(["events"], &[("app", &app)]);
    let opened = socket::open(account, http, url, None).await;
    opened.map(drop).map_err(|closed| match closed {
        Closed::Unreached(_) => unreached(closed.to_string()),
        Closed::Unauthorized => refused(closed.to_string(), PASSWORD),
        Closed::Status(_) | Closed::Foreign => refused(
            "Asterisk's events cannot be heard: it opens no WebSocket",
            "load res_http_websocket in Asterisk; a proxy in front of it must let WebSockets through",
        ),
    })
}
