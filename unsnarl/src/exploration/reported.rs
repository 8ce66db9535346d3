//! Explorations in reports, and in the failure of a test.

use model::finding::{Certainty, Finding, Severity};
use model::report::{Explored, Test};
use render::options::Colour;

use super::{Exploration, Shown};
use crate::rendered::{named, text};

impl Shown {
    /// A finding with the names that the source tells.
    pub(crate) fn of(finding: &Finding) -> Self {
        let named = named(finding);
        Self {
            slug: finding.slug.clone(),
            message: named.fill(&named.message),
            is_error: finding.severity == Severity::Error,
            is_observed: finding.certainty == Certainty::Observed,
            replay: None,
            preemptions: 0,
            text: text(&named, Colour::Plain),
        }
    }
}

impl Exploration {
    /// Adds something that was found.
    pub(crate) fn add(&mut self, finding: Finding, shown: Shown) {
        self.report.findings.push(shown);
        self.found.push(finding);
    }

    /// How it went, as reports say it.
    pub(crate) fn as_test(&self) -> Test {
        let mut explored = Explored::default();
        explored.distinct = count(self.distinct);
        explored.cut = count(self.cut);
        explored.exhausted = self.exhausted;
        explored.new_in_1000 = (self.estimate * 1000.0).round() as u64;
        explored.obstacle.clone_from(&self.obstacle);
        let mut test = Test::new("", &*self.test);
        test.runs = count(self.schedules);
        test.first_hit = self.first_finding_at.map(count);
        test.hits = u64::from(test.first_hit.is_some());
        test.millis = u64::try_from(self.wall.as_millis()).unwrap_or(u64::MAX);
        test.explored = Some(explored);
        test
    }

    /// Fails if something was found.
    ///
    /// # Panics
    ///
    /// With everything that was found.
    pub(crate) fn fail_if_found(&self) {
        if self.report.findings.iter().any(|shown| shown.is_error) {
            panic!("unsnarl:\n{}{self}", self.report);
        }
    }

    /// Fails if the program could not be explored.
    ///
    /// # Panics
    ///
    /// With what was in the way.
    pub(crate) fn fail_if_not_explored(&self) {
        if let Some(obstacle) = &self.obstacle {
            panic!("unsnarl: not explorable: {obstacle}");
        }
    }
}

/// What reports say of a test that could not be explored.
#[cfg(feature = "explore")]
pub(crate) fn not_explorable(test: &str, obstacle: &str) -> Test {
    let mut explored = Explored::default();
    explored.obstacle = Some(obstacle.to_owned());
    let mut test = Test::new("", test);
    test.explored = Some(explored);
    test
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
