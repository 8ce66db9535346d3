//! What is run next.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::mix::{mix, mix_text};
use crate::plan::Plan;
use crate::policy::{POLICIES, Policy};
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

/// How far the runs of a test are, for a campaign that goes on later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    process: String,
    name: String,
    /// The number of the next run that nobody has begun.
    next: u64,
    /// The numbers before it of runs that have not come to their end.
    undone: Vec<u64>,
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
    /// Numbers of runs that were not done after all.
    returned: Vec<u64>,
    /// Numbers of runs that are to be done again, each in a process of its own.
    alone: BTreeSet<u64>,
    /// Numbers of those runs with noise that have not ended yet.
    taken: BTreeSet<u64>,
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
    /// Whether it is to tell if others could follow in its process. That takes a while.
    pub is_trial: bool,
    /// Its number among those of its test.
    number: u64,
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
    /// A schedule for these tests; those that have a mark go on after it.
    #[must_use]
    pub fn new(
        extent: Extent,
        seed: u64,
        shard: Shard,
        persistence: Persistence,
        faults: Faults,
        tallies: Vec<Tally>,
        marks: &[Mark],
    ) -> Self {
        let entry = |tally: Tally| {
            let (process, name) = (&tally.test.process, &tally.test.name);
            let is_its = |mark: &&Mark| mark.process == *process && mark.name == *name;
            let mark = marks.iter().find(is_its);
            Entry {
                key: mix_text(mix_text(0, process), name),
                next: mark.map_or(0, |mark| mark.next),
                returned: mark.map_or_else(Vec::new, |mark| mark.undone.clone()),
                alone: BTreeSet::new(),
                taken: BTreeSet::new(),
                running: 0,
                tally,
            }
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

    /// How far each test is.
    pub fn marks(&self) -> impl Iterator<Item = Mark> {
        self.entries.iter().map(|entry| Mark {
            process: entry.tally.test.process.clone(),
            name: entry.tally.test.name.clone(),
            next: entry.next,
            undone: entry.returned.iter().chain(&entry.taken).copied().collect(),
        })
    }

    /// How many runs are to be done from now on, if that is known: no test may show enough before.
    #[must_use]
    pub fn left(&self) -> Option<u64> {
        let Extent::Runs(runs) = self.extent else {
            return None;
        };
        let left = |entry: &Entry| match entry.tally.stage {
            Stage::FailsByItself | Stage::Done => 0,
            Stage::Fresh | Stage::Ready => {
                let next = entry.next.max(1);
                self.shard.count_in(next..runs) + entry.returned.len() as u64 + entry.running
            }
        };
        Some(self.entries.iter().map(left).sum())
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
            is_trial: false,
            number: 0,
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
        self.runs_of(subject, 1, limit).pop()
    }

    /// The runs that the process of this one does after it: none where each is to have a process of its own.
    pub fn further(&mut self, ticket: &Ticket, limit: Duration) -> Vec<Ticket> {
        let entry = &self.entries[ticket.subject];
        let is_replay = matches!(self.extent, Extent::Replay { .. });
        let is_alone = ticket.is_first || is_replay || !entry.alone.is_empty();
        let rounds = if is_alone { 1 } else { entry.tally.rounds() };
        self.runs_of(ticket.subject, rounds - 1, limit)
    }

    /// The next runs of a test, at most so many.
    fn runs_of(&mut self, subject: usize, most: u64, limit: Duration) -> Vec<Ticket> {
        let numbers = std::iter::from_fn(|| self.take_number(subject));
        let numbers: Vec<u64> = numbers
            .take(usize::try_from(most).unwrap_or(usize::MAX))
            .collect();
        let entry = &mut self.entries[subject];
        entry.running += numbers.len() as u64;
        let limit = entry.tally.limit(limit);
        let is_replay = matches!(self.extent, Extent::Replay { .. });
        let is_trial = entry.tally.is_new_to_rounds() && !is_replay;
        let plans = self.plans(subject, &numbers);
        let ticket = |(&number, plan)| Ticket {
            subject,
            plan,
            limit,
            is_first: false,
            is_trial,
            number,
        };
        numbers.iter().zip(plans).map(ticket).collect()
    }

    /// The test that has had the least, of those that are to be run. One that nobody runs now comes first, as nobody knows
    /// how long a run will have taken: a test that hangs would have all workers otherwise.
    fn least_served(&mut self) -> Option<usize> {
        let due: Vec<usize> = (0..self.entries.len())
            .filter(|&place| self.next_number(place).is_some())
            .collect();
        let served = |&place: &usize| {
            let entry = &self.entries[place];
            let running = Duration::from_millis(entry.running);
            (entry.running > 0, entry.tally.share() + running)
        };
        due.into_iter().min_by_key(served)
    }

    /// The number of the next run of a test, if it is to be run.
    fn next_number(&self, place: usize) -> Option<u64> {
        let entry = &self.entries[place];
        if entry.tally.stage != Stage::Ready {
            return None;
        }
        if let Some(&number) = entry.returned.last() {
            return Some(number);
        }
        let next = entry.next.max(1);
        match self.extent {
            Extent::Time => Some(next),
            Extent::Replay { tries, .. } => {
                (entry.tally.test.hits == 0 && next <= tries).then_some(next)
            }
            Extent::Runs(runs) => (next..runs).find(|&number| self.shard.has(number)),
        }
    }

    fn take_number(&mut self, place: usize) -> Option<u64> {
        let number = self.next_number(place)?;
        let entry = &mut self.entries[place];
        if entry.returned.pop().is_none() {
            entry.next = number + 1;
        }
        entry.taken.insert(number);
        Some(number)
    }

    fn plans(&self, subject: usize, numbers: &[u64]) -> Vec<Plan> {
        let entry = &self.entries[subject];
        let first = numbers.first().copied().unwrap_or_default();
        let policies = match self.extent {
            Extent::Replay { plan, .. } => return vec![plan; numbers.len()],
            Extent::Time => entry.tally.choose(first, numbers.len() as u64),
            Extent::Runs(_) => numbers.iter().map(|&number| of_turn(number)).collect(),
        };
        let plan = |(&number, policy)| {
            let seed = mix(mix(self.seed, entry.key), number);
            Plan {
                policy,
                seed,
                faults: self.faults == Faults::Sometimes && seed.is_multiple_of(2),
            }
        };
        numbers.iter().zip(policies).map(plan).collect()
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
        entry.taken.remove(&ticket.number);
        entry.alone.remove(&ticket.number);
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

    /// A run was not done: the campaign was stopped, or its process had to end before.
    pub fn give_back(&mut self, ticket: &Ticket) {
        let entry = &mut self.entries[ticket.subject];
        entry.running -= 1;
        if entry.taken.remove(&ticket.number) {
            entry.returned.push(ticket.number);
        }
    }

    /// A run has failed, but only after others in its process: it is done again in one of its own, and counts then.
    pub fn give_back_alone(&mut self, ticket: &Ticket) {
        self.give_back(ticket);
        self.entries[ticket.subject].alone.insert(ticket.number);
    }

    /// Whether a run of this test may fail because others were in its process before. See [`Tally::has_counts`].
    #[must_use]
    pub fn has_counts(&self, ticket: &Ticket) -> bool {
        self.entries[ticket.subject].tally.has_counts
    }

    /// The program of a test counts in statics. See [`Tally::has_counts`].
    pub fn learn_counts(&mut self, ticket: &Ticket) {
        self.entries[ticket.subject].tally.has_counts = true;
    }

    /// A process has done its rounds. See [`Tally::learn_rounds`].
    pub fn learn_rounds(&mut self, ticket: &Ticket, is_clean: Option<bool>, is_complete: bool) {
        if !ticket.is_first {
            let tally = &mut self.entries[ticket.subject].tally;
            tally.learn_rounds(is_clean, is_complete);
        }
    }
}

/// The policy of the run of this number, where all come in turn.
fn of_turn(number: u64) -> &'static Policy {
    &POLICIES[usize::try_from(number).unwrap_or_default() % POLICIES.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use model::report::Test;

    use super::{Extent, Faults, Mark, Next, Schedule, Ticket};
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
        resumed(extent, shard, &[])
    }

    fn resumed(extent: Extent, shard: Shard, marks: &[Mark]) -> Schedule {
        let tallies = ["a", "b", "c"].map(|name| Tally::new(Test::new("it", name)));
        Schedule::new(
            extent,
            7,
            shard,
            Persistence::UntilEnough,
            Faults::Never,
            tallies.into(),
            marks,
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
    fn a_run_without_an_end_has_one_worker_as_long_as_others_are_to_be_run() {
        let mut schedule = schedule(Extent::Runs(100), Shard::default());
        for _ in 0..3 {
            let Next::Run(first) = schedule.next(LIMIT) else {
                panic!()
            };
            schedule.record(&first, &sight(false));
        }
        let Next::Run(hanging) = schedule.next(LIMIT) else {
            panic!()
        };
        for _ in 0..2 * 99 {
            let Next::Run(ticket) = schedule.next(LIMIT) else {
                panic!()
            };
            assert_ne!(ticket.subject, hanging.subject);
            schedule.record(&ticket, &sight(false));
        }
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
    fn what_a_process_could_not_do_is_done_by_another() {
        let mut schedule = schedule(Extent::Runs(100), Shard::default());
        let mut done = BTreeSet::new();
        while let Next::Run(ticket) = schedule.next(LIMIT) {
            let further = schedule.further(&ticket, LIMIT);
            assert!(further.is_empty() || !ticket.is_first);
            // The first of them is clean, after the second one the process has to end.
            for (place, ticket) in [ticket].iter().chain(&further).enumerate() {
                if place < 2 {
                    schedule.record(ticket, &sight(false));
                    let is_new = done.insert(format!("{} {}", ticket.subject, ticket.plan));
                    assert!(is_new, "{ticket:?}");
                } else {
                    schedule.give_back(ticket);
                }
            }
            schedule.learn_rounds(&ticket, Some(true), true);
        }
        assert_eq!(done.len(), 3 * 100);
    }

    #[test]
    fn what_is_doubtful_is_done_again_next_and_alone() {
        let mut schedule = schedule(Extent::Runs(1_000), Shard::default());
        let mut rounds = 0;
        while let Next::Run(ticket) = schedule.next(LIMIT) {
            let further = schedule.further(&ticket, LIMIT);
            if let [doubtful, rest @ ..] = &*further
                && !rest.is_empty()
            {
                schedule.record(&ticket, &sight(false));
                rest.iter().for_each(|ticket| schedule.give_back(ticket));
                schedule.give_back_alone(doubtful);
                // The others are not run now, so the next is one of this test, if it is the least served.
                let again = std::iter::from_fn(|| match schedule.next(LIMIT) {
                    Next::Run(ticket) => Some(ticket),
                    _ => None,
                });
                let again: Vec<Ticket> = again.take(3).collect();
                let again = again.iter().find(|one| one.subject == doubtful.subject);
                assert_eq!(again.unwrap().plan, doubtful.plan);
                assert_eq!(schedule.further(again.unwrap(), LIMIT), []);
                return;
            }
            rounds += 1;
            for ticket in [ticket].iter().chain(&further) {
                schedule.record(ticket, &sight(false));
            }
            schedule.learn_rounds(&ticket, Some(true), true);
            assert!(rounds < 100);
        }
        panic!("no process does several rounds");
    }

    #[test]
    fn what_is_interrupted_goes_on_with_the_runs_that_are_left() {
        let noisy = |tickets: &[Ticket]| -> Vec<String> {
            let noisy = tickets.iter().filter(|ticket| !ticket.is_first);
            noisy
                .map(|ticket| format!("{} {}", ticket.subject, ticket.plan))
                .collect()
        };
        let (extent, shard) = (Extent::Runs(100), Shard { index: 1, count: 4 });
        let mut whole = noisy(&play(&mut schedule(extent, shard), 10_000));
        let mut first = schedule(extent, shard);
        let mut done = noisy(&play(&mut first, 40));
        // One that nobody hears of again, and one that is given back.
        let lost = [first.next(LIMIT), first.next(LIMIT)];
        if let Next::Run(ticket) = lost[1] {
            first.give_back(&ticket);
        }
        let marks: Vec<Mark> = first.marks().collect();
        let mut second = resumed(extent, shard, &marks);
        let left = second.left().unwrap();
        let rest = noisy(&play(&mut second, 10_000));
        assert_eq!(left, rest.len() as u64);
        done.extend(rest);
        done.sort();
        whole.sort();
        assert_eq!(done, whole);
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
