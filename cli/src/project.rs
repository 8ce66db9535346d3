//! The cargo project that is tested: what `cargo metadata` says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{
    DepKindInfo, Dependency, DependencyKind, Edition, Metadata, MetadataCommand, Package,
    PackageId, TargetKind,
};

use crate::cargo_args::{CargoArgs, cargo};
use crate::cargo_config::CargoConfig;
use crate::error::{Error, ErrorKind};
use crate::platform::Platform;
use crate::shell::Shell;
use crate::shim::next;
use crate::toolchain::Toolchain;

/// A cargo project, seen from a folder in it.
#[derive(Debug)]
pub(crate) struct Project {
    metadata: Metadata,
    target_dir: PathBuf,
    config: CargoConfig,
    platform: Platform,
}

impl Project {
    /// Reads the project around a folder, with all it is built from.
    ///
    /// Cargo may have to download for it, and says so on stderr.
    pub(crate) fn read(dir: &Path, args: &CargoArgs, shell: Shell) -> Result<Self, Error> {
        let mut options = args.resolving();
        // Without it, cargo would want the dependencies of every platform there is.
        let (config, platform) = surroundings(dir, args);
        let triple = platform.triple().into_iter();
        options.extend(triple.flat_map(|triple| ["--filter-platform".into(), triple.into()]));
        options.extend(shell.is_quiet().then(|| "--quiet".to_owned()));
        let mut command = command(dir, args);
        command.other_options(options.clone());
        // Features are those of the packages that are tested, and cargo may not find them in all that there are.
        let features = args.features();
        if !features.is_empty() {
            let mut with_features = command.clone();
            with_features.other_options(options.into_iter().chain(features).collect::<Vec<_>>());
            if let Ok(metadata) = with_features.exec() {
                return Ok(Self::new(metadata, dir, args, config, platform));
            }
        }
        Self::run(command.verbose(true), dir, args, config, platform)
    }

    /// Reads only what the project itself says, which needs no network and no registry.
    pub(crate) fn read_members(dir: &Path, args: &CargoArgs) -> Result<Self, Error> {
        let (config, platform) = surroundings(dir, args);
        Self::run(command(dir, args).no_deps(), dir, args, config, platform)
    }

    fn run(
        command: &MetadataCommand,
        dir: &Path,
        args: &CargoArgs,
        config: CargoConfig,
        platform: Platform,
    ) -> Result<Self, Error> {
        let metadata = command.exec().map_err(refused)?;
        Ok(Self::new(metadata, dir, args, config, platform))
    }

    fn new(
        metadata: Metadata,
        dir: &Path,
        args: &CargoArgs,
        config: CargoConfig,
        platform: Platform,
    ) -> Self {
        let target_dir = match args.target_dir() {
            Some(named) => dir.join(named),
            None => metadata.target_directory.clone().into(),
        };
        Self {
            metadata,
            target_dir,
            config,
            platform,
        }
    }

    /// The folder that sites of workspace members are relative to.
    pub(crate) fn workspace_root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// Where cargo builds.
    pub(crate) fn target_dir(&self) -> &Path {
        &self.target_dir
    }

    /// A workspace member of this name.
    pub(crate) fn member(&self, name: &str) -> Option<&Package> {
        self.members()
            .into_iter()
            .find(|package| package.name == name)
    }

    /// All workspace members.
    pub(crate) fn members(&self) -> Vec<&Package> {
        self.metadata.workspace_packages()
    }

    /// The folders of all workspace members.
    pub(crate) fn member_folders(&self) -> impl Iterator<Item = PathBuf> {
        let folders = self.members().into_iter();
        folders.filter_map(|package| Some(package.manifest_path.parent()?.into()))
    }

    /// The members that cargo takes when none is named.
    pub(crate) fn default_members(&self) -> Vec<&Package> {
        self.metadata.workspace_default_packages()
    }

    /// All packages of this name.
    pub(crate) fn packages<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Package> {
        self.metadata
            .packages
            .iter()
            .filter(move |package| package.name == name)
    }

    /// All packages of the graph.
    pub(crate) fn all_packages(&self) -> impl Iterator<Item = &Package> {
        self.metadata.packages.iter()
    }

    /// All packages that one is built from, itself not among them.
    pub(crate) fn built_from(&self, package: &Package) -> Vec<&Package> {
        let below = self.below(&[package]);
        self.all_packages()
            .filter(|other| other.id != package.id && below.contains(&other.id))
            .collect()
    }

    /// All packages that the tests of these are built from: not those that only run while building, but the procedural
    /// macros among them.
    pub(crate) fn of_program(&self, tested: &[&Package]) -> Vec<&Package> {
        let nodes = self
            .metadata
            .resolve
            .iter()
            .flat_map(|resolve| &resolve.nodes);
        let nodes: BTreeMap<_, _> = nodes.map(|node| (&node.id, node)).collect();
        let mut open: Vec<_> = tested.iter().map(|package| &package.id).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            let is_tested = tested.iter().any(|package| package.id == *id);
            if !seen.insert(id) || self.is_proc_macro(id) {
                continue;
            }
            let below = nodes.get(id).into_iter().flat_map(|node| &node.deps);
            let is_there = |kind: &DepKindInfo| match kind.kind {
                DependencyKind::Normal => true,
                DependencyKind::Development => is_tested,
                _ => false,
            };
            open.extend(
                below
                    .filter(|dep| dep.dep_kinds.iter().any(is_there))
                    .map(|dep| &dep.pkg),
            );
        }
        self.all_packages()
            .filter(|package| seen.contains(&package.id))
            .collect()
    }

    fn is_proc_macro(&self, id: &PackageId) -> bool {
        let mut packages = self.all_packages();
        packages.any(|package| package.id == *id && is_proc_macro(package))
    }

    /// The names of all packages that the lock file knows: also those of other platforms and features.
    pub(crate) fn locked_names(&self) -> BTreeSet<String> {
        let text = fs::read_to_string(self.metadata.workspace_root.join("Cargo.lock"));
        let table = text.ok().and_then(|text| text.parse::<toml::Table>().ok());
        let packages = table.and_then(|table| table.get("package")?.as_array().cloned());
        let names = packages
            .into_iter()
            .flatten()
            .filter_map(|package| Some(package.get("name")?.as_str()?.to_owned()));
        names.collect()
    }

    /// Whether any of these packages is built with a package of this name in it.
    pub(crate) fn leads_to(&self, packages: &[&Package], name: &str) -> bool {
        let below = self.below(packages);
        self.packages(name)
            .any(|package| below.contains(&package.id))
    }

    /// These packages and all that they are built from.
    fn below<'a>(&'a self, packages: &[&'a Package]) -> BTreeSet<&'a PackageId> {
        let nodes = self
            .metadata
            .resolve
            .iter()
            .flat_map(|resolve| &resolve.nodes);
        let edges: BTreeMap<_, _> = nodes.map(|node| (&node.id, &node.dependencies)).collect();
        let mut open: Vec<_> = packages.iter().map(|package| &package.id).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(edges.get(id).into_iter().copied().flatten());
            }
        }
        seen
    }

    /// Whether the folder the project is seen from is this package's own, and not a virtual workspace's.
    pub(crate) fn is_current(&self, package: &Package) -> bool {
        let resolve = self.metadata.resolve.as_ref();
        resolve.and_then(|resolve| resolve.root.as_ref()) == Some(&package.id)
    }

    /// Cargo's own configuration.
    pub(crate) fn config(&self) -> &CargoConfig {
        &self.config
    }

    /// The platform built for.
    pub(crate) fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Whether a dependency is one on the platform built for.
    pub(crate) fn is_built(&self, dependency: &Dependency) -> bool {
        let target = dependency.target.as_ref();
        target.is_none_or(|target| self.platform.matches(target))
    }

    /// Whether cargo gives features only to the current package, as it did before 2021.
    pub(crate) fn has_old_features(&self) -> bool {
        let manifest = self.metadata.workspace_root.join("Cargo.toml");
        let root = self
            .members()
            .into_iter()
            .find(|package| package.manifest_path == manifest);
        root.is_some_and(|root| match resolver(manifest.as_std_path()) {
            Some(resolver) => resolver == "1",
            None => matches!(root.edition, Edition::E2015 | Edition::E2018),
        })
    }
}

fn surroundings(dir: &Path, args: &CargoArgs) -> (CargoConfig, Platform) {
    let config = CargoConfig::read(dir, args);
    let platform = Platform::of(Toolchain::of(dir, &config), &config, args);
    (config, platform)
}

fn command(dir: &Path, args: &CargoArgs) -> MetadataCommand {
    let mut command = MetadataCommand::new();
    command.cargo_path(cargo().get_program()).current_dir(dir);
    if next::is_left_behind().is_some() {
        command.env("RUSTC_WRAPPER", "");
    }
    if let Some(manifest) = args.manifest_path() {
        command.manifest_path(manifest);
    }
    command
}

/// The resolver that a manifest asks for.
fn resolver(manifest: &Path) -> Option<String> {
    let text = fs::read_to_string(manifest).ok()?;
    let table: toml::Table = toml::from_str(&text).ok()?;
    let of = |section: &str| {
        table
            .get(section)?
            .get("resolver")?
            .as_str()
            .map(str::to_owned)
    };
    of("workspace").or_else(|| of("package"))
}

fn refused(error: cargo_metadata::Error) -> Error {
    let said = match error {
        cargo_metadata::Error::CargoMetadata { stderr } => stderr,
        other => other.to_string(),
    };
    let said = said
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(str::trim);
    let said: Vec<&str> = said.skip_while(|line| !line.starts_with("error")).collect();
    let said = match said.join(": ").trim_start_matches("error: ") {
        "" => "`cargo metadata` says why above".to_owned(),
        said => said.to_owned(),
    };
    ErrorKind::Project { said }.into()
}
/// Whether it is a procedural macro.
pub(crate) fn is_proc_macro(package: &Package) -> bool {
    let mut targets = package.targets.iter();
    targets.any(|target| target.kind.contains(&TargetKind::ProcMacro))
}
