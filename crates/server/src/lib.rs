//! The server of Switchhook: the public listener with the trigger routes, the control routes with
//! everything else, the engine behind both. [`start`] puts it together for the command line and
//! the desktop alike; the desktop's window uses the control routes in-process through
//! [`Running::local`], without a port and without a key.

pub mod app;
pub mod auth;
pub mod body;
pub mod downloads;
pub mod engine;
pub mod http;
mod indexing;
pub mod inspector;
pub mod listen;
pub mod openapi;
pub mod problem;
pub mod rate;
pub mod reach;
mod recordings;
pub mod retention;
pub mod routes;
mod sealing;
pub mod sign_in;
mod start;
mod switch;
pub mod web;

pub use start::{LocalService, Options, Running, StartError, start};
