//! Scopes under control: the thread that leaves one waits for those started in it.

use explore::op::{Act, Tid};
use explore::world::State;
use lockgraph::wait::need::Target;
use model::id::LockId;
use model::kind::Kind;
use model::site::{Caller, Origin};

use super::current::with;
use super::execution::Name;
use super::operation::{operate_to_the_end, stop};

/// A thread was started in the scope at this address.
pub(crate) fn join(address: usize, thread: Tid, site: Caller) {
    with(|execution| {
        let target = Target {
            id: LockId::NONE,
            kind: Kind::Scope,
            origin: Origin::Created(site),
        };
        let scope = execution.object(Name::Address(address), target, || State::Scope(Vec::new()));
        execution.run.world.join_scope(scope, thread);
    });
}

/// Waits for the threads of a scope. Returns whether one of them panicked and was not joined.
///
/// It waits even where the execution is over: the threads borrow from the one that leaves.
pub(crate) fn leave(address: usize, site: Caller) -> bool {
    let Some(scope) = with(|execution| execution.known(Name::Address(address))) else {
        return false;
    };
    let was_stopped = operate_to_the_end(Act::JoinAll, scope, Some(site));
    let has_panicked = with(|execution| {
        let members = execution.run.world.scope(scope).to_vec();
        for &member in &members {
            execution.joined(member);
        }
        execution.forget(Name::Address(address));
        let mut has_panicked = false;
        for panicked in &mut execution.panics {
            if members.contains(&panicked.thread) {
                has_panicked |= !std::mem::replace(&mut panicked.is_known, true);
            }
        }
        has_panicked
    });
    if was_stopped && !std::thread::panicking() {
        stop();
    }
    has_panicked
}
