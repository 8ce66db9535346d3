//! Where the features of a manifest lead: to an engine of `unsnarl`, or only to `unsnarl` itself.

use std::collections::BTreeSet;

use cargo_metadata::{Dependency, DependencyKind, Package};

use crate::project::Project;

/// The package that does the work.
pub(crate) const UNSNARL: &str = "unsnarl";
/// Features of it each of which does what is wanted, the preferred first.
pub(crate) type Wanted = &'static [&'static str];
/// Those that turn engines on.
pub(crate) const ENGINES: Wanted = &["check", "observe"];
/// The one that puts loom's types in the place of its own.
pub(crate) const LOOM: Wanted = &["loom"];

/// The feature of the package that turns on what is wanted, the clearest of them.
pub(super) fn own_switch<'a>(
    wanted: Wanted,
    project: &'a Project,
    package: &'a Package,
) -> Option<&'a str> {
    clearest(wanted, package, |feature| {
        turns_on(wanted, project, package, feature)
    })
}

/// The feature that turns it on if something else brings `unsnarl` in.
pub(super) fn weak_switch(wanted: Wanted, package: &Package) -> Option<&str> {
    clearest(wanted, package, |feature| {
        let reach = reach(package, feature);
        has_any(package, |key| {
            wanted
                .iter()
                .any(|engine| reach.contains(format!("{key}?/{engine}").as_str()))
        })
    })
}

/// The feature that brings an optional `unsnarl` in without turning it on: code of the package may hang on it.
pub(super) fn opener(wanted: Wanted, package: &Package) -> Option<&str> {
    clearest(wanted, package, |feature| {
        let reach = reach(package, feature);
        has_any(package, |key| reach.contains(format!("dep:{key}").as_str()))
    })
}

/// All features of the package that bring `unsnarl` in, or forward to it.
pub(super) fn features_into(package: &Package) -> BTreeSet<String> {
    let leads = |feature: &&String| {
        reach(package, feature).iter().any(|value| {
            let name = value.strip_prefix("dep:").unwrap_or(value);
            let name = name.split(['?', '/']).next().unwrap_or(name);
            let is_key =
                |dependency: &Dependency| key(dependency) == name && name != feature.as_str();
            tested(package).any(|dependency| dependency.name == UNSNARL && is_key(dependency))
        })
    };
    package.features.keys().filter(leads).cloned().collect()
}

/// Whether any of the names that the manifest has for an optional `unsnarl` is so.
fn has_any(package: &Package, is_so: impl Fn(&str) -> bool) -> bool {
    tested(package)
        .filter(|dependency| dependency.name == UNSNARL && dependency.optional)
        .any(|dependency| is_so(key(dependency)))
}

/// The feature of this kind whose name says the most clearly what it is for, and that drags the least along.
fn clearest(wanted: Wanted, package: &Package, is_so: impl Fn(&str) -> bool) -> Option<&str> {
    let clear = || [UNSNARL].iter().chain(wanted);
    let clarity = |feature: &str| clear().position(|&clear| clear == feature);
    package
        .features
        .keys()
        .map(String::as_str)
        .filter(|&feature| feature != "default" && is_so(feature))
        .min_by_key(|&feature| {
            (
                clarity(feature).unwrap_or(usize::MAX),
                reach(package, feature).len(),
                feature,
            )
        })
}

/// Whether a feature, or one that it leads to, turns on what is wanted of `unsnarl`.
pub(super) fn turns_on(
    wanted: Wanted,
    project: &Project,
    package: &Package,
    feature: &str,
) -> bool {
    let mut on = BTreeSet::new();
    follow(project, package, feature, &mut on);
    has_any_of(wanted, &on)
}

/// Whether what is wanted is on with these features.
pub(super) fn has_any_of(wanted: Wanted, on: &BTreeSet<(&str, &str)>) -> bool {
    wanted.iter().any(|&engine| on.contains(&(UNSNARL, engine)))
}

/// Adds all features, of this and other local packages, that are on with this one.
///
/// Packages may lead to each other in a circle, through dev-dependencies; what is there already ends it.
pub(super) fn follow<'a>(
    project: &'a Project,
    package: &'a Package,
    feature: &'a str,
    on: &mut BTreeSet<(&'a str, &'a str)>,
) {
    if !on.insert((package.name.as_str(), feature)) {
        return;
    }
    let reach = reach(package, feature);
    for value in &reach {
        if let Some((name, feature)) = forward(package, value, &reach) {
            follow_into(project, name, feature, on);
        }
    }
}

/// The same from outside: the feature of a package of this name. Of others than local ones, nobody is asked.
pub(super) fn follow_into<'a>(
    project: &'a Project,
    name: &'a str,
    feature: &'a str,
    on: &mut BTreeSet<(&'a str, &'a str)>,
) {
    // An optional one that is off is not in the graph that cargo tells us of.
    if name == UNSNARL {
        on.insert((UNSNARL, feature));
        return;
    }
    let local = project
        .packages(name)
        .filter(|package| package.source.is_none());
    for package in local {
        follow(project, package, feature, on);
    }
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
    let mut named = tested(package).filter(|dependency| key(dependency) == name);
    let dependency = named.next()?;
    let is_optional = dependency.optional && named.all(|other| other.optional);
    let is_there = !is_weak || !is_optional || reach.contains(format!("dep:{name}").as_str());
    is_there.then_some((dependency.name.as_str(), feature))
}

/// A feature and everything that it leads to within its package.
pub(super) fn reach<'a>(package: &'a Package, feature: &'a str) -> BTreeSet<&'a str> {
    let (mut seen, mut open) = (BTreeSet::from([feature]), vec![feature]);
    while let Some(values) = open.pop().map(|feature| package.features.get(feature)) {
        let new = values.into_iter().flatten().map(String::as_str);
        open.extend(new.filter(|value| seen.insert(value)));
    }
    seen
}

/// The dependencies that are there when the package is tested.
pub(super) fn tested(package: &Package) -> impl Iterator<Item = &Dependency> {
    let is_there = |dependency: &&Dependency| dependency.kind != DependencyKind::Build;
    package.dependencies.iter().filter(is_there)
}

/// What the manifest calls a dependency.
pub(super) fn key(dependency: &Dependency) -> &str {
    dependency.rename.as_deref().unwrap_or(&dependency.name)
}

/// `name = ["dependency/feature"]`, as the manifest has to have it, with what the feature leads to already.
pub(super) fn forwarding(package: &Package, name: &str, dependency: &str, feature: &str) -> String {
    let mut dependencies = tested(package);
    let key = dependencies
        .find(|other| other.name == dependency)
        .map_or(dependency, key);
    let there = package.features.get(name).into_iter().flatten();
    let values: Vec<_> = there
        .cloned()
        .chain([format!("{key}/{feature}")])
        .map(|value| format!("{value:?}"))
        .collect();
    format!("{name} = [{}]", values.join(", "))
}
