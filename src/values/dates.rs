//! Days of the calendar, and the time zones that say when they begin.

use std::fmt;
use std::hash::{Hash, Hasher};

use jiff::civil;
use jiff::tz::TimeZoneDatabase;

use super::Invalid;
use crate::clock::Timestamp;

/// A day of the Gregorian calendar in the years 1970 to 9999 (RFC 3339, `full-date`).
///
/// It belongs to no time zone: a client's day begins where the client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    /// Reads `YYYY-MM-DD` and no other form.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::new("required", "This is required."));
        }
        read_date(text).map(Self).ok_or_else(|| {
            Invalid::new("invalid_date", "Not a date of the years 1970 to 9999.")
                .fix("Use the form YYYY-MM-DD, such as 2026-06-03.")
        })
    }

    /// The day for calculations.
    pub fn civil(self) -> civil::Date {
        self.0
    }

    /// The day that it is somewhere.
    pub fn at(time: Timestamp, zone: &TimeZone) -> Self {
        let time = jiff::Timestamp::from_millisecond(time.as_ms()).unwrap_or_default();
        Self(zone.rules().to_datetime(time).date())
    }

    /// The day so many days later, or earlier; the last day there is where there is none.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        let span = jiff::Span::new().try_days(days);
        let later = span.and_then(|span| self.0.checked_add(span));
        Self(later.unwrap_or(civil::Date::MAX))
    }

    /// How many days later another day is; negative if it is earlier.
    pub fn days_until(self, other: Self) -> i64 {
        let span = self.0.until(other.0);
        span.map_or(0, |span| i64::from(span.get_days()))
    }

    /// The day of the week, from 0 for Monday to 6.
    pub fn weekday(self) -> u8 {
        self.0.weekday().to_monday_zero_offset().unsigned_abs()
    }
}

/// The time of the day somewhere, `HH:MM`.
pub fn civil_time(time: Timestamp, zone: &TimeZone) -> String {
    let time = jiff::Timestamp::from_millisecond(time.as_ms()).unwrap_or_default();
    let time = zone.rules().to_datetime(time).time();
    format!("{:02}:{:02}", time.hour(), time.minute())
}

fn read_date(text: &str) -> Option<civil::Date> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *bytes else {
        return None;
    };
    let year = number(&[y1, y2, y3, y4])?;
    let month = i8::try_from(number(&[m1, m2])?).ok()?;
    let day = i8::try_from(number(&[d1, d2])?).ok()?;
    if year < 1970 {
        return None;
    }
    civil::Date::new(year, month, day).ok()
}

/// The value of at most four digits.
fn number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0_i16, |value, digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + i16::from(digit - b'0'))
    })
}

/// `YYYY-MM-DD`.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.0.year(),
            self.0.month(),
            self.0.day()
        )
    }
}

/// A time zone by its IANA name, such as `Europe/Berlin` or `UTC`.
///
/// The names and rules come with the program, so that every machine reads a name alike. Case does
/// not matter on the way in. Bare offsets such as `+02:00` are refused: they are wrong for half of
/// the year, where there is summer time.
#[derive(Clone)]
pub struct TimeZone(jiff::tz::TimeZone);

impl TimeZone {
    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::new("required", "This is required."));
        }
        read_zone(text).map(Self).ok_or_else(|| {
            Invalid::new("invalid_timezone", "Not a time zone of the IANA database.")
                .fix("Use a name such as Europe/Berlin, America/New_York or UTC.")
        })
    }

    /// Coordinated universal time.
    pub const fn utc() -> Self {
        Self(jiff::tz::TimeZone::UTC)
    }

    /// The name in the spelling of the database.
    pub fn as_str(&self) -> &str {
        // `parse` lets in only what has a name.
        self.0.iana_name().unwrap_or("UTC")
    }

    /// When a clock on the wall shows so many minutes after midnight of a day.
    ///
    /// A time that is left out when clocks are put forward is as much later; of one that comes twice
    /// it is the first.
    pub fn instant(&self, day: Date, minutes: u16) -> Timestamp {
        let (hour, minute) = (minutes / 60 % 24, minutes % 60);
        let part = |number: u16| i8::try_from(number).unwrap_or(0);
        let wall = day.0.at(part(hour), part(minute), 0, 0);
        let found = self.0.to_ambiguous_timestamp(wall).compatible();
        Timestamp::from_ms(found.map_or(0, jiff::Timestamp::as_millisecond))
    }

    /// The rules for calculations.
    pub fn rules(&self) -> &jiff::tz::TimeZone {
        &self.0
    }
}

fn read_zone(text: &str) -> Option<jiff::tz::TimeZone> {
    // Two entries stand for "nobody has said where this is".
    if text.eq_ignore_ascii_case("Factory") {
        return None;
    }
    let zone = TimeZoneDatabase::bundled().get(text).ok()?;
    (!zone.is_unknown() && zone.iana_name().is_some()).then_some(zone)
}

impl PartialEq for TimeZone {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for TimeZone {}

impl Hash for TimeZone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimeZone({})", self.as_str())
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_exist_read_back() {
        for text in ["1970-01-01", "2024-02-29", "2026-06-03", "9999-12-31"] {
            assert_eq!(
                Date::parse(text).map(|date| date.to_string()),
                Ok(text.to_owned())
            );
        }
        assert!(Date::parse("2026-06-03").unwrap() < Date::parse("2026-06-04").unwrap());
    }

    #[test]
    fn days_that_do_not_exist_and_other_forms_are_refused() {
        for text in [
            "1969-12-31",
            "2025-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-01-00",
            "2026-1-1",
            "20260603",
            "2026/06/03",
            "03-06-2026",
            "2026-06-03T00:00:00Z",
            "+026-06-03",
            " 2026-06-03",
            "२०२६",
        ] {
            let code = Date::parse(text).map_err(|invalid| invalid.code);
            assert_eq!(code, Err("invalid_date"), "{text:?}");
        }
    }

    #[test]
    fn time_zones_are_kept_in_the_spelling_of_the_database() {
        for (text, name) in [
            ("Europe/Berlin", "Europe/Berlin"),
            ("america/new_york", "America/New_York"),
            ("utc", "UTC"),
            ("Asia/Kathmandu", "Asia/Kathmandu"),
            ("Etc/UTC", "Etc/UTC"),
        ] {
            assert_eq!(
                TimeZone::parse(text).map(|zone| zone.to_string()),
                Ok(name.to_owned())
            );
        }
        assert_eq!(TimeZone::parse("UTC"), Ok(TimeZone::utc()));
    }

    #[test]
    fn a_time_on_the_wall_is_found_also_where_clocks_are_changed() {
        let at = |zone: &str, day: &str, minutes: u16| {
            let zone = TimeZone::parse(zone).unwrap();
            zone.instant(Date::parse(day).unwrap(), minutes).to_string()
        };

        assert_eq!(
            at("America/New_York", "2027-03-14", 150),
            "2027-03-14T07:30:00.000Z"
        );
        assert_eq!(
            at("America/New_York", "2026-11-01", 90),
            "2026-11-01T05:30:00.000Z"
        );
        assert_eq!(
            at("Asia/Kathmandu", "2027-01-01", 0),
            "2026-12-31T18:15:00.000Z"
        );
        assert_eq!(
            at("Pacific/Apia", "2027-01-01", 9 * 60),
            "2026-12-31T20:00:00.000Z"
        );
        assert_eq!(at("UTC", "2026-06-03", 1_439), "2026-06-03T23:59:00.000Z");
    }

    #[test]
    fn what_names_no_place_is_no_time_zone() {
        for text in [
            "local",
            "localtime",
            "system",
            "+02:00",
            "UTC+2",
            "Z",
            "Factory",
            "Etc/Unknown",
            "Mars/Olympus",
            "../etc/passwd",
            "Europe/Berlin ",
            "EST5EDT,M3.2.0,M11.1.0",
        ] {
            let code = TimeZone::parse(text).map_err(|invalid| invalid.code);
            assert_eq!(code, Err("invalid_timezone"), "{text:?}");
        }
    }
}
