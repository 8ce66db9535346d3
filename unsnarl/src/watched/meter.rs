//! How many messages are in a channel, for the profiler.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use model::id::LockId;
use model::site::Caller;

use crate::recorder::profile;
use crate::recorder::state::fresh_id;

/// Counts the messages of a channel as long as there is a profile, which is always or never.
#[derive(Debug)]
pub struct Meter {
    created: Caller,
    bound: Option<usize>,
    id: AtomicU32,
    depth: AtomicI64,
}

impl Meter {
    /// Of a channel that is made there, with room for so many messages.
    pub const fn new(created: Caller, bound: Option<usize>) -> Self {
        Self {
            created,
            bound,
            id: AtomicU32::new(0),
            depth: AtomicI64::new(0),
        }
    }

    /// A message was put in.
    pub fn put(&self) {
        if !profile::is_on() {
            return;
        }
        let (id, is_first) = self.id();
        // Relaxed, here and below: a number. Whoever takes the message may be here first, so that it is below zero.
        let depth = self.depth.fetch_add(1, Ordering::Relaxed) + 1;
        let depth = u64::try_from(depth).unwrap_or_default();
        profile::put(id, self.created, self.bound, is_first, depth);
    }

    /// So many messages were taken out.
    pub fn take(&self, messages: usize) {
        if !profile::is_on() {
            return;
        }
        for _ in 0..messages {
            self.depth.fetch_sub(1, Ordering::Relaxed);
            profile::taken(self.id().0, self.created, self.bound);
        }
    }

    /// What tells it from others, and whether it was asked for the first time.
    fn id(&self) -> (LockId, bool) {
        // Relaxed, three times: the number publishes nothing but itself.
        let known = self.id.load(Ordering::Relaxed);
        if known != 0 {
            return (LockId(known), false);
        }
        let fresh = fresh_id();
        match self
            .id
            .compare_exchange(0, fresh.0, Ordering::Relaxed, Ordering::Relaxed)
        {
            Ok(_) => (fresh, true),
            Err(known) => (LockId(known), false),
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let id = *self.id.get_mut();
        if id != 0 {
            profile::gone(LockId(id));
        }
    }
}
