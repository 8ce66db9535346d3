//! What a manifest lacks before a flag can switch `unsnarl` on.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;

use cargo_metadata::{DependencyKind, Package};

use super::lead::{self, UNSNARL, Wanted};
use crate::project::Project;

/// Why no flag switches `unsnarl` on in a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// It is a local dependency, and features of a tested package do not lead there.
    Forward {
        /// The package that uses `unsnarl`.
        package: String,
        /// The tested one.
        tested: String,
        /// The feature of `unsnarl` that is wanted.
        wanted: &'static str,
        /// What to write, and in which manifest.
        lines: Vec<(String, String)>,
    },
    /// It is a dependency only for other platforms.
    Platform {
        /// The package.
        package: String,
        /// The platforms, as the manifest has them.
        platforms: Vec<String>,
    },
    /// Only its build script has the dependency.
    BuildOnly {
        /// The package.
        package: String,
    },
}

/// The local packages that stay off though these features, of packages by name, are on.
pub(super) fn find(
    wanted: Wanted,
    project: &Project,
    selected: &[&Package],
    on: &BTreeSet<(&str, &str)>,
) -> Vec<Need> {
    let mut known: BTreeSet<_> = selected.iter().map(|package| &package.id).collect();
    let ways = selected.iter().flat_map(|package| ways(project, package));
    ways.filter(|way| {
        let last = way[way.len() - 1];
        is_user(last) && !is_reached(wanted, project, last, on) && known.insert(&last.id)
    })
    .map(|way| Need::Forward {
        package: way[way.len() - 1].name.to_string(),
        tested: way[0].name.to_string(),
        wanted: wanted[0],
        lines: lines(wanted, project, &way),
    })
    .collect()
}

/// Why none of these packages has a dependency that counts, though one of them has one.
pub(super) fn reason(selected: &[&Package]) -> Option<Need> {
    selected.iter().find_map(|package| {
        let name = package.name.to_string();
        let is_ours = |kind: DependencyKind| {
            let mut dependencies = package.dependencies.iter();
            dependencies.any(|dependency| dependency.name == UNSNARL && dependency.kind == kind)
        };
        let platforms: Vec<_> = lead::tested(package)
            .filter(|dependency| dependency.name == UNSNARL)
            .filter_map(|dependency| Some(dependency.target.as_ref()?.to_string()))
            .collect();
        if !platforms.is_empty() {
            let package = name;
            return Some(Need::Platform { package, platforms });
        }
        is_ours(DependencyKind::Build).then_some(Need::BuildOnly { package: name })
    })
}

/// The shortest way from a package to each local one that it is built from, itself the first of each.
fn ways<'a>(project: &'a Project, from: &'a Package) -> Vec<Vec<&'a Package>> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::from([&from.id]));
    let mut open = VecDeque::from([vec![from]]);
    while let Some(way) = open.pop_front() {
        let last = way[way.len() - 1];
        let is_first = way.len() == 1;
        let there = lead::tested(last)
            .filter(|dependency| is_first || dependency.kind == DependencyKind::Normal)
            .filter(|dependency| project.is_built(dependency));
        for dependency in there {
            let mut packages = project.packages(&dependency.name);
            let next = packages.find(|package| package.source.is_none());
            if let Some(next) = next.filter(|next| next.name != UNSNARL && seen.insert(&next.id)) {
                let way: Vec<_> = way.iter().copied().chain([next]).collect();
                found.push(way.clone());
                open.push_back(way);
            }
        }
    }
    found
}

/// Whether the package, built for another one, has `unsnarl` as a dependency.
fn is_user(package: &Package) -> bool {
    let mut dependencies = package.dependencies.iter();
    dependencies
        .any(|dependency| dependency.name == UNSNARL && dependency.kind == DependencyKind::Normal)
}

/// Whether the package has engines: by a feature of its own, or because somebody turns them on in the `unsnarl` that it
/// has.
fn is_reached(
    wanted: Wanted,
    project: &Project,
    package: &Package,
    on: &BTreeSet<(&str, &str)>,
) -> bool {
    let own = on
        .iter()
        .filter(|(name, _)| *name == package.name.as_str())
        .map(|(_, feature)| *feature);
    let mut leads = BTreeSet::new();
    own.clone()
        .for_each(|feature| lead::follow(project, package, feature, &mut leads));
    let users = package
        .dependencies
        .iter()
        .filter(|dependency| dependency.name == UNSNARL)
        .filter(|dependency| dependency.kind == DependencyKind::Normal);
    let mut has_it = users.map(|dependency| {
        let opener = format!("dep:{}", lead::key(dependency));
        let is_opened = |feature| lead::reach(package, feature).contains(opener.as_str());
        !dependency.optional || own.clone().any(is_opened)
    });
    lead::has_any_of(wanted, &leads) || (lead::has_any_of(wanted, on) && has_it.any(|has| has))
}

/// What to write in the manifests on this way, but the first: cargo gives its dependencies' features by flags.
fn lines(wanted: Wanted, project: &Project, way: &[&Package]) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let mut next = None;
    for package in way[1..].iter().rev() {
        let target = next.unwrap_or(UNSNARL);
        if lead::own_switch(wanted, project, package).is_none() {
            let feature = match next {
                None => wanted[0],
                Some(_) => feature_of(wanted, project, way, target),
            };
            let line = lead::forwarding(package, wanted[0], target, feature);
            lines.push((manifest(project, package), line));
        }
        next = Some(package.name.as_str());
    }
    lines.reverse();
    lines
}

/// The switch that the package of this name has, or will have.
fn feature_of<'a>(
    wanted: Wanted,
    project: &'a Project,
    way: &[&'a Package],
    name: &str,
) -> &'a str {
    let package = way.iter().find(|package| package.name == name);
    let own = package.and_then(|package| lead::own_switch(wanted, project, package));
    own.unwrap_or(wanted[0])
}

/// Its place, as short as it can be.
fn manifest(project: &Project, package: &Package) -> String {
    let path = package.manifest_path.as_std_path();
    let short = path.strip_prefix(project.workspace_root()).unwrap_or(path);
    short.display().to_string()
}

impl Need {
    /// What to do about it.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::Forward { lines, .. } => {
                let lines: Vec<_> = lines
                    .iter()
                    .map(|(manifest, line)| format!("write `{line}` in `{manifest}`"))
                    .collect();
                format!("under `[features]`, {}", lines.join(", and "))
            }
            Self::Platform { package, .. } => format!(
                "write `unsnarl` under `[dependencies]` of `{package}`, or name one of those platforms with `--target`"
            ),
            Self::BuildOnly { package } => format!(
                "write `unsnarl` under `[dependencies]` or `[dev-dependencies]` of `{package}`"
            ),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forward {
                package,
                tested,
                wanted,
                ..
            } => write!(
                f,
                "`{package}` uses `unsnarl`, and no feature forwards `unsnarl/{wanted}` to it from `{tested}`"
            ),
            Self::Platform { package, platforms } => write!(
                f,
                "`{package}` depends on `unsnarl` only for other platforms: `{}`",
                platforms.join("`, `")
            ),
            Self::BuildOnly { package } => {
                write!(
                    f,
                    "only the build script of `{package}` depends on `unsnarl`"
                )
            }
        }
    }
}
