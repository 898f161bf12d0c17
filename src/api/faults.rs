//! What was found wrong with a body, told in one answer.

use std::collections::HashSet;

use crate::error::{Code, Error, FieldError};

/// The first fault of each place. Unknown fields alone have a code of their own.
pub(super) fn refuse(errors: Vec<FieldError>) -> Error {
    let errors = first_of_each_place(errors);
    let unknown = Code::UnknownField.name();
    if errors.iter().all(|error| error.code == unknown) {
        return Error::invalid(errors).recode(Code::UnknownField);
    }
    Error::invalid(errors)
}

pub(super) fn first_of_each_place(mut errors: Vec<FieldError>) -> Vec<FieldError> {
    let mut places = HashSet::new();
    errors.retain(|error| places.insert(error.place.clone()));
    errors
}
