//! Runs one fixture in a process of its own: the matrix test starts it and reads the report that it leaves.

use std::process::ExitCode;

fn main() -> ExitCode {
    fixtures::command::main()
}
