//! Which sessions a week has, what is in them, and on which days they are.

use super::policy::{BEGINNER_LIFTING_DAYS, Goal, Group, Role};
use crate::exercises::catalogue::{Level, Pattern};

/// The part of the body that a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Focus {
    Full,
    Upper,
    Lower,
    Push,
    Pull,
    Legs,
    Easy,
}

impl Focus {
    /// Whether a group may be trained in such a session.
    pub(super) fn takes(self, group: Group) -> bool {
        let lower = matches!(
            group,
            Group::Quads | Group::Hamstrings | Group::Glutes | Group::Calves
        );
        match self {
            Self::Full => true,
            Self::Upper => !lower,
            Self::Lower | Self::Legs => lower || group == Group::Core,
            Self::Push => matches!(
                group,
                Group::Chest | Group::Shoulders | Group::Triceps | Group::Core
            ),
            Self::Pull => matches!(
                group,
                Group::Back | Group::Shoulders | Group::Biceps | Group::Core
            ),
            Self::Easy => false,
        }
    }
}

/// A place for an exercise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) role: Role,
    pub(super) pattern: Pattern,
}

/// A session before it has exercises.
#[derive(Clone, Debug)]
pub(super) struct Template {
    pub(super) name: String,
    pub(super) focus: Focus,
    /// Which of the heavy, medium and light days it is.
    pub(super) wave: usize,
    pub(super) slots: Vec<Slot>,
}

const fn slot(role: Role, pattern: Pattern) -> Slot {
    Slot { role, pattern }
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn slots(focus: Focus, variant: usize) -> Vec<Slot> {
    use Pattern::{
        ArmExtension, ArmFlexion, Calf, CoreAntiExtension, CoreAntiRotation, CoreFlexion, Delt,
        Hinge, LegIsolation, Lunge, PullHorizontal, PullVertical, PushHorizontal, PushVertical,
        Squat,
    };
    use Role::{Accessory, Core, Isolation, Main, Second};
    let list: &[Slot] = match (focus, variant % 3) {
        (Focus::Full, 0) => &[
            slot(Main, Squat),
            slot(Main, PushHorizontal),
            slot(Second, PullHorizontal),
            slot(Second, Hinge),
            slot(Accessory, PullVertical),
            slot(Isolation, Delt),
            slot(Core, CoreAntiExtension),
        ],
        (Focus::Full, 1) => &[
            slot(Main, Hinge),
            slot(Main, PullVertical),
            slot(Second, PushVertical),
            slot(Second, Lunge),
            slot(Accessory, PushHorizontal),
            slot(Isolation, ArmFlexion),
            slot(Core, CoreAntiRotation),
        ],
        (Focus::Full, _) => &[
            slot(Main, Squat),
            slot(Main, PushHorizontal),
            slot(Second, PullHorizontal),
            slot(Second, Hinge),
            slot(Isolation, ArmExtension),
            slot(Isolation, Calf),
            slot(Core, CoreFlexion),
        ],
        (Focus::Upper, 0) => &[
            slot(Main, PushHorizontal),
            slot(Main, PullHorizontal),
            slot(Second, PushVertical),
            slot(Second, PullVertical),
            slot(Isolation, ArmFlexion),
            slot(Isolation, ArmExtension),
        ],
        (Focus::Upper, _) => &[
            slot(Main, PushVertical),
            slot(Main, PullVertical),
            slot(Second, PushHorizontal),
            slot(Second, PullHorizontal),
            slot(Isolation, Delt),
            slot(Isolation, ArmExtension),
        ],
        (Focus::Lower | Focus::Legs, 0) => &[
            slot(Main, Squat),
            slot(Second, Hinge),
            slot(Accessory, Lunge),
            slot(Isolation, LegIsolation),
            slot(Isolation, Calf),
            slot(Core, CoreAntiExtension),
        ],
        (Focus::Lower | Focus::Legs, _) => &[
            slot(Main, Hinge),
            slot(Second, Squat),
            slot(Accessory, Lunge),
            slot(Isolation, LegIsolation),
            slot(Isolation, Calf),
            slot(Core, CoreAntiRotation),
        ],
        (Focus::Push, 0) => &[
            slot(Main, PushHorizontal),
            slot(Second, PushVertical),
            slot(Accessory, PushHorizontal),
            slot(Isolation, Delt),
            slot(Isolation, ArmExtension),
        ],
        (Focus::Push, _) => &[
            slot(Main, PushVertical),
            slot(Second, PushHorizontal),
            slot(Accessory, PushHorizontal),
            slot(Isolation, Delt),
            slot(Isolation, ArmExtension),
        ],
        (Focus::Pull, 0) => &[
            slot(Main, PullVertical),
            slot(Second, PullHorizontal),
            slot(Isolation, Delt),
            slot(Isolation, ArmFlexion),
            slot(Core, CoreFlexion),
        ],
        (Focus::Pull, _) => &[
            slot(Main, PullHorizontal),
            slot(Second, PullVertical),
            slot(Isolation, Delt),
            slot(Isolation, ArmFlexion),
            slot(Core, CoreFlexion),
        ],
        (Focus::Easy, _) => &[],
    };
    list.to_vec()
}

/// The sessions of a week.
pub(super) fn week(goal: Goal, level: Level, days: u32) -> Vec<Template> {
    use Focus::{Easy, Full, Legs, Lower, Pull, Push, Upper};
    let lifting = match level {
        Level::Beginner => days.min(BEGINNER_LIFTING_DAYS),
        Level::Intermediate | Level::Advanced => days,
    };
    let mut focuses: Vec<Focus> = match lifting {
        0 | 1 => vec![Full],
        2 => vec![Full; 2],
        3 => vec![Full; 3],
        4 => vec![Upper, Lower, Upper, Lower],
        5 => vec![Upper, Lower, Push, Pull, Legs],
        _ => vec![Push, Pull, Legs, Push, Pull, Legs],
    };
    // Easy days between the lifting days.
    for extra in 0..(days - lifting) as usize {
        let place = (2 + 3 * extra).min(focuses.len());
        focuses.insert(place, Easy);
    }
    let mut templates: Vec<Template> = Vec::new();
    for focus in &focuses {
        let nth = templates
            .iter()
            .filter(|other| other.focus == *focus)
            .count();
        // After an upper and a lower day, push, pull and legs are their second time.
        let variant = match focus {
            Push | Pull | Legs if lifting == 5 => 1,
            Full | Upper | Lower | Push | Pull | Legs | Easy => nth,
        };
        let twice = focuses.iter().filter(|other| *other == focus).count() > 1;
        let letter = ["A", "B", "C"][nth.min(2)];
        let word = match focus {
            Full => "Full body",
            Upper => "Upper body",
            Lower => "Lower body",
            Push => "Push",
            Pull => "Pull",
            Legs => "Legs",
            Easy => "Easy day",
        };
        let mut slots = slots(*focus, variant);
        let powered = goal == Goal::Strength || goal == Goal::General;
        if level == Level::Advanced && powered && matches!(focus, Full | Lower | Legs) && nth == 0 {
            slots.insert(0, slot(Role::Power, Pattern::Power));
        }
        let name = if twice {
            format!("{word} {letter}")
        } else {
            word.to_owned()
        };
        templates.push(Template {
            name,
            focus: *focus,
            wave: nth.min(2),
            slots,
        });
    }
    templates
}

/// The smallest distance between two days of a set, round the week, and how many are larger.
fn spread(set: u8) -> (u32, usize) {
    let days: Vec<u32> = (0..7).filter(|day| set & (1 << day) != 0).collect();
    let next = |place: usize| days[(place + 1) % days.len()];
    let distance = |place: usize| match (next(place) + 7 - days[place]) % 7 {
        0 => 7,
        distance => distance,
    };
    let smallest = (0..days.len()).map(distance).min().unwrap_or(7);
    let larger = (0..days.len()).filter(|place| distance(*place) > smallest);
    (smallest, larger.count())
}

/// On which days of seven `count` sessions are, from 1: as far from each other as can be, ties to the
/// earlier day; those that are preferred come first.
pub(super) fn days(count: u32, preferred: u8) -> Vec<u16> {
    let wanted = preferred.count_ones();
    let fits = |set: &u8| {
        let set = *set;
        let inside = if wanted >= count {
            set & !preferred == 0
        } else {
            preferred & !set == 0
        };
        set.count_ones() == count && inside
    };
    // An earlier day is a lower bit: read backward, the earlier set is the larger number.
    let best = (1..=127_u8)
        .filter(fits)
        .max_by_key(|set| (spread(*set), set.reverse_bits()));
    let set = best.unwrap_or(0);
    (0..7)
        .filter(|day| set & (1 << day) != 0)
        .map(|day| day + 1)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_spread_and_preferred_days_are_kept() {
        assert_eq!(days(1, 0), [1]);
        assert_eq!(days(2, 0), [1, 4]);
        assert_eq!(days(3, 0), [1, 3, 5]);
        assert_eq!(days(4, 0), [1, 2, 4, 6]);
        assert_eq!(days(6, 0), [1, 2, 3, 4, 5, 6]);
        // Tuesday, Thursday, Saturday, Sunday.
        assert_eq!(days(3, 0b110_1010), [2, 4, 6]);
        assert_eq!(days(3, 0b100_0000), [2, 4, 7]);
    }
}
