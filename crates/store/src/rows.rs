//! How the domain's values stand in columns: times as microseconds, words as text, JSON as text.
//! Only the translation; which columns there are is each table's own file's.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Error, Result, Row};
use serde::Serialize;
use serde_json::{Map, Value};

fn damaged(index: usize, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::FromSqlConversionFailure(index, Type::Text, cause.into())
}

fn time_of(index: usize, micros: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|error| damaged(index, error))
}

/// A time that is always there.
pub fn time(row: &Row<'_>, index: usize) -> Result<Timestamp> {
    time_of(index, row.get(index)?)
}

/// A time that may be missing.
pub fn time_or_none(row: &Row<'_>, index: usize) -> Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(index)?
        .map(|micros| time_of(index, micros))
        .transpose()
}

/// A time as it is stored; what is below a microsecond is cut off.
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A word of one of core's lists.
pub fn word<T>(row: &Row<'_>, index: usize, parse: fn(&str) -> Option<T>) -> Result<T> {
    let text = row
        .get_ref(index)?
        .as_str()
        .map_err(|error| damaged(index, error))?;
    parse(text).ok_or_else(|| damaged(index, format!("'{text}' is no word of this column")))
}

/// JSON of any kind.
pub fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, index: usize) -> Result<T> {
    let text = row
        .get_ref(index)?
        .as_str()
        .map_err(|error| damaged(index, error))?;
    serde_json::from_str(text).map_err(|error| damaged(index, error))
}

/// A JSON object that may be missing.
pub fn object_or_none(row: &Row<'_>, index: usize) -> Result<Option<Map<String, Value>>> {
    if row.get_ref(index)? == rusqlite::types::ValueRef::Null {
        Ok(None)
    } else {
        json(row, index).map(Some)
    }
}

/// A UUID.
pub fn uuid(row: &Row<'_>, index: usize) -> Result<uuid::Uuid> {
    let text = row
        .get_ref(index)?
        .as_str()
        .map_err(|error| damaged(index, error))?;
    uuid::Uuid::try_parse(text).map_err(|error| damaged(index, error))
}

/// JSON as it is stored.
pub fn json_text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("JSON values have only string keys")
}
