//! Ending a call from this side: because a person hangs up, because a deadline has passed, because
//! the program stops. An end that comes by itself is heard in [`super::calls`].

use super::account::Unopened;
use super::calls::Call;
use switchhook_core::ports::{HangUpError, LookUp};
use switchhook_core::run::{EndCode, RunInput, RunState, Source};

impl Call {
    pub(super) async fn hang_up(&mut self) {
        self.hang_up_asked = true;
        match self.end_call().await {
            // Carriers tell the end by themselves; those that must be asked are asked soon.
            Ok(()) => self.pace = self.parts.patience.pace(self.parts.state),
            Err(HangUpError::NotFound) => {
                // It is over already: how, the carrier knows better.
                if self.parts.dialer.facts().can_look_up {
                    self.look().await;
                }
                if self.is_over {
                    return;
                }
                self.last_words().await;
                self.step(Source::Person, RunInput::Ended(EndCode::HungUp), None)
                    .await;
            }
            Err(HangUpError::Failed(message)) => {
                self.hang_up_asked = false;
                tracing::warn!(run_id = %self.run_id(), %message, "the carrier did not hang up");
            }
        }
    }

    /// Ends the call at its carrier. One whose carrier id was lost is found first, and spared where
    /// it may be another run's.
    async fn end_call(&mut self) -> Result<(), HangUpError> {
        self.open_account().await.map_err(HangUpError::Failed)?;
        let can_look_up = self.parts.dialer.facts().can_look_up;
        if can_look_up && self.parts.call.carrier_call_id.is_none() {
            if let LookUp::Found {
                carrier_call_id, ..
            }
            | LookUp::Waiting { carrier_call_id } = self.ask().await
            {
                self.found(carrier_call_id).await;
            }
            if self.parts.call.carrier_call_id.is_none() {
                let message = "the call is not found at the carrier".to_owned();
                return Err(HangUpError::Failed(message));
            }
        }
        self.parts.dialer.hang_up(&self.parts.call).await
    }

    /// The program stops: a call that lives only in this process ends with it, any other is left
    /// to its carrier.
    pub(super) async fn stop(&mut self) {
        if self.parts.dialer.facts().is_in_process {
            let _ = self.parts.dialer.hang_up(&self.parts.call).await;
            self.last_words().await;
            self.step(
                Source::Switchhook,
                RunInput::Ended(EndCode::Interrupted),
                None,
            )
            .await;
        }
    }

    /// The state's deadline has passed: ask the carrier once more, then end the run with a reason.
    pub(super) async fn overdue(&mut self) {
        if self.parts.dialer.facts().can_look_up {
            let before = self.parts.state;
            self.look().await;
            if self.is_over || self.parts.state != before {
                return;
            }
        }
        let unasked = self.unopened.as_ref().map(Unopened::reason);
        let is_lost = self.parts.call.carrier_call_id.is_none();
        let input = match self.parts.state {
            RunState::Indeterminate if is_lost || unasked.is_some() => {
                let unsaid = || "the carrier could not say what became of the call".to_owned();
                let message = unasked.clone().unwrap_or_else(unsaid);
                RunInput::Unknown {
                    message,
                    is_final: true,
                }
            }
            _ if unasked.is_some() => RunInput::Ended(EndCode::NoWordFromCarrier),
            state => RunInput::Ended(self.end_by_force(state).await),
        };
        self.end_overdue(input, unasked).await;
    }

    /// Hangs up, and says what that makes of the call.
    async fn end_by_force(&mut self, state: RunState) -> EndCode {
        let ended = self.end_call().await;
        match state {
            RunState::InProgress => {
                self.last_words().await;
                match ended {
                    Ok(()) => EndCode::DurationReached,
                    Err(HangUpError::NotFound) => EndCode::Completed,
                    Err(HangUpError::Failed(_)) => EndCode::NoWordFromCarrier,
                }
            }
            // It still rings: nobody is there.
            RunState::Ringing if ended.is_ok() => EndCode::NoAnswer,
            _ => EndCode::NoWordFromCarrier,
        }
    }

    async fn end_overdue(&mut self, input: RunInput, note: Option<String>) {
        self.step(Source::Switchhook, input, note).await;
        if self.is_over {
            return;
        }
        // Written already, by a step whose answer was lost: then nothing is left to watch.
        let run = self.parts.engine.store.run(None, self.run_id()).await;
        self.is_over = run.is_ok_and(|run| run.is_none_or(|run| run.is_completed()));
        // Where even that could not be written, the next look comes after another deadline.
        self.wait_anew();
    }
}
