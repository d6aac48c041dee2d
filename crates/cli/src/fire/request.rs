//! What `switchhook fire` sends: key, name of the call, body. Read and checked before anything goes
//! out; the context goes out as it was written, for the server to judge, since its numbers and the
//! order of its names mean something there.

use super::{API_KEY, Arguments, Path, SecretString, Stop};
use serde_json::{Map, Value};

/// Longest `Idempotency-Key`, in characters.
const MOST: usize = 255;

/// The given key, else a new one.
pub fn idempotency_key(given: Option<&str>) -> Result<String, Stop> {
    let Some(key) = given else {
        return Ok(uuid::Uuid::new_v4().to_string());
    };
    // A space at either end would be lost on the way, and with it the request's name.
    let is_fit = key.bytes().all(|byte| byte.is_ascii_graphic());
    if key.is_empty() || key.len() > MOST || !is_fit {
        let words = format!("--idempotency-key has 1 to {MOST} visible ASCII characters");
        return Err(Stop::usage(words));
    }
    Ok(key.to_owned())
}

/// The request's body.
pub fn body(arguments: &Arguments) -> Result<String, Stop> {
    let number = Value::from(arguments.number.as_str());
    let mut body = format!(r#"{{"phone_number":{number}"#);
    if let Some(context) = context(arguments)? {
        body.push_str(r#","initial_context":"#);
        body.push_str(&context);
    }
    if let Some(id) = arguments.telephony_configuration {
        body.push_str(&format!(r#","telephony_configuration_id":{id}"#));
    }
    body.push('}');
    Ok(body)
}

fn context(arguments: &Arguments) -> Result<Option<String>, Stop> {
    let (text, from) = match (&arguments.context, &arguments.context_file) {
        (Some(text), _) => (text.clone(), "--context".to_owned()),
        (None, Some(file)) => (read(file)?, file.display().to_string()),
        (None, None) => return Ok(None),
    };
    match serde_json::from_str::<Map<String, Value>>(&text) {
        Ok(_) => Ok(Some(text)),
        Err(error) => Err(Stop::usage(format!("{from} is no JSON object: {error}"))),
    }
}

/// The API key, from the file where one is named, else from the environment. Never an argument:
/// those are shown to everybody on the computer.
pub fn api_key(file: Option<&Path>) -> Result<SecretString, Stop> {
    let key = match file {
        Some(file) => {
            private(file)?;
            read(file)?.lines().next().unwrap_or_default().to_owned()
        }
        None => std::env::var(API_KEY).unwrap_or_default(),
    };
    let key = key.trim();
    if key.is_empty() {
        let words = match file {
            Some(file) => format!("{} holds no API key", file.display()),
            None => format!("put an API key into {API_KEY}, or name a file with --key-file"),
        };
        return Err(Stop::usage(words));
    }
    Ok(key.into())
}

#[cfg(unix)]
fn private(file: &Path) -> Result<(), Stop> {
    use std::os::unix::fs::PermissionsExt;
    let about = std::fs::metadata(file).map_err(|error| unreadable(file, &error))?;
    if about.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    let name = file.display();
    Err(Stop::usage(format!(
        "others may read {name}, which holds an API key; run `chmod 600 {name}`"
    )))
}

#[cfg(not(unix))]
fn private(_: &Path) -> Result<(), Stop> {
    Ok(())
}

fn read(file: &Path) -> Result<String, Stop> {
    std::fs::read_to_string(file).map_err(|error| unreadable(file, &error))
}

fn unreadable(file: &Path, error: &std::io::Error) -> Stop {
    Stop::usage(format!("cannot read {}: {error}", file.display()))
}
