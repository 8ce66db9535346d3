//! What is run next.

use std::time::Duration;

use crate::mix::{mix, mix_text};
use crate::plan::Plan;
use crate::policy::POLICIES;
use crate::shard::Shard;
use crate::tally::{Persistence, Sight, Stage, Tally};

/// How much is to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Until the time is up; each test gets an equal share of it, and each policy as much as it shows.
    Time,
    /// So many runs of each test, shared over the shards: which noise each of them gets is known beforehand.
    Runs(u64),
    /// One plan, so many times or until it has found something.
    Replay {
        /// What to do again.
        plan: Plan,
        /// How often at most.
        tries: u64,
    },
}

/// Whether operations are made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faults {
    /// In no run.
    Never,
    /// In every other run with noise.
    Sometimes,
}

/// What is run next, and what was run so far.
#[derive(Clone, Debug)]
pub struct Schedule {
    extent: Extent,
    seed: u64,
    shard: Shard,
    persistence: Persistence,
    faults: Faults,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    tally: Tally,
    key: u64,
    /// The number of its next run, from 1; 0 is the run without noise.
    next: u64,
    /// How many of its runs have not ended yet.
    running: u64,
}

/// A run to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Which test.
    pub subject: usize,
    /// Its noise.
    pub plan: Plan,
    /// How long it may take.
    pub limit: Duration,
    /// Whether it is the run without noise that comes before all others.
    pub is_first: bool,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// This run.
    Run(Ticket),
    /// Nothing, until another run has ended.
    Wait,
    /// Nothing any more.
    Over,
}

impl Schedule {
    /// A schedule for these tests; those that have runs already go on after them.
    #[must_use]
    pub fn new(
        extent: Extent,
        seed: u64,
        shard: Shard,
        persistence: Persistence,
        faults: Faults,
        tallies: Vec<Tally>,
    ) -> Self {
        let entry = |tally: Tally| Entry {
            key: mix_text(mix_text(0, &tally.test.process), &tally.test.name),
            next: tally.test.runs,
            running: 0,
            tally,
        };
        // Where the noise is known beforehand, shards share it. Where it is chosen, each chooses its own.
        let seed = match extent {
            Extent::Time => mix(seed, shard.index),
            _ => seed,
        };
        Self {
            extent,
            seed,
            shard,
            persistence,
            faults,
            entries: tallies.into_iter().map(entry).collect(),
        }
    }

    /// The tests as they stand.
    pub fn tallies(&self) -> impl Iterator<Item = &Tally> {
        self.entries.iter().map(|entry| &entry.tally)
    }

    /// What to run next. `limit` is how long a run may take at least.
    pub fn next(&mut self, limit: Duration) -> Next {
        if let Some(ticket) = self.first_run(limit) {
            return Next::Run(ticket);
        }
        let noisy = if self.is_spoilt() {
            None
        } else {
            self.noisy_run(limit)
        };
        if let Some(ticket) = noisy {
            return Next::Run(ticket);
        }
        if self.entries.iter().any(|entry| entry.running > 0) {
            Next::Wait
        } else {
            Next::Over
        }
    }

    /// Each test runs once without noise before any runs with it.
    fn first_run(&mut self, limit: Duration) -> Option<Ticket> {
        let is_due = |entry: &Entry| entry.tally.stage == Stage::Fresh && entry.running == 0;
        let subject = self.entries.iter().position(is_due)?;
        let entry = &mut self.entries[subject];
        entry.running += 1;
        let policy = entry.tally.first_policy();
        let plan = Plan {
            seed: if policy.name == Plan::PLAIN.policy.name {
                0
            } else {
                mix(self.seed, entry.key)
            },
            policy,
            faults: false,
        };
        Some(Ticket {
            subject,
            plan,
            limit,
            is_first: true,
        })
    }

    /// Whether a test fails by itself, and nobody wants the others to go on.
    fn is_spoilt(&self) -> bool {
        let mut tallies = self.tallies();
        self.persistence == Persistence::UntilEnough
            && tallies.any(|tally| tally.stage == Stage::FailsByItself)
    }

    fn noisy_run(&mut self, limit: Duration) -> Option<Ticket> {
        let subject = self.least_served()?;
        let plan = self.plan(subject);
        let entry = &mut self.entries[subject];
        entry.running += 1;
        entry.next += 1;
        Some(Ticket {
            subject,
            plan,
            limit: entry.tally.limit(limit),
            is_first: false,
        })
    }

    /// The test that has had the least, of those that are to be run.
    fn least_served(&mut self) -> Option<usize> {
        let due: Vec<usize> = (0..self.entries.len())
            .filter(|&place| self.is_due(place))
            .collect();
        // Runs that have not ended count as short ones, so that several workers do not all take the same test.
        let served = |&place: &usize| {
            let entry = &self.entries[place];
            entry.tally.share() + Duration::from_millis(entry.running)
        };
        due.into_iter().min_by_key(served)
    }

    fn is_due(&mut self, place: usize) -> bool {
        let (extent, shard) = (self.extent, self.shard);
        let entry = &mut self.entries[place];
        if entry.tally.stage != Stage::Ready {
            return false;
        }
        entry.next = entry.next.max(1);
        match extent {
            Extent::Time => true,
            Extent::Replay { tries, .. } => entry.tally.test.hits == 0 && entry.next <= tries,
            Extent::Runs(runs) => {
                while !shard.has(entry.next) && entry.next < runs {
                    entry.next += 1;
                }
                entry.next < runs && shard.has(entry.next)
            }
        }
    }

    fn plan(&self, subject: usize) -> Plan {
        let entry = &self.entries[subject];
        let seed = mix(mix(self.seed, entry.key), entry.next);
        let policy = match self.extent {
            Extent::Replay { plan, .. } => return plan,
            Extent::Time => entry.tally.choose(entry.next),
            Extent::Runs(_) => {
                &POLICIES[usize::try_from(entry.next).unwrap_or_default() % POLICIES.len()]
            }
        };
        let faults = self.faults == Faults::Sometimes && seed.is_multiple_of(2);
        Plan {
            policy,
            seed,
            faults,
        }
    }

    /// Takes in how a run went. Returns the stage of its test then.
    pub fn record(&mut self, ticket: &Ticket, sight: &Sight) -> Stage {
        let persistence = match self.extent {
            Extent::Time => self.persistence,
            // What a shard leaves out would depend on the others.
            _ => Persistence::Always,
        };
        let entry = &mut self.entries[ticket.subject];
        entry.running -= 1;
        if ticket.is_first {
            entry.tally.begin(sight);
            entry.next = entry.next.max(1);
        }
        // A failure of a test that has never passed says nothing yet.
        let is_hit = sight.is_hit || (sight.has_failed && entry.tally.stage == Stage::Ready);
        entry
            .tally
            .add(ticket.plan.policy, sight, is_hit, persistence);
        entry.tally.stage
    }

    /// A run was not done: the campaign was stopped.
    pub fn give_back(&mut self, ticket: &Ticket) {
        self.entries[ticket.subject].running -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use model::report::Test;

    use super::{Extent, Faults, Next, Schedule, Ticket};
    use crate::orders::Orders;
    use crate::shard::Shard;
    use crate::tally::{Persistence, Sight, Stage, Tally};

    const LIMIT: Duration = Duration::from_secs(10);

    fn sight(is_hit: bool) -> Sight {
        Sight {
            is_hit,
            has_failed: false,
            was_ended: false,
            threads: 2,
            orders: Orders::default(),
            took: Duration::from_millis(10),
        }
    }

    fn schedule(extent: Extent, shard: Shard) -> Schedule {
        let tallies = ["a", "b", "c"].map(|name| Tally::new(Test::new("it", name)));
        Schedule::new(
            extent,
            7,
            shard,
            Persistence::UntilEnough,
            Faults::Never,
            tallies.into(),
        )
    }

    fn play(schedule: &mut Schedule, rounds: usize) -> Vec<Ticket> {
        let mut tickets = Vec::new();
        while let Next::Run(ticket) = schedule.next(LIMIT) {
            if tickets.len() == rounds {
                break;
            }
            schedule.record(&ticket, &sight(false));
            tickets.push(ticket);
        }
        tickets
    }

    #[test]
    fn every_test_runs_without_noise_before_any_runs_with_it() {
        let tickets = play(&mut schedule(Extent::Time, Shard::default()), 300);
        assert!(
            tickets[..3]
                .iter()
                .all(|ticket| ticket.is_first && ticket.plan.is_plain())
        );
        let of = |subject| {
            tickets
                .iter()
                .filter(|ticket| ticket.subject == subject)
                .count()
        };
        assert_eq!([of(0), of(1), of(2)], [100; 3]);
    }

    #[test]
    fn shards_do_together_what_one_does_alone() {
        let runs = |shard| -> BTreeSet<String> {
            let mut schedule = schedule(Extent::Runs(100), shard);
            let tickets = play(&mut schedule, 10_000).into_iter();
            tickets
                .filter(|ticket| !ticket.is_first)
                .map(|ticket| format!("{} {}", ticket.subject, ticket.plan))
                .collect()
        };
        let alone = runs(Shard::default());
        let shards = (0..16).map(|index| Shard { index, count: 16 });
        let together: BTreeSet<String> = shards.flat_map(runs).collect();
        assert_eq!(alone.len(), 3 * 99);
        assert_eq!(alone, together);
    }

    #[test]
    fn a_replay_ends_with_its_first_hit() {
        let extent = Extent::Replay {
            plan: "sleeps:4".parse().unwrap(),
            tries: 20,
        };
        let mut schedule = schedule(extent, Shard::default());
        let mut runs = 0;
        while let Next::Run(ticket) = schedule.next(LIMIT) {
            let is_hit = ticket.subject == 0 && !ticket.is_first;
            schedule.record(&ticket, &sight(is_hit));
            runs += 1;
        }
        assert_eq!(runs, 3 + 1 + 20 + 20);
    }

    #[test]
    fn failing_is_a_hit_only_of_a_test_that_can_pass() {
        let mut schedule = schedule(Extent::Time, Shard::default());
        let failing = Sight {
            has_failed: true,
            ..sight(false)
        };
        let mut stage = Stage::Fresh;
        while stage == Stage::Fresh {
            let Next::Run(ticket) = schedule.next(LIMIT) else {
                panic!()
            };
            assert_eq!(ticket.subject, 0);
            stage = schedule.record(&ticket, &failing);
        }
        assert_eq!(stage, Stage::FailsByItself);
        assert_eq!(schedule.tallies().next().unwrap().test.hits, 0);
    }
}
