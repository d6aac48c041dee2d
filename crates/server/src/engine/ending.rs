//! Ending a call from this side: because a person hangs up, because a deadline has passed, because
//! the program stops. An end that comes by itself is heard in [`super::calls`].

use super::calls::Call;
use switchhook_core::ports::{HangUpError, LookUp};
use switchhook_core::run::{EndCode, RunInput, RunState, Source};
use tokio::time::Instant;

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
                self.step(Source::Person, RunInput::Ended(EndCode::HungUp), None, None)
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
        if self.parts.dialer.facts().connectivity == "local" {
            let _ = self.parts.dialer.hang_up(&self.parts.call).await;
            self.last_words().await;
            self.step(
                Source::Switchhook,
                RunInput::Ended(EndCode::Interrupted),
                None,
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
        let state = self.parts.state;
        let input = match state {
            RunState::InProgress => {
                let ended = self.end_call().await;
                self.last_words().await;
                RunInput::Ended(match ended {
                    Ok(()) => EndCode::DurationReached,
                    Err(HangUpError::NotFound) => EndCode::Completed,
                    Err(HangUpError::Failed(_)) => EndCode::NoWordFromCarrier,
                })
            }
            RunState::Indeterminate => {
                let message = "the carrier could not say what became of the call".to_owned();
                RunInput::Unknown {
                    message,
                    is_final: true,
                }
            }
            // It still rings: nobody is there.
            RunState::Ringing if self.end_call().await.is_ok() => {
                RunInput::Ended(EndCode::NoAnswer)
            }
            _ => {
                let _ = self.end_call().await;
                RunInput::Ended(EndCode::NoWordFromCarrier)
            }
        };
        self.end_overdue(input).await;
    }

    async fn end_overdue(&mut self, input: RunInput) {
        self.step(Source::Switchhook, input, None, None).await;
        // Where even that could not be written, the next look comes after another deadline.
        self.since = Instant::now();
    }
}
