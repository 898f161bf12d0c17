//! The program: parses the command line, runs it, and says in one sentence why it failed.

use std::process::ExitCode;

/// Threads free what others allocated, answers above all: the system's allocator makes them wait for
/// each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cadence::cli::main()
}
