//! Code that uses `unsnarl` but hangs on a feature that is off.

use std::collections::BTreeSet;

use cargo_metadata::Package;

use super::guard::{self, Place};
use super::lead;
use crate::cargo_args::CargoArgs;
use crate::project::Project;
use crate::selection;

/// Code that uses `unsnarl` but hangs on a feature that is off, because nothing says that it is meant.
#[derive(Debug)]
pub(crate) struct Hidden {
    /// The package.
    pub(crate) package: String,
    /// The feature.
    pub(crate) feature: String,
    /// The first place that shows it, with its path from the workspace's root.
    pub(crate) place: String,
    /// The line under `[features]` that would forward it.
    pub(crate) line: String,
}

/// The first such code of the selected packages.
pub(crate) fn find(project: &Project, args: &CargoArgs) -> Option<Hidden> {
    let selected = selection::select(project, args).ok()?;
    selected.into_iter().find_map(|package| {
        let asked = asked(package, args);
        let into = lead::features_into(package);
        let is_off = |feature: &str| !asked.contains(feature) && !into.contains(feature);
        let guards = guard::find(package).into_iter();
        let (feature, place) = guards.into_iter().find(|(feature, _)| is_off(feature))?;
        Some(Hidden {
            line: lead::forwarding(package, &feature, lead::UNSNARL, lead::ENGINES[0]),
            place: shown(project, &place),
            package: package.name.to_string(),
            feature,
        })
    })
}

/// The features of a package that these arguments, or its manifest, turn on.
fn asked<'a>(package: &'a Package, args: &CargoArgs) -> BTreeSet<&'a str> {
    let all = args.has(&["--all-features"]);
    let default = !args.has(&["--no-default-features"]);
    let named: BTreeSet<String> = args
        .values(&["--features", "-F"])
        .iter()
        .flat_map(|value| value.split([',', ' ']))
        .map(|feature| feature.rsplit('/').next().unwrap_or(feature).to_owned())
        .collect();
    let is_on = |feature: &&String| {
        all || named.contains(*feature) || (default && feature.as_str() == "default")
    };
    let on = package.features.keys().filter(is_on);
    on.flat_map(|feature| lead::reach(package, feature))
        .collect()
}

fn shown(project: &Project, place: &Place) -> String {
    let file = place.file.strip_prefix(project.workspace_root());
    let file = file.unwrap_or(&place.file);
    format!("{}:{}", file.display(), place.line)
}
