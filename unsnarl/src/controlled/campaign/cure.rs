//! Which orderings keep a failure away that needs an old value: found by trying.
//!
//! First every operation gets `SeqCst`. If the failure stays away, as many operations as possible get their own ordering back,
//! in ever smaller groups (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002), and what is
//! left gets the weakest that does.

use std::sync::atomic::Ordering;

use explore::token::Token;
use model::finding::Finding;
use model::site::{Caller, Site};

use super::super::worker::Ended;
use super::Campaign;
use crate::explorer::Explorer;
use crate::recorder::races::weak::orders::{Changes, Place};

/// How many schedules are tried at least, and at most, before a failure counts as staying away.
const SCHEDULES: (usize, usize) = (200, 1_000);

/// How many schedules are tried altogether.
const ALL_SCHEDULES: usize = 20_000;

/// A search for changes that keep a failure away.
struct Search<'c, 'f> {
    campaign: &'c Campaign<'f>,
    fingerprint: &'c str,
    token: &'c Token,
    explorer: Explorer,
    /// How many schedules are left.
    left: usize,
    /// How many schedules the last changes that kept it away were tried in, and whether these were all there are.
    tried: (usize, bool),
}

/// An operation, and the ordering that it gets.
type Change = (Place, Ordering);

impl Campaign<'_> {
    /// What to change so that a failure stays away, which this execution shows along this token; `None` if it needs no old
    /// value, or no ordering does it.
    pub(super) fn cure(&self, finding: &Finding, token: &Token, ended: &Ended) -> Option<String> {
        if !ended.has_lags {
            return None;
        }
        let (least, most) = SCHEDULES;
        let schedules = self.first_finding_at.map_or(most, |first| 4 * first);
        let mut explorer = self
            .explorer
            .clone()
            .schedules(schedules.clamp(least, most));
        explorer.keeps_regressions = false;
        let search = Search {
            campaign: self,
            fingerprint: &finding.fingerprint,
            token,
            explorer,
            left: ALL_SCHEDULES,
            tried: (0, false),
        };
        search.run(&ended.places)
    }
}

impl Search<'_, '_> {
    fn run(mut self, places: &[Place]) -> Option<String> {
        let strongest = |place: &Place| Some((*place, place.stronger().last()?));
        let mut changes: Vec<Change> = places.iter().filter_map(strongest).collect();
        if changes.is_empty() || !self.keeps_away(&changes) {
            return None;
        }
        self.spare(&mut changes);
        self.weaken(&mut changes);
        Some(self.tell(&changes))
    }

    /// Takes away what is not needed.
    fn spare(&mut self, changes: &mut Vec<Change>) {
        let mut size = changes.len().div_ceil(2);
        while size > 0 {
            let mut start = 0;
            while start < changes.len() {
                let end = changes.len().min(start + size);
                let fewer = [&changes[..start], &changes[end..]].concat();
                if !fewer.is_empty() && self.keeps_away(&fewer) {
                    *changes = fewer;
                } else {
                    start = end;
                }
            }
            size /= 2;
        }
    }

    /// Gives each operation the weakest ordering that does.
    fn weaken(&mut self, changes: &mut [Change]) {
        for number in 0..changes.len() {
            let (place, strongest) = changes[number];
            for order in place.stronger().take_while(|order| *order != strongest) {
                changes[number].1 = order;
                if self.keeps_away(changes) {
                    break;
                }
                changes[number].1 = strongest;
            }
        }
    }

    fn keeps_away(&mut self, changes: &[Change]) -> bool {
        let Some(left) = self.left.checked_sub(self.explorer.schedules) else {
            return false;
        };
        let mut program = self.campaign.program.clone();
        program.changes = Changes(
            changes
                .iter()
                .map(|(place, order)| (place.site, *order))
                .collect(),
        );
        let mut trial = Campaign::new(&self.explorer, program);
        trial.sought = Some(self.fingerprint.to_owned());
        let (ended, ..) = trial.follow(self.token);
        trial.take_findings(&ended);
        trial.explore();
        let tried = trial.statistics.schedules();
        self.left = left + self.explorer.schedules - tried;
        let is_away = !trial.known.contains(self.fingerprint) && trial.obstacle.is_none();
        if is_away {
            self.tried = (tried, trial.exhausted);
        }
        is_away
    }

    fn tell(&self, changes: &[Change]) -> String {
        let mut places: Vec<String> = Vec::new();
        for (place, order) in changes {
            places.push(format!("`{order:?}` at {}", place_in(place.site)));
        }
        let all = match self.tried {
            (_, true) => "in any interleaving".to_owned(),
            (count, false) => format!("in {count} schedules"),
        };
        format!("with {} it does not happen {all}", listed(&places))
    }
}

fn place_in(site: Caller) -> String {
    Site::from(site).to_string()
}

fn listed(places: &[String]) -> String {
    match places.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => places.concat(),
    }
}
