//! Versions as entity tags: `If-None-Match` on reads, `If-Match` on changes.
//!
//! A single object's tag is its version in quotes. A client seen whole has more in it than its own
//! row: its tag adds a digest of the rest behind a dot, and `If-Match` looks at the version alone.

use crate::error::{Code, Error, Result};
use crate::secrets::digest_parts;

/// The strong tag of a version.
pub fn of_version(version: i64) -> String {
    format!("\"{version}\"")
}

/// The strong tag of a version together with other things.
pub fn of_whole(version: i64, rest: &[u8]) -> String {
    let digest = digest_parts(&[rest]);
    let mut first = [0; 8];
    first.copy_from_slice(&digest.as_bytes()[..8]);
    format!("\"{version}.{:016x}\"", u64::from_be_bytes(first))
}

/// Whether `If-None-Match` names this tag; weak and strong compare alike (RFC 9110, 13.1.2).
pub fn none_match(header: &str, tag: &str) -> bool {
    header.split(',').map(str::trim).any(|candidate| {
        candidate == "*" || candidate.strip_prefix("W/").unwrap_or(candidate) == tag
    })
}

/// What a change requires of the object's version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IfMatch(Option<Vec<i64>>);

impl IfMatch {
    /// Reads the header. A tag that no object can have matches nothing; `*` matches anything.
    pub fn read(header: Option<&str>) -> Self {
        let Some(header) = header.filter(|header| header.trim() != "*") else {
            return Self(None);
        };
        let version = |tag: &str| -> Option<i64> {
            let inside = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
            inside.split('.').next()?.parse().ok()
        };
        Self(Some(header.split(',').filter_map(version).collect()))
    }

    /// Refuses a change to an object whose version is another.
    pub fn check(&self, version: i64) -> Result<()> {
        match &self.0 {
            Some(accepted) if !accepted.contains(&version) => Err(Error::new(Code::EtagMismatch)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_looks_at_the_version_alone() {
        assert!(IfMatch::read(None).check(3).is_ok());
        assert!(IfMatch::read(Some("*")).check(3).is_ok());
        assert!(
            IfMatch::read(Some("\"2\", \"3.0011223344556677\""))
                .check(3)
                .is_ok()
        );
        assert!(IfMatch::read(Some("\"2\"")).check(3).is_err());
        assert!(IfMatch::read(Some("nonsense")).check(3).is_err());
        assert!(IfMatch::read(Some("W/\"3\"")).check(3).is_err());
    }

    #[test]
    fn if_none_match_takes_lists_weak_tags_and_the_star() {
        assert!(none_match("\"1\", W/\"3\"", "\"3\""));
        assert!(none_match("*", "\"3\""));
        assert!(!none_match("\"30\"", "\"3\""));
    }
}
