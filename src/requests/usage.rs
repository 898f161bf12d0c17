//! Usage added up: which hours, in which buckets, told apart by what.

use std::collections::HashMap;

use super::body::{GroupBucketBody, UsageBucketBody, UsageGroupBody};
use super::store::{Bucket, Group, Hours};
use super::{USAGE_DAYS, usage_until};
use crate::clock::{DAY_MS, HOUR_MS, Timestamp};
use crate::request_log::Counts;

/// Groups that one answer tells of.
const GROUPS_MAX: usize = 50;
/// Hours of one answer where each has a bucket.
const HOURS_MAX: i64 = 7 * 24;

/// The lengths that a bucket can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Hour,
    Day,
}

impl By {
    pub(super) const CHOICES: &[(&'static str, Self)] = &[("hour", Self::Hour), ("day", Self::Day)];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    fn hours(self) -> i64 {
        match self {
            Self::Hour => 1,
            Self::Day => 24,
        }
    }

    /// What is shown where nothing else is asked for.
    fn usual_ms(self) -> i64 {
        match self {
            Self::Hour => DAY_MS - HOUR_MS,
            Self::Day => 29 * DAY_MS,
        }
    }
}

/// A time, or a date for its first moment in UTC.
pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    let date = (text.len() == 10).then(|| Timestamp::parse(&format!("{text}T00:00:00Z")));
    match date.flatten() {
        Some(time) => Ok(time),
        None => crate::api::query::time(text),
    }
}

/// The whole buckets that the asked time touches; why they are refused, otherwise.
pub(super) fn hours(
    by: By,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    now: Timestamp,
) -> Result<Hours, (&'static str, String)> {
    let width = by.hours();
    let width_ms = width * HOUR_MS;
    // Up to now means that this very moment counts.
    let to = to.unwrap_or_else(|| now.plus_ms(1));
    let from = from.unwrap_or_else(|| to.plus_ms(-by.usual_ms()));
    if from > to {
        return Err(("to", "`to` must not be earlier than `from`.".to_owned()));
    }
    let first = from.as_ms().div_euclid(width_ms) * width;
    // A `to` on the boundary ends the bucket before it; one bucket there is in any case.
    let end = to.plus_ms(width_ms - 1).as_ms().div_euclid(width_ms) * width;
    let hours = Hours {
        from: first,
        to: end.max(first + width),
        width,
    };
    let most = match by {
        By::Hour => HOURS_MAX,
        By::Day => (USAGE_DAYS + 1) * 24,
    };
    if hours.to - hours.from > most {
        let days = most / 24;
        return Err((
            "from",
            format!("One answer shows at most {days} days by {}.", by.name()),
        ));
    }
    if hours.to <= usage_until(now) {
        return Err(("to", format!("Usage is kept for {USAGE_DAYS} days.")));
    }
    Ok(hours)
}

impl Hours {
    fn numbers(self) -> std::ops::Range<i64> {
        self.from / self.width..self.to / self.width
    }

    fn start_of(self, number: i64) -> Timestamp {
        Timestamp::from_ms(number * self.width * HOUR_MS)
    }

    /// The start of the first bucket and the end of the last.
    pub(super) fn bounds(self) -> (Timestamp, Timestamp) {
        let numbers = self.numbers();
        (self.start_of(numbers.start), self.start_of(numbers.end))
    }
}

/// Every bucket, and all of them together.
pub(super) fn whole(hours: Hours, counted: &[Bucket]) -> (Vec<UsageBucketBody>, Counts) {
    let by_number: HashMap<i64, Counts> = counted
        .iter()
        .map(|bucket| (bucket.number, bucket.counts))
        .collect();
    let mut total = Counts::default();
    let buckets = hours.numbers().map(|number| {
        let counts = by_number.get(&number).copied().unwrap_or_default();
        total.add(&counts);
        UsageBucketBody {
            start: hours.start_of(number),
            counts,
        }
    });
    (buckets.collect(), total)
}

/// The groups, the busiest first.
pub(super) fn groups(
    hours: Hours,
    by: Group,
    counted: Vec<Bucket>,
    name_of: impl Fn(&str) -> Option<String>,
) -> Vec<UsageGroupBody> {
    let mut groups: HashMap<String, (Counts, HashMap<i64, u64>)> = HashMap::new();
    for bucket in counted {
        let (counts, buckets) = groups.entry(bucket.group).or_default();
        counts.add(&bucket.counts);
        buckets.insert(bucket.number, bucket.counts.requests);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by(|(one, (a, _)), (other, (b, _))| {
        b.requests.cmp(&a.requests).then_with(|| one.cmp(other))
    });
    groups.truncate(GROUPS_MAX);
    let shown = groups.into_iter().map(|(group, (counts, buckets))| {
        let buckets = hours.numbers().map(|number| GroupBucketBody {
            start: hours.start_of(number),
            requests: buckets.get(&number).copied().unwrap_or(0),
        });
        let buckets = buckets.collect();
        let known = (!group.is_empty()).then_some(group);
        let name = match (&known, by) {
            (Some(group), Group::Key) => name_of(group).unwrap_or_else(|| group.clone()),
            (Some(route), _) => route.clone(),
            (None, Group::Key) => "Dashboard".to_owned(),
            (None, _) => "No such route".to_owned(),
        };
        UsageGroupBody {
            key: (by == Group::Key).then(|| known.clone()),
            route: (by == Group::Route).then_some(known),
            name,
            counts,
            buckets,
        }
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_ms(1_780_488_000_000);

    #[test]
    fn buckets_are_whole_and_hold_what_was_asked_for() {
        let minute = 60_000;
        let one = hours(By::Hour, Some(NOON), Some(NOON), NOON).unwrap();
        assert_eq!((one.to - one.from, one.start_of(one.from)), (1, NOON));

        let two = hours(
            By::Hour,
            Some(NOON.plus_ms(-minute)),
            Some(NOON.plus_ms(minute)),
            NOON,
        );
        assert_eq!(two.map(|hours| hours.to - hours.from), Ok(2));

        let ended = hours(By::Hour, Some(NOON.plus_ms(-HOUR_MS)), Some(NOON), NOON);
        assert_eq!(ended.map(|hours| hours.to - hours.from), Ok(1));

        let usual = hours(By::Day, None, None, NOON).unwrap();
        assert_eq!(usual.numbers().count(), 30);
        for now in [NOON, NOON.plus_ms(minute)] {
            let usual = hours(By::Hour, None, None, now).unwrap();
            assert_eq!(usual.numbers().count(), 24);
            assert_eq!(usual.start_of(usual.numbers().end), NOON.plus_ms(HOUR_MS));
        }
    }

    #[test]
    fn too_much_and_too_long_ago_are_refused_by_name() {
        let days = |days: i64| Some(NOON.plus_ms(-days * DAY_MS));
        let refused = |by, from, to| hours(by, from, to, NOON).err().map(|(name, _)| name);

        assert_eq!(refused(By::Hour, days(8), None), Some("from"));
        assert_eq!(refused(By::Hour, days(6), None), None);
        assert_eq!(refused(By::Day, days(92), None), None);
        assert_eq!(refused(By::Day, days(94), None), Some("from"));
        assert_eq!(refused(By::Day, days(1), days(2)), Some("to"));
        assert_eq!(refused(By::Day, days(200), days(190)), Some("to"));
    }
}
