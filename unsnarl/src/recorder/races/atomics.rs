//! Atomics and fences, as order. What an atomic carries is kept in a table by its address, and each operation is done with
//! its part of the table locked, so that what a load is told belongs to the store that it has read.
//!
//! The part is only locked by a thread whose half is ready: one that comes from inside (a global allocator) would wait for
//! itself.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};

use race::location::{Location, acquires, releases};
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::me;

/// An address that is used again only makes order where there is none; so does an atomic whose entry was given up.
#[derive(Debug)]
struct Shard {
    locations: FxHashMap<usize, Location>,
    /// What was known of the atomics that were given up to keep the table small.
    rest: Location,
}

const SHARDS: usize = 64;
/// How many atomics a part of the table may hold.
const MOST: usize = 4096;

static TABLE: [Mutex<Shard>; SHARDS] = [const {
    Mutex::new(Shard {
        locations: FxHashMap::with_hasher(FxBuildHasher),
        rest: Location::NEW,
    })
}; SHARDS];

fn shard(address: usize) -> MutexGuard<'static, Shard> {
    let shard = &TABLE[(address >> 3) % SHARDS];
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shard {
    fn location(&mut self, address: usize) -> &mut Location {
        if self.locations.len() >= MOST && !self.locations.contains_key(&address) {
            for location in std::mem::take(&mut self.locations).into_values() {
                self.rest.merge(&location);
            }
        }
        let rest = &self.rest;
        self.locations
            .entry(address)
            .or_insert_with(|| rest.clone())
    }
}

/// The current thread loads an atomic.
#[cold]
pub(crate) fn load<R>(address: usize, order: Ordering, load: impl FnOnce() -> R) -> R {
    if !me::is_ready() {
        return load();
    }
    let mut shard = shard(address);
    let value = load();
    me::with(|me| shard.location(address).load(&mut me.local, order));
    value
}

/// The current thread stores to an atomic.
#[cold]
pub(crate) fn store<R>(address: usize, order: Ordering, store: impl FnOnce() -> R) -> R {
    if !me::is_ready() {
        return store();
    }
    let mut shard = shard(address);
    me::with(|me| shard.location(address).store(&mut me.local, order));
    store()
}

/// The current thread changes an atomic in one step.
#[cold]
pub(crate) fn modify<R>(address: usize, order: Ordering, modify: impl FnOnce() -> R) -> R {
    if !me::is_ready() {
        return modify();
    }
    let mut shard = shard(address);
    me::with(|me| shard.location(address).update(&mut me.local, order));
    modify()
}

/// The current thread changes an atomic in one step if it has some value.
#[cold]
pub(crate) fn exchange<T>(
    address: usize,
    success: Ordering,
    failure: Ordering,
    exchange: impl FnOnce() -> Result<T, T>,
) -> Result<T, T> {
    if !me::is_ready() {
        return exchange();
    }
    let mut shard = shard(address);
    let result = exchange();
    me::with(|me| {
        let location = shard.location(address);
        match result {
            Ok(_) => location.update(&mut me.local, success),
            Err(_) => location.load(&mut me.local, failure),
        }
    });
    result
}

/// The current thread passes a fence.
#[cold]
pub(crate) fn fence(order: Ordering, fence: impl FnOnce()) {
    fence();
    me::with(|me| me.local.fence(acquires(order), releases(order)));
}
