//! Waits, by place.

use model::kind::Kind;
use model::profile::{Blocked, Why};
use rustc_hash::FxHashMap;

use crate::sample::{Nanos, Spot};
use crate::tally::Tally;

/// How long threads and tasks waited where.
#[derive(Debug, Default)]
pub(crate) struct Waits(FxHashMap<(Spot, Why, Kind), Tally>);

impl Waits {
    pub(crate) fn add(&mut self, site: Spot, why: Why, kind: Kind, time: Nanos) {
        self.0.entry((site, why, kind)).or_default().add(time);
    }

    pub(crate) fn rows(&self) -> Vec<Blocked> {
        let rows = self.0.iter().map(|(&(site, why, kind), time)| {
            Blocked::new(site.into(), why, kind.word(), time.histogram())
        });
        rows.collect()
    }
}
