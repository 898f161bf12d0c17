//! What becomes of mail: sending it, holding it, dropping it.
//!
//! Sending is three steps, as everything that asks outside: the job of the mail is taken (and that
//! committed), the mail is handed over, and what came of it is written together with the job's end.
//! A kill in the second or before the third repeats the mail, with the same `Message-ID`; nothing
//! else repeats one and nothing loses one.
//!
//! A mail that is held never leaves by itself, also not when a mail server appears: by then its link
//! may have been passed on by hand. Somebody sends or drops it. What is pointless by the time that
//! its turn comes is dropped: an ended link, an invite that was replaced by a newer one.
//!
//! The outbox knows mails and nothing of clients; the client's `invite` follows from here.

pub mod actions;
pub mod jobs;
pub mod letters;
pub mod routes;
