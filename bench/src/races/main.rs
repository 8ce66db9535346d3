//! What watching for data races costs: one program, built plain, watched, and with ThreadSanitizer. `races.sh` builds it three
//! times, lets each build take its turn, and writes `RACES.md`.

#[path = "../clock.rs"]
#[expect(dead_code, reason = "the other harness uses more of it")]
mod clock;
#[path = "../output.rs"]
mod output;
mod table;
mod work;

use std::process::ExitCode;

const USAGE: &str = "usage: races-bench measure | table FILE...";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["measure"] => {
            work::measure();
            Ok(())
        }
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
