//! What stands around the lifts: warm-ups, mobility, conditioning, easy days.

use super::pick::Chooser;
use super::policy::{self, Goal};
use super::{Conditioning, Day, Input, Stage, fit};
use crate::exercises::catalogue::Level;

/// Warm-ups, conditioning and easy days.
pub(super) fn prepare(chooser: &Chooser<'_>, input: &Input, days: &mut [Day]) {
    let mut used = vec![0; chooser.pool.facts.len()];
    let weeks = u32::from(policy::weeks(input.goal, input.level as usize).0);
    let (least, most) = policy::CONDITIONING_MINUTES;
    let (_, mut wanted) = policy::cardio_minutes(input.goal);
    let hardest_day = days.iter().rposition(|day| !day.is_easy());
    let hard = input.goal == Goal::Endurance && input.level > Level::Beginner && !input.is_easy();
    for (place, day) in days.iter_mut().enumerate() {
        if day.is_easy() {
            let minutes = input.session_minutes.min(policy::EASY_DAY_MINUTES);
            let drills = 3;
            for _ in 0..drills {
                add_mobility(chooser, day, &mut used);
            }
            let minutes = minutes - 2 * drills;
            wanted = wanted.saturating_sub(minutes);
            let choice = chooser.choose_cardio(&["brisk-walk"], false, None, &used);
            day.conditioning = choice.map(|place| Conditioning {
                place,
                minutes,
                intervals: false,
            });
            continue;
        }
        // The same warm-up each time: it is no place for variety.
        let none = vec![0; chooser.pool.facts.len()];
        day.warm_up = chooser.choose_cardio(policy::WARM_UPS, false, None, &none);
        add_mobility(chooser, day, &mut used);
        if !policy::fills_with_conditioning(input.goal) {
            continue;
        }
        let taken = fit::seconds(day, weeks, Stage::Peak) + policy::SET_UP_S;
        let left = (input.session_minutes * 60).saturating_sub(taken) / 60;
        let minutes = left.min(most).min(wanted);
        if minutes < least {
            continue;
        }
        let intervals = hard && Some(place) == hardest_day;
        // What warmed up is not done a second time.
        let choose = |intervals| chooser.choose_cardio(&[], intervals, day.warm_up, &used);
        let choice = choose(intervals).map(|place| (place, intervals));
        let choice = choice.or_else(|| Some((choose(false)?, false)));
        if let Some((place, intervals)) = choice {
            used[place] += 1;
            wanted -= minutes;
            day.conditioning = Some(Conditioning {
                place,
                minutes,
                intervals,
            });
        }
    }
}

fn add_mobility(chooser: &Chooser<'_>, day: &mut Day, used: &mut [u32]) {
    if let Some(place) = chooser.choose_mobility(used) {
        used[place] += 1;
        day.mobility.push(place);
    }
}
