//! A SIP trunk's settings: the form, and what a call needs of what was entered. Read anew for each
//! call, so that a change counts from the next one on.

use super::media::session::Ports;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use std::net::{IpAddr, Ipv6Addr};
use switchhook_core::destination::{Destination, DestinationKind};
use switchhook_core::ports::Account;
use switchhook_core::telephony::{Entry, ProviderField};

const YES_NO: &[(&str, &str)] = &[("yes", "Yes"), ("no", "No")];
const TRANSPORTS: &[(&str, &str)] = &[("udp", "UDP"), ("tcp", "TCP"), ("tls", "TLS")];
const FORMATS: &[(&str, &str)] = &[("e164", "+14155550100"), ("digits", "14155550100")];
const CALLER_IDS: &[(&str, &str)] = &[
    ("from", "From"),
    ("p_asserted_identity", "P-Asserted-Identity"),
];

/// The ports that sound is heard on where none are entered.
const PORTS: Ports = Ports {
    first: 16_384,
    last: 32_767,
};

const fn choice(
    name: &'static str,
    label: &'static str,
    options: &'static [(&'static str, &'static str)],
    words: &'static [(&'static str, &'static str)],
) -> ProviderField {
    ProviderField::select(name, label, options).read_as(Entry::Words(words))
}

/// The settings form.
pub(crate) const FIELDS: &[ProviderField] = &[
    ProviderField::text("server", "SIP server")
        .read_as(Entry::Filled)
        .address()
        .says("The trunk's name or address, with its port where it is not the usual one")
        .such_as("sip.example.com"),
    choice("transport", "Transport", TRANSPORTS, &[("udp", "udp"), ("tcp", "tcp"), ("tls", "tls")])
        .says("As the trunk asks for; with TLS the signalling is encrypted, the sound never is"),
    ProviderField {
        visible_when: Some(("transport", "tls")),
        ..ProviderField::lines("ca_certificate", "CA certificate")
            .optional()
            .says("In PEM, where the server's certificate is of your own authority; empty to trust those of this computer")
    },
    ProviderField::text("username", "Username")
        .optional()
        .says("Empty where the trunk knows you by your address"),
    ProviderField::password("password", "Password").optional(),
    ProviderField::text("auth_username", "Authentication name")
        .optional()
        .says("Only where it is another than the username"),
    ProviderField::flag("register", "Register")
        .says("Only where the trunk takes calls from registered devices alone"),
    ProviderField::text("from_domain", "Domain")
        .optional()
        .says("Only where the trunk wants another name than the server's in From"),
    choice("caller_id_header", "Caller ID in", CALLER_IDS, &[
        ("from", "from"),
        ("p_asserted_identity", "p_asserted_identity"),
    ])
    .says("Where the trunk looks for the number to show; with P-Asserted-Identity, From is the username"),
    choice("number_format", "Numbers as", FORMATS, &[("e164", "e164"), ("digits", "digits")])
        .says("How the trunk wants telephone numbers written"),
    ProviderField::text("external_address", "External address")
        .optional()
        .says("Behind a router that the trunk cannot see through: this place's address in the internet")
        .such_as("203.0.113.7"),
    ProviderField::text("media_ports", "Media ports")
        .optional()
        .says("The UDP ports for sound, where a firewall lets only some through")
        .such_as("16384-32767"),
    choice("record", "Record calls", YES_NO, &[("yes", "yes"), ("no", "no")])
        .says("Keeps what both sides say, on two tracks, with the run"),
    ProviderField::numbers("Phone Numbers", "Numbers of the trunk, each with its country code"),
];

/// Why settings cannot be used. The texts are for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SettingsError {
    #[error("the telephony configuration has no SIP server")]
    NoServer,
    #[error(
        "the SIP server of the telephony configuration is no name or address with or without a port"
    )]
    Server,
    #[error("the username of the telephony configuration has characters that no SIP address has")]
    Username,
    #[error("the domain of the telephony configuration is no name or address")]
    Domain,
    #[error("the external address of the telephony configuration is no IP address")]
    External,
    #[error("the media ports of the telephony configuration are no range such as 16384-32767")]
    Ports,
    #[error("the trunk registers, and the telephony configuration has no username")]
    NobodyToRegister,
    #[error(
        "this trunk reaches no extension behind a technology such as PJSIP/; write the extension alone"
    )]
    Technology,
}

/// How the signalling travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    Udp,
    Tcp,
    Tls,
}

/// What a call needs to know of its trunk.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub host: String,
    /// `None` leaves it to the trunk's DNS records, else to the transport's usual one.
    pub port: Option<u16>,
    pub transport: Transport,
    /// In PEM; `None` trusts whom this computer trusts.
    pub ca_certificate: Option<String>,
    pub username: Option<String>,
    pub auth_username: Option<String>,
    pub password: Option<SecretString>,
    pub register: bool,
    pub from_domain: Option<String>,
    pub asserts_caller_id: bool,
    pub keeps_plus: bool,
    pub external: Option<IpAddr>,
    pub ports: Ports,
    pub record: bool,
}

#[derive(Deserialize)]
struct Secrets {
    password: Option<String>,
}

impl Settings {
    pub fn read(account: &Account) -> Result<Self, SettingsError> {
        let text = |name: &str| {
            let value = account.settings.get(name).and_then(Value::as_str);
            value
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let is = |name: &str, word: &str| text(name).as_deref() == Some(word);
        let server = text("server").ok_or(SettingsError::NoServer)?;
        let (host, port) = host_and_port(&server).ok_or(SettingsError::Server)?;
        let username = text("username");
        if !username.as_deref().is_none_or(is_user) {
            return Err(SettingsError::Username);
        }
        let auth_username = text("auth_username");
        let is_quotable = |name: &str| !name.contains(|c: char| c.is_control() || c == '"');
        if !auth_username.as_deref().is_none_or(is_quotable) {
            return Err(SettingsError::Username);
        }
        let from_domain = text("from_domain");
        if !from_domain.as_deref().is_none_or(is_host) {
            return Err(SettingsError::Domain);
        }
        let register = account.settings.get("register") == Some(&Value::Bool(true));
        if register && username.is_none() {
            return Err(SettingsError::NobodyToRegister);
        }
        let external = text("external_address").map(|text| text.parse());
        let external = external.transpose().map_err(|_| SettingsError::External)?;
        let ports = text("media_ports").map(|text| ports(&text).ok_or(SettingsError::Ports));
        let secrets = account.credentials.as_ref();
        let secrets =
            secrets.and_then(|text| serde_json::from_str::<Secrets>(text.expose_secret()).ok());
        Ok(Self {
            host,
            port,
            transport: match text("transport").as_deref() {
                Some("tcp") => Transport::Tcp,
                Some("tls") => Transport::Tls,
                _ => Transport::Udp,
            },
            ca_certificate: text("ca_certificate"),
            auth_username,
            password: secrets
                .and_then(|secrets| secrets.password)
                .filter(|password| !password.is_empty())
                .map(Into::into),
            register,
            from_domain,
            asserts_caller_id: is("caller_id_header", "p_asserted_identity"),
            keeps_plus: !is("number_format", "digits"),
            external,
            ports: ports.transpose()?.unwrap_or(PORTS),
            record: !is("record", "no"),
            username,
        })
    }

    /// Where calls are from: the domain that the trunk knows this end by.
    pub fn domain(&self) -> String {
        let host = self.from_domain.as_deref().unwrap_or(&self.host);
        bracketed(host)
    }

    /// The address of the one to be called.
    pub fn callee(&self, destination: &Destination) -> Result<String, SettingsError> {
        let host = bracketed(&self.host);
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        match destination.kind() {
            DestinationKind::SipUri => Ok(destination.as_str().to_owned()),
            DestinationKind::Extension if destination.as_str().contains('/') => {
                Err(SettingsError::Technology)
            }
            DestinationKind::Extension => {
                // A hash has a meaning of its own in an address.
                let user = destination.as_str().replace('#', "%23");
                Ok(format!("sip:{user}@{host}{port}"))
            }
            DestinationKind::Phone => {
                let number = self.number(destination.as_str());
                Ok(format!("sip:{number}@{host}{port}"))
            }
        }
    }

    /// A telephone number as the trunk wants it.
    pub fn number<'a>(&self, e164: &'a str) -> &'a str {
        if self.keeps_plus {
            e164
        } else {
            e164.strip_prefix('+').unwrap_or(e164)
        }
    }

    /// Whether calls by these and by those settings may share a socket and a registration.
    pub fn is_same_trunk(&self, other: &Self) -> bool {
        let secret = |settings: &Self| {
            settings
                .password
                .as_ref()
                .map(|password| password.expose_secret().to_owned())
        };
        let identity = |settings: &Self| {
            (
                settings.host.clone(),
                settings.port,
                settings.transport,
                settings.ca_certificate.clone(),
                settings.username.clone(),
                settings.auth_username.clone(),
                settings.register,
                settings.from_domain.clone(),
                settings.external,
            )
        };
        identity(self) == identity(other) && secret(self) == secret(other)
    }
}

fn bracketed(host: &str) -> String {
    if host.parse::<Ipv6Addr>().is_ok() {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}

/// `sip.example.com`, `192.0.2.1:5070`, `[2001:db8::1]:5070`, perhaps after `sip:`.
fn host_and_port(text: &str) -> Option<(String, Option<u16>)> {
    let text = text
        .strip_prefix("sip:")
        .or(text.strip_prefix("sips:"))
        .unwrap_or(text);
    let (host, port) = if text.parse::<Ipv6Addr>().is_ok() {
        (text, None)
    } else if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        host.parse::<Ipv6Addr>().ok()?;
        (
            host,
            if rest.is_empty() {
                None
            } else {
                Some(rest.strip_prefix(':')?)
            },
        )
    } else {
        text.split_once(':')
            .map_or((text, None), |(host, port)| (host, Some(port)))
    };
    let port = port.map(|port| port.parse().ok().filter(|port| *port > 0).ok_or(()));
    let port = port.transpose().ok()?;
    is_host(host).then(|| (host.to_owned(), port))
}

fn is_host(text: &str) -> bool {
    let is_name = !text.is_empty()
        && text.len() <= 253
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    is_name || text.parse::<Ipv6Addr>().is_ok()
}

/// The user part of a SIP address, as it is written into one.
fn is_user(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/%".contains(&byte))
}

fn ports(text: &str) -> Option<Ports> {
    let (first, last) = text.split_once('-')?;
    let ports = Ports {
        first: first.trim().parse().ok()?,
        last: last.trim().parse().ok()?,
    };
    (ports.first >= 1024 && ports.first < ports.last).then_some(ports)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use switchhook_core::destination::DestinationScheme;
    use switchhook_core::ids::TelephonyConfigurationId;

    fn read(settings: Value) -> Result<Settings, SettingsError> {
        Settings::read(&Account {
            configuration_id: TelephonyConfigurationId(1),
            settings,
            credentials: Some(r#"{"password": "s"}"#.to_owned().into()),
        })
    }

    #[test]
    fn a_server_alone_is_enough() {
        let settings = read(json!({"server": " sip.example.com "})).expect("read");
        assert_eq!(
            (settings.host.as_str(), settings.port),
            ("sip.example.com", None)
        );
        assert_eq!(settings.transport, Transport::Udp);
        assert!(settings.record && settings.keeps_plus && !settings.register);
        assert_eq!(settings.ports, PORTS);
        assert!(settings.password.is_some());
    }

    #[test]
    fn what_is_no_address_is_refused_in_words() {
        let error = |settings| read(settings).expect_err("refused");
        assert_eq!(error(json!({})), SettingsError::NoServer);
        for server in ["a b", "a:0", "a:99999", "[::1", "a@b", "a;b", ""] {
            let error = error(json!({"server": format!("{server}/")}));
            assert_eq!(error, SettingsError::Server, "{server}");
        }
        let with = |name: &str, value: &str| error(json!({"server": "a", name: value}));
        assert_eq!(with("username", "a>b"), SettingsError::Username);
        assert_eq!(with("auth_username", "a\"b"), SettingsError::Username);
        assert_eq!(with("from_domain", "a/b"), SettingsError::Domain);
        assert_eq!(with("external_address", "home"), SettingsError::External);
        assert_eq!(with("media_ports", "9000"), SettingsError::Ports);
        assert_eq!(with("media_ports", "9000-8000"), SettingsError::Ports);
        assert_eq!(
            error(json!({"server": "a", "register": true})),
            SettingsError::NobodyToRegister
        );
    }

    #[test]
    fn servers_are_read_with_their_ports() {
        for (text, host, port) in [
            ("192.0.2.1:5070", "192.0.2.1", Some(5070)),
            ("2001:db8::1", "2001:db8::1", None),
            ("[2001:db8::1]:5061", "2001:db8::1", Some(5061)),
            ("sip:sip.example.com", "sip.example.com", None),
        ] {
            let settings = read(json!({"server": text})).expect("read");
            assert_eq!((settings.host.as_str(), settings.port), (host, port));
        }
    }

    #[test]
    fn numbers_are_written_as_the_trunk_wants_them_and_addresses_as_they_are() {
        let callee = |format: &str, text: &str| {
            let settings = json!({"server": "[2001:db8::1]:5070", "number_format": format});
            let destination = Destination::parse(text, DestinationScheme::PhoneOrSip, None);
            read(settings)
                .expect("read")
                .callee(&destination.expect("a destination"))
        };
        let expected = |text: &str| Ok(text.to_owned());
        assert_eq!(
            callee("e164", "+14155550100"),
            expected("sip:+14155550100@[2001:db8::1]:5070")
        );
        assert_eq!(
            callee("digits", "+14155550100"),
            expected("sip:14155550100@[2001:db8::1]:5070")
        );
        assert_eq!(
            callee("digits", "*97#"),
            expected("sip:*97%23@[2001:db8::1]:5070")
        );
        assert_eq!(
            callee("e164", "sip:jo@pbx.example"),
            expected("sip:jo@pbx.example")
        );
        assert_eq!(callee("e164", "PJSIP/101"), Err(SettingsError::Technology));
    }
}
