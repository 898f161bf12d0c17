//! Credentials that the server makes: `cdnsk_live_…` and its kin.
//!
//! A credential is a prefix that names its kind, 30 random base62 characters (178 bits; 43 and so 256
//! bits for a session) and a checksum: the CRC-32 of all that precedes it as 6 base62 characters, most significant first and
//! padded with `0`. The base62 digits are `0-9`, `A-Z`, `a-z`, in that order. By the prefix a secret
//! scanner finds a leaked credential; by the checksum a mistyped one is told without the database.
//!
//! Only the [`Digest`] is stored, with a [`hint`] for people. The checksum protects against typing
//! errors and not against anybody: it is no reason to accept a credential.

use std::borrow::Cow;
use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Secret, code, random};
use crate::error::Result;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Random characters behind the prefix.
const RANDOM_LENGTH: usize = 30;
/// The same of a session: 256 bits.
const SESSION_RANDOM_LENGTH: usize = 43;
/// Characters of the checksum: 62⁶ is more than 2³².
const CHECKSUM_LENGTH: usize = 6;
/// So many characters behind a prefix are taken for a credential by [`masked`].
const MASKED_FROM: usize = 8;
/// Bytes from here on are drawn again: the 248 below are four times the alphabet, so no character
/// comes more often than another.
const UNBIASED: u8 = 248;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $prefix:literal $name:literal $words:literal)*) => {
        /// What a credential is for, as its prefix tells.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum TokenKind { $($(#[$doc])* $kind,)* }

        impl TokenKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// What the credential begins with.
            pub const fn prefix(self) -> &'static str {
                match self { $(Self::$kind => $prefix,)* }
            }

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// What people call it.
            pub const fn words(self) -> &'static str {
                match self { $(Self::$kind => $words,)* }
            }
        }
    };
}

kinds! {
    /// An API key for test data.
    KeyTest "cdnsk_test_" "test_api_key" "test API key"
    /// An API key for live data.
    KeyLive "cdnsk_live_" "live_api_key" "live API key"
    /// An OAuth access token.
    Access "cdnat_" "access_token" "access token"
    /// An OAuth refresh token.
    Refresh "cdnrt_" "refresh_token" "refresh token"
    /// An OAuth authorization code.
    Code "cdnac_" "authorization_code" "authorization code"
    /// The secret of an OAuth application.
    AppSecret "cdncs_" "app_secret" "secret of an app"
    /// A client's invitation.
    Invite "cdnin_" "install_link" "install link"
    /// What the cookie of a client in the app holds.
    ClientSession "cdnca_" "client_session" "client session"
    /// What the cookie of a browser holds that asked for a code by mail.
    CodeRequest "cdncr_" "code_request" "request of a code"
    /// What the cookie of a person who signed in holds.
    Session "cdnss_" "session" "session"
    /// The one-time link that makes the owner of a fresh server.
    SetUp "cdnsu_" "set_up_link" "set-up link"
    /// The one-time link that signs in to the demo and the sandbox.
    SignIn "cdnsi_" "sign_in_link" "sign-in link"
    /// The one-time link of a forgotten password.
    Reset "cdnpr_" "reset_link" "reset link"
}

impl TokenKind {
    /// Random characters behind the prefix.
    const fn random_length(self) -> usize {
        match self {
            Self::Session | Self::ClientSession => SESSION_RANDOM_LENGTH,
            Self::KeyTest
            | Self::KeyLive
            | Self::Access
            | Self::Refresh
            | Self::Code
            | Self::AppSecret
            | Self::Invite
            | Self::CodeRequest
            | Self::SetUp
            | Self::SignIn
            | Self::Reset => RANDOM_LENGTH,
        }
    }
}

/// Why a text is no credential of this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unrecognised {
    /// No prefix that is known here, or not the length and alphabet of a credential.
    Unknown,
    /// The shape of this kind, but the checksum is wrong: a typing error or a guess.
    Checksum(TokenKind),
}

/// Makes a new credential.
pub fn generate(kind: TokenKind) -> Result<Secret> {
    let prefix = kind.prefix();
    // The room is exact: a text that grew would leave a copy behind.
    let random_length = kind.random_length();
    let mut text = String::with_capacity(prefix.len() + random_length + CHECKSUM_LENGTH);
    text.push_str(prefix);
    let mut pool = Zeroizing::new([0_u8; 2 * SESSION_RANDOM_LENGTH]);
    while text.len() < prefix.len() + random_length {
        random::fill(&mut *pool)?;
        let missing = prefix.len() + random_length - text.len();
        text.extend(
            pool.iter()
                .filter_map(|byte| character(*byte))
                .take(missing),
        );
    }
    let checksum = checksum(text.as_bytes());
    text.extend(checksum.map(char::from));
    Ok(Secret::new(text))
}

/// Tells what kind of credential a text could be; whether it is one, only its digest can tell.
pub fn recognise(text: &str) -> Result<TokenKind, Unrecognised> {
    let found = TokenKind::ALL.iter().find_map(|kind| {
        let rest = text.strip_prefix(kind.prefix())?;
        Some((*kind, rest.as_bytes()))
    });
    let Some((kind, rest)) = found else {
        return Err(Unrecognised::Unknown);
    };
    let length = kind.random_length() + CHECKSUM_LENGTH;
    if rest.len() != length || !rest.iter().all(u8::is_ascii_alphanumeric) {
        return Err(Unrecognised::Unknown);
    }
    let (body, sent) = text.as_bytes().split_at(text.len() - CHECKSUM_LENGTH);
    if checksum(body) == sent {
        Ok(kind)
    } else {
        Err(Unrecognised::Checksum(kind))
    }
}

/// The text with every credential in it cut down to its prefix, for what is logged or sent back.
///
/// People paste keys into paths and field names. Mistyped ones count too: one wrong character away
/// from a secret is as good as the secret.
pub fn masked(text: &str) -> Cow<'_, str> {
    let mut masked = String::new();
    let mut rest = text;
    while let Some((start, length)) = first_credential(rest) {
        let (before, after) = rest.split_at(start);
        masked.push_str(before);
        masked.push('…');
        rest = &after[length..];
    }
    if masked.is_empty() {
        return Cow::Borrowed(text);
    }
    masked.push_str(rest);
    Cow::Owned(masked)
}

/// Where the secret part of the first credential stands, and how long it is.
fn first_credential(text: &str) -> Option<(usize, usize)> {
    let found = TokenKind::ALL.iter().flat_map(|kind| {
        let prefix = kind.prefix();
        text.match_indices(prefix).filter_map(move |(at, _)| {
            let start = at + prefix.len();
            let mut length = text[start..]
                .bytes()
                .take_while(u8::is_ascii_alphanumeric)
                .count();
            // Of two that stand together, the second must be known by its prefix still.
            if let Some(next) = next_prefix(&text[start..], length) {
                length = next;
            }
            (length >= MASKED_FROM).then_some((start, length))
        })
    });
    found.chain(code::find_shown(text)).min()
}

/// Where in the first `within` bytes of a text another prefix begins.
fn next_prefix(text: &str, within: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..within).find(|at| {
        TokenKind::ALL
            .iter()
            .any(|kind| bytes[*at..].starts_with(kind.prefix().as_bytes()))
    })
}

/// The character of a random byte, or none for the few bytes that would make some more likely.
fn character(byte: u8) -> Option<char> {
    (byte < UNBIASED).then(|| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]))
}

fn checksum(body: &[u8]) -> [u8; CHECKSUM_LENGTH] {
    let mut rest = crc32fast::hash(body) as usize;
    let mut text = [0; CHECKSUM_LENGTH];
    for place in text.iter_mut().rev() {
        *place = ALPHABET[rest % ALPHABET.len()];
        rest /= ALPHABET.len();
    }
    text
}

/// The SHA-256 of a credential: what is stored of it and what it is looked up by.
///
/// Equality and hashing are for finding it in an index or a cache. They are safe though not constant
/// in time, because whoever guesses does not choose the digest; where two digests are compared to
/// decide something, [`ct_eq`](Self::ct_eq) is there.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// A digest read back from where it is stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Compares in a time that does not depend on where the two differ.
    pub fn ct_eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(")?;
        for byte in &self.0[..4] {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("…)")
    }
}

/// The digest of a credential.
pub fn digest(text: &str) -> Digest {
    Digest(Sha256::digest(text.as_bytes()).into())
}

/// The digest of several parts. Each goes in with its length, so that no two lists are alike.
pub fn digest_parts(parts: &[&[u8]]) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Digest(hash.finalize().into())
}

/// What people are shown to tell their keys apart: `…` and the last four characters.
///
/// They belong to the checksum, and so give away fewer than 24 of the 178 random bits. A text too
/// short to spare four characters gives none.
pub fn hint(text: &str) -> String {
    let tail = text
        .len()
        .checked_sub(4)
        .filter(|at| *at >= 16)
        .and_then(|at| text.get(at..));
    format!("…{}", tail.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &str = "cdnsk_test_0123456789ABCDEFGHIJKLMNOPQRST1jLvVz";

    #[test]
    fn credentials_have_the_documented_shape_and_are_recognised() {
        for kind in TokenKind::ALL {
            let secret = generate(*kind).unwrap();
            let rest = secret.reveal().strip_prefix(kind.prefix()).unwrap();

            assert_eq!(rest.len(), kind.random_length() + CHECKSUM_LENGTH);
            assert!([36, 49].contains(&rest.len()), "{kind:?}");
            assert!(rest.bytes().all(|b| ALPHABET.contains(&b)));
            assert_eq!(recognise(secret.reveal()), Ok(*kind));
        }
    }

    #[test]
    fn a_known_credential_keeps_its_checksum_and_digest() {
        assert_eq!(recognise(KNOWN), Ok(TokenKind::KeyTest));
        assert_eq!(
            recognise("cdnat_0123456789ABCDEFGHIJKLMNOPQRST3kIjKi"),
            Ok(TokenKind::Access)
        );
        assert_eq!(format!("{:?}", digest(KNOWN)), "Digest(6f958768…)");
        assert_eq!(digest(KNOWN).as_bytes()[28..], [0x59, 0xdf, 0x0b, 0xc0]);
    }

    #[test]
    fn any_single_changed_character_is_noticed() {
        for at in 0..KNOWN.len() {
            for other in ALPHABET.iter().chain(b"_- ") {
                let mut bytes = KNOWN.as_bytes().to_vec();
                if bytes[at] == *other {
                    continue;
                }
                bytes[at] = *other;
                let text = String::from_utf8(bytes).unwrap();

                assert!(recognise(&text).is_err(), "{text}");
            }
        }
    }

    #[test]
    fn a_wrong_checksum_is_told_from_a_foreign_text() {
        let typo = KNOWN.replace("1jLvVz", "1jLvVy");
        assert_eq!(
            recognise(&typo),
            Err(Unrecognised::Checksum(TokenKind::KeyTest))
        );

        for text in [
            "",
            "cdnsk_test_",
            "cdnsk_prod_0123456789ABCDEFGHIJKLMNOPQRST1jLvVz",
            "sk_live_0123456789ABCDEFGHIJKLMNOPQRST1jLvVz",
            "0123456789ABCDEFGHIJKLMNOPQRST1jLvVz",
            "cdnsk_test_0123456789ABCDEFGHIJKLMNOPQRST1jLvV",
            "cdnsk_test_0123456789ABCDEFGHIJKLMNOPQRST1jLvVzz",
            "cdnsk_test_0123456789ABCDEFGHIJKLMNOPQRS-1jLvVz",
            "cdnsk_test_0123456789ABCDEFGHIJKLMNOPQRé1jLvVz",
            " cdnsk_test_0123456789ABCDEFGHIJKLMNOPQRST1jLvVz",
        ] {
            assert_eq!(recognise(text), Err(Unrecognised::Unknown), "{text:?}");
        }
    }

    #[test]
    fn a_masked_text_keeps_nothing_of_a_credential_but_its_prefix() {
        let cut = &KNOWN[..KNOWN.len() - 4];

        assert_eq!(masked(KNOWN), "cdnsk_test_…");
        assert_eq!(
            masked(&format!("/v1/{KNOWN}/x?a={cut}&{KNOWN}.")),
            "/v1/cdnsk_test_…/x?a=cdnsk_test_…&cdnsk_test_…."
        );
        assert_eq!(masked(&KNOWN.repeat(2)), "cdnsk_test_…cdnsk_test_…");
        for plain in ["", "/v1/clients", "Send `cdnsk_…`.", "cdnsk_test_"] {
            assert!(matches!(masked(plain), Cow::Borrowed(same) if same == plain));
        }
    }

    #[test]
    fn every_character_of_the_alphabet_is_equally_likely() {
        let mut by_byte = [0_u32; 128];
        for byte in 0..=u8::MAX {
            if let Some(character) = character(byte) {
                by_byte[character as usize] += 1;
            }
        }
        assert!(
            ALPHABET
                .iter()
                .all(|letter| by_byte[usize::from(*letter)] == 4)
        );

        // 60,000 draws: 968 of each are expected, and five standard deviations are 154.
        let mut drawn = [0_i32; 128];
        for _ in 0..2_000 {
            let secret = generate(TokenKind::Access).unwrap();
            for byte in &secret.reveal().as_bytes()[6..36] {
                drawn[usize::from(*byte)] += 1;
            }
        }
        assert!(
            ALPHABET
                .iter()
                .all(|letter| (drawn[usize::from(*letter)] - 968).abs() < 200)
        );
    }

    #[test]
    fn digests_are_equal_for_equal_texts_only() {
        assert!(digest(KNOWN).ct_eq(&digest(KNOWN)));
        assert!(!digest(KNOWN).ct_eq(&digest("")));
        assert_eq!(Digest::from_bytes(*digest(KNOWN).as_bytes()), digest(KNOWN));
    }

    #[test]
    fn the_hint_is_the_end_of_a_credential_and_nothing_of_a_short_text() {
        assert_eq!(hint(KNOWN), "…LvVz");
        assert_eq!(hint("hunter2"), "…");
        assert_eq!(hint(""), "…");
        assert_eq!(hint("a text that ends within é\u{20ac}"), "…");
    }
}
