//! A reader of `GET /api/switchhook/events`.

use super::http::{Base, Chunks, read_head};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};

/// One event.
#[derive(Clone, Debug)]
pub struct Event {
    /// `id:`, the place in the log.
    pub id: i64,
    /// `event:`.
    pub kind: String,
    /// `data:`.
    pub data: Value,
}

/// An open stream of events.
pub struct Events {
    lines: BufReader<Box<dyn Read>>,
}

impl Events {
    /// Opens the stream, after an event that was seen before where there is one.
    ///
    /// # Panics
    /// When it is refused.
    #[must_use]
    pub fn open(control: &Base, key: &str, last: Option<i64>) -> Self {
        let mut request = control
            .get("/api/switchhook/events")
            .key(key)
            .header("Accept", "text/event-stream");
        if let Some(id) = last {
            request = request.header("Last-Event-ID", &id.to_string());
        }
        let mut stream = BufReader::new(request.open());
        let (status, headers) = read_head(&mut stream).expect("an answer");
        assert_eq!(status, 200, "the stream of events");
        let of = |name: &str| {
            headers
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str())
        };
        assert!(
            of("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")),
            "{headers:?}"
        );
        let body: Box<dyn Read> = if of("transfer-encoding") == Some("chunked") {
            Box::new(Chunks::new(stream))
        } else {
            Box::new(stream)
        };
        Self {
            lines: BufReader::new(body),
        }
    }

    /// Waits for the next event; comments are passed over.
    ///
    /// # Panics
    /// When the stream ends first.
    #[must_use]
    pub fn read(&mut self) -> Event {
        let mut event = Event {
            id: 0,
            kind: String::new(),
            data: Value::Null,
        };
        let mut has_data = false;
        loop {
            let mut line = String::new();
            let read = self.lines.read_line(&mut line).expect("an event in time");
            assert!(read > 0, "the stream of events ended");
            match line
                .trim_end()
                .split_once(':')
                .map(|(name, value)| (name, value.trim_start()))
            {
                Some(("id", id)) => event.id = id.parse().expect("an integer as id"),
                Some(("event", kind)) => kind.clone_into(&mut event.kind),
                Some(("data", data)) => {
                    event.data = serde_json::from_str(data).expect("JSON as data");
                    has_data = true;
                }
                Some(_) => {}
                None if has_data => return event,
                None => {}
            }
        }
    }

    /// Waits for an event of this kind that `wanted` accepts.
    ///
    /// # Panics
    /// When the stream ends first.
    #[must_use]
    pub fn find(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        loop {
            let event = self.read();
            if wanted(&event) {
                return event;
            }
        }
    }
}
