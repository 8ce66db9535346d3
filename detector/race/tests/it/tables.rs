//! A folder of traces with a table of what is in them, made by trying every reordering: with `UNSNARL_TRACES=DIR` every row of
//! `DIR/expected.tsv` is compared with what the engines count.

use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use unsnarl_race::analysis::{ENGINES, analyse};
use unsnarl_race::std_format::StdReader;

/// A row of the table: a trace, and its columns by name.
struct Row<'a> {
    trace: &'a str,
    columns: Vec<(&'a str, &'a str)>,
}

impl Row<'_> {
    /// The number in this column; `None` if it is empty, because whoever made the table could not tell.
    fn number(&self, column: &str) -> Option<u64> {
        let (_, value) = self.columns.iter().find(|(name, _)| *name == column)?;
        value.parse().ok()
    }
}

fn rows(table: &str) -> Vec<Row<'_>> {
    let mut lines = table.lines();
    let heads: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let row = |line| {
        let cells: Vec<&str> = str::split(line, '\t').collect();
        let columns = heads.iter().copied().zip(cells.iter().copied()).collect();
        Row {
            trace: cells[0],
            columns,
        }
    };
    lines.map(row).collect()
}

/// What an engine counts, beside what the table says of it, and of the truth.
fn differences(folder: &Path, row: &Row<'_>) -> Vec<String> {
    let file = fs::File::open(folder.join(row.trace)).expect(row.trace);
    let engines: Vec<&str> = ENGINES.iter().map(|engine| engine.name).collect();
    let analysis = analyse(StdReader::new(BufReader::new(file)), row.trace, &engines);
    let count = |engine| {
        let counted = analysis.counts.iter().find(|(name, _)| *name == engine);
        counted.map_or(0, |&(_, count)| count)
    };
    let mut differences = Vec::new();
    let mut expect = |what: &str, holds: bool| {
        if !holds {
            differences.push(format!("{}: {what}: {:?}", row.trace, analysis.counts));
        }
    };
    expect("it is read to its end", analysis.error.is_none());
    let events = row.number("events").unwrap_or_default();
    expect("the number of events", analysis.events == events);
    for (engine, column) in [("hb", "HB"), ("shb", "SHB"), ("syncp", "SyncP")] {
        if let Some(counted) = row.number(column) {
            expect(&format!("{column} {counted}"), count(engine) == counted);
        }
    }
    let racy = row.number("exact_racy_events").unwrap_or_default();
    expect(
        "no more races than there are",
        count("shb").max(count("syncp")) <= racy,
    );
    let deadlocks = row.number("exact_deadlocks").unwrap_or_default();
    expect(
        "no more deadlocks than there are",
        count("deadlock") <= deadlocks,
    );
    differences
}

#[test]
fn every_trace_of_a_folder_is_as_its_table_says() {
    let Some(folder) = std::env::var_os("UNSNARL_TRACES").map(PathBuf::from) else {
        return;
    };
    let table = fs::read_to_string(folder.join("expected.tsv")).expect("the folder has a table");
    let rows = rows(&table);
    assert!(!rows.is_empty(), "the table is empty");
    let differences: Vec<String> = rows
        .iter()
        .flat_map(|row| differences(&folder, row))
        .collect();
    assert!(
        differences.is_empty(),
        "{} differences in {} traces:\n{}",
        differences.len(),
        rows.len(),
        differences.join("\n")
    );
}
