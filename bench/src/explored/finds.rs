//! How many schedules it takes to find a bug, and how the schedule that shows it replays and shrinks.

use unsnarl::{Exploration, Explorer};

use super::ours::programs::{BUGGY, Program};
use crate::output::say;

/// Seeds for each program, and how many schedules each may take.
const SEEDS: u64 = 20;
const MOST: usize = 10_000;

/// The default first.
const STRATEGIES: &[&str] = &[
    "portfolio",
    "rff",
    "pos",
    "kinds",
    "surw",
    "urw",
    "pct",
    "random",
];

/// Programs, and the preemptions that the schedules of their bugs come down to.
const SHRUNK: &[(&str, usize)] = &[("reorder 50", 2), ("two-stage 20", 1), ("work stealing", 2)];

/// How a strategy did with a program, or with all.
#[derive(Default)]
struct Finds {
    /// Schedules to the first finding of those that came to one, by seed.
    at: Vec<usize>,
    runs: usize,
    /// The most preemptions that shrinking left.
    preemptions: usize,
    replayed: usize,
}

/// Prints the tables, for these strategies if not for all.
pub(super) fn run(strategies: &[&str]) {
    let strategies = if strategies.is_empty() {
        STRATEGIES
    } else {
        strategies
    };
    say(&format!(
        "## Schedules to the first finding, geometric means of {SEEDS} seeds, at most {MOST}\n"
    ));
    say("Where not every seed found it, the others count as the most there may be.\n");
    say(&format!("| | {} |", strategies.join(" | ")));
    say(&format!("|---|{}", "---:|".repeat(strategies.len())));
    let mut all: Vec<Vec<Finds>> = strategies.iter().map(|_| Vec::new()).collect();
    for program in BUGGY {
        for (all, strategy) in all.iter_mut().zip(strategies) {
            all.push(look(strategy, program));
        }
        let last = all.iter().filter_map(|finds| finds.last());
        row(program.name, last.map(Finds::cell));
    }
    let sums: Vec<Finds> = all.iter().map(|finds| sum(finds)).collect();
    row("**all**", sums.iter().map(Finds::cell));
    row("found", sums.iter().map(Finds::found));
    shrunk(&all[0], strategies[0]);
    replayed(&sums, strategies);
}

/// Looks for the bug of a program, with every seed.
fn look(strategy: &str, program: &Program) -> Finds {
    let mut finds = Finds::default();
    for seed in 0..SEEDS {
        let explorer = Explorer::new().schedules(MOST).seed(seed);
        finds.add(&explorer.strategy(strategy).run(program.run), program);
    }
    finds
}

impl Finds {
    fn add(&mut self, exploration: &Exploration, program: &Program) {
        self.runs += 1;
        self.at.extend(exploration.first_finding_at);
        let shown = exploration.findings().iter().find(|one| one.is_observed);
        let Some(shown) = shown else { return };
        self.preemptions = self.preemptions.max(shown.preemptions);
        let token = shown.replay.as_deref().unwrap_or_default();
        let again = Explorer::new().replay(token).run(program.run);
        let mut again = again.findings().iter();
        let is_same = again.any(|one| (&one.slug, &one.message) == (&shown.slug, &shown.message));
        self.replayed += usize::from(is_same);
    }

    fn mean(&self) -> f64 {
        let missed = (self.runs - self.at.len()) as f64 * (MOST as f64).ln();
        let found: f64 = self.at.iter().map(|&at| (at as f64).ln()).sum();
        ((found + missed) / self.runs.max(1) as f64).exp()
    }

    /// The mean, and how often the bug was found if not always.
    fn cell(&self) -> String {
        match self.at.len() {
            0 => "–".to_owned(),
            found if found < self.runs => {
                format!("≥ {:.0} ({found} of {})", self.mean(), self.runs)
            }
            _ => format!("{:.1}", self.mean()),
        }
    }

    fn found(&self) -> String {
        format!("{} of {}", self.at.len(), self.runs)
    }
}

fn sum(finds: &[Finds]) -> Finds {
    let mut sum = Finds::default();
    for one in finds {
        sum.at.extend(&one.at);
        sum.runs += one.runs;
        sum.replayed += one.replayed;
    }
    sum
}

fn row(name: &str, cells: impl Iterator<Item = String>) {
    let cells: Vec<String> = cells.collect();
    say(&format!("| {name} | {} |", cells.join(" | ")));
}

fn shrunk(finds: &[Finds], strategy: &str) {
    say(&format!(
        "\n## Preemptions after shrinking, at most 100 replays, `{strategy}`: the most of all seeds\n"
    ));
    say("| | preemptions | reach |\n|---|---:|---:|");
    for (program, finds) in BUGGY.iter().zip(finds) {
        let reach = SHRUNK.iter().find(|(name, _)| *name == program.name);
        let reach = reach.map_or_else(|| "–".to_owned(), |(_, most)| format!("≤ {most}"));
        say(&format!(
            "| {} | {} | {reach} |",
            program.name, finds.preemptions
        ));
    }
}

fn replayed(sums: &[Finds], strategies: &[&str]) {
    say("\n## Replays that show the same finding\n");
    say("| | replays | of them the same | reach |\n|---|---:|---:|---|");
    for (strategy, sum) in strategies.iter().zip(sums) {
        let (all, same) = (sum.at.len(), sum.replayed);
        say(&format!("| {strategy} | {all} | {same} | all |"));
    }
}
