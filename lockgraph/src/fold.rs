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

use crate::held::{Alone, Chain, Held, Local};
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
    locks: Local,
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
                let life = self.life(thread);
                let segment = life.segment.fork(child);
                life.locks.turn(life.segment.number());
                self.threads.insert(child, Life::new(segment));
            }
            Op::Join { child } => {
                let child = self.life(child).segment.clone();
                let life = self.life(thread);
                life.segment.join(&child);
                life.locks.turn(life.segment.number());
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

    /// The graph of locks.
    #[cfg(test)]
    pub(crate) fn order(&self) -> &Order {
        &self.order
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
        if life.acquire(wanted, attempt) == Chain::Known {
            return;
        }
        let Some((&wanted, held)) = life.locks.held().split_last() else {
            return;
        };
        let acquisition = Acquisition {
            wanted,
            attempt,
            held,
            segment: &life.segment,
            who: &life.who,
        };
        let found = self.order.acquire(&acquisition, &mut || None);
        self.found.extend(found);
    }

    fn release(&mut self, thread: ThreadId, lock: LockId) {
        let locks = &mut self.life(thread).locks;
        if !locks.release_last(lock) {
            locks.release_any(lock);
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
            locks: Local::new(),
            who: Who::new(Arc::clone(&name), "trace".into()),
        }
    }

    /// Notes an acquisition, and makes room for it where that takes memory.
    fn acquire(&mut self, wanted: Held, attempt: Attempt) -> Chain {
        let alone = match wanted.mode {
            Mode::Exclusive => Alone::Telling,
            Mode::Shared => Alone::Silent,
        };
        self.locks.remember_chains();
        loop {
            match self.locks.acquire(wanted, attempt, alone) {
                Chain::Unready if !self.locks.tidy() => self.locks.grow(wanted),
                Chain::Unready => {}
                chain => return chain,
            }
        }
    }
}
