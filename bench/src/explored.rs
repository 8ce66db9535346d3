//! The explorer: what an execution costs beside shuttle's, and how many schedules it takes to find a bug, or to see all.

mod ours;
mod spaces;
mod theirs;

use std::time::Instant;

use unsnarl::Explorer;

use crate::figure::median;
use crate::output::say;

/// Executions in a round, and rounds, of what is timed.
const EXECUTIONS: usize = 3_000;
const ROUNDS: usize = 11;

/// Seeds for each program whose bug is looked for, and how many schedules each may take: with the default strategy, and
/// with the others.
const SEEDS: u64 = 20;
const MOST: usize = 10_000;
const MOST_OF_OTHERS: usize = 1_000;

/// The default first.
const STRATEGIES: [&str; 5] = ["portfolio", "pos", "kinds", "surw", "random"];

/// Prints all tables.
pub(crate) fn run() {
    costs();
    spaces::run();
    finds();
}

fn costs() {
    say("## Time for one execution, random walk, engines on\n");
    say("| | shuttle, µs | unsnarl ÷ shuttle | reach |\n|---|---:|---:|---|");
    for ((name, ours), (_, theirs)) in ours::costs::COSTS.iter().zip(theirs::costs::COSTS) {
        let rounds = || (0..ROUNDS).map(|_| (theirs_takes(*theirs), ours_takes(*ours)));
        let (base, ratios): (Vec<f64>, Vec<f64>) =
            rounds().map(|(base, time)| (base, time / base)).unzip();
        let (base, ratio) = (median(base), median(ratios));
        say(&format!("| {name} | {base:.1} | {ratio:.2} | ≤ 0.8 |"));
    }
}

/// Microseconds for one execution.
fn ours_takes(program: fn()) -> f64 {
    let explorer = Explorer::new()
        .schedules(EXECUTIONS)
        .strategy("random")
        .seed(7);
    let start = Instant::now();
    let exploration = explorer.run(program);
    assert!(exploration.findings().is_empty() && exploration.schedules == EXECUTIONS);
    start.elapsed().as_secs_f64() * 1e6 / EXECUTIONS as f64
}

/// The same with shuttle's runner.
fn theirs_takes(program: fn()) -> f64 {
    let mut config = shuttle::Config::new();
    config.failure_persistence = shuttle::FailurePersistence::None;
    config.silence_warnings = true;
    let scheduler = shuttle::scheduler::RandomScheduler::new_from_seed(7, EXECUTIONS);
    let runner = shuttle::Runner::new(scheduler, config);
    let start = Instant::now();
    runner.run(program);
    start.elapsed().as_secs_f64() * 1e6 / EXECUTIONS as f64
}

/// How a strategy did on one program.
struct Finds {
    /// Schedules to the first finding, for the seeds that found one.
    at: Vec<usize>,
    preemptions: usize,
}

fn find(strategy: &str, program: fn()) -> Finds {
    let mut finds = Finds {
        at: Vec::new(),
        preemptions: 0,
    };
    let most = if strategy == STRATEGIES[0] {
        MOST
    } else {
        MOST_OF_OTHERS
    };
    for seed in 0..SEEDS {
        let explorer = Explorer::new()
            .schedules(most)
            .seed(seed)
            .strategy(strategy);
        let exploration = explorer.run(program);
        finds.at.extend(exploration.first_finding_at);
        let first = exploration.findings().first();
        finds.preemptions = finds
            .preemptions
            .max(first.map_or(0, |shown| shown.preemptions));
    }
    finds
}

fn mean(at: &[usize]) -> f64 {
    let sum: f64 = at.iter().map(|&at| (at as f64).ln()).sum();
    (sum / at.len().max(1) as f64).exp()
}

fn finds() {
    say(&format!(
        "\n## Schedules to the first finding, {SEEDS} seeds, at most {MOST}; {MOST_OF_OTHERS} but for `portfolio`\n"
    ));
    let strategies = STRATEGIES;
    say(&format!(
        "| | {} | preemptions left by shrinking |",
        strategies.join(" | ")
    ));
    say(&format!("|---|{}---:|", "---:|".repeat(strategies.len())));
    let mut all = vec![Vec::new(); strategies.len()];
    for program in ours::programs::BUGGY {
        let finds = strategies.map(|strategy| find(strategy, program.run));
        let cells: Vec<String> = finds.iter().map(cell).collect();
        let preemptions = finds[0].preemptions;
        say(&format!(
            "| {} | {} | {preemptions} |",
            program.name,
            cells.join(" | ")
        ));
        for (all, finds) in all.iter_mut().zip(&finds) {
            all.extend(&finds.at);
        }
    }
    let runs = ours::programs::BUGGY.len() * SEEDS as usize;
    let means: Vec<String> = all
        .iter()
        .map(|at| format!("{:.1} ({}/{runs})", mean(at), at.len()))
        .collect();
    say(&format!(
        "| **geometric mean (found)** | {} | |",
        means.join(" | ")
    ));
}

/// The mean, and how often nothing was found.
fn cell(finds: &Finds) -> String {
    let missed = SEEDS as usize - finds.at.len();
    match missed {
        0 => format!("{:.1}", mean(&finds.at)),
        _ if finds.at.is_empty() => "–".to_owned(),
        _ => format!("{:.1} (missed {missed})", mean(&finds.at)),
    }
}
