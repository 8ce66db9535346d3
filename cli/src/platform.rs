//! The platform that is built for.

use std::cell::OnceCell;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::cargo_platform::{self, Cfg};

use crate::cargo_args::CargoArgs;

/// The platform that is built for.
#[derive(Debug)]
pub(crate) struct Platform {
    dir: PathBuf,
    triple: Option<String>,
    facts: OnceCell<Vec<Cfg>>,
}

impl Platform {
    /// The one that these arguments name, or the environment, or the one we are on. `dir` decides on the toolchain.
    pub(crate) fn of(dir: &Path, args: &CargoArgs) -> Self {
        let configured = || env::var("CARGO_BUILD_TARGET").ok();
        let named = args.values(&["--target"]).pop();
        Self {
            dir: dir.to_owned(),
            triple: named.or_else(configured).or_else(|| host(dir)),
            facts: OnceCell::new(),
        }
    }

    /// Its name; nothing if the compiler does not say.
    pub(crate) fn triple(&self) -> Option<&str> {
        self.triple.as_deref()
    }

    /// Whether it is one of those that a manifest speaks of.
    pub(crate) fn matches(&self, platforms: &cargo_platform::Platform) -> bool {
        let facts = self.facts.get_or_init(|| facts(&self.dir, self.triple()));
        platforms.matches(self.triple().unwrap_or_default(), facts)
    }
}

fn host(dir: &Path) -> Option<String> {
    let text = ask(dir, &["-vV"])?;
    let line = text.lines().find_map(|line| line.strip_prefix("host: "))?;
    Some(line.to_owned())
}

fn facts(dir: &Path, triple: Option<&str>) -> Vec<Cfg> {
    let target = triple.map(|triple| ["--target", triple]);
    let question: Vec<_> = ["--print", "cfg"]
        .into_iter()
        .chain(target.into_iter().flatten())
        .collect();
    let said = ask(dir, &question).unwrap_or_default();
    said.lines().filter_map(|line| line.parse().ok()).collect()
}

/// What the compiler answers.
fn ask(dir: &Path, question: &[&str]) -> Option<String> {
    let mut rustc = Command::new("rustc");
    let output = rustc.current_dir(dir).args(question).output().ok()?;
    String::from_utf8(output.stdout).ok()
}
