//! What a watched object carries besides the standard primitive: its identity and its class.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

use lockgraph::wait::need::Target;
use model::id::LockId;
use model::kind::Kind;
use model::site::{Caller, Origin};

use crate::recorder;

/// The identity of a watched object, assigned at its first use so that it can be made in a `const`.
pub(crate) struct Tag {
    id: AtomicU32,
    kind: Kind,
    origin: Origin,
}

impl Tag {
    pub(crate) const fn new(kind: Kind, created: Caller) -> Self {
        Self {
            id: AtomicU32::new(0),
            kind,
            origin: Origin::Created(created),
        }
    }

    pub(crate) const fn named(kind: Kind, name: &'static str) -> Self {
        Self {
            id: AtomicU32::new(0),
            kind,
            origin: Origin::Named(name),
        }
    }

    /// The identity; the first call assigns it.
    #[inline]
    pub(crate) fn id(&self) -> LockId {
        match self.known_id() {
            LockId::NONE => self.assign(),
            id => id,
        }
    }

    /// The identity, or [`LockId::NONE`] before it is assigned.
    #[inline]
    pub(crate) fn known_id(&self) -> LockId {
        // Relaxed: the number publishes nothing but itself.
        LockId(self.id.load(Ordering::Relaxed))
    }

    #[inline]
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    #[inline]
    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    pub(crate) fn target(&self) -> Target {
        Target {
            id: self.id(),
            kind: self.kind,
            origin: self.origin,
        }
    }

    #[cold]
    #[inline(never)]
    fn assign(&self) -> LockId {
        let fresh = recorder::fresh_id();
        // Relaxed, Relaxed: the number publishes nothing but itself.
        match self
            .id
            .compare_exchange(0, fresh.0, Ordering::Relaxed, Ordering::Relaxed)
        {
            Ok(_) => fresh,
            Err(known) => LockId(known),
        }
    }
}

impl Drop for Tag {
    #[inline]
    fn drop(&mut self) {
        let id = *self.id.get_mut();
        if id != 0 {
            recorder::retire(LockId(id));
        }
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tag").field(&self.id).finish()
    }
}
