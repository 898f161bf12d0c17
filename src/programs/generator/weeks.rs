//! The weeks of a plan: how many, how many sets, how much in reserve.

use super::{Input, Pick, policy};

/// From `first` to `last` in equal steps: the value of week `week` of `weeks`.
pub(super) fn between(first: u32, last: u32, week: u32, weeks: u32) -> u32 {
    if weeks < 2 {
        return first;
    }
    let share = |distance: u32| (distance * (week - 1) + (weeks - 1) / 2) / (weeks - 1);
    if last >= first {
        first + share(last - first)
    } else {
        first - share(first - last)
    }
}

/// A week of the plan.
#[derive(Clone, Copy)]
pub(super) struct Week {
    /// Its number in the program.
    pub(super) number: u32,
    /// Its number in the block.
    pub(super) of_block: u32,
    /// How many weeks there are before the deload.
    pub(super) weeks: u32,
    pub(super) deload: bool,
    pub(super) rir: u32,
}

impl Week {
    pub(super) fn sets(self, pick: &Pick) -> u32 {
        if self.deload {
            return pick.start.div_ceil(2).min(pick.peak);
        }
        let sets = between(pick.start, pick.peak, self.of_block, self.weeks);
        let eased = if self.number == 1 { pick.eased } else { 0 };
        sets - eased
    }
}

pub(super) fn weeks(input: &Input) -> Vec<Week> {
    let (load, deload) = policy::weeks(input.goal, input.level as usize);
    let (load, deload) = (u32::from(load), u32::from(deload));
    let (first, last) = policy::rir(input.goal, input.level as usize);
    let rir = |week| match between(first, last, week, load) {
        _ if input.is_easy() => policy::EASY_RIR,
        rir => rir,
    };
    let of_load = (1..=load).map(|week| Week {
        number: week,
        of_block: week,
        weeks: load,
        deload: false,
        rir: rir(week),
    });
    let of_deload = (1..=deload).map(|week| Week {
        number: load + week,
        of_block: week,
        weeks: load,
        deload: true,
        rir: policy::EASY_RIR,
    });
    of_load.chain(of_deload).collect()
}

/// Repetitions in reserve in the first week.
pub(super) fn first_rir(input: &Input) -> u32 {
    weeks(input)
        .first()
        .map_or(policy::EASY_RIR, |week| week.rir)
}
