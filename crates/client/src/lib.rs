//! Any instance as one tower service: the server inside this process, a Switchhook on the network
//! or a Dograh in the cloud. Programs ask an [`Instance`] for a path below `/api/` and cannot tell
//! which one answers. The API key of a remote instance is added here, on the way out, so that
//! nobody above ever holds it. No screens and no storage here: which instances exist is the
//! program's to know.

mod base;
pub mod connection;
pub mod events;
mod failure;
mod remote;

pub use base::{Base, BaseError, check_path};
pub use failure::{Cause, Failure};
pub use remote::Remote;

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use std::convert::Infallible;
use std::task::{Context, Poll};
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

/// The largest answer that is read whole, in bytes.
pub const MOST_BYTES: usize = 8 * 1024 * 1024;

/// What a body may fail with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// An answer's body, still arriving.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;
/// A server in this process, as a server hands itself out.
pub type LocalService = BoxCloneSyncService<Request<Bytes>, Response<Body>, Infallible>;

/// An instance; cheap to clone.
#[derive(Clone, Debug)]
pub enum Instance {
    Local(LocalService),
    Remote(Remote),
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: Bytes,
}

impl Instance {
    /// Asks and reads the answer whole, up to [`MOST_BYTES`].
    ///
    /// # Errors
    /// No answer came, or one that is too large.
    pub async fn ask(&self, request: Request<Bytes>) -> Result<Answer, Failure> {
        let (head, mut incoming) = self.clone().oneshot(request).await?.into_parts();
        let mut body = BytesMut::new();
        while let Some(frame) = incoming.frame().await {
            let frame = frame.map_err(|error| Failure::from_body(&*error))?;
            let data = frame.data_ref().map_or(&[][..], Bytes::as_ref);
            if body.len() + data.len() > MOST_BYTES {
                return Err(Failure::too_large(MOST_BYTES));
            }
            body.extend_from_slice(data);
        }
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body: body.freeze(),
        })
    }
}

impl tower::Service<Request<Bytes>> for Instance {
    type Response = Response<Body>;
    type Error = Failure;
    type Future = BoxFuture<'static, Result<Response<Body>, Failure>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let instance = self.clone();
        Box::pin(async move {
            check_path(request.uri())?;
            match instance {
                Self::Local(service) => match service.oneshot(request).await {
                    Ok(response) => Ok(response),
                    Err(never) => match never {},
                },
                Self::Remote(remote) => remote.send(request).await,
            }
        })
    }
}
