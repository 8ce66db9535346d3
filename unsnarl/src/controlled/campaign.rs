//! One schedule after the other, until something is found or there is nothing more to try.

mod cure;
mod jobs;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use explore::rng::mix;
use explore::run::Lore;
use explore::shrink::{Failure, shrink};
use explore::statistics::Statistics;
use explore::strategy::hunt::Hunt;
use explore::strategy::replay::Replay;
use explore::strategy::{self, Strategy};
use explore::token::Token;
use model::finding::{Certainty, Finding, Role, Severity};
use model::site::Site;
use model::slug;

use super::watchdog::Beat;
use super::worker::{Ended, Program, execute};
use super::{divergence, environment, regressions, spare};
use crate::exploration::{Exploration, Shown};
use crate::explorer::Explorer;
use crate::recorder::races::destructors::Chains;
use crate::recorder::races::weak::orders::Changes;
use crate::recorder::statics::Beginning;
use crate::recorder::{findings, sessions};

/// How many executions may be spent on making a schedule small.
const SHRINKING: usize = 100;

/// An exploration under way.
struct Campaign<'f> {
    explorer: &'f Explorer,
    program: Program<'f>,
    strategy: Option<Box<dyn Strategy>>,
    lore: Lore,
    statistics: Statistics,
    index: u64,
    start: Instant,
    found: Vec<Found>,
    known: HashSet<String>,
    first_finding_at: Option<usize>,
    obstacle: Option<String>,
    exhausted: bool,
    cut: usize,
    /// Whether an execution went on after the strategy was last asked.
    overran: bool,
    /// Whether the program does not always do the same under the same schedule.
    is_unsteady: bool,
    /// The fingerprint of a finding, if nothing else matters than whether that is found.
    sought: Option<String>,
}

/// A finding, and the schedule that shows it.
struct Found {
    finding: Finding,
    failure: Option<Failure>,
}

/// A strategy as the explorer asks for it.
fn strategy(explorer: &Explorer) -> Box<dyn Strategy> {
    let row = strategy::find(&explorer.strategy);
    let row =
        row.unwrap_or_else(|| panic!("unsnarl: there is no strategy `{}`", explorer.strategy));
    Box::new(Hunt::new((row.make)()))
}

impl<'f> Campaign<'f> {
    fn new(explorer: &'f Explorer, program: Program<'f>) -> Self {
        Self {
            explorer,
            program,
            strategy: Some(strategy(explorer)),
            lore: Lore::default(),
            statistics: Statistics::default(),
            index: 0,
            start: Instant::now(),
            found: Vec::new(),
            known: HashSet::new(),
            first_finding_at: None,
            obstacle: None,
            exhausted: false,
            cut: 0,
            overran: false,
            is_unsteady: false,
            sought: None,
        }
    }
}

/// Explores a program.
///
/// # Panics
///
/// If the explorer names a strategy that there is not, or a replay token that cannot be read.
pub(crate) fn run(explorer: &Explorer, body: &(dyn Fn() + Sync)) -> Exploration {
    explore(explorer, body, Origin::Explored)
}

/// Where a program comes from.
pub(super) enum Origin<'a> {
    /// It was written to be explored.
    Explored,
    /// It is a plain test, with statics that begin so in each execution, if that is known.
    Plain(Option<&'a Beginning>),
}

/// Explores a program.
pub(super) fn explore(
    explorer: &Explorer,
    body: &(dyn Fn() + Sync),
    origin: Origin<'_>,
) -> Exploration {
    let token = explorer
        .replay
        .as_ref()
        .map(|text| match text.parse::<Token>() {
            Ok(token) => token,
            Err(error) => panic!("unsnarl: the replay token cannot be read: {error}"),
        });
    let test = sessions::current().unwrap_or_else(|| {
        let current = std::thread::current();
        Arc::from(current.name().unwrap_or("main"))
    });
    let program = Program {
        body,
        beat: Beat::new(&test),
        test,
        max_steps: explorer.max_steps.max(1),
        stack_size: explorer.stack_size,
        mishaps: explorer.mishaps(),
        is_weak: explorer.weak_memory,
        changes: Changes::default(),
        chains: Chains::default(),
        is_plain: matches!(origin, Origin::Plain(_)),
        statics: match origin {
            Origin::Explored => None,
            Origin::Plain(statics) => statics,
        },
        keeps_places: false,
        leaks: explorer.leaks.map(|site| (site, explorer.allowed.clone())),
    };
    let mut campaign = Campaign::new(explorer, program);
    match token {
        Some(token) => campaign.replay(token),
        None => campaign.explore(),
    }
    campaign.finish()
}

impl Campaign<'_> {
    fn replay(&mut self, token: Token) {
        self.program.keeps_places = true;
        let (mut ended, mut missed, lore) = self.follow(&token);
        // What somebody tries to lock without waiting is learnt while it runs; where the token comes from, it was known.
        if lore.has_grown && ended.observed.is_empty() {
            self.lore = lore;
            (ended, missed, _) = self.follow(&token);
        }
        self.program.keeps_places = false;
        self.statistics.add(ended.run.shape());
        self.cut += usize::from(ended.run.is_cut());
        if missed > 0 {
            self.obstacle = Some(format!(
                "{missed} of the {} decisions of the replay token did not fit",
                token.deviations.len()
            ));
        }
        self.obstacle = ended.obstacle.clone().or(self.obstacle.take());
        let failure = ended.failure(token.policy);
        for mut finding in std::mem::take(&mut ended.observed) {
            finding.helps.extend(self.cure(&finding, &token, &ended));
            self.first_finding_at = Some(1);
            let failure = Some(failure.clone());
            self.found.push(Found { finding, failure });
        }
    }

    fn explore(&mut self) {
        if self.explorer.keeps_regressions {
            for token in regressions::read(&self.program.test) {
                let (ended, ..) = self.follow(&token);
                self.take_findings(&ended);
            }
        }
        self.explore_together();
    }

    fn explore_alone(&mut self) {
        while !self.is_over() {
            // A thread of the operating system that has to be given up takes nothing with it.
            self.apart(|campaign| while !campaign.is_over() && !campaign.step() {});
        }
        if self.statistics.schedules() == 0 && self.found.is_empty() {
            self.obstacle.get_or_insert_with(|| {
                "nothing was tried: there is no schedule to try, or no time".to_owned()
            });
        }
    }

    /// Runs something on a thread of its own.
    fn apart<R: Send>(&mut self, f: impl FnOnce(&mut Self) -> R + Send) -> R {
        let name = self.program.test.replace('\0', "");
        std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().name(name);
            let handle = builder.spawn_scoped(scope, || f(self));
            let handle = handle.expect("failed to spawn a thread to explore on");
            match handle.join() {
                Ok(result) => result,
                Err(payload) => std::panic::resume_unwind(payload),
            }
        })
    }

    fn is_over(&self) -> bool {
        let is_late = || {
            self.explorer
                .time
                .is_some_and(|time| self.start.elapsed() >= time)
        };
        let has_found = match &self.sought {
            Some(sought) => self.known.contains(sought),
            None => self.first_finding_at.is_some() && !self.explorer.keep_going,
        };
        self.exhausted
            || has_found
            || self.obstacle.is_some()
            || self.statistics.schedules() >= self.explorer.schedules
            || is_late()
    }

    /// One more schedule. Returns whether it must be the last on this thread.
    fn step(&mut self) -> bool {
        let (part, of) = self.explorer.shard;
        let seed = mix(self.explorer.seed, self.index * of + part);
        self.index += 1;
        let mut strategy = self
            .strategy
            .take()
            .expect("it is put back after each schedule");
        if !strategy.begin(seed) {
            self.exhausted = true;
            return true;
        }
        let lore = std::mem::take(&mut self.lore);
        let (ended, mut strategy, mut lore) = execute(&self.program, strategy, lore);
        let is_new = self.statistics.add(ended.run.shape());
        self.cut += usize::from(ended.run.is_cut());
        self.overran |= ended.run.overran();
        strategy.end(&ended.run, is_new);
        let has_learnt = std::mem::take(&mut lore.has_grown);
        if has_learnt {
            strategy.forget();
        }
        // What was learnt may leave something to choose the next time.
        let had_choice = ended.run.had_choice() || has_learnt;
        self.exhausted = strategy.is_exhausted() || !had_choice;
        self.strategy = Some(strategy);
        self.lore = lore;
        self.obstacle.clone_from(&ended.obstacle);
        self.take_findings(&ended);
        if self.index == 1 && ended.observed.is_empty() && self.obstacle.is_none() {
            self.run_twice(&ended.run.token(ended.run.policy()));
        }
        spare::leave_run(ended.run);
        ended.is_spent
    }

    /// Sees whether the program does the same under the same schedule. What happens only once in a process has happened by
    /// now.
    fn run_twice(&mut self, token: &Token) {
        if self.sought.is_some() {
            return;
        }
        let [(one, ..), (other, ..)] = [self.follow(token), self.follow(token)];
        if let Some(mut finding) = divergence::between(&one.run, &other.run) {
            finding.test = Some(self.program.test.to_string());
            self.is_unsteady = true;
            let failure = None;
            self.found.push(Found { finding, failure });
        }
    }

    fn take_findings(&mut self, ended: &Ended) {
        for finding in &ended.potential {
            if self.known.insert(finding.fingerprint.clone()) {
                if let Some(strategy) = &mut self.strategy
                    && could_happen(finding)
                {
                    strategy.aim(asking(finding));
                }
                let finding = finding.clone();
                self.found.push(Found {
                    finding,
                    failure: None,
                });
            }
        }
        for finding in &ended.observed {
            if self.known.insert(finding.fingerprint.clone()) {
                self.first_finding_at
                    .get_or_insert(self.statistics.schedules().max(1));
                if self.sought.is_none() {
                    self.look_closer(finding.clone(), ended.failure(ended.run.policy()));
                }
            }
        }
    }

    /// Makes the schedule of a finding small, and keeps both.
    fn look_closer(&mut self, mut finding: Finding, first: Failure) {
        let fingerprint = finding.fingerprint.clone();
        let is_same = |other: &&Finding| other.fingerprint == fingerprint;
        let small = shrink(first, SHRINKING, &mut |token| {
            let (ended, ..) = self.follow(token);
            ended.observed.iter().find(is_same)?;
            Some(ended.failure(token.policy))
        });
        self.program.keeps_places = true;
        let (ended, ..) = self.follow(&small.token);
        self.program.keeps_places = false;
        match ended.observed.iter().find(is_same) {
            Some(again) => finding = again.clone(),
            None => finding.notes.push(
                "the same schedule did not show it again: the program is not deterministic"
                    .to_owned(),
            ),
        }
        finding
            .helps
            .extend(self.cure(&finding, &small.token, &ended));
        finding.replay = Some(self.command(&small.token));
        if self.explorer.keeps_regressions {
            regressions::write(&self.program.test, &small.token);
        }
        let failure = Some(small);
        self.found.push(Found { finding, failure });
    }

    /// Runs the program once more, along a schedule. Returns how many of its decisions did not fit.
    fn follow(&mut self, token: &Token) -> (Ended, usize, Lore) {
        let replay = Box::new(Replay::new(token.clone()));
        self.apart(move |campaign| {
            let mut replay: Box<dyn Strategy> = replay;
            replay.begin(0);
            let lore = campaign.lore.clone().with(token);
            let (ended, replay, lore) = execute(&campaign.program, replay, lore);
            (ended, replay.missed(), lore)
        })
    }

    /// What to type to see it again.
    fn command(&self, token: &Token) -> String {
        let test = &self.program.test;
        if let Some(line) = environment::again(&token.to_string()) {
            return line;
        }
        let kind = environment::kind_of_execution();
        if **test == *"main" {
            return format!("{kind}UNSNARL_REPLAY={token}");
        }
        format!("{kind}UNSNARL_REPLAY={token} cargo test -- --exact {test}")
    }

    fn finish(mut self) -> Exploration {
        let test = self.program.test.to_string();
        let mut exploration = Exploration::new(test, &self.statistics, self.start.elapsed());
        exploration.cut = self.cut;
        exploration.first_finding_at = self.first_finding_at;
        exploration.exhausted =
            self.exhausted && !self.overran && !self.is_unsteady && self.first_finding_at.is_none();
        exploration.obstacle = self.obstacle.take();
        let happened: Vec<Finding> = self
            .found
            .iter()
            .map(|found| found.finding.clone())
            .collect();
        self.found
            .retain(|found| !has_happened(&found.finding, &happened));
        self.found
            .sort_by_key(|found| found.finding.certainty == Certainty::Potential);
        for Found {
            mut finding,
            failure,
        } in self.found
        {
            if could_happen(&finding) {
                conclude(&mut finding, &exploration);
            }
            let mut shown = Shown::of(&finding);
            if let Some(failure) = failure {
                shown.replay = Some(failure.token.to_string());
                shown.preemptions = failure.preemptions;
            }
            exploration.add(finding, shown);
        }
        exploration
    }
}

/// Whether it is something that did not happen yet, and not something that did, of which it is not known whether it is wrong.
fn could_happen(finding: &Finding) -> bool {
    finding.certainty == Certainty::Potential && finding.slug != slug::DATA_RACE
}

/// The places at which threads would wait if something that could happen did.
fn asking(potential: &Finding) -> Vec<Site> {
    let labels = potential.labels.iter();
    let primary = labels.filter(|label| label.role == Role::Primary);
    primary.map(|label| label.site.clone()).collect()
}

/// Whether something that could happen is told already as something that did: a deadlock at the same places.
fn has_happened(potential: &Finding, happened: &[Finding]) -> bool {
    let at = |finding: &Finding| -> Vec<_> {
        finding
            .labels
            .iter()
            .map(|label| label.site.clone())
            .collect()
    };
    let places = at(potential);
    let is_same = |finding: &&Finding| {
        let others = at(finding);
        finding.certainty == Certainty::Observed
            && places.iter().all(|place| others.contains(place))
    };
    potential.certainty == Certainty::Potential && happened.iter().any(|finding| is_same(&finding))
}

/// Says of something that could happen whether it ever did.
fn conclude(finding: &mut Finding, exploration: &Exploration) {
    let distinct = exploration.distinct;
    if exploration.exhausted {
        finding.severity = Severity::Note;
        finding.notes.push(format!(
            "impossible here: all {distinct} interleavings explored"
        ));
    } else {
        let schedules = exploration.schedules;
        finding
            .notes
            .push(format!("not reached in {schedules} schedules"));
    }
}

/// Keeps what was found, and fails if there is something, or the program cannot be explored.
///
/// # Panics
///
/// With everything that was found, or with what is in the way.
pub(crate) fn report(exploration: &Exploration) {
    keep(exploration);
    exploration.fail_if_found();
    exploration.fail_if_not_explored();
}

/// Keeps what was found, and how it went, for the report of the process.
pub(super) fn keep(exploration: &Exploration) {
    exploration.found.iter().for_each(findings::keep);
    findings::keep_test(exploration.as_test());
}
