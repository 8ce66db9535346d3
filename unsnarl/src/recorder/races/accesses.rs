//! Accesses to watched cells.
//!
//! What a thread does over and over, at the same places and with the same locks, while nobody else does anything to the
//! cell, changes only its moment: that is one store, without a lock around it. The accesses as a whole are looked at, under
//! a lock, when somebody else comes, or the thread does something else; whoever takes the cell over first ends this for
//! its owner. All that orders the owner's accesses and those of others has made these stores visible; where nothing does,
//! a store that is on its way in the very instant in which somebody takes over is missed.

use std::fmt;
use std::panic::Location;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering, fence};

use model::site::Caller;
use race::epoch::Epoch;
use race::event::Op;
use race::serial::Effect;
use race::shadow::{Does, Order, Race, Shadow};

use super::held::{self, HeldSet};
use super::lessons::By;
use super::loose::LooseRead;
use super::regions::{self, Ring};
use super::{destructors, is_watching, me, tape, told, watch};
use crate::recorder::brief::Brief;

/// What a watched cell carries: its last accesses, and copies of the moments of the very last ones, so that a repeated
/// access ends after one comparison.
pub(crate) struct Record {
    read: AtomicU64,
    written: AtomicU64,
    pointed: AtomicU64,
    /// How the cell was read last, and written, by the only thread that does.
    reads: Habit,
    writes: Habit,
    /// Where the cell was when it was accessed last. A cell that was moved was somebody's own in between.
    address: AtomicUsize,
    past: Brief<Past>,
    what: &'static str,
    created: Caller,
}

/// What was done to a cell.
struct Past {
    /// What a recording knows it by; 0 if none does.
    number: u32,
    shadow: Shadow<Place>,
}

impl Past {
    /// Nothing.
    const NONE: Self = Self {
        number: 0,
        shadow: Shadow::NEW,
    };
}

/// A kind of access that the only thread that accesses a cell is known for.
struct Habit {
    /// Where; null if there is none.
    site: AtomicPtr<Location<'static>>,
    /// What it holds.
    held: AtomicU64,
}

impl Habit {
    const fn none() -> Self {
        Self {
            site: AtomicPtr::new(ptr::null_mut()),
            held: AtomicU64::new(0),
        }
    }

    /// Whether the current thread, if it is the one, does the same here.
    #[inline]
    fn is(&self, site: Caller) -> bool {
        // Relaxed, here and below: what the owner of the cell finds it has written itself, and whoever comes after it sees.
        ptr::eq(self.site.load(Ordering::Relaxed), site)
            && held::is(self.held.load(Ordering::Relaxed))
    }

    fn set(&self, place: Place) {
        self.held.store(place.held.number(), Ordering::Relaxed);
        self.site
            .store(ptr::from_ref(place.site).cast_mut(), Ordering::Relaxed);
    }

    fn forget(&self) {
        self.site.store(ptr::null_mut(), Ordering::Relaxed);
    }

    fn is_known(&self) -> bool {
        !self.site.load(Ordering::Relaxed).is_null()
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
            pointed: AtomicU64::new(NEVER),
            reads: Habit::none(),
            writes: Habit::none(),
            address: AtomicUsize::new(0),
            past: Brief::new(Past::NONE),
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

    /// The current thread takes a pointer to what is in the cell.
    #[inline]
    pub(crate) fn points(&self, site: Caller) {
        // Relaxed: as in `reads`.
        if self.pointed.load(Ordering::Relaxed) != me::now() {
            self.look_at(Does::Points, site);
        }
    }

    #[inline(never)]
    fn access(&self, does: Does, site: Caller) {
        if !self.repeats(does, site) {
            self.look_at(does, site);
        }
    }

    /// Whether the current thread, which has learnt nothing since it did so last, does what it does always. Then nobody has
    /// to look at it.
    #[inline]
    fn repeats(&self, does: Does, site: Caller) -> bool {
        let present = me::present();
        // Relaxed, here and below: see the top.
        let written = self.written.load(Ordering::Relaxed);
        let (last, habit) = match does {
            Does::Reads => (self.read.load(Ordering::Relaxed), &self.reads),
            Does::Writes => (written, &self.writes),
            Does::Points => return false,
        };
        // A write leaves no read behind.
        let last = if last == NEVER { written } else { last };
        let repeats = present.contains(&last)
            && self.address.load(Ordering::Relaxed) == self.here()
            && habit.is(site);
        if repeats {
            self.done(does, *present.end());
        }
        repeats
    }

    /// Something was done at this moment.
    #[inline]
    fn done(&self, does: Does, moment: u64) {
        // Relaxed, four times: as in `reads`.
        match does {
            Does::Points => self.pointed.store(moment, Ordering::Relaxed),
            Does::Reads => self.read.store(moment, Ordering::Relaxed),
            Does::Writes => {
                self.written.store(moment, Ordering::Relaxed);
                self.read.store(NEVER, Ordering::Relaxed);
            }
        }
    }

    fn here(&self) -> usize {
        ptr::from_ref(self).addr()
    }

    #[inline(never)]
    fn look_at(&self, does: Does, site: Caller) {
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
        self.catch_up(me, &mut past);
        let epoch = me.local.epoch().to_bits();
        let mut unordered = Vec::new();
        let found = |race| unordered.push(race);
        match does {
            // A read that races brings something new, and so a new moment: it is looked at again.
            Does::Reads => past.shadow.read(&mut me.local, place, Order::Coarse, found),
            Does::Writes => past
                .shadow
                .write(&mut me.local, place, Order::Coarse, found),
            Does::Points => past.shadow.point(&me.local, place, found),
        }
        self.done(does, epoch);
        self.learn_habit(me, &past.shadow, does, place);
        let ring = self.record(me, &mut past.number, does, site);
        drop(past);
        races.extend(unordered.into_iter().map(|race| Found {
            loose: me.loose.after(race.earlier.epoch),
            last: me.lessons.before(race.earlier.epoch),
            race,
        }));
        ring
    }

    /// Tells the recording, and the engine for regions. Returns the region that the access breaks.
    fn record(&self, me: &mut me::Me, number: &mut u32, does: Does, site: Caller) -> Option<Ring> {
        let (op, effect): (fn(u32) -> Op, _) = match does {
            Does::Reads => (Op::Read, Effect::Reads),
            Does::Writes => (Op::Write, Effect::Writes),
            Does::Points => {
                // Pointers stay in the order of the run: what goes from one thread to the next through them is not known.
                me.note_atomic(Op::Update(0, Ordering::Relaxed), self.here(), site);
                return None;
            }
        };
        me.note_access(number, self.created, op, site);
        regions::cell(me, self.here(), effect, site, (self.what, self.created))
    }

    /// Takes over what the owner has repeated. Others than the owner end its habits first: from here on it has to wait for
    /// its turn, like everybody.
    #[inline]
    fn catch_up(&self, me: &me::Me, past: &mut Past) {
        // Relaxed, here and below: as in `reads`.
        if self.address.load(Ordering::Relaxed) != self.here() {
            *past = Past::NONE;
            self.forget_habits();
            self.address.store(self.here(), Ordering::Relaxed);
        }
        if !self.reads.is_known() && !self.writes.is_known() {
            return;
        }
        if !past.shadow.is_all_by(&me.local) {
            self.forget_habits();
            // SeqCst: the owner sees that before its moments are looked at.
            fence(Ordering::SeqCst);
        }
        let read = self.read.load(Ordering::Relaxed);
        let written = self.written.load(Ordering::Relaxed);
        let read = (read != NEVER).then(|| Epoch::from_bits(read));
        past.shadow.repeated(Epoch::from_bits(written), read);
    }

    /// The current thread, if nobody else has done anything that matters still, may repeat what it has done.
    #[inline]
    fn learn_habit(&self, me: &me::Me, shadow: &Shadow<Place>, does: Does, place: Place) {
        if !shadow.is_all_by(&me.local) || tape::is_on() {
            return self.forget_habits();
        }
        match does {
            Does::Reads => self.reads.set(place),
            Does::Writes => {
                self.writes.set(place);
                // What was read before matters no longer.
                self.reads.forget();
            }
            Does::Points => {}
        }
    }

    #[inline]
    fn forget_habits(&self) {
        self.reads.forget();
        self.writes.forget();
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
        *past = Past::NONE;
        self.forget_habits();
        // Relaxed, three times: as in `reads`.
        self.read.store(NEVER, Ordering::Relaxed);
        self.written.store(NEVER, Ordering::Relaxed);
        self.pointed.store(NEVER, Ordering::Relaxed);
        drop(past);
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").finish_non_exhaustive()
    }
}
