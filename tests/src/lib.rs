//! What black-box tests share: how they start the real programs and speak to them. Nothing here
//! imports the programs' own code.

pub mod carrier;
pub mod peers;
pub mod server;
pub mod telephony;
