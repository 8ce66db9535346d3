//! Atomics and fences, as order. What an atomic carries is kept in a table by its address, and each operation is done with
//! its part of the table locked, so that what a load is told belongs to the store that it has read.
//!
//! The part is only locked by a thread whose half is ready: one that comes from inside (a global allocator) would wait for
//! itself.

use std::panic::Location as Caller;
use std::sync::atomic::Ordering;

use race::epoch::Epoch;
use race::event::Op;
use race::location::{Location, acquires, releases};
use race::serial::Effect;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::brief::{Brief, Turn};
use super::loose::{LooseRead, Operation};
use super::me::{self, Me};
use super::regions::{self, Ring};

/// An address that is used again only makes order where there is none; so does an atomic whose entry was given up.
#[derive(Debug)]
struct Shard {
    entries: FxHashMap<usize, Entry>,
    /// What was known of the atomics that were given up to keep the table small.
    rest: Location,
}

/// What is known of an atomic.
#[derive(Debug)]
struct Entry {
    location: Location,
    /// The last write: when, where and how.
    written: Option<(Epoch, Operation)>,
}

const SHARDS: usize = 64;
/// How many atomics a part of the table may hold.
const MOST: usize = 4096;

static TABLE: [Brief<Shard>; SHARDS] = [const {
    Brief::new(Shard {
        entries: FxHashMap::with_hasher(FxBuildHasher),
        rest: Location::NEW,
    })
}; SHARDS];

#[inline]
fn shard(address: usize) -> Turn<'static, Shard> {
    TABLE[(address >> 3) % SHARDS].turn()
}

impl Shard {
    fn entry(&mut self, address: usize) -> &mut Entry {
        if self.entries.len() >= MOST && !self.entries.contains_key(&address) {
            for entry in std::mem::take(&mut self.entries).into_values() {
                self.rest.merge(&entry.location);
            }
        }
        let rest = &self.rest;
        self.entries.entry(address).or_insert_with(|| Entry {
            location: rest.clone(),
            written: None,
        })
    }
}

impl Entry {
    fn load(&mut self, me: &mut Me, load: Operation) {
        self.location.load(&mut me.local, load.order);
        self.note_read(me, load);
    }

    fn store(&mut self, me: &mut Me, store: Operation) {
        let now = me.local.epoch();
        self.location.store(&mut me.local, store.order);
        self.written = Some((now, store));
    }

    fn update(&mut self, me: &mut Me, update: Operation) {
        let now = me.local.epoch();
        self.location.update(&mut me.local, update.order);
        self.note_read(me, update);
        self.written = Some((now, update));
    }

    fn note_read(&self, me: &mut Me, load: Operation) {
        if let Some((written, store)) = self.written
            && !me.local.knows(written)
        {
            me.loose.add(LooseRead {
                written,
                store,
                load,
            });
        }
    }
}

/// Tells the region that an operation broke.
#[inline]
fn tell(ring: Option<Option<Ring>>) {
    if let Some(ring) = ring.flatten() {
        regions::tell(&ring);
    }
}

/// The current thread loads an atomic.
#[cold]
#[track_caller]
pub(crate) fn load<R>(address: usize, order: Ordering, load: impl FnOnce() -> R) -> R {
    if !me::is_ready() {
        return load();
    }
    let site = Caller::caller();
    let mut shard = shard(address);
    let value = load();
    let ring = me::with(|me| {
        shard.entry(address).load(me, Operation { site, order });
        me.note_atomic(Op::Load(0, order), address, site);
        regions::atomic(me, address, Effect::Reads, site)
    });
    drop(shard);
    tell(ring);
    value
}

/// The current thread stores to an atomic.
#[cold]
#[track_caller]
pub(crate) fn store<R>(address: usize, order: Ordering, store: impl FnOnce() -> R) -> R {
    if !me::is_ready() {
        return store();
    }
    let site = Caller::caller();
    let mut shard = shard(address);
    let ring = me::with(|me| {
        shard.entry(address).store(me, Operation { site, order });
        me.note_atomic(Op::Store(0, order), address, site);
        regions::atomic(me, address, Effect::Writes, site)
    });
    let result = store();
    drop(shard);
    tell(ring);
    result
}

/// The current thread changes an atomic in one step.
#[cold]
#[track_caller]
pub(crate) fn modify<R>(address: usize, order: Ordering, modify: impl FnOnce() -> R) -> R {
    if !me::is_ready() {
        return modify();
    }
    let site = Caller::caller();
    let mut shard = shard(address);
    let ring = me::with(|me| {
        shard.entry(address).update(me, Operation { site, order });
        me.note_atomic(Op::Update(0, order), address, site);
        regions::atomic(me, address, Effect::Updates, site)
    });
    let result = modify();
    drop(shard);
    tell(ring);
    result
}

/// The current thread changes an atomic in one step if it has some value.
#[cold]
#[track_caller]
pub(crate) fn exchange<T>(
    address: usize,
    success: Ordering,
    failure: Ordering,
    exchange: impl FnOnce() -> Result<T, T>,
) -> Result<T, T> {
    if !me::is_ready() {
        return exchange();
    }
    let site = Caller::caller();
    let mut shard = shard(address);
    let result = exchange();
    let ring = me::with(|me| {
        let entry = shard.entry(address);
        let operation = |order| Operation { site, order };
        let (op, effect) = match result {
            Ok(_) => {
                entry.update(me, operation(success));
                (Op::Update(0, success), Effect::Writes)
            }
            Err(_) => {
                entry.load(me, operation(failure));
                (Op::Load(0, failure), Effect::Reads)
            }
        };
        me.note_atomic(op, address, site);
        regions::atomic(me, address, effect, site)
    });
    drop(shard);
    tell(ring);
    result
}

/// The current thread passes a fence.
#[cold]
pub(crate) fn fence(order: Ordering, fence: impl FnOnce()) {
    fence();
    me::with(|me| {
        me.local.fence(acquires(order), releases(order));
        me.note(Op::Fence(order), None);
    });
}
