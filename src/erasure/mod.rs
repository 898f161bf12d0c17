//! Erasing a client for good, and wherever the client left a trace.
//!
//! # What goes
//!
//! In one transaction: the profile, messages, programs, workout logs and records, check-ins,
//! measurements, schedules, photos with their pictures, devices, consents, mails with their sealed
//! values and the jobs that were to send them. Files with all of the tenant's data are removed after the
//! commit and before the answer. What tells of the client elsewhere is emptied: the
//! data of events, bodies, paths and queries of the request log, answers that are kept under
//! idempotency keys, what receivers of webhooks answered, what the test inbox received, notices,
//! details of the audit log.
//!
//! # What stays
//!
//! Payments keep amount, currency, dates and the id of the client, without words. Events keep id,
//! type and sequence, so that a reader of the feed sees no hole. Program templates are the coach's
//! own, even one that was made of a client's program: their names, notes and blocks are not searched.
//! And the id of who was erased stays,
//! by which a backup that is restored is made to forget again ([`again`]).
//!
//! # How traces are found
//!
//! By ids, wherever there are any: those of the client and of anything that was the client's
//! ([`Traces`]). Events and saved answers carry them; only data without any client's id is also known
//! by the address as a whole value. A name, a telephone number or an external id may be anybody's,
//! and anything: they count only in the request log, as the whole value of a field for them, where no
//! other client is named. Words such as those of notices are known by ids, the address, and a name of
//! more than one word. What is another client's stays as it is.
//!
//! Long tables are searched before the transaction, by a reader; the transaction looks at what came
//! since. The request log, which is no part of anybody's state, is emptied before it, in parts.
//!
//! Invariant: what is deleted is overwritten in the file (`secure_delete`), and the log of writes is
//! written back and emptied before the answer leaves, unless somebody reads the whole file just then:
//! in that case it follows once they are done.

pub mod actions;
pub mod again;
pub mod body;
pub mod routes;
pub mod store;
pub mod traces;

pub use self::traces::Traces;
