//! Atomics of an explored run as weak memory: a load may show an older value than the one that lies at the address, which
//! is always the latest.
//!
//! What is known of an atomic is kept by its address, and nobody says when memory is given back. Hence the rules: a value
//! at the address that is not the latest one stored begins a new history, so does another type; and nothing is shown from
//! before a store of the value that the history began with, as the memory may have been given to another atomic since. If
//! that began with the very value that was stored last, nobody notices, and nothing follows: whoever reaches the new atomic
//! comes after its making, so after the end of the old one and all stores to it, and what comes before its last store may
//! not be shown to him.
//!
//! Updates in two steps and values that changed back are looked for as on real threads ([`Steps`]); an old value counts as
//! read when it was stored, so that a store after it overwrites what came since.
//!
//! In the destructor of what the last `Arc` held, whose count orders things where nobody sees it, only the latest value is
//! shown.
//!
//! A thread reads a value that is not the latest at most once, so that loops end.

pub(crate) mod orders;

use std::fmt::Debug;
use std::sync::atomic::Ordering;

use model::site::Caller;
use race::epoch::{Epoch, Slot};
use race::local::Past;
use race::location::{acquires, releases};
use race::serial::Effect;
use race::stamp::Stamp;
use race::updates::Lost;
use race::weak::fences::Fences;
use race::weak::history::History;
use rustc_hash::{FxHashMap, FxHashSet};

use self::orders::{Changes, Deed, Place};
use super::destructors::{self, Chains};
use super::lessons::By;
use super::loose::{LooseRead, Operation};
use super::me::{self, Me};
use super::regions::{self, Ring};
use super::two_steps::{self, Steps, TwoSteps};
use super::value::Value;
use super::{fibers, is_watching, watch};

/// How many pasts are kept for their memory.
const MOST_PASTS: usize = 1024;

/// The atomics of an execution.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    atomics: FxHashMap<usize, Atomic>,
    /// Atomics of executions before, for the memory that they have.
    spare: Vec<Atomic>,
    fences: Fences,
    /// Old values that a thread has read already: of which thread, and which store.
    seen: FxHashSet<(Slot, u32)>,
    stores: u32,
    /// Of what the last load may show, how far each lies behind the latest.
    ways: Vec<usize>,
    lags: Vec<Lag>,
    /// What an operation brought to light, until it is told.
    news: News,
    changes: Changes,
    chains: Chains,
    /// The number of the last store that everybody has seen.
    settled: u32,
    /// The operations of the program, once each, if they are to be known.
    places: Option<FxHashMap<Caller, Place>>,
    /// Whether loads may show old values.
    keeps_old: bool,
    /// Pasts of stores that are gone, for their memory.
    pasts: Vec<Past>,
}

#[derive(Debug)]
struct Atomic {
    kind: &'static str,
    first: Value,
    history: History<Written>,
    steps: Steps,
}

/// A store, or the value that an atomic began with.
#[derive(Clone, Copy, Debug)]
struct Written {
    value: Value,
    number: u32,
    /// How often the atomic had changed by then.
    version: u64,
    by: Option<(Epoch, Operation)>,
}

/// An atomic, and from where in the source it is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    address: usize,
    kind: &'static str,
    show: fn(Value) -> String,
    pub(crate) site: Caller,
}

impl Spot {
    /// The atomic at this address, which has values of this type.
    pub(crate) fn new<V: Copy + Debug>(address: usize, site: Caller) -> Self {
        Self {
            address,
            kind: std::any::type_name::<V>(),
            // SAFETY: values are only shown at the spot at which they were read, where they are of this type.
            show: |value| format!("{:?}", unsafe { value.get::<V>() }),
            site,
        }
    }

    /// Whether steps from one of its values to the next have a size: it is no pointer and no `bool`.
    fn is_number(&self) -> bool {
        self.kind.starts_with(['u', 'i'])
    }
}

/// Where an execution is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// How many steps it has.
    pub(crate) step: usize,
    /// The running thread, the same in every execution.
    pub(crate) thread: u64,
    /// How much of its stack is in use.
    pub(crate) depth: usize,
}

/// A load that has shown an older value than the latest.
#[derive(Debug)]
pub(crate) struct Lag {
    /// How many steps the execution had then.
    pub(crate) at: usize,
    /// How it was read.
    pub(crate) load: Ordering,
    /// What was not read: the store that came right after.
    pub(crate) store: Operation,
    old: Value,
    missed: Value,
    show: fn(Value) -> String,
}

impl Lag {
    /// What was read.
    pub(crate) fn old(&self) -> String {
        (self.show)(self.old)
    }

    /// What was not.
    pub(crate) fn missed(&self) -> String {
        (self.show)(self.missed)
    }
}

/// What an operation brought to light.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// A region that is not atomic.
    ring: Option<Ring>,
    /// An update in two steps that has overwritten another.
    lost: Option<Lost<TwoSteps>>,
    /// An exchange that fell for a value that had changed back.
    aba: Option<Aba>,
}

/// The exchange, who has changed the value back and where, and where the old link was read.
#[derive(Clone, Copy, Debug)]
struct Aba {
    exchange: Caller,
    back: (Epoch, Caller),
    link: Caller,
}

impl News {
    /// Tells it. Nothing of the execution may be in use.
    #[cold]
    pub(crate) fn tell(&self) {
        if let Some(ring) = &self.ring {
            regions::tell(ring);
        }
        if let Some(lost) = &self.lost {
            two_steps::tell(lost);
        }
        if let Some(aba) = &self.aba {
            two_steps::tell_aba(aba.exchange, aba.back, aba.link);
        }
    }

    fn is_none(&self) -> bool {
        self.ring.is_none() && self.lost.is_none() && self.aba.is_none()
    }
}

impl Memory {
    /// An execution begins, in which operations have these orderings beside their own.
    pub(crate) fn begin(
        &mut self,
        changes: Changes,
        chains: Chains,
        keeps_places: bool,
        keeps_old: bool,
    ) {
        self.keeps_old = keeps_old;
        self.changes = changes;
        self.chains = chains;
        self.places = keeps_places.then(FxHashMap::default);
    }

    /// The operations of the program, if they were kept, in the order of the source.
    pub(crate) fn places(&self) -> Vec<Place> {
        let places = self.places.iter().flat_map(FxHashMap::values);
        let mut places: Vec<Place> = places.copied().collect();
        places.sort_unstable_by_key(|place| place.site);
        places
    }

    /// Whether loads may show old values. Where every operation is `SeqCst`, none does.
    pub(crate) fn keeps_old(&self) -> bool {
        self.keeps_old
    }

    /// Whether operations have orderings beside their own.
    pub(crate) fn has_changes(&self) -> bool {
        !self.changes.0.is_empty()
    }

    /// The ordering that counts.
    fn order(&mut self, site: Caller, deed: Deed, order: Ordering) -> Ordering {
        if let Some(places) = &mut self.places {
            places.entry(site).or_insert(Place { site, deed, order });
        }
        self.changes.apply(site, deed, order)
    }

    /// The loads that have shown old values.
    pub(crate) fn lags(&self) -> &[Lag] {
        &self.lags
    }

    /// The running thread loads what `choose` takes of so many values, the latest being the first. `now` is what lies at the
    /// address.
    pub(crate) fn load(
        &mut self,
        spot: &Spot,
        order: Ordering,
        now: Value,
        moment: Moment,
        choose: impl FnOnce(usize) -> usize,
    ) -> Value {
        let order = self.order(spot.site, Deed::Load, order);
        let read = with(|me| {
            self.list_ways(me, spot, order, now, |_| true);
            let back = self.choose(spot, moment, choose);
            self.read(me, spot, order, now, back, moment)
        });
        read.unwrap_or(now)
    }

    /// The running thread compares, and may see an old value that is not what it expects: that one, if `choose` takes one.
    pub(crate) fn fail(
        &mut self,
        spot: &Spot,
        order: Ordering,
        (now, expected): (Value, Value),
        moment: Moment,
        choose: impl FnOnce(usize) -> usize,
    ) -> Option<Value> {
        let order = self.changes.apply(spot.site, Deed::Load, order);
        let read = with(|me| {
            self.list_ways(me, spot, order, now, |value| value != expected);
            let back = self.choose(spot, moment, choose);
            let read = (back > 0).then(|| self.read(me, spot, order, now, back, moment));
            // Nothing is to be stored by what was compared in vain.
            me.read = None;
            read
        });
        read.flatten()
    }

    /// The running thread has compared what lies at the address, in vain.
    pub(crate) fn miss(&mut self, spot: &Spot, order: Ordering, now: Value, moment: Moment) {
        self.load(spot, order, now, moment, |_| 0);
        me::with(|me| me.read = None);
    }

    fn list_ways(
        &mut self,
        me: &Me,
        spot: &Spot,
        order: Ordering,
        now: Value,
        may: impl Fn(Value) -> bool,
    ) {
        let Self {
            fences,
            seen,
            ways,
            settled,
            ..
        } = self;
        let atomic = at(&mut self.atomics, &mut self.spare, spot, now);
        let slot = me.local.epoch().slot();
        ways.clear();
        let readable = atomic.history.readable(&me.local, order, fences);
        for (back, written) in readable.enumerate() {
            let may_see = || may(written.value) && !seen.contains(&(slot, written.number));
            if back == 0 || may_see() {
                ways.push(back);
            }
            if written.value == atomic.first || written.number <= *settled {
                break;
            }
        }
    }

    /// How far behind the latest the value lies that `choose` takes.
    fn choose(&self, spot: &Spot, moment: Moment, choose: impl FnOnce(usize) -> usize) -> usize {
        let back = self.ways[choose(self.ways.len())];
        let chain = (moment.thread, spot.site, moment.depth);
        let is_late = back > 0 && destructors::is_in(&self.chains, chain);
        if is_late { 0 } else { back }
    }

    fn read(
        &mut self,
        me: &mut Me,
        spot: &Spot,
        order: Ordering,
        now: Value,
        back: usize,
        moment: Moment,
    ) -> Value {
        let atomic = at(&mut self.atomics, &mut self.spare, spot, now);
        if back > 0 {
            let mut stores = atomic.history.readable(&me.local, order, &self.fences);
            if let (Some(missed), Some(old)) = (stores.nth(back - 1), stores.next()) {
                let slot = me.local.epoch().slot();
                self.seen.insert((slot, old.number));
                self.lags
                    .extend(lag(spot, moment.step, order, *old, *missed));
            }
        }
        let before = me.local.epoch();
        lend(me, &mut self.pasts);
        let history = &mut atomic.history;
        let read = *history.load(&mut me.local, order, &self.fences, back);
        note_news(me, before, history.released(back), spot.site);
        let load = Operation {
            site: spot.site,
            order,
        };
        note_read(me, read, load);
        Steps::read(me, (spot.address, read.value.bits(), read.version), load);
        self.news.ring = regions::atomic(me, spot.address, Effect::Reads, spot.site);
        read.value
    }

    /// The running thread stores. `now` is what lay at the address.
    pub(crate) fn store(&mut self, spot: &Spot, order: Ordering, now: Value, value: Value) {
        let order = self.order(spot.site, Deed::Store, order);
        let number = self.number();
        with(|me| {
            let atomic = at(&mut self.atomics, &mut self.spare, spot, now);
            let mut written = written(me, spot, order, value, number);
            let site = spot.site;
            let place = (spot.address, value.bits());
            let lost = atomic.steps.store(me, place, Operation { site, order });
            written.version = atomic.steps.holding().version;
            lend(me, &mut self.pasts);
            atomic
                .history
                .store(&mut me.local, order, &self.fences, written);
            if !self.keeps_old {
                atomic.history.forget_old();
            }
            self.news.lost = lost.filter(|_| spot.is_number());
            self.news.ring = regions::atomic(me, spot.address, Effect::Writes, spot.site);
        });
    }

    /// The running thread changes an atomic in one step. `now` is what lay at the address.
    pub(crate) fn update(
        &mut self,
        spot: &Spot,
        order: Ordering,
        now: Value,
        value: Value,
        effect: Effect,
    ) {
        let order = self.order(spot.site, Deed::Update, order);
        let number = self.number();
        with(|me| {
            let atomic = at(&mut self.atomics, &mut self.spare, spot, now);
            let mut written = written(me, spot, order, value, number);
            let read = *atomic.history.latest();
            let mut suspect = None;
            match effect {
                Effect::Writes => {
                    suspect = atomic.steps.exchange(me, spot.address, value.bits());
                }
                _ => {
                    atomic.steps.change(me, spot.address);
                    atomic.steps.see(value.bits());
                }
            }
            written.version = atomic.steps.holding().version;
            let before = me.local.epoch();
            lend(me, &mut self.pasts);
            atomic
                .history
                .update(&mut me.local, order, &self.fences, written);
            note_news(me, before, atomic.history.released(1), spot.site);
            if !self.keeps_old {
                atomic.history.forget_old();
            }
            let update = Operation {
                site: spot.site,
                order,
            };
            note_read(me, read, update);
            self.news.ring = regions::atomic(me, spot.address, effect, spot.site);
            self.news.aba = suspect.and_then(|suspect| {
                let link = self.atomics.get(&suspect.link.atomic)?;
                let (epoch, back) = read.by?;
                let is_old = link.steps.holding().confirms(&suspect);
                is_old.then_some(Aba {
                    exchange: spot.site,
                    back: (epoch, back.site),
                    link: suspect.link.site,
                })
            });
        });
    }

    /// What the last operation brought to light.
    pub(crate) fn take_news(&mut self) -> Option<News> {
        let news = std::mem::take(&mut self.news);
        (!news.is_none()).then_some(news)
    }

    /// The ordering that a fence has.
    pub(crate) fn fence_order(&self, site: Caller, order: Ordering) -> Ordering {
        self.changes.apply(site, Deed::Fence, order)
    }

    /// The running thread passes a fence.
    pub(crate) fn fence(&mut self, site: Caller, order: Ordering) {
        let order = self.order(site, Deed::Fence, order);
        with(|me| {
            me.read = None;
            if order == Ordering::SeqCst {
                self.fences.pass(&mut me.local, fibers::begin_fences);
            } else {
                me.local.fence(acquires(order), releases(order));
            }
        });
    }

    /// So much time has passed that everybody sees all that was stored.
    pub(crate) fn settle(&mut self) {
        self.settled = self.stores;
    }

    /// Somebody has the atomic at this address for himself.
    pub(crate) fn forget(&mut self, address: usize) {
        self.atomics.remove(&address);
    }

    /// The execution is over; another one may begin.
    pub(crate) fn retire(&mut self) {
        if let Some(last) = self.fences.last() {
            fibers::end_fences(last);
        }
        self.fences = Fences::default();
        for (_, mut atomic) in self.atomics.drain() {
            atomic.history.give_back(&mut self.pasts);
            self.spare.push(atomic);
        }
        self.pasts.truncate(MOST_PASTS);
        self.seen.clear();
        self.stores = 0;
        self.lags.clear();
    }

    fn number(&mut self) -> u32 {
        self.stores += 1;
        self.stores
    }
}

/// The half of the running thread. What it does counts from now on.
fn with<R>(f: impl FnOnce(&mut Me) -> R) -> Option<R> {
    if !is_watching() {
        watch();
    }
    me::with(f)
}

/// What the thread is about to learn, it may write down here.
fn lend(me: &mut Me, pasts: &mut Vec<Past>) {
    me.local.lend(|| pasts.pop());
}

/// What is known of an atomic at whose address this lies.
fn at<'a>(
    atomics: &'a mut FxHashMap<usize, Atomic>,
    spare: &mut Vec<Atomic>,
    spot: &Spot,
    now: Value,
) -> &'a mut Atomic {
    let atomic = atomics.entry(spot.address).or_insert_with(|| {
        let used = spare.pop();
        used.map_or_else(|| Atomic::new(spot, now), |used| used.restart(spot, now))
    });
    let is_same = std::ptr::eq(atomic.kind, spot.kind) || atomic.kind == spot.kind;
    if !is_same || atomic.history.latest().value != now {
        atomic.begin(spot, now);
    }
    atomic
}

impl Atomic {
    fn new(spot: &Spot, first: Value) -> Self {
        Self {
            kind: spot.kind,
            first,
            history: History::new(Written::first(first)),
            steps: Steps::of(first.bits()),
        }
    }

    /// This value lies there, and nobody knows of another.
    fn begin(&mut self, spot: &Spot, first: Value) {
        self.kind = spot.kind;
        self.first = first;
        self.history.restart(Written::first(first));
        self.steps = Steps::of(first.bits());
    }

    fn restart(mut self, spot: &Spot, first: Value) -> Self {
        self.begin(spot, first);
        self
    }
}

impl Written {
    fn first(value: Value) -> Self {
        Self {
            value,
            number: 0,
            version: 0,
            by: None,
        }
    }
}

fn written(me: &Me, spot: &Spot, order: Ordering, value: Value, number: u32) -> Written {
    let operation = Operation {
        site: spot.site,
        order,
    };
    Written {
        value,
        number,
        version: 0,
        by: Some((me.local.epoch(), operation)),
    }
}

/// Notes that reading this has brought the thread news of others, if it has.
fn note_news(me: &mut Me, before: Epoch, released: Option<&Stamp>, site: Caller) {
    if let Some(released) = released.filter(|_| me.local.epoch() != before) {
        me.lessons.add(released, By::Atomic(site));
    }
}

fn note_read(me: &mut Me, read: Written, load: Operation) {
    if let Some((written, store)) = read.by
        && !me.local.knows(written)
    {
        me.loose.add(LooseRead {
            written,
            store,
            load,
        });
    }
}

fn lag(spot: &Spot, at: usize, load: Ordering, old: Written, missed: Written) -> Option<Lag> {
    let (_, store) = missed.by?;
    Some(Lag {
        at,
        load,
        store,
        old: old.value,
        missed: missed.value,
        show: spot.show,
    })
}
