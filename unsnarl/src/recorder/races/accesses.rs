//! Accesses to watched cells.

use std::cell::UnsafeCell;
use std::fmt;
use std::hint;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use model::site::Caller;
use race::event::Op;
use race::shadow::{Does, Order, Race, Shadow};

use super::held::{self, HeldSet};
use super::loose::LooseRead;
use super::{destructors, is_watching, me, told, watch};

/// What a watched cell carries: its last accesses, and copies of the moments of the very last ones, so that a repeated
/// access ends after one comparison.
pub(crate) struct Record {
    read: AtomicU64,
    written: AtomicU64,
    is_busy: AtomicBool,
    /// Where the cell was when it was accessed last. A cell that was moved was somebody's own in between.
    address: UnsafeCell<usize>,
    /// What a recording knows it by; 0 if none does.
    number: UnsafeCell<u32>,
    shadow: UnsafeCell<Shadow<Place>>,
    what: &'static str,
    created: Caller,
}

// SAFETY: `address`, `number` and `shadow` are only touched by whoever has set `is_busy`; the rest is atomic or constant.
unsafe impl Sync for Record {}

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
}

/// No thread's moment.
const NEVER: u64 = u64::MAX;

impl Record {
    pub(crate) const fn new(what: &'static str, created: Caller) -> Self {
        Self {
            read: AtomicU64::new(NEVER),
            written: AtomicU64::new(NEVER),
            is_busy: AtomicBool::new(false),
            address: UnsafeCell::new(0),
            number: UnsafeCell::new(0),
            shadow: UnsafeCell::new(Shadow::NEW),
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
        me::with(|me| self.note(me, does, site, &mut races));
        if !races.is_empty() {
            self.tell(&races);
        }
    }

    fn note(&self, me: &mut me::Me, does: Does, site: Caller, races: &mut Vec<Found>) {
        let place = Place {
            site,
            held: held::now(&mut me.held),
        };
        let busy = Busy::of(self);
        // SAFETY: `busy` keeps everybody else out.
        let (address, number, shadow) = unsafe {
            (
                &mut *self.address.get(),
                &mut *self.number.get(),
                &mut *self.shadow.get(),
            )
        };
        let here = std::ptr::from_ref(self).addr();
        if *address != here {
            *address = here;
            *number = 0;
            *shadow = Shadow::NEW;
        }
        let epoch = me.local.epoch().to_bits();
        let mut unordered = Vec::new();
        let found = |race| unordered.push(race);
        // Relaxed, three times: as in `reads`.
        match does {
            Does::Reads => {
                shadow.read(&mut me.local, place, Order::Coarse, found);
                // A read that races brings something new, and so a new moment: it is looked at again.
                self.read.store(epoch, Ordering::Relaxed);
            }
            Does::Writes => {
                shadow.write(&mut me.local, place, Order::Coarse, found);
                self.written.store(epoch, Ordering::Relaxed);
                self.read.store(NEVER, Ordering::Relaxed);
            }
        }
        let op = match does {
            Does::Reads => Op::Read,
            Does::Writes => Op::Write,
        };
        me.note_access(number, self.created, op, site);
        drop(busy);
        races.extend(unordered.into_iter().map(|race| Found {
            loose: me.loose.after(race.earlier.epoch),
            race,
        }));
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
        let held = Busy::of(self);
        // SAFETY: `held` keeps everybody else out.
        unsafe {
            *self.shadow.get() = Shadow::NEW;
            *self.number.get() = 0;
        }
        // Relaxed, twice: as in `reads`.
        self.read.store(NEVER, Ordering::Relaxed);
        self.written.store(NEVER, Ordering::Relaxed);
        drop(held);
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").finish_non_exhaustive()
    }
}

/// The right to a cell's record; given back when it is dropped.
struct Busy<'a>(&'a AtomicBool);

impl<'a> Busy<'a> {
    fn of(record: &'a Record) -> Self {
        // Acquire: pairs with the release in `drop`. Relaxed: the attempt is repeated.
        while record
            .is_busy
            .compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            hint::spin_loop();
            std::thread::yield_now();
        }
        Self(&record.is_busy)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        // Release: pairs with the acquire in `of`.
        self.0.store(false, Ordering::Release);
    }
}
