//! What an exploration has seen and found.

#[cfg(any(feature = "explore", all(feature = "loom", not(feature = "observe"))))]
pub(crate) mod reported;

use std::fmt;
use std::time::Duration;

/// The result of [`Explorer::run`](crate::Explorer::run).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exploration {
    /// How many executions there were, those that look closer at a finding not counted.
    pub schedules: usize,
    /// How many of them differ in the order of what matters.
    pub distinct: usize,
    /// How many of them were cut off because they took too many steps: what would have followed is not explored.
    pub cut: usize,
    /// The how-manieth schedule showed the first finding, from 1.
    pub first_finding_at: Option<usize>,
    /// Whether every interleaving was seen that differs in the order of what matters. Timeouts count as coming when
    /// nothing else can happen, and what happens for no reason does so at most once to each thread. An execution that went
    /// on for more than `max_steps` leaves something unseen.
    pub exhausted: bool,
    /// The chance that one more schedule shows something new, from 0 to 1, as far as the schedules so far tell.
    pub estimate: f64,
    /// How long it took.
    pub wall: Duration,
    /// Why the program could not be explored, if it could not.
    pub obstacle: Option<String>,
    /// What was found.
    pub report: Report,
    #[cfg(any(feature = "explore", all(feature = "loom", not(feature = "observe"))))]
    test: String,
    #[cfg(any(feature = "explore", all(feature = "loom", not(feature = "observe"))))]
    pub(crate) found: Vec<model::finding::Finding>,
}

/// What an exploration has found. Shown as text, it is all of it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// What happened comes before what could have.
    pub findings: Vec<Shown>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut texts = self.findings.iter().map(|shown| &shown.text);
        texts.try_for_each(|text| writeln!(f, "{text}"))
    }
}

/// Something that was found, for a person to read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Shown {
    /// The kind of bug: `deadlock`, `panic`, `livelock`, `lock-order-cycle`, …
    pub slug: String,
    /// What is wrong, in one line.
    pub message: String,
    /// Whether it is a bug; otherwise it is only worth knowing.
    pub is_error: bool,
    /// Whether it happened in one of the schedules.
    pub is_observed: bool,
    /// The token that makes it happen again, for [`Explorer::replay`](crate::Explorer::replay) or `UNSNARL_REPLAY`.
    pub replay: Option<String>,
    /// How often a thread that could have gone on did not, in the schedule that the token stands for.
    pub preemptions: usize,
    /// All of it, with the source and the schedule.
    pub text: String,
}

impl Exploration {
    /// What was found; what happened comes before what could have.
    #[must_use]
    pub fn findings(&self) -> &[Shown] {
        &self.report.findings
    }

    #[cfg(not(any(feature = "explore", all(feature = "loom", not(feature = "observe")))))]
    pub(crate) fn of_one_run(wall: Duration) -> Self {
        Self {
            schedules: 1,
            distinct: 1,
            cut: 0,
            first_finding_at: None,
            exhausted: false,
            estimate: 1.0,
            wall,
            obstacle: None,
            report: Report::default(),
        }
    }

    /// One of a program that loom runs, before it begins.
    #[cfg(all(feature = "loom", not(feature = "observe")))]
    pub(crate) fn of_model(test: &str) -> Self {
        Self {
            schedules: 0,
            distinct: 0,
            cut: 0,
            first_finding_at: None,
            exhausted: false,
            estimate: 1.0,
            wall: Duration::ZERO,
            obstacle: None,
            report: Report::default(),
            test: test.to_owned(),
            found: Vec::new(),
        }
    }

    #[cfg(feature = "explore")]
    pub(crate) fn new(
        test: String,
        statistics: &explore::statistics::Statistics,
        wall: Duration,
    ) -> Self {
        Self {
            schedules: statistics.schedules(),
            distinct: statistics.distinct(),
            cut: 0,
            first_finding_at: None,
            exhausted: false,
            estimate: statistics.estimate(),
            wall,
            obstacle: None,
            report: Report::default(),
            test,
            found: Vec::new(),
        }
    }
}

/// How much was explored, in one line.
impl fmt::Display for Exploration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(obstacle) = &self.obstacle {
            return write!(f, "not explorable: {obstacle}");
        }
        let Self {
            schedules,
            distinct,
            ..
        } = self;
        if self.exhausted {
            return write!(
                f,
                "all {distinct} interleavings explored, in {schedules} schedules"
            );
        }
        write!(f, "{schedules} schedules, {distinct} of them different")?;
        write!(
            f,
            "; the next one shows something new with a chance of {:.0} %",
            self.estimate * 100.0
        )?;
        match self.cut {
            0 => Ok(()),
            cut => write!(f, "; {cut} were cut off: too many steps"),
        }
    }
}
