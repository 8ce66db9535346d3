//! Atomics under control as weak memory: which value a load shows is a choice of the schedule.

use std::fmt::Debug;
use std::panic::Location;
use std::sync::atomic::Ordering;

use explore::op::{Act, Choice, Obj, Op};
use explore::world::State;
use lockgraph::wait::need::Target;
use model::id::LockId;
use model::kind::Kind;
use model::site::{Caller, Origin};
use race::serial::Effect;

use super::current::with;
use super::execution::{Execution, Name};
use super::operation::operate_with;
use crate::recorder::races::is_watching;
use crate::recorder::races::value::Value;
use crate::recorder::races::weak::{Lag, Memory, Moment, Spot};

/// Whether a `SeqCst` change in one step is a fence of this machine. Code that was written for it may rely on that, as
/// several published crates do, with an atomic that is nobody else's.
const CHANGES_ARE_FENCES: bool = cfg!(any(target_arch = "x86", target_arch = "x86_64"));

/// Whether what is stored in atomics has to be kept: loads may show old values, or order what somebody watches for races.
#[inline]
pub(crate) fn is_on() -> bool {
    with(|execution| {
        let memory = execution.memory.as_deref();
        memory.is_some_and(|memory| memory.keeps_old() || is_watching())
    })
}

/// Runs `f` on the execution, and then tells what that brought to light.
fn tell<R>(f: impl FnOnce(&mut Execution) -> R) -> R {
    let (result, news) = with(|execution| {
        let result = f(execution);
        let news = execution.on_memory(Memory::take_news);
        (result, news.flatten())
    });
    if let Some(news) = news {
        news.tell();
    }
    result
}

/// Loads, where `read` reads what is there.
#[track_caller]
#[cold]
pub(crate) fn load<V: Copy + Debug>(
    address: usize,
    order: Ordering,
    read: impl FnOnce() -> V,
) -> V {
    let spot = Spot::new::<V>(address, Location::caller());
    let now = Value::of(read());
    let value = tell(|execution| execution.load(&spot, order, now));
    // SAFETY: values of a spot are of its type.
    unsafe { value.get() }
}

/// Stores, as `write` does; `read` reads what is there.
#[track_caller]
#[cold]
pub(crate) fn store<V: Copy + Debug>(
    address: usize,
    order: Ordering,
    read: impl Fn() -> V,
    write: impl FnOnce(),
) {
    let spot = Spot::new::<V>(address, Location::caller());
    let before = Value::of(read());
    write();
    let after = Value::of(read());
    tell(|execution| {
        execution.on_memory(|memory| memory.store(&spot, order, before, after));
    });
}

/// Reads and writes in one step, as `modify` does; `read` reads what is there.
#[track_caller]
#[cold]
pub(crate) fn modify<V: Copy + Debug>(
    address: usize,
    order: Ordering,
    read: impl Fn() -> V,
    modify: impl FnOnce() -> V,
) -> V {
    let spot = Spot::new::<V>(address, Location::caller());
    let before = modify();
    let after = Value::of(read());
    let before_it = Value::of(before);
    tell(|execution| {
        execution
            .on_memory(|memory| memory.update(&spot, order, before_it, after, Effect::Updates));
        execution.fence_by_change(&spot, order);
    });
    before
}

/// Reads and, if that was what is expected, writes in one step, as `exchange` does; `read` reads what is there. An old
/// value is never what is expected: the exchange fails by it.
#[track_caller]
#[cold]
pub(crate) fn exchange<V: Copy + Debug>(
    address: usize,
    (success, failure): (Ordering, Ordering),
    expected: V,
    read: impl Fn() -> V,
    exchange: impl FnOnce() -> Result<V, V>,
) -> Result<V, V> {
    let spot = Spot::new::<V>(address, Location::caller());
    let before = Value::of(read());
    let old = tell(|execution| execution.fail(&spot, failure, before, Value::of(expected)));
    if let Some(old) = old {
        // SAFETY: values of a spot are of its type.
        return Err(unsafe { old.get() });
    }
    let result = exchange();
    let after = Value::of(read());
    tell(|execution| {
        let moment = execution.moment();
        execution.on_memory(|memory| match result {
            Ok(_) => memory.update(&spot, success, before, after, Effect::Writes),
            Err(_) => memory.miss(&spot, failure, before, moment),
        });
        execution.fence_by_change(&spot, success);
    });
    result
}

/// Passes a fence. A `SeqCst` one is a step: its order with others matters.
#[track_caller]
#[cold]
pub(crate) fn fence(order: Ordering, fence: impl FnOnce()) {
    let site = Location::caller();
    fence();
    let stronger = with(|execution| execution.on_memory(|memory| memory.fence_order(site, order)));
    if stronger == Some(Ordering::SeqCst) {
        operate_with(|execution| Op::new(Act::Fence, execution.single_order(site), Some(site)));
    }
    with(|execution| {
        execution.on_memory(|memory| memory.fence(site, order));
    });
}

/// Somebody has the atomic at this address for himself.
#[cold]
pub(crate) fn forget(address: usize) {
    with(|execution| {
        execution.on_memory(|memory| memory.forget(address));
    });
}

impl Execution {
    /// What stands for the single order of `SeqCst` operations.
    pub(super) fn single_order(&mut self, site: Caller) -> Obj {
        let target = Target {
            id: LockId::NONE,
            kind: Kind::Atomic,
            origin: Origin::Created(site),
        };
        self.object(Name::SingleOrder, target, || State::Free)
    }

    /// The loads that have shown old values.
    pub(super) fn lags(&self) -> &[Lag] {
        self.memory.as_deref().map_or(&[], Memory::lags)
    }

    /// A change in one step of a plain test, which may have been written for this machine alone.
    fn fence_by_change(&mut self, spot: &Spot, order: Ordering) {
        if CHANGES_ARE_FENCES && self.is_plain && order == Ordering::SeqCst {
            self.on_memory(|memory| memory.fence(spot.site, order));
        }
    }

    fn on_memory<R>(&mut self, f: impl FnOnce(&mut Memory) -> R) -> Option<R> {
        Some(f(self.memory.as_deref_mut()?))
    }

    fn moment(&self) -> Moment {
        let here = 0_u8;
        let base = self.threads[self.current.index()].base;
        Moment {
            step: self.run.steps().len(),
            thread: self.run.world.thread(self.current).key,
            depth: base.wrapping_sub((&raw const here).addr()),
        }
    }

    fn load(&mut self, spot: &Spot, order: Ordering, now: Value) -> Value {
        let Some(mut memory) = self.memory.take() else {
            return now;
        };
        let moment = self.moment();
        let choose = |ways| self.choose(Choice::Value, ways);
        let value = memory.load(spot, order, now, moment, choose);
        self.memory = Some(memory);
        value
    }

    /// The old value by which an exchange fails, if it does.
    fn fail(&mut self, spot: &Spot, order: Ordering, now: Value, expected: Value) -> Option<Value> {
        let mut memory = self.memory.take()?;
        let moment = self.moment();
        let choose = |ways| self.choose(Choice::Value, ways);
        let value = memory.fail(spot, order, (now, expected), moment, choose);
        self.memory = Some(memory);
        value
    }
}
