//! What carriers tell by calling back. A callback is believed when its URL carries the token of the
//! attempt it speaks of and the carrier's own signature fits; then its words go to the run's task
//! like any others. Replays and contradictions are the reducer's business.

use super::{Engine, Word};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use switchhook_core::ids::RunId;
use switchhook_core::ports::{
    CallRef, CallbackReply, CallbackRequest, Refusal, SecretsProblem, StoreError,
};

/// Why a callback is turned away.
#[derive(Debug, thiserror::Error)]
pub enum Turned {
    /// No such attempt, or the token is another's.
    #[error("the callback's token fits no attempt")]
    Token,
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Secrets(#[from] SecretsProblem),
}

/// A new token and what is stored of it.
///
/// # Panics
/// Where the operating system has no randomness: no call may be placed then.
pub(super) fn mint() -> (SecretString, [u8; 32]) {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let hash = hash(&token);
    (token.into(), hash)
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Engine {
    /// Takes a callback about a run.
    ///
    /// # Errors
    /// When it is not believed, or cannot be judged right now.
    pub async fn callback(
        self: &Arc<Self>,
        run_id: RunId,
        token: &str,
        callback: &CallbackRequest,
    ) -> Result<CallbackReply, Turned> {
        let attempt_id = self
            .store
            .callback_target(run_id, hash(token))
            .await?
            .ok_or(Turned::Token)?;
        let run = self.store.run(None, run_id).await?.ok_or(Turned::Token)?;
        let dialer = self.dialer(&run.provider).ok_or(Refusal::NotOffered)?;
        let configuration = self
            .store
            .configuration(run.workspace_id, run.configuration_id)
            .await?;
        let configuration = configuration.ok_or(Refusal::Signature)?;
        let attempt = run.attempts.iter().find(|attempt| attempt.id == attempt_id);
        let call = CallRef {
            attempt_id,
            run_id,
            carrier_call_id: attempt.and_then(|attempt| attempt.carrier_call_id.clone()),
            account: self.account(&configuration).await?,
            destination: run.destination,
            caller_id: run.caller_id,
            dialled_at: run.created_at,
            others: Vec::new(),
        };
        let (events, reply) = dialer.receive(&call, callback)?;
        for event in events {
            // A run that is over has no task; its end stands.
            self.tell(run_id, Word::Event(Box::new(event)));
        }
        Ok(reply)
    }
}
