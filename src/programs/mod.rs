//! Programs.

pub mod generator;
pub mod model;
