//! Acquisitions of locks, by place; locks that are held by sleepers, and hot ones.

use model::finding::{Certainty, Finding, Label, Role, Severity};
use model::id::LockId;
use model::profile::{LockUse, Time};
use model::site::{Caller, Site};
use model::slug::{CONTENTION, LONG_HOLD};
use rustc_hash::FxHashMap;

use crate::limits::Limits;
use crate::sample::{Held, Nanos, Use};
use crate::tally::Tally;

/// So many locks are looked at each by itself: those that somebody had to wait for first.
const MOST: usize = 4096;
const MILLI: Nanos = 1_000_000;

/// How locks are used.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    uses: FxHashMap<Use, Uses>,
    contended: FxHashMap<LockId, Contended>,
}

/// The acquisitions at one place.
#[derive(Debug, Default)]
struct Uses {
    acquired: u64,
    wait: Tally,
    hold: Tally,
    asleep: Nanos,
    sleepy: Sleepy,
}

/// Holds for which somebody waited while the owner slept.
#[derive(Clone, Copy, Debug, Default)]
struct Sleepy {
    count: u64,
    longest: Nanos,
    slept: Nanos,
    slept_at: Option<Caller>,
}

/// A lock that somebody had to wait for, from the first time on.
#[derive(Clone, Copy, Debug)]
struct Contended {
    at: Use,
    first: Nanos,
    last: Nanos,
    /// How long somebody held it alone and did not wait.
    busy: Nanos,
    acquired: u64,
    contended: u64,
}

impl Locks {
    pub(crate) fn add(&mut self, held: &Held, limits: &Limits) {
        let time = held.span.1.saturating_sub(held.span.0);
        let uses = self.uses.entry(held.at).or_default();
        uses.acquired += 1;
        uses.hold.add(time);
        if let Some(wait) = held.wait {
            uses.wait.add(wait);
        }
        uses.asleep = uses.asleep.saturating_add(held.slept);
        let is_sleepy = held.slept >= limits.hold.saturating_mul(1_000) && held.slept >= time / 2;
        if held.is_wanted && is_sleepy {
            uses.sleepy.add(held, time);
        }
        self.add_contended(held, time);
    }

    fn add_contended(&mut self, held: &Held, time: Nanos) {
        let has_room = self.contended.len() < MOST && held.wait.is_some();
        let known = match self.contended.get_mut(&held.lock) {
            Some(known) => known,
            None if has_room => self.contended.entry(held.lock).or_insert(Contended {
                at: held.at,
                first: held.span.0,
                last: held.span.1,
                busy: 0,
                acquired: 0,
                contended: 0,
            }),
            None => return,
        };
        known.acquired += 1;
        known.contended += u64::from(held.wait.is_some());
        known.first = known.first.min(held.span.0);
        known.last = known.last.max(held.span.1);
        if !held.at.is_shared() {
            let idle = held.waited.saturating_add(held.slept);
            known.busy = known.busy.saturating_add(time.saturating_sub(idle));
        }
    }

    pub(crate) fn rows(&self) -> Vec<LockUse> {
        let rows = self.uses.iter().map(|(at, uses)| {
            let mut row = LockUse::new(at.object(), at.site(), at.is_shared());
            (row.acquired, row.contended) = (uses.acquired, uses.wait.count());
            (row.wait, row.hold) = (uses.wait.histogram(), uses.hold.histogram());
            row.asleep = uses.asleep;
            row
        });
        rows.collect()
    }

    pub(crate) fn findings(&self, limits: &Limits) -> Vec<Finding> {
        let sleepy = self.uses.iter();
        let sleepy = sleepy.filter(|(_, uses)| uses.sleepy.count >= limits.holds.max(1));
        let sleepy = sleepy.map(|(at, uses)| uses.sleepy.finding(at));
        let mut hot: Vec<&Contended> = self.contended.values().collect();
        hot.retain(|lock| lock.is_hot(limits));
        sleepy
            .chain(hot.into_iter().map(|lock| self.hot(lock)))
            .collect()
    }

    /// The warning that a lock is hot.
    fn hot(&self, lock: &Contended) -> Finding {
        let mut object = lock.at.object();
        let mut uses: Vec<(&Use, &Uses)> = self.uses.iter().collect();
        uses.retain(|(at, _)| {
            at.object().created == object.created && at.object().name == object.name
        });
        uses.sort_by_key(|(at, uses)| (u64::MAX - uses.hold.sum(), at.site()));
        let sites: Vec<Site> = uses.iter().map(|(at, _)| at.site()).take(4).collect();
        let mut finding = warning(
            CONTENTION,
            "{0} is held nearly all the time, and often waited for",
        );
        finding.labels = sites
            .iter()
            .enumerate()
            .map(|(index, site)| {
                let role = if index == 0 {
                    Role::Primary
                } else {
                    Role::Secondary
                };
                Label::new(role, site.clone(), "{0} is acquired here")
            })
            .collect();
        object.used = sites;
        finding.objects = vec![object];
        finding.notes = vec![format!(
            "for {} it was held {} % of the time, by threads that worked; of {} acquisitions {} % had to wait",
            Time(lock.time()),
            percent(lock.busy, lock.time()),
            lock.acquired,
            percent(lock.contended, lock.acquired),
        )];
        finding.helps = vec![
            "do less while {0} is held, or split what it protects, by key or by thread".to_owned(),
        ];
        finding.with_fingerprint()
    }
}

impl Sleepy {
    fn add(&mut self, held: &Held, time: Nanos) {
        self.count += 1;
        if time >= self.longest {
            (self.longest, self.slept) = (time, held.slept);
            self.slept_at = held.slept_at;
        }
    }

    /// The warning that a lock is held while its owner sleeps.
    fn finding(&self, at: &Use) -> Finding {
        let mut finding = warning(
            LONG_HOLD,
            "{0} is held while its owner sleeps, and others wait for it",
        );
        finding.objects = vec![at.object()];
        finding.labels = vec![Label::new(Role::Primary, at.site(), "{0} is acquired here")];
        if let Some(site) = self.slept_at {
            let text = "its owner sleeps here while it holds {0}";
            let label = Label::new(Role::Secondary, Site::from(site), text);
            finding.labels.push(label);
        } else {
            finding.notes.push(
                "its owner was in a call that blocks and is not watched, such as one for a file or a socket"
                    .to_owned(),
            );
        }
        finding.notes.push(format!(
            "that happened {} times with somebody waiting; the longest time it took {}, of which its owner slept {}",
            self.count,
            Time(self.longest),
            Time(self.slept),
        ));
        finding.helps = vec![
            "let {0} go before the call, and take it again to put in what came of it".to_owned(),
        ];
        finding.with_fingerprint()
    }
}

impl Contended {
    fn time(&self) -> Nanos {
        self.last.saturating_sub(self.first)
    }

    fn is_hot(&self, limits: &Limits) -> bool {
        self.acquired >= limits.acquired.max(1)
            && self.time() >= limits.time.saturating_mul(MILLI)
            && percent(self.contended, self.acquired) >= limits.contended
            && percent(self.busy, self.time()) >= limits.busy
    }
}

fn warning(slug: &str, message: &str) -> Finding {
    let mut finding = Finding::new(slug, Certainty::Observed, message);
    finding.severity = Severity::Warning;
    finding
}

fn percent(part: u64, whole: u64) -> u64 {
    let percent = u128::from(part) * 100 / u128::from(whole.max(1));
    u64::try_from(percent).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use model::event::Mode;
    use model::id::LockId;
    use model::kind::Kind;
    use model::site::Origin;
    use proptest::prelude::*;

    use super::{Locks, MILLI};
    use crate::limits::Limits;
    use crate::sample::{Held, Nanos, Use};

    fn held(at: Use, wait: Option<Nanos>, span: (Nanos, Nanos)) -> Held {
        Held {
            lock: LockId(1),
            at,
            wait,
            span,
            waited: 0,
            slept: 0,
            slept_at: None,
            is_wanted: wait.is_some(),
        }
    }

    #[track_caller]
    fn mutex() -> Use {
        let site = Location::caller();
        Use::new(Origin::Created(site), Kind::Mutex, site, Mode::Exclusive)
    }

    fn slugs(samples: &[Held], limits: &Limits) -> Vec<String> {
        let mut locks = Locks::default();
        samples.iter().for_each(|held| locks.add(held, limits));
        let findings = locks.findings(limits).into_iter();
        findings.map(|finding| finding.slug).collect()
    }

    /// So many holds of 1 ms, one after the other, each after a wait.
    fn busy(times: u64) -> Vec<Held> {
        let at = mutex();
        (0..times)
            .map(|turn| held(at, Some(MILLI), (turn * MILLI, (turn + 1) * MILLI)))
            .collect()
    }

    #[test]
    fn a_lock_that_is_always_held_is_hot() {
        let limits = Limits::default();
        assert_eq!(slugs(&busy(1_001), &limits), ["contention"]);
        assert!(slugs(&busy(999), &limits).is_empty());
    }

    #[test]
    fn a_lock_that_waiting_workers_hold_is_idle() {
        // Each holds it while it waits for a job, and the next one waits for the lock.
        let idle: Vec<Held> = busy(2_000)
            .into_iter()
            .map(|held| Held {
                waited: MILLI,
                ..held
            })
            .collect();
        assert!(slugs(&idle, &Limits::default()).is_empty());
    }

    #[test]
    fn a_lock_that_nobody_waits_for_is_not_hot() {
        let mut alone = busy(2_000);
        alone.iter_mut().for_each(|held| held.wait = None);
        assert!(slugs(&alone, &Limits::default()).is_empty());
    }

    #[test]
    fn a_lock_held_by_a_sleeper_is_told_if_somebody_waits() {
        let limits = Limits::default();
        let asleep = |wanted: bool| Held {
            slept: 9 * MILLI,
            is_wanted: wanted,
            ..held(mutex(), None, (0, 10 * MILLI))
        };
        let at = asleep(true);
        assert_eq!(slugs(&[at; 3], &limits), ["long-hold"]);
        assert!(slugs(&[at; 2], &limits).is_empty(), "twice is little");
        assert!(slugs(&[asleep(false); 9], &limits).is_empty());
        let worked = Held {
            slept: 4 * MILLI,
            ..at
        };
        assert!(
            slugs(&[worked; 9], &limits).is_empty(),
            "it worked more than it slept"
        );
    }

    #[test]
    fn huge_times_do_no_harm() {
        let at = mutex();
        let mut all = vec![held(at, Some(u64::MAX), (0, u64::MAX)); 1_000];
        all.iter_mut().for_each(|held| held.slept = u64::MAX);
        assert_eq!(slugs(&all, &Limits::default()), ["long-hold"]);
    }

    proptest! {
        #[test]
        fn rows_count_like_a_list(
            samples in proptest::collection::vec(
                (any::<bool>(), proptest::option::of(0_u64..1_000), 0_u64..1_000), 0..60),
        ) {
            let uses = [mutex(), mutex()];
            let mut locks = Locks::default();
            for &(which, wait, hold) in &samples {
                locks.add(&held(uses[usize::from(which)], wait, (5, 5 + hold)), &Limits::default());
            }
            for row in locks.rows() {
                let which = row.site == uses[1].site();
                let own = || samples.iter().filter(|sample| sample.0 == which);
                prop_assert_eq!(row.acquired, own().count() as u64);
                prop_assert_eq!(row.contended, own().filter(|one| one.1.is_some()).count() as u64);
                prop_assert_eq!(row.wait.sum, own().filter_map(|one| one.1).sum::<u64>());
                prop_assert_eq!(row.hold.sum, own().map(|one| one.2).sum::<u64>());
            }
        }
    }
}
