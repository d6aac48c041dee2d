//! Asking the carrier about a call, and what of its answer is believed: the call of another run is
//! none of this one's, and "no such call" is not taken at its word at once. When to ask is the
//! run's task's ([`super::calls`]), how is the dialer's.

use super::calls::Call;
use serde_json::Map;
use std::time::Duration;
use switchhook_core::ports::{CallWord, LookUp};
use switchhook_core::run::{EndCode, RunInput, RunState, Source};
use tokio::time::Instant;

/// A carrier that is asked must answer within this.
const LOOK_UP_TIMEOUT: Duration = Duration::from_secs(10);
/// A dial may reach the carrier late and be listed later still, so "no such call" counts only when
/// it is said this long after the dial: longer than a call is looked for around its dial.
const SETTLED: Duration = Duration::from_secs(90);

impl Call {
    /// Asks the carrier as soon as it is this call's turn.
    pub(super) async fn look_in_turn(&mut self) {
        let account = self.parts.call.account.configuration_id;
        let (now, turns) = (Instant::now(), &self.parts.engine.turns);
        if self.pace.has_turn(now, || turns.take(account, now)) {
            self.look().await;
        }
    }

    /// Asks the carrier. What it says is heard like any other word.
    pub async fn look(&mut self) {
        self.pace.looked();
        if self.open_account().await.is_err() {
            return;
        }
        let look_up = self.ask().await;
        match look_up {
            LookUp::Found {
                carrier_call_id,
                word,
                note,
            } => {
                if self.found(carrier_call_id).await && self.is_news(word) {
                    self.hear_out(word, note).await;
                }
            }
            LookUp::Waiting { carrier_call_id } => {
                self.found(carrier_call_id).await;
            }
            LookUp::NeverPlaced if self.was_never_placed() => {
                self.step(Source::Carrier, RunInput::Ended(EndCode::NeverPlaced), None)
                    .await;
            }
            LookUp::NeverPlaced | LookUp::Unknown => {}
        }
    }

    pub(super) async fn ask(&mut self) -> LookUp {
        if self.parts.call.carrier_call_id.is_none() {
            let Some(others) = self.others_calls().await else {
                return LookUp::Unknown;
            };
            self.parts.call.others = others;
        }
        let look_up = self.parts.dialer.look_up(&self.parts.call);
        tokio::time::timeout(LOOK_UP_TIMEOUT, look_up)
            .await
            .unwrap_or(LookUp::Unknown)
    }

    /// What is known to be other runs' calls; `None` where that cannot be read.
    async fn others_calls(&self) -> Option<Vec<String>> {
        let run_id = self.run_id();
        let others = self.parts.engine.store.others_calls(run_id).await;
        others
            .inspect_err(|error| {
                tracing::warn!(%run_id, %error, "whose calls are whose could not be read");
            })
            .ok()
    }

    /// Takes the id of a call that was found by its numbers and its time. `false` where it may be
    /// another run's call: then nothing is believed of it.
    pub(super) async fn found(&mut self, carrier_call_id: Option<String>) -> bool {
        let (None, Some(id)) = (&self.parts.call.carrier_call_id, &carrier_call_id) else {
            return self.is_known(carrier_call_id.as_deref());
        };
        let store = &self.parts.engine.store;
        match store.is_others_call(self.run_id(), id.clone()).await {
            Ok(false) => {}
            Ok(true) => return false,
            Err(error) => {
                tracing::warn!(run_id = %self.run_id(), %error, "whose call it is could not be read");
                return false;
            }
        }
        self.keep_id(carrier_call_id).await;
        true
    }

    /// Takes the id of a call that the carrier told of at this run's own address. That tells two
    /// lost calls apart; only a call that is known to be another run's is not believed.
    pub(super) async fn is_told_of(&mut self, carrier_call_id: Option<String>) -> bool {
        let (None, Some(id)) = (&self.parts.call.carrier_call_id, &carrier_call_id) else {
            return self.is_known(carrier_call_id.as_deref());
        };
        let others = self.others_calls().await;
        if others.is_none_or(|others| others.contains(id)) {
            return false;
        }
        self.keep_id(carrier_call_id).await;
        true
    }

    /// Whether an id contradicts the one that is known.
    pub(super) fn is_known(&self, carrier_call_id: Option<&str>) -> bool {
        let known = self.parts.call.carrier_call_id.as_deref();
        carrier_call_id.is_none() || carrier_call_id == known
    }

    /// A call whose carrier id was lost with the dial's answer has it again.
    async fn keep_id(&mut self, carrier_call_id: Option<String>) {
        self.set_carrier_call_id(carrier_call_id.clone());
        let metadata = Map::new();
        let input = RunInput::Accepted {
            carrier_call_id,
            metadata,
        };
        self.step(Source::Carrier, input, None).await;
    }

    fn is_news(&self, word: CallWord) -> bool {
        match word {
            CallWord::Ringing => self.parts.state != RunState::Ringing,
            CallWord::Answered => self.parts.state != RunState::InProgress,
            CallWord::Ended(_) | CallWord::EndedBy(_) => true,
        }
    }

    /// Whether the carrier's "no such call" is the truth: nothing was ever heard of the call, the
    /// account is the one that was dialled through, and a late dial would be listed by now.
    fn was_never_placed(&self) -> bool {
        let now = self.parts.engine.clock.now();
        let since = now.duration_since(self.parts.call.dialled_at);
        let is_unheard = self.parts.call.carrier_call_id.is_none()
            && matches!(
                self.parts.state,
                RunState::Dialing | RunState::Indeterminate
            );
        is_unheard && self.parts.believes_absence && since.as_secs() >= SETTLED.as_secs() as i64
    }
}
