//! The routes, one resource a file. A handler is: extract, one call inwards, a wire type out.

pub mod agents;
pub mod api_keys;
pub mod callbacks;
pub mod credentials;
mod feedback;
pub mod health;
mod input;
pub mod node_types;
mod noting;
pub mod phone_numbers;
pub mod preferences;
pub mod runs;
pub mod seal;
pub mod switchhook;
pub mod telephony;
pub mod templates;
pub mod triggers;

use crate::app::App;
use utoipa_axum::router::OpenApiRouter;

/// What the public listener has besides the triggers: the result, for the key that fired.
pub fn public_runs() -> OpenApiRouter<App> {
    runs::public()
}

/// A run's files, for whoever has the token.
pub fn downloads() -> OpenApiRouter<App> {
    runs::by_token()
}

/// Everything behind the control listener's checks.
pub fn control() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(agents::router())
        .merge(templates::router())
        .merge(node_types::router())
        .merge(api_keys::router())
        .merge(telephony::router())
        .merge(phone_numbers::router())
        .merge(credentials::router())
        .merge(preferences::router())
        .merge(runs::router())
        .merge(switchhook::router())
}
