//! The control routes as a client meets them, on a whole server with a real database in a folder of
//! its own. What the reference answered is in `recorded.json`; answers are compared with it by
//! shape where they hold ids, times and names, and exactly where they refuse.

mod agents;
mod api_keys;
mod forms;
mod recorded;
mod recordings;
mod runs;
mod switch;
mod switchhook;
mod telephony;
mod world;
