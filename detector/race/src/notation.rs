//! Traces in one line, for tests: `t1: acq(l) w(x) rel(l); t2: w(x)`, with the operations of [`crate::std_format`].

use std::fmt::Write as _;

use crate::event::Event;
use crate::std_format::{Dictionary, StdReader};

/// The same as lines of the text format; the place of an event is its line.
pub(crate) fn lines(trace: &str) -> String {
    let mut text = String::new();
    let mut line = 0;
    for part in trace.split([';', '\n']).map(str::trim) {
        let Some((thread, steps)) = part.split_once(':') else {
            assert!(part.is_empty(), "no `thread:` before `{part}`");
            continue;
        };
        for step in steps.split_whitespace() {
            line += 1;
            writeln!(text, "{}|{step}|{line}", thread.trim()).unwrap();
        }
    }
    text
}

/// Reads a trace from one line.
pub(crate) fn parse(trace: &str) -> (Vec<Event>, Dictionary) {
    let text = lines(trace);
    let mut reader = StdReader::new(text.as_bytes());
    let mut events = Vec::new();
    while let Some(event) = reader.next_event().unwrap() {
        events.push(event);
    }
    (events, reader.into_names())
}
