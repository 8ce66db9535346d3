//! The table of `RACES.md`, made of what the builds say in turn.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;

use crate::output::say;
use crate::work::WORKS;

/// The builds, as files are named after them.
const BUILDS: [&str; 3] = ["plain", "watched", "tsan"];

/// Per work, number of threads, and build, the times of all rounds.
type Times = BTreeMap<(String, String, usize), Vec<f64>>;

/// Prints the table of these files: `plain.tsv` and the like, as many rounds in each.
pub(crate) fn print(files: &[&str]) -> Result<(), Box<dyn Error>> {
    let mut times = Times::new();
    for file in files {
        let build = BUILDS
            .iter()
            .position(|build| file.ends_with(&format!("{build}.tsv")));
        let build = build.ok_or_else(|| format!("no build is called as `{file}` is"))?;
        let text =
            fs::read_to_string(file).map_err(|error| format!("cannot read `{file}`: {error}"))?;
        for line in text.lines() {
            let [title, threads, time] = line.split('\t').collect::<Vec<_>>()[..] else {
                return Err(format!("`{file}`: no time in `{line}`").into());
            };
            let key = (title.to_owned(), threads.to_owned(), build);
            times.entry(key).or_default().push(time.parse()?);
        }
    }
    say(
        "| | threads | plain, ns | TSan ÷ plain | ours ÷ TSan | reach | ours ÷ plain | reach | reached |",
    );
    say("|---|---:|---:|---:|---:|---|---:|---|---|");
    for work in WORKS {
        ["1", "2"]
            .iter()
            .for_each(|threads| row(&times, work.title, threads, work.reach));
    }
    Ok(())
}

fn row(times: &Times, title: &str, threads: &str, reach: (f64, Option<f64>)) {
    let median = |build| {
        let key = (title.to_owned(), threads.to_owned(), build);
        times.get(&key).map(|times| median(times.clone()))
    };
    let ratio = |over: usize, under: usize| Some(median(over)? / median(under)?);
    let cell = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.2}"));
    let (to_tsan, to_plain) = (ratio(1, 2), ratio(1, 0));
    let is_met = |value: Option<f64>, most: f64| value.is_none_or(|value| value <= most);
    let met = is_met(to_tsan, reach.0) && reach.1.is_none_or(|most| is_met(to_plain, most));
    say(&format!(
        "| {title} | {threads} | {} | {} | {} | ≤ {} | {} | {} | {} |",
        cell(median(0)),
        cell(ratio(2, 0)),
        cell(to_tsan),
        reach.0,
        cell(to_plain),
        reach.1.map_or("–".to_owned(), |most| format!("≤ {most}")),
        if met { "yes" } else { "no" },
    ));
}

/// The value in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
