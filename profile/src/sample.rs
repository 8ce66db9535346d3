//! What threads tell the shared half.

use std::hash::{Hash, Hasher};

use model::event::Mode;
use model::finding::Object;
use model::id::LockId;
use model::kind::Kind;
use model::profile::Why;
use model::site::{Caller, Origin, Site};

/// A moment, or how long something took, in nanoseconds of a clock that never goes back.
pub type Nanos = u64;

/// A place in the source, told from others by its address: one place may have several, which are put together in the end.
#[derive(Clone, Copy, Debug)]
pub struct Spot(pub Caller);

impl PartialEq for Spot {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Spot {}

impl Hash for Spot {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self.0).addr().hash(state);
    }
}

impl From<Spot> for Site {
    fn from(spot: Spot) -> Self {
        Self::from(spot.0)
    }
}

/// What objects are called, or where they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Class {
    Named(&'static str),
    Created(Spot),
}

/// A lock, as it is acquired at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Use {
    class: Class,
    kind: Kind,
    site: Spot,
    mode: Mode,
}

impl Use {
    /// A lock of this class and kind, acquired there.
    #[must_use]
    pub fn new(origin: Origin, kind: Kind, site: Caller, mode: Mode) -> Self {
        let class = match origin {
            Origin::Named(name) => Class::Named(name),
            Origin::Created(site) => Class::Created(Spot(site)),
        };
        let site = Spot(site);
        Self {
            class,
            kind,
            site,
            mode,
        }
    }

    pub(crate) fn site(&self) -> Site {
        self.site.into()
    }

    pub(crate) fn spot(&self) -> Spot {
        self.site
    }

    /// Whether whoever waits for it is suspended, and holds it on whatever thread goes on.
    pub(crate) fn suspends(&self) -> bool {
        self.kind.suspends()
    }

    pub(crate) fn is_shared(&self) -> bool {
        self.mode == Mode::Shared
    }

    /// The class, as reports speak of it.
    pub(crate) fn object(&self) -> Object {
        let (name, created) = match self.class {
            Class::Named(name) => (Some(name.to_owned()), None),
            Class::Created(spot) => (None, Some(spot.into())),
        };
        Object::new(self.kind.word(), name, created, vec![self.site()])
    }
}

/// An acquisition, from when the lock was asked for until it is given back.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// Which lock.
    pub lock: LockId,
    /// Its class, and where it was acquired.
    pub at: Use,
    /// How long it was waited for, if somebody else had it.
    pub wait: Option<Nanos>,
    /// When it was had, and when it is given back.
    pub span: (Nanos, Nanos),
    /// For how much of that its owner waited for other threads or tasks.
    pub waited: Nanos,
    /// For how much its owner slept, or was in a call that blocks.
    pub slept: Nanos,
    /// Where it slept last, if that is known.
    pub slept_at: Option<Caller>,
    /// Whether somebody waits for the lock now.
    pub is_wanted: bool,
}

/// A message that is put into a channel.
#[derive(Clone, Copy, Debug)]
pub struct Put {
    /// Which channel.
    pub channel: LockId,
    /// Where it was made.
    pub created: Spot,
    /// For how many messages it has room.
    pub bound: Option<usize>,
    /// Whether it is the first there.
    pub is_first: bool,
    /// How many messages are in it now.
    pub depth: u64,
    /// When.
    pub at: Nanos,
}

/// Writes of one thread to one atomic in one stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writes {
    /// The thread, by a number of its own among those that live.
    pub thread: u32,
    /// The atomic.
    pub address: usize,
    /// Where it was written first.
    pub site: Spot,
    /// Which stretch.
    pub stretch: u64,
    /// How many.
    pub count: u64,
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum Sample {
    /// A lock is given back.
    Held(Held),
    /// A wait is over.
    Blocked {
        /// Where it was.
        site: Spot,
        /// By what.
        why: Why,
        /// What it was on.
        kind: Kind,
        /// How long.
        time: Nanos,
    },
    /// A message is put into a channel.
    Put(Put),
    /// A message is taken out of a channel.
    Taken {
        /// Which channel.
        channel: LockId,
        /// Where it was made.
        created: Spot,
        /// For how many messages it has room.
        bound: Option<usize>,
        /// When.
        at: Nanos,
    },
    /// A channel is gone.
    Gone {
        /// Which.
        channel: LockId,
    },
    /// An atomic was written often.
    Written(Writes),
}
