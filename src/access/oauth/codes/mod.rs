//! Authorization codes: what a browser carries from the consent to the app.
//!
//! A code lives for a minute and is redeemed once, by the app that asked for it, with the verifier
//! of its challenge (PKCE, S256). It has a table of its own: nothing else can pass for one.
//!
//! Who redeems one a second time, with everything right, holds what only the app should: all tokens
//! of the code end. Who has only the code and not the verifier can end nothing. Five wrong verifiers
//! burn the code, so that none can be searched for.

pub mod actions;
pub mod store;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use crate::caller::{Scopes, Tenant};
use crate::clock::{MINUTE_MS, Timestamp};
use crate::ids::{AppId, FamilyId, GrantId};
use crate::secrets::Digest;

/// How long a code lives.
pub const CODE_MS: i64 = MINUTE_MS;
/// Rows are kept a while longer, so that a second redemption is noticed.
pub const KEPT_MS: i64 = 10 * MINUTE_MS;
/// So many wrong verifiers burn a code.
pub const MAX_FAILURES: u32 = 5;

/// A code as it is kept.
#[derive(Clone, Debug)]
pub struct Code {
    /// The tenant that was consented for.
    pub tenant: Tenant,
    /// The grant that it leads to.
    pub grant_id: GrantId,
    /// The app that asked for it.
    pub app_id: AppId,
    /// Where it was sent.
    pub redirect_uri: String,
    /// The S256 challenge.
    pub challenge: String,
    /// What was consented to.
    pub scopes: Scopes,
    /// The audience that was asked for.
    pub resource: Option<String>,
    /// Wrong verifiers so far.
    pub failures: u32,
    /// The family that it was redeemed for.
    pub family_id: Option<FamilyId>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// The one-time ticket of a consent page.
#[derive(Clone, Copy, Debug)]
pub struct Ticket {
    /// What it is known by.
    pub digest: Digest,
    /// It is refused from here on.
    pub expires_at: Timestamp,
}

/// Whether a text has the form of a verifier: 43 to 128 unreserved characters (RFC 7636).
pub fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

/// Whether a text has the form of an S256 challenge: a SHA-256 in 43 characters of base64url.
pub fn is_challenge(text: &str) -> bool {
    text.len() == 43 && URL_SAFE_NO_PAD.decode(text).is_ok()
}

/// The challenge of a verifier.
pub fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// Whether the verifier's challenge is the one that was kept, in constant time.
pub fn answers(challenge: &str, kept: &str) -> bool {
    challenge.as_bytes().ct_eq(kept.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_of_the_specification_is_met() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

        assert!(is_verifier(verifier) && is_challenge(challenge));
        assert!(answers(&challenge_of(verifier), challenge));
        assert!(!answers(&challenge_of(&"x".repeat(43)), challenge));
    }

    #[test]
    fn what_is_no_verifier_or_challenge_is_told_by_its_form() {
        for text in [
            "",
            &"x".repeat(42),
            &"x".repeat(129),
            &"é".repeat(43),
            &"+".repeat(43),
        ] {
            assert!(!is_verifier(text), "{text}");
        }
        for text in [
            "",
            &"x".repeat(42),
            &"x".repeat(44),
            &"+".repeat(43),
            &"=".repeat(43),
        ] {
            assert!(!is_challenge(text), "{text}");
        }
    }
}
