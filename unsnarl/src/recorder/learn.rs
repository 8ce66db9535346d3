//! The cold path of locks: what a thread has not done before goes to the shared graph.

use std::sync::{LazyLock, Mutex, PoisonError};

use lockgraph::held::{Alone, Chain, Local};
use lockgraph::order::{Acquisition, Order};
use model::event::{Attempt, Mode};
use model::id::LockId;
use model::site::Caller;

use super::options::options;
use super::threads::{self, Identity};
use super::{Life, backtraces, findings, waits, with};
use crate::watched::tag::Tag;

/// The lock-order graph of the process.
static ORDER: LazyLock<Mutex<Order>> = LazyLock::new(Mutex::default);

/// Runs `f` on the lock-order graph. Must be called inside the recorder, see [`enter`].
pub(super) fn order<R>(f: impl FnOnce(&mut Order) -> R) -> R {
    f(&mut ORDER.lock().unwrap_or_else(PoisonError::into_inner))
}

/// How many destroyed locks a thread keeps to itself before it tells the graph of all of them.
const RETIRED_AT_ONCE: usize = 64;

/// A thread inside the recorder, with its own state in hand. Leaving puts the state back.
pub(super) struct Inside {
    pub(super) held: Local,
    /// There until the thread leaves.
    identity: Option<Box<Identity>>,
}

/// Enters the recorder, unless the thread is in it already, is at its end, or all engines are off.
pub(super) fn enter() -> Option<Inside> {
    match with(|thread| thread.life) {
        Life::Fresh => first_use(),
        Life::Recording => Some(()),
        Life::Busy | Life::Over => None,
    }?;
    with(|thread| {
        thread.life = Life::Busy;
        Some(Inside {
            held: std::mem::take(&mut thread.held),
            identity: thread.identity.take(),
        })
    })
}

impl Inside {
    pub(super) fn identity(&self) -> &Identity {
        self.identity
            .as_ref()
            .expect("a thread that records has an identity")
    }

    pub(super) fn identity_mut(&mut self) -> &mut Identity {
        self.identity
            .as_mut()
            .expect("a thread that records has an identity")
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let held = std::mem::take(&mut self.held);
        let identity = self.identity.take();
        with(|thread| {
            thread.held = held;
            thread.identity = identity;
            thread.life = Life::Recording;
        });
    }
}

/// Makes the thread known, the first time it uses a watched object.
fn first_use() -> Option<()> {
    with(|thread| thread.life = Life::Busy);
    let identity = (!options().is_off).then(threads::introduce);
    with(|thread| {
        thread.life = if identity.is_some() {
            Life::Recording
        } else {
            Life::Over
        };
        thread.identity = identity.map(Box::new);
        thread.identity.is_some().then_some(())
    })
}

/// An acquisition that could not be noted: the lock's first, the thread's first, one deeper than ever, or the first
/// after a release out of order.
#[cold]
#[inline(never)]
pub(super) fn unready(tag: &Tag, mode: Mode, site: Caller, attempt: Attempt, alone: Alone) {
    let _ = tag.id();
    let lock = super::held(tag, mode, site);
    if with(|thread| thread.held.tidy()) {
        if with(|thread| thread.held.acquire(lock, attempt, alone)) == Chain::New {
            new_chain(attempt);
        }
        return;
    }
    let Some(mut inside) = enter() else { return };
    inside.held.grow(lock);
    if inside.held.acquire(lock, attempt, alone) == Chain::New {
        tell_order(inside, attempt);
    }
}

/// An acquisition that the thread has not made before; it is noted already.
#[cold]
#[inline(never)]
pub(super) fn new_chain(attempt: Attempt) {
    if let Some(inside) = enter() {
        tell_order(inside, attempt);
    }
}

/// Tells the graph of the last acquisition of the thread.
///
/// # Panics
///
/// With `UNSNARL_ON_FINDING=panic`, if that made something new possible.
fn tell_order(mut inside: Inside, attempt: Attempt) {
    inside.held.remember_chains();
    let Some((wanted, held)) = inside.held.held().split_last() else {
        return;
    };
    let identity = inside.identity();
    let acquisition = Acquisition {
        wanted: *wanted,
        attempt,
        held,
        segment: &identity.segment,
        who: &identity.who,
    };
    let found = order(|order| order.acquire(&acquisition, &mut backtraces::capture));
    let lock = wanted.lock;
    drop(inside);
    if let Some(reason) = findings::record_all(found) {
        // The acquisition does not take place.
        with(|thread| thread.held.release_any(lock));
        panic!("unsnarl: {reason}");
    }
}

/// A release of a lock that was not the last one asked for.
#[cold]
#[inline(never)]
pub(super) fn release_out_of_order(lock: LockId) {
    let was_held = with(|thread| thread.held.release_any(lock));
    if !was_held && with(|thread| thread.life) == Life::Over {
        waits::no_orphan(lock);
    }
}

/// A destroyed lock, when the thread can keep no more of them to itself.
#[cold]
#[inline(never)]
pub(super) fn retire(lock: LockId) {
    let Some(_inside) = enter() else {
        if with(|thread| thread.life) == Life::Over && !options().is_off {
            tell_retired(&[lock]);
        }
        return;
    };
    let mut retired = with(|thread| std::mem::take(&mut thread.retired));
    tell_retired(&retired);
    retired.clear();
    retired.reserve_exact(RETIRED_AT_ONCE);
    retired.push(lock);
    with(|thread| thread.retired = retired);
}

/// Tells the engines of destroyed locks.
pub(super) fn tell_retired(retired: &[LockId]) {
    order(|order| retired.iter().for_each(|&lock| order.retire(lock)));
    waits::retire(retired);
}
