//! Live events as server-sent events: the store's log, read from where the client left off. An
//! event is a hint; whoever shows something fetches it again, so nothing is lost by a gap.

use crate::app::App;
use crate::listen::Closing;
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;
use switchhook_core::ids::{EventId, WorkspaceId};
use switchhook_core::ports;
use switchhook_wire::event as wire;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How often a silent stream shows that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Most events that are read at once.
const BATCH: u32 = 256;

/// One client's place in the log.
struct Tail {
    app: App,
    workspace: WorkspaceId,
    after: EventId,
    waiting: VecDeque<ports::Event>,
    /// Cancelled when the server stops, or this client's listener is switched off.
    closing: CancellationToken,
}

impl Tail {
    /// The next event of the workspace; `None` when the stream closes or the store fails, upon
    /// which the client comes back with the id of its last event.
    async fn next(&mut self) -> Option<ports::Event> {
        loop {
            while let Some(event) = self.waiting.pop_front() {
                if event.workspace_id == self.workspace {
                    return Some(event);
                }
            }
            let read = tokio::select! {
                () = self.closing.cancelled() => return None,
                read = self.app.store.events_after(self.after, BATCH) => read,
            };
            match read {
                Ok(events) => {
                    self.after = events.last().map_or(self.after, |event| event.id);
                    self.waiting = events.into();
                }
                Err(error) => {
                    tracing::error!(%error, "the event log cannot be read");
                    return None;
                }
            }
        }
    }
}

fn shown(event: &ports::Event) -> Event {
    let subject = event.subject.parse().map_or_else(
        |_| wire::Subject::Text(event.subject.clone()),
        wire::Subject::Number,
    );
    let kind = event.kind.as_str();
    let data = wire::Event {
        kind: kind.to_owned(),
        id: subject,
        run_id: event.run_id.map(|id| id.0),
    };
    let shown = Event::default().id(event.id.to_string()).event(kind);
    shown.json_data(data).expect("an event is JSON")
}

/// Where to begin: after the client's last event, else at the end. A place beyond the end is of
/// another database.
async fn place(app: &App, headers: &HeaderMap) -> Result<EventId, Problem> {
    let newest = app.store.last_event().await?;
    let asked = headers.get("last-event-id").and_then(|value| {
        let id = value.to_str().ok()?.trim().parse().ok()?;
        Some(EventId(id))
    });
    Ok(asked.map_or(newest, |asked| asked.min(newest)))
}

/// What changes, as it changes: `event:` is `run`, `desk-phone`, `agent`, `telephony`, `key` or
/// `settings`, `data:` an `Event`. Comes back to where `Last-Event-ID` says.
#[utoipa::path(
    get, path = "/api/switchhook/events", tag = "switchhook",
    params(("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, body = wire::Event, content_type = "text/event-stream"), Refusals)
)]
async fn stream_events(
    State(app): State<App>,
    headers: HeaderMap,
    closing: Option<Extension<Closing>>,
    input: Input,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let tail = Tail {
        after: place(&app, &headers).await?,
        workspace: input.workspace_id(),
        waiting: VecDeque::new(),
        closing: closing.map_or_else(|| app.stopping.clone(), |Extension(closing)| closing.0),
        app,
    };
    let events = stream::unfold(tail, |mut tail| async move {
        let event = tail.next().await?;
        Some((Ok(shown(&event)), tail))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

/// The route.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(stream_events))
}
