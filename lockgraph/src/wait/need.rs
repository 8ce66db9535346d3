//! Waits: what a thread waits on, and what would end it.

use model::event::Mode;
use model::id::{LockId, ThreadId};
use model::kind::Kind;
use model::site::{Caller, Origin};

use crate::held::Held;

/// What ends a wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// Every holder of the lock that stands in the way lets it go.
    Lock(Mode),
    /// This thread ends.
    End(ThreadId),
    /// All of these threads end.
    Ends(Vec<ThreadId>),
    /// Any thread does this.
    Anyone(Deed),
}

impl Need {
    /// Whether any thread could end the wait.
    #[must_use]
    pub fn is_anyone(&self) -> bool {
        matches!(self, Self::Anyone(_))
    }
}

/// What any thread could do to end a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Send a message, or drop the last sender.
    Send,
    /// Receive a message, or drop the receiver.
    Receive,
    /// Notify a condition variable.
    Notify,
    /// Arrive at a barrier.
    Arrive,
    /// Initialise a cell.
    Initialise,
    /// Unpark the thread.
    Unpark,
    /// Give back what it holds, where nobody knows who does: a guard or a permit that was handed on.
    Release,
    /// End, where any of several may.
    End,
}

/// The object that a thread waits on.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its identity.
    pub id: LockId,
    /// What it is.
    pub kind: Kind,
    /// Its class.
    pub origin: Origin,
}

/// A wait without timeout.
#[derive(Clone, Debug)]
pub struct Wait {
    /// What on.
    pub target: Target,
    /// What would end it.
    pub need: Need,
    /// The mutex that must be had as well before the thread goes on: the one that a condition variable gives back.
    pub retake: Option<Target>,
    /// Where it was called from.
    pub site: Caller,
    /// The locks held meanwhile.
    pub held: Vec<Held>,
    /// What else a task waits for at the same time: it goes on when any of all this is there.
    pub also: Vec<Aim>,
}

/// What a wait waits for, or one of several such things.
#[derive(Clone, Debug)]
pub struct Aim {
    /// What on.
    pub target: Target,
    /// What would end it.
    pub need: Need,
    /// Where it was called from.
    pub site: Caller,
}

impl Wait {
    /// All that would end it.
    pub(super) fn aims(&self) -> impl Iterator<Item = (Target, &Need, Caller)> {
        let also = self.also.iter();
        let also = also.map(|aim| (aim.target, &aim.need, aim.site));
        std::iter::once((self.target, &self.need, self.site)).chain(also)
    }

    /// What it waits on.
    pub fn targets(&self) -> impl Iterator<Item = LockId> {
        self.aims().map(|(target, _, _)| target.id)
    }

    /// The same wait for one of those things alone.
    pub(super) fn each(&self) -> impl Iterator<Item = Self> {
        self.aims().map(|(target, need, site)| Self {
            target,
            need: need.clone(),
            site,
            also: Vec::new(),
            ..self.clone()
        })
    }
}
