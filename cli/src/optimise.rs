//! Our own crates are optimised in debug builds too: their cost is paid at every lock.

use std::collections::BTreeSet;

use crate::project::Project;
use crate::switch::UNSNARL;

/// Arguments for cargo that optimise `unsnarl` and what it is built from, in this profile.
///
/// Only packages that are there are named, since cargo warns of others. Release profiles are left as they are.
pub(crate) fn arguments(project: &Project, profile: &str) -> Vec<String> {
    if profile == "release" || profile == "bench" {
        return Vec::new();
    }
    // `test` inherits from `dev`, and cargo takes overrides from there.
    let profile = if profile == "test" { "dev" } else { profile };
    let names: BTreeSet<&str> = project
        .packages(UNSNARL)
        .flat_map(|package| project.closure(&package.id))
        .collect();
    names
        .into_iter()
        .flat_map(|name| {
            [
                "--config".to_owned(),
                format!("profile.{profile}.package.\"{name}\".opt-level=3"),
            ]
        })
        .collect()
}
