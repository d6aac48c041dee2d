//! Which trigger `switchhook fire` asks, and where. People paste a whole URL, its path, or the
//! trigger's own path alone; what none of these says is found in the data folder's lock.

use super::{Arguments, Exit, Stop};
use http::Uri;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use switchhook_client::{Base, check_path};
use switchhook_store::{default_data_dir, running_server};

/// What every trigger's path begins with (contract §1.1).
const ROUTE: &str = "/api/v1/public/agent/";
const TEST: &str = "test/";

/// A trigger to ask.
pub struct Trigger {
    pub base: Base,
    pub path: Uri,
    /// A Switchhook for certain, which knows what an `Idempotency-Key` is.
    pub is_ours: bool,
}

/// Reads the trigger and finds its server.
pub fn find(arguments: &Arguments) -> Result<Trigger, Stop> {
    let text = arguments.trigger.trim();
    let path = path(text, arguments.test)?;
    let is_url = text.contains("://");
    let (at, is_ours) = match &arguments.server {
        Some(_) if is_url => {
            let words = "the trigger's URL says where the server is; leave --server out";
            return Err(Stop::usage(words));
        }
        Some(server) => (server.clone(), false),
        None if is_url => (text.to_owned(), false),
        None => (local(arguments.data_dir.clone())?, true),
    };
    let base = Base::parse(&at).map_err(|error| Stop::usage(format!("{at}: {error}")))?;
    Ok(Trigger {
        base,
        path,
        is_ours,
    })
}

fn path(text: &str, is_test: bool) -> Result<Uri, Stop> {
    let wrong = || {
        Stop::usage(format!(
            "{text} is no trigger; paste its URL, or what follows {ROUTE} there"
        ))
    };
    let rest = match text.split_once(ROUTE) {
        Some((_, rest)) => rest,
        None if text.contains("://") || text.starts_with('/') => return Err(wrong()),
        None => text,
    };
    let (is_test, rest) = match rest.strip_prefix(TEST) {
        Some(rest) => (true, rest),
        None => (is_test, rest),
    };
    if rest.is_empty() || rest.contains(['?', '#']) {
        return Err(wrong());
    }
    let mode = if is_test { TEST } else { "" };
    let path: Uri = format!("{ROUTE}{mode}{rest}")
        .parse()
        .map_err(|_| wrong())?;
    check_path(&path).map_err(|_| wrong())?;
    Ok(path)
}

/// The public address of the server that holds the data folder.
fn local(data_dir: Option<PathBuf>) -> Result<String, Stop> {
    let dir = data_dir.map_or_else(default_data_dir, Ok);
    let dir = dir.map_err(|error| Stop::usage(error.to_string()))?;
    let not_reached = |why: String| Stop {
        exit: Exit::NotReached,
        words: format!("{why}; nothing was sent. Start one, or name a server with --server"),
    };
    let held = running_server(&dir);
    let held = held.map_err(|error| not_reached(format!("{}: {error}", dir.display())))?;
    let held = held.ok_or_else(|| not_reached(format!("no server serves {}", dir.display())))?;
    let listening = held.public.ok_or_else(|| {
        let why = "does not say where it takes triggers";
        not_reached(format!("the server of {} {why}", dir.display()))
    })?;
    Ok(reachable(&listening))
}

/// Who listens everywhere is met on this computer.
fn reachable(url: &str) -> String {
    let address = url.strip_prefix("http://").map(str::parse::<SocketAddr>);
    match address {
        Some(Ok(mut address)) if address.ip().is_unspecified() => {
            address.set_ip(match address.ip() {
                IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
            format!("http://{address}")
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{path, reachable};

    #[test]
    fn a_trigger_is_read_as_people_paste_it() {
        for (text, is_test, read) in [
            ("4f1c", false, "/api/v1/public/agent/4f1c"),
            ("4f1c", true, "/api/v1/public/agent/test/4f1c"),
            ("workflow/ab", true, "/api/v1/public/agent/test/workflow/ab"),
            (
                "/api/v1/public/agent/4f1c",
                false,
                "/api/v1/public/agent/4f1c",
            ),
            (
                "/api/v1/public/agent/test/4f1c",
                false,
                "/api/v1/public/agent/test/4f1c",
            ),
            (
                "https://host/x/api/v1/public/agent/test/4f1c",
                true,
                "/api/v1/public/agent/test/4f1c",
            ),
        ] {
            assert_eq!(path(text, is_test).expect(text).to_string(), read, "{text}");
        }
    }

    #[test]
    fn what_is_no_trigger_is_not_asked_for() {
        for text in [
            "",
            "/api/v1/user/api-keys",
            "https://host/",
            "/api/v1/public/agent/",
            "../user/api-keys",
            "a?b=c",
            "a b",
        ] {
            assert!(path(text, false).is_err(), "{text}");
        }
    }

    #[test]
    fn who_listens_everywhere_is_met_on_this_computer() {
        for (said, met) in [
            ("http://0.0.0.0:4665", "http://127.0.0.1:4665"),
            ("http://[::]:4665", "http://[::1]:4665"),
            ("http://192.168.1.2:4665", "http://192.168.1.2:4665"),
        ] {
            assert_eq!(reachable(said), met);
        }
    }
}
