//! Published crates with a bug that is known by now: a campaign, or the explorer, finds it in the crate as it was published,
//! and is silent about the version that cured it.

use std::env;
use std::path::Path;

use libtest_mimic::{Completion, Failed};
use model::report::Report;

use crate::sandbox::{self, Result};
use crate::stranger;
use crate::suite::skipped;

/// How often the version with the bug is tried, each time with another seed.
const TRIES: &str = "STRANGERS_TRIES";

/// A bug of a published crate.
#[derive(Debug)]
pub(crate) struct Known {
    /// The crate, as it is asked for: `name = { version = "VERSION", features = […] }`.
    dependency: &'static str,
    /// The version with the bug, and the one that cured it.
    versions: [&'static str; 2],
    /// Whether the version with the bug was withdrawn, so that cargo takes it only if it has taken it before.
    is_withdrawn: bool,
    /// A test that uses the crate as it may be used.
    test: &'static str,
    /// What finds it.
    way: Way,
    /// What is found: one of these.
    slugs: &'static [&'static str],
}

/// What finds a bug.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// A campaign that goes on for so long.
    Stress(&'static str),
    /// The explorer.
    Explore,
}

impl Way {
    fn arguments(self) -> Vec<&'static str> {
        match self {
            Self::Stress(time) => vec!["stress", "--time", time],
            Self::Explore => vec!["explore", "--schedules", "10000", "--time", "120s"],
        }
    }
}

/// Every one.
pub(crate) const KNOWN: &[Known] = &[
    // Amanieu/parking_lot#465: a `try_write_for` that times out wedges the lock.
    Known {
        dependency: "parking_lot = \"=VERSION\"",
        versions: ["0.12.3", "0.12.5"],
        is_withdrawn: false,
        test: include_str!("known/parking_lot.rs"),
        way: Way::Stress("10s"),
        slugs: &["hang"],
    },
    // tokio-rs/tokio#8056: a task of `spawn_blocking` is not run.
    Known {
        dependency: "tokio = { version = \"=VERSION\", features = [\"rt-multi-thread\"] }",
        versions: ["1.52.0", "1.52.1"],
        is_withdrawn: false,
        test: include_str!("known/tokio.rs"),
        way: Way::Stress("10s"),
        slugs: &["deadlock", "hang"],
    },
    // zesterer/flume#120: what was sent right before the sender was dropped is not received.
    Known {
        dependency: "flume = { version = \"=VERSION\", default-features = false, features = [\"async\"] }",
        versions: ["0.10.14", "0.11.0"],
        is_withdrawn: false,
        test: include_str!("known/flume.rs"),
        way: Way::Explore,
        slugs: &["panic"],
    },
    // RUSTSEC-2025-0024: a message that is being sent while the receiver is dropped lets a block be freed twice.
    Known {
        dependency: "crossbeam-channel = \">=VERSION, <=0.5.15\"",
        versions: ["0.5.14", "0.5.15"],
        is_withdrawn: true,
        test: include_str!("known/crossbeam_channel.rs"),
        way: Way::Explore,
        slugs: &["crash"],
    },
    // rust-lang/futures-rs#909: what is sent while the receiver is dropped stays in the channel.
    Known {
        dependency: "futures = \"=VERSION\"",
        versions: ["0.1.23", "0.1.24"],
        is_withdrawn: false,
        test: include_str!("known/futures.rs"),
        way: Way::Explore,
        slugs: &["deadlock"],
    },
];

impl Known {
    /// The name of the trial.
    pub(crate) fn id(&self) -> String {
        format!("known::{}", self.name())
    }

    fn name(&self) -> &str {
        self.dependency.split(' ').next().unwrap_or_default()
    }

    /// Finds it in one version, and nothing in the other.
    pub(crate) fn check(&self) -> std::result::Result<Completion, Failed> {
        let tries = env::var(TRIES).ok().and_then(|tries| tries.parse().ok());
        for (place, version) in self.versions.iter().enumerate() {
            let folder = self.package(version)?;
            if self.is_withdrawn
                && let Err(error) = stranger::lock(&folder, self.name(), version)
            {
                return Ok(skipped(&error));
            }
            if let Err(error) = stranger::fetch_dependencies(&folder) {
                return Ok(skipped(&error));
            }
            for seed in 0..tries.unwrap_or(1) {
                let report = self.campaign(&folder, seed)?;
                let said = format!("{} {version}, seed {seed}: {report:#?}", self.name());
                if report.has_errors() != (place == 0) || !self.is_right(&report) {
                    return Err(said.into());
                }
            }
        }
        Ok(Completion::Completed)
    }

    /// Whether each error is the one that is known, and says of several threads where they are, or how to see it again.
    fn is_right(&self, report: &Report) -> bool {
        let mut errors = report.findings.iter().filter(|finding| finding.fails());
        errors.all(|finding| {
            let is_told = match self.way {
                Way::Stress(_) => finding.steps.len() >= 2,
                Way::Explore => finding.replay.is_some(),
            };
            is_told && self.slugs.contains(&&*finding.slug)
        })
    }

    /// A package with the test, that depends on this version.
    fn package(&self, version: &str) -> Result<std::path::PathBuf> {
        let folder = sandbox::folder().join(format!("known-{}-{version}", self.name()));
        // What the explorer has found before, it would try first.
        let _ = std::fs::remove_dir_all(folder.join("unsnarl-regressions"));
        let dependency = self.dependency.replace("VERSION", version);
        let manifest = format!(
            "[package]\nname = \"known\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             [dependencies]\n{dependency}\n[workspace]\n"
        );
        stranger::write(&folder.join("Cargo.toml"), &manifest)?;
        stranger::write(&folder.join("src/lib.rs"), "")?;
        stranger::write(&folder.join("tests/it.rs"), self.test)?;
        Ok(folder)
    }

    fn campaign(&self, folder: &Path, seed: u64) -> Result<Report> {
        let mut unsnarl = sandbox::unsnarl(folder)?;
        unsnarl
            .args(self.way.arguments())
            .args([
                "--shim",
                "all",
                "--message-format",
                "json",
                "--deps",
                "error",
            ])
            .args(["--seed", &seed.to_string()])
            // Where a thread is, is told by it.
            .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
        let output = sandbox::said(&mut unsnarl)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        render::json::from_str(&text).map_err(|error| format!("no report: {error}\n{stderr}"))
    }
}
