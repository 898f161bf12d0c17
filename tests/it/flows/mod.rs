//! What holds across resources.

mod backups;
mod bad_input;
mod clock;
mod disk_full;
mod erasure;
mod escalation;
mod exactly_once;
mod forced;
mod jobs;
mod limits;
mod listen;
mod mail;
mod oauth;
mod outside;
mod revocation;
mod schedules;
mod seed_curls;
mod sessions;
mod slow;
mod tokens;
mod streams;
mod webhooks;
mod wrong_tls;
