//! `tokio::sync::Notify`, watched.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use ::tokio::sync::futures;
use lockgraph::wait::need::{Deed, Need};
use model::kind::Kind;
use model::site::Caller;
use stress::point::Deed as Act;

use super::awaiting::Operation;
use crate::recorder::tasks::suspension::Await;
use crate::watched::tag::Tag;

/// The watched form of [`tokio::sync::Notify`](::tokio::sync::Notify).
pub struct Notify {
    tag: Tag,
    inner: ::tokio::sync::Notify,
}

impl Notify {
    /// Nobody has been notified. See [`tokio::sync::Notify::new`](::tokio::sync::Notify::new).
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        Self::const_new()
    }

    /// As [`new`](Self::new), in a constant. See [`tokio::sync::Notify::const_new`](::tokio::sync::Notify::const_new).
    #[must_use]
    #[track_caller]
    pub const fn const_new() -> Self {
        Self {
            tag: Tag::new(Kind::Notify, Location::caller()),
            inner: ::tokio::sync::Notify::const_new(),
        }
    }

    /// Waits to be notified. See [`tokio::sync::Notify::notified`](::tokio::sync::Notify::notified).
    #[track_caller]
    pub fn notified(&self) -> Notified<'_> {
        Notified {
            inner: self.inner.notified(),
            wait: Notice::new(&self.tag, Location::caller()),
        }
    }

    /// As [`notified`](Self::notified), with a future that owns this. See
    /// [`tokio::sync::Notify::notified_owned`](::tokio::sync::Notify::notified_owned).
    #[track_caller]
    pub fn notified_owned(self: Arc<Self>) -> OwnedNotified {
        // SAFETY: the future is dropped before the `Arc` that keeps alive what it borrows, and only used with it.
        let inner = unsafe {
            std::mem::transmute::<futures::Notified<'_>, futures::Notified<'static>>(
                self.inner.notified(),
            )
        };
        OwnedNotified {
            inner,
            operation: Operation::default(),
            site: Location::caller(),
            owner: self,
        }
    }

    /// Notifies whoever has waited longest, or who comes next. See
    /// [`tokio::sync::Notify::notify_one`](::tokio::sync::Notify::notify_one).
    pub fn notify_one(&self) {
        self.give();
        self.inner.notify_one();
    }

    /// Notifies whoever came last, or who comes next. See
    /// [`tokio::sync::Notify::notify_last`](::tokio::sync::Notify::notify_last).
    pub fn notify_last(&self) {
        self.give();
        self.inner.notify_last();
    }

    /// Notifies all who wait. See [`tokio::sync::Notify::notify_waiters`](::tokio::sync::Notify::notify_waiters).
    pub fn notify_waiters(&self) {
        self.give();
        self.inner.notify_waiters();
    }

    fn give(&self) {
        self.tag.disturb(Act::Give);
        self.tag.giving();
    }
}

impl Default for Notify {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// A wait to be notified.
struct Notice<'a> {
    tag: &'a Tag,
    site: Caller,
    operation: Operation,
}

impl<'a> Notice<'a> {
    fn new(tag: &'a Tag, site: Caller) -> Self {
        Self {
            tag,
            site,
            operation: Operation::default(),
        }
    }
}

fn poll(
    tag: &Tag,
    site: Caller,
    operation: &mut Operation,
    notified: Pin<&mut futures::Notified<'_>>,
    cx: &mut Context<'_>,
) -> Poll<()> {
    let awaited = || Await {
        target: tag.target(),
        need: Need::Anyone(Deed::Notify),
        site,
    };
    let result = operation.poll(cx, awaited, |cx| notified.poll(cx));
    if result.is_ready() {
        tag.received();
    }
    result
}

/// The watched form of [`tokio::sync::futures::Notified`](::tokio::sync::futures::Notified).
pub struct Notified<'a> {
    /// Pinned with this.
    inner: futures::Notified<'a>,
    wait: Notice<'a>,
}

impl<'a> Notified<'a> {
    fn parts(self: Pin<&mut Self>) -> (Pin<&mut futures::Notified<'a>>, &mut Notice<'a>) {
        // SAFETY: nothing is moved out of `inner`, which is pinned with `self` and dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above.
        (
            unsafe { Pin::new_unchecked(&mut this.inner) },
            &mut this.wait,
        )
    }

    /// Joins those who wait, without being polled. See
    /// [`tokio::sync::futures::Notified::enable`](::tokio::sync::futures::Notified::enable).
    pub fn enable(self: Pin<&mut Self>) -> bool {
        self.parts().0.enable()
    }
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let (inner, wait) = self.parts();
        poll(wait.tag, wait.site, &mut wait.operation, inner, cx)
    }
}

impl fmt::Debug for Notified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// The watched form of [`tokio::sync::futures::OwnedNotified`](::tokio::sync::futures::OwnedNotified).
pub struct OwnedNotified {
    /// Pinned with this, and dropped before what it borrows.
    inner: futures::Notified<'static>,
    operation: Operation,
    site: Caller,
    owner: Arc<Notify>,
}

impl OwnedNotified {
    /// Joins those who wait, without being polled. See
    /// [`tokio::sync::futures::OwnedNotified::enable`](::tokio::sync::futures::OwnedNotified::enable).
    pub fn enable(self: Pin<&mut Self>) -> bool {
        // SAFETY: `inner` is pinned with `self`, and dropped in place.
        unsafe { self.map_unchecked_mut(|this| &mut this.inner) }.enable()
    }
}

impl Future for OwnedNotified {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // SAFETY: nothing is moved out of `inner`, which is pinned with `self` and dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above.
        let inner = unsafe { Pin::new_unchecked(&mut this.inner) };
        poll(&this.owner.tag, this.site, &mut this.operation, inner, cx)
    }
}

impl fmt::Debug for OwnedNotified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
