//! `tokio::sync::Barrier`, watched.

use std::fmt;
use std::panic::Location;

use ::tokio::sync::BarrierWaitResult;
use lockgraph::wait::need::{Deed, Need};
use model::kind::Kind;
use stress::point::Deed as Act;

use super::awaiting::on;
use crate::recorder::tasks::suspension::Await;
use crate::watched::tag::Tag;

/// The watched form of [`tokio::sync::Barrier`](::tokio::sync::Barrier).
pub struct Barrier {
    tag: Tag,
    inner: ::tokio::sync::Barrier,
}

impl Barrier {
    /// A barrier for so many tasks. See [`tokio::sync::Barrier::new`](::tokio::sync::Barrier::new).
    #[track_caller]
    pub fn new(n: usize) -> Self {
        Self {
            tag: Tag::new(Kind::Barrier, Location::caller()),
            inner: ::tokio::sync::Barrier::new(n),
        }
    }

    /// Waits for all others. See [`tokio::sync::Barrier::wait`](::tokio::sync::Barrier::wait).
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = BarrierWaitResult> {
        let site = Location::caller();
        async move {
            self.tag.disturb(Act::Give);
            self.tag.giving();
            let awaited = || Await {
                target: self.tag.target(),
                need: Need::Anyone(Deed::Arrive),
                site,
            };
            let result = on(awaited, self.inner.wait()).await;
            self.tag.received();
            result
        }
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
