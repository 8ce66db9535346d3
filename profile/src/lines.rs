//! Lines of memory that several threads write at the same time.

use model::finding::{Certainty, Finding, Label, Object, Role, Severity};
use model::kind::Kind;
use model::profile::{Line as Row, Time};
use model::site::Site;
use model::slug::CONTENTION;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

use crate::heat;
use crate::limits::Limits;
use crate::sample::{Nanos, Spot, Writes};

/// What a cache holds at once, on nearly all machines.
const BYTES: usize = 64;
/// So many lines are looked at, the first that were hot.
const MOST: usize = 4096;
/// Threads tell of a stretch when it is over, some later than others: so many are kept.
const RECENT: u64 = 16;

/// The lines that somebody writes often.
#[derive(Debug, Default)]
pub(crate) struct Lines(FxHashMap<usize, Line>);

#[derive(Debug, Default)]
struct Line {
    recent: Vec<Stretch>,
    /// How many stretches had several threads, and in how many of them each atomic was one thread's.
    shared: u64,
    apart: u64,
    writes: u64,
    threads: BTreeSet<u32>,
    sites: FxHashMap<Spot, u64>,
}

#[derive(Debug)]
struct Stretch {
    number: u64,
    writes: Vec<Writes>,
    is_shared: bool,
    is_apart: bool,
}

impl Lines {
    pub(crate) fn add(&mut self, writes: Writes) {
        let line = writes.address / BYTES;
        if self.0.len() < MOST || self.0.contains_key(&line) {
            self.0.entry(line).or_default().add(writes);
        }
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        let shared = self.0.values().filter(|line| line.shared > 0);
        shared.map(Line::row).collect()
    }

    pub(crate) fn findings(&self, limits: &Limits) -> Vec<Finding> {
        let lines = self.0.values();
        let told = lines.filter(|line| line.apart >= limits.stretches.max(1));
        told.map(Line::finding).collect()
    }
}

impl Line {
    fn add(&mut self, writes: Writes) {
        self.recent
            .retain(|stretch| stretch.number + RECENT >= writes.stretch);
        let place = self
            .recent
            .iter()
            .position(|stretch| stretch.number == writes.stretch);
        let place = place.unwrap_or_else(|| {
            self.recent.push(Stretch::new(writes.stretch));
            self.recent.len() - 1
        });
        let stretch = &mut self.recent[place];
        let (was_shared, was_apart) = (stretch.is_shared, stretch.is_apart);
        stretch.add(writes);
        if !stretch.is_shared {
            return;
        }
        // What was told of the stretch before counts as soon as it is shared.
        let new = if was_shared {
            stretch.writes.len() - 1
        } else {
            0
        };
        for one in &stretch.writes[new..] {
            self.writes += one.count;
            self.threads.insert(one.thread);
            *self.sites.entry(one.site).or_default() += one.count;
        }
        self.shared += u64::from(!was_shared);
        self.apart = self.apart + u64::from(stretch.is_apart) - u64::from(was_apart);
    }

    /// Where it is written, the most frequent first; each place once.
    fn sites(&self) -> Vec<Site> {
        let mut sites: Vec<(u64, Site)> = self
            .sites
            .iter()
            .map(|(&spot, &count)| (u64::MAX - count, Site::from(spot)))
            .collect();
        sites.sort();
        let mut known = BTreeSet::new();
        let sites = sites.into_iter().map(|(_, site)| site);
        sites.filter(|site| known.insert(site.clone())).collect()
    }

    fn is_apart(&self) -> bool {
        self.apart * 2 > self.shared
    }

    fn time(&self) -> Nanos {
        self.shared.saturating_mul(heat::STRETCH_TIME)
    }

    fn row(&self) -> Row {
        let mut row = Row::new(self.sites(), self.is_apart());
        (row.threads, row.writes) = (self.threads.len() as u64, self.writes);
        row.time = self.time();
        row
    }

    /// The warning that atomics of different threads are on one line.
    fn finding(&self) -> Finding {
        let sites = self.sites();
        let message =
            "different threads write different atomics on one line of memory at the same time";
        let mut finding = Finding::new(CONTENTION, Certainty::Observed, message);
        finding.severity = Severity::Warning;
        let object = |site: &Site| Object::new(Kind::Atomic.word(), None, None, vec![site.clone()]);
        finding.objects = sites.iter().take(4).map(object).collect();
        let labels = sites.iter().take(4).enumerate();
        finding.labels = labels
            .map(|(index, site)| {
                let role = if index == 0 {
                    Role::Primary
                } else {
                    Role::Secondary
                };
                Label::new(role, site.clone(), format!("{{{index}}} is written here"))
            })
            .collect();
        finding.notes = vec![format!(
            "{} threads wrote it {} times in {}; each write takes the line of {BYTES} bytes from the core of the other",
            self.threads.len(),
            self.writes,
            Time(self.time()),
        )];
        finding.helps = vec![
            "put each thread's atomic on a line of its own, with `#[repr(align(128))]`".to_owned(),
        ];
        finding.with_fingerprint()
    }
}

impl Stretch {
    fn new(number: u64) -> Self {
        Self {
            number,
            writes: Vec::new(),
            is_shared: false,
            is_apart: false,
        }
    }

    fn add(&mut self, writes: Writes) {
        self.writes.push(writes);
        let first = self.writes[0].thread;
        self.is_shared = self.writes.iter().any(|one| one.thread != first);
        let is_one_threads = |a: &Writes| {
            let mut others = self.writes.iter();
            others.all(|b| a.address != b.address || a.thread == b.thread)
        };
        self.is_apart = self.is_shared && self.writes.iter().all(is_one_threads);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use super::Lines;
    use crate::limits::Limits;
    use crate::sample::{Spot, Writes};

    fn writes(thread: u32, address: usize, stretch: u64) -> Writes {
        Writes {
            thread,
            address,
            site: Spot(Location::caller()),
            stretch,
            count: 5_000,
        }
    }

    /// The rows' `apart`, and how many findings, where these threads write these addresses in five stretches.
    fn told(who: &[(u32, usize)]) -> (Vec<bool>, usize) {
        let mut lines = Lines::default();
        for stretch in 0..5 {
            for &(thread, address) in who {
                lines.add(writes(thread, address, stretch));
            }
        }
        let rows = lines.rows().iter().map(|row| row.apart).collect();
        (rows, lines.findings(&Limits::default()).len())
    }

    #[test]
    fn atomics_of_two_threads_on_one_line_are_told() {
        assert_eq!(told(&[(1, 64), (2, 72)]), (vec![true], 1));
    }

    #[test]
    fn atomics_on_lines_of_their_own_are_not() {
        assert_eq!(told(&[(1, 64), (2, 128)]), (vec![], 0));
    }

    #[test]
    fn one_atomic_of_two_threads_is_a_row_and_no_finding() {
        assert_eq!(told(&[(1, 64), (2, 64)]), (vec![false], 0));
        assert_eq!(
            told(&[(1, 64), (2, 64), (1, 72), (2, 72)]),
            (vec![false], 0)
        );
    }

    #[test]
    fn one_thread_alone_shares_nothing() {
        assert_eq!(told(&[(1, 64), (1, 72)]), (vec![], 0));
    }

    #[test]
    fn threads_one_after_the_other_share_nothing() {
        let mut lines = Lines::default();
        (0..5).for_each(|stretch| lines.add(writes(1, 64, stretch)));
        (5..9).for_each(|stretch| lines.add(writes(2, 72, stretch)));
        assert!(lines.rows().is_empty());
    }

    #[test]
    fn who_tells_late_is_heard() {
        let mut lines = Lines::default();
        (0..5).for_each(|stretch| lines.add(writes(1, 64, stretch)));
        (0..5).for_each(|stretch| lines.add(writes(2, 72, stretch)));
        let row = &lines.rows()[0];
        assert_eq!((row.threads, row.writes), (2, 50_000));
    }
}
