//! Traces made at random, for tests: every one can have happened.

use proptest::collection::vec;
use proptest::prelude::{Strategy, any};

use crate::event::{Event, Op};

/// Traces of up to `threads` threads and `steps` steps, over three values and three locks. Threads beyond the second are
/// started by the first, and some are joined.
pub(crate) fn traces(threads: u32, steps: usize) -> impl Strategy<Value = Vec<Event>> {
    vec((0..threads, any::<u16>()), 0..steps).prop_map(move |choices| {
        let mut maker = Maker::new(threads);
        choices
            .into_iter()
            .for_each(|(thread, choice)| maker.step(thread, u32::from(choice)));
        maker.events
    })
}

struct Maker {
    events: Vec<Event>,
    /// Per thread, the locks that it holds.
    held: Vec<Vec<u32>>,
    born: Vec<bool>,
    joined: Vec<bool>,
}

impl Maker {
    fn new(threads: u32) -> Self {
        let threads = threads as usize;
        Self {
            events: Vec::new(),
            held: vec![Vec::new(); threads],
            born: (0..threads).map(|thread| thread < 2).collect(),
            joined: vec![false; threads],
        }
    }

    fn push(&mut self, thread: u32, op: Op) {
        let line = self.events.len() as u32;
        let event = Event::new(thread, op, line, u64::from(line));
        self.events.push(event);
    }

    fn step(&mut self, thread: u32, choice: u32) {
        let who = thread as usize;
        if self.joined[who] {
            return;
        }
        if !self.born[who] {
            if !self.joined[0] {
                self.born[who] = true;
                self.push(0, Op::Fork(thread));
            }
            return;
        }
        let object = choice / 16 % 3;
        match choice % 16 {
            0..4 => self.push(thread, Op::Read(object)),
            4..8 => self.push(thread, Op::Write(object)),
            8..11 => self.acquire(thread, object),
            11..15 => {
                if let Some(lock) = self.held[who].pop() {
                    self.push(thread, Op::Release(lock));
                }
            }
            _ => self.join(thread, choice / 16 % self.born.len() as u32),
        }
    }

    fn acquire(&mut self, thread: u32, lock: u32) {
        if !self.held.iter().flatten().any(|&held| held == lock) {
            self.held[thread as usize].push(lock);
            self.push(thread, Op::Acquire(lock));
        }
    }

    fn join(&mut self, thread: u32, child: u32) {
        let who = child as usize;
        if thread != child && self.born[who] && !self.joined[who] && self.held[who].is_empty() {
            self.joined[who] = true;
            self.push(thread, Op::Join(child));
        }
    }
}
