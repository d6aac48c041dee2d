//! The sound of a call: what its two ends agree on ([`sdp`]), how it is packed ([`rtp`], [`g711`],
//! [`dtmf`]), put back in order ([`jitter`]), paced ([`session`]) and kept ([`recorder`]). Nothing
//! here knows SIP, a run or a carrier's account, and everything but the session and the recorder is
//! pure, because a far end sends whatever it likes.

pub(super) mod dtmf;
pub(super) mod g711;
pub(super) mod jitter;
mod mouth;
pub(super) mod recorder;
pub(super) mod rtp;
pub(super) mod sdp;
pub(super) mod session;

use std::time::Duration;

/// Samples of one packet, and of one turn of the clock: 20 ms at 8 kHz.
pub(super) const FRAME: usize = 160;
/// How long a frame lasts.
pub(super) const FRAME_TIME: Duration = Duration::from_millis(20);
/// 20 ms of sound.
pub(super) type Frame = [i16; FRAME];
/// 20 ms without any.
pub(super) const SILENCE: Frame = [0; FRAME];
