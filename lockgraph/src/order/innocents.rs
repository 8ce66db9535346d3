//! The cycles that cannot deadlock, by class and place.

use std::collections::BTreeMap;

use model::graph::Innocent;
use model::site::Caller;

use crate::order::chain::{self, Sign};
use crate::order::innocent::Reason;
use crate::order::ring::Step;
use crate::order::told::Told;
use crate::order::web::Web;

/// How many are kept.
const CYCLES: usize = 512;

/// The innocent cycles seen.
#[derive(Debug, Default)]
pub(crate) struct Innocents {
    cycles: BTreeMap<Vec<Sign>, Cycle>,
}

#[derive(Debug)]
struct Cycle {
    classes: Vec<u32>,
    sites: Vec<Caller>,
    reason: Reason,
    count: u64,
}

impl Innocents {
    /// Notes why a cycle is innocent; what was said of it before may have changed.
    pub(crate) fn add(&mut self, web: &Web, cycle: &[u32], reason: Reason, is_new: bool) {
        let ring: Vec<Step> = cycle
            .iter()
            .map(|&arc| Step {
                arc,
                passage: 0,
                writer: None,
            })
            .collect();
        let Some(links) = chain::links(web, &ring) else {
            return;
        };
        let signs = chain::signs(&links);
        if let Some(known) = self.cycles.get_mut(&signs) {
            known.reason = reason;
            known.count += u64::from(is_new);
        } else if self.cycles.len() < CYCLES {
            let cycle = Cycle {
                classes: links.iter().map(|link| link.lock.class).collect(),
                sites: links.iter().map(|link| link.occurrence.acquire).collect(),
                reason,
                count: 1,
            };
            self.cycles.insert(signs, cycle);
        }
    }

    /// The cycles as data, without those that turned out guilty.
    pub(crate) fn data(&self, places: &[usize], told: &Told) -> Vec<Innocent> {
        let innocent = self.cycles.iter().filter(|(signs, _)| !told.has(signs));
        innocent
            .map(|(_, cycle)| {
                let classes = cycle.classes.iter().map(|&class| places[class as usize]);
                let sites = cycle.sites.iter().map(|&site| site.into()).collect();
                let mut data = Innocent::new(classes.collect(), cycle.reason.words(), sites);
                data.count = cycle.count;
                data
            })
            .collect()
    }
}
