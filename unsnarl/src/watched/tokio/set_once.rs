//! `tokio::sync::SetOnce`, watched.

use std::fmt;
use std::panic::Location;

use ::tokio::sync::SetOnceError;
use lockgraph::wait::need::{Deed, Need};
use model::kind::Kind;

use super::awaiting::on;
use crate::recorder::tasks::suspension::Await;
use crate::watched::tag::Tag;

once!(
    SetOnce,
    SetOnceError,
    "If it has one; the error has the value."
);

impl<T> SetOnce<T> {
    /// Waits for the value. See [`tokio::sync::SetOnce::wait`](::tokio::sync::SetOnce::wait).
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = &T> {
        let site = Location::caller();
        async move {
            let awaited = || Await {
                target: self.tag.target(),
                need: Need::Anyone(Deed::Initialise),
                site,
            };
            let value = on(awaited, self.inner.wait()).await;
            self.tag.received();
            value
        }
    }
}
