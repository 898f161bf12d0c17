//! One file a resource; the tree mirrors the URLs.

mod clients;
