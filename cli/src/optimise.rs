//! The hot path is optimised in debug builds too: it is paid at every lock.

use crate::project::Project;
use crate::switch::lead::{LOOM, UNSNARL, Wanted};

/// What a lock runs through, each with how much it is optimised. The hot functions of the lock graph and of the model are
/// inlined into `unsnarl`; what is left of them runs when an order is new, and takes twice as long to build at level 3.
/// The rest runs once for each finding, and is not worth building longer for.
const HOT: [(&str, u8); 3] = [
    ("unsnarl-lockgraph", 1),
    ("unsnarl-model", 1),
    ("rustc-hash", 3),
];

/// What an operation runs through where loom takes it.
const HOT_IN_LOOM: [(&str, u8); 2] = [("loom", 3), ("generator", 3)];

/// Arguments for cargo that optimise `unsnarl` and what its hot path is built from, in this profile.
///
/// Only packages that are there are named, since cargo warns of others. Release profiles are left as they are.
pub(crate) fn arguments(wanted: Wanted, project: &Project, profile: &str) -> Vec<String> {
    if profile == "release" || profile == "bench" {
        return Vec::new();
    }
    // `test` inherits from `dev`, and cargo takes overrides from there.
    let profile = if profile == "test" { "dev" } else { profile };
    let hot = HOT.into_iter().filter(|(name, _)| is_used(project, name));
    let hot_in_loom = HOT_IN_LOOM.into_iter().filter(|_| wanted == LOOM);
    std::iter::once((UNSNARL, 3))
        .chain(hot)
        .chain(hot_in_loom)
        .flat_map(|(name, level)| {
            // Their debug information would take a seventh of the whole build, and nobody steps through them; a tenth goes
            // into the many units that cargo asks for where it builds incrementally.
            let settings = [
                format!("opt-level={level}"),
                "debug=false".to_owned(),
                "codegen-units=8".to_owned(),
            ];
            settings.map(|setting| format!("profile.{profile}.package.\"{name}\".{setting}"))
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
