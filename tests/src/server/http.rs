//! A client of forty lines' worth of HTTP/1.1: one connection per request, no redirects, no
//! retries, every header as it was sent. Ready-made clients hide what these tests are about.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than the longest dial (15 s) and the desk phone's ring (30 s).
const TIMEOUT: Duration = Duration::from_secs(45);

/// A listener's address.
#[derive(Clone, Debug)]
pub struct Base {
    /// `127.0.0.1:PORT`.
    pub authority: String,
}

impl Base {
    /// The base of a URL without a path.
    #[must_use]
    pub fn of(url: &str) -> Self {
        Self {
            authority: url.trim_start_matches("http://").to_owned(),
        }
    }

    /// `GET`.
    #[must_use]
    pub fn get(&self, target: &str) -> Request {
        self.request("GET", target)
    }

    /// `POST`.
    #[must_use]
    pub fn post(&self, target: &str) -> Request {
        self.request("POST", target)
    }

    /// `PUT`.
    #[must_use]
    pub fn put(&self, target: &str) -> Request {
        self.request("PUT", target)
    }

    /// Any method.
    #[must_use]
    pub fn request(&self, method: &str, target: &str) -> Request {
        Request {
            authority: self.authority.clone(),
            head: format!("{method} {target} HTTP/1.1\r\n").into_bytes(),
            has_host: false,
            body: None,
            chunked: false,
        }
    }

    /// A connection with time limits.
    ///
    /// # Panics
    /// When nobody listens.
    #[must_use]
    pub fn connect(&self) -> TcpStream {
        self.try_connect().expect("the server listens")
    }

    fn try_connect(&self) -> Option<TcpStream> {
        let stream = TcpStream::connect(&self.authority).ok()?;
        stream
            .set_read_timeout(Some(TIMEOUT))
            .expect("a time limit");
        stream
            .set_write_timeout(Some(TIMEOUT))
            .expect("a time limit");
        stream.set_nodelay(true).expect("no delay");
        Some(stream)
    }

    /// Sends bytes and reads until the server closes or says nothing more for a while.
    ///
    /// # Panics
    /// When nobody listens.
    #[must_use]
    pub fn raw(&self, bytes: &[u8], quiet: Duration) -> Vec<u8> {
        let mut stream = self.connect();
        // The server may refuse before it has read everything.
        let _ = stream.write_all(bytes);
        stream.set_read_timeout(Some(quiet)).expect("a time limit");
        let (mut answer, mut part) = (Vec::new(), [0; 8192]);
        while let Ok(read @ 1..) = stream.read(&mut part) {
            answer.extend_from_slice(&part[..read]);
        }
        answer
    }
}

/// A request under construction.
pub struct Request {
    authority: String,
    head: Vec<u8>,
    has_host: bool,
    body: Option<Vec<u8>>,
    chunked: bool,
}

impl Request {
    /// One more header, as it is; bytes beyond ASCII go out as UTF-8.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.has_host |= name.eq_ignore_ascii_case("host");
        self.head
            .extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        self
    }

    /// The API key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("X-API-Key", key)
    }

    /// A JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json")
            .body(body.to_string())
    }

    /// A body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends the body in chunks, without saying how long it is.
    #[must_use]
    pub fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }

    /// Connects and sends; what comes back is the caller's to read.
    ///
    /// # Panics
    /// When nobody listens.
    #[must_use]
    pub fn open(self) -> TcpStream {
        self.try_open().expect("the server listens")
    }

    fn try_open(self) -> Option<TcpStream> {
        let Self {
            authority,
            mut head,
            has_host,
            body,
            chunked,
        } = self;
        if !has_host {
            head.extend_from_slice(format!("Host: {authority}\r\n").as_bytes());
        }
        head.extend_from_slice(b"Connection: close\r\n");
        match &body {
            Some(_) if chunked => head.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n"),
            Some(body) => {
                head.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes())
            }
            None => head.extend_from_slice(b"\r\n"),
        }
        let mut stream = Base { authority }.try_connect()?;
        // A server that refuses by the head alone may close before it has read the body; its
        // answer still arrives.
        let _ = stream.write_all(&head).and_then(|()| match body {
            Some(body) if chunked => send_chunks(&mut stream, &body),
            Some(body) => stream.write_all(&body),
            None => Ok(()),
        });
        Some(stream)
    }

    /// [`Request::send`] to a server that may be gone, or go before its answer is whole.
    #[must_use]
    pub fn try_send(self) -> Option<Response> {
        Response::read(&mut BufReader::new(self.try_open()?))
    }

    /// Sends and reads the whole answer.
    ///
    /// # Panics
    /// When the answer is not HTTP.
    #[must_use]
    pub fn send(self) -> Response {
        let has_body = !self.head.starts_with(b"HEAD ");
        let mut stream = BufReader::new(self.open());
        if has_body {
            return Response::read(&mut stream).expect("an answer");
        }
        let (status, headers) = read_head(&mut stream).expect("an answer");
        Response {
            status,
            headers,
            body: Vec::new(),
        }
    }
}

fn send_chunks(stream: &mut TcpStream, body: &[u8]) -> std::io::Result<()> {
    for chunk in body.chunks(60_000) {
        stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes())?;
        stream.write_all(chunk)?;
        stream.write_all(b"\r\n")?;
    }
    stream.write_all(b"0\r\n\r\n")
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    /// Reads one answer; `None` when the connection ends before it is whole.
    pub fn read(from: &mut impl BufRead) -> Option<Self> {
        let (status, headers) = read_head(from)?;
        let mut answer = Self {
            status,
            headers,
            body: Vec::new(),
        };
        if answer
            .header("transfer-encoding")
            .is_some_and(|value| value == "chunked")
        {
            Chunks::new(from).read_to_end(&mut answer.body).ok()?;
        } else if let Some(length) = answer.header("content-length") {
            answer.body = vec![0; length.parse().ok()?];
            from.read_exact(&mut answer.body).ok()?;
        } else if status >= 200 && status != 204 && status != 304 {
            from.read_to_end(&mut answer.body).ok()?;
        }
        Some(answer)
    }

    /// A header's first value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {} {:?}", self.status, self.text()))
    }

    /// The problem's `code`.
    #[must_use]
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Reads a status line and headers.
pub(super) fn read_head(from: &mut impl BufRead) -> Option<(u16, Vec<(String, String)>)> {
    let mut line = String::new();
    from.read_line(&mut line).ok()?;
    let status = line.split(' ').nth(1)?.trim().parse().ok()?;
    let mut headers = Vec::new();
    loop {
        line.clear();
        from.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            return Some((status, headers));
        };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

/// Takes the chunks of a body apart.
pub(super) struct Chunks<R> {
    from: R,
    left: usize,
    is_over: bool,
}

impl<R: BufRead> Chunks<R> {
    pub(super) const fn new(from: R) -> Self {
        Self {
            from,
            left: 0,
            is_over: false,
        }
    }

    fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }
}

impl<R: BufRead> Read for Chunks<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.is_over {
            return Ok(0);
        }
        if self.left == 0 {
            let line = self.line()?;
            self.left = usize::from_str_radix(&line, 16).map_err(std::io::Error::other)?;
            if self.left == 0 {
                self.is_over = true;
                self.line()?;
                return Ok(0);
            }
        }
        let most = into.len().min(self.left);
        let read = self.from.read(&mut into[..most])?;
        self.left -= read;
        if self.left == 0 {
            self.line()?;
        }
        Ok(read)
    }
}
