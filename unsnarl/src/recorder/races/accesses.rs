//! Accesses to watched cells.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use model::site::Caller;
use race::event::Op;
use race::serial::Effect;
use race::shadow::{Does, Order, Race, Shadow};

use super::brief::Brief;
use super::held::{self, HeldSet};
use super::lessons::By;
use super::loose::LooseRead;
use super::regions::{self, Ring};
use super::{destructors, is_watching, me, told, watch};

/// What a watched cell carries: its last accesses, and copies of the moments of the very last ones, so that a repeated
/// access ends after one comparison.
pub(crate) struct Record {
    read: AtomicU64,
    written: AtomicU64,
    past: Brief<Past>,
    what: &'static str,
    created: Caller,
}

/// What was done to a cell.
struct Past {
    /// Where the cell was when it was accessed last. A cell that was moved was somebody's own in between.
    address: usize,
    /// What a recording knows it by; 0 if none does.
    number: u32,
    shadow: Shadow<Place>,
}

impl Past {
    /// Nothing, to the cell at this address.
    const fn none(address: usize) -> Self {
        Self {
            address,
            number: 0,
            shadow: Shadow::NEW,
        }
    }
}

/// Where an access was, and what its thread held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) site: Caller,
    pub(super) held: HeldSet,
}

/// A race, and the atomic that the later thread has read without being ordered by it.
pub(super) struct Found {
    pub(super) race: Race<Place>,
    pub(super) loose: Option<LooseRead>,
    /// What has ordered that thread after what the other had done before its access.
    pub(super) last: Option<By>,
}

/// No thread's moment.
const NEVER: u64 = u64::MAX;

impl Record {
    pub(crate) const fn new(what: &'static str, created: Caller) -> Self {
        Self {
            read: AtomicU64::new(NEVER),
            written: AtomicU64::new(NEVER),
            past: Brief::new(Past::none(0)),
            what,
            created,
        }
    }

    /// The current thread reads the cell.
    #[inline]
    pub(crate) fn reads(&self, site: Caller) {
        let now = me::now();
        // Relaxed, twice: nothing is read that the moment stands for. If it is the thread's own, the thread wrote it.
        if self.read.load(Ordering::Relaxed) != now && self.written.load(Ordering::Relaxed) != now {
            self.access(Does::Reads, site);
        }
    }

    /// The current thread writes the cell.
    #[inline]
    pub(crate) fn writes(&self, site: Caller) {
        // Relaxed: as in `reads`.
        if self.written.load(Ordering::Relaxed) != me::now() {
            self.access(Does::Writes, site);
        }
    }

    #[inline(never)]
    fn access(&self, does: Does, site: Caller) {
        if !is_watching() {
            watch();
        }
        let mut races = Vec::new();
        let ring = me::with(|me| self.note(me, does, site, &mut races));
        if !races.is_empty() {
            self.tell(&races);
        }
        ring.flatten().iter().for_each(regions::tell);
    }

    /// Notes an access. Returns the region that it breaks.
    fn note(
        &self,
        me: &mut me::Me,
        does: Does,
        site: Caller,
        races: &mut Vec<Found>,
    ) -> Option<Ring> {
        let place = Place {
            site,
            held: held::now(&mut me.held),
        };
        let mut past = self.past.turn();
        let here = std::ptr::from_ref(self).addr();
        if past.address != here {
            *past = Past::none(here);
        }
        let epoch = me.local.epoch().to_bits();
        let mut unordered = Vec::new();
        let found = |race| unordered.push(race);
        // Relaxed, three times: as in `reads`.
        match does {
            Does::Reads => {
                past.shadow.read(&mut me.local, place, Order::Coarse, found);
                // A read that races brings something new, and so a new moment: it is looked at again.
                self.read.store(epoch, Ordering::Relaxed);
            }
            Does::Writes => {
                past.shadow
                    .write(&mut me.local, place, Order::Coarse, found);
                self.written.store(epoch, Ordering::Relaxed);
                self.read.store(NEVER, Ordering::Relaxed);
            }
        }
        let (op, effect): (fn(u32) -> Op, _) = match does {
            Does::Reads => (Op::Read, Effect::Reads),
            Does::Writes => (Op::Write, Effect::Writes),
        };
        me.note_access(&mut past.number, self.created, op, site);
        let ring = regions::cell(me, here, effect, site, (self.what, self.created));
        drop(past);
        races.extend(unordered.into_iter().map(|race| Found {
            loose: me.loose.after(race.earlier.epoch),
            last: me.lessons.before(race.earlier.epoch),
            race,
        }));
        ring
    }

    #[cold]
    fn tell(&self, races: &[Found]) {
        let is_known = |found: &Found| told::is_known(&found.race);
        if races.iter().all(is_known) {
            return;
        }
        if destructors::is_last_arc_dropped() {
            return self.forget();
        }
        races
            .iter()
            .for_each(|found| told::tell(found, self.what, self.created));
    }

    /// The cell is somebody's own: what was done before is over.
    pub(crate) fn forget(&self) {
        let mut past = self.past.turn();
        *past = Past::none(past.address);
        // Relaxed, twice: as in `reads`.
        self.read.store(NEVER, Ordering::Relaxed);
        self.written.store(NEVER, Ordering::Relaxed);
        drop(past);
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").finish_non_exhaustive()
    }
}
