//! What has been told already, so that one mistake in the source is told once.

use crate::order::chain::Sign;

/// How many findings are told in all; beyond this nobody reads.
const FINDINGS: usize = 256;

/// The findings told, by the signs of their steps.
#[derive(Debug, Default)]
pub(crate) struct Told {
    findings: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Sorted and without doubles.
    signs: Vec<Sign>,
    fingerprint: String,
    repeats: u64,
}

impl Told {
    /// Whether a ring with these signs is news. One whose steps include all steps of a ring told before is not: it goes
    /// away, or shows again, when that one is cured.
    pub(crate) fn is_news(&mut self, signs: &[Sign]) -> bool {
        let signs = normal(signs);
        for entry in &mut self.findings {
            if entry.signs == signs {
                entry.repeats += 1;
                return false;
            }
        }
        let is_known = |entry: &Entry| entry.signs.iter().all(|sign| signs.contains(sign));
        self.findings.len() < FINDINGS && !self.findings.iter().any(is_known)
    }

    /// Remembers a finding.
    pub(crate) fn add(&mut self, signs: &[Sign], fingerprint: &str) {
        self.findings.push(Entry {
            signs: normal(signs),
            fingerprint: fingerprint.to_owned(),
            repeats: 0,
        });
    }

    /// How often the finding of this fingerprint was found again.
    pub(crate) fn repeats(&self, fingerprint: &str) -> u64 {
        let entries = self.findings.iter();
        entries
            .filter(|entry| entry.fingerprint == fingerprint)
            .map(|entry| entry.repeats)
            .sum()
    }

    /// Whether a cycle of exactly these steps was told.
    pub(crate) fn has(&self, signs: &[Sign]) -> bool {
        let signs = normal(signs);
        self.findings.iter().any(|entry| entry.signs == signs)
    }
}

fn normal(signs: &[Sign]) -> Vec<Sign> {
    let mut signs = signs.to_vec();
    signs.sort_unstable();
    signs.dedup();
    signs
}
