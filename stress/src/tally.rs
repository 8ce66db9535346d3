//! What is known of one test while it is run over and over.

use std::time::Duration;

use model::report::Test;

use crate::bandit::{Bandit, Showed};
use crate::orders::Orders;
use crate::policy::{PLAIN, POLICIES, Policy};

/// After so many hits a test has shown what it can.
const ENOUGH_HITS: u64 = 20;

/// After so many runs that had to be ended, it only costs time.
const ENOUGH_TIMEOUTS: u64 = 2;

/// Runs that may fail, one after the other, before the test is said to fail by itself.
const TRIES: u64 = 12;

/// So many of them have no noise; the others have one of every kind, under which a test whose bug nearly always shows may
/// pass.
const PLAIN_TRIES: u64 = 3;

/// A test, and how its runs went.
#[derive(Clone, Debug)]
pub struct Tally {
    /// The numbers for the report.
    pub test: Test,
    /// How far it is.
    pub stage: Stage,
    /// Whether its program's allocator counts in statics: then a test that looks at these may fail for the rounds before.
    pub has_counts: bool,
    bandit: Bandit,
    orders: Orders,
    /// Its slowest run without noise.
    plain: Duration,
    /// Whether a second thread was seen in it.
    has_threads: bool,
    failed: u64,
    timeouts: u64,
    /// All its runs, together.
    spent: Duration,
    /// How many rounds its next process does, once it is known whether it can do more than one.
    rounds: Option<u64>,
}

/// How many rounds a process does at most, and for how long about.
const MOST_ROUNDS: u64 = 256;
const LONGEST_PROCESS: Duration = Duration::from_millis(500);

/// How far a test is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It has not run without noise yet.
    Fresh,
    /// It passes without noise.
    Ready,
    /// It fails without noise, every time.
    FailsByItself,
    /// It is not run any more.
    Done,
}

/// What one run was seen to do.
#[derive(Clone, Debug)]
pub struct Sight {
    /// Whether something was found that should fail the campaign.
    pub is_hit: bool,
    /// Whether the test failed without a finding that explains it.
    pub has_failed: bool,
    /// Whether it had to be ended.
    pub was_ended: bool,
    /// How many threads used a watched object.
    pub threads: u64,
    /// The orders of threads that it showed.
    pub orders: Orders,
    /// How long it took.
    pub took: Duration,
}

/// When tests are not run any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// When they have shown enough.
    UntilEnough,
    /// Never.
    Always,
}

impl Tally {
    /// A test that has not been run.
    #[must_use]
    pub fn new(test: Test) -> Self {
        Self {
            test,
            stage: Stage::Fresh,
            has_counts: false,
            bandit: Bandit::default(),
            orders: Orders::default(),
            plain: Duration::ZERO,
            has_threads: false,
            failed: 0,
            timeouts: 0,
            spent: Duration::ZERO,
            rounds: None,
        }
    }

    /// How many rounds its next process may do, each under a plan of its own.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        let runs = u32::try_from(self.test.runs).unwrap_or(u32::MAX).max(1);
        let usual = (self.spent / runs).as_micros().max(1);
        let fitting = u64::try_from(LONGEST_PROCESS.as_micros() / usual).unwrap_or(u64::MAX);
        self.rounds.unwrap_or(1).min(fitting).max(1)
    }

    /// Whether it is to be found out if it can do more than one.
    #[must_use]
    pub fn is_new_to_rounds(&self) -> bool {
        self.rounds.is_none()
    }

    /// A process has done its rounds, or some of them. `is_clean` says whether the last one left everything as it was, if
    /// it came to its end.
    pub fn learn_rounds(&mut self, is_clean: Option<bool>, is_complete: bool) {
        let known = self.rounds.unwrap_or(1);
        self.rounds = Some(match is_clean {
            Some(true) if is_complete => (known * 4).min(MOST_ROUNDS),
            // It failed, or does no rounds.
            Some(true) | None => known,
            // By chance, if it was clean before.
            Some(false) if known > 1 => (known / 4).max(2),
            Some(false) => 1,
        });
    }

    /// The policies for so many runs.
    #[must_use]
    pub fn choose(&self, first_turn: u64, runs: u64) -> Vec<&'static Policy> {
        self.bandit.choose_several(first_turn, runs)
    }

    /// How long a run may take, when one without noise that is not known yet may take `limit`.
    #[must_use]
    pub fn limit(&self, limit: Duration) -> Duration {
        limit.max(20 * self.plain)
    }

    /// How much of the time it has had, in a measure by which the next is the one with the least. A test in which only one
    /// thread was seen gets a sixteenth of the others' time: noise can do little to it.
    #[must_use]
    pub fn share(&self) -> Duration {
        self.spent * if self.has_threads { 1 } else { 16 }
    }

    /// How many orders of threads it has shown.
    #[must_use]
    pub fn orders(&self) -> u32 {
        self.orders.count()
    }

    /// The noise of a run before the test has ever passed.
    #[must_use]
    pub fn first_policy(&self) -> &'static Policy {
        let number = usize::try_from(self.failed).unwrap_or_default() % POLICIES.len();
        if self.failed < PLAIN_TRIES {
            PLAIN
        } else {
            &POLICIES[number]
        }
    }

    /// Takes in a run of a test that has not passed yet. One that fails without a finding gets another try.
    pub fn begin(&mut self, sight: &Sight) {
        self.plain = self.plain.max(sight.took);
        self.has_threads |= sight.threads > 1;
        self.failed += u64::from(sight.has_failed);
        self.stage = match sight.has_failed {
            true if self.failed >= TRIES => Stage::FailsByItself,
            true => Stage::Fresh,
            false => Stage::Ready,
        };
    }

    /// Takes in a run. `is_hit` is whether it counts as one.
    pub fn add(&mut self, policy: &Policy, sight: &Sight, is_hit: bool, persistence: Persistence) {
        self.spent += sight.took;
        self.has_threads |= sight.threads > 1;
        self.timeouts += u64::from(sight.was_ended);
        let new_orders = self.orders.take_in(&sight.orders);
        let showed = match new_orders {
            _ if is_hit => Showed::Finding,
            0 => Showed::Nothing,
            _ => Showed::NewOrders,
        };
        self.bandit.learn(policy, showed, sight.took);
        self.count(sight, is_hit);
        let is_enough = self.test.hits >= ENOUGH_HITS || self.timeouts >= ENOUGH_TIMEOUTS;
        if is_enough && persistence == Persistence::UntilEnough && self.stage == Stage::Ready {
            self.stage = Stage::Done;
        }
    }

    fn count(&mut self, sight: &Sight, is_hit: bool) {
        let test = &mut self.test;
        test.runs += 1;
        test.millis += u64::try_from(sight.took.as_millis()).unwrap_or(u64::MAX);
        if is_hit {
            test.hits += 1;
            test.first_hit = test.first_hit.or(Some(test.runs));
            test.first_hit_millis = test.first_hit_millis.or(Some(test.millis));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::report::Test;

    use super::{PLAIN_TRIES, Persistence, Sight, Stage, TRIES, Tally};
    use crate::orders::Orders;
    use crate::policy::PLAIN;

    fn sight(is_hit: bool, has_failed: bool) -> Sight {
        Sight {
            is_hit,
            has_failed,
            was_ended: false,
            threads: 2,
            orders: Orders::default(),
            took: Duration::from_millis(10),
        }
    }

    #[test]
    fn a_test_that_always_fails_fails_by_itself_and_one_that_passes_once_does_not() {
        let mut tally = Tally::new(Test::new("it", "a"));
        let mut was_noisy = false;
        for failed in 1..=TRIES {
            assert_eq!(tally.stage, Stage::Fresh);
            let is_plain = tally.first_policy().name == PLAIN.name;
            assert!(is_plain || failed > PLAIN_TRIES, "{failed}");
            was_noisy |= !is_plain;
            tally.begin(&sight(false, true));
        }
        assert!(was_noisy);
        assert_eq!(tally.stage, Stage::FailsByItself);
        let mut tally = Tally::new(Test::new("it", "a"));
        tally.begin(&sight(false, true));
        tally.begin(&sight(false, false));
        assert_eq!(tally.stage, Stage::Ready);
    }

    #[test]
    fn the_first_hit_is_kept_and_twenty_are_enough() {
        let mut tally = Tally::new(Test::new("it", "a"));
        tally.begin(&sight(false, false));
        for run in 0..50 {
            let is_hit = run >= 4;
            tally.add(
                PLAIN,
                &sight(is_hit, false),
                is_hit,
                Persistence::UntilEnough,
            );
            if tally.stage == Stage::Done {
                break;
            }
        }
        assert_eq!((tally.test.runs, tally.test.hits), (24, 20));
        assert_eq!(
            (tally.test.first_hit, tally.test.first_hit_millis),
            (Some(5), Some(50))
        );
    }

    #[test]
    fn who_is_to_go_on_goes_on() {
        let mut tally = Tally::new(Test::new("it", "a"));
        tally.begin(&sight(false, false));
        for _ in 0..50 {
            tally.add(PLAIN, &sight(true, false), true, Persistence::Always);
        }
        assert_eq!(tally.stage, Stage::Ready);
    }
}
