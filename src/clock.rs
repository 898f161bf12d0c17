//! The one place that asks the machine for the time.
//!
//! A [`Clock`] is the machine's clock or a hand-moved one for tests. On top of it each test tenant
//! may run ahead: its offset moves when somebody advances its clock, and every expiry, window and
//! schedule of that tenant follows. Live tenants are never moved.
//!
//! Invariant: time is read before a write and passed in; nothing under the writer reads a clock.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::UNIX_EPOCH;

use jiff::tz::TimeZone;
use tokio::sync::watch;

/// Milliseconds in a second.
pub const SECOND_MS: i64 = 1_000;
/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds in a day of 24 hours.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// The last millisecond of the year 9999, the latest time that has a four-digit year.
const MAX_MS: i64 = 253_402_300_799_999;

/// An instant: milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_ms(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(SECOND_MS)
    }

    /// This instant moved by some milliseconds.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant.
    pub const fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads RFC 3339 with any offset; only years 1970 to 9999 have a place here.
    pub fn parse(text: &str) -> Option<Self> {
        let instant: jiff::Timestamp = text.parse().ok()?;
        let ms = instant.as_millisecond();
        (0..=MAX_MS).contains(&ms).then_some(Self(ms))
    }

    /// Reads the HTTP date form (RFC 9110, section 5.6.7), of which only the fixed one is sent today.
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let civil =
            jiff::civil::DateTime::strptime("%a, %d %b %Y %H:%M:%S GMT", text.trim()).ok()?;
        let ms = civil
            .to_zoned(TimeZone::UTC)
            .ok()?
            .timestamp()
            .as_millisecond();
        (0..=MAX_MS).contains(&ms).then_some(Self(ms))
    }

    /// The HTTP date form, as `Sunset` wants it.
    pub fn http_date(self) -> String {
        self.zoned()
            .strftime("%a, %d %b %Y %H:%M:%S GMT")
            .to_string()
    }

    fn zoned(self) -> jiff::Zoned {
        jiff::Timestamp::from_millisecond(self.0.clamp(0, MAX_MS))
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .to_zoned(TimeZone::UTC)
    }
}

/// Year, month and day of a day since the Unix epoch. The years are counted from March, so that the
/// leap day is the last of its year, in eras of 400 years, which are all of one length.
fn civil(days: i64) -> (i64, i64, i64) {
    const DAYS_IN_ERA: i64 = 146_097;
    const MARCH_OF_YEAR_0: i64 = -719_468;
    let since = days - MARCH_OF_YEAR_0;
    let (era, day) = (since / DAYS_IN_ERA, since % DAYS_IN_ERA);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Months from March have 31, 30, 31, 30, 31 days, again and again: 153 in five.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let next_year = month >= 10;
    let month = if next_year { month - 9 } else { month + 3 };
    (era * 400 + year + i64::from(next_year), month, day)
}

/// RFC 3339 in UTC with exactly three decimals.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0.clamp(0, MAX_MS);
        let (year, month, day) = civil(ms / DAY_MS);
        let (minutes, ms) = (ms % DAY_MS / MINUTE_MS, ms % MINUTE_MS);
        let (seconds, ms) = (ms / SECOND_MS, ms % SECOND_MS);
        // Digit by digit: a list shows hundreds of times, and `write!` with widths is slow.
        let mut text = *b"0000-00-00T00:00:00.000Z";
        for (end, number) in [
            (4, year),
            (7, month),
            (10, day),
            (13, minutes / 60),
            (16, minutes % 60),
            (19, seconds),
            (23, ms),
        ] {
            let mut rest = number;
            let mut place = end;
            while rest > 0 {
                place -= 1;
                text[place] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
                rest /= 10;
            }
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a clock can be asked for: whose time it is. Only a test tenant's differs from the server's.
pub trait HasClock {
    /// The key under which an offset is kept, if this one can have any.
    fn movable(&self) -> Option<i64>;
}

/// The time of the server and of each tenant.
pub struct Clock {
    source: Source,
    offsets_ms: RwLock<HashMap<i64, i64>>,
    moved: watch::Sender<()>,
}

enum Source {
    Machine,
    ByHand(AtomicI64),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self {
            source: Source::Machine,
            offsets_ms: RwLock::default(),
            moved: watch::Sender::new(()),
        }
    }

    /// A clock that stands still until it is moved.
    pub fn by_hand(start: Timestamp) -> Self {
        let source = Source::ByHand(AtomicI64::new(start.as_ms()));
        Self {
            source,
            offsets_ms: RwLock::default(),
            moved: watch::Sender::new(()),
        }
    }

    /// The server's time.
    pub fn now(&self) -> Timestamp {
        match &self.source {
            Source::Machine => machine_now(),
            Source::ByHand(ms) => Timestamp(ms.load(Ordering::Acquire)),
        }
    }

    /// The time of a tenant.
    pub fn now_of(&self, whose: &impl HasClock) -> Timestamp {
        self.at_of(whose, self.now())
    }

    /// What a time of the server is for a tenant, as its clock stands now.
    pub fn at_of(&self, whose: &impl HasClock, now: Timestamp) -> Timestamp {
        let Some(key) = whose.movable() else {
            return now;
        };
        let offsets = self
            .offsets_ms
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        now.plus_ms(offsets.get(&key).copied().unwrap_or(0))
    }

    /// Sets how far a test tenant runs ahead; call it after the offset is committed.
    pub fn set_offset(&self, whose: &impl HasClock, offset_ms: i64) {
        if let Some(key) = whose.movable() {
            self.offsets_ms
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(key, offset_ms);
        }
    }

    /// Moves a hand-moved clock; the machine's clock does not move.
    pub fn advance(&self, ms: i64) {
        if let Source::ByHand(now) = &self.source {
            now.fetch_add(ms, Ordering::AcqRel);
            self.moved.send_replace(());
        }
    }

    /// Wakes when a hand-moved clock was moved; who sleeps until a time has to look again.
    pub fn moved(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the place that may ask")]
fn machine_now() -> Timestamp {
    let since = std::time::SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(MAX_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_decimals_and_read_back() {
        let time = Timestamp::from_ms(1_780_488_000_007);

        assert_eq!(time.to_string(), "2026-06-03T12:00:00.007Z");
        for day in (0..MAX_MS / DAY_MS - 1)
            .step_by(13)
            .chain([59, 789, 11_016])
        {
            let time = Timestamp::from_ms(day * DAY_MS + DAY_MS - 1);
            let date = time.zoned().strftime("%Y-%m-%d").to_string();
            assert_eq!(time.to_string(), format!("{date}T23:59:59.999Z"));
        }
        assert_eq!(
            Timestamp::parse("2026-06-03T14:00:00.007+02:00"),
            Some(time)
        );
        assert_eq!(Timestamp::parse("2026-06-03"), None);
        assert_eq!(Timestamp::parse("-009999-01-01T00:00:00Z"), None);
        assert_eq!(time.http_date(), "Wed, 03 Jun 2026 12:00:00 GMT");
    }
}
