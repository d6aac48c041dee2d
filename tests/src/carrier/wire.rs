//! Requests and answers of the carrier as bytes: one request a connection, a form in, JSON out.

use super::{ACCOUNT, TOKEN};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

/// A request.
pub(super) struct Asked {
    pub method: String,
    pub path: String,
    pub query: HashMap<String, String>,
    /// Of a name that comes several times, the last value.
    pub form: HashMap<String, String>,
    authorization: String,
}

impl Asked {
    /// Reads one whole; `None` when the connection ends first.
    pub fn read(stream: TcpStream) -> Option<(Self, TcpStream)> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let mut words = line.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let (mut length, mut authorization) = (0, String::new());
        loop {
            line.clear();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().ok()?,
                "authorization" => value.clone_into(&mut authorization),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let pairs = |bytes: &[u8]| form_urlencoded::parse(bytes).into_owned().collect();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let asked = Self {
            method,
            path: path
                .strip_suffix("/Calls.json")
                .map_or_else(|| path.to_owned(), |account| format!("{account}/Calls")),
            query: pairs(query.as_bytes()),
            form: pairs(&body),
            authorization,
        };
        Some((asked, reader.into_inner()))
    }

    pub fn is_authorised(&self) -> bool {
        let pair = BASE64_STANDARD.encode(format!("{ACCOUNT}:{TOKEN}"));
        self.authorization == format!("Basic {pair}")
    }
}

/// A status and a body.
pub(super) struct Told(pub u16, pub Value);

impl Told {
    /// An error with the carrier's own code.
    pub fn problem(status: u16, code: u32) -> Self {
        let message = "This carrier says no.";
        Self(
            status,
            json!({"code": code, "message": message, "status": status}),
        )
    }
}

/// Answers and closes; whoever asked may be gone.
pub(super) fn answer(mut stream: TcpStream, told: &Told) {
    let body = told.1.to_string();
    let head = format!(
        "HTTP/1.1 {} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        told.0,
        body.len()
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}
