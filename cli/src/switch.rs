//! How to switch `unsnarl` on: which `--features` cargo must be given.
//!
//! A package may have a feature that forwards to `unsnarl/check` (or `unsnarl/observe`), under any name, through other
//! features and through other local packages; then that feature is the switch, since code of its own may
//! hang on it. Else the dependency's feature is given directly, `unsnarl/check`, which cargo accepts for a dependency of
//! a selected package, renamed or optional, together with a feature that brings an optional dependency in.
//!
//! Features that only guard code that uses `unsnarl` ([`guard`]) are turned on as far as they lead to it.
//!
//! Where no flag does it, a manifest lacks something, and [`need`] says what.

mod guard;
pub(crate) mod hidden;
pub(crate) mod lead;
pub(crate) mod need;

use std::collections::BTreeSet;

use cargo_metadata::{Dependency, Package};

use self::lead::{ENGINES, UNSNARL, Wanted};
use self::need::Need;
use crate::error::{Error, ErrorKind};
use crate::project::Project;

/// How one package is switched on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Switch {
    /// By a feature of its own.
    Own(String),
    /// By a feature of one of its dependencies: the dependency's name in the manifest, and the feature.
    Dependency(String, String),
}

/// What switches `unsnarl` on, and where it stays off.
#[derive(Debug)]
pub(crate) struct Switches {
    /// What `--features` is to be.
    pub(crate) features: Vec<String>,
    /// What manifests lack.
    pub(crate) needs: Vec<Need>,
}

/// The features that switch what is wanted of `unsnarl` on in all packages that have it.
pub(crate) fn find(
    wanted: Wanted,
    project: &Project,
    selected: &[&Package],
) -> Result<Switches, Error> {
    let switches: Vec<_> = selected
        .iter()
        .flat_map(|package| switches(wanted, project, package).map(|switch| (*package, switch)))
        .collect();
    let mut features = BTreeSet::new();
    for (package, switch) in &switches {
        features.insert(spell(project, selected, package, switch)?);
    }
    let on = all_leads(project, &switches);
    Ok(Switches {
        features: features.into_iter().collect(),
        needs: need::find(wanted, project, selected, &on),
    })
}

impl Switches {
    /// The features; without one, the reason why there is none.
    pub(crate) fn features(self, selected: &[&Package]) -> Result<Vec<String>, Error> {
        if !self.features.is_empty() {
            return Ok(self.features);
        }
        let packages = selected
            .iter()
            .map(|package| package.name.to_string())
            .collect();
        let need = self.needs.into_iter().next();
        Err(match need.or_else(|| need::reason(selected)) {
            Some(need) => ErrorKind::Lacks { need }.into(),
            None => ErrorKind::NoDependency { packages }.into(),
        })
    }
}

/// How a package is switched on; nothing if it has no `unsnarl`.
fn switches(wanted: Wanted, project: &Project, package: &Package) -> impl Iterator<Item = Switch> {
    let mut switches = Vec::new();
    if let Some(own) = lead::own_switch(wanted, project, package) {
        switches.push(Switch::Own(own.to_owned()));
    } else {
        let there = lead::tested(package).filter(|dependency| project.is_built(dependency));
        switches
            .extend(there.flat_map(|dependency| dependency_switches(wanted, project, dependency)));
        if !switches.is_empty() {
            let meant = [
                lead::weak_switch(wanted, package),
                lead::opener(wanted, package),
            ];
            let meant = meant.into_iter().flatten().map(str::to_owned);
            switches.extend(meant.map(Switch::Own));
        }
    }
    if !switches.is_empty() {
        switches.extend(guards(wanted, project, package).map(Switch::Own));
    }
    switches.into_iter()
}

/// The features that code of the package that uses `unsnarl` hangs on, and that lead to it.
fn guards(wanted: Wanted, project: &Project, package: &Package) -> impl Iterator<Item = String> {
    let is_ours = lead::features_into(package);
    let guards = (!is_ours.is_empty()).then(|| guard::find(package));
    let features = guards.into_iter().flatten().map(|(feature, _)| feature);
    // What turns engines on is not for loom, which they keep out.
    let is_meant = move |feature: &str| {
        wanted == ENGINES || !lead::turns_on(ENGINES, project, package, feature)
    };
    features.filter(move |feature| {
        feature != "default" && is_ours.contains(feature) && is_meant(feature)
    })
}

/// The features of a dependency that turn engines on.
fn dependency_switches(wanted: Wanted, project: &Project, dependency: &Dependency) -> Vec<Switch> {
    let name = lead::key(dependency);
    if dependency.name == UNSNARL {
        let feature = feature(wanted, project).to_owned();
        return vec![Switch::Dependency(name.to_owned(), feature)];
    }
    let Some(source) = local(project, dependency) else {
        return Vec::new();
    };
    // An optional part of the program stays out of it unless the user brings it in.
    let question = if dependency.optional { "?" } else { "" };
    // What only brings `unsnarl` in is of use where something else turns it on.
    let feature =
        lead::own_switch(wanted, project, source).or_else(|| lead::opener(wanted, source));
    feature
        .map(|feature| Switch::Dependency(format!("{name}{question}"), feature.to_owned()))
        .into_iter()
        .collect()
}

/// The package on this disk that a dependency stands for.
fn local<'a>(project: &'a Project, dependency: &'a Dependency) -> Option<&'a Package> {
    let mut packages = project.packages(&dependency.name);
    packages.find(|package| package.source.is_none())
}

/// The feature among those wanted that the `unsnarl` in use has.
fn feature(wanted: Wanted, project: &Project) -> &'static str {
    let has = |feature: &&&str| {
        project
            .packages(UNSNARL)
            .any(|package| package.features.contains_key(**feature))
    };
    wanted.iter().find(has).unwrap_or(&wanted[0])
}

/// All features that are on with these.
fn all_leads<'a>(
    project: &'a Project,
    switches: &'a [(&'a Package, Switch)],
) -> BTreeSet<(&'a str, &'a str)> {
    let mut on = BTreeSet::new();
    for (package, switch) in switches {
        match switch {
            Switch::Own(feature) => lead::follow(project, package, feature, &mut on),
            Switch::Dependency(name, feature) => {
                let name = name.trim_end_matches('?');
                let mut dependencies = lead::tested(package);
                let dependency = dependencies.find(|dependency| lead::key(dependency) == name);
                if let Some(dependency) = dependency {
                    lead::follow_into(project, &dependency.name, feature, &mut on);
                }
            }
        }
    }
    on
}

/// Spells a switch so that cargo gives it to this package and, among several, to no other one.
///
/// Since resolver 2, `package/feature` and `dependency/feature` reach every selected package. Before, everything went
/// to the current package, except `package/feature` for another one.
fn spell(
    project: &Project,
    selected: &[&Package],
    package: &Package,
    switch: &Switch,
) -> Result<String, Error> {
    let is_current = project.is_current(package);
    let is_old = project.has_old_features();
    match switch {
        Switch::Own(feature) if is_current && (is_old || selected.len() == 1) => {
            Ok(feature.clone())
        }
        // The question mark keeps it from bringing the package into those that have it as an optional dependency.
        Switch::Own(feature) => Ok(format!("{}?/{feature}", package.name)),
        Switch::Dependency(dependency, feature) if is_current || !is_old => {
            Ok(format!("{dependency}/{feature}"))
        }
        Switch::Dependency(..) => {
            let package = package.name.to_string();
            Err(ErrorKind::OldResolver { package }.into())
        }
    }
}
