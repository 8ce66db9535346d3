//! The locks that one thread holds: the thread's own half of the lock-order engine.
//!
//! Almost every acquisition repeats one that the thread has made before. It is recognised by a rolling hash of the
//! locks held, looked up in a table of chains already known, so it costs a few instructions and no shared write.
//!
//! **Follows** the chain keys of Linux lockdep (`kernel/locking/lockdep.c`): a chain is the sequence of held locks with
//! their modes. Unlike there, the table belongs to the thread, and its keys contain the thread's place in the order of
//! forks and joins, because the same chain means something new after a fork.
//!
//! **Finds** nothing by itself: it tells known from new.
//!
//! **Misses** a new chain whose 64-bit hash equals that of a known one.
//!
//! **False alarms**: none, a chain told as new twice is only looked at twice.

use model::event::{Attempt, Mode};
use model::id::LockId;
use model::kind::Kind;
use model::site::{Caller, Origin};

/// A lock held, or asked for, by one thread.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// Hash of all locks held when this one was asked for, and of itself.
    pub chain: u64,
    /// Where it was asked for.
    pub site: Caller,
    /// The class it belongs to.
    pub origin: Origin,
    /// The lock.
    pub lock: LockId,
    /// How it is held.
    pub mode: Mode,
    /// What it is.
    pub kind: Kind,
}

/// Whether the shared half has to hear of an acquisition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Chain {
    /// This thread has made it before, in this segment.
    Known,
    /// It may add an edge.
    New,
}

/// How many chains a thread remembers; a power of two.
const KNOWN_CHAINS: usize = 1024;

/// Told apart from a blocking acquisition of the same chain.
const TRIED: u64 = 0x5bd1_e995_0000_0001;

/// The locks that one thread holds, oldest first.
#[derive(Debug)]
pub struct Local {
    /// Held locks from `first` on; those before it were released out of order and are dead.
    stack: Vec<Held>,
    first: usize,
    /// Whether the chains in `stack` must be computed anew before the next one is built on them.
    is_stale: bool,
    /// Where chains start: changes with the segment.
    seed: u64,
    /// Chains known, each at the place its hash gives; empty until the first lock is nested.
    known: Vec<u64>,
}

impl Default for Local {
    fn default() -> Self {
        Self::new()
    }
}

impl Local {
    /// A thread that holds nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            stack: Vec::new(),
            first: 0,
            is_stale: false,
            seed: 0,
            known: Vec::new(),
        }
    }

    /// The locks held, oldest first.
    #[must_use]
    pub fn held(&self) -> &[Held] {
        &self.stack[self.first..]
    }

    /// Whether the next acquisition needs memory.
    #[inline]
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.stack.len() == self.stack.capacity()
    }

    /// Makes room for more locks. Nothing else takes memory, so acquisitions never do.
    pub fn grow(&mut self) {
        self.stack.reserve(16);
    }

    /// Makes the table of known chains; until then every chain is new.
    pub fn remember_chains(&mut self) {
        if self.known.is_empty() {
            self.known = vec![0; KNOWN_CHAINS];
        }
    }

    /// Notes that a lock is asked for and will be held. `Held::chain` is filled in here.
    ///
    /// With nothing held there is nothing to learn, so the answer is [`Chain::Known`].
    #[inline]
    pub fn acquire(&mut self, lock: Held, attempt: Attempt) -> Chain {
        if self.stack.is_empty() {
            self.push(lock, self.seed);
            return Chain::Known;
        }
        self.acquire_recorded(lock, attempt)
    }

    /// Like [`Local::acquire`], but also asks whether the chain is known when nothing is held.
    #[inline]
    pub fn acquire_recorded(&mut self, lock: Held, attempt: Attempt) -> Chain {
        if self.is_stale {
            self.rehash();
        }
        let below = self.stack.last().map_or(self.seed, |top| top.chain);
        let chain = self.push(lock, below);
        self.look_up(if attempt == Attempt::Try {
            chain ^ TRIED
        } else {
            chain
        })
    }

    /// Notes that a lock is released. Returns whether it was held.
    #[inline]
    pub fn release(&mut self, lock: LockId) -> bool {
        match self.stack.last() {
            Some(top) if top.lock == lock => {
                self.stack.pop();
                if self.first != 0 {
                    self.settle();
                }
                true
            }
            _ => self.release_out_of_order(lock),
        }
    }

    /// Begins another segment of the thread's life: every chain is new again.
    pub fn turn(&mut self, segment: u32) {
        self.seed = mix(0, u64::from(segment) << 32);
        self.is_stale = true;
    }

    /// Frees all memory, for a thread that ends.
    pub fn clear(&mut self) {
        *self = Self {
            seed: self.seed,
            ..Self::new()
        };
    }

    #[inline]
    fn push(&mut self, lock: Held, below: u64) -> u64 {
        let chain = mix(below, key(&lock));
        self.stack.push(Held { chain, ..lock });
        chain
    }

    #[inline]
    fn look_up(&mut self, chain: u64) -> Chain {
        match self
            .known
            .get_mut((chain >> 20) as usize & (KNOWN_CHAINS - 1))
        {
            Some(known) if *known == chain => Chain::Known,
            Some(known) => {
                *known = chain;
                Chain::New
            }
            None => Chain::New,
        }
    }

    /// Drops the dead locks at the bottom when nothing else is left.
    fn settle(&mut self) {
        if self.stack.len() == self.first {
            self.stack.clear();
            self.first = 0;
        }
    }

    #[cold]
    #[inline(never)]
    fn release_out_of_order(&mut self, lock: LockId) -> bool {
        let Some(position) = self.held().iter().position(|held| held.lock == lock) else {
            return false;
        };
        self.is_stale = true;
        if position == 0 {
            self.first += 1;
            self.settle();
        } else {
            self.stack.remove(self.first + position);
        }
        true
    }

    #[cold]
    #[inline(never)]
    fn rehash(&mut self) {
        let mut chain = self.seed;
        for held in &mut self.stack[self.first..] {
            chain = mix(chain, key(held));
            held.chain = chain;
        }
        self.is_stale = false;
    }
}

#[inline]
fn key(lock: &Held) -> u64 {
    u64::from(lock.lock.0) << 1 | u64::from(lock.mode == Mode::Shared)
}

/// One round of a multiplicative hash (Knuth's golden ratio), enough to tell chains of small numbers apart.
#[inline]
fn mix(chain: u64, key: u64) -> u64 {
    (chain.rotate_left(5) ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use model::event::{Attempt, Mode};
    use model::id::LockId;
    use model::kind::Kind;
    use model::site::Origin;
    use proptest::prelude::{any, prop, proptest};

    use super::{Chain, Held, Local};

    fn lock(number: u32) -> Held {
        let site = Location::caller();
        Held {
            chain: 0,
            site,
            origin: Origin::Created(site),
            lock: LockId(number),
            mode: Mode::Exclusive,
            kind: Kind::Mutex,
        }
    }

    fn held(local: &Local) -> Vec<u32> {
        local.held().iter().map(|held| held.lock.0).collect()
    }

    #[test]
    fn a_chain_is_new_once_in_each_segment() {
        let mut local = Local::new();
        local.remember_chains();
        let nest = |local: &mut Local| {
            assert_eq!(local.acquire(lock(1), Attempt::Blocking), Chain::Known);
            let chain = local.acquire(lock(2), Attempt::Blocking);
            assert!(local.release(LockId(2)) && local.release(LockId(1)));
            chain
        };
        assert_eq!(nest(&mut local), Chain::New);
        assert_eq!(nest(&mut local), Chain::Known);
        local.turn(1);
        assert_eq!(nest(&mut local), Chain::New);
    }

    #[test]
    fn a_lock_released_from_the_middle_is_no_longer_part_of_the_chain() {
        let mut local = Local::new();
        local.remember_chains();
        for number in [1, 2] {
            let _ = local.acquire(lock(number), Attempt::Blocking);
        }
        assert!(local.release(LockId(1)));
        assert_eq!(local.acquire(lock(3), Attempt::Blocking), Chain::New);
        assert!(local.release(LockId(3)) && local.release(LockId(2)));
        for number in [1, 2] {
            let _ = local.acquire(lock(number), Attempt::Blocking);
        }
        assert_eq!(
            local.acquire(lock(3), Attempt::Blocking),
            Chain::New,
            "1 → 3 has not been seen"
        );
    }

    #[test]
    fn a_try_is_told_apart_from_a_blocking_acquisition() {
        let mut local = Local::new();
        local.remember_chains();
        let _ = local.acquire(lock(1), Attempt::Blocking);
        assert_eq!(local.acquire(lock(2), Attempt::Try), Chain::New);
        assert!(local.release(LockId(2)));
        assert_eq!(local.acquire(lock(2), Attempt::Blocking), Chain::New);
    }

    proptest! {
        #[test]
        fn any_order_of_releases_leaves_what_is_held(steps in prop::collection::vec((any::<bool>(), 1_u32..6), 0..60)) {
            let (mut local, mut oracle) = (Local::new(), Vec::new());
            for (acquires, number) in steps {
                if acquires {
                    let _ = local.acquire(lock(number), Attempt::Blocking);
                    oracle.push(number);
                } else if let Some(position) = remove_as_guards_do(&oracle, number) {
                    assert!(local.release(LockId(number)));
                    oracle.remove(position);
                }
                let mut expected = oracle.clone();
                let mut found = held(&local);
                expected.sort_unstable();
                found.sort_unstable();
                assert_eq!(found, expected);
            }
        }
    }

    fn remove_as_guards_do(oracle: &[u32], number: u32) -> Option<usize> {
        oracle.iter().rposition(|&held| held == number)
    }
}
