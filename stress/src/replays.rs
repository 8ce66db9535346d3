//! Which plan is most likely to show a finding again: not the one that showed it first, but one of the policy under which
//! it shows most often.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Whether a run without faults has shown it.
    without_faults: bool,
    /// The faults that struck in every run that showed it.
    faults: BTreeSet<String>,
}

impl Replays {
    /// Takes in a run of a test, the fingerprints of what was found in it, and the faults that have struck.
    pub fn add<'a>(
        &mut self,
        subject: usize,
        plan: Plan,
        found: impl IntoIterator<Item = &'a str>,
        struck: &BTreeSet<String>,
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
                    faults: struck.clone(),
                });
            found.without_faults |= !plan.faults;
            found.faults.retain(|fault| struck.contains(fault));
            if found.subject == subject {
                found.hits.entry(policy).or_insert((0, plan)).0 += 1;
            }
        }
    }

    /// What is to be said of a finding that only runs with faults have shown.
    #[must_use]
    pub fn needs(&self, fingerprint: &str) -> Option<String> {
        let found = self.found.get(fingerprint)?;
        if found.without_faults {
            return None;
        }
        let faults: Vec<&str> = found.faults.iter().map(String::as_str).collect();
        let which = match faults[..] {
            [] => "such as the standard library allows".to_owned(),
            _ => format!("each of which had {}", faults.join(", and ")),
        };
        Some(format!("seen only in runs with faults, {which}"))
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
    use std::collections::BTreeSet;

    use super::Replays;
    use crate::plan::Plan;

    fn plan(word: &str) -> Plan {
        word.parse().unwrap()
    }

    fn faults(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn the_policy_that_shows_it_most_often_is_replayed() {
        let (mut replays, none) = (Replays::default(), faults(&[]));
        replays.add(0, plan("delays:1"), ["x"], &none);
        for seed in 0..10 {
            let hit = (seed % 2 == 0).then_some("x");
            replays.add(0, plan(&format!("shuffle:{seed}")), hit, &none);
            replays.add(0, plan(&format!("delays:{}", seed + 2)), None, &none);
        }
        assert_eq!(replays.best("x"), Some((0, plan("shuffle:0"))));
        assert_eq!(replays.best("y"), None);
    }

    #[test]
    fn the_faults_that_were_always_there_are_named() {
        let mut replays = Replays::default();
        let with = plan("sleeps:1+faults");
        replays.add(0, with, ["x"], &faults(&["a", "b"]));
        replays.add(0, with, ["x"], &faults(&["b", "c"]));
        let needs = replays.needs("x").unwrap();
        assert!(needs.ends_with("had b"), "{needs}");
        replays.add(0, with, ["x"], &faults(&["a"]));
        assert!(replays.needs("x").unwrap().contains("allows"));
        replays.add(0, plan("sleeps:1"), ["x"], &faults(&[]));
        assert_eq!(replays.needs("x"), None);
    }
}
