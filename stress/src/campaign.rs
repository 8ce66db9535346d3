//! Campaigns: many runs of many tests, several at a time, until the time is up or enough is found.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use model::finding::Finding;
use model::report::{Report, Test};

use crate::child::{self, Ended, How, Order};
use crate::ending;
use crate::orders::Orders;
use crate::plan::Plan;
use crate::replays::Replays;
use crate::rounds::{Round, VARIABLE, Wish};
use crate::schedule::{Extent, Faults, Mark, Next, Schedule, Ticket};
use crate::shard::Shard;
use crate::subject::Subject;
use crate::tally::{Persistence, Sight, Stage, Tally};

/// Between two times at which what was found is saved.
const BETWEEN_SAVES: Duration = Duration::from_secs(2);

/// How much of a run's output is kept from its beginning, and as much from its end, in bytes.
const KEPT: usize = 32 * 1024;

/// The variable that says where a process writes its report.
pub(crate) const REPORT_DIR: &str = "UNSNARL_REPORT_DIR";

/// What is to be done, and how.
#[derive(Debug)]
pub struct Campaign {
    /// The tests.
    pub subjects: Vec<Subject>,
    /// How much of them.
    pub extent: Extent,
    /// When it ends at the latest.
    pub deadline: Option<Instant>,
    /// How long a run may take at least before it is ended.
    pub limit: Duration,
    /// How many runs at a time.
    pub jobs: usize,
    /// What all choices are drawn from.
    pub seed: u64,
    /// The part of the whole.
    pub shard: Shard,
    /// Whether operations are made to fail.
    pub faults: Faults,
    /// Whether the first finding ends it.
    pub until_found: bool,
    /// Whether a test is run on after it has shown enough, and the others after one that fails by itself.
    pub persistence: Persistence,
    /// A folder for what the runs leave behind.
    pub folder: PathBuf,
    /// The folder that sites are relative to.
    pub root: PathBuf,
}

/// Where a campaign meets the rest of the program.
pub struct Surroundings<'a> {
    /// Reads the reports that the processes of a run have left in a folder.
    pub read: &'a (dyn Fn(&Path) -> Vec<Report> + Sync),
    /// The line that makes a finding happen again.
    pub replay: &'a (dyn Fn(&Subject, &Plan) -> String + Sync),
    /// Whether a finding is to be taken as a hit: one that the project accepts is not.
    pub counts: &'a (dyn Fn(&Finding) -> bool + Sync),
    /// Saves how far it is.
    pub save: &'a (dyn Fn(Standing) + Sync),
    /// Hears of every run.
    pub progress: &'a (dyn Fn(&Progress) + Sync),
    /// Set when somebody wants it to end.
    pub stop: &'a AtomicBool,
}

impl std::fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings").finish_non_exhaustive()
    }
}

/// What an interrupted campaign leaves to the one that goes on with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What was found.
    pub report: Report,
    /// Which runs were done.
    pub marks: Vec<Mark>,
}

impl Standing {
    /// This was found, and nothing is to be gone on with.
    #[must_use]
    pub fn of(report: Report) -> Self {
        Self {
            report,
            marks: Vec::new(),
        }
    }
}

/// How far a campaign is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// How many runs have ended.
    pub runs: u64,
    /// How many different findings there are.
    pub findings: usize,
    /// How many orders of threads were seen, over all tests.
    pub orders: u64,
    /// How many runs are left, if that is known.
    pub left: Option<u64>,
    /// How long it has been going on.
    pub elapsed: Duration,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// What was found, with the numbers of each test; the graph is that of the runs without noise.
    pub reports: Vec<Report>,
    /// The tests that fail without noise, every time, and what they said.
    pub failing: Vec<(Test, String)>,
    /// The tests that were not run once.
    pub unrun: Vec<Test>,
    /// How many orders of threads were seen, over all tests.
    pub orders: u64,
    /// Whether no run had a watched object in it.
    pub saw_nothing: bool,
}

/// What the workers share.
struct State {
    schedule: Schedule,
    replays: Replays,
    merged: Report,
    /// Reports of the runs without noise, for their graphs.
    quiet: Vec<Report>,
    /// For each test that has only failed so far: its failure.
    pending: Vec<Option<Finding>>,
    said: Vec<String>,
    progress: Progress,
    is_over: bool,
    saw_nothing: bool,
}

struct Shared<'a> {
    campaign: &'a Campaign,
    around: &'a Surroundings<'a>,
    start: Instant,
    state: Mutex<State>,
    changed: Condvar,
    /// How many workers have not come to their end.
    at_work: AtomicUsize,
}

impl Campaign {
    /// Does it. `before` is how far an interrupted campaign of the same tests was.
    ///
    /// # Errors
    ///
    /// If no folder can be made for the runs, or a test cannot be started at all.
    pub fn run(&self, before: Standing, around: &Surroundings<'_>) -> io::Result<Outcome> {
        let shared = Shared {
            campaign: self,
            around,
            start: Instant::now(),
            state: Mutex::new(self.begin(before)),
            changed: Condvar::new(),
            at_work: AtomicUsize::new(self.jobs.max(1)),
        };
        let saver = thread::current();
        let results: Vec<io::Result<()>> = thread::scope(|scope| {
            let workers = (0..self.jobs.max(1)).map(|number| {
                let (shared, saver) = (&shared, &saver);
                scope.spawn(move || {
                    let result = shared.work(number);
                    // SeqCst: a number that is looked at now and then.
                    shared.at_work.fetch_sub(1, Ordering::SeqCst);
                    saver.unpark();
                    result
                })
            });
            let workers: Vec<_> = workers.collect();
            shared.save_now_and_then();
            workers
                .into_iter()
                .map(|worker| worker.join().expect("a worker does not panic"))
                .collect()
        });
        results.into_iter().collect::<io::Result<()>>()?;
        let state = shared
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let replay = |place: usize, plan: &Plan| (around.replay)(&self.subjects[place], plan);
        let standing = state.standing(&replay);
        (around.save)(standing.clone());
        Ok(state.finish(standing.report))
    }

    fn begin(&self, before: Standing) -> State {
        let Standing {
            report: mut before,
            marks,
        } = before;
        let tally = |subject: &Subject| {
            let known = before
                .tests
                .iter()
                .find(|test| test.process == subject.process && test.name == subject.name);
            let fresh = || Test::new(subject.process.clone(), subject.name.clone());
            Tally::new(known.cloned().unwrap_or_else(fresh))
        };
        let tallies = self.subjects.iter().map(tally).collect();
        before.tests.clear();
        State {
            schedule: Schedule::new(
                self.extent,
                self.seed,
                self.shard,
                self.persistence,
                self.faults,
                tallies,
                &marks,
            ),
            replays: Replays::default(),
            merged: before,
            quiet: Vec::new(),
            pending: vec![None; self.subjects.len()],
            said: vec![String::new(); self.subjects.len()],
            progress: Progress::default(),
            is_over: false,
            saw_nothing: true,
        }
    }
}

impl Shared<'_> {
    fn work(&self, number: usize) -> io::Result<()> {
        let folder = self.campaign.folder.join(format!("worker-{number}"));
        while let Some(tickets) = self.take() {
            let done = self.do_runs(&tickets, &folder);
            if let Err(error) = done {
                self.state().is_over = true;
                self.changed.notify_all();
                return Err(error);
            }
        }
        let _ = fs::remove_dir_all(&folder);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopped(&self) -> bool {
        let is_late = self
            .campaign
            .deadline
            .is_some_and(|deadline| Instant::now() >= deadline);
        // SeqCst: a flag for people.
        is_late || self.around.stop.load(Ordering::SeqCst)
    }

    /// The next run, and those that its process does after it; waits for others where it depends on them.
    fn take(&self) -> Option<Vec<Ticket>> {
        let mut state = self.state();
        loop {
            if state.is_over || self.is_stopped() {
                return None;
            }
            let limit = self.campaign.limit;
            match state.schedule.next(limit) {
                Next::Run(ticket) => {
                    let mut tickets = vec![ticket];
                    tickets.extend(state.schedule.further(&ticket, limit));
                    return Some(tickets);
                }
                Next::Over => return None,
                Next::Wait => {
                    let pause = Duration::from_millis(50);
                    let woken = self.changed.wait_timeout(state, pause);
                    state = woken.unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }

    /// Does these runs of a test in one process, or as many of them as that can do.
    fn do_runs(&self, tickets: &[Ticket], folder: &Path) -> io::Result<()> {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder)?;
        let subject = &self.campaign.subjects[tickets[0].subject];
        let mut ended = child::run(&order(subject, tickets, folder), &|| self.is_stopped())?;
        let rounds = ended.rounds(folder);
        let done = Done::of(&rounds, tickets.len(), &ended.how);
        for (ticket, round) in tickets.iter().zip(&rounds[..done.before]) {
            self.record_clean(ticket, round);
            ended.took = ended
                .took
                .saturating_sub(Duration::from_micros(round.micros));
        }
        let rest = &tickets[done.before..];
        let reports = (self.around.read)(folder);
        let is_doubtful = done.before > 0 && self.is_doubtful(&tickets[0], &ended, &reports);
        let undone = match rest {
            [_, undone @ ..] if is_doubtful => undone,
            [last, undone @ ..] if ended.how != How::Stopped => {
                let shown = rounds.get(done.before);
                let orders =
                    shown.map_or_else(|| Orders::read(folder), |round| Orders::of(&round.orders));
                let struck = ended.faults(folder);
                self.record(last, &ended, reports, orders, &struck);
                undone
            }
            undone => undone,
        };
        let mut state = self.state();
        undone
            .iter()
            .for_each(|ticket| state.schedule.give_back(ticket));
        if is_doubtful {
            state.schedule.give_back_alone(&rest[0]);
        }
        if rounds.iter().any(|round| round.has_counts) {
            state.schedule.learn_counts(&tickets[0]);
        }
        if ended.how != How::Stopped && !is_doubtful {
            let is_clean = rounds.get(done.before).map(|round| round.is_clean);
            state
                .schedule
                .learn_rounds(&tickets[0], is_clean, undone.is_empty());
        }
        drop(state);
        self.changed.notify_all();
        Ok(())
    }

    /// Whether a test may have failed because of what the rounds before it have counted.
    fn is_doubtful(&self, ticket: &Ticket, ended: &Ended, reports: &[Report]) -> bool {
        let has_failed = matches!(ended.how, How::Exited(1..) | How::Signalled(_));
        let is_explained = reports.iter().any(|report| !report.findings.is_empty());
        has_failed && !is_explained && self.state().schedule.has_counts(ticket)
    }

    /// Takes in a round after which its process went on: nothing was found.
    fn record_clean(&self, ticket: &Ticket, round: &Round) {
        let sight = Sight {
            is_hit: false,
            has_failed: false,
            was_ended: false,
            threads: 0,
            orders: Orders::of(&round.orders),
            took: Duration::from_micros(round.micros),
        };
        let mut state = self.state();
        state.schedule.record(ticket, &sight);
        state
            .replays
            .add(ticket.subject, ticket.plan, None, &BTreeSet::new());
        state.note_progress(self.start.elapsed());
        let progress = state.progress;
        drop(state);
        (self.around.progress)(&progress);
    }

    /// Takes in what a run has left, the last one of its process.
    fn record(
        &self,
        ticket: &Ticket,
        ended: &Ended,
        mut reports: Vec<Report>,
        orders: Orders,
        struck: &BTreeSet<String>,
    ) {
        let subject = &self.campaign.subjects[ticket.subject];
        let mut findings: Vec<Finding> = reports
            .iter_mut()
            .flat_map(|report| std::mem::take(&mut report.findings))
            .collect();
        let end = ending::finding(subject, ended, &self.campaign.root)
            .filter(|end| !ending::is_explained(end, &ended.how, &findings))
            .filter(|end| !ending::is_of_fault(end, struck));
        let has_failed = matches!(ended.how, How::Exited(code) if code != 0) && end.is_some();
        // That a test fails is a finding only once it has passed.
        let (failure, certain) = if has_failed { (end, None) } else { (None, end) };
        findings.extend(certain);
        let sight = Sight {
            is_hit: findings
                .iter()
                .any(|finding| finding.fails() && (self.around.counts)(finding)),
            has_failed,
            was_ended: matches!(ended.how, How::TooLong(_)),
            threads: reports
                .iter()
                .flat_map(|report| &report.processes)
                .map(|one| one.threads)
                .sum(),
            orders,
            took: ended.took,
        };
        let mut state = self.state();
        state.saw_nothing &= reports.iter().all(|report| report.processes.is_empty());
        let stage = state.schedule.record(ticket, &sight);
        if has_failed {
            state.said[ticket.subject] = last_lines(&ended.stderr);
        }
        let failure = failure.map(|failure| self.dress(failure, ticket));
        // A failure of a test that has not passed yet may turn out to be a finding later.
        let fingerprints = findings.iter().chain(&failure);
        let fingerprints = fingerprints.map(|finding| finding.fingerprint.as_str());
        state
            .replays
            .add(ticket.subject, ticket.plan, fingerprints, struck);
        match stage {
            Stage::Fresh | Stage::FailsByItself => {
                let pending = &mut state.pending[ticket.subject];
                *pending = pending.take().or(failure);
            }
            Stage::Ready | Stage::Done => {
                findings.extend(state.pending[ticket.subject].take());
                findings.extend(failure);
            }
        }
        for finding in findings {
            state.merged.add(self.dress(finding, ticket));
        }
        if ticket.is_first && stage != Stage::Fresh {
            state.quiet.extend(reports);
        }
        state.note_progress(self.start.elapsed());
        state.is_over |= self.is_found(&state);
        let progress = state.progress;
        drop(state);
        self.changed.notify_all();
        (self.around.progress)(&progress);
    }

    fn is_found(&self, state: &State) -> bool {
        let counts = |finding: &Finding| finding.fails() && (self.around.counts)(finding);
        self.campaign.until_found && state.merged.findings.iter().any(counts)
    }

    /// A finding with its test.
    fn dress(&self, mut finding: Finding, ticket: &Ticket) -> Finding {
        let subject = &self.campaign.subjects[ticket.subject];
        finding.test = Some(subject.name.clone());
        finding
    }

    /// Saves what was found as long as anybody works, whether or not runs come to their end.
    fn save_now_and_then(&self) {
        let subjects = &self.campaign.subjects;
        let replay = |place: usize, plan: &Plan| (self.around.replay)(&subjects[place], plan);
        // SeqCst: as above.
        while self.at_work.load(Ordering::SeqCst) > 0 {
            thread::park_timeout(BETWEEN_SAVES);
            let standing = self.state().standing(&replay);
            (self.around.save)(standing);
        }
    }
}

/// Which of the rounds of a process its end is about.
struct Done {
    /// How many came before it, and left everything as it was.
    before: usize,
}

impl Done {
    fn of(rounds: &[Round], planned: usize, how: &How) -> Self {
        let kept = rounds.len().min(planned);
        // After a clean round the next one begins. What failed, failed in it.
        let has_begun_another = kept < planned && rounds[..kept].iter().all(|round| round.is_clean);
        let before = match how {
            How::Stopped => kept,
            How::Exited(0) => kept.saturating_sub(1),
            _ if has_begun_another => kept,
            _ => kept.saturating_sub(1),
        };
        Self { before }
    }
}

fn order(subject: &Subject, tickets: &[Ticket], folder: &Path) -> Order {
    let first = &tickets[0];
    let wish = Wish {
        campaign: std::process::id(),
        plans: tickets.iter().map(|ticket| ticket.plan).collect(),
    };
    let asks_for_rounds = first.is_trial || tickets.len() > 1;
    let rounds = asks_for_rounds.then(|| (VARIABLE.into(), wish.to_string().into()));
    let ours = [
        (REPORT_DIR, folder.as_os_str().to_owned()),
        ("UNSNARL_ON_FINDING", "record".into()),
        ("UNSNARL_BACKTRACE", "0".into()),
        // Naming the calls of a panic takes longer than most tests; its place is known without.
        ("RUST_BACKTRACE", "0".into()),
        ("UNSNARL_NOISE", first.plan.to_string().into()),
    ];
    let ours = ours.map(|(name, value)| (name.into(), value));
    let subjects = subject.variables.iter().cloned();
    Order {
        program: subject.program.clone(),
        args: subject.args(),
        dir: subject.dir.clone(),
        variables: subjects.chain(ours).chain(rounds).collect(),
        limit: first.limit,
        folder: Some(folder.to_owned()),
        kept: KEPT,
    }
}

/// What a failing test says at its end.
fn last_lines(stderr: &str) -> String {
    let lines: Vec<&str> = stderr
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

impl State {
    fn note_progress(&mut self, elapsed: Duration) {
        self.progress = Progress {
            runs: self.progress.runs + 1,
            findings: self.merged.findings.len(),
            orders: self
                .schedule
                .tallies()
                .map(|tally| u64::from(tally.orders()))
                .sum(),
            left: self.schedule.left(),
            elapsed,
        };
    }

    fn standing(&self, replay: &dyn Fn(usize, &Plan) -> String) -> Standing {
        Standing {
            report: self.snapshot(replay),
            marks: self.schedule.marks().collect(),
        }
    }

    /// What was found so far, each with the line that is most likely to show it again.
    fn snapshot(&self, replay: &dyn Fn(usize, &Plan) -> String) -> Report {
        let tests = self.schedule.tallies().map(|tally| tally.test.clone());
        let mut report = self.merged.clone();
        report.tests = tests.filter(|test| test.runs > 0).collect();
        for finding in &mut report.findings {
            if let Some((place, plan)) = self.replays.best(&finding.fingerprint) {
                finding.replay = Some(replay(place, &plan));
                finding
                    .notes
                    .extend(self.replays.needs(&finding.fingerprint));
            }
        }
        report
    }

    fn finish(self, merged: Report) -> Outcome {
        let failing = self
            .schedule
            .tallies()
            .zip(self.said)
            .filter_map(|(tally, said)| {
                (tally.stage == Stage::FailsByItself).then(|| (tally.test.clone(), said))
            });
        let unrun = self.schedule.tallies().filter(|tally| tally.test.runs == 0);
        Outcome {
            failing: failing.collect(),
            unrun: unrun.map(|tally| tally.test.clone()).collect(),
            orders: self.progress.orders,
            saw_nothing: self.saw_nothing,
            reports: [merged].into_iter().chain(self.quiet).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Done;
    use crate::child::How;
    use crate::rounds::{ORDERS, Round};

    #[test]
    fn an_end_is_that_of_the_last_round_that_began() {
        let rounds = |cleans: &[bool]| -> Vec<Round> {
            let round = |&is_clean| Round {
                micros: 1,
                is_clean,
                has_counts: false,
                orders: [0; ORDERS],
            };
            cleans.iter().map(round).collect()
        };
        for (cleans, how, before) in [
            // It does no rounds, or fails in the first one.
            (&[][..], How::Exited(0), 0),
            (&[], How::Exited(101), 0),
            // It went well to the end, or to a round after which it had to stop.
            (&[true, true, true], How::Exited(0), 2),
            (&[true, false], How::Exited(0), 1),
            // It fails in the third one, or after the last.
            (&[true, true], How::Signalled(6), 2),
            (&[true, true, true], How::Signalled(6), 2),
            (&[true, false], How::Exited(101), 1),
            // It is stopped in the third one.
            (&[true, true], How::Stopped, 2),
        ] {
            let done = Done::of(&rounds(cleans), 3, &how);
            assert_eq!(done.before, before, "{cleans:?} {how:?}");
        }
    }
}
