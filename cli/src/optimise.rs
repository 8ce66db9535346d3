//! The hot path is optimised in debug builds too: it is paid at every lock.

use crate::project::Project;
use crate::switch::lead::UNSNARL;

/// What a lock runs through. The rest runs once for each finding, and is not worth building twice as long for.
const HOT: [&str; 3] = ["unsnarl-lockgraph", "unsnarl-model", "rustc-hash"];

/// Their debug information would take a seventh of the whole build, and nobody steps through them.
const SETTINGS: [&str; 2] = ["opt-level=3", "debug=false"];

/// Arguments for cargo that optimise `unsnarl` and what its hot path is built from, in this profile.
///
/// Only packages that are there are named, since cargo warns of others. Release profiles are left as they are.
pub(crate) fn arguments(project: &Project, profile: &str) -> Vec<String> {
    if profile == "release" || profile == "bench" {
        return Vec::new();
    }
    // `test` inherits from `dev`, and cargo takes overrides from there.
    let profile = if profile == "test" { "dev" } else { profile };
    let hot = HOT.into_iter().filter(|name| is_used(project, name));
    std::iter::once(UNSNARL)
        .chain(hot)
        .flat_map(|name| {
            SETTINGS.map(|setting| format!("profile.{profile}.package.\"{name}\".{setting}"))
        })
        .flat_map(|config| ["--config".to_owned(), config])
        .collect()
}

/// Whether `unsnarl` is built from this package when it is switched on.
fn is_used(project: &Project, name: &str) -> bool {
    let mut dependencies = project
        .packages(UNSNARL)
        .flat_map(|package| &package.dependencies);
    dependencies.any(|dependency| dependency.name == name)
}
