//! Whose calls these are: the credentials and the address out of a telephony configuration, and
//! the request that carries them. Credentials leave this module only inside an Authorization
//! header or as the key of a signature.

use crate::exchange::{About, Redaction, UnderWay};
use crate::http::{Answer, Base, BaseError, Http, Lost};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use switchhook_core::ports;

const BASE_URL: &str = "https://api.twilio.com";
const API_VERSION: &str = "2010-04-01";
/// Longest part of an answer that is told on, in characters.
const LONGEST_WORDS: usize = 4096;

/// What is kept of a request, and of an answer, for people to look at: nothing that opens anything.
const SENT: &[&str] = &[
    "To",
    "From",
    "Timeout",
    "TimeLimit",
    "MachineDetection",
    "StatusCallback",
    "StatusCallbackMethod",
    "StatusCallbackEvent",
    "Twiml",
    "Status",
    "PageSize",
    "Page",
];
const ANSWERED: &[&str] = &[
    "sid",
    "status",
    "to",
    "from",
    "direction",
    "date_created",
    "start_time",
    "end_time",
    "duration",
    "queue_time",
    "answered_by",
    "calls",
    "code",
    "message",
    "more_info",
];

/// An account that can be used.
pub(super) struct Account {
    sid: SecretString,
    auth_token: SecretString,
    /// Signs callbacks in the auth token's place where the account is set up so.
    shared_key: Option<SecretString>,
    base: Base,
    /// Whether Twilio tells a person from a machine (contract §6.2).
    pub detects_machines: bool,
}

/// Why a configuration cannot be used, in words for whoever keeps it.
#[derive(Debug, thiserror::Error)]
pub(super) enum AccountError {
    #[error("the telephony configuration has no Twilio account SID and auth token: enter them")]
    NoCredentials,
    #[error(transparent)]
    Base(#[from] BaseError),
}

#[derive(Deserialize)]
struct Credentials {
    #[serde(default)]
    account_sid: String,
    #[serde(default)]
    auth_token: String,
    #[serde(default)]
    webhook_shared_key: Option<String>,
}

impl Account {
    pub fn read(account: &ports::Account) -> Result<Self, AccountError> {
        let credentials = account
            .credentials
            .as_ref()
            .and_then(|json| serde_json::from_str::<Credentials>(json.expose_secret()).ok())
            .filter(|found| !found.account_sid.is_empty() && !found.auth_token.is_empty())
            .ok_or(AccountError::NoCredentials)?;
        let setting = |name: &str| account.settings.get(name);
        let base = setting("base_url")
            .and_then(Value::as_str)
            .filter(|text| !text.trim().is_empty())
            .unwrap_or(BASE_URL);
        Ok(Self {
            sid: credentials.account_sid.into(),
            auth_token: credentials.auth_token.into(),
            shared_key: credentials
                .webhook_shared_key
                .filter(|key| !key.is_empty())
                .map(Into::into),
            base: Base::parse(base)?,
            detects_machines: setting("amd_enabled")
                .and_then(Value::as_bool)
                .unwrap_or(false),
        })
    }

    pub fn auth_token(&self) -> &SecretString {
        &self.auth_token
    }

    pub fn shared_key(&self) -> Option<&SecretString> {
        self.shared_key.as_ref()
    }

    /// The address of all calls.
    pub fn calls(&self) -> Url {
        self.address(&["Calls.json"])
    }

    /// The address of one call; `None` for what cannot be an id.
    pub fn call(&self, sid: &str) -> Option<Url> {
        let is_id = !sid.is_empty() && sid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_id.then(|| self.address(&["Calls", &format!("{sid}.json")]))
    }

    /// The address of the account itself.
    fn itself(&self) -> Url {
        let file = format!("{}.json", self.sid.expose_secret());
        self.base.join([API_VERSION, "Accounts", &file])
    }

    fn address(&self, below: &[&str]) -> Url {
        let above = [API_VERSION, "Accounts", self.sid.expose_secret()];
        self.base.join(above.iter().chain(below).copied())
    }

    /// Makes phones ring.
    pub async fn dial(&self, http: &Http, form: String, about: &About<'_>) -> Result<Answer, Lost> {
        self.send(
            about,
            http.dials(&self.base),
            Method::POST,
            self.calls(),
            Some(form),
        )
        .await
    }

    /// Asks, or ends what goes on.
    pub async fn ask(
        &self,
        http: &Http,
        method: Method,
        url: Url,
        form: Option<String>,
        about: &About<'_>,
    ) -> Result<Answer, Lost> {
        self.send(about, http.asks(&self.base), method, url, form)
            .await
    }

    /// Asks for the account itself. It belongs to no call, so it is in no call's record.
    pub async fn ask_for_itself(&self, http: &Http) -> Result<Answer, Lost> {
        let client = http.asks(&self.base);
        let request = self.request(client, Method::GET, self.itself(), None);
        crate::http::send(request).await
    }

    fn request(
        &self,
        client: &reqwest::Client,
        method: Method,
        url: Url,
        form: Option<String>,
    ) -> reqwest::RequestBuilder {
        let (sid, token) = (self.sid.expose_secret(), self.auth_token.expose_secret());
        let request = client
            .request(method, url)
            .basic_auth(sid, Some(token))
            .header("accept", "application/json");
        match form {
            Some(form) => request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form),
            None => request,
        }
    }

    async fn send(
        &self,
        about: &About<'_>,
        client: &reqwest::Client,
        method: Method,
        url: Url,
        form: Option<String>,
    ) -> Result<Answer, Lost> {
        let redaction = self.redaction(about.token);
        let sent = form.as_deref();
        let under_way = UnderWay::begin(about, redaction, &method, &url, sent, SENT, ANSWERED);
        let request = self.request(client, method, url, form);
        let outcome = crate::http::send(request).await;
        under_way.end(&outcome);
        outcome
    }

    /// Takes the account's secrets out of texts, and the token of a call's callbacks.
    pub fn redaction(&self, token: Option<&SecretString>) -> Redaction {
        let secrets = [Some(&self.sid), Some(&self.auth_token)];
        let secrets = secrets.into_iter().chain([self.shared_key.as_ref(), token]);
        Redaction::of(secrets.flatten())
    }

    /// What Twilio said, in the form of contract §13.3: the status, then the body as it came. Where
    /// the body repeats the account's own secrets, or the token of the call's callbacks, they are
    /// starred.
    pub fn words(&self, answer: &Answer, token: Option<&SecretString>) -> String {
        let mut body = String::from_utf8_lossy(&answer.body).trim().to_owned();
        let secrets = [
            Some(&self.sid),
            Some(&self.auth_token),
            self.shared_key.as_ref(),
            token,
        ];
        for secret in secrets.into_iter().flatten() {
            body = body.replace(secret.expose_secret(), "****");
        }
        if let Some((end, _)) = body.char_indices().nth(LONGEST_WORDS) {
            body.truncate(end);
            body.push('…');
        }
        format!("{}: {body}", answer.status)
    }
}
