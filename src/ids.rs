//! Prefixed, time-sortable ids: `cl_01jzk…`.
//!
//! An id is a UUIDv7 in 26 characters of lower-case Crockford base32 behind a prefix that names its
//! kind. Text order is creation order, so a list by id is a list by age. Ids are not secrets.

use std::fmt;

use uuid::{ContextV7, Uuid};

use crate::clock::{SECOND_MS, Timestamp};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters of an id behind its prefix.
const LENGTH: usize = 26;

/// Makes ids that sort in the order in which they were drawn, even within one millisecond.
static CONTEXT: std::sync::LazyLock<ContextV7Shared> =
    std::sync::LazyLock::new(|| std::sync::Mutex::new(ContextV7::new()));

type ContextV7Shared = std::sync::Mutex<ContextV7>;

const NO_DIGIT: u8 = u8::MAX;

/// The value of each character of the alphabet.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < 32_u8 {
        digits[ALPHABET[digit as usize] as usize] = digit;
        digit += 1;
    }
    digits
};

fn draw(at: Timestamp) -> Uuid {
    let seconds = u64::try_from(at.as_seconds()).unwrap_or(0);
    let nanos = u32::try_from(at.as_ms().rem_euclid(SECOND_MS)).unwrap_or(0) * 1_000_000;
    let context = CONTEXT
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    Uuid::new_v7(uuid::Timestamp::from_unix(&*context, seconds, nanos))
}

fn encode(uuid: Uuid, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut rest = uuid.as_u128();
    let mut text = [0_u8; LENGTH];
    for place in text.iter_mut().rev() {
        *place = ALPHABET[(rest & 31) as usize];
        rest >>= 5;
    }
    f.write_str(std::str::from_utf8(&text).unwrap_or_default())
}

fn decode(text: &str) -> Option<Uuid> {
    let bytes = text.as_bytes();
    // 26 characters hold 130 bits: the first can be 0 to 7 only.
    if bytes.len() != LENGTH || bytes[0] > b'7' {
        return None;
    }
    let mut value = 0_u128;
    for byte in bytes {
        let digit = DIGITS[usize::from(*byte)];
        if digit == NO_DIGIT {
            return None;
        }
        value = (value << 5) | u128::from(digit);
    }
    Some(Uuid::from_u128(value))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What stands before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A fresh id that sorts by the given time.
            pub fn new(at: Timestamp) -> Self {
                Self(draw(at))
            }

            /// Reads an id as users see it; anything else is `None`.
            pub fn parse(text: &str) -> Option<Self> {
                let rest = text.strip_prefix($prefix)?.strip_prefix('_')?;
                decode(rest).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!($prefix, "_"))?;
                encode(self.0, f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl Id for $name {
            fn parse(text: &str) -> Option<Self> {
                Self::parse(text)
            }
        }
    )*

        /// The prefix of every kind of id.
        pub const PREFIXES: &[&str] = &[$($prefix,)*];
    };
}

/// Any typed id, for code that reads them out of a path.
pub trait Id: Sized + Copy + fmt::Display + Send + 'static {
    /// Reads an id as users see it; anything else is `None`.
    fn parse(text: &str) -> Option<Self>;
}

ids! {
    /// A person who signs in: an owner or a coach.
    AccountId "acct"
    /// A workspace: what a coach's data belongs to.
    WorkspaceId "ws"
    /// An API key; also its client identifier at the token endpoint.
    KeyId "key"
    /// A client of a coach.
    ClientId "cl"
    /// A message between a coach and a client.
    MessageId "msg"
    /// Something that happened.
    EventId "evt"
    /// A mail in the outbox.
    MailId "mail"
    /// An entry of the audit log.
    AuditId "aud"
    /// A request, as named in `X-Request-Id`.
    RequestId "req"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_and_sort_by_the_order_in_which_they_were_drawn() {
        let at = Timestamp::from_ms(1_780_488_000_000);
        let ids: Vec<String> = (0..1_000).map(|_| ClientId::new(at).to_string()).collect();

        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(
            ids.iter()
                .all(|id| id.len() == 29 && id.starts_with("cl_01"))
        );
        assert!(
            ids.iter()
                .all(|id| ClientId::parse(id).map(|id| id.to_string()).as_ref() == Some(id))
        );
    }

    #[test]
    fn foreign_prefixes_and_other_alphabets_are_no_ids() {
        let id = KeyId::new(Timestamp::from_ms(0)).to_string();

        assert!(ClientId::parse(&id).is_none());
        assert!(KeyId::parse(&id.to_uppercase()).is_none());
        assert!(KeyId::parse("key_01abc").is_none());
        assert!(KeyId::parse(&format!("key_8{}", &id[5..])).is_none());
    }
}
