//! The workspace's settings: read whole, changed in part.

use crate::app::App;
use crate::body::fields::Fields;
use crate::body::rules::{Bool, Int, Rule, Text, Wrong};
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use serde_json::{Map, Value, json};
use switchhook_core::destination::CountryCode;
use switchhook_core::ports::Settings;
use switchhook_wire::settings as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Far above what any carrier lets through.
const MOST: i64 = 100_000;

/// Pydantic's form of an error that a validator raises.
fn value_error(message: &str) -> Wrong {
    let mut wrong = Wrong::new("value_error", format!("Value error, {message}"));
    wrong.ctx = Some(json!({ "error": {} }));
    wrong
}

/// A whole number that fits.
struct Count;

impl Rule for Count {
    type Value = u32;

    fn read(&self, input: &Value) -> Result<u32, Wrong> {
        let number = Int::between(1, MOST).read(input)?;
        let number = number.id().and_then(|number| u32::try_from(number).ok());
        Ok(number.expect("between 1 and MOST"))
    }
}

struct Country;

impl Rule for Country {
    type Value = String;

    fn read(&self, input: &Value) -> Result<String, Wrong> {
        let code: Result<CountryCode, _> = Text::ANY.read(input)?.parse();
        code.map(|code| code.to_string())
            .map_err(|error| value_error(&error.to_string()))
    }
}

/// An address to put in front of `/api/…`: scheme and host, perhaps a path, no slash at the end.
struct BaseUrl;

impl Rule for BaseUrl {
    type Value = String;

    fn read(&self, input: &Value) -> Result<String, Wrong> {
        let text = Text::length(0, 2048).read(input)?;
        let text = text.trim().trim_end_matches('/');
        let uri: Option<Uri> = text.parse().ok();
        let is_base = uri.is_some_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri
                    .authority()
                    .is_some_and(|authority| !authority.as_str().contains('@'))
                && uri.query().is_none()
                && !text.contains('#')
        });
        if is_base {
            Ok(text.to_owned())
        } else {
            Err(value_error(
                "write an address such as https://calls.example.com",
            ))
        }
    }
}

/// A setting that null takes away.
fn removable<R: Rule>(
    fields: &mut Fields<'_>,
    name: &str,
    rule: &R,
    current: Option<R::Value>,
) -> Option<Option<R::Value>> {
    if fields.has(name) {
        fields.nullable(name, rule)
    } else {
        Some(current)
    }
}

fn change(object: &Map<String, Value>, current: Settings) -> Result<Settings, Problem> {
    let mut fields = Fields::body(object);
    let concurrent = fields.or("concurrent_calls", &Count, current.concurrent_calls);
    let rate = removable(
        &mut fields,
        "requests_per_second",
        &Count,
        current.requests_per_second,
    );
    let country = removable(
        &mut fields,
        "default_country",
        &Country,
        current.default_country,
    );
    let url = removable(
        &mut fields,
        "public_base_url",
        &BaseUrl,
        current.public_base_url,
    );
    let bodies = fields.or(
        "record_request_bodies",
        &Bool,
        current.record_request_bodies,
    );
    let bodies_kept = removable(
        &mut fields,
        "keep_request_bodies_hours",
        &Count,
        current.keep_request_bodies_hours,
    );
    let runs_kept = removable(
        &mut fields,
        "keep_runs_days",
        &Count,
        current.keep_runs_days,
    );
    let changed = fields.finish(|| {
        Some(Settings {
            concurrent_calls: concurrent?,
            requests_per_second: rate?,
            default_country: country?,
            public_base_url: url?,
            record_request_bodies: bodies?,
            keep_request_bodies_hours: bodies_kept?,
            keep_runs_days: runs_kept?,
        })
    })?;
    Ok(changed)
}

fn shown(settings: Settings) -> Json<wire::Settings> {
    Json(wire::Settings {
        concurrent_calls: settings.concurrent_calls,
        requests_per_second: settings.requests_per_second,
        default_country: settings.default_country,
        public_base_url: settings.public_base_url,
        record_request_bodies: settings.record_request_bodies,
        keep_request_bodies_hours: settings.keep_request_bodies_hours,
        keep_runs_days: settings.keep_runs_days,
    })
}

/// All settings.
#[utoipa::path(
    get, path = "/api/switchhook/settings", tag = "switchhook",
    responses((status = 200, body = wire::Settings), Refusals)
)]
async fn get_settings(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Settings>, Problem> {
    Ok(shown(app.store.settings(input.workspace_id()).await?))
}

/// Changes some settings; what is absent stays, null takes away.
#[utoipa::path(
    put, path = "/api/switchhook/settings", tag = "switchhook",
    request_body = wire::SettingsUpdate,
    responses((status = 200, body = wire::Settings), Refusals)
)]
async fn put_settings(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Settings>, Problem> {
    let workspace = input.workspace_id();
    let _alone = app.changing_settings.lock().await;
    let current = app.store.settings(workspace).await?;
    let changed = change(&input.object()?, current)?;
    let at = app.clock.now();
    app.store
        .put_settings(workspace, changed.clone(), at)
        .await?;
    if !changed.record_request_bodies {
        app.inspector.forget_bodies(workspace);
    }
    app.retention.look();
    Ok(shown(changed))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_settings, put_settings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_a_scheme_and_a_host() {
        let read = |text: &str| BaseUrl.read(&Value::from(text)).ok();
        assert_eq!(
            read("https://a.example/ ").as_deref(),
            Some("https://a.example")
        );
        assert_eq!(
            read("http://127.0.0.1:4665/x").as_deref(),
            Some("http://127.0.0.1:4665/x")
        );
        for wrong in [
            "",
            "a.example",
            "ftp://a.example",
            "https://",
            "https://u:p@a.example",
            "https://a.example/?q",
            "https://a.example/#f",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
