//! What a watched object carries besides the standard primitive: its identity and its class.

use std::fmt;
use std::sync::TryLockError;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};

use lockgraph::held::{Alone, Chain, Held};
use lockgraph::wait::need::Target;
use model::event::{Attempt, Mode};
use model::id::LockId;
use model::kind::Kind;
use model::site::{Caller, Origin};
use race::serial::Effect;
use stress::fault::Fault;
use stress::point::Deed;

use crate::recorder::acquisition::{self, note};
use crate::recorder::attention;
use crate::recorder::learn;
use crate::recorder::noise::{self, Object};
use crate::recorder::profile;
use crate::recorder::races::{is_watching, locks, regions};
use crate::recorder::state::fresh_id;

/// The identity of a watched object, assigned at its first use so that it can be made in a `const`.
pub struct Tag {
    id: AtomicU32,
    kind: Kind,
    /// How many threads sleep until they get it.
    sleepers: AtomicU16,
    origin: Origin,
}

/// A thread that sleeps until it gets a lock; dropped when it has it.
#[derive(Debug)]
pub struct Sleeper<'a>(&'a AtomicU16);

impl Tag {
    /// That of an object of this kind, made there.
    pub const fn new(kind: Kind, created: Caller) -> Self {
        Self {
            id: AtomicU32::new(0),
            kind,
            sleepers: AtomicU16::new(0),
            origin: Origin::Created(created),
        }
    }

    /// That of an object of this kind and name.
    pub const fn named(kind: Kind, name: &'static str) -> Self {
        Self {
            id: AtomicU32::new(0),
            kind,
            sleepers: AtomicU16::new(0),
            origin: Origin::Named(name),
        }
    }

    /// The identity; the first call assigns it.
    #[inline]
    pub fn id(&self) -> LockId {
        match self.known_id() {
            LockId::NONE => self.assign(),
            id => id,
        }
    }

    /// The identity, or [`LockId::NONE`] before it is assigned.
    #[inline]
    pub(crate) fn known_id(&self) -> LockId {
        // Relaxed: the number publishes nothing but itself.
        LockId(self.id.load(Ordering::Relaxed))
    }

    /// Whether any thread sleeps until it gets the lock.
    pub(crate) fn has_sleepers(&self) -> bool {
        // Relaxed: a hint.
        self.sleepers.load(Ordering::Relaxed) > 0
    }

    /// The current thread is about to sleep until it gets the lock.
    pub fn sleeper(&self) -> Sleeper<'_> {
        // Relaxed: a hint.
        self.sleepers.fetch_add(1, Ordering::Relaxed);
        Sleeper(&self.sleepers)
    }

    /// The object, as something to wait for.
    pub fn target(&self) -> Target {
        Target {
            id: self.id(),
            kind: self.kind,
            origin: self.origin,
        }
    }

    // The functions below are not inlined: a caller built without optimisation would compile them again, without; and
    // one with optimisation keeps its guards in registers when the calls around them are small.

    /// Announces that the lock is asked for, before the thread waits for it.
    #[inline(never)]
    pub(crate) fn acquire(&self, mode: Mode, site: Caller) {
        self.ask(mode, site, Alone::Silent);
    }

    /// Announces a write lock: it matters even with nothing held, because readers queue behind it.
    #[inline(never)]
    pub(crate) fn acquire_write(&self, site: Caller) {
        self.ask(Mode::Exclusive, site, Alone::Telling);
    }

    /// Announces that the thread tries to lock.
    ///
    /// # Errors
    ///
    /// Under control, if the lock is held.
    #[inline(always)]
    #[cfg_attr(
        not(feature = "explore"),
        expect(unused_variables, reason = "only control needs them")
    )]
    pub(crate) fn may_try<G>(&self, mode: Mode, site: Caller) -> Result<(), TryLockError<G>> {
        controlled! {
            if !crate::controlled::lock::try_acquire(self.target(), mode, site) {
                return Err(TryLockError::WouldBlock);
            }
        }
        if noise::fails(Fault::Try) {
            return Err(self.tried_in_vain());
        }
        Ok(())
    }

    /// What to return where the lock was held after all.
    #[inline(always)]
    pub(crate) fn tried_in_vain<G>(&self) -> TryLockError<G> {
        controlled! { crate::controlled::lock::release(self.id()); }
        TryLockError::WouldBlock
    }

    /// Reports that the lock was got without waiting for it.
    #[inline(never)]
    pub(crate) fn acquired_by_try(&self, mode: Mode, site: Caller) {
        self.note(mode, site, Attempt::Try, Alone::Silent);
        if attention::is_paid() {
            self.tried_noticed(mode, site);
        }
    }

    #[cold]
    #[inline(never)]
    fn tried_noticed(&self, mode: Mode, site: Caller) {
        if is_watching() {
            locks::tried(self.id());
        }
        self.asks(mode, site);
    }

    /// The same, unless it has heard so already.
    #[cfg(feature = "tasks")]
    pub fn asked(&self, mode: Mode, site: Caller) {
        if profile::is_on() && !profile::has_asked(self.id()) {
            self.asks(mode, site);
        }
    }

    /// The profiler hears that the lock is asked for.
    pub fn asks(&self, mode: Mode, site: Caller) {
        if profile::is_on() {
            profile::ask(self.id(), self.origin, self.kind, site, mode);
        }
    }

    /// Reports that the lock is given back, or that asking for it failed.
    #[inline(never)]
    pub(crate) fn release(&self) {
        self.disturb(Deed::Give);
        acquisition::release(self.known_id());
    }

    /// Reports that the lock, which was held so, is about to be given back.
    #[inline(never)]
    pub(crate) fn give_back(&self, mode: Mode) {
        if attention::is_paid() {
            self.give_back_noticed(mode);
        } else {
            acquisition::release(self.known_id());
        }
    }

    #[cold]
    #[inline(never)]
    fn give_back_noticed(&self, mode: Mode) {
        self.leaving(mode);
        self.release();
    }

    /// Lets noise come between this thread and what it is about to do.
    #[inline(always)]
    pub fn disturb(&self, deed: Deed) {
        noise::at(deed, || Object::of(self, self.origin));
    }

    /// The thread has got the lock: it comes after those who had it before.
    #[inline(always)]
    pub fn entered(&self, mode: Mode) {
        if attention::is_paid() {
            self.entered_noticed(mode);
        }
    }

    #[cold]
    #[inline(never)]
    fn entered_noticed(&self, mode: Mode) {
        if is_watching() {
            locks::entered(self.id(), mode);
        }
        if profile::is_on() {
            profile::enter(self.id());
        }
    }

    /// The thread is about to give the lock back.
    #[inline(always)]
    pub fn leaving(&self, mode: Mode) {
        if attention::is_paid() {
            self.leaving_noticed(mode);
        }
    }

    #[cold]
    #[inline(never)]
    fn leaving_noticed(&self, mode: Mode) {
        if profile::is_on() {
            profile::leave(self.id(), self.has_sleepers());
        }
        if is_watching() {
            locks::leaving(self.id(), mode);
        }
    }

    /// The thread, which has the lock, does something to what it protects. It is a call in debug builds, whose program
    /// would compile it again without optimisation.
    #[cfg_attr(debug_assertions, inline(never))]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn touched(&self, effect: Effect) {
        regions::protected(self.known_id(), effect);
    }

    /// What the thread has done comes before what those do who [receive](Tag::received) later.
    #[inline(always)]
    pub fn giving(&self) {
        if is_watching() {
            locks::giving(self.id());
        }
    }

    /// The thread comes after all that was [given](Tag::giving).
    #[inline(always)]
    pub fn received(&self) {
        if is_watching() {
            locks::received(self.id());
        }
    }

    /// Reports that a write lock becomes a read lock, which is then to be reported as got.
    pub(crate) fn downgrade(&self) {
        controlled! { return crate::controlled::lock::downgrade(self.id()); }
        #[allow(unreachable_code, reason = "not under control")]
        self.release();
    }

    #[inline(always)]
    fn ask(&self, mode: Mode, site: Caller, alone: Alone) {
        if attention::is_paid() {
            self.ask_noticed(mode, site, alone);
        } else {
            self.note(mode, site, Attempt::Blocking, alone);
        }
    }

    #[cold]
    #[inline(never)]
    fn ask_noticed(&self, mode: Mode, site: Caller, alone: Alone) {
        self.disturb(Deed::Take);
        self.asks(mode, site);
        self.note(mode, site, Attempt::Blocking, alone);
    }

    // What is left to do is done by calls at the end, and by none before: then what is known needs no stack.

    #[inline(always)]
    fn note(&self, mode: Mode, site: Caller, attempt: Attempt, alone: Alone) {
        match note(self.held(mode, site), attempt, alone) {
            Chain::Known => {}
            Chain::New => learn::new_chain(attempt),
            Chain::Unready => self.unready(mode, site, attempt, alone),
        }
    }

    #[cold]
    #[inline(never)]
    fn unready(&self, mode: Mode, site: Caller, attempt: Attempt, alone: Alone) {
        let _ = self.id();
        learn::unready(self.held(mode, site), attempt, alone);
    }

    /// The lock as it will be held by whoever asks for it now.
    #[cfg(feature = "tasks")]
    pub fn wanted(&self, mode: Mode, site: Caller) -> Held {
        let _ = self.id();
        self.held(mode, site)
    }

    #[inline(always)]
    fn held(&self, mode: Mode, site: Caller) -> Held {
        Held {
            lock: self.known_id(),
            chain: 0,
            site,
            origin: self.origin,
            mode,
            kind: self.kind,
        }
    }

    #[cold]
    #[inline(never)]
    fn assign(&self) -> LockId {
        let fresh = fresh_id();
        // Relaxed, Relaxed: the number publishes nothing but itself.
        match self
            .id
            .compare_exchange(0, fresh.0, Ordering::Relaxed, Ordering::Relaxed)
        {
            Ok(_) => fresh,
            Err(known) => LockId(known),
        }
    }
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        // Relaxed: a hint.
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Tag {
    #[inline]
    fn drop(&mut self) {
        let id = *self.id.get_mut();
        if id != 0 {
            acquisition::retire(LockId(id));
        }
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tag").field(&self.id).finish()
    }
}
