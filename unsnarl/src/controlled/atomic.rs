//! Atomics under control: each operation is a step.

use std::panic::Location;
use std::sync::atomic::Ordering;

use explore::op::{Act, Choice, Op};
use explore::world::State;
use lockgraph::wait::need::Target;
use model::id::LockId;
use model::kind::Kind;
use model::site::Origin;

use super::current::with;
use super::execution::Name;
use super::mishap::happens;
use super::operation::operate_with;
use crate::recorder::races::weak::Memory;

/// What an operation does to an atomic.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Access {
    /// It reads it.
    Load,
    /// It writes it.
    Store,
    /// It does both in one step.
    Update,
}

/// How much of an operation is in the single order of `SeqCst` ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Single {
    /// All of it.
    All,
    /// Its success or its failure.
    Part,
    /// Nothing.
    Nothing,
}

impl Single {
    /// Of an operation with these orderings.
    #[inline(always)]
    pub(crate) fn of(orders: &[Ordering]) -> Self {
        let single = orders.iter().filter(|&&order| order == Ordering::SeqCst);
        match single.count() {
            0 => Self::Nothing,
            count if count == orders.len() => Self::All,
            _ => Self::Part,
        }
    }
}

/// The operation on the atomic at this address has its turn.
#[track_caller]
#[cold]
pub(crate) fn access(address: usize, access: Access, single: Single) {
    let site = Location::caller();
    let act = match access {
        Access::Load => Act::Load,
        Access::Store => Act::Store,
        Access::Update => Act::Update,
    };
    operate_with(|execution| {
        let target = Target {
            id: LockId::NONE,
            kind: Kind::Atomic,
            origin: Origin::Created(site),
        };
        let object = execution.object(Name::Address(address), target, || State::Free);
        let op = Op::new(act, object, Some(site));
        if single != Single::All && !execution.lore.is_weak {
            execution.lore.learn_weak();
        }
        let takes_part = |memory: &Memory| single != Single::Nothing || memory.has_changes();
        let memory = execution.memory.as_deref();
        if execution.lore.has_fences && memory.is_some_and(takes_part) {
            op.in_single_order(execution.single_order(site))
        } else {
            op
        }
    });
}

/// Whether a weak compare-exchange fails though the value is right.
#[cold]
pub(crate) fn fails_weakly() -> bool {
    happens(Choice::Weak)
}

/// The last operation of the thread changed nothing: a comparison failed.
#[cold]
pub(crate) fn failed() {
    with(|execution| {
        let current = execution.current;
        execution.run.came_to_nothing(current);
    });
}
