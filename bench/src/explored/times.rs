//! What one execution costs, beside shuttle's runner on the same program with shuttle's own types.

use unsnarl::Explorer;

use super::{ours, theirs};
use crate::clock;
use crate::figure::median;
use crate::output::say;

/// Executions in a round, and rounds.
const EXECUTIONS: usize = 3_000;
const ROUNDS: usize = 15;

/// Prints the table.
pub(super) fn run() {
    say("## Time for one execution, random walk, engines on\n");
    say("| | shuttle, µs | unsnarl ÷ shuttle | reach |\n|---|---:|---:|---|");
    for ((name, ours), (_, theirs)) in ours::costs::COSTS.iter().zip(theirs::costs::COSTS) {
        let rounds = || (0..ROUNDS).map(|_| (theirs_takes(*theirs), ours_takes(*ours)));
        let (base, ratios): (Vec<f64>, Vec<f64>) =
            rounds().map(|(base, time)| (base, time / base)).unzip();
        let (base, ratio) = (median(base), median(ratios));
        say(&format!("| {name} | {base:.1} | {ratio:.2} | ≤ 0.8 |"));
    }
    say("");
}

/// Microseconds that one execution computes.
fn ours_takes(program: fn()) -> f64 {
    let explorer = Explorer::new()
        .schedules(EXECUTIONS)
        .strategy("random")
        .seed(7);
    each_takes(|| {
        let exploration = explorer.run(program);
        assert!(exploration.findings().is_empty() && exploration.schedules == EXECUTIONS);
    })
}

/// The same with shuttle's runner.
fn theirs_takes(program: fn()) -> f64 {
    let mut config = shuttle::Config::new();
    config.failure_persistence = shuttle::FailurePersistence::None;
    config.silence_warnings = true;
    let scheduler = shuttle::scheduler::RandomScheduler::new_from_seed(7, EXECUTIONS);
    let runner = shuttle::Runner::new(scheduler, config);
    each_takes(|| {
        runner.run(program);
    })
}

fn each_takes(all: impl FnOnce()) -> f64 {
    let start = clock::process();
    all();
    (clock::process() - start) as f64 / 1e3 / EXECUTIONS as f64
}
