//! Values that no lock protects throughout.
//!
//! **Follows** Savage and others, *Eraser* (SOSP 1997), with its states for values that one thread initialises, or that
//! are only read.
//!
//! **Finds** values that several threads access, at least one of them writing, without a lock that they all hold.
//!
//! **Misses** races between accesses that hold a common lock by chance.
//!
//! **False alarms**: all orders but those of locks are unknown to it. What it says is a hint where to look.

use rustc_hash::FxHashMap;

use crate::event::{Event, Op};
use crate::table::at;

/// The engine over a trace.
#[derive(Debug, Default)]
pub struct LockSets {
    held: Vec<Vec<u32>>,
    values: FxHashMap<u32, Value>,
}

#[derive(Debug)]
struct Value {
    first: u32,
    is_shared: bool,
    is_written: bool,
    candidates: Option<Vec<u32>>,
    /// The access that left it without a candidate.
    bare: Option<u32>,
}

/// A value without a lock of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bare {
    /// The value.
    pub value: u32,
    /// Where that showed.
    pub site: u32,
}

impl LockSets {
    /// Takes in what a thread did.
    pub fn observe(&mut self, event: &Event) {
        let held = at(&mut self.held, event.thread);
        match event.op {
            Op::Acquire(lock) | Op::AcquireTry(lock) | Op::AcquireShared(lock) => held.push(lock),
            Op::Release(lock) | Op::ReleaseShared(lock) => {
                if let Some(place) = held.iter().rposition(|&one| one == lock) {
                    held.remove(place);
                }
            }
            Op::Read(value) => self.access(event, value, false),
            Op::Write(value) => self.access(event, value, true),
            _ => {}
        }
    }

    /// The values that were left without a lock, by number.
    #[must_use]
    pub fn finish(&self) -> Vec<Bare> {
        let bare = self.values.iter().filter_map(|(&value, state)| {
            let site = state.bare?;
            Some(Bare { value, site })
        });
        let mut bare: Vec<Bare> = bare.collect();
        bare.sort_unstable_by_key(|bare| bare.value);
        bare
    }

    fn access(&mut self, event: &Event, value: u32, writes: bool) {
        let held = &self.held[event.thread as usize];
        let state = self.values.entry(value).or_insert_with(|| Value {
            first: event.thread,
            is_shared: false,
            is_written: false,
            candidates: None,
            bare: None,
        });
        if state.bare.is_some() || !state.is_shared && state.first == event.thread {
            return;
        }
        state.is_shared = true;
        state.is_written |= writes;
        match &mut state.candidates {
            None => state.candidates = Some(held.clone()),
            Some(locks) => locks.retain(|lock| held.contains(lock)),
        }
        if state.is_written && state.candidates.as_ref().is_some_and(Vec::is_empty) {
            state.bare = Some(event.site);
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::LockSets;
    use crate::notation;

    fn check(trace: &str, expected: &Expect) {
        let (events, names) = notation::parse(trace);
        let mut engine = LockSets::default();
        events.iter().for_each(|event| engine.observe(event));
        let said: Vec<String> = engine
            .finish()
            .iter()
            .map(|bare| {
                let value = names.values.name(bare.value);
                format!("{value} at {}", names.sites.name(bare.site))
            })
            .collect();
        expected.assert_eq(&said.join(", "));
    }

    #[test]
    fn a_value_needs_a_lock_once_it_is_shared_and_written() {
        check("t1: w(x); t2: w(x)", &expect!["x at 2"]);
        check("t1: w(x) w(x)", &expect![""]);
        check("t1: w(x); t2: r(x); t3: r(x)", &expect![""]);
        check(
            "t1: acq(l) w(x) rel(l); t2: acq(l) w(x) rel(l)",
            &expect![""],
        );
        check(
            "t1: acq(l) w(x) rel(l); t2: acq(m) w(x) rel(m); t1: acq(l) w(x) rel(l)",
            &expect!["x at 8"],
        );
    }
}
