//! A status callback as Twilio signs it: HMAC-SHA1 by the account's token over the public URL and
//! every parameter's name and value in order, in base64.

use super::{ACCOUNT, Call, TOKEN};
use crate::server::http::{Base, Request, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::hmac;

/// One callback that is about to be sent; spoil what a test is about.
#[derive(Clone)]
pub struct Callback {
    /// The public URL, which is what is signed.
    pub url: String,
    pub form: Vec<(&'static str, String)>,
    /// The key that signs; `None` sends no signature.
    pub key: Option<String>,
    public: Base,
}

impl Callback {
    pub(super) fn new(call: &Call, status: &str, public: Base) -> Self {
        let form = vec![
            ("AccountSid", ACCOUNT.to_owned()),
            ("ApiVersion", "2010-04-01".to_owned()),
            ("CallSid", call.sid.clone()),
            ("CallStatus", status.to_owned()),
            ("Direction", "outbound-api".to_owned()),
            ("From", call.from.clone()),
            ("To", call.to.clone()),
        ];
        Self {
            url: call
                .status_callback
                .clone()
                .expect("the dial named a callback URL"),
            form,
            key: Some(TOKEN.to_owned()),
            public,
        }
    }

    fn signature(&self) -> Option<String> {
        let key = hmac::Key::new(
            hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            self.key.as_ref()?.as_bytes(),
        );
        let mut form = self.form.clone();
        form.sort();
        let tail: String = form
            .iter()
            .flat_map(|(name, value)| [*name, value.as_str()])
            .collect();
        let tag = hmac::sign(&key, format!("{}{tail}", self.url).as_bytes());
        Some(BASE64_STANDARD.encode(tag))
    }

    fn request(&self) -> Request {
        let path = self.url.splitn(4, '/').nth(3).expect("a URL with a path");
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.form)
            .finish();
        let request = self
            .public
            .post(&format!("/{path}"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form);
        match self.signature() {
            Some(signature) => request.header("X-Twilio-Signature", &signature),
            None => request,
        }
    }

    /// Sends it to where the public URL leads.
    ///
    /// # Panics
    /// When nobody answers.
    #[must_use]
    pub fn send(&self) -> Response {
        self.request().send()
    }

    /// Sends it to a listener that may be gone.
    pub(super) fn try_send(&self) -> Option<Response> {
        self.request().try_send()
    }
}
