//! The packages that a project is built from: what of each is watched, and what not.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use cargo_metadata::{Dependency, DependencyKind, Package, TargetKind};
use serde::Serialize;

use super::sites::{self, Seen, Sites, Tests};
use crate::project::{Project, is_proc_macro};
use crate::shim::note::{Note, Why};
use crate::shim::scope::{Place, Scope};
use crate::shim::watchers::WATCHERS;
use crate::sources;
use crate::switch::lead::UNSNARL;

/// A package, and what of it is watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Patient {
    /// Its name.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// Whether it is one of the workspace.
    pub(crate) is_member: bool,
    /// Whether what is made at its sites is watched.
    pub(crate) is_watched: bool,
    /// What it makes that could be.
    pub(crate) sites: Sites,
    /// Why it is not watched, or what of it is not.
    pub(crate) remarks: Vec<String>,
}

/// Packages that name system calls for others to use.
const BINDINGS: [&str; 5] = ["libc", "linux-raw-sys", "nix", "rustix", "windows-sys"];

/// Packages by which build scripts compile, or find, code in other languages.
const COMPILERS: [&str; 6] = ["autotools", "bindgen", "cc", "cmake", "pkg-config", "vcpkg"];

/// How the packages are watched.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way<'a> {
    /// As they are, all in this scope; these were built otherwise the last time.
    AsTheyAre(&'a Scope, &'a [Note]),
    /// Where they use `unsnarl`.
    ByHand,
    /// Not at all, as nothing can take the place of the standard library.
    NotAtAll,
}

/// All packages that the tested ones are built from, in the order of their names.
pub(super) fn examine(project: &Project, tested: &[&Package], way: Way<'_>) -> Vec<Patient> {
    let mut packages = project.of_program(tested);
    packages
        .retain(|package| package.name != UNSNARL && !WATCHERS.contains(&package.name.as_str()));
    let members = project.members();
    let seen = scan_all(&packages, &members);
    let mut patients: Vec<_> = packages
        .iter()
        .zip(seen)
        .map(|(package, seen)| {
            let is_member = members.iter().any(|member| member.id == package.id);
            examine_one(package, is_member, seen, way)
        })
        .collect();
    patients.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    patients
}

fn examine_one(package: &Package, is_member: bool, seen: Seen, way: Way<'_>) -> Patient {
    let reason = reason(package, way);
    let is_watched = reason.is_none();
    let mut remarks: Vec<String> = reason.into_iter().collect();
    remarks.extend(unseen(package, seen));
    Patient {
        name: package.name.to_string(),
        version: package.version.to_string(),
        is_member,
        is_watched,
        sites: match way {
            Way::ByHand => seen.unsnarl,
            _ => seen.std,
        },
        remarks,
    }
}

/// Why it is not watched.
fn reason(package: &Package, way: Way<'_>) -> Option<String> {
    if is_proc_macro(package) {
        return Some("a procedural macro, which runs while building".to_owned());
    }
    match way {
        Way::NotAtAll => Some("nothing is".to_owned()),
        Way::ByHand => None,
        Way::AsTheyAre(scope, notes) => {
            let folder = package.manifest_path.parent()?;
            match scope.place(&package.name, folder.as_std_path()) {
                Place::Excluded => Some("excluded by `.config/unsnarl.toml`".to_owned()),
                Place::NotAsked => Some("not asked for".to_owned()),
                Place::Apart => {
                    Some("it shares types of `std` with others that are not".to_owned())
                }
                Place::Inside => fallen_back(package, notes),
            }
        }
    }
}

/// Why it was built with the real `std` the last time.
fn fallen_back(package: &Package, notes: &[Note]) -> Option<String> {
    let version = package.version.to_string();
    let mut notes = notes.iter();
    let note = notes.find(|note| note.package == *package.name && note.version == version)?;
    match &note.why {
        Why::NotAsked | Why::Excluded => None,
        Why::Fails { error } => Some(format!("it did not build with watched locks: {error}")),
        Why::Meets { with, .. } => Some(format!(
            "it shares types of `std` with {}",
            crate::error::list(with)
        )),
        Why::Tasks { error } => Some(format!(
            "it is, but not its tasks, with which it did not build: {error}"
        )),
        Why::Apart => Some("it shares types of `std` with others that are not".to_owned()),
    }
}

/// What of it is not seen, though it may be watched.
fn unseen(package: &Package, seen: Seen) -> Vec<String> {
    let mut remarks = Vec::new();
    if BINDINGS.contains(&package.name.as_str()) {
        return remarks;
    }
    if seen.waits_by_hand {
        remarks.push("it waits by system calls of its own: such locks are not seen".to_owned());
    }
    if has_foreign_code(package) {
        remarks.push(match &package.links {
            Some(library) => format!("foreign code, linked as `{library}`, is not seen"),
            None => "foreign code in it is not seen".to_owned(),
        });
    }
    remarks
}

/// By its name, or by what its build script needs. That it links something says little: some do so to be there only once.
fn has_foreign_code(package: &Package) -> bool {
    let mut dependencies = package.dependencies.iter();
    let is_compiler = |dependency: &Dependency| {
        dependency.kind == DependencyKind::Build && COMPILERS.contains(&dependency.name.as_str())
    };
    package.name.ends_with("-sys") || dependencies.any(is_compiler)
}

/// Whether it has a build script.
pub(super) fn has_build_script(package: &Package) -> bool {
    let mut targets = package.targets.iter();
    targets.any(|target| target.kind.contains(&TargetKind::CustomBuild))
}

/// Looks through all packages, on all cores.
fn scan_all(packages: &[&Package], members: &[&Package]) -> Vec<Seen> {
    let results: Vec<Mutex<Seen>> = packages.iter().map(|_| Mutex::default()).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        // SeqCst: a counter that is taken a few hundred times.
        while let Some((package, result)) = {
            let at = next.fetch_add(1, Ordering::SeqCst);
            packages.get(at).zip(results.get(at))
        } {
            let is_member = members.iter().any(|member| member.id == package.id);
            let seen = scan(package, is_member);
            *result.lock().expect("nobody panics with a result") = seen;
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    let seen = results.into_iter().map(Mutex::into_inner);
    seen.map(Result::unwrap_or_default).collect()
}

/// Of a package of the workspace, its tests are built too; of others, only what is beside their library.
fn scan(package: &Package, is_member: bool) -> Seen {
    let manifest = package.manifest_path.parent();
    let library = package.targets.iter().find(|target| {
        let is_library = |kind: &TargetKind| *kind == TargetKind::Lib || *kind == TargetKind::RLib;
        target.kind.iter().any(is_library)
    });
    let source = library.and_then(|target| target.src_path.parent());
    let folder = if is_member {
        manifest
    } else {
        source.or(manifest)
    };
    let files = folder.map_or_else(Vec::new, |folder| sources::rust_files(folder.as_std_path()));
    let tests = if is_member {
        Tests::Built
    } else {
        Tests::NotBuilt
    };
    sites::scan(&files, tests)
}
