//! Where there is nobody's own data: the sandbox of `cadence dev`.

pub mod home;
