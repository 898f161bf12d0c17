//! Exercises: the embedded catalogue, and what a coach adds to it.
//!
//! A program and a log name an exercise by its slug. The catalogue is data of ours, the same for
//! everybody and changed by a release alone; the coach's own exercises belong to the tenant. Together
//! they are one list, found by name, alias, muscle, equipment and pattern.
//!
//! Invariant: a slug is one exercise of a tenant. What the catalogue calls something, a coach cannot
//! call something else.

pub mod catalogue;
