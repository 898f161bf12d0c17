//! All that is kept of a client, as one ZIP file to save.
//!
//! [`kinds`] says what is in it, [`table`] how CSV is written, [`zipped`] how a
//! ZIP file is; [`archive`] puts the file together. It
//! is written to a file on the disk that has no name, page by page, and handed out piece by piece:
//! neither memory nor a transaction grows with what a client has. A tenant is given
//! [`EXPORTS_PER_TENANT`] at a time.
//!
//! [`EXPORTS_PER_TENANT`]: crate::limits::EXPORTS_PER_TENANT

pub mod archive;
pub mod kinds;
pub mod routes;
pub mod table;
pub mod zipped;
