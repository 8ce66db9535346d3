//! Controlled threads: many on one thread of the operating system, each with a half of its own, which is in its place only
//! while the thread runs.
//!
//! Executions follow each other, and what one leaves behind lies before the next: so slots are used again.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::id::ThreadId;
use model::site::Caller;
use race::epoch::Epoch;
use race::lock::Meeting;
use race::stamp::Stamp;

use super::census;
use super::lives::{self, Start};
use super::me::{self, Birth, Image};
use super::{is_watching, regions};

/// All that executions have done.
static BEFORE: Mutex<Stamp> = Mutex::new(Stamp::NONE);

fn before() -> MutexGuard<'static, Stamp> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A controlled thread's half.
pub(crate) struct Half {
    birth: Birth,
    image: Cell<Image>,
    /// What it was told when it was unparked.
    told: RefCell<Meeting>,
}

impl Half {
    /// The half of the first thread of an execution.
    pub(crate) fn first(name: &Arc<str>) -> Rc<Self> {
        let start = Start::after(before().clone());
        Self::new(name, start)
    }

    /// The half of a thread that the running one, whose half this is, starts here.
    pub(crate) fn child(&self, name: &Arc<str>, site: Option<Caller>) -> Rc<Self> {
        let child = Self::new(name, lives::fork(&self.birth.start, site));
        regions::fork(self.birth.id, child.birth.id);
        child
    }

    fn new(name: &Arc<str>, start: Start) -> Rc<Self> {
        Rc::new(Self {
            birth: Birth {
                id: fresh_id(),
                name: Arc::clone(name),
                start,
            },
            image: Cell::new(Image::FRESH),
            told: RefCell::default(),
        })
    }

    /// Lets the thread run, with its half in place, until it is suspended.
    pub(crate) fn run<R>(&self, run: impl FnOnce() -> R) -> R {
        let outer = me::exchange(self.image.replace(Image::FRESH), &raw const self.birth);
        let result = run();
        self.image.set(me::exchange(outer.0, outer.1).0);
        result
    }

    /// The running thread knows that this one has ended.
    pub(crate) fn joined(&self) {
        if is_watching() {
            let stamp = self.release();
            me::with(|me| me.local.acquire(&stamp));
        }
    }

    /// The running thread is about to unpark this one.
    pub(crate) fn unparking(&self) {
        me::with(|me| self.told.borrow_mut().arrive(&mut me.local));
    }

    /// The thread runs, and was unparked.
    pub(crate) fn unparked(&self) {
        let told = self.told.take();
        me::with(|me| told.leave(&mut me.local));
    }

    /// The execution is over.
    pub(crate) fn retire(&self) {
        regions::end(self.birth.id);
        let image = self.image.replace(Image::FRESH);
        // A thread that has done nothing which is watched knows no more than the one that started it.
        let Some(stamp) = me::publish(&image) else {
            return;
        };
        before().merge(&stamp);
        if let Some(half) = me::take(image) {
            census::census().leave(self.birth.id, half.published());
            me::discard(half);
        }
    }

    /// What the thread, which does not run, has done.
    fn release(&self) -> Stamp {
        let image = self.image.replace(Image::FRESH);
        let stamp = me::publish(&image);
        self.image.set(image);
        stamp.unwrap_or_else(|| self.birth.start.stamp().clone())
    }
}

/// A moment of nobody, for the fences of an execution: later ones of its slot are theirs.
pub(super) fn begin_fences() -> Epoch {
    let before = before().clone();
    census::census().slots.begin(fresh_id(), &before)
}

/// The execution is over, and this was the moment of its last fence.
pub(super) fn end_fences(last: Epoch) {
    before().merge(&Stamp::at(last));
    census::census().slots.end(last);
}

/// Numbers that no thread of the operating system has.
fn fresh_id() -> ThreadId {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Relaxed: numbers only need to be different.
    ThreadId(NEXT.fetch_add(1, Ordering::Relaxed) | 1 << 31)
}
