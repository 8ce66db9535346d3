//! Rows that need a process of their own: a fresh graph, fresh memory, or an environment.

use std::error::Error;
use std::process::Command;

use crate::column::Column;
use crate::edges;
use crate::figure::{Figure, median};
use crate::memory;
use crate::output::{complain, say};
use crate::peers::{self, Peer};
use crate::shapes::Shape;

/// A process to start.
struct Child {
    row: &'static str,
    column: Column,
    environment: &'static [(&'static str, &'static str)],
    measure: fn() -> Vec<(&'static str, f64)>,
}

/// How often each is started; the median counts.
const ROUNDS: usize = 3;

/// Without backtraces, whatever the caller's environment says.
const BARE: &[(&str, &str)] = &[("UNSNARL_BACKTRACE", "0"), ("RUST_BACKTRACE", "0")];

/// With backtraces, for whoever keeps any.
const TRACED: &[(&str, &str)] = &[("UNSNARL_BACKTRACE", "1"), ("RUST_BACKTRACE", "1")];

/// Nothing: as users start it.
const USUAL: &[(&str, &str)] = &[];

macro_rules! children {
    ($($row:literal $column:ident $environment:ident: $measure:expr;)*) => {
        &[$(Child {
            row: $row,
            column: Column::$column,
            environment: $environment,
            measure: $measure,
        }),*]
    };
}

const CHILDREN: &[Child] = children! {
    "edge-random" Std BARE: || random(Column::Std);
    "edge-random" TracingMutex BARE: || random(Column::TracingMutex);
    "edge-random" TracingMutexBacktrace TRACED: || random(Column::TracingMutex);
    "edge-random" Deloxide BARE: || random(Column::Deloxide);
    "edge-random" UnsnarlEngine BARE: || vec![("edge-random", edges::engine_mean(&many()))];
    "edge-random" Unsnarl BARE: || random(Column::Unsnarl);
    "edge-random" UnsnarlBacktrace TRACED: || random(Column::Unsnarl);
    "edge-layered" Std BARE: || layered(Column::Std);
    "edge-layered" TracingMutex BARE: || layered(Column::TracingMutex);
    "edge-layered" TracingMutexBacktrace TRACED: || layered(Column::TracingMutex);
    "edge-layered" Deloxide BARE: || layered(Column::Deloxide);
    "edge-layered" UnsnarlEngine BARE: || vec![("edge-layered", edges::engine_worst_tenth(&layers()))];
    "edge-layered" Unsnarl BARE: || layered(Column::Unsnarl);
    "edge-layered" UnsnarlBacktrace TRACED: || layered(Column::Unsnarl);
    "churn" Std USUAL: || churn(Column::Std);
    "churn" ParkingLot USUAL: || churn(Column::ParkingLot);
    "churn" ParkingLotDetecting USUAL: || churn(Column::ParkingLotDetecting);
    "churn" TracingMutex USUAL: || churn(Column::TracingMutex);
    "churn" Deloxide USUAL: || churn(Column::Deloxide);
    "churn" Unsnarl USUAL: || churn(Column::Unsnarl);
};

/// Starts all children, in rounds, and prints their figures.
pub(crate) fn run_all() -> Result<(), Box<dyn Error>> {
    let mut figures: Vec<(Figure, Vec<f64>)> = Vec::new();
    for round in 1..=ROUNDS {
        for child in CHILDREN {
            complain(&format!("{round}: {} {}", child.row, child.column.word()));
            for figure in start(child)? {
                keep(&mut figures, figure);
            }
        }
    }
    for (mut figure, values) in figures {
        if !values.is_empty() {
            figure.value = Ok(median(values));
        }
        say(&figure.to_string());
    }
    Ok(())
}

/// Measures in this process, for a parent.
pub(crate) fn run(row: &str, column: &str) -> Result<(), Box<dyn Error>> {
    let mut children = CHILDREN.iter();
    let child = children
        .find(|child| child.row == row && child.column.word() == column)
        .ok_or("no such child")?;
    for (row, value) in (child.measure)() {
        say(&Figure::new(row, child.column, Ok(value)).to_string());
    }
    Ok(())
}

fn start(child: &Child) -> Result<Vec<Figure>, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?)
        .args(["child", child.row, child.column.word()])
        .env_remove("RUST_BACKTRACE")
        .env_remove("UNSNARL_BACKTRACE")
        .envs(child.environment.iter().copied())
        .output()?;
    if !output.status.success() {
        complain(&String::from_utf8_lossy(&output.stderr));
        let why = format!("– ended with {}", output.status);
        return Ok(vec![Figure::new(child.row, child.column, Err(why))]);
    }
    let lines = String::from_utf8(output.stdout)?;
    Ok(lines.lines().filter_map(Figure::parse).collect())
}

fn keep(figures: &mut Vec<(Figure, Vec<f64>)>, figure: Figure) {
    let mut known = figures.iter_mut();
    let known = known.find(|(known, _)| (&known.row, known.column) == (&figure.row, figure.column));
    match (known, &figure.value) {
        (Some((_, values)), Ok(value)) => values.push(*value),
        (Some(_), Err(_)) => {}
        (None, value) => {
            let values = value.iter().copied().collect();
            figures.push((figure, values));
        }
    }
}

fn many() -> Shape {
    Shape::random(100_000, 100_000)
}

fn layers() -> Shape {
    Shape::layered(10_000)
}

fn random(column: Column) -> Vec<(&'static str, f64)> {
    vec![("edge-random", edges::mean(&started(column).locks, &many()))]
}

fn layered(column: Column) -> Vec<(&'static str, f64)> {
    vec![(
        "edge-layered",
        edges::worst_tenth(&started(column).locks, &layers()),
    )]
}

fn churn(column: Column) -> Vec<(&'static str, f64)> {
    let [tenth, half, all, time] = memory::churn(&started(column).locks);
    vec![
        ("resident-10", tenth),
        ("resident-50", half),
        ("resident-100", all),
        ("resident-growth", all - tenth),
        ("churn", time),
    ]
}

fn started(column: Column) -> &'static Peer {
    let peer = peers::of(column).expect("children name peers");
    (peer.start)();
    peer
}
