//! What is promised when things break: no phone rings twice for one request, no run stays open, no
//! slot is lost. The real program against a carrier that misbehaves and counts the phones it rang;
//! docs/reliability.md names the test of each promise.

mod callbacks;
mod dials;
mod restarts;
mod soak;
mod world;
