//! Live events of an instance: the text/event-stream format (WHATWG HTML, "Server-sent events"),
//! and a reader that connects again after the last event it saw. What an event means is not known
//! here. A plain Dograh has no such stream; its runs are polled by whoever shows them.

use crate::{Failure, Instance};
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use serde::Serialize;
use std::ops::ControlFlow;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

const PATH: &str = "/api/switchhook/events";
/// Heartbeats come every 15 s; three missed ones are a dead connection.
const SILENCE: Duration = Duration::from_secs(45);
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// Hints are small; a line without end is no event stream.
const MOST_PENDING: usize = 256 * 1024;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Event {
    pub id: Option<String>,
    pub event: String,
    pub data: String,
}

/// What [`follow`] tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Connected; `gap` says that events may have been missed.
    Connected {
        gap: bool,
    },
    Event(Event),
    Disconnected,
}

/// Follows an instance's events until `tell` breaks. Connects again after every end, resuming after
/// the last event, waiting a little longer each time nothing answers.
pub async fn follow(instance: &Instance, mut tell: impl FnMut(Signal) -> ControlFlow<()> + Send) {
    let mut last_id: Option<String> = None;
    let mut connected_before = false;
    let mut wait = FIRST_WAIT;
    loop {
        match open(instance, last_id.as_deref()).await {
            Ok(mut body) => {
                wait = FIRST_WAIT;
                let gap = connected_before && last_id.is_none();
                connected_before = true;
                if tell(Signal::Connected { gap }).is_break() {
                    return;
                }
                if read(&mut body, &mut last_id, &mut tell).await.is_break() {
                    return;
                }
            }
            Err(error) => tracing::debug!(%error, "live events are not there"),
        }
        if tell(Signal::Disconnected).is_break() {
            return;
        }
        sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn open(instance: &Instance, last_id: Option<&str>) -> Result<crate::Body, Failure> {
    let mut request = Request::get(PATH).header(header::ACCEPT, "text/event-stream");
    if let Some(id) = last_id {
        request = request.header("last-event-id", id);
    }
    let request = request
        .body(Bytes::new())
        .map_err(|_| Failure::not_allowed("the last event's id is no header"))?;
    let answer = timeout(SILENCE, instance.clone().oneshot(request));
    let response = answer.await.map_err(|_| Failure::no_stream())??;
    if response.status() != StatusCode::OK {
        return Err(Failure::no_stream());
    }
    Ok(response.into_body())
}

async fn read(
    body: &mut crate::Body,
    last_id: &mut Option<String>,
    tell: &mut (impl FnMut(Signal) -> ControlFlow<()> + Send),
) -> ControlFlow<()> {
    let mut parser = Parser::default();
    while let Ok(Some(Ok(frame))) = timeout(SILENCE, body.frame()).await {
        let Some(data) = frame.data_ref() else {
            continue;
        };
        let Ok(events) = parser.push(data) else {
            return ControlFlow::Continue(());
        };
        for event in events {
            if event.id.is_some() {
                last_id.clone_from(&event.id);
            }
            tell(Signal::Event(event))?;
        }
    }
    ControlFlow::Continue(())
}

/// The stream is not one of events.
#[derive(Debug, PartialEq, Eq)]
pub struct Endless;

/// Puts events together from pieces of any size.
#[derive(Debug, Default)]
pub struct Parser {
    line: Vec<u8>,
    /// The piece before ended in a carriage return, which a line feed may complete.
    after_cr: bool,
    event: Event,
    has_data: bool,
}

impl Parser {
    /// Takes the next piece and returns the events it completes.
    ///
    /// # Errors
    /// When an event grows beyond any that a server sends.
    pub fn push(&mut self, piece: &[u8]) -> Result<Vec<Event>, Endless> {
        let mut events = Vec::new();
        for &byte in piece {
            let follows_cr = std::mem::take(&mut self.after_cr);
            match byte {
                b'\n' if follows_cr => {}
                b'\n' | b'\r' => {
                    self.after_cr = byte == b'\r';
                    let line = std::mem::take(&mut self.line);
                    events.extend(self.end_line(&String::from_utf8_lossy(&line)));
                }
                _ => self.line.push(byte),
            }
            if self.line.len() + self.event.data.len() > MOST_PENDING {
                return Err(Endless);
            }
        }
        Ok(events)
    }

    fn end_line(&mut self, line: &str) -> Option<Event> {
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return std::mem::take(&mut self.has_data).then_some(event);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            "event" => value.clone_into(&mut self.event.event),
            "id" if !value.contains('\0') => self.event.id = Some(value.to_owned()),
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: Option<&str>, event: &str, data: &str) -> Event {
        Event {
            id: id.map(str::to_owned),
            event: event.to_owned(),
            data: data.to_owned(),
        }
    }

    #[test]
    fn events_come_together_from_pieces_of_any_size() {
        let text = ": hello\n\nid: 7\nevent: run\ndata: {\ndata:  1}\n\nevent: key\r\ndata:x\r\n\r\nid: 9\n\n";
        let expected = [event(Some("7"), "run", "{\n 1}"), event(None, "key", "x")];
        for size in 1..text.len() {
            let mut parser = Parser::default();
            let pieces = text.as_bytes().chunks(size);
            let events: Vec<Event> = pieces
                .flat_map(|piece| parser.push(piece).expect("small"))
                .collect();
            assert_eq!(events, expected, "pieces of {size}");
        }
    }

    #[test]
    fn a_stream_without_end_is_given_up() {
        let mut parser = Parser::default();
        assert_eq!(parser.push(&vec![b'x'; MOST_PENDING + 1]), Err(Endless));
    }
}
