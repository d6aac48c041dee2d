//! One call as the stack has it: the INVITE, what the far end says to it, and the requests that
//! follow. The stack tells of a call on two channels whose order is not fixed; here they become one
//! line of [`Signal`]s that starts with the first answer and ends with the call.

use super::Stack;
use rsipstack::Error;
use rsipstack::dialog::dialog::{DialogState, TerminatedReason, TransactionHandle};
use rsipstack::dialog::invitation::{InviteAsyncResult, InviteOption};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Header, Request, Response, StatusCode, StatusCodeKind, Uri};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Longest wait for the far end's answer to a request on a call.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// Between two tries to hang up while the far end changes the call.
const AGAIN: Duration = Duration::from_millis(200);
/// Longest phrase and reason that are kept, in characters.
const LONGEST: usize = 120;
const CONTENT_TYPE: &str = "application/sdp";

/// A call to be placed.
pub(in crate::sip_trunk) struct Call {
    /// Names the call at the trunk; of the attempt alone.
    pub id: String,
    /// SIP addresses.
    pub caller: String,
    pub callee: String,
    /// The address to be shown, where it is told in a header of its own.
    pub asserted: Option<String>,
    pub offer: String,
}

/// A final answer that is no yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sip_trunk) struct Final {
    pub code: u16,
    pub phrase: String,
    /// The header of that name, which often has the telephone network's own cause.
    pub reason: Option<String>,
}

impl fmt::Display for Final {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.phrase)?;
        match &self.reason {
            Some(reason) => write!(f, ", {reason}"),
            None => Ok(()),
        }
    }
}

impl Final {
    pub(super) fn of(response: &Response) -> Self {
        let status = &response.status_code;
        let own = response.wire_reason.clone();
        let phrase = own.unwrap_or_else(|| status.text().to_string());
        let reason = response.headers.iter().find_map(|header| match header {
            Header::Reason(reason) => Some(reason.value().to_owned()),
            _ => None,
        });
        Self {
            code: status.code(),
            phrase: short(&phrase),
            reason: reason.as_deref().map(short),
        }
    }
}

fn short(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST)
        .collect()
}

/// What the far end says. The first is an answer to the call, and after `Failed`, `HungUp` or `Lost`
/// there is no other.
#[derive(Debug)]
pub(in crate::sip_trunk) enum Signal {
    /// The trunk has the call.
    Taken,
    /// It rings, or its sound comes already.
    Early {
        code: u16,
        sdp: Option<String>,
    },
    Answered {
        sdp: Option<String>,
    },
    /// The far end changes the sound; `None` where it wants an offer from here.
    Changed {
        sdp: Option<String>,
        offer: Offer,
    },
    Failed(Final),
    HungUp,
    /// No final answer came.
    Lost,
}

/// A change of the sound that waits for its answer.
#[derive(Debug)]
pub(in crate::sip_trunk) struct Offer(TransactionHandle);

impl Offer {
    pub async fn accept(self, sdp: String) {
        let headers = vec![Header::ContentType(CONTENT_TYPE.into())];
        let answer = self
            .0
            .respond(StatusCode::OK, Some(headers), Some(sdp.into_bytes()));
        // Where the call is over by now there is nobody to answer.
        let _ = answer.await;
    }

    pub async fn decline(self) {
        let _ = self.0.reply(StatusCode::NotAcceptableHere).await;
    }
}

/// A call's end towards the trunk.
pub(in crate::sip_trunk) struct Leg {
    stack: Arc<Stack>,
    dialog: InviteDialog,
}

impl Stack {
    /// Calls. Nothing was sent where this fails.
    pub fn invite(
        self: &Arc<Self>,
        call: Call,
    ) -> Result<(Leg, mpsc::UnboundedReceiver<Signal>), String> {
        let uri = |text: &str| Uri::try_from(text).map_err(|error| error.to_string());
        let asserted = call
            .asserted
            .map(|address| Header::Other("P-Asserted-Identity".to_owned(), format!("<{address}>")));
        let option = InviteOption {
            caller: uri(&call.caller)?,
            callee: uri(&call.callee)?,
            destination: Some(self.target()),
            content_type: Some(CONTENT_TYPE.to_owned()),
            offer: Some(call.offer.into_bytes()),
            contact: self.contact(),
            credential: self.credential(),
            headers: asserted.map(|header| vec![header]),
            call_id: Some(call.id),
            ..InviteOption::default()
        };
        let (states, told) = self.dialogs.new_dialog_state_channel();
        let invited = self.dialogs.do_invite_async(option, states);
        let (dialog, outcome) = invited.map_err(|error| error.to_string())?;
        let (signals, heard) = mpsc::unbounded_channel();
        tokio::spawn(listen(told, outcome, signals));
        let leg = Leg {
            stack: self.clone(),
            dialog,
        };
        Ok((leg, heard))
    }
}

impl Leg {
    /// Gives the call up while it rings, at once where the trunk has answered, else with its first
    /// answer (RFC 3261 §9.1). What it says then comes as a signal.
    pub fn cancel(&self) {
        let dialog = self.dialog.clone();
        tokio::spawn(async move {
            if let Err(error) = dialog.cancel().await {
                tracing::debug!(%error, "a call that was given up may ring on");
            }
        });
    }

    /// Hangs up an answered call; returns when the far end has heard it, or is not there.
    pub async fn hang_up(&self) {
        let hang_up = async {
            // Fails while the far end's change of the call is not settled.
            while self.dialog.bye().await.is_err() && !self.dialog.state().is_terminated() {
                tokio::time::sleep(AGAIN).await;
            }
        };
        let _ = tokio::time::timeout(ANSWER_TIMEOUT, hang_up).await;
    }

    /// Asks whether the far end still has the answered call.
    pub fn ask(&self) -> impl Future<Output = bool> + Send + 'static {
        let dialog = self.dialog.clone();
        async move {
            let asked = tokio::time::timeout(ANSWER_TIMEOUT, dialog.options(None)).await;
            // Who does not know the question still has the call.
            let gone = [
                StatusCode::CallTransactionDoesNotExist,
                StatusCode::RequestTimeout,
            ];
            matches!(asked, Ok(Ok(Some(answer))) if !gone.contains(&answer.status_code))
        }
    }

    /// The stack, for whoever keeps it open a while.
    pub fn into_stack(self) -> Arc<Stack> {
        self.stack.dialogs.remove_dialog(&self.dialog.id());
        self.stack.clone()
    }
}

/// Makes one line of the stack's two.
async fn listen(
    mut states: mpsc::UnboundedReceiver<DialogState>,
    mut outcome: JoinHandle<InviteAsyncResult>,
    signals: mpsc::UnboundedSender<Signal>,
) {
    let (mut is_up, mut is_decided) = (false, false);
    // Where nobody hears it, the call is over; the stack ends what is left of it.
    let tell = |signal| {
        let _ = signals.send(signal);
    };
    loop {
        tokio::select! {
            // What was told before the outcome counts before it.
            biased;
            state = states.recv() => match state {
                None => return tell(Signal::Lost),
                Some(DialogState::Trying(_)) => tell(Signal::Taken),
                Some(DialogState::Early(_, response)) => {
                    let code = response.status_code.code();
                    tell(Signal::Early { code, sdp: sdp(&response.body) });
                }
                Some(DialogState::Confirmed(_, response)) if !is_up => {
                    is_up = true;
                    tell(Signal::Answered { sdp: sdp(&response.body) });
                }
                Some(DialogState::Terminated(_, TerminatedReason::UacCancel)) => {
                    // The answer crossed the cancel, and was hung up on.
                    let code = StatusCode::RequestTerminated;
                    let (phrase, reason) = ("canceled as it was answered".to_owned(), None);
                    return tell(Signal::Failed(Final { code: code.code(), phrase, reason }));
                }
                Some(DialogState::Terminated(..)) if is_up => return tell(Signal::HungUp),
                // The outcome says more.
                Some(DialogState::Terminated(..)) => {}
                Some(DialogState::Updated(_, request, handle)) => {
                    tell(Signal::Changed { sdp: offered(&request), offer: Offer(handle) });
                }
                Some(
                    DialogState::Options(_, _, handle)
                    | DialogState::Info(_, _, handle)
                    | DialogState::Message(_, _, handle)
                    | DialogState::Notify(_, _, handle),
                ) => {
                    let _ = handle.reply(StatusCode::OK).await;
                }
                Some(DialogState::Refer(_, _, handle) | DialogState::Publish(_, _, handle)) => {
                    // Calls are not handed on to other numbers.
                    let _ = handle.reply(StatusCode::Decline).await;
                }
                Some(_) => {}
            },
            result = &mut outcome, if !is_decided => {
                is_decided = true;
                match result {
                    Ok(Ok((_, Some(response)))) if is_yes(&response) => {
                        // Of a call that was given up the stack tells the end itself.
                    }
                    Ok(Ok((_, Some(response)))) => return tell(Signal::Failed(Final::of(&response))),
                    Ok(Ok((_, None))) => return tell(Signal::Lost),
                    Ok(Err(error)) => {
                        log_lost(&error);
                        return tell(Signal::Lost);
                    }
                    Err(_) => return tell(Signal::Lost),
                }
            }
        }
    }
}

fn log_lost(error: &Error) {
    tracing::debug!(%error, "a call got no final answer");
}

fn is_yes(response: &Response) -> bool {
    response.status_code.kind() == StatusCodeKind::Successful
}

fn sdp(body: &[u8]) -> Option<String> {
    (!body.is_empty()).then(|| String::from_utf8_lossy(body).into_owned())
}

fn offered(request: &Request) -> Option<String> {
    sdp(&request.body)
}
