//! How many sets of what: weekly volume is shared out over the exercises.

use super::pick::{Chooser, Wish};
use super::policy::{self, GROUPS, Group, Role};
use super::{Day, Input, Pick, Stage, UNITS_OF_A_SET, history};

/// Half sets of each group that are aimed at, in the first and in the hardest week.
pub(super) fn targets(input: &Input) -> [[u32; GROUPS]; 2] {
    let (first, hardest) = policy::weekly_sets(input.goal, input.level as usize);
    let hardest = if input.is_easy() { first } else { hardest };
    [first, hardest].map(|sets| {
        let mut goal = [0; GROUPS];
        for (_, group) in Group::CHOICES {
            let percent = match group {
                Group::Calves | Group::Core => policy::MINOR_PERCENT,
                Group::Glutes | Group::Biceps | Group::Triceps => policy::HELPER_PERCENT,
                Group::Chest
                | Group::Back
                | Group::Shoulders
                | Group::Quads
                | Group::Hamstrings => 100,
            };
            goal[*group as usize] = (sets * percent).div_ceil(100) * UNITS_OF_A_SET;
        }
        goal
    })
}

/// The same as it is told of a plan whose first week may be lighter.
pub(super) fn told_targets(input: &Input) -> [[u32; GROUPS]; 2] {
    let [first, hardest] = targets(input);
    if !history::begins_lighter(input) {
        return [first, hardest];
    }
    let less = policy::STRAIN_SETS * UNITS_OF_A_SET;
    [first.map(|sets| sets.saturating_sub(less)), hardest]
}

/// Takes a set off each group in the first week where an exercise has one to give: isolations first,
/// and none of a group that a lift for another has already made lighter by as much.
pub(super) fn ease(chooser: &Chooser<'_>, days: &mut [Day]) {
    let most = policy::STRAIN_SETS * UNITS_OF_A_SET;
    let mut taken = [0; GROUPS];
    for (_, group) in Group::CHOICES {
        while taken[*group as usize] < most {
            let gives = |pick: &&mut Pick| {
                let credits = &chooser.pool.facts[pick.place].credits;
                let room = credits
                    .iter()
                    .zip(&taken)
                    .all(|(more, taken)| taken + more <= most);
                chooser.pool.facts[pick.place].trains(*group) && room && pick.sets(Stage::First) > 1
            };
            let picks = days.iter_mut().flat_map(|day| &mut day.picks);
            let Some(pick) = picks
                .filter(gives)
                .max_by_key(|pick| (pick.role, pick.sets(Stage::First)))
            else {
                break;
            };
            pick.eased += 1;
            for (taken, credit) in taken
                .iter_mut()
                .zip(&chooser.pool.facts[pick.place].credits)
            {
                *taken += credit;
            }
        }
    }
}

/// Half sets of each group in one session.
pub(super) fn of_day(chooser: &Chooser<'_>, day: &Day, stage: Stage) -> [u32; GROUPS] {
    let mut sum = [0; GROUPS];
    for pick in &day.picks {
        let credits = &chooser.pool.facts[pick.place].credits;
        for (total, credit) in sum.iter_mut().zip(credits) {
            *total += credit * pick.sets(stage);
        }
    }
    sum
}

/// Half sets of each group in a week.
pub(super) fn of_week(chooser: &Chooser<'_>, days: &[Day], stage: Stage) -> [u32; GROUPS] {
    let mut sum = [0; GROUPS];
    for day in days {
        for (total, more) in sum.iter_mut().zip(of_day(chooser, day, stage)) {
            *total += more;
        }
    }
    sum
}

/// What is missing of the targets.
pub(super) fn deficits(target: &[u32; GROUPS], planned: &[u32; GROUPS]) -> [u32; GROUPS] {
    std::array::from_fn(|group| target[group].saturating_sub(planned[group]))
}

/// In how many sessions a group gets at least one whole set.
pub(super) fn frequency(chooser: &Chooser<'_>, days: &[Day], group: Group) -> usize {
    let trained = |day: &&Day| of_day(chooser, day, Stage::First)[group as usize] >= UNITS_OF_A_SET;
    days.iter().filter(trained).count()
}

/// The groups, those furthest from their target first.
fn by_deficit(missing: &[u32; GROUPS]) -> Vec<Group> {
    let mut groups: Vec<Group> = Group::CHOICES.iter().map(|(_, group)| *group).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(missing[*group as usize]));
    groups
}

/// How many of `wanted` sets of an exercise the caps leave room for in a session.
pub(super) fn room(
    chooser: &Chooser<'_>,
    days: &[Day],
    day: usize,
    exercise: usize,
    wanted: u32,
) -> u32 {
    let (week, today) = (
        of_week(chooser, days, Stage::Peak),
        of_day(chooser, &days[day], Stage::Peak),
    );
    let credits = &chooser.pool.facts[exercise].credits;
    let fits = |sets: &u32| {
        (0..GROUPS).all(|group| {
            let more = credits[group] * sets;
            more == 0 || is_within_caps(week[group] + more, today[group] + more)
        })
    };
    (1..=wanted).rev().find(fits).unwrap_or(0)
}

fn is_within_caps(week: u32, today: u32) -> bool {
    week <= policy::WEEK_CAP * UNITS_OF_A_SET && today <= policy::SESSION_CAP * UNITS_OF_A_SET
}

/// Adds isolations where the lifts alone cannot reach the volume, or reach a group only once a week.
pub(super) fn add_isolations(
    chooser: &Chooser<'_>,
    input: &Input,
    days: &mut [Day],
    used: &mut [u32],
) {
    let [_, target] = targets(input);
    let lifting = days.iter().filter(|day| !day.is_easy()).count();
    let mut potential = [0; GROUPS];
    for pick in days.iter().flat_map(|day| &day.picks) {
        let credits = &chooser.pool.facts[pick.place].credits;
        for (total, credit) in potential.iter_mut().zip(credits) {
            *total += credit * pick.role.sets_max();
        }
    }
    for group in by_deficit(&deficits(&target, &potential)) {
        for _ in 0..lifting.min(3) {
            let rare = lifting >= 2
                && policy::MAJOR.contains(&group)
                && frequency(chooser, days, group) < 2;
            if potential[group as usize] >= target[group as usize] && !rare {
                break;
            }
            if !add_isolation(chooser, input, days, used, group) {
                break;
            }
            potential[group as usize] += UNITS_OF_A_SET * Role::Isolation.sets_max();
        }
    }
}

fn add_isolation(
    chooser: &Chooser<'_>,
    input: &Input,
    days: &mut [Day],
    used: &mut [u32],
    group: Group,
) -> bool {
    let trained = |day: &Day| of_day(chooser, day, Stage::First)[group as usize] >= UNITS_OF_A_SET;
    let has_one = |day: &Day| {
        let mut picks = day.picks.iter();
        picks.any(|pick| {
            pick.role >= Role::Isolation && chooser.pool.facts[pick.place].trains(group)
        })
    };
    let open = |day: &Day| {
        day.template.focus.takes(group) && day.picks.len() < policy::EXERCISES_MAX && !has_one(day)
    };
    let places = (0..days.len()).filter(|place| open(&days[*place]));
    let best =
        places.min_by_key(|place| (trained(&days[*place]), days[*place].picks.len(), *place));
    let Some(place) = best else {
        return false;
    };
    let [target, _] = targets(input);
    let missing = deficits(&target, &of_week(chooser, days, Stage::First));
    let day = &days[place];
    let taken = |exercise: usize| day.picks.iter().any(|pick| pick.place == exercise);
    let role = if group == Group::Core {
        Role::Core
    } else {
        Role::Isolation
    };
    let mut wishes = policy::isolations(group).iter().map(|pattern| Wish {
        role,
        pattern: *pattern,
        deficits: &missing,
        group: Some(group),
        used,
        taken: &taken,
    });
    let Some(choice) = wishes.find_map(|wish| chooser.choose(&wish)) else {
        return false;
    };
    let exercise = choice.place;
    let slot = format!("isolation: {}", group.name());
    let mut pick = Pick::new(input, chooser, role, choice, slot);
    let sets = room(chooser, days, place, exercise, pick.start);
    if sets == 0 {
        return false;
    }
    pick.limit(sets);
    used[exercise] += 1;
    days[place].picks.push(pick);
    true
}

/// Adds sets, one at a time, to what trains the group furthest from its target.
pub(super) fn share_out(chooser: &Chooser<'_>, input: &Input, days: &mut [Day], stage: Stage) {
    let target = targets(input)[stage as usize];
    let mut closed = [false; GROUPS];
    loop {
        let week = of_week(chooser, days, stage);
        let missing = deficits(&target, &week);
        let open = by_deficit(&missing).into_iter();
        let Some(group) = open
            .into_iter()
            .find(|g| !closed[*g as usize] && missing[*g as usize] > 0)
        else {
            return;
        };
        let Some((day, pick)) = place_for_set(chooser, days, group, &week, stage) else {
            closed[group as usize] = true;
            continue;
        };
        days[day].picks[pick].add_set(stage);
    }
}

/// The exercise for the group that has the fewest sets so far and that no cap forbids.
fn place_for_set(
    chooser: &Chooser<'_>,
    days: &[Day],
    group: Group,
    week: &[u32; GROUPS],
    stage: Stage,
) -> Option<(usize, usize)> {
    let mut best = None;
    for (place, day) in days.iter().enumerate() {
        let today = of_day(chooser, day, stage);
        for (index, pick) in day.picks.iter().enumerate() {
            let facts = &chooser.pool.facts[pick.place];
            let room = (0..GROUPS).all(|g| {
                let more = facts.credits[g];
                more == 0 || is_within_caps(week[g] + more, today[g] + more)
            });
            if !facts.trains(group) || pick.sets(stage) >= pick.role.sets_max() || !room {
                continue;
            }
            let rank = (pick.sets(stage), today[group as usize], place, index);
            if best.is_none_or(|(least, _)| rank < least) {
                best = Some((rank, (place, index)));
            }
        }
    }
    best.map(|(_, found)| found)
}
