//! Which plan is most likely to show a finding again: not the one that showed it first, but one of the policy under which
//! it shows most often.

use std::collections::BTreeMap;

use crate::plan::Plan;
use crate::rate::Rate;

/// What the runs of a campaign say of that.
#[derive(Clone, Debug, Default)]
pub struct Replays {
    /// How many runs a test had under a policy.
    runs: BTreeMap<(usize, &'static str), u64>,
    found: BTreeMap<String, Found>,
}

#[derive(Clone, Debug)]
struct Found {
    subject: usize,
    /// For each policy how often it was found, and a plan that did.
    hits: BTreeMap<&'static str, (u64, Plan)>,
    without_faults: bool,
}

impl Replays {
    /// Takes in a run of a test, and the fingerprints of what was found in it.
    pub fn add<'a>(
        &mut self,
        subject: usize,
        plan: Plan,
        found: impl IntoIterator<Item = &'a str>,
    ) {
        let policy = plan.policy.name;
        *self.runs.entry((subject, policy)).or_default() += 1;
        for fingerprint in found {
            let found = self
                .found
                .entry(fingerprint.to_owned())
                .or_insert_with(|| Found {
                    subject,
                    hits: BTreeMap::new(),
                    without_faults: false,
                });
            found.without_faults |= !plan.faults;
            if found.subject == subject {
                found.hits.entry(policy).or_insert((0, plan)).0 += 1;
            }
        }
    }

    /// Whether only runs with faults have shown a finding.
    #[must_use]
    pub fn needs_faults(&self, fingerprint: &str) -> bool {
        let found = self.found.get(fingerprint);
        found.is_some_and(|found| !found.without_faults)
    }

    /// The test and the plan that show a finding best: of the policy whose rate is, with some certainty, the highest.
    #[must_use]
    pub fn best(&self, fingerprint: &str) -> Option<(usize, Plan)> {
        let found = self.found.get(fingerprint)?;
        let low = |policy: &'static str, hits: u64| {
            let runs = self
                .runs
                .get(&(found.subject, policy))
                .copied()
                .unwrap_or(hits);
            Rate { hits, runs }.interval().0
        };
        let rated = found
            .hits
            .iter()
            .map(|(policy, &(hits, plan))| (low(policy, hits), plan));
        let best = rated.max_by(|(a, _), (b, _)| a.total_cmp(b));
        best.map(|(_, plan)| (found.subject, plan))
    }
}

#[cfg(test)]
mod tests {
    use super::Replays;
    use crate::plan::Plan;

    fn plan(word: &str) -> Plan {
        word.parse().unwrap()
    }

    #[test]
    fn the_policy_that_shows_it_most_often_is_replayed() {
        let mut replays = Replays::default();
        replays.add(0, plan("delays:1"), ["x"]);
        for seed in 0..10 {
            let hit = (seed % 2 == 0).then_some("x");
            replays.add(0, plan(&format!("shuffle:{seed}")), hit);
            replays.add(0, plan(&format!("delays:{}", seed + 2)), None);
        }
        assert_eq!(replays.best("x"), Some((0, plan("shuffle:0"))));
        assert_eq!(replays.best("y"), None);
        assert!(!replays.needs_faults("x"));
        replays.add(0, plan("sleeps:1+faults"), ["y"]);
        assert!(replays.needs_faults("y"));
    }
}
