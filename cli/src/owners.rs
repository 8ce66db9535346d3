//! Whose the places of findings are, and what that changes.
//!
//! The compiler prints paths, and cargo knows in which folder each package lies: the longest that fits has the file.

mod crossing;
mod function;

use std::path::{Component, Path, PathBuf};

use model::finding::{Certainty, Finding, Severity};
use model::owner::{Owner, Whose};
use model::report::Report;

use crate::merge;
use crate::project::Project;
use crate::settings::Deps;

/// Where the standard library's source is, as its debug information has it, or as a component of a toolchain.
const STD: [&str; 2] = ["/rustc/", "/lib/rustlib/src/rust/"];

/// Whose which folder is.
#[derive(Debug)]
pub(crate) struct Owners {
    root: PathBuf,
    folders: Vec<(PathBuf, Owner)>,
}

impl Owners {
    /// Those of a project.
    pub(crate) fn of(project: &Project) -> Self {
        let members = project.members();
        let folders = project.all_packages().filter_map(|package| {
            let is_member = members.iter().any(|member| member.id == package.id);
            let whose = if is_member {
                Whose::Workspace
            } else {
                Whose::Dependency
            };
            let owner = Owner::package(whose, package.name.as_str(), package.version.to_string());
            Some((package.manifest_path.parent()?.into(), owner))
        });
        Self {
            root: project.workspace_root().to_owned(),
            folders: folders.collect(),
        }
    }

    /// Whose a file is. A relative path is one from the workspace's root, if it is there.
    pub(crate) fn owner(&self, file: &str) -> Owner {
        let path = flat(&self.root.join(file));
        if Path::new(file).is_relative() && !path.is_file() {
            return Owner::default();
        }
        let text = path.to_string_lossy().replace('\\', "/");
        if STD.iter().any(|std| text.contains(std)) {
            return Owner::std();
        }
        if let Some(made) = made_by_build_script(&path).and_then(|name| self.named(name)) {
            return made.clone();
        }
        let known = self
            .folders
            .iter()
            .filter(|(folder, _)| path.starts_with(folder))
            .max_by_key(|(folder, _)| folder.components().count());
        let fallback = || fetched(&path).or_else(|| self.workspace(&path));
        let known = known.map(|(_, owner)| owner.clone());
        known.or_else(fallback).unwrap_or_default()
    }

    fn named(&self, name: &str) -> Option<&Owner> {
        let mut owners = self.folders.iter().map(|(_, owner)| owner);
        owners.find(|owner| owner.package.as_deref() == Some(name))
    }

    /// A file of the workspace that is in none of its packages.
    fn workspace(&self, path: &Path) -> Option<Owner> {
        let mut owner = Owner::default();
        owner.whose = Whose::Workspace;
        path.starts_with(&self.root).then_some(owner)
    }

    /// Finds out whose everything in a report is. What is wholly inside dependencies, and did not happen in this run, is
    /// no more than a note then, unless it is to count.
    pub(crate) fn apply(&self, report: &mut Report, deps: Deps) {
        for finding in &mut report.findings {
            self.settle(finding, deps);
        }
        report.findings.sort_by(merge::order);
    }

    /// Whether a finding, of which nobody has said yet whose it is, is more than a note for being inside a dependency.
    pub(crate) fn counts(&self, finding: &Finding, deps: Deps) -> bool {
        let mut settled = finding.clone();
        self.settle(&mut settled, deps);
        settled.severity == finding.severity
    }

    fn settle(&self, finding: &mut Finding, deps: Deps) {
        for label in &mut finding.labels {
            label.owner = Some(self.owner(&label.site.file));
        }
        finding.owner = self.owner_of(finding);
        let is_inside = |owner: &Owner| owner.whose == Whose::Dependency;
        if let Some(owner) = finding.owner.clone().filter(is_inside) {
            weigh(finding, &owner, deps);
        }
    }

    /// Whose a finding is: the workspace's, if anything of it is.
    fn owner_of(&self, finding: &Finding) -> Option<Owner> {
        let owners = || {
            finding
                .labels
                .iter()
                .filter_map(|label| label.owner.as_ref())
        };
        let of = |whose: Whose| owners().find(|owner| owner.whose == whose).cloned();
        of(Whose::Workspace)
            .or_else(|| of(Whose::Unknown))
            .or_else(|| crossing::find(finding, self))
            .or_else(|| of(Whose::Dependency))
            .or_else(|| of(Whose::Std))
    }
}

/// What a finding that is wholly inside a dependency is.
fn weigh(finding: &mut Finding, owner: &Owner, deps: Deps) {
    if finding.certainty == Certainty::Observed {
        finding.notes.push(format!("it is wholly inside {owner}"));
        return;
    }
    match deps {
        Deps::Error => finding.notes.push(format!("it is wholly inside {owner}")),
        Deps::Note => {
            finding.severity = Severity::Note;
            finding.notes.push(format!(
                "it is wholly inside {owner}, and fails no run: `--deps error` lets it count"
            ));
        }
    }
}

/// Without `.` and `..`, where that can be told from the path alone.
fn flat(path: &Path) -> PathBuf {
    let mut flat = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                flat.pop();
            }
            other => flat.push(other),
        }
    }
    flat
}

/// The package whose build script has made a file: it is in `build/<package>-<hash>/out/`.
fn made_by_build_script(path: &Path) -> Option<&str> {
    let names: Vec<&str> = path.iter().filter_map(|name| name.to_str()).collect();
    let mut places = names.windows(3);
    let place = places.rfind(|place| place[0] == "build" && place[2] == "out")?;
    let (name, hash) = place[1].rsplit_once('-')?;
    (hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(name)
}

/// A package that cargo has fetched, though this project's graph, as we asked for it, does not have it.
fn fetched(path: &Path) -> Option<Owner> {
    let names: Vec<&str> = path.iter().filter_map(|name| name.to_str()).collect();
    let mut places = names.windows(4);
    let place = places.find(|place| place[0] == "registry" && place[1] == "src")?;
    let at = place[3]
        .match_indices('-')
        .map(|(at, _)| at)
        .find(|at| place[3][at + 1..].starts_with(|c: char| c.is_ascii_digit()))?;
    let (name, version) = (&place[3][..at], &place[3][at + 1..]);
    Some(Owner::package(Whose::Dependency, name, version))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use model::owner::{Owner, Whose};

    use super::Owners;

    pub(super) fn owners(root: &Path) -> Owners {
        let package = |whose, name: &str| Owner::package(whose, name, "1.0.0");
        Owners {
            root: root.into(),
            folders: vec![
                (root.into(), package(Whose::Workspace, "root")),
                (root.join("inner"), package(Whose::Workspace, "inner")),
                ("/work/vendor/dep".into(), package(Whose::Dependency, "dep")),
                ("/other/shelf".into(), package(Whose::Dependency, "shelf")),
            ],
        }
    }

    fn check(file: &str, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        for file in ["src/lib.rs", "inner/src/lib.rs", "tests/it.rs"] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let owner = owners(folder.path()).owner(file);
        assert_eq!(owner.to_string(), expected, "{file}");
    }

    #[test]
    fn the_longest_folder_has_the_file() {
        check("src/lib.rs", "the workspace root 1.0.0");
        check("inner/src/lib.rs", "the workspace inner 1.0.0");
        check("./inner/../tests/it.rs", "the workspace root 1.0.0");
        check("/work/vendor/dep/src/lib.rs", "the dependency dep 1.0.0");
        check(
            "/work/../other/shelf/src/lib.rs",
            "the dependency shelf 1.0.0",
        );
        check("./nptl/pthread_create.c", "an unknown package");
        check("/elsewhere/x.rs", "an unknown package");
    }

    #[test]
    fn the_standard_library_is_known_by_its_path() {
        check(
            "/rustc/59807616e1fa/library/std/src/thread.rs",
            "the standard library",
        );
        check(
            "/home/me/.rustup/toolchains/x/lib/rustlib/src/rust/library/core/src/x.rs",
            "the standard library",
        );
    }

    #[test]
    fn what_a_build_script_has_made_is_its_packages() {
        check(
            "/any/target/debug/build/dep-0123456789abcdef/out/made.rs",
            "the dependency dep 1.0.0",
        );
    }

    #[test]
    fn what_cargo_has_fetched_is_known_by_its_folder() {
        check(
            "/home/me/.cargo/registry/src/some-index-6f17d22bba15001f/tokio-util-0.7.20/src/lib.rs",
            "the dependency tokio-util 0.7.20",
        );
    }
}
