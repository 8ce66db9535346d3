//! The tables of `RESULTS.md`, made of figures.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;

use crate::column::{COLUMNS, Column};
use crate::figure::{Build, Figure};
use crate::output::say;
use crate::rows::{Bound, ROWS, Reach, Row, Section};

/// The tables, in order: what is in them, from which build, and their heading.
const TABLES: &[(Section, Build, &str)] = &[
    (
        Section::Ratio,
        Build::Release,
        "Known locks, release: thread CPU time, ratio to std (std: nanoseconds)",
    ),
    (
        Section::Ratio,
        Build::Debug,
        "The same in a debug build as `cargo unsnarl test` sets it up",
    ),
    (Section::Threads, Build::Release, "Two threads: wall-clock"),
    (
        Section::Edges,
        Build::Release,
        "New edges: microseconds an edge of thread CPU time",
    ),
    (Section::Memory, Build::Release, "Memory"),
    (Section::Building, Build::Release, "Build time"),
];

/// Prints the tables of these files.
pub(crate) fn print(files: &[&str]) -> Result<(), Box<dyn Error>> {
    let mut figures = Vec::new();
    for file in files {
        let text =
            fs::read_to_string(file).map_err(|error| format!("cannot read `{file}`: {error}"))?;
        figures.extend(text.lines().filter_map(Figure::parse));
    }
    for &(section, build, heading) in TABLES {
        say(&table(&figures, section, build, heading)?);
    }
    Ok(())
}

fn table(
    figures: &[Figure],
    section: Section,
    build: Build,
    heading: &str,
) -> Result<String, std::fmt::Error> {
    let rows: Vec<&Row> = ROWS.iter().filter(|row| row.section == section).collect();
    let find = |row: &Row, column| {
        figures.iter().find(|figure| {
            (figure.build, figure.column) == (build, column) && figure.row == row.slug
        })
    };
    let is_used = |column| rows.iter().any(|row| find(row, column).is_some());
    let columns: Vec<_> = COLUMNS
        .iter()
        .filter(|(column, ..)| is_used(*column))
        .collect();
    let mut text = format!("## {heading}\n\n| |");
    for (.., heading) in &columns {
        write!(text, " {heading} |")?;
    }
    write!(
        text,
        " reach | reached |\n|---|{}---|---|\n",
        "---:|".repeat(columns.len())
    )?;
    for row in rows {
        write!(text, "| {} |", row.title)?;
        for (column, ..) in &columns {
            write!(text, " {} |", cell(find(row, *column)))?;
        }
        let reaches = row.reach.iter().filter(|reach| reach.build == build);
        let verdicts = reaches.map(|reach| (reach, find(row, reach.column)));
        writeln!(text, "{}", verdict(&verdicts.collect::<Vec<_>>()))?;
    }
    Ok(text)
}

fn cell(figure: Option<&Figure>) -> String {
    match figure.map(|figure| &figure.value) {
        None => "–".to_owned(),
        Some(Err(why)) => why.clone(),
        Some(Ok(value)) if *value == value.trunc() => format!("{value}"),
        Some(Ok(value)) if value.abs() >= 100.0 => format!("{value:.0}"),
        Some(Ok(value)) if value.abs() >= 10.0 => format!("{value:.1}"),
        Some(Ok(value)) => format!("{value:.2}"),
    }
}

/// The last two cells of a row.
fn verdict(reaches: &[(&Reach, Option<&Figure>)]) -> String {
    let Some((first, _)) = reaches.first() else {
        return " – | – |".to_owned();
    };
    let bound = match first.bound {
        Bound::AtMost(bound) => format!("≤ {bound}"),
        Bound::AtLeast(bound) => format!("≥ {bound}"),
    };
    let words = reaches.iter().map(|(reach, figure)| {
        let value = figure.and_then(|figure| figure.value.as_ref().ok());
        let word = match value {
            None => "not measured",
            Some(value) if reach.bound.is_met_by(*value) => "yes",
            Some(_) => "no",
        };
        if reach.column == Column::Unsnarl {
            word.to_owned()
        } else {
            format!("{word} ({})", reach.column.word().replace('_', " "))
        }
    });
    format!(" {bound} | {} |", words.collect::<Vec<_>>().join(", "))
}
