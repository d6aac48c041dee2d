//! Where an instance is, and which paths may be asked there. Parsed once, at the edge: a base is an
//! origin with an optional prefix before `/api`, without credentials, over https. Plain http is for
//! this computer and private networks only, since an API key crosses every network in between.

use crate::failure::Failure;
use http::Uri;
use reqwest::Url;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An instance's address, without a slash at the end.
#[derive(Clone, PartialEq, Eq)]
pub struct Base(Url);

/// Why a text is no instance's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    #[error("this is not a web address; write it as https://HOST or http://HOST:PORT")]
    NotAnAddress,
    #[error("the address holds a name or a password; leave them out, the API key is kept apart")]
    Credentials,
    #[error(
        "over http:// the API key could be read on its way; use https://, or reach the instance by a private address or a tunnel"
    )]
    Unprotected,
}

impl Base {
    /// Reads an address as people paste it: a trigger's URL or one that ends in `/api/v1` is cut
    /// back to what comes before.
    ///
    /// # Errors
    /// See [`BaseError`].
    pub fn parse(text: &str) -> Result<Self, BaseError> {
        let mut url = Url::parse(text.trim()).map_err(|_| BaseError::NotAnAddress)?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(BaseError::NotAnAddress);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BaseError::Credentials);
        }
        if url.scheme() == "http" && !is_private(&url) {
            return Err(BaseError::Unprotected);
        }
        let path = url.path().trim_end_matches('/');
        let end = path
            .find("/api/")
            .or_else(|| path.ends_with("/api").then(|| path.len() - "/api".len()));
        let prefix = path[..end.unwrap_or(path.len())]
            .trim_end_matches('/')
            .to_owned();
        url.set_path(&prefix);
        url.set_query(None);
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// This computer or a private network.
    #[must_use]
    pub fn is_private(&self) -> bool {
        is_private(&self.0)
    }

    /// The address with a path below it, which must have passed [`check_path`].
    pub(crate) fn join(&self, path: &Uri) -> Result<Url, Failure> {
        let path = path
            .path_and_query()
            .map_or("", http::uri::PathAndQuery::as_str);
        let url = Url::parse(&format!("{self}{path}"));
        let url = url.map_err(|_| Failure::not_allowed("that path cannot be asked"))?;
        // Whatever the path did to the text, the key goes to nobody else.
        if url.origin() != self.0.origin() {
            return Err(Failure::not_allowed("that path leads to another address"));
        }
        Ok(url)
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Lets through only a path below `/api/`, without host, without steps upward.
///
/// # Errors
/// For every other path.
pub fn check_path(uri: &Uri) -> Result<(), Failure> {
    let refused = || Failure::not_allowed("only paths below /api/ can be asked");
    if uri.scheme().is_some() || uri.authority().is_some() {
        return Err(refused());
    }
    let path = uri.path();
    if !path.starts_with("/api/") || path.contains('\\') {
        return Err(refused());
    }
    let is_step = |segment: &str| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        segment.is_empty() || segment == "." || segment == ".."
    };
    // One empty segment at the end is a trailing slash.
    let segments = path
        .trim_start_matches('/')
        .strip_suffix('/')
        .unwrap_or(&path[1..]);
    if segments.split('/').any(is_step) || path.to_ascii_lowercase().contains("%2f") {
        return Err(refused());
    }
    Ok(())
}

fn is_private(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => is_private_v4(ip),
        Ok(IpAddr::V6(ip)) => is_private_v6(ip),
        Err(_) => {
            let name = host.trim_end_matches('.').to_ascii_lowercase();
            // A name without a dot is only known inside a network, as are these endings
            // (RFC 6761, 6762, 8375, and ICANN's reservation of `internal`).
            let endings = [".localhost", ".local", ".internal", ".home.arpa", ".lan"];
            !name.contains('.') || endings.iter().any(|ending| name.ends_with(ending))
        }
    }
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    // 100.64.0.0/10 is shared address space (RFC 6598), which overlay networks use.
    let is_shared = ip.octets()[0] == 100 && (64..128).contains(&ip.octets()[1]);
    ip.is_loopback() || ip.is_private() || ip.is_link_local() || is_shared
}

fn is_private_v6(ip: Ipv6Addr) -> bool {
    let mapped = ip.to_ipv4_mapped().is_some_and(is_private_v4);
    ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local() || mapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_cut_back_to_what_comes_before_api() {
        let rows = [
            ("https://api.dograh.com", "https://api.dograh.com"),
            (" https://api.dograh.com/ ", "https://api.dograh.com"),
            ("https://api.dograh.com/api/v1", "https://api.dograh.com"),
            (
                "https://api.dograh.com/api/v1/public/agent/test/x?a=1#b",
                "https://api.dograh.com",
            ),
            (
                "https://host.example/voice/api/v1/",
                "https://host.example/voice",
            ),
            ("http://127.0.0.1:4665/api", "http://127.0.0.1:4665"),
        ];
        for (text, base) in rows {
            assert_eq!(
                Base::parse(text).map(|base| base.to_string()).as_deref(),
                Ok(base),
                "{text}"
            );
        }
    }

    #[test]
    fn plain_http_is_for_this_computer_and_private_networks() {
        for text in [
            "localhost:1",
            "127.0.0.1",
            "[::1]:2",
            "10.1.2.3",
            "192.168.0.9",
            "172.16.0.1",
            "100.64.0.1",
            "nas",
            "pi.local",
            "[fd00::1]",
        ] {
            assert!(Base::parse(&format!("http://{text}")).is_ok(), "{text}");
        }
        for text in [
            "api.dograh.com",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "[2001:db8::1]",
            "local.example",
        ] {
            assert_eq!(
                Base::parse(&format!("http://{text}")),
                Err(BaseError::Unprotected),
                "{text}"
            );
            assert!(Base::parse(&format!("https://{text}")).is_ok(), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_address() {
        for text in [
            "",
            "api.dograh.com",
            "ftp://host",
            "file:///etc/hosts",
            "https://",
        ] {
            assert_eq!(Base::parse(text), Err(BaseError::NotAnAddress), "{text}");
        }
        assert_eq!(
            Base::parse("https://me:secret@host"),
            Err(BaseError::Credentials)
        );
    }

    #[test]
    fn only_paths_below_api_are_asked() {
        let allowed = [
            "/api/v1/health",
            "/api/v1/health/",
            "/api/v1/workflow/fetch?status=active&a=../b",
            "/api/v1/public/agent/x%20y",
        ];
        for path in allowed {
            assert!(check_path(&path.parse().expect("a URI")).is_ok(), "{path}");
        }
        let refused = [
            "/",
            "/api",
            "/apiv1",
            "/other/api/",
            "/api/../other",
            "/api/%2e%2E/other",
            "/api/./x",
            "/api//x",
            "//host/api/x",
            "http://host/api/x",
            "host:80",
            "*",
            "/api/v1/..%2fother",
        ];
        for path in refused {
            assert!(
                path.parse::<Uri>()
                    .map_or(true, |uri| check_path(&uri).is_err()),
                "{path}"
            );
        }
    }

    #[test]
    fn a_path_joins_its_base() {
        let base = Base::parse("https://host.example/voice").expect("a base");
        let url = base
            .join(&"/api/v1/health?a=b".parse().expect("a URI"))
            .expect("a URL");
        assert_eq!(url.as_str(), "https://host.example/voice/api/v1/health?a=b");
    }
}
