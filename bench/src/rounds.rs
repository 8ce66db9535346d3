//! Rounds: every peer takes its turn in each, so that whatever slows the machine slows all of them.

use crate::column::Column;
use crate::figure::{Build, Figure, median};
use crate::locks::Workload;
use crate::output::{complain, say};
use crate::peers::{PEERS, Peer};
use crate::rows::{Measure, ROWS, Row};
use crate::threads;

/// How many rounds a row has.
const ROUNDS: usize = 31;

/// Measures the rows that need no process of their own: these, or all if none is named.
pub(crate) fn run(slugs: &[&str]) {
    PEERS.iter().for_each(|peer| (peer.start)());
    let is_wanted = |row: &&Row| slugs.is_empty() || slugs.contains(&row.slug);
    for row in ROWS.iter().filter(is_wanted) {
        complain(row.title);
        match row.measure {
            Measure::Ratio(workload, iterations) => ratio(row, workload, iterations),
            Measure::Gain(workload, iterations) if Build::THIS == Build::Release => {
                gain(row, workload, iterations);
            }
            Measure::Here(measure) if Build::THIS == Build::Release => {
                PEERS
                    .iter()
                    .for_each(|peer| tell(row, peer.column, measure(peer)));
            }
            Measure::Gain(..) | Measure::Here(_) | Measure::Elsewhere => {}
        }
    }
}

/// The measure of all is told in nanoseconds, the others as ratios to it.
fn ratio(row: &Row, workload: fn(&Peer) -> Option<Workload>, iterations: u32) {
    let times = sample(workload, |workload| workload(iterations));
    let Some((_, base)) = times.iter().find(|(column, _)| *column == Column::Std) else {
        return;
    };
    for (column, times) in &times {
        let value = if *column == Column::Std {
            median(times.clone())
        } else {
            let ratios = times.iter().zip(base).map(|(time, base)| time / base);
            median(ratios.collect())
        };
        tell(row, *column, value);
    }
}

fn gain(row: &Row, workload: fn(&Peer) -> Option<Workload>, iterations: u32) {
    for (column, gains) in sample(workload, |workload| threads::gain(workload, iterations)) {
        tell(row, column, median(gains));
    }
}

/// What each peer that has the workload shows in each round.
fn sample(
    workload: fn(&Peer) -> Option<Workload>,
    measure: impl Fn(Workload) -> f64,
) -> Vec<(Column, Vec<f64>)> {
    let able = PEERS
        .iter()
        .filter_map(|peer| Some((peer.column, workload(peer)?)));
    let able: Vec<(Column, Workload)> = able.collect();
    let mut values: Vec<_> = able
        .iter()
        .map(|&(column, _)| (column, Vec::new()))
        .collect();
    for _ in 0..ROUNDS {
        for ((_, workload), (_, values)) in able.iter().zip(&mut values) {
            values.push(measure(*workload));
        }
    }
    values
}

fn tell(row: &Row, column: Column, value: f64) {
    say(&Figure::new(row.slug, column, Ok(value)).to_string());
}
