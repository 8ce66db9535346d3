//! When a wait with a timeout is over: when nobody can go on otherwise, and so time passes; or earlier, as if the other
//! threads were slow, where the schedule may choose that.

use std::time::Duration;

use explore::op::{Act, Choice, Deadline, Obj};
use explore::world::State;
use lockgraph::wait::need::Target;
use model::id::LockId;
use model::kind::Kind;
use model::site::{Caller, Origin};

use super::current::with;
use super::execution::{Execution, Name};
use super::operation::operate;

/// When a wait that begins now and lasts for so long is over. Where others put the clock forward, looking at it is a step.
pub(super) fn after(duration: Duration, site: Caller) -> Deadline {
    let clock = with(|execution| execution.clock(site));
    if let Some(clock) = clock {
        operate(Act::Load, clock, None);
    }
    with(|execution| Deadline {
        at: execution.after(duration.as_nanos()),
        is_early: execution.happens(Choice::Timeout),
        clock: clock.unwrap_or(Obj::NONE),
    })
}

impl Execution {
    /// What stands for the clock; `None` where nobody puts it forward.
    fn clock(&mut self, site: Caller) -> Option<Obj> {
        let target = Target {
            id: LockId::NONE,
            kind: Kind::Thread,
            origin: Origin::Created(site),
        };
        let may_be_early = self.mishaps.early_timeouts;
        may_be_early.then(|| self.object(Name::Clock, target, || State::Free))
    }
}
