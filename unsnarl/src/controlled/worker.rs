//! Runs a program once, under a strategy, on the current thread of the operating system.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{Thread, ThreadId};

use explore::run::{Lore, Turn};
use explore::strategy::Strategy;
use model::site::Caller;
use rustc_hash::FxHashMap;

use super::current::{run_in, with};
use super::execution::{Execution, Signal};
use super::fiber::Wake;
use super::mishap::Mishaps;
use super::operation::Stopped;
use super::spare::Spare;
use super::thread::{begin, resume};
use super::watchdog::Beat;
use super::{fatal, panics, teardown};

use crate::allowed::Allowed;
use crate::recorder::races::destructors::Chains;
use crate::recorder::races::weak::Memory;
use crate::recorder::races::weak::orders::Changes;
use crate::recorder::statics::Beginning;

pub(crate) use super::failure::Ended;

/// What executions of one program have in common.
#[derive(Clone)]
pub(crate) struct Program<'f> {
    /// Its code.
    pub(crate) body: &'f (dyn Fn() + Sync),
    /// What reports call it.
    pub(crate) test: Arc<str>,
    /// See [`Run::new`].
    pub(crate) max_steps: usize,
    /// How many bytes of stack each thread has.
    pub(crate) stack_size: usize,
    /// What may happen to operations for no reason.
    pub(super) mishaps: Mishaps,
    /// Whether atomics may show old values.
    pub(super) is_weak: bool,
    /// Orderings that operations have beside their own.
    pub(super) changes: Changes,
    /// What is known of its calls.
    pub(super) chains: Chains,
    /// Whether the operations on atomics are to be known afterwards.
    pub(super) keeps_places: bool,
    /// Whether it is a test that was not written to be explored.
    pub(crate) is_plain: bool,
    /// What its statics begin with, if that is known.
    pub(crate) statics: Option<&'f Beginning>,
    /// Where it is asked that nothing is left of it, and what may be.
    pub(crate) leaks: Option<(Caller, Allowed)>,
    /// Tells the watchdog that something happens.
    pub(super) beat: Arc<Beat>,
}

impl Program<'_> {
    /// The memory of an execution that begins, in which loads may show old values if it `keeps_old`.
    pub(super) fn memory(&self, spare: &mut Spare, keeps_old: bool) -> Option<Box<Memory>> {
        self.is_weak.then(|| {
            let mut memory = spare.memory.take().unwrap_or_default();
            memory.begin(
                self.changes.clone(),
                Arc::clone(&self.chains),
                self.keeps_places,
                keeps_old,
            );
            memory
        })
    }

    /// The same program, for somebody else to explore.
    pub(super) fn again(&self) -> Self {
        Self {
            changes: Changes::default(),
            chains: Chains::default(),
            keeps_places: false,
            beat: Beat::new(&self.test),
            ..self.clone()
        }
    }
}

/// Runs a program once, with its statics as they were in the beginning. The strategy has begun; it is not told of the end.
pub(crate) fn execute(
    program: &Program<'_>,
    strategy: Box<dyn Strategy>,
    lore: Lore,
) -> (Ended, Box<dyn Strategy>, Lore) {
    /// 0 is none.
    static EXECUTIONS: AtomicU64 = AtomicU64::new(1);
    panics::install();
    #[cfg(all(
        target_os = "linux",
        target_env = "gnu",
        any(target_arch = "x86_64", target_arch = "aarch64")
    ))]
    super::kernel::be_there();
    fatal::watch();
    // Relaxed: numbers only need to be different.
    let number = EXECUTIONS.fetch_add(1, Ordering::Relaxed);
    let mut execution = Box::new(Execution::new(program, strategy, lore, number));
    if let Some(statics) = program.statics {
        statics.put_back();
    }
    program.beat.set_live(true);
    let (observed, gave_up) = run_in(&raw mut *execution, || {
        let turn = live(program.body);
        let observed = with(|execution| execution.judge(turn));
        (observed, teardown::tear_down())
    });
    program.beat.set_live(false);
    let potential = execution.take_potential();
    let has_lags = !execution.lags().is_empty();
    let places = execution.memory.as_deref().map(Memory::places);
    let culprit = execution.failed_panic().map(|panicked| panicked.thread);
    execution.retire();
    let Execution {
        run,
        lore,
        strategy,
        obstacle,
        drawn_bytes,
        ..
    } = *execution;
    let ended = Ended {
        run,
        observed,
        potential,
        culprit,
        obstacle,
        has_lags,
        places: places.unwrap_or_default(),
        // Thread-locals that are not ours may point to statics that are about to begin again.
        is_spent: gave_up
            || drawn_bytes > 0
            || program.statics.is_some()
            || std::thread::panicking(),
    };
    (ended, strategy, lore)
}

/// Runs the threads of the execution, each in its turn, until there is nothing more to do.
fn live(body: &(dyn Fn() + Sync)) -> Turn {
    let main = move || match catch_unwind(AssertUnwindSafe(body)) {
        Err(payload) => !payload.is::<Stopped>(),
        Ok(()) => false,
    };
    // SAFETY: every thread of the execution has ended or was given up before `execute` returns, and the body lives on.
    let begun = unsafe { begin((None, None), Box::new(main)) };
    if begun.is_err() {
        with(|execution| execution.give_up("there is no memory for the stack of a thread"));
        return Turn::Over;
    }
    loop {
        let signal = with(|execution| {
            if execution.obstacle.is_some() {
                return Some(Signal::End(Turn::Over));
            }
            if execution.signal.is_none() {
                execution.decide();
            }
            execution.signal.take()
        });
        match signal {
            Some(Signal::Resume(tid)) => resume(tid, Wake::Go),
            Some(Signal::End(turn)) => return turn,
            None => return Turn::Over,
        }
    }
}

thread_local! {
    /// What the standard library calls threads, by their keys.
    static KNOWN: RefCell<FxHashMap<u64, Thread>> = RefCell::new(FxHashMap::default());
}

/// What the standard library calls the thread of this key: a thread that was started for this alone, and has ended.
pub(super) fn known_as(key: u64, name: &str) -> Thread {
    let known = KNOWN.with_borrow(|known| known.get(&key).cloned());
    if let Some(thread) = known.filter(|thread| thread.name() == Some(name)) {
        return thread;
    }
    let named = std::thread::Builder::new().name(name.replace('\0', ""));
    let thread = match named.spawn(|| ()) {
        Ok(handle) => handle.thread().clone(),
        Err(_) => std::thread::current(),
    };
    KNOWN.with_borrow_mut(|known| known.insert(key, thread.clone()));
    thread
}

/// Whether the thread of this key is known by this number.
pub(super) fn is_known_as(key: u64, id: ThreadId) -> bool {
    KNOWN.with_borrow(|known| known.get(&key).is_some_and(|thread| thread.id() == id))
}
