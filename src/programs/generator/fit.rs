//! Making a session fit its time: supersets first, then fewer isolations, then fewer sets.

use super::pick::Chooser;
use super::policy::{self, Goal, Role};
use super::{Day, Input, Pick, Stage, Warning};

/// Seconds of one set of an exercise.
fn work_s(pick: &Pick, weeks: u32) -> u32 {
    let once = match pick.measure {
        super::Measure::Reps => pick.reps.1 * policy::rep_s(pick.tempo),
        super::Measure::Seconds => policy::HOLD_S.0 + policy::HOLD_S.1 * weeks.saturating_sub(1),
        super::Measure::Metres => policy::CARRY_S,
    };
    if pick.unilateral { 2 * once } else { once }
}

/// Seconds of a group of exercises that are done in turn.
fn group_s(picks: &[&Pick], weeks: u32, stage: Stage) -> u32 {
    let rounds = picks.iter().map(|pick| pick.sets(stage)).max().unwrap_or(0);
    let mut sum = policy::SET_UP_S * u32::try_from(picks.len()).unwrap_or(u32::MAX);
    for round in 0..rounds {
        let taking_part = picks.iter().filter(|pick| pick.sets(stage) > round);
        let (mut count, mut rest) = (0, 0);
        for pick in taking_part {
            sum += work_s(pick, weeks);
            rest = rest.max(pick.rest_s);
            count += 1;
        }
        sum += rest + policy::CHANGE_S * (count - 1);
    }
    sum
}

/// Seconds of a session with its warm-up, without conditioning.
pub(super) fn seconds(day: &Day, weeks: u32, stage: Stage) -> u32 {
    let groups = day.groups.iter().map(|group| {
        let picks: Vec<&Pick> = group.iter().map(|place| &day.picks[*place]).collect();
        group_s(&picks, weeks, stage)
    });
    policy::WARM_UP_S + groups.sum::<u32>()
}

/// Puts every exercise into a group of its own, or into pairs and circuits where the goal wants them.
pub(super) fn arrange(chooser: &Chooser<'_>, input: &Input, day: &mut Day) {
    day.groups = (0..day.picks.len()).map(|place| vec![place]).collect();
    match input.goal {
        Goal::Endurance => {
            let places: Vec<usize> = (0..day.picks.len()).collect();
            day.groups = places
                .chunks(policy::CIRCUIT_MAX)
                .map(<[usize]>::to_vec)
                .collect();
        }
        Goal::FatLoss => while pair(chooser, input, day) {},
        Goal::Hypertrophy | Goal::Strength | Goal::General => {}
    }
}

/// Joins two exercises that rest each other; false if there are none left.
fn pair(chooser: &Chooser<'_>, input: &Input, day: &mut Day) -> bool {
    let pattern = |place: usize| chooser.pool.facts[day.picks[place].place].pattern;
    let alone = |group: &Vec<usize>| match group.as_slice() {
        // A heavy lift is rested after.
        [place] => {
            let role = day.picks[*place].role;
            let heavy = input.goal == Goal::Strength && role <= Role::Second;
            (!heavy && role != Role::Power).then_some(*place)
        }
        _ => None,
    };
    let singles: Vec<(usize, usize)> = day
        .groups
        .iter()
        .enumerate()
        .filter_map(|(group, picks)| Some((group, alone(picks)?)))
        .collect();
    let pairs = || {
        let firsts = singles.iter().enumerate();
        firsts.flat_map(|(at, first)| {
            singles[at + 1..]
                .iter()
                .map(move |second| (*first, *second))
        })
    };
    let antagonists = pairs().find(|((_, a), (_, b))| {
        let (a, b) = (pattern(*a), pattern(*b));
        policy::ANTAGONISTS
            .iter()
            .any(|pair| *pair == (a, b) || *pair == (b, a))
    });
    // Failing that, two that share no muscle.
    let strangers = || {
        pairs().find(|((_, a), (_, b))| {
            let credits = |place: usize| &chooser.pool.facts[day.picks[place].place].credits;
            let shared = credits(*a)
                .iter()
                .zip(credits(*b))
                .any(|(a, b)| *a > 0 && *b > 0);
            !shared
                && day.picks[*a].role >= Role::Accessory
                && day.picks[*b].role >= Role::Accessory
        })
    };
    let Some(((into, _), (from, place))) = antagonists.or_else(strangers) else {
        return false;
    };
    day.groups[into].push(place);
    day.groups.remove(from);
    true
}

/// Takes an exercise out.
fn remove(day: &mut Day, place: usize) {
    day.picks.remove(place);
    for group in &mut day.groups {
        group.retain(|own| *own != place);
        for own in group.iter_mut().filter(|own| **own > place) {
            *own -= 1;
        }
    }
    day.groups.retain(|group| !group.is_empty());
}

/// The last exercise that may go.
fn last(chooser: &Chooser<'_>, day: &Day, goes: impl Fn(&Pick) -> bool) -> Option<usize> {
    (0..day.picks.len()).rev().find(|place| {
        let pick = &day.picks[*place];
        goes(pick) && !chooser.is_locked(pick.place)
    })
}

/// Takes a set off the exercise with the most sets, but not below `least`.
fn shorten(day: &mut Day, least: u32) -> bool {
    let longest = day.picks.iter_mut().rev().max_by_key(|pick| pick.peak);
    match longest {
        Some(pick) if pick.peak > least => {
            pick.peak -= 1;
            pick.start = pick.start.min(pick.peak);
            true
        }
        _ => false,
    }
}

/// Makes the hardest week fit `budget` seconds; false if what is locked does not.
pub(super) fn fit(
    chooser: &Chooser<'_>,
    input: &Input,
    day: &mut Day,
    budget: u32,
    warnings: &mut Vec<Warning>,
) -> bool {
    let (weeks, _) = policy::weeks(input.goal, input.level as usize);
    let weeks = u32::from(weeks);
    let over = |day: &Day| seconds(day, weeks, Stage::Peak) > budget;
    let (mut pairs, mut isolations, mut sets, mut lifts) = (0, 0, 0, 0);
    let mut fits = true;
    while over(day) {
        if pair(chooser, input, day) {
            pairs += 1;
        } else if let Some(place) = last(chooser, day, |pick| pick.role >= Role::Isolation) {
            remove(day, place);
            isolations += 1;
        } else if shorten(day, 2) {
            sets += 1;
        } else if day.picks.len() > 2
            && let Some(place) = last(chooser, day, |pick| pick.role != Role::Main)
        {
            remove(day, place);
            lifts += 1;
        } else if shorten(day, 1) {
            sets += 1;
        } else if day.picks.len() > 1
            && let Some(place) = last(chooser, day, |_| true)
        {
            remove(day, place);
            lifts += 1;
        } else {
            fits = false;
            break;
        }
    }
    let done = [
        ("time_supersets", "Supersets made", pairs),
        ("time_isolations", "Isolations left out", isolations),
        ("time_sets", "Sets taken off", sets),
        ("time_lifts", "Further exercises left out", lifts),
    ];
    for (code, what, count) in done.into_iter().filter(|(.., count)| *count > 0) {
        let message = format!("{what} so that the session fits its time: {count}.");
        warnings.push(Warning::about(code, &day.template.name, message));
    }
    fits
}
