//! What the desktop's server is started with: a few options of the command line, each with a
//! variable of the environment, the same as `switchhook serve` has. Everything else is a setting
//! in the window.

use secrecy::SecretString;
use std::env;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use switchhook_store::{SecretsKind, default_data_dir};

/// Where triggers are taken unless somebody says otherwise.
const PUBLIC: &str = "127.0.0.1:4665";
/// Where the control listener listens once it is switched on.
const CONTROL: &str = "127.0.0.1:4666";

/// See the module.
#[derive(Clone, Debug)]
pub struct Options {
    pub data_dir: PathBuf,
    pub public: SocketAddr,
    /// Off unless asked for: the window needs no port.
    pub control: Option<SocketAddr>,
    /// Where it listens once it was switched on in the window; `None` where the command line or the
    /// environment has decided.
    pub control_switch: Option<SocketAddr>,
    /// Whether the window may have triggers taken from the network, too: not where the command line
    /// or the environment has decided.
    pub network_switch: bool,
    pub secrets: SecretsKind,
    pub passphrase: Option<SecretString>,
    pub concurrent_calls: Option<u32>,
}

/// Reads the command line and the environment; the error is a sentence for the window.
pub fn read() -> Result<Options, String> {
    let line: Vec<String> = env::args().skip(1).collect();
    read_from(&line, |name| env::var(name).ok())
}

fn read_from(
    line: &[String],
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Options, String> {
    let given = |option: &str, name: &str| {
        on_line(line, option)
            .or_else(|| variable(name))
            .filter(|text| !text.is_empty())
    };
    let address = |text: &str, name: &str| {
        let problem = |_| {
            format!("{name} is {text}, which is no ADDRESS:PORT; set it to one, such as {PUBLIC}")
        };
        text.parse::<SocketAddr>().map_err(problem)
    };
    let data_dir = match given("--data-dir", "SWITCHHOOK_DATA_DIR") {
        Some(dir) => PathBuf::from(dir),
        None => default_data_dir().map_err(|error| error.to_string())?,
    };
    let public = given("--public", "SWITCHHOOK_PUBLIC");
    let control = given("--control", "SWITCHHOOK_CONTROL");
    let control_switch = match &control {
        None => Some(address(CONTROL, "SWITCHHOOK_CONTROL")?),
        Some(_) => None,
    };
    let control = control.filter(|text| text != "off");
    let secrets = match given("--secrets", "SWITCHHOOK_SECRETS") {
        None => SecretsKind::default(),
        Some(word) => SecretsKind::parse(&word)
            .ok_or_else(|| format!("SWITCHHOOK_SECRETS is {word}; set it to keychain or file"))?,
    };
    let concurrent_calls =
        match variable("SWITCHHOOK_CONCURRENT_CALLS").filter(|number| !number.is_empty()) {
            None => None,
            Some(number) => match number.parse::<u32>() {
                Ok(number) if number > 0 => Some(number),
                _ => {
                    return Err(format!(
                        "SWITCHHOOK_CONCURRENT_CALLS is {number}; set it to a number above 0"
                    ));
                }
            },
        };
    Ok(Options {
        data_dir,
        network_switch: public.is_none(),
        public: address(public.as_deref().unwrap_or(PUBLIC), "SWITCHHOOK_PUBLIC")?,
        control: control
            .map(|text| address(&text, "SWITCHHOOK_CONTROL"))
            .transpose()?,
        control_switch,
        secrets,
        passphrase: match on_line(line, "--passphrase-file") {
            Some(file) => Some(first_line(&file)?),
            None => variable("SWITCHHOOK_PASSPHRASE").map(SecretString::from),
        },
        concurrent_calls,
    })
}

fn first_line(file: &str) -> Result<SecretString, String> {
    let text = fs::read_to_string(file)
        .map_err(|error| format!("the passphrase file {file} cannot be read: {error}"))?;
    Ok(text.lines().next().unwrap_or_default().into())
}

/// The value after an option, or joined to it by `=`.
fn on_line(line: &[String], option: &str) -> Option<String> {
    let at = line
        .iter()
        .position(|word| word.split('=').next() == Some(option))?;
    match line[at].split_once('=') {
        Some((_, value)) => Some(value.to_owned()),
        None => line.get(at + 1).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &[&str], variables: &[(&str, &str)]) -> Result<Options, String> {
        let line: Vec<String> = line.iter().map(|word| (*word).to_owned()).collect();
        let found = |name: &str| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        read_from(&line, found)
    }

    #[test]
    fn the_control_listener_is_off_unless_asked_for() {
        let data_dir = ("SWITCHHOOK_DATA_DIR", "/data");
        let options = read(&[], &[data_dir]).expect("options");
        assert_eq!(
            (options.public.to_string().as_str(), options.control),
            (PUBLIC, None)
        );
        assert_eq!(
            read(&[], &[data_dir, ("SWITCHHOOK_CONTROL", "off")])
                .expect("options")
                .control,
            None
        );
        let on = read(&[], &[data_dir, ("SWITCHHOOK_CONTROL", "127.0.0.1:0")]).expect("options");
        assert!(on.control.is_some());
    }

    #[test]
    fn the_control_listener_is_the_windows_to_switch_unless_it_was_decided_on() {
        let data_dir = ("SWITCHHOOK_DATA_DIR", "/data");
        assert!(
            read(&[], &[data_dir])
                .expect("options")
                .control_switch
                .is_some()
        );
        for decided in ["off", "127.0.0.1:0"] {
            let options = read(&[], &[data_dir, ("SWITCHHOOK_CONTROL", decided)]);
            assert!(options.expect("options").control_switch.is_none());
        }
    }

    #[test]
    fn where_triggers_are_taken_is_the_windows_to_switch_unless_it_was_decided_on() {
        let data_dir = ("SWITCHHOOK_DATA_DIR", "/data");
        assert!(read(&[], &[data_dir]).expect("options").network_switch);
        let decided = read(&[], &[data_dir, ("SWITCHHOOK_PUBLIC", "127.0.0.1:0")]);
        assert!(!decided.expect("options").network_switch);
    }

    #[test]
    fn the_command_line_wins_over_the_environment() {
        let variables = [
            ("SWITCHHOOK_DATA_DIR", "/a"),
            ("SWITCHHOOK_PUBLIC", "127.0.0.1:1"),
        ];
        let options =
            read(&["--data-dir=/b", "--public", "127.0.0.1:2"], &variables).expect("options");
        assert_eq!(options.data_dir, PathBuf::from("/b"));
        assert_eq!(options.public.port(), 2);
    }

    #[test]
    fn a_wrong_value_is_named_with_the_way_out() {
        let data_dir = ("SWITCHHOOK_DATA_DIR", "/data");
        for (name, value) in [
            ("SWITCHHOOK_PUBLIC", "4665"),
            ("SWITCHHOOK_SECRETS", "vault"),
            ("SWITCHHOOK_CONCURRENT_CALLS", "0"),
        ] {
            let sentence = read(&[], &[data_dir, (name, value)]).expect_err("a wrong value");
            assert!(
                sentence.contains(name) && sentence.contains("set it to"),
                "{sentence}"
            );
        }
    }
}
