//! Calls to real far ends: Asterisk between them and the program, SIPp as the phones. Where those are
//! not installed every test says so and ends ([`switchhook_tests::telephony`]).

mod ari;
mod faults;
mod peers;
mod trunk;
mod world;
