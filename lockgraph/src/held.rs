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

/// What is left to do about an acquisition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Chain {
    /// Nothing: this thread has made it before, in this segment.
    Known,
    /// The shared half has to hear of it: it may add an edge.
    New,
    /// It was not noted: [`Local::tidy`] or else [`Local::grow`], and again.
    Unready,
}

/// Whether an acquisition says anything when nothing is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alone {
    /// It does not: there is no order.
    Silent,
    /// It does: it is a write lock, which readers queue behind.
    Telling,
}

/// How many chains a thread remembers at first, and at the most; powers of two.
const KNOWN_CHAINS: usize = 1024;
const MOST_KNOWN_CHAINS: usize = 1 << 16;

/// Told apart from a blocking acquisition of the same chain.
const TRIED: u64 = 0x5bd1_e995_0000_0001;

/// The locks that one thread holds, oldest first.
#[derive(Debug, Default)]
pub struct Local {
    /// Those from `first` up to `depth` are held, those below were released out of order, those above are free room.
    slots: Vec<Held>,
    depth: usize,
    first: usize,
    /// How deep locks can be noted now: as deep as there are slots, but none while the chains in `slots` must be
    /// computed anew before the next one is built on them.
    limit: usize,
    /// Where chains start: changes with the segment, and with the thread.
    seed: u64,
    /// How many threads have had its memory before.
    life: u32,
    /// Chains known, each at one of the two places that its hash gives; none until the first lock is nested.
    known: Vec<u64>,
    /// How many new chains there were.
    learned: usize,
}

impl Local {
    /// A thread that holds nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            slots: Vec::new(),
            depth: 0,
            first: 0,
            limit: 0,
            seed: 0,
            life: 0,
            known: Vec::new(),
            learned: 0,
        }
    }

    /// A thread that holds nothing, in the memory of this one: no chain is known.
    #[must_use]
    pub fn restarted(mut self) -> Self {
        if self.known.len() > KNOWN_CHAINS {
            self.known = Vec::new();
        }
        self.depth = 0;
        self.first = 0;
        self.learned = 0;
        // What is in the table stays there, and equals no chain that starts elsewhere.
        self.life += 1;
        self.turn(0);
        self.settle();
        self
    }

    /// The locks held, oldest first.
    #[must_use]
    pub fn held(&self) -> &[Held] {
        &self.slots[self.first..self.depth]
    }

    /// Makes room for more locks like this one. Nothing else takes memory, so acquisitions never do.
    pub fn grow(&mut self, example: Held) {
        self.slots.resize(self.slots.len() + 16, example);
        self.rehash();
    }

    /// Computes chains anew if that is all there is to do. Returns whether the next acquisition can be noted.
    pub fn tidy(&mut self) -> bool {
        let has_room = self.depth < self.slots.len();
        if has_room {
            self.rehash();
        }
        has_room
    }

    /// Makes the table of known chains, and a larger one when it fills; without it every chain is new.
    pub fn remember_chains(&mut self) {
        self.learned += 1;
        let room = (self.learned * 8)
            .next_power_of_two()
            .clamp(KNOWN_CHAINS, MOST_KNOWN_CHAINS);
        if room <= self.known.len() {
            return;
        }
        let known = std::mem::replace(&mut self.known, vec![0; room]);
        known
            .into_iter()
            .filter(|&chain| chain != 0)
            .for_each(|chain| {
                let _ = self.look_up(chain);
            });
    }

    /// Notes that a lock is asked for and will be held. `Held::chain` is filled in here. A lock without identity is not
    /// noted.
    #[inline(always)]
    pub fn acquire(&mut self, lock: Held, attempt: Attempt, alone: Alone) -> Chain {
        if self.depth >= self.limit || lock.lock == LockId::NONE {
            return Chain::Unready;
        }
        let below = match self.depth.checked_sub(1) {
            None => self.seed,
            Some(top) => self.slots.get(top).map_or(self.seed, |top| top.chain),
        };
        let is_alone = self.depth == 0;
        let chain = mix(below, key(&lock));
        let Some(slot) = self.slots.get_mut(self.depth) else {
            return Chain::Unready;
        };
        *slot = Held { chain, ..lock };
        self.depth += 1;
        if is_alone && alone == Alone::Silent {
            return Chain::Known;
        }
        self.look_up(if attempt == Attempt::Try {
            chain ^ TRIED
        } else {
            chain
        })
    }

    /// Notes that a lock is released. Returns whether it was the one asked for last; if not, nothing is noted, see
    /// [`Local::release_any`].
    #[inline(always)]
    pub fn release_last(&mut self, lock: LockId) -> bool {
        let Some(last) = self.depth.checked_sub(1) else {
            return false;
        };
        if self.slots.get(last).is_none_or(|top| top.lock != lock) {
            return false;
        }
        self.depth = last;
        if self.first != 0 {
            self.settle();
        }
        true
    }

    /// Notes that any of the locks held is released. Returns whether it was held.
    pub fn release_any(&mut self, lock: LockId) -> bool {
        let Some(position) = self.held().iter().position(|held| held.lock == lock) else {
            return false;
        };
        self.limit = 0;
        if position == 0 {
            self.first += 1;
            self.settle();
        } else {
            let position = self.first + position;
            self.slots.copy_within(position + 1..self.depth, position);
            self.depth -= 1;
        }
        true
    }

    /// Begins another segment of the thread's life: every chain is new again.
    pub fn turn(&mut self, segment: u32) {
        self.seed = mix(0, u64::from(segment) << 32 | u64::from(self.life));
        self.limit = 0;
    }

    #[inline(always)]
    fn look_up(&mut self, chain: u64) -> Chain {
        let mask = self.known.len().wrapping_sub(1);
        let first = (chain >> 20) as usize & mask;
        match self.known.get(first) {
            Some(&known) if known == chain => Chain::Known,
            Some(_) => self.look_beside(first, chain),
            None => Chain::New,
        }
    }

    /// Looks at the second of two places where a chain may be. A new one takes the first, and what is there moves.
    fn look_beside(&mut self, first: usize, chain: u64) -> Chain {
        let second = first ^ 1;
        if self.known[second] == chain {
            return Chain::Known;
        }
        self.known[second] = self.known[first];
        self.known[first] = chain;
        Chain::New
    }

    /// Drops the dead locks at the bottom when nothing else is left.
    fn settle(&mut self) {
        if self.depth == self.first {
            self.depth = 0;
            self.first = 0;
            self.limit = self.slots.len();
        }
    }

    fn rehash(&mut self) {
        let mut chain = self.seed;
        for held in &mut self.slots[self.first..self.depth] {
            chain = mix(chain, key(held));
            held.chain = chain;
        }
        self.limit = self.slots.len();
    }
}

#[inline(always)]
fn key(lock: &Held) -> u64 {
    u64::from(lock.lock.0) << 1 | u64::from(lock.mode == Mode::Shared)
}

/// One round of a multiplicative hash (Knuth's golden ratio), enough to tell chains of small numbers apart.
#[inline(always)]
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

    use super::{Alone, Chain, Held, Local};

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

    /// A thread with room, and a memory for chains.
    fn local() -> Local {
        let mut local = Local::new();
        local.grow(lock(0));
        local.remember_chains();
        local
    }

    fn acquire(local: &mut Local, number: u32, attempt: Attempt) -> Chain {
        match local.acquire(lock(number), attempt, Alone::Silent) {
            Chain::Unready => {
                if !local.tidy() {
                    local.grow(lock(0));
                }
                acquire(local, number, attempt)
            }
            chain => chain,
        }
    }

    fn release(local: &mut Local, number: u32) {
        assert!(local.release_last(LockId(number)) || local.release_any(LockId(number)));
    }

    fn held(local: &Local) -> Vec<u32> {
        local.held().iter().map(|held| held.lock.0).collect()
    }

    #[test]
    fn a_chain_is_new_once_in_each_segment() {
        let mut local = local();
        let nest = |local: &mut Local| {
            assert_eq!(acquire(local, 1, Attempt::Blocking), Chain::Known);
            let chain = acquire(local, 2, Attempt::Blocking);
            release(local, 2);
            release(local, 1);
            chain
        };
        assert_eq!(nest(&mut local), Chain::New);
        assert_eq!(nest(&mut local), Chain::Known);
        local.turn(1);
        assert_eq!(nest(&mut local), Chain::New);
    }

    #[test]
    fn a_thread_in_the_memory_of_another_knows_none_of_its_chains() {
        let mut local = local();
        let nest = |local: &mut Local| {
            let [_, chain] = [1, 2].map(|number| acquire(local, number, Attempt::Blocking));
            chain
        };
        for _ in 0..10 {
            assert_eq!(nest(&mut local), Chain::New);
            local = local.restarted();
            assert_eq!(held(&local), [0; 0]);
        }
    }

    #[test]
    fn a_thread_remembers_more_chains_than_its_first_table_has_room_for() {
        let mut local = local();
        let mut new = Vec::new();
        for _ in 0..3 {
            let mut count = 0;
            for number in 1..=2000 {
                if acquire(&mut local, number, Attempt::Blocking) == Chain::New {
                    local.remember_chains();
                    count += 1;
                }
            }
            (1..=2000)
                .rev()
                .for_each(|number| release(&mut local, number));
            new.push(count);
        }
        assert_eq!(new[0], 1999);
        assert!(new[2] < 200, "{} of 1999 chains were forgotten", new[2]);
    }

    #[test]
    fn a_lock_released_from_the_middle_is_no_longer_part_of_the_chain() {
        let mut local = local();
        for number in [1, 2] {
            let _ = acquire(&mut local, number, Attempt::Blocking);
        }
        release(&mut local, 1);
        assert_eq!(acquire(&mut local, 3, Attempt::Blocking), Chain::New);
        release(&mut local, 3);
        release(&mut local, 2);
        for number in [1, 2] {
            let _ = acquire(&mut local, number, Attempt::Blocking);
        }
        assert_eq!(
            acquire(&mut local, 3, Attempt::Blocking),
            Chain::New,
            "1 → 3 has not been seen"
        );
    }

    #[test]
    fn a_try_is_told_apart_from_a_blocking_acquisition() {
        let mut local = local();
        let _ = acquire(&mut local, 1, Attempt::Blocking);
        assert_eq!(acquire(&mut local, 2, Attempt::Try), Chain::New);
        release(&mut local, 2);
        assert_eq!(acquire(&mut local, 2, Attempt::Blocking), Chain::New);
    }

    proptest! {
        #[test]
        fn any_order_of_releases_leaves_what_is_held(steps in prop::collection::vec((any::<bool>(), 1_u32..6), 0..60)) {
            let (mut local, mut oracle) = (local(), Vec::new());
            for (acquires, number) in steps {
                if acquires {
                    let _ = acquire(&mut local, number, Attempt::Blocking);
                    oracle.push(number);
                } else if let Some(position) = remove_as_guards_do(&oracle, number) {
                    release(&mut local, number);
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
