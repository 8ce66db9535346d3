//! The platform that is built for.

use std::cell::OnceCell;

use cargo_metadata::cargo_platform::{self, Cfg};

use crate::cargo_args::CargoArgs;
use crate::cargo_config::CargoConfig;
use crate::toolchain::Toolchain;

/// The platform that is built for.
#[derive(Debug)]
pub(crate) struct Platform {
    toolchain: Toolchain,
    triple: Option<String>,
    facts: OnceCell<Vec<Cfg>>,
}

impl Platform {
    /// The one that these arguments name, or cargo's configuration, or the one we are on.
    pub(crate) fn of(toolchain: Toolchain, config: &CargoConfig, args: &CargoArgs) -> Self {
        let host = toolchain.fact("host");
        let named = args.values(&["--target"]).pop();
        let triple = named.or_else(|| configured(config, host.as_deref()));
        Self {
            toolchain,
            triple: triple.filter(|name| name != "host-tuple").or(host),
            facts: OnceCell::new(),
        }
    }

    /// The compiler.
    pub(crate) fn toolchain(&self) -> &Toolchain {
        &self.toolchain
    }

    /// Its name; nothing if the compiler does not say.
    pub(crate) fn triple(&self) -> Option<&str> {
        self.triple.as_deref()
    }

    /// Whether it is one of those that a manifest speaks of.
    pub(crate) fn matches(&self, platforms: &cargo_platform::Platform) -> bool {
        let facts = self.facts.get_or_init(|| self.ask());
        platforms.matches(self.triple().unwrap_or_default(), facts)
    }

    fn ask(&self) -> Vec<Cfg> {
        let target = self.triple().map(|triple| ["--target", triple]);
        let question: Vec<_> = ["--print", "cfg"]
            .into_iter()
            .chain(target.into_iter().flatten())
            .collect();
        let said = self.toolchain.ask(&question).unwrap_or_default();
        said.lines().filter_map(|line| line.parse().ok()).collect()
    }
}

/// Of several, the one on which the tests can be run.
fn configured(config: &CargoConfig, host: Option<&str>) -> Option<String> {
    let words = config.words("build.target");
    let here = words.iter().find(|word| Some(word.as_str()) == host);
    here.or_else(|| words.first()).cloned()
}
