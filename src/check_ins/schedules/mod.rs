//! Schedules: when a client is asked to check in.
//!
//! A schedule names a weekday, every how many weeks, and a time of the day, all by the client's own
//! clock. From three days before that time the check-in is there as `pending`; at that time it is
//! `overdue` if nobody submitted it, and the next one is planned. What is planned is a day and a time
//! on the wall: the instant is worked out from them by the rules of the place, so a change of clocks
//! or of the client's time zone moves the instant and not the time that the client reads.
//!
//! Clients who are paused or archived are asked for nothing; what was pending is taken away, and comes
//! back if they do before it is due.
//!
//! # How it is carried out
//!
//! Each schedule has the next time at which something is to be done (`wake_at`), and each tenant that
//! has any one job that waits for the first of them, by the tenant's clock. The job does what has come
//! due, so many at a time, and queues its successor in the same transaction. A server that was down
//! makes up for the last check-in of each client, not for every one that it missed.

pub mod actions;
pub mod body;
pub mod jobs;
pub mod routes;
pub mod store;

use utoipa::ToSchema;

use crate::clock::{DAY_MS, Timestamp};
use crate::ids::{ClientId, FormId};
use crate::values::{Date, Invalid, TimeZone};

/// How long before it is due a check-in is there.
pub const OPENS_MS: i64 = 3 * DAY_MS;
/// When a schedule asks that names no time: nine in the morning.
pub const MINUTES: u16 = 9 * 60;

/// The names of weekdays on the wire, from Monday.
pub const WEEKDAYS: &[(&str, u8)] = &[
    ("monday", 0),
    ("tuesday", 1),
    ("wednesday", 2),
    ("thursday", 3),
    ("friday", 4),
    ("saturday", 5),
    ("sunday", 6),
];

/// The name of a weekday on the wire.
pub fn weekday_name(weekday: u8) -> &'static str {
    let found = WEEKDAYS.iter().find(|(_, number)| *number == weekday);
    found.map_or("monday", |(name, _)| name)
}

/// Reads `HH:MM` as minutes after midnight.
pub fn parse_time(text: &str) -> Result<u16, Invalid> {
    let wrong = || {
        Invalid::new("invalid_time", "Not a time of the day.")
            .fix("Use the form HH:MM, such as 09:00 or 18:30.")
    };
    let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
    let number = |text: &str, most: u16| -> Result<u16, Invalid> {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse::<u16>().ok().filter(|number| *number <= most);
        number.filter(|_| plain).ok_or_else(wrong)
    };
    Ok(number(hours, 23)? * 60 + number(minutes, 59)?)
}

/// The form that [`parse_time`] reads.
pub fn time_text(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// When a client is asked to check in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Whose it is.
    pub client_id: ClientId,
    /// Whether it asks.
    pub active: bool,
    /// From 0 for Monday.
    pub weekday: u8,
    /// 1 to 4.
    pub every_weeks: u8,
    /// After midnight.
    pub minutes: u16,
    /// The form that it asks with; the default form where there is none.
    pub form_id: Option<FormId>,
    /// The place by whose rules the instants were worked out.
    pub timezone: String,
    /// The client's day of the next check-in.
    pub next_on: Date,
    /// The instant at which that is due.
    pub next_due_at: Option<Timestamp>,
    /// Whether it is there already.
    pub opened: bool,
    /// When something is to be done next.
    pub wake_at: Option<Timestamp>,
    /// How often the schedule was changed, beginning with 1.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// The first such weekday and time after the present.
pub fn first_after(now: Timestamp, weekday: u8, minutes: u16, zone: &TimeZone) -> Date {
    let today = Date::at(now, zone);
    let ahead = (7 + weekday - today.weekday()) % 7;
    let day = today.plus_days(i64::from(ahead));
    if zone.instant(day, minutes) > now {
        day
    } else {
        day.plus_days(7)
    }
}

impl Schedule {
    /// Days from one check-in to the next.
    fn step(&self) -> i64 {
        7 * i64::from(self.every_weeks)
    }

    /// Works the instants out by the rules of a place.
    pub fn plan(&mut self, zone: &TimeZone) {
        zone.as_str().clone_into(&mut self.timezone);
        let due = self
            .active
            .then(|| zone.instant(self.next_on, self.minutes));
        self.next_due_at = due;
        self.wake_at = if self.opened {
            due
        } else {
            due.map(|due| due.plus_ms(-OPENS_MS))
        };
    }

    /// From when on it is too late for the check-in that is next: the one behind it is there.
    pub fn closes_at(&self, zone: &TimeZone) -> Timestamp {
        let next = self.next_on.plus_days(self.step());
        zone.instant(next, self.minutes).plus_ms(-OPENS_MS)
    }

    /// Goes on to the next check-in, past those that nobody was there to ask for.
    pub fn go_on(&mut self, zone: &TimeZone, now: Timestamp) {
        self.next_on = self.next_on.plus_days(self.step());
        while zone.instant(self.next_on.plus_days(self.step()), self.minutes) <= now {
            self.next_on = self.next_on.plus_days(self.step());
        }
        self.opened = false;
        self.plan(zone);
    }
}

/// What a schedule is set to.
#[derive(Clone, Debug, ToSchema)]
pub struct NewSchedule {
    /// False: it asks for nothing. True if left out.
    pub active: Option<bool>,
    /// A weekday, such as `monday`; the former one, or else the client's `check_in_day`, if left out.
    #[schema(value_type = Option<String>)]
    pub weekday: Option<u8>,
    /// Every how many weeks, 1 to 4; 1 if left out.
    #[schema(minimum = 1, maximum = 4)]
    pub every_weeks: Option<u8>,
    /// When it is due by the client's clock, `HH:MM`; 09:00 if left out.
    #[schema(value_type = Option<String>, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub time: Option<u16>,
    /// The form that it asks with; the default form if left out.
    #[schema(value_type = Option<String>)]
    pub form_id: Option<FormId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::parse(name).unwrap()
    }

    fn schedule(place: &str, weekday: u8, every_weeks: u8, minutes: u16, now: &str) -> Schedule {
        let now = Timestamp::parse(now).unwrap();
        let next_on = first_after(now, weekday, minutes, &zone(place));
        let mut schedule = Schedule {
            client_id: ClientId::new(now),
            active: true,
            weekday,
            every_weeks,
            minutes,
            form_id: None,
            timezone: String::new(),
            next_on,
            next_due_at: None,
            opened: false,
            wake_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        schedule.plan(&zone(place));
        schedule
    }

    /// The instants of the next so many check-ins.
    fn times(place: &str, mut schedule: Schedule, count: usize) -> Vec<String> {
        let mut times = Vec::new();
        for _ in 0..count {
            let due = schedule.next_due_at.unwrap();
            times.push(due.to_string());
            schedule.go_on(&zone(place), due);
        }
        times
    }

    #[test]
    fn the_time_on_the_wall_stays_where_clocks_are_changed_both_ways() {
        let place = "America/New_York";
        let autumn = schedule(place, 6, 1, 9 * 60, "2026-10-20T12:00:00Z");
        assert_eq!(
            times(place, autumn, 3),
            [
                "2026-10-25T13:00:00.000Z",
                "2026-11-01T14:00:00.000Z",
                "2026-11-08T14:00:00.000Z"
            ]
        );
        let spring = schedule(place, 6, 1, 9 * 60, "2027-03-05T12:00:00Z");
        assert_eq!(
            times(place, spring, 3),
            [
                "2027-03-07T14:00:00.000Z",
                "2027-03-14T13:00:00.000Z",
                "2027-03-21T13:00:00.000Z"
            ]
        );
    }

    #[test]
    fn an_hour_that_is_left_out_and_one_that_comes_twice_have_one_check_in_each() {
        let place = "America/New_York";
        let left_out = schedule(place, 6, 1, 150, "2027-03-10T12:00:00Z");
        assert_eq!(
            times(place, left_out, 2),
            ["2027-03-14T07:30:00.000Z", "2027-03-21T06:30:00.000Z"]
        );
        let twice = schedule(place, 6, 1, 90, "2026-10-28T12:00:00Z");
        assert_eq!(
            times(place, twice, 2),
            ["2026-11-01T05:30:00.000Z", "2026-11-08T06:30:00.000Z"]
        );
    }

    #[test]
    fn kathmandu_and_apia_have_their_own_days_also_at_the_end_of_a_year() {
        let kathmandu = schedule("Asia/Kathmandu", 4, 1, 7 * 60, "2026-12-28T12:00:00Z");
        assert_eq!(
            times("Asia/Kathmandu", kathmandu, 2),
            ["2027-01-01T01:15:00.000Z", "2027-01-08T01:15:00.000Z"]
        );
        let apia = schedule("Pacific/Apia", 4, 1, 0, "2026-12-28T12:00:00Z");
        assert_eq!(
            times("Pacific/Apia", apia, 2),
            ["2026-12-31T11:00:00.000Z", "2027-01-07T11:00:00.000Z"]
        );
    }

    #[test]
    fn every_second_and_every_fourth_week_go_on_over_the_end_of_a_year() {
        let second = schedule("UTC", 0, 2, 540, "2026-12-15T00:00:00Z");
        assert_eq!(
            times("UTC", second, 3),
            [
                "2026-12-21T09:00:00.000Z",
                "2027-01-04T09:00:00.000Z",
                "2027-01-18T09:00:00.000Z"
            ]
        );
        let fourth = schedule("UTC", 0, 4, 540, "2026-12-15T00:00:00Z");
        assert_eq!(
            times("UTC", fourth, 2),
            ["2026-12-21T09:00:00.000Z", "2027-01-18T09:00:00.000Z"]
        );
    }

    #[test]
    fn the_first_is_the_next_such_day_and_never_the_present() {
        let at = |now: &str| {
            let now = Timestamp::parse(now).unwrap();
            first_after(now, 2, 720, &TimeZone::utc()).to_string()
        };

        assert_eq!(at("2026-06-03T11:59:59.999Z"), "2026-06-03");
        assert_eq!(at("2026-06-03T12:00:00Z"), "2026-06-10");
    }

    #[test]
    fn after_a_long_silence_the_last_one_that_was_missed_is_made_up_for() {
        let mut weekly = schedule("UTC", 0, 1, 540, "2026-06-03T12:00:00Z");
        let now = Timestamp::parse("2026-07-01T12:00:00Z").unwrap();

        weekly.go_on(&TimeZone::utc(), now);

        assert_eq!(weekly.next_on.to_string(), "2026-06-29");
        weekly.go_on(&TimeZone::utc(), now);
        assert_eq!(weekly.next_on.to_string(), "2026-07-06");
    }

    #[test]
    fn times_of_the_day_read_back() {
        for text in ["00:00", "09:05", "23:59"] {
            assert_eq!(parse_time(text).map(time_text).as_deref(), Ok(text));
        }
        for text in ["24:00", "9:00", "09:60", "0900", "09:00:00", "+9:00", ""] {
            assert!(parse_time(text).is_err(), "{text}");
        }
    }
}
