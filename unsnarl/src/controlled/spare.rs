//! What an execution leaves to the next one on its thread of the operating system: the memory of its tables, so that there is
//! little to allocate.

use std::cell::Cell;
use std::sync::Arc;

use explore::op::{Obj, Tid};
use explore::run::Run;
use lockgraph::held::Local;
use lockgraph::wait::need::Target;
use rustc_hash::FxHashMap;

use super::execution::{Name, Thread};
use crate::recorder::races::weak::Memory;

/// More stacks of held locks than this are not kept.
const MOST_HELD: usize = 64;

/// Empty tables.
#[derive(Default)]
pub(super) struct Spare {
    pub(super) run: Run,
    pub(super) threads: Vec<Thread>,
    pub(super) objects: FxHashMap<Name, Obj>,
    pub(super) targets: Vec<Target>,
    pub(super) memory: Option<Box<Memory>>,
    pub(super) held: Vec<Local>,
    pub(super) names: Names,
}

/// What threads without a name of their own are called: by their numbers.
#[derive(Default)]
pub(super) struct Names(Vec<Arc<str>>);

thread_local! {
    static SPARE: Cell<Option<Box<Spare>>> = const { Cell::new(None) };
}

/// What the last execution on this thread has left.
pub(super) fn take() -> Box<Spare> {
    SPARE.take().unwrap_or_default()
}

impl Spare {
    /// Leaves it to the next execution.
    pub(super) fn leave(mut self: Box<Self>) {
        self.threads.clear();
        self.objects.clear();
        self.targets.clear();
        SPARE.set(Some(self));
    }

    /// A thread has ended that held these.
    pub(super) fn keep(&mut self, held: Local) {
        if self.held.len() < MOST_HELD {
            self.held.push(held);
        }
    }
}

/// Nobody needs this any more.
pub(super) fn leave_run(run: Run) {
    if let Some(mut spare) = SPARE.take() {
        spare.run = run;
        SPARE.set(Some(spare));
    }
}

impl Names {
    /// The name of this thread.
    pub(super) fn of(&mut self, tid: Tid) -> Arc<str> {
        while self.0.len() <= tid.index() {
            let number = self.0.len();
            self.0.push(Arc::from(number.to_string()));
        }
        Arc::clone(&self.0[tid.index()])
    }
}
