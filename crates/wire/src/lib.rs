//! The HTTP types, nothing else: the compatible API's shapes field for field, and our own. They
//! hold words for the wire only; the domain's types never leave the server without passing
//! through one of these, and no rule lives here.

pub mod agent;
pub mod api_key;
pub mod backup;
pub mod call;
pub mod desk_phone;
pub mod event;
pub mod instance;
pub mod node_type;
pub mod phone_number;
pub mod preview;
pub mod problem;
pub mod request;
pub mod run;
pub mod settings;
pub mod telephony;
pub mod time;
pub mod trigger;
pub mod usage;
pub mod workflow;
pub mod workflow_run;
pub mod workspace;
