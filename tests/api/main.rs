//! The running program over HTTP and the command line, one behaviour a test. Each test has a server
//! of its own, so that none can be disturbed by another.

mod agents;
mod backups;
mod bodies;
mod browser;
mod cli;
mod credentials;
mod desk_phone;
mod events;
mod keys;
mod limits;
mod modes;
mod odd_requests;
mod openapi;
mod order;
mod process;
mod reach;
mod requests;
mod runs;
mod runs_calls;
mod runs_lists;
mod runs_remarks;
mod verify;
mod voice;
mod window;
mod workspaces;
