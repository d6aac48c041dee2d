//! SIP trunks as the engine meets them, through the `Dialer` port alone, against far ends that
//! others made: SIPp for what a far end may do, and an Asterisk that plays a carrier.

mod answered;
mod asterisk;
mod outcomes;
mod phone;
mod sound;
mod vanished;
mod verify;
