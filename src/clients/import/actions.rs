//! Making the clients of an import ready, and writing them.

use std::ops::Range;

use super::body::ClientImportBody;
use super::{File, Options, Outcome, STEP_ROWS, Verdict};
use crate::app::App;
use crate::caller::{ClientsWrite, Permit};
use crate::clients::actions::{Draft, add, draft};
use crate::clients::store::find_id_by_email;
use crate::db::{Reader, Tx};
use crate::error::{Error, Result};
use crate::ids::ClientId;

/// An import that has been read and judged, ready to be written step by step.
pub struct Import {
    file: File,
    options: Options,
    /// The places of the good rows.
    good: Vec<usize>,
}

impl Import {
    /// An import of this file.
    pub fn new(file: File, options: Options) -> Self {
        let places = file.rows.iter().enumerate();
        let good = places
            .filter(|(_, row)| matches!(row.verdict, Verdict::Good(_)))
            .map(|(place, _)| place)
            .collect();
        Self {
            file,
            options,
            good,
        }
    }

    /// How many steps it takes; none for a dry run.
    pub fn steps(&self) -> u32 {
        if self.options.dry_run {
            return 0;
        }
        let steps = self.good.len().div_ceil(STEP_ROWS);
        // At most 500, since the rows are bounded.
        u32::try_from(steps).unwrap_or(u32::MAX)
    }

    fn of_step(&self, step: u32) -> Range<usize> {
        let begin = step as usize * STEP_ROWS;
        begin..(begin + STEP_ROWS).min(self.good.len())
    }

    /// Makes the clients of a step ready: everything that takes time is done here.
    pub fn drafts(
        &self,
        app: &App,
        permit: &Permit<ClientsWrite>,
        step: u32,
    ) -> Result<Vec<Draft>> {
        let places = self.good.get(self.of_step(step)).unwrap_or_default();
        let rows = places.iter().filter_map(|place| self.file.rows.get(*place));
        let mut drafts = Vec::with_capacity(places.len());
        for row in rows {
            if let Verdict::Good(new) = &row.verdict {
                let mut new = (**new).clone();
                new.send_invite = new.send_invite.or(Some(self.options.send_invite));
                drafts.push(draft(app, permit, new)?);
            }
        }
        Ok(drafts)
    }

    /// What a dry run says of the good rows.
    pub fn foresee(&self, conn: &Reader, permit: &Permit<ClientsWrite>) -> Result<Vec<Outcome>> {
        let good = self.good.iter().filter_map(|place| {
            let row = self.file.rows.get(*place)?;
            match &row.verdict {
                Verdict::Good(new) => Some(new),
                Verdict::Repeats(_) | Verdict::Bad(_) => None,
            }
        });
        let outcomes = good.map(|new| {
            let existing = find_id_by_email(conn, permit.tenant(), &new.email.key())?;
            Ok(existing.map_or(Outcome::WouldCreate, Outcome::Exists))
        });
        outcomes.collect()
    }

    /// What became of it.
    pub fn report(
        &self,
        permit: &Permit<ClientsWrite>,
        outcomes: Vec<Outcome>,
    ) -> ClientImportBody {
        let livemode = permit.tenant().mode().is_live();
        ClientImportBody::of(&self.file, livemode, self.options.dry_run, outcomes)
    }
}

/// Adds the clients of one step; one whose address is taken is left out.
pub fn write(tx: &Tx<'_>, permit: &Permit<ClientsWrite>, drafts: &[Draft]) -> Result<Vec<Outcome>> {
    let outcomes = drafts.iter().map(|draft| {
        let existing = add(tx, permit, draft)?;
        Ok(existing.map_or(Outcome::Created(draft.client.id), Outcome::Exists))
    });
    outcomes.collect()
}

/// Stands before the id of a client who was there already.
const EXISTS: char = '=';

/// The outcomes of a step as they are kept under an idempotency key: an id a line, after `=` if the
/// client was there already.
pub fn keep(outcomes: &[Outcome]) -> Vec<u8> {
    let lines = outcomes.iter().map(|outcome| match outcome {
        Outcome::Created(id) => format!("{id}\n"),
        Outcome::Exists(id) => format!("{EXISTS}{id}\n"),
        Outcome::WouldCreate => "\n".to_owned(),
    });
    lines.collect::<String>().into_bytes()
}

/// Reads what [`keep`] made.
pub fn kept(bytes: &[u8]) -> Result<Vec<Outcome>> {
    let unreadable = || Error::bug("the outcome of an import's step cannot be read");
    let text = std::str::from_utf8(bytes).ok().ok_or_else(unreadable)?;
    let outcomes = text.lines().map(|line| {
        let existing = line.strip_prefix(EXISTS);
        let id = ClientId::parse(existing.unwrap_or(line)).ok_or_else(unreadable)?;
        Ok(match existing {
            Some(_) => Outcome::Exists(id),
            None => Outcome::Created(id),
        })
    });
    outcomes.collect()
}
