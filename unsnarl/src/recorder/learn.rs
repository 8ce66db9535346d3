//! The cold path of locks: what a thread has not done before goes to the shared graph.

use lockgraph::held::{Alone, Chain, Held};
use lockgraph::order::Acquisition;
use model::event::Attempt;
use model::id::LockId;

use super::inside::enter;
use super::options::options;
use super::seats::seats;
use super::state::{Inside, Life, with};
use super::{engines, findings};

/// How many destroyed locks a thread keeps to itself before it tells the graph of all of them.
const RETIRED_AT_ONCE: usize = 64;

/// An acquisition that could not be noted: the lock's first, the thread's first, one deeper than ever, or the first
/// after a release out of order.
#[cold]
#[inline(never)]
pub(crate) fn unready(lock: Held, attempt: Attempt, alone: Alone) {
    controlled! { return crate::controlled::lock::acquire(lock, attempt, alone); }
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
pub(crate) fn new_chain(attempt: Attempt) {
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
    let found = engines::acquire(&acquisition);
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
    controlled! { return crate::controlled::lock::release(lock); }
    let was_held = with(|thread| thread.held.release_any(lock));
    if !was_held && with(|thread| thread.life) == Life::Over {
        seats().graph.retire(lock);
    }
}

/// A destroyed lock, when the thread can keep no more of them to itself.
#[cold]
#[inline(never)]
pub(super) fn retire(lock: LockId) {
    let Some(_inside) = enter() else {
        if with(|thread| thread.life) == Life::Over && !options().is_off {
            engines::retire(&[lock]);
        }
        return;
    };
    let mut retired = with(|thread| std::mem::take(&mut thread.retired));
    engines::retire(&retired);
    retired.clear();
    retired.reserve_exact(RETIRED_AT_ONCE);
    retired.push(lock);
    with(|thread| thread.retired = retired);
}
