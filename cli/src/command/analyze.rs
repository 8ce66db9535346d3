//! `cargo unsnarl analyze FILE`: races and deadlocks in a recorded trace.

use std::fmt::Write;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use model::finding::Finding;
use race::analysis::{self, Analysis, ENGINES, Engine};
use race::error::At;
use race::std_format::StdReader;
use race::tape::MAGIC;
use race::tape_reader::TapeReader;
use render::names;
use render::source::Sources;
use serde_json::{Value, json};

use crate::args::{AnalyzeArgs, MessageFormat};
use crate::error::Error;
use crate::exit::Exit;
use crate::shell::Shell;
use crate::view::options;

/// The version of the JSON document.
const SCHEMA: u32 = 1;

/// How many findings are shown as text.
const MOST_SHOWN: usize = 20;

/// How much is read at once.
const BUFFER: usize = 1 << 18;

/// Shows what a trace says. Says by its exit code whether anything was found, or the trace is not whole.
pub(crate) fn run(args: &AnalyzeArgs, shell: Shell) -> Result<Exit, Error> {
    let path = &args.trace;
    let file = File::open(path).map_err(Error::read(path))?;
    let input = BufReader::with_capacity(BUFFER, file);
    let mut analysis = analyse(input, args).map_err(Error::read(path))?;
    let sources = Sources::new();
    analysis
        .findings
        .iter_mut()
        .for_each(|finding| names::resolve_finding(finding, &sources));
    if let Some(error) = &analysis.error {
        shell.warn(format_args!(
            "{}; what comes before it is analysed",
            located(path, error)
        ));
    }
    if analysis.is_cut {
        shell.warn("too many rings of locks to look at all of them; some deadlocks may be missing");
    }
    match args.message_format {
        MessageFormat::Human => shell.result(text(&analysis, shell))?,
        MessageFormat::Json => shell.result(format_args!("{:#}\n", document(path, &analysis)))?,
    }
    Ok(exit(&analysis))
}

/// Reads the trace in the format that it begins like.
fn analyse(mut input: BufReader<File>, args: &AnalyzeArgs) -> io::Result<Analysis> {
    let (file, engines) = (args.trace.to_string_lossy(), chosen(args));
    if !input.fill_buf()?.starts_with(MAGIC) {
        return Ok(analysis::analyse(StdReader::new(input), &file, &engines));
    }
    Ok(match TapeReader::new(input) {
        Ok(reader) => analysis::analyse(reader, &file, &engines),
        Err(error) => Analysis::failed(error),
    })
}

fn chosen(args: &AnalyzeArgs) -> Vec<&'static str> {
    let names = ENGINES.iter().map(|engine| engine.name);
    names
        .filter(|name| args.engines.is_empty() || args.engines.iter().any(|one| one == name))
        .collect()
}

fn exit(analysis: &Analysis) -> Exit {
    if !analysis.findings.is_empty() {
        Exit::Findings
    } else if analysis.error.is_some() {
        Exit::Inconclusive
    } else {
        Exit::Clean
    }
}

/// The error with its cause, and the file that it is in.
fn located(path: &Path, error: &race::error::Error) -> String {
    let cause = std::error::Error::source(error);
    let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
    format!("`{}`: {error}{cause}", path.display())
}

fn text(analysis: &Analysis, shell: Shell) -> String {
    let options = options(Path::new(""), None, shell);
    let mut text = String::new();
    for finding in analysis.findings.iter().take(MOST_SHOWN) {
        text.push_str(&render::text::finding(finding, &options));
        text.push('\n');
    }
    if analysis.findings.len() > MOST_SHOWN {
        let more = analysis.findings.len() - MOST_SHOWN;
        let _ = writeln!(text, "and {more} more: `--message-format json` has all\n");
    }
    text.push_str(&counts(analysis));
    text
}

/// One line of what was read, and one for each engine.
fn counts(analysis: &Analysis) -> String {
    let mut text = format!(
        "{} events of {} threads on {} values and {} locks\n",
        analysis.events, analysis.threads, analysis.values, analysis.locks
    );
    for &(name, count) in &analysis.counts {
        let engine = engine(name);
        let _ = writeln!(
            text,
            "{name:>9}: {count:7} {:9} {}",
            engine.counts, engine.meaning
        );
    }
    text
}

fn engine(name: &str) -> &'static Engine {
    let row = ENGINES.iter().find(|engine| engine.name == name);
    row.expect("counts are named by engines")
}

fn document(path: &Path, analysis: &Analysis) -> Value {
    let counts = analysis.counts.iter();
    let engines = counts.map(
        |&(name, count)| json!({ "name": name, "count": count, "counts": engine(name).counts }),
    );
    let findings = analysis.findings.iter().map(finding);
    let error = analysis.error.as_ref();
    json!({
        "schema": SCHEMA,
        "trace": path.to_string_lossy(),
        "events": analysis.events,
        "threads": analysis.threads,
        "values": analysis.values,
        "locks": analysis.locks,
        "engines": engines.collect::<Vec<Value>>(),
        "findings": findings.collect::<Vec<Value>>(),
        "without_lock": analysis.bare,
        "is_cut": analysis.is_cut,
        "error": error.map(fault),
    })
}

fn fault(error: &race::error::Error) -> Value {
    let (unit, number) = match error.at() {
        At::Line(line) => ("line", line),
        At::Offset(offset) => ("offset", offset),
        At::Event(event) => ("event", event),
        _ => ("place", 0),
    };
    json!({ unit: number, "message": error.to_string() })
}

/// A finding as reports have it.
fn finding(finding: &Finding) -> Value {
    serde_json::to_value(finding).expect("a finding is text and numbers")
}
