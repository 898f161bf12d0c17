//! Prefixed, time-sortable ids: `cl_01jzk…`.
//!
//! An id is a UUIDv7 in 26 characters of lower-case Crockford base32 behind a prefix that names its
//! kind. Text order is creation order, so a list by id is a list by age. Ids are not secrets.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::clock::Timestamp;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters of an id behind its prefix.
const LENGTH: usize = 26;

/// Counters of the milliseconds in which ids were drawn lately.
///
/// Ids of one millisecond sort in the order in which they were drawn. Each time has a counter of
/// its own: a test tenant's clock may be years ahead, and must not take everybody's ids along.
static COUNTERS: Mutex<Counters> = Mutex::new(Counters {
    turn: 0,
    of_times: [Counter::NEVER; 64],
});

/// The counters of the times that were used last.
struct Counters {
    turn: u64,
    of_times: [Counter; 64],
}

#[derive(Clone, Copy)]
struct Counter {
    ms: u64,
    count: u32,
    /// When it was used last, in draws.
    turn: u64,
}

impl Counter {
    const NEVER: Self = Self {
        ms: u64::MAX,
        count: 0,
        turn: 0,
    };
}

impl Counters {
    /// The next count of a time; a time that is new begins at `start`, and takes the place of the
    /// one that was not used for longest.
    fn next(&mut self, ms: u64, start: u32) -> u32 {
        self.turn += 1;
        let known = self.of_times.iter().position(|counter| counter.ms == ms);
        let place = known.or_else(|| {
            let turns = self.of_times.iter().enumerate();
            turns
                .min_by_key(|(_, counter)| counter.turn)
                .map(|(at, _)| at)
        });
        let Some(counter) = place.and_then(|at| self.of_times.get_mut(at)) else {
            return start;
        };
        counter.count = if known.is_some() {
            // Past the last, the random bits behind decide: still unique, no longer in order.
            counter.count.saturating_add(1).min(COUNTER_MAX)
        } else {
            start
        };
        counter.ms = ms;
        counter.turn = self.turn;
        counter.count
    }
}

/// The counter has 26 bits; it begins in the lower half, so that some millions fit behind.
const COUNTER_MAX: u32 = (1 << 26) - 1;

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
    let ms = u64::try_from(at.as_ms()).unwrap_or(0);
    let mut random = random();
    let start = u32::from_be_bytes([random[0], random[1], random[2], random[3]]);
    let start = start & (COUNTER_MAX >> 1);
    let count = COUNTERS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .next(ms, start);
    // 12 bits stand behind the version and 14 behind the variant, which take the bits above them.
    let [.., low_high, low] = count.to_be_bytes();
    let [.., high_high, high] = (count >> 14).to_be_bytes();
    random[..4].copy_from_slice(&[high_high, high, low_high & 0x3f, low]);
    Builder::from_unix_timestamp_millis(ms, &random).into_uuid()
}

/// An id whose random bits are a digest: the same time and name give the same one.
fn name_based(at: Timestamp, name: &str) -> Uuid {
    let ms = u64::try_from(at.as_ms()).unwrap_or(0);
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&Sha256::digest(name.as_bytes())[..10]);
    Builder::from_unix_timestamp_millis(ms, &bytes).into_uuid()
}

#[expect(
    clippy::disallowed_methods,
    reason = "one of the two places that draw randomness"
)]
fn random() -> [u8; 10] {
    let mut bytes = [0; 10];
    if let Err(error) = getrandom::fill(&mut bytes) {
        // An id is no secret: without randomness the counter keeps it unique in this process.
        tracing::error!(%error, "the system gave no randomness for an id");
    }
    bytes
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

fn at(id: Uuid) -> Timestamp {
    // A UUIDv7 begins with 48 bits of milliseconds.
    Timestamp::from_ms(i64::try_from(id.as_u128() >> 80).unwrap_or(i64::MAX))
}

fn first_at(at: Timestamp) -> Uuid {
    let ms = u64::try_from(at.as_ms()).unwrap_or(0);
    Uuid::from_u128(u128::from(ms) << 80)
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

            /// The one id that goes with a time and a name: for what is made of state again and
            /// again, and has to be the same each time.
            pub fn named(at: Timestamp, name: &str) -> Self {
                Self(name_based(at, name))
            }

            /// The time that it sorts by.
            pub fn at(self) -> Timestamp {
                at(self.0)
            }

            /// The lowest id that sorts by this time: a bound for ranges, never given to anything.
            pub fn first_at(at: Timestamp) -> Self {
                Self(first_at(at))
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
    /// An app that acts for coaches; also its client identifier at the OAuth endpoints.
    AppId "app"
    /// What a coach lets an app do in a workspace.
    GrantId "gra"
    /// All the tokens that follow from one authorization code.
    FamilyId "fam"
    /// A client of a coach.
    ClientId "cl"
    /// A device on which a client uses the app.
    ClientSessionId "cls"
    /// A message between a coach and a client.
    MessageId "msg"
    /// An exercise of a coach's own.
    ExerciseId "ex"
    /// A program of a client.
    ProgramId "prg"
    /// A program that is nobody's yet.
    TemplateId "tpl"
    /// What a client did in a training.
    WorkoutLogId "wl"
    /// A photo of a client.
    PhotoId "pho"
    /// What a client reports of a week.
    CheckinId "chk"
    /// What a client pays.
    PaymentId "pay"
    /// What of a payment goes back.
    RefundId "rfd"
    /// A form of check-ins.
    FormId "frm"
    /// Something that was measured of a client.
    MeasurementId "mea"
    /// A metric of a coach's own.
    MetricId "met"
    /// Something that happened.
    EventId "evt"
    /// A mail in the outbox.
    MailId "mail"
    /// Work that is done after a commit.
    JobId "job"
    /// A file with all of a tenant's data.
    ExportId "exp"
    /// Something that a coach is told.
    NoticeId "ntc"
    /// An entry of the audit log.
    AuditId "aud"
    /// A session of a person who signed in.
    SessionId "ses"
    /// A webhook.
    WebhookId "wh"
    /// An event on its way to a webhook.
    DeliveryId "dlv"
    /// What the test inbox received.
    InboxMessageId "inb"
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
    fn a_clock_that_runs_ahead_takes_nobody_elses_ids_along() {
        let now = Timestamp::from_ms(1_780_488_000_000);
        let before = ClientId::new(now);
        let ahead = ClientId::new(now.plus_ms(1_000_000_000));
        let after = ClientId::new(now.plus_ms(1));

        assert!(before < after && after < ahead);
    }

    #[test]
    fn an_id_knows_its_time_and_lies_between_the_bounds_of_its_millisecond() {
        let now = Timestamp::from_ms(1_780_488_000_123);
        let id = EventId::new(now);

        assert_eq!(id.at(), now);
        assert!(EventId::first_at(now) <= id && id < EventId::first_at(now.plus_ms(1)));
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
