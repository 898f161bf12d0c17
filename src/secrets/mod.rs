//! Secrets: how they are made, kept, compared and forgotten.
//!
//! - **Random credentials** (keys, tokens, invitations) are stored as a plain SHA-256 digest: they
//!   hold more than 160 random bits, so nobody can guess them and a slow hash would only slow us
//!   down. There is no pepper, because a restore could lose it. They are shown once. See [`token`].
//! - **Lookup is by the whole digest**, in a unique index; two raw secrets are never compared.
//!   Ids and UUIDs are not secrets.
//! - **Passwords** are chosen by people and so hashed slowly, with argon2id. See [`password`].
//! - **Codes** are typed by people from a mail, so they are short: 40 bits. They count only together with
//!   a random credential that the asking browser holds, for minutes and a few tries. See [`code`].
//! - **Comparisons** that remain, of signatures and digests, take the same time whatever they find.
//! - **Secrets that must be readable** (webhook signing keys, one-time code seeds) are sealed under a
//!   key that lies outside the database, and are bound to their row. See [`sealed`].
//! - **In memory** a secret is a [`Secret`]: it cannot be printed, compared or serialised by mistake,
//!   and is overwritten when dropped.
//!
//! Invariant: `==` never touches a secret, since the types here do not have it.

use std::fmt;

use zeroize::Zeroizing;

pub mod random;
pub mod code;
pub mod token;
pub mod signature;
pub mod sealed;
pub mod password;

pub use password::Hasher;
pub use sealed::SealingKey;
pub use token::{
    Digest, TokenKind, Unrecognised, digest, digest_parts, generate, hint, masked, recognise,
};

/// A text that must not be seen: a credential before its digest, a password.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a text into custody; whoever made it must not keep a copy.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself: for hashing it, or for showing it this once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_of_a_secret_says_nothing_about_it() {
        let secret = Secret::new("canary".to_owned());

        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_eq!(format!("{:#?}", Some(&secret)), "Some(\n    Secret(…),\n)");
        assert_eq!(secret.reveal(), "canary");
    }
}
