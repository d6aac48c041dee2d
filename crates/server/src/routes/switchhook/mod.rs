//! Our own routes, below `/api/switchhook`: what the compatible API has no words for.

mod agents;
mod backups;
mod capabilities;
mod desk_phone;
mod destinations;
mod events;
mod preview;
mod recordings;
mod requests;
mod run_detail;
mod runs;
mod server;
mod settings;
mod sign_in;
mod workspaces;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(capabilities::router())
        .merge(agents::router())
        .merge(server::router())
        .merge(backups::router())
        .merge(settings::router())
        .merge(destinations::router())
        .merge(preview::router())
        .merge(requests::router())
        .merge(runs::router())
        .merge(recordings::router())
        .merge(events::router())
        .merge(desk_phone::router())
        .merge(sign_in::router())
        .merge(workspaces::router())
}
