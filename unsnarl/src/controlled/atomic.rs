//! Atomics under control: each operation is a step.

use std::panic::Location;

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

/// The operation on the atomic at this address has its turn. `SeqCst` ones have a single order.
#[track_caller]
#[cold]
pub(crate) fn access(address: usize, access: Access, is_single: bool) {
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
        let takes_part = |memory: &Memory| is_single || memory.has_changes();
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
