//! How to switch `unsnarl` on: which `--features` cargo must be given.
//!
//! A package may have a feature that forwards to `unsnarl/check` (or `unsnarl/observe`), under any name, through other
//! features and through other local packages; then that feature is the switch, since code of its own may
//! hang on it. Else the dependency's feature is given directly, `unsnarl/check`, which cargo accepts for a dependency of
//! a selected package, renamed or optional.

use std::collections::BTreeSet;

use cargo_metadata::{Dependency, DependencyKind, Package, PackageId};

use crate::error::{Error, ErrorKind};
use crate::project::Project;

/// The package that does the work.
pub(crate) const UNSNARL: &str = "unsnarl";
/// Its features that turn engines on, the preferred first.
const ENGINES: [&str; 2] = ["check", "observe"];
/// Feature names that say the most clearly what they are for.
const CLEAR: [&str; 3] = ["unsnarl", "check", "observe"];

/// How one package is switched on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Switch {
    /// By a feature of its own.
    Own(String),
    /// By a feature of one of its dependencies: the dependency's name in the manifest, and the feature.
    Dependency(String, String),
}

/// The features that switch `unsnarl` on in all packages that have it.
pub(crate) fn features(project: &Project, selected: &[&Package]) -> Result<Vec<String>, Error> {
    let mut features = BTreeSet::new();
    for package in selected {
        for switch in switches(project, package) {
            features.insert(spell(project, selected, package, switch)?);
        }
    }
    if features.is_empty() {
        let packages = selected
            .iter()
            .map(|package| package.name.to_string())
            .collect();
        return Err(ErrorKind::NoDependency { packages }.into());
    }
    Ok(features.into_iter().collect())
}

/// How a package is switched on; nothing if it has no `unsnarl`.
fn switches(project: &Project, package: &Package) -> Vec<Switch> {
    if let Some(own) = own_switch(project, package) {
        return vec![Switch::Own(own.to_owned())];
    }
    let mut switches: Vec<_> = dependencies(package)
        .filter_map(|dependency| dependency_switch(project, dependency))
        .collect();
    switches.extend(opener(package).map(Switch::Own));
    switches
}

/// The feature of the package that turns engines on, the clearest of them.
fn own_switch<'a>(project: &Project, package: &'a Package) -> Option<&'a str> {
    package
        .features
        .keys()
        .map(String::as_str)
        .filter(|&feature| feature != "default" && turns_on(project, package, feature))
        .min_by_key(|&feature| (clarity(feature), reach(package, feature).len(), feature))
}

fn clarity(feature: &str) -> usize {
    let at = CLEAR.iter().position(|&clear| clear == feature);
    at.unwrap_or(CLEAR.len())
}

/// Whether a feature, or one that it leads to, turns an engine of `unsnarl` on.
fn turns_on(project: &Project, package: &Package, feature: &str) -> bool {
    leads_to_engine(project, package, feature, &mut BTreeSet::new())
}

/// Packages may lead to each other in a circle, through dev-dependencies; `seen` ends it.
fn leads_to_engine<'a>(
    project: &'a Project,
    package: &'a Package,
    feature: &'a str,
    seen: &mut BTreeSet<(&'a PackageId, &'a str)>,
) -> bool {
    if package.name == UNSNARL {
        return ENGINES.contains(&feature);
    }
    if !seen.insert((&package.id, feature)) {
        return false;
    }
    let reach = reach(package, feature);
    let forwarded = reach
        .iter()
        .filter_map(|value| forward(package, value, &reach));
    forwarded.into_iter().any(|(name, feature)| {
        let mut sources = project.packages(name);
        sources.any(|source| is_ours(source) && leads_to_engine(project, source, feature, seen))
    })
}

/// The package and the feature of it that `dependency/feature` stands for. `dependency?/feature` does only where
/// something else brings the dependency in.
fn forward<'a>(
    package: &'a Package,
    value: &'a str,
    reach: &BTreeSet<&str>,
) -> Option<(&'a str, &'a str)> {
    let (name, feature) = value.split_once('/')?;
    let (name, is_weak) = match name.strip_suffix('?') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let dependency = dependencies(package).find(|dependency| key(dependency) == name)?;
    let is_there =
        !is_weak || !dependency.optional || reach.contains(format!("dep:{name}").as_str());
    is_there.then_some((dependency.name.as_str(), feature))
}

/// A feature and everything that it leads to within its package.
fn reach<'a>(package: &'a Package, feature: &'a str) -> BTreeSet<&'a str> {
    let (mut seen, mut open) = (BTreeSet::from([feature]), vec![feature]);
    while let Some(values) = open.pop().map(|feature| package.features.get(feature)) {
        let new = values.into_iter().flatten().map(String::as_str);
        open.extend(new.filter(|value| seen.insert(value)));
    }
    seen
}

/// The feature of a dependency that turns engines on.
fn dependency_switch(project: &Project, dependency: &Dependency) -> Option<Switch> {
    let name = key(dependency);
    if dependency.name == UNSNARL {
        return Some(Switch::Dependency(
            name.to_owned(),
            engine(project).to_owned(),
        ));
    }
    let source = project
        .packages(&dependency.name)
        .find(|source| is_ours(source))?;
    let feature = own_switch(project, source)?.to_owned();
    // An optional part of the program stays out of it unless the user brings it in.
    let question = if dependency.optional { "?" } else { "" };
    Some(Switch::Dependency(format!("{name}{question}"), feature))
}

/// The engine feature that the `unsnarl` in use has.
fn engine(project: &Project) -> &'static str {
    let has = |feature: &&&str| {
        project
            .packages(UNSNARL)
            .any(|package| package.features.contains_key(**feature))
    };
    ENGINES.iter().find(has).unwrap_or(&ENGINES[0])
}

/// The feature that brings an optional `unsnarl` in without turning it on: code of the package may hang on it.
fn opener(package: &Package) -> Option<String> {
    let dependency = dependencies(package).find(|dependency| dependency.name == UNSNARL)?;
    let value = format!("dep:{}", key(dependency));
    let has = |feature: &&String| {
        *feature != "default" && reach(package, feature).contains(value.as_str())
    };
    let mut features = package.features.keys().filter(|_| dependency.optional);
    features.find(has).cloned()
}

/// The dependencies that are there when the package is tested.
fn dependencies(package: &Package) -> impl Iterator<Item = &Dependency> {
    let is_there = |dependency: &&Dependency| dependency.kind != DependencyKind::Build;
    package.dependencies.iter().filter(is_there)
}

/// What the manifest calls a dependency.
fn key(dependency: &Dependency) -> &str {
    dependency.rename.as_deref().unwrap_or(&dependency.name)
}

/// Whether somebody here can have given the package a feature for us: it is `unsnarl` or on this disk.
fn is_ours(package: &Package) -> bool {
    package.name == UNSNARL || package.source.is_none()
}

/// Spells a switch so that cargo gives it to this package and, among several, to no other one.
///
/// Since resolver 2, `package/feature` and `dependency/feature` reach every selected package. Before, everything went
/// to the current package, except `package/feature` for another one.
fn spell(
    project: &Project,
    selected: &[&Package],
    package: &Package,
    switch: Switch,
) -> Result<String, Error> {
    let is_current = project.is_current(package);
    let is_old = project.has_old_features();
    match switch {
        Switch::Own(feature) if is_current && (is_old || selected.len() == 1) => Ok(feature),
        // The question mark keeps it from bringing the package into those that have it as an optional dependency.
        Switch::Own(feature) => Ok(format!("{}?/{feature}", package.name)),
        Switch::Dependency(dependency, feature) if is_current || !is_old => {
            Ok(format!("{dependency}/{feature}"))
        }
        Switch::Dependency(..) => {
            let package = package.name.to_string();
            Err(ErrorKind::NotForwarded { package }.into())
        }
    }
}
