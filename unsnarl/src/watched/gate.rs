//! What lets one thread at a time initialise something, and the others wait for it.
//!
//! To the engines it is a mutex that the initialiser holds. The standard library's own cells would wait where nobody
//! can be told of a hang, so they are only entered through the gate, and find nobody inside.

use lockgraph::wait::need::{Deed, Need};
use model::event::Mode;
use model::kind::Kind;
use model::site::Caller;

use super::room::Room;
use super::tag::Tag;
use crate::recorder::races::is_watching;
use crate::recorder::waits;

/// Lets one thread at a time initialise something.
pub(crate) struct Gate {
    tag: Tag,
    room: Room<Stage>,
}

/// What became of the initialisation, as far as the gate knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nobody has tried it.
    Untried,
    /// A thread is at it.
    Running,
    /// The last thread that tried it has left, with or without success.
    Left,
}

/// The right to initialise; dropped when the thread leaves.
#[must_use]
pub(crate) struct Initialising<'a>(&'a Gate);

impl Gate {
    pub(crate) const fn new(kind: Kind, created: Caller) -> Self {
        Self {
            tag: Tag::new(kind, created),
            room: Room::new(Stage::Untried),
        }
    }

    /// Waits until nobody initialises; `None` if it is completed then.
    ///
    /// # Panics
    ///
    /// If the thread would wait for ever.
    #[cold]
    #[track_caller]
    pub(crate) fn enter(
        &self,
        site: Caller,
        is_completed: &dyn Fn() -> bool,
    ) -> Option<Initialising<'_>> {
        self.tag.acquire(Mode::Exclusive, site);
        while !self.begin() {
            self.wait_for_initialiser(site);
            if is_completed() {
                self.tag.release();
                self.tag.received();
                return None;
            }
        }
        self.tag.received();
        Some(Initialising(self))
    }

    /// Waits until somebody has initialised, or `is_over` for another reason.
    ///
    /// # Panics
    ///
    /// If the thread would wait for ever.
    #[cold]
    #[track_caller]
    pub(crate) fn wait(&self, site: Caller, is_over: &dyn Fn(Stage) -> bool) {
        loop {
            self.tag.acquire(Mode::Exclusive, site);
            let stage = *self.room.state();
            if stage == Stage::Running {
                self.wait_for_initialiser(site);
            }
            self.tag.release();
            if is_over(stage) {
                self.tag.received();
                return;
            }
            if stage != Stage::Running {
                self.wait_for_anyone(site, is_over);
            }
        }
    }

    /// The thread has seen that the initialisation is completed: it comes after it.
    #[inline(always)]
    pub(crate) fn seen(&self) {
        if is_watching() {
            self.settle();
        }
    }

    /// The standard library's cell shows the value a moment before the initialiser leaves the gate.
    #[cold]
    fn settle(&self) {
        // Under control nothing comes between.
        controlled! { return self.tag.received(); }
        #[allow(unreachable_code, reason = "not under control")]
        while *self.room.state() == Stage::Running {
            std::thread::yield_now();
        }
        self.tag.received();
    }

    /// Announces under control that the thread looks at what is initialised.
    #[inline(always)]
    #[cfg_attr(
        not(feature = "explore"),
        expect(
            unused_variables,
            clippy::unused_self,
            reason = "only control needs them"
        )
    )]
    pub(crate) fn look(&self, site: Caller) {
        controlled! { crate::controlled::room::touch(self.tag.target(), site); }
    }

    fn begin(&self) -> bool {
        let mut stage = self.room.state();
        let is_free = *stage != Stage::Running;
        if is_free {
            *stage = Stage::Running;
            // Who waits for anyone now knows for whom.
            self.room.changed(stage, &self.tag);
        }
        is_free
    }

    /// Waits for the thread that initialises. The gate was announced as the last thing asked for.
    #[track_caller]
    fn wait_for_initialiser(&self, site: Caller) {
        let need = Need::Lock(Mode::Exclusive);
        let waiting = waits::wait(self.tag.target(), need, site, self.room.poke());
        self.room
            .sleep_until(waiting, &|stage| *stage != Stage::Running);
    }

    /// Waits for a thread to begin to initialise.
    #[track_caller]
    fn wait_for_anyone(&self, site: Caller, is_over: &dyn Fn(Stage) -> bool) {
        let need = Need::Anyone(Deed::Initialise);
        let waiting = waits::wait(self.tag.target(), need, site, self.room.poke());
        self.room
            .sleep_until(waiting, &|&stage| stage == Stage::Running || is_over(stage));
    }
}

impl Drop for Initialising<'_> {
    fn drop(&mut self) {
        let gate = self.0;
        gate.tag.giving();
        gate.tag.release();
        let mut stage = gate.room.state();
        *stage = Stage::Left;
        gate.room.changed(stage, &gate.tag);
    }
}
