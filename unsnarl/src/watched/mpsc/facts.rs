//! What the two ends of a channel know of each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

#[cfg(feature = "explore")]
use super::ends::Ends;
use lockgraph::wait::need::Target;
use lockgraph::wait::remnant::{self as left, What};
use model::kind::Kind;
use model::site::Caller;
use race::stamp::Stamp;
use stress::point::Deed;

use super::letter::Letter;
use crate::recorder::leaks::belongings::Belonging;
use crate::recorder::races::{is_watching, locks};
use crate::recorder::{attention, waits};
use crate::watched::meter::Meter;
use crate::watched::tag::Tag;

/// What the endpoints of a channel share.
#[derive(Debug)]
pub(super) struct Facts {
    /// Waits for a message.
    pub(super) receiving: Direction,
    /// Waits for room, or for a receiver to hand a message to.
    pub(super) sending: Direction,
    /// How many senders there are.
    pub(super) senders: AtomicUsize,
    /// It is the test's that made it.
    belonging: Belonging,
    /// How many messages there are.
    meter: Meter,
    /// What the explorer has to know.
    #[cfg(feature = "explore")]
    pub(super) ends: Ends,
}

impl Facts {
    pub(super) fn new(created: Caller, bound: Option<usize>) -> Self {
        Self {
            receiving: Direction::new(created),
            sending: Direction::new(created),
            senders: AtomicUsize::new(1),
            belonging: Belonging::channel(created, left::Ends::Both),
            meter: Meter::new(created, bound),
            #[cfg(feature = "explore")]
            ends: Ends::new(bound),
        }
    }

    /// A message was sent, if so; who made room for it did so before.
    #[inline]
    pub(super) fn sent(&self, is_in: bool) {
        if attention::is_paid() {
            self.sent_noticed(is_in);
        }
    }

    #[cold]
    fn sent_noticed(&self, is_in: bool) {
        self.sending.take();
        if is_in {
            self.meter.put();
        }
    }

    /// The message that was received.
    #[inline]
    pub(super) fn open<T>(&self, letter: Letter<T>) -> T {
        if attention::is_paid() {
            self.opening();
        }
        letter.open()
    }

    #[cold]
    fn opening(&self) {
        self.meter.take(1);
        self.receiving.opening();
    }
}

/// The waits at one end of a channel. Each end has its own identity, or a receiver that goes on would take a wake-up
/// that was meant for a sender.
#[derive(Debug)]
pub(super) struct Direction {
    tag: Tag,
    /// How many threads wait: nobody else needs to hear that something changed.
    waiting: AtomicU32,
}

impl Direction {
    const fn new(created: Caller) -> Self {
        Self {
            tag: Tag::new(Kind::Channel, created),
            waiting: AtomicU32::new(0),
        }
    }

    /// Whoever gets the message that is about to be sent comes after this.
    #[inline]
    pub(super) fn post<T>(&self, message: T) -> Letter<T> {
        let posted = if is_watching() {
            locks::posting(self.tag.id())
        } else {
            Stamp::NONE
        };
        Letter::new(posted, message)
    }

    /// A message is taken out.
    fn opening(&self) {
        if is_watching() {
            locks::taken_out(self.tag.id());
        }
    }

    /// The other end comes after this.
    #[inline]
    pub(super) fn give(&self) {
        self.tag.giving();
    }

    /// The other end's doings come before.
    #[inline]
    pub(super) fn take(&self) {
        self.tag.received();
    }

    pub(super) fn target(&self) -> Target {
        self.tag.target()
    }

    /// Lets noise come between this thread and what it is about to do to the channel.
    #[inline(always)]
    pub(super) fn disturb(&self, deed: Deed) {
        self.tag.disturb(deed);
    }

    /// One of the waiting threads may be able to go on.
    #[inline]
    pub(super) fn wake_one(&self) {
        self.wake(false);
    }

    /// All of the waiting threads may be able to go on.
    fn wake_all(&self) {
        self.wake(true);
    }

    #[inline]
    fn wake(&self, all: bool) {
        // SeqCst: pairs with `Waiter`. Either this sees the waiter, or the waiter sees what changed.
        if self.waiting.load(Ordering::SeqCst) > 0 {
            waits::woken(self.tag.id(), all);
        }
    }

    /// Counts the current thread as waiting. It has to look at the channel once more after this.
    pub(super) fn waiter(&self) -> Waiter<'_> {
        // SeqCst, here and in `drop`: pairs with the load in `wake`.
        self.waiting.fetch_add(1, Ordering::SeqCst);
        Waiter(&self.waiting)
    }
}

/// Counts a thread as waiting while it lives.
#[must_use]
pub(super) struct Waiter<'a>(&'a AtomicU32);

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The facts as a sender has them. Stands behind the standard library's sender, and so is dropped after it: whether it
/// was the last one is not known, so every waiting receiver is said to be woken.
pub(super) struct SenderFacts(pub(super) Arc<Facts>);

impl Clone for SenderFacts {
    fn clone(&self) -> Self {
        // SeqCst, here and below: not on the hot path.
        self.0.senders.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(&self.0))
    }
}

impl Drop for SenderFacts {
    fn drop(&mut self) {
        if self.0.senders.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0
                .belonging
                .becomes(What::Channel(left::Ends::Receiver));
            #[cfg(feature = "explore")]
            self.0.hang_up();
        }
        self.0.receiving.wake_all();
    }
}

/// The facts as the receiver has them. Stands behind the standard library's receiver, and so is dropped after it.
pub(super) struct ReceiverFacts(pub(super) Arc<Facts>);

impl Drop for ReceiverFacts {
    fn drop(&mut self) {
        self.0.belonging.becomes(What::Channel(left::Ends::Sender));
        #[cfg(feature = "explore")]
        self.0.lose_receiver();
        self.0.sending.wake_all();
    }
}
