//! The `filters` parameter of the compatible lists (contract §5.3): a JSON list of `{attribute, type,
//! value}`. An item counts only with the `type` that belongs to its attribute, as in the reference,
//! and a value of another form asks for nothing. What no run of ours can meet (a campaign, an inbound
//! call, a cost) is accepted and met by none.

use crate::problem::Problem;
use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;
use serde_json::Value;
use switchhook_core::ErrorCode;
use switchhook_core::ids::{AgentId, RunId};
use switchhook_core::ports::RunFilter;

/// Attributes and the type that goes with each.
const TYPES: [(&str, &str); 12] = [
    ("dateRange", "dateRange"),
    ("dispositionCode", "multiSelect"),
    ("duration", "numberRange"),
    ("status", "radio"),
    ("tokenUsage", "numberRange"),
    ("runId", "number"),
    ("workflowId", "number"),
    ("campaignId", "number"),
    ("callerNumber", "text"),
    ("calledNumber", "text"),
    ("callDirection", "radio"),
    ("callChannel", "radio"),
];

/// What the list of one agent may be filtered by; anything else is refused.
pub const OF_AN_AGENT: &[&str] = &[
    "dateRange",
    "dispositionCode",
    "duration",
    "status",
    "tokenUsage",
];

/// What the list of a workspace may be filtered by; anything else changes nothing.
pub const OF_A_WORKSPACE: &[&str] = &[
    "duration",
    "dispositionCode",
    "callerNumber",
    "calledNumber",
    "runId",
    "workflowId",
    "campaignId",
    "callDirection",
    "callChannel",
];

fn bad_format() -> Problem {
    let status = StatusCode::BAD_REQUEST;
    Problem::new(status, ErrorCode::InvalidRequest, "Invalid filter format")
}

fn attribute(item: &Value) -> &str {
    item.get("attribute")
        .and_then(Value::as_str)
        .unwrap_or("None")
}

/// The list, or nothing where none was sent.
///
/// # Errors
/// 400 when it is no JSON list of objects.
pub fn read(text: Option<&str>) -> Result<Option<Vec<Value>>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    match serde_json::from_str(text).map_err(|_| bad_format())? {
        Value::Null => Ok(None),
        Value::Array(items) if items.iter().all(Value::is_object) => Ok(Some(items)),
        _ => Err(bad_format()),
    }
}

/// Refuses attributes that are not allowed.
///
/// # Errors
/// 403 for the first of them.
pub fn check(items: &[Value], allowed: &[&str]) -> Result<(), Problem> {
    match items
        .iter()
        .find(|item| !allowed.contains(&attribute(item)))
    {
        None => Ok(()),
        Some(item) => {
            let detail = format!("Invalid attribute '{}'", attribute(item));
            let status = StatusCode::FORBIDDEN;
            Err(Problem::new(status, ErrorCode::InvalidRequest, detail))
        }
    }
}

/// Adds the items to a filter.
pub fn apply(items: &[Value], allowed: &[&str], filter: &mut RunFilter) {
    for item in items {
        let named = (
            attribute(item),
            item.get("type").and_then(Value::as_str).unwrap_or_default(),
        );
        if allowed.contains(&named.0) && TYPES.contains(&named) {
            let value = item.get("value").unwrap_or(&Value::Null);
            apply_one(named.0, value, filter);
        }
    }
}

fn apply_one(attribute: &str, value: &Value, filter: &mut RunFilter) {
    let text = |name: &str| value.get(name)?.as_str();
    let number = |name: &str| value.get(name)?.as_f64();
    let id = || value.get("value")?.as_i64();
    match attribute {
        "dateRange" => {
            filter.created_from = text("from").and_then(moment);
            filter.created_to = text("to").and_then(moment);
        }
        "dispositionCode" => {
            let codes = value.get("codes").and_then(Value::as_array);
            let codes = codes.into_iter().flatten().filter_map(Value::as_str);
            filter.dispositions = codes.map(str::to_owned).collect();
        }
        "duration" => {
            filter.min_duration_ms = number("min").map(|min| (min * 1000.0).ceil() as i64);
            filter.max_duration_ms = number("max").map(|max| (max * 1000.0).floor() as i64);
        }
        "status" => match text("status") {
            Some("completed") => filter.over = true,
            Some("in_progress") => filter.open = true,
            _ => {}
        },
        "tokenUsage" => filter.is_empty |= number("min").or(number("max")).is_some(),
        "runId" => filter.run_id = id().map(RunId).or(filter.run_id),
        "workflowId" => filter.agent_id = id().map(AgentId).or(filter.agent_id),
        "campaignId" => filter.is_empty |= id().is_some(),
        "callerNumber" => filter.caller_number = sent(text("value")),
        "calledNumber" => filter.called_number = sent(text("value")),
        "callDirection" => filter.is_empty |= text("status") == Some("inbound"),
        "callChannel" => filter.is_empty |= matches!(text("status"), Some("web" | "chat")),
        _ => {}
    }
}

fn sent(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// ISO 8601 as Python reads it: with an offset, or without one in UTC, or a day, which is its
/// midnight.
pub fn moment(text: &str) -> Option<Timestamp> {
    let utc = |at: civil::DateTime| at.to_zoned(TimeZone::UTC).ok();
    text.parse()
        .ok()
        .or_else(|| Some(utc(text.parse().ok()?)?.timestamp()))
        .or_else(|| {
            let day: civil::Date = text.parse().ok()?;
            Some(utc(day.at(0, 0, 0, 0))?.timestamp())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn applied(items: Value, allowed: &[&str]) -> RunFilter {
        let items = read(Some(&items.to_string())).expect("valid");
        let mut filter = RunFilter::default();
        apply(&items.expect("a list"), allowed, &mut filter);
        filter
    }

    #[test]
    fn an_item_without_its_type_changes_nothing() {
        let item =
            json!({"attribute": "status", "type": "radio", "value": {"status": "completed"}});
        assert!(applied(json!([item.clone()]), OF_AN_AGENT).over);
        for kind in [json!(null), json!("multiSelect"), json!(1)] {
            let mut item = item.clone();
            item["type"] = kind;
            assert_eq!(applied(json!([item]), OF_AN_AGENT), RunFilter::default());
        }
    }

    #[test]
    fn every_attribute_does_what_its_row_says() {
        let one = |attribute: &str, value: Value| {
            let kind = TYPES.iter().find(|(name, _)| *name == attribute);
            let kind = kind.expect("in the table").1;
            let items = json!([{"attribute": attribute, "type": kind, "value": value}]);
            let allowed: Vec<_> = TYPES.iter().map(|(name, _)| *name).collect();
            applied(items, &allowed)
        };
        let filter = RunFilter::default;
        let number = |text: &str| Some(text.to_owned());
        let at = |text: &str| Some(text.parse::<Timestamp>().expect("a time"));
        let rows = [
            (
                "dateRange",
                json!({"from": "2026-08-22", "to": "2026-08-23T10:00:00+02:00"}),
                RunFilter {
                    created_from: at("2026-08-22T00:00:00Z"),
                    created_to: at("2026-08-23T08:00:00Z"),
                    ..filter()
                },
            ),
            (
                "dispositionCode",
                json!({"codes": ["busy", 1, "error"]}),
                RunFilter {
                    dispositions: vec!["busy".to_owned(), "error".to_owned()],
                    ..filter()
                },
            ),
            (
                "duration",
                json!({"min": 0.0, "max": 1.2345}),
                RunFilter {
                    min_duration_ms: Some(0),
                    max_duration_ms: Some(1234),
                    ..filter()
                },
            ),
            ("duration", json!({"min": null}), filter()),
            (
                "status",
                json!({"status": "in_progress"}),
                RunFilter {
                    open: true,
                    ..filter()
                },
            ),
            ("status", json!({"status": "all"}), filter()),
            (
                "tokenUsage",
                json!({"min": 1}),
                RunFilter {
                    is_empty: true,
                    ..filter()
                },
            ),
            ("tokenUsage", json!({}), filter()),
            (
                "runId",
                json!({"value": 7}),
                RunFilter {
                    run_id: Some(RunId(7)),
                    ..filter()
                },
            ),
            (
                "workflowId",
                json!({"value": 7}),
                RunFilter {
                    agent_id: Some(AgentId(7)),
                    ..filter()
                },
            ),
            (
                "campaignId",
                json!({"value": 7}),
                RunFilter {
                    is_empty: true,
                    ..filter()
                },
            ),
            (
                "callerNumber",
                json!({"value": "415"}),
                RunFilter {
                    caller_number: number("415"),
                    ..filter()
                },
            ),
            (
                "calledNumber",
                json!({"value": "415"}),
                RunFilter {
                    called_number: number("415"),
                    ..filter()
                },
            ),
            ("calledNumber", json!({"value": ""}), filter()),
            (
                "callDirection",
                json!({"status": "inbound"}),
                RunFilter {
                    is_empty: true,
                    ..filter()
                },
            ),
            ("callDirection", json!({"status": "outbound"}), filter()),
            (
                "callChannel",
                json!({"status": "chat"}),
                RunFilter {
                    is_empty: true,
                    ..filter()
                },
            ),
            ("callChannel", json!({"status": "telephony"}), filter()),
        ];
        for (attribute, value, expected) in rows {
            assert_eq!(
                one(attribute, value.clone()),
                expected,
                "{attribute} {value}"
            );
        }
    }

    #[test]
    fn times_are_read_as_python_reads_them() {
        let same = [
            "2026-08-22T00:00:00Z",
            "2026-08-22",
            "2026-08-22T00:00:00",
            "2026-08-22 00:00:00.000",
            "2026-08-22T02:00:00+02:00",
        ];
        for text in same {
            assert_eq!(moment(text), moment(same[0]), "{text}");
        }
        assert!(moment(same[0]).is_some());
        assert_eq!(moment("yesterday"), None);
    }
}
