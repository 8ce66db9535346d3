//! Traces as text, for tests of engines: one line says what every thread did, in order.
//!
//! ```text
//! t1: +a +b -b -a; t2: +b +a -a -b
//! ```
//!
//! | step | meaning |
//! |---|---|
//! | `+a` `+a/r` | asks for lock `a`, to hold it alone or (`/r`) together with other readers |
//! | `?a` `?a/r` | the same with a try that succeeds |
//! | `-a` | releases `a` |
//! | `~a` | destroys `a` |
//! | `>t2` `<t2` | starts, joins thread `t2` |

use std::collections::HashMap;

use crate::event::{Attempt, Event, Mode, Op};
use crate::id::{LockId, ThreadId};

/// A parsed trace.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Trace {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// The names of the locks; a lock's id is its place here plus one.
    pub locks: Vec<String>,
    /// The names of the threads; a thread's id is its place here plus one.
    pub threads: Vec<String>,
}

impl Trace {
    /// The name of a lock of this trace.
    #[must_use]
    pub fn lock(&self, id: LockId) -> &str {
        &self.locks[id.0 as usize - 1]
    }
}

/// Reads a trace.
///
/// # Panics
///
/// If the text is not a trace, with the step that is wrong: traces are written by hand in tests.
#[must_use]
pub fn parse(text: &str) -> Trace {
    let (mut locks, mut threads) = (Names::default(), Names::default());
    let mut events = Vec::new();
    for part in text
        .split([';', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let (thread, steps) = part
            .split_once(':')
            .unwrap_or_else(|| panic!("no `thread:` before `{part}`"));
        let thread = ThreadId(threads.number(thread.trim()));
        for step in steps.split_whitespace() {
            events.push(Event::new(
                thread,
                parse_step(step, &mut locks, &mut threads),
            ));
        }
    }
    Trace {
        events,
        locks: locks.order,
        threads: threads.order,
    }
}

fn parse_step(step: &str, locks: &mut Names, threads: &mut Names) -> Op {
    let (sign, rest) = step.split_at(1);
    let (name, mode) = match rest.strip_suffix("/r") {
        Some(name) => (name, Mode::Shared),
        None => (rest, Mode::Exclusive),
    };
    match sign {
        "+" => Op::Acquire {
            lock: LockId(locks.number(name)),
            mode,
            attempt: Attempt::Blocking,
        },
        "?" => Op::Acquire {
            lock: LockId(locks.number(name)),
            mode,
            attempt: Attempt::Try,
        },
        "-" => Op::Release {
            lock: LockId(locks.number(name)),
        },
        "~" => Op::Retire {
            lock: LockId(locks.number(name)),
        },
        ">" => Op::Fork {
            child: ThreadId(threads.number(name)),
        },
        "<" => Op::Join {
            child: ThreadId(threads.number(name)),
        },
        _ => panic!("`{step}` is not a step of a trace"),
    }
}

/// Numbers names from 1 in the order in which they appear.
#[derive(Default)]
struct Names {
    order: Vec<String>,
    known: HashMap<String, u32>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.known.get(name) {
            return number;
        }
        self.order.push(name.to_owned());
        let number =
            u32::try_from(self.order.len()).expect("a trace names fewer than 4 billion things");
        self.known.insert(name.to_owned(), number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::event::{Attempt, Mode, Op};
    use crate::id::{LockId, ThreadId};

    #[test]
    fn threads_locks_and_modes_are_read_in_order() {
        let trace = parse("t1: +a ?b/r >t2; t2: -a");
        let ops: Vec<Op> = trace.events.iter().map(|event| event.op).collect();
        assert_eq!(
            ops,
            [
                Op::Acquire {
                    lock: LockId(1),
                    mode: Mode::Exclusive,
                    attempt: Attempt::Blocking
                },
                Op::Acquire {
                    lock: LockId(2),
                    mode: Mode::Shared,
                    attempt: Attempt::Try
                },
                Op::Fork { child: ThreadId(2) },
                Op::Release { lock: LockId(1) },
            ]
        );
    }

    #[test]
    #[should_panic(expected = "is not a step")]
    fn an_unknown_step_is_refused() {
        let _ = parse("t1: !a");
    }
}
