//! Channels under control.

use std::time::Duration;

use explore::op::{Act, Obj, Op, Outcome};
use explore::world::{Channel, State};
use lockgraph::wait::need::Target;
use model::site::Caller;

use super::current::with;
use super::deadline;
use super::execution::{Execution, Name};
use super::operation::{operate_with, slip};

/// A channel, as its ends know it.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) target: Target,
    /// How many messages it holds at most.
    pub(crate) bound: Option<usize>,
    /// The execution in which it was made; 0 for none.
    pub(crate) made_in: u64,
    pub(crate) has_senders: bool,
    pub(crate) has_receiver: bool,
}

/// The execution that makes a channel now.
pub(crate) fn maker() -> u64 {
    with(|execution| execution.number)
}

/// Waits until a message can be sent, or for nothing if the receiver is gone.
pub(crate) fn send(facts: Facts, site: Caller) -> Outcome {
    operate_with(|execution| Op::new(Act::Send, execution.channel(facts), Some(site)))
}

/// Whether a message can be sent now.
pub(crate) fn try_send(facts: Facts, site: Caller) -> Outcome {
    operate_with(|execution| Op::new(Act::TrySend, execution.channel(facts), Some(site)))
}

/// Waits until there is a message, or for `timeout`.
pub(crate) fn receive(facts: Facts, timeout: Option<Duration>, site: Caller) -> Outcome {
    let until = timeout.map(|timeout| deadline::after(timeout, site));
    operate_with(|execution| Op::new(Act::Recv { until }, execution.channel(facts), Some(site)))
}

/// Whether there is a message now.
pub(crate) fn try_receive(facts: Facts, site: Caller) -> Outcome {
    operate_with(|execution| Op::new(Act::TryRecv, execution.channel(facts), Some(site)))
}

/// A channel that was used outside the execution turned out to be empty.
pub(crate) fn drained(facts: Facts) {
    with(|execution| {
        let object = execution.channel(facts);
        if let Some(channel) = execution.run.world.channel_mut(object) {
            channel.drained();
        }
    });
}

/// The program uses a channel that was made outside the execution in a way that cannot be controlled.
pub(crate) fn cannot_hand_over() -> ! {
    with(|execution| {
        execution
            .give_up("a channel without buffer that was made outside the run is used inside it");
        execution.is_ending = true;
    });
    super::operation::stop()
}

/// The last sender, or the receiver, is gone.
pub(crate) fn hang_up(facts: Facts) {
    slip(|execution| {
        let object = execution.known(Name::Tag(facts.target.id))?;
        Some(Op::new(Act::HangUp, object, None))
    });
    with(|execution| {
        if execution.known(Name::Tag(facts.target.id)).is_some() {
            execution.channel(facts);
        }
    });
}

impl Execution {
    fn channel(&mut self, facts: Facts) -> Obj {
        let is_known_from_the_start = facts.made_in == self.number;
        let object = self.object(Name::Tag(facts.target.id), facts.target, || {
            State::Channel(Channel::new(facts.bound, !is_known_from_the_start))
        });
        if let Some(channel) = self.run.world.channel_mut(object) {
            if !facts.has_senders {
                channel.lose_senders();
            }
            if !facts.has_receiver {
                channel.lose_receiver();
            }
        }
        object
    }
}
