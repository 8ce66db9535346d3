//! Objects made of other parts, such as barriers and once-cells: threads look at them, change them, and sleep until
//! they are changed.

use explore::op::{Act, Obj, Op};
use explore::world::{Lock, State};
use lockgraph::wait::need::{Need, Target};
use model::id::LockId;
use model::kind::Kind;
use model::site::Caller;

use super::current::with;
use super::execution::{Execution, Name};
use super::operation::operate_with;

/// The thread is about to look at an object, or to change it.
#[cold]
pub(crate) fn touch(target: Target, site: Caller) {
    operate_with(|execution| Op::new(Act::Touch, execution.room(target), Some(site)));
}

/// Says what the wait that follows is for.
pub(crate) fn about_to_wait(target: Target, need: Need) {
    with(|execution| execution.running().need = Some((target, need)));
}

/// Sleeps until what the thread said it waits for is changed.
pub(crate) fn sleep(site: Caller) {
    operate_with(|execution| {
        let need = execution.running().need.as_ref().map(|(target, _)| *target);
        let object = need.map_or(Obj::NONE, |target| execution.room(target));
        Op::new(Act::Asleep, object, Some(site))
    });
}

/// An object was changed.
pub(crate) fn changed(id: LockId) {
    with(|execution| {
        if let Some(object) = execution.known(Name::Tag(id)) {
            execution.run.world.rouse(object);
        }
    });
}

impl Execution {
    /// A once-cell is a lock as well: whoever initialises it holds it.
    fn room(&mut self, target: Target) -> Obj {
        self.object(Name::Tag(target.id), target, || match target.kind {
            Kind::Barrier => State::Free,
            _ => State::Lock(Lock::default()),
        })
    }
}
