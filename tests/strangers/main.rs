//! Published crates, as they are: their own tests pass under `cargo unsnarl test --shim all` as they do without, and
//! what is found in them is known and judged (`docs/strangers.md`).
//!
//! Crates are fetched, so nothing runs unless asked for, and what cannot be fetched is skipped:
//!
//! ```sh
//! cargo test -p unsnarl-tests --test strangers -- --ignored small    # three, in a minute
//! cargo test -p unsnarl-tests --test strangers -- --ignored flume
//! cargo test -p unsnarl-tests --test strangers -- --ignored known    # bugs that are known, under `stress`
//! cargo test -p unsnarl-tests --test strangers -- --ignored explored # suites under the explorer
//! cargo test -p unsnarl-tests --test strangers -- --ignored          # all of them, for hours
//! ```
//!
//! Each test is explored for ten seconds at most, or for `STRANGERS_TIME`, such as `2s`.
//!
//! Each run prints its row of the table; with `STRANGERS_WRITE=1` in the environment it goes into the document. With
//! `STRANGERS_TIMES=5` each suite is run five times, plain and watched in turn, and the times are the least of each.

mod comparison;
mod explored;
mod graph;
mod known;
mod record;
mod runner;
mod sandbox;
mod stranger;
mod suite;
mod suites;
mod table;
mod times;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use crate::explored::EXPLORED;
use crate::known::KNOWN;
use crate::suites::SUITES;

fn main() -> ExitCode {
    if let Some(code) = runner::run() {
        return code;
    }
    let mut arguments = Arguments::from_args();
    // One at a time: they are timed.
    arguments.test_threads = Some(1);
    let suites = SUITES
        .iter()
        .map(|suite| Trial::ignorable_test(suite.id(), || suite.check()));
    let graph = Trial::ignorable_test("graph", graph::check);
    let known = KNOWN
        .iter()
        .map(|known| Trial::ignorable_test(known.id(), || known.check()));
    let explored = EXPLORED
        .iter()
        .map(|explored| Trial::ignorable_test(explored.id(), || explored.check()));
    let trials = suites.chain([graph]).chain(known).chain(explored);
    let trials = trials.map(|trial| trial.with_ignored_flag(true)).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
