//! Why a client needs the coach: what Today is made of.
//!
//! A reason is a row, at most one of a kind for each client. It is written in the transaction that
//! makes it true and removed in the one that ends it: a message comes in, a payment fails, a training
//! hurts. What only time decides is looked at once a day (`overview::jobs`), and adherence that is down
//! also when a planned session is logged: who catches up leaves at once. So Today is read off an
//! index in the order of [`KINDS`], however many clients, logs and check-ins there are.
//!
//! A client stands in the list once, at the first of his or her reasons: that row `leads`. The numbers
//! of clients with a reason of each kind are kept beside the rows.
//!
//! A coach can put a reason aside. It stays aside until it ends or something new happens, which is
//! told by another object.
//!
//! Invariant: rows are written through [`actions`] alone, which keeps leaders and numbers right.

pub mod actions;
pub mod store;
pub mod words;

use serde_json::Value;

use crate::caller::Scope;
use crate::clock::{DAY_MS, Timestamp};
use crate::ids::ClientId;
use crate::jobs::{Kind, PLAIN};

/// Looks at one client anew whose adherence is down, since a planned session was logged. It reads whole
/// programs, which is too much for the write that logs.
pub const LOOK_AGAIN: Kind = Kind {
    name: "today.look_again",
    ..PLAIN
};

/// A kind of reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReasonKind {
    /// A set of a training hurt, or a check-in says so.
    PainReported,
    /// A check-in was sent and not reviewed.
    CheckinUnreviewed,
    /// The client wrote last.
    MessageWaiting,
    /// A payment failed and none has succeeded since.
    PaymentFailed,
    /// A check-in is past its time.
    CheckinOverdue,
    /// Much less of the plan was done than before.
    AdherenceDown,
    /// The program ends soon, or has ended, and no other is followed.
    ProgramEnding,
    /// A client lifted more than ever before.
    PersonalRecord,
}

/// What holds of a kind of reason.
#[derive(Debug)]
pub struct Ranked {
    /// The kind.
    pub kind: ReasonKind,
    /// Who may read it: a key without this scope is not told.
    pub scope: Scope,
    /// The name on the wire.
    pub name: &'static str,
    /// When it is one, in a sentence.
    pub words: &'static str,
    /// It ends by itself after so long.
    pub lasts_ms: Option<i64>,
    /// True if it is as old as the first of what caused it; else as the last.
    pub keeps_since: bool,
}

const WEEK_MS: i64 = 7 * DAY_MS;

/// All kinds in their rank: whoever has a reason of an earlier one stands before all others. Within
/// a kind who has waited longest stands first.
pub const KINDS: &[Ranked] = &[
    Ranked {
        kind: ReasonKind::PainReported,
        scope: Scope::ProgramsRead,
        name: "pain_reported",
        words: "Something hurt in the last 7 days: a set of a training, or an answer to the question `pain` of a check-in.",
        lasts_ms: Some(WEEK_MS),
        keeps_since: false,
    },
    Ranked {
        kind: ReasonKind::CheckinUnreviewed,
        scope: Scope::CheckinsRead,
        name: "checkin_unreviewed",
        words: "A check-in waits for its review.",
        lasts_ms: None,
        keeps_since: false,
    },
    Ranked {
        kind: ReasonKind::MessageWaiting,
        scope: Scope::MessagesRead,
        name: "message_waiting",
        words: "The client wrote last.",
        lasts_ms: None,
        keeps_since: true,
    },
    Ranked {
        kind: ReasonKind::PaymentFailed,
        scope: Scope::PaymentsRead,
        name: "payment_failed",
        words: "A payment failed, and none has succeeded since.",
        lasts_ms: None,
        keeps_since: true,
    },
    Ranked {
        kind: ReasonKind::CheckinOverdue,
        scope: Scope::CheckinsRead,
        name: "checkin_overdue",
        words: "A check-in is past its time.",
        lasts_ms: None,
        keeps_since: true,
    },
    Ranked {
        kind: ReasonKind::AdherenceDown,
        scope: Scope::ProgramsRead,
        name: "adherence_down",
        words: "Of the plan at least 20 percent points less was done in the last 7 days than in the last 30. Looked at each night, and it ends once the sessions that were missed are logged.",
        lasts_ms: None,
        keeps_since: true,
    },
    Ranked {
        kind: ReasonKind::ProgramEnding,
        scope: Scope::ProgramsRead,
        name: "program_ending",
        words: "The program ends within 7 days, or has ended, and the client follows no other.",
        lasts_ms: None,
        keeps_since: true,
    },
    Ranked {
        kind: ReasonKind::PersonalRecord,
        scope: Scope::ProgramsRead,
        name: "personal_record",
        words: "A best was beaten in the last 7 days.",
        lasts_ms: Some(WEEK_MS),
        keeps_since: false,
    },
];

impl ReasonKind {
    /// The names on the wire, in the order of rank.
    pub const CHOICES: &[(&'static str, Self)] = &[
        (KINDS[0].name, KINDS[0].kind),
        (KINDS[1].name, KINDS[1].kind),
        (KINDS[2].name, KINDS[2].kind),
        (KINDS[3].name, KINDS[3].kind),
        (KINDS[4].name, KINDS[4].kind),
        (KINDS[5].name, KINDS[5].kind),
        (KINDS[6].name, KINDS[6].kind),
        (KINDS[7].name, KINDS[7].kind),
    ];

    /// Its place among all: the table lists the kinds in the order of the type.
    pub fn rank(self) -> u8 {
        self as u8
    }

    /// What holds of it.
    pub fn ranked(self) -> &'static Ranked {
        &KINDS[usize::from(self.rank())]
    }

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        self.ranked().name
    }

    /// Reads the name on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        let found = KINDS.iter().find(|ranked| ranked.name == text);
        found.map(|ranked| ranked.kind)
    }
}

/// Whose reason it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whom {
    /// The client.
    pub client: ClientId,
    /// Whether the client is active: only those count as quiet without a reason.
    pub active: bool,
}

/// Something that a client needs the coach for.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Its kind.
    pub kind: ReasonKind,
    /// Since when.
    pub since: Timestamp,
    /// The id of what it is about; another one is something new.
    pub object_id: Option<String>,
    /// What its words are made of.
    pub detail: Value,
}

/// A reason as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The reason.
    pub reason: Reason,
    /// It ends by itself then.
    pub until: Option<Timestamp>,
    /// The coach has put it aside.
    pub dismissed: bool,
    /// It is the first of its client's.
    pub leads: bool,
    /// Whether its client is active.
    pub active: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_type() {
        for (place, ranked) in KINDS.iter().enumerate() {
            assert_eq!(usize::from(ranked.kind.rank()), place, "{}", ranked.name);
            assert_eq!(ReasonKind::parse(ranked.name), Some(ranked.kind));
        }
        assert_eq!(ReasonKind::CHOICES.len(), KINDS.len());
    }
}
