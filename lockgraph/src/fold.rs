//! The lock-order engine as a plain fold over events, for traces.

use std::collections::HashMap;
use std::panic::Location;
use std::sync::Arc;

use model::clock::Segment;
use model::event::{Attempt, Event, Mode, Op};
use model::graph::Graph;
use model::id::{LockId, ThreadId};
use model::kind::Kind;
use model::site::Origin;

use crate::held::Held;
use crate::order::{Acquisition, Found, Order, Who};

/// The engine over a trace. Every lock is a class of its own, a read-write lock named by its id.
#[derive(Debug, Default)]
pub struct LockOrder {
    order: Order,
    threads: HashMap<ThreadId, Life>,
    names: HashMap<LockId, &'static str>,
    found: Vec<Found>,
}

/// What is known of a thread.
#[derive(Debug)]
struct Life {
    segment: Segment,
    held: Vec<Held>,
    who: Who,
}

impl LockOrder {
    /// Takes in what a thread did.
    pub fn observe(&mut self, event: &Event) {
        let thread = event.thread;
        match event.op {
            Op::Acquire {
                lock,
                mode,
                attempt,
            } => self.acquire(thread, lock, mode, attempt),
            Op::Release { lock } => self.release(thread, lock),
            Op::Retire { lock } => self.order.retire(lock),
            Op::Fork { child } => {
                let segment = self.life(thread).segment.fork(child);
                self.threads.insert(child, Life::new(segment));
            }
            Op::Join { child } => {
                let child = self.life(child).segment.clone();
                self.life(thread).segment.join(&child);
            }
            // What else may happen to threads says nothing about the order of locks.
            _ => {}
        }
    }

    /// What was found.
    #[must_use]
    pub fn finish(self) -> Vec<Found> {
        self.found
    }

    /// The graph by class.
    #[must_use]
    pub fn graph(&self) -> Graph {
        self.order.graph("trace")
    }

    fn acquire(&mut self, thread: ThreadId, lock: LockId, mode: Mode, attempt: Attempt) {
        let wanted = self.held(lock, mode);
        let life = self.threads.entry(thread);
        let life = life.or_insert_with(|| Life::new(Segment::root(thread)));
        let acquisition = Acquisition {
            wanted,
            attempt,
            held: &life.held,
            segment: &life.segment,
            who: &life.who,
        };
        let found = self.order.acquire(&acquisition, &mut || None);
        self.found.extend(found);
        life.held.push(wanted);
    }

    fn release(&mut self, thread: ThreadId, lock: LockId) {
        let held = &mut self.life(thread).held;
        if let Some(place) = held.iter().rposition(|held| held.lock == lock) {
            held.remove(place);
        }
    }

    fn life(&mut self, thread: ThreadId) -> &mut Life {
        let life = self.threads.entry(thread);
        life.or_insert_with(|| Life::new(Segment::root(thread)))
    }

    fn held(&mut self, lock: LockId, mode: Mode) -> Held {
        // A trace is short and written by hand, and origins are static in real programs.
        let name = self.names.entry(lock);
        let name = name.or_insert_with(|| Box::leak(lock.to_string().into_boxed_str()));
        Held {
            chain: 0,
            site: Location::caller(),
            origin: Origin::Named(name),
            lock,
            mode,
            kind: Kind::RwLock,
        }
    }
}

impl Life {
    fn new(segment: Segment) -> Self {
        let name: Arc<str> = format!("t{}", segment.thread()).into();
        Self {
            segment,
            held: Vec::new(),
            who: Who {
                thread: Arc::clone(&name),
                test: "trace".into(),
            },
        }
    }
}
