//! New edges: what an order of locks costs when it is seen for the first time.

use std::panic::Location;
use std::sync::Arc;

use lockgraph::held::Held;
use lockgraph::order::{Acquisition, Order, Who};
use model::clock::Segment;
use model::event::{Attempt, Mode};
use model::id::{LockId, ThreadId};
use model::kind::Kind;
use model::site::Origin;

use crate::clock;
use crate::locks::Locks;
use crate::shapes::Shape;

/// Stops a peer that would take all day.
#[derive(Debug)]
pub(crate) struct Patience(u64);

impl Patience {
    const NANOSECONDS: u64 = 20_000_000_000;

    pub(crate) fn new() -> Self {
        Self(clock::wall() + Self::NANOSECONDS)
    }

    pub(crate) fn is_over(&mut self) -> bool {
        clock::wall() > self.0
    }
}

/// Microseconds for each edge, the two locks taken and given back included.
pub(crate) fn mean(locks: &Locks, shape: &Shape) -> f64 {
    let (time, edges) = (locks.all_edges)(shape);
    time as f64 / edges as f64 / 1000.0
}

/// Mean microseconds of the worst tenth of the edges.
pub(crate) fn worst_tenth(locks: &Locks, shape: &Shape) -> f64 {
    worst_tenth_of((locks.each_edge)(shape))
}

/// [`mean`] of the engine alone.
pub(crate) fn engine_mean(shape: &Shape) -> f64 {
    let mut engine = Engine::new();
    let start = clock::cpu();
    for &edge in &shape.edges {
        engine.take(edge);
    }
    (clock::cpu() - start) as f64 / shape.edges.len() as f64 / 1000.0
}

/// [`worst_tenth`] of the engine alone.
pub(crate) fn engine_worst_tenth(shape: &Shape) -> f64 {
    let mut engine = Engine::new();
    let times = shape.edges.iter().map(|&edge| {
        let start = clock::cpu();
        engine.take(edge);
        clock::cpu() - start
    });
    worst_tenth_of(times.collect())
}

fn worst_tenth_of(mut times: Vec<u64>) -> f64 {
    let cost = clock::cpu_cost();
    times.sort_unstable_by(|one, other| other.cmp(one));
    times.truncate(times.len().div_ceil(10));
    let sum: u64 = times.iter().map(|time| time.saturating_sub(cost)).sum();
    sum as f64 / times.len() as f64 / 1000.0
}

/// The lock-order engine without a recorder before it.
struct Engine {
    order: Order,
    segment: Segment,
    who: Who,
}

impl Engine {
    fn new() -> Self {
        Self {
            order: Order::default(),
            segment: Segment::root(ThreadId(1)),
            who: Who::new(Arc::from("bench"), Arc::from("bench")),
        }
    }

    fn take(&mut self, (from, to): (u32, u32)) {
        let acquisition = Acquisition {
            wanted: held(to),
            attempt: Attempt::Blocking,
            held: &[held(from)],
            segment: &self.segment,
            who: &self.who,
        };
        let found = self.order.acquire(&acquisition, &mut || None);
        assert!(found.is_empty(), "the shapes have no cycles");
    }
}

#[inline]
fn held(lock: u32) -> Held {
    let site = Location::caller();
    Held {
        chain: 0,
        site,
        origin: Origin::Created(site),
        lock: LockId(lock + 1),
        mode: Mode::Exclusive,
        kind: Kind::Mutex,
    }
}
