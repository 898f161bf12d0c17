//! The program: parses the command line, runs it, and says in one sentence why it failed.

use std::process::ExitCode;

fn main() -> ExitCode {
    cadence::cli::main()
}
