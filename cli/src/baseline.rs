//! `.config/unsnarl-baseline.toml`: findings that a project knows and accepts, each with a reason.
//!
//! ```toml
//! [[accept]]
//! fingerprint = "lock-order-cycle-5a691c4241445cab"
//! reason = "both paths run before the first thread starts"
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use model::finding::Finding;
use model::report::Report;
use serde::Deserialize;

use crate::error::{Error, ErrorKind};
use crate::shell::Shell;

/// What is accepted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Baseline {
    #[serde(skip)]
    path: PathBuf,
    #[serde(default)]
    accept: Vec<Accepted>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    fingerprint: String,
    reason: String,
}

impl Baseline {
    /// Reads the baseline of the workspace; none accepts nothing.
    pub(crate) fn read(workspace_root: &Path) -> Result<Self, Error> {
        let path = workspace_root.join(".config/unsnarl-baseline.toml");
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(path, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Error::read(&path)(error)),
        }
    }

    fn parse(path: PathBuf, text: &str) -> Result<Self, Error> {
        let refused = |source| ErrorKind::Baseline {
            path: path.clone(),
            source,
        };
        let mut baseline: Self = toml::from_str(text).map_err(|error| refused(Box::new(error)))?;
        let mut accepted = baseline.accept.iter();
        if let Some(bare) = accepted.find(|one| one.reason.trim().is_empty()) {
            let said = format!("`{}` has no reason", bare.fingerprint);
            return Err(refused(said.into()).into());
        }
        baseline.path = path;
        Ok(baseline)
    }

    /// Whether it accepts a finding.
    pub(crate) fn has(&self, finding: &Finding) -> bool {
        let mut accepted = self.accept.iter();
        accepted.any(|one| one.fingerprint == finding.fingerprint)
    }

    /// Marks the findings that are accepted. Returns the fingerprints that no finding has.
    pub(crate) fn accept(&self, report: &mut Report) -> Vec<&str> {
        let mut stale = Vec::new();
        for accepted in &self.accept {
            let mut findings = report.findings.iter_mut();
            match findings.find(|finding| finding.fingerprint == accepted.fingerprint) {
                Some(finding) => finding.accepted = Some(accepted.reason.clone()),
                None => stale.push(accepted.fingerprint.as_str()),
            }
        }
        stale
    }

    /// Says which entries a run of all tests has not shown.
    pub(crate) fn warn_of_stale(&self, stale: &[&str], shell: Shell) {
        for fingerprint in stale {
            shell.warn(format_args!(
                "`{}` accepts `{fingerprint}`, which was not found: remove the entry if it is cured",
                self.path.display()
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use model::finding::{Certainty, Finding};
    use model::report::Report;

    use super::Baseline;

    fn baseline(text: &str) -> Result<Baseline, String> {
        Baseline::parse(PathBuf::from("b.toml"), text).map_err(|error| error.full())
    }

    #[test]
    fn accepted_findings_fail_nothing_and_stale_entries_are_known() {
        let mut report = Report::new();
        let mut finding = Finding::new("deadlock", Certainty::Observed, "");
        finding.fingerprint = "deadlock-1".into();
        report.findings = vec![finding];
        let text = "[[accept]]\nfingerprint = 'deadlock-1'\nreason = 'known'\n\
                    [[accept]]\nfingerprint = 'deadlock-2'\nreason = 'was known'";
        assert!(report.has_errors());
        assert_eq!(baseline(text).unwrap().accept(&mut report), ["deadlock-2"]);
        assert!(!report.has_errors());
    }

    #[test]
    fn a_reason_is_needed() {
        let bare = baseline("[[accept]]\nfingerprint = 'x'\nreason = ' '");
        assert!(bare.unwrap_err().contains("`x` has no reason"));
        assert!(baseline("[[accept]]\nfingerprint = 'x'").is_err());
        assert!(baseline("[[acept]]").is_err());
    }
}
