//! The JSON dialect: how requests are read and answers written, the same for every feature.
//!
//! Only this folder, the features' `routes.rs` and the server know the HTTP library.

pub mod app_route;
pub mod asking;
pub mod choices;
pub mod error_body;
pub mod etag;
pub mod faults;
pub mod flow;
pub mod form;
pub mod items;
pub mod json;
pub mod page;
pub mod query;
pub mod respond;
pub mod route;
pub mod route_doc;
pub mod samples;
