//! Reading a file of many objects, each judged by itself: one bad item leaves the others alone.

use super::faults::first_of_each_place;
use super::json::{At, FromBody, Json, inspect, parse, read_members};
use crate::error::{FieldError, Place, Result};

/// The items of a JSON array; a body that is none is refused whole.
pub fn array(bytes: &[u8]) -> Result<Option<Vec<Json>>> {
    match parse(bytes)? {
        Json::Array(items) => Ok(Some(items)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::Object(_) => Ok(None),
    }
}

/// One line of JSON Lines.
pub fn line(bytes: &[u8]) -> Result<Json> {
    parse(bytes)
}

/// Reads one item. Its faults are told with pointers that begin at the item.
pub fn read_item<T: FromBody>(item: Json) -> Result<T, Vec<FieldError>> {
    let mut errors = Vec::new();
    inspect(&item, "", &mut errors);
    let Json::Object(members) = item else {
        return Err(vec![FieldError {
            place: Place::Pointer(String::new()),
            code: "invalid_type",
            message: "This must be a JSON object.".to_owned(),
            fix: None,
        }]);
    };
    let value = read_members(members, &mut At::root(&mut errors), T::read);
    match value {
        Some(value) if errors.is_empty() => Ok(value),
        _ => Err(first_of_each_place(errors)),
    }
}
