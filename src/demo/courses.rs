//! How training went for somebody: what the programs and the logs are made of.

use crate::programs::generator::policy::Goal;

/// How a client says how hard a set was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// By rate of perceived exertion.
    Rpe,
    /// By repetitions in reserve.
    Rir,
    /// Not at all.
    Untold,
}

/// What is special about the last weeks. Numbers are days before now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing: it goes as planned.
    OnPlan,
    /// A record in this exercise, in the last training with it: the load in thousandths of a
    /// kilogram, and the repetitions.
    Record(&'static str, i64, u32),
    /// No more load since then.
    Plateau(i64),
    /// Hardly any training since then.
    Slipping(i64),
    /// A knee that hurts since then.
    Knee(i64),
    /// Away since then, with the coach's blessing, and why.
    Away(i64, &'static str),
}

/// How training went.
pub(super) struct Course {
    /// The programs that were followed, one after the other, up to the present one: name and goal.
    pub(super) programs: &'static [(&'static str, Goal)],
    /// Which week of the last of them it is, from 1.
    pub(super) weeks_in: i64,
    /// The goal of the draft that waits, if one does.
    pub(super) next: Option<Goal>,
    /// Days to train on, 0 for Monday.
    pub(super) days: &'static [u8],
    /// The hour of the day, where the client lives.
    pub(super) hour: i8,
    /// Percent of what a man of 80 kg with a year of training lifts.
    pub(super) strength: i64,
    /// How many of a hundred sessions are done.
    pub(super) kept: u64,
    /// How the client says how hard it was.
    pub(super) effort: Effort,
    /// What is special about the last weeks.
    pub(super) shape: Shape,
    /// What the client writes into the log now and then.
    pub(super) remarks: &'static [&'static str],
}

impl Course {
    /// No training so far.
    pub(super) const NONE: Self = Self {
        programs: &[],
        weeks_in: 1,
        next: None,
        days: &[0, 2, 4],
        hour: 18,
        strength: 100,
        kept: 100,
        effort: Effort::Untold,
        shape: Shape::OnPlan,
        remarks: &[],
    };
}
