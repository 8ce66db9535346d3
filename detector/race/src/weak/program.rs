//! Small programs on atomics, in a notation of one line: `x=1 y=2.rel | a=y.acq F.sc b=x` are two threads.
//!
//! Operations are `x=1` (store), `a=x` (load), `a=x<1` (swap), `a=x?0<1` (compare-exchange, of 0 with 1) and `F` (fence); their
//! orderings are `rlx` where nothing is said, `acq`, `rel`, `ar`, `sc`; a compare-exchange may have a second one for its
//! failure: `a=x?0<1.ar.acq`. Atomics are `x`, `y`, `z`, and 0 at first.

use std::fmt;
use std::sync::atomic::Ordering;

/// What a thread does in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Store(u8),
    Load,
    Swap(u8),
    Exchange { from: u8, to: u8, failure: Ordering },
    Fence,
}

/// A step of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) act: Act,
    pub(super) order: Ordering,
    /// Which atomic; 0 for a fence.
    pub(super) place: usize,
}

/// What each thread does, in order.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Program(pub(super) Vec<Vec<Step>>);

/// What was read by each thread in order, and what was left in each atomic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Outcome {
    pub(super) read: Vec<Vec<u8>>,
    pub(super) left: Vec<u8>,
}

const PLACES: [&str; 3] = ["x", "y", "z"];

const ORDERS: [(&str, Ordering); 5] = [
    ("rlx", Ordering::Relaxed),
    ("acq", Ordering::Acquire),
    ("rel", Ordering::Release),
    ("ar", Ordering::AcqRel),
    ("sc", Ordering::SeqCst),
];

impl Step {
    pub(super) fn reads(&self) -> bool {
        !matches!(self.act, Act::Store(_) | Act::Fence)
    }
}

impl Program {
    pub(super) fn parse(text: &str) -> Self {
        Self(
            text.split('|')
                .map(|thread| thread.split_whitespace().map(step).collect())
                .collect(),
        )
    }

    /// How many atomics it uses.
    pub(super) fn places(&self) -> usize {
        self.0
            .iter()
            .flatten()
            .map(|step| step.place + 1)
            .max()
            .unwrap_or(0)
    }

    /// How many steps there are.
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }
}

fn step(text: &str) -> Step {
    let mut parts = text.split('.');
    let what = parts.next().expect("a step is something");
    let mut orders = parts.map(order);
    let order = orders.next().unwrap_or(Ordering::Relaxed);
    if what == "F" {
        return Step {
            act: Act::Fence,
            order,
            place: 0,
        };
    }
    let (left, right) = what.split_once('=').expect("a step has `=`");
    if let Some(place) = place(left) {
        return Step {
            act: Act::Store(number(right)),
            order,
            place,
        };
    }
    let place = place(&right[..1]).expect("a step reads an atomic");
    let act = match right[1..].split_once('<') {
        None => Act::Load,
        Some(("", to)) => Act::Swap(number(to)),
        Some((from, to)) => Act::Exchange {
            from: number(&from[1..]),
            to: number(to),
            failure: orders.next().unwrap_or(Ordering::Relaxed),
        },
    };
    Step { act, order, place }
}

fn place(text: &str) -> Option<usize> {
    PLACES.iter().position(|&name| name == text)
}

fn number(text: &str) -> u8 {
    text.parse().expect("a value is a number")
}

fn order(text: &str) -> Ordering {
    let row = ORDERS.iter().find(|(name, _)| *name == text);
    row.unwrap_or_else(|| panic!("`{text}` is no ordering")).1
}

/// What was read, in the order of the text, and where it matters what was left: `01 10 / 12`.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = |values: &[u8]| -> String { values.iter().map(u8::to_string).collect() };
        let read: Vec<String> = self.read.iter().map(|values| digits(values)).collect();
        let read: Vec<&str> = read
            .iter()
            .map(|text| &**text)
            .filter(|text| !text.is_empty())
            .collect();
        write!(f, "{}/{}", read.join(","), digits(&self.left))
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |order| {
            ORDERS
                .iter()
                .find(|row| row.1 == order)
                .map_or("?", |row| row.0)
        };
        for (number, thread) in self.0.iter().enumerate() {
            f.write_str(if number > 0 { " | " } else { "" })?;
            for (number, step) in thread.iter().enumerate() {
                f.write_str(if number > 0 { " " } else { "" })?;
                let place = PLACES[step.place];
                match step.act {
                    Act::Store(value) => write!(f, "{place}={value}.{}", name(step.order)),
                    Act::Load => write!(f, "a={place}.{}", name(step.order)),
                    Act::Swap(value) => write!(f, "a={place}<{value}.{}", name(step.order)),
                    Act::Exchange { from, to, failure } => {
                        write!(
                            f,
                            "a={place}?{from}<{to}.{}.{}",
                            name(step.order),
                            name(failure)
                        )
                    }
                    Act::Fence => write!(f, "F.{}", name(step.order)),
                }?;
            }
        }
        Ok(())
    }
}
