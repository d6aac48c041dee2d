//! The words that the shell itself shows: in the tray, in notifications and in the system's file
//! dialog. Everything else that a person reads is the page's (`ui/src/lib/words`).

pub const OPEN: &str = "Open Switchhook";
pub const QUIT: &str = "Quit";
pub const NO_CALLS: &str = "No call is going on";
pub const HANG_UP: &str = "Hang up";
pub const SHOW: &str = "Show the run";
pub const SAVE_AS: &str = "Save as";
pub const RINGING: &str = "The desk phone is ringing";
pub const ANSWER_HINT: &str = "Open Switchhook to answer.";
pub const TEST: &str = "Test";
pub const PRODUCTION: &str = "Production";

/// The tray's line about a call.
pub fn call(number: &str, agent: &str, state: &str) -> String {
    format!("{number} · {agent} · {}", self::state(state))
}

pub fn fire_again(number: &str) -> String {
    format!("Fire again: {number}…")
}

pub fn ended(count: usize) -> String {
    match count {
        1 => "The call is over".to_owned(),
        _ => format!("{count} calls are over"),
    }
}

pub fn calls(count: usize) -> String {
    match count {
        0 => "Switchhook".to_owned(),
        1 => "Switchhook: 1 call".to_owned(),
        _ => format!("Switchhook: {count} calls"),
    }
}

/// A run's state as the page's badges say it.
fn state(state: &str) -> &str {
    match state {
        "queued" => "Queued",
        "dialing" => "Dialling",
        "ringing" => "Ringing",
        "in-progress" => "In call",
        "indeterminate" => "Outcome unknown",
        other => other,
    }
}
