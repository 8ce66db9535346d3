//! Threads that others started: nobody saw whose they are, but the operating system has them.

use std::collections::HashSet;

use lockgraph::wait::stranger::Stranger;

use super::lineage;
use crate::recorder::seats::seats;
use crate::recorder::system::{self, Tid};

/// The threads that were there before.
pub(super) struct Before(Option<HashSet<Tid>>);

impl Before {
    /// Those that are there now; none are known where the operating system does not tell.
    pub(super) fn now() -> Self {
        Self(system::all_tids().map(|tids| tids.into_iter().collect()))
    }

    /// Those that came since, whom nobody watched start, and that run no test as far as can be told.
    pub(super) fn strangers(&self) -> Vec<Stranger> {
        let (Some(before), Some(now)) = (&self.0, system::all_tids()) else {
            return Vec::new();
        };
        let is_new = |tid: &Tid| !before.contains(tid) && !system::is_ours(*tid);
        let mut new: Vec<Tid> = now.into_iter().filter(is_new).collect();
        if new.is_empty() {
            return Vec::new();
        }
        new.retain(|&tid| !is_accounted_for(tid));
        new.into_iter().filter_map(describe).collect()
    }
}

/// Whether a thread was watched when it started, or runs a test.
fn is_accounted_for(tid: Tid) -> bool {
    let seats = seats();
    let Some(thread) = seats.thread_of(tid) else {
        return false;
    };
    let (root, runs_test) = (seats.root(thread), seats.runs_test(thread));
    drop(seats);
    runs_test || lineage::lives(thread) || root.is_none_or(|root| root.is_foreground())
}

/// `None` if it has ended, or has the name of a test: the standard harness calls its threads so.
fn describe(tid: Tid) -> Option<Stranger> {
    let name = system::name(tid)?;
    (!name.contains("::")).then(|| Stranger {
        name,
        number: tid.number(),
        waits_in: system::waits_in(tid),
    })
}
