//! unsnarl beside its peers, measured in one run. `run.sh` calls it and writes `RESULTS.md`.

#![expect(
    clippy::duplicate_mod,
    reason = "the explorer and its peer run the same programs, each on types of its own"
)]

mod allocation;
mod child;
mod clock;
mod column;
mod edges;
mod explored;
mod figure;
mod locks;
mod memory;
mod output;
mod peers;
mod rounds;
mod rows;
mod shapes;
mod table;
mod threads;

use std::process::ExitCode;

const USAGE: &str = "usage: unsnarl-bench explored [times | spaces | finds [STRATEGY...]] | rounds [ROW...] | children | child ROW COLUMN | table FILE...";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["rounds", rows @ ..] => {
            rounds::run(rows);
            Ok(())
        }
        ["explored", part @ ..] if explored::run(part) => Ok(()),
        ["children"] => child::run_all(),
        ["child", row, column] => child::run(row, column),
        ["table", files @ ..] if !files.is_empty() => table::print(files),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}
