//! Which Asterisk it is and who asks it: the settings of a telephony configuration, and the request
//! that carries them. The password leaves this module only inside an Authorization header.

use super::dial_string;
use crate::exchange::{About, Redaction, UnderWay};
use crate::http::{Answer, Base, BaseError, Http, Lost};
use reqwest::{Client, Method, RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use switchhook_core::ports;

/// Longest part of an answer that is told on, in characters.
const LONGEST_WORDS: usize = 4096;

/// What is kept of a request, and of an answer, for people to look at.
const SENT: &[&str] = &[
    "endpoint",
    "app",
    "appArgs",
    "callerId",
    "timeout",
    "channelId",
    "dtmf",
];
const ANSWERED: &[&str] = &["id", "name", "state", "creationtime", "error", "message"];

/// An Asterisk that can be asked.
#[derive(Clone)]
pub(super) struct Account {
    base: Base,
    user: String,
    password: SecretString,
    /// The Stasis application, of this configuration alone.
    pub app: String,
    pub dial_string: String,
    pub records: bool,
}

/// Why a configuration cannot be used, in words for whoever keeps it.
#[derive(Debug, thiserror::Error)]
pub(super) enum AccountError {
    #[error("the telephony configuration has no ARI user and password: enter them")]
    NoCredentials,
    #[error("the telephony configuration has no Stasis application: make it anew")]
    NoApp,
    #[error(transparent)]
    Base(#[from] BaseError),
    #[error(transparent)]
    DialString(#[from] dial_string::NoNumber),
}

#[derive(Deserialize)]
struct Credentials {
    #[serde(default)]
    app_password: String,
}

impl Account {
    pub fn read(account: &ports::Account) -> Result<Self, AccountError> {
        let setting = |name: &str| {
            let text = account.settings.get(name).and_then(Value::as_str);
            text.map(str::trim).filter(|text| !text.is_empty())
        };
        let credentials = account
            .credentials
            .as_ref()
            .and_then(|json| serde_json::from_str::<Credentials>(json.expose_secret()).ok())
            .filter(|found| !found.app_password.is_empty())
            .ok_or(AccountError::NoCredentials)?;
        let endpoint = setting("ari_endpoint").unwrap_or_default();
        // People copy the address with the path that every request has.
        let endpoint = endpoint.trim_end_matches('/');
        let endpoint = endpoint.strip_suffix("/ari").unwrap_or(endpoint);
        let dial_string = setting("dial_string").unwrap_or(dial_string::DEFAULT);
        dial_string::check(dial_string)?;
        let records = account.settings.get("record_calls");
        Ok(Self {
            base: Base::parse_near(endpoint)?,
            user: setting("app_name")
                .ok_or(AccountError::NoCredentials)?
                .to_owned(),
            password: credentials.app_password.into(),
            app: setting("stasis_app_name")
                .ok_or(AccountError::NoApp)?
                .to_owned(),
            dial_string: dial_string.to_owned(),
            records: records.and_then(Value::as_bool).unwrap_or(true),
        })
    }

    /// Whether a socket that was opened with one account serves the other.
    pub fn is_same_door(&self, other: &Self) -> bool {
        self.base.join([]) == other.base.join([])
            && self.user == other.user
            && self.app == other.app
            && self.password.expose_secret() == other.password.expose_secret()
    }

    /// An address of the REST interface.
    pub fn at<'a>(&self, below: impl IntoIterator<Item = &'a str>, query: &[(&str, &str)]) -> Url {
        let mut url = self.base.join(["ari"].into_iter().chain(below));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// Where the sound of a media channel is exchanged.
    pub fn media(&self, connection: &str) -> Url {
        self.base.join(["media", connection])
    }

    pub fn asks<'a>(&self, http: &'a Http) -> &'a Client {
        http.asks(&self.base)
    }

    pub fn request(&self, client: &Client, method: Method, url: Url) -> RequestBuilder {
        let password = self.password.expose_secret();
        client
            .request(method, url)
            .basic_auth(&self.user, Some(password))
    }

    /// Makes a phone ring.
    pub async fn dial(&self, http: &Http, url: Url, about: &About<'_>) -> Result<Answer, Lost> {
        let client = http.dials(&self.base);
        self.tell(client, Method::POST, url, about).await
    }

    /// Asks about a call, or ends it.
    pub async fn ask(
        &self,
        http: &Http,
        method: Method,
        url: Url,
        about: &About<'_>,
    ) -> Result<Answer, Lost> {
        self.tell(self.asks(http), method, url, about).await
    }

    /// What belongs to no call's record: how the sound is led, say.
    pub async fn quietly(&self, http: &Http, method: Method, url: Url) -> Result<Answer, Lost> {
        crate::http::send(self.request(self.asks(http), method, url)).await
    }

    async fn tell(
        &self,
        client: &Client,
        method: Method,
        url: Url,
        about: &About<'_>,
    ) -> Result<Answer, Lost> {
        let under_way = self.under_way(about, &method, &url);
        let outcome = crate::http::send(self.request(client, method, url)).await;
        under_way.end(&outcome);
        outcome
    }

    /// A request that goes into the record of a call.
    pub fn under_way<'a>(&self, about: &About<'a>, method: &Method, url: &Url) -> UnderWay<'a> {
        let redaction = Redaction::of([&self.password]);
        UnderWay::begin(about, redaction, method, url, None, SENT, ANSWERED)
    }

    /// What Asterisk said, in the form of contract §13.3: the status, then the reference's words in
    /// front of the body as it came.
    pub fn words(&self, answer: &Answer) -> String {
        let body = String::from_utf8_lossy(&answer.body);
        let mut body = body.trim().replace(self.password.expose_secret(), "****");
        if let Some((end, _)) = body.char_indices().nth(LONGEST_WORDS) {
            body.truncate(end);
            body.push('…');
        }
        format!("{}: Failed to create ARI channel: {body}", answer.status)
    }
}
