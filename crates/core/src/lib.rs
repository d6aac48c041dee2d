//! The domain of Switchhook, without IO: agents and their versions, triggers, templates, the
//! context of a call, destinations, the life of a run, error codes, and the ports through which
//! everything else is reached. Nothing here touches a clock, a disk, the network or the
//! environment; time, randomness and ids are passed in.

pub mod address;
pub mod agent;
pub mod api_key;
pub mod cause;
pub mod context;
pub mod destination;
pub mod error;
pub mod ids;
pub mod ports;
pub mod recording;
pub mod run;
pub mod telephony;
pub mod template;
pub mod trigger;
pub mod walk;

pub use error::ErrorCode;
