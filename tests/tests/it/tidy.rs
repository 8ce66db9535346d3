//! The order of the workspace: every file in its table, one version, no import that goes up a floor.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};
use fixtures::fixtures::all;

/// Who may import whom. Tests and benchmarks may import everything.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("unsnarl-model", &[]),
    ("unsnarl-lockgraph", &["unsnarl-model"]),
    ("unsnarl-explore", &["unsnarl-model"]),
    ("unsnarl-race", &["unsnarl-model"]),
    ("unsnarl-profile", &["unsnarl-model"]),
    ("unsnarl-render", &["unsnarl-model"]),
    ("unsnarl-stress", &["unsnarl-model"]),
    (
        "unsnarl",
        &[
            "unsnarl-model",
            "unsnarl-explore",
            "unsnarl-lockgraph",
            "unsnarl-macros",
            "unsnarl-profile",
            "unsnarl-race",
            "unsnarl-render",
            "unsnarl-stress",
        ],
    ),
    // Of the lock graph only the view by class, which is made from reports; of the race detector what reads traces; of the
    // explorer the names of its strategies, of the profiler those of its limits.
    (
        "cargo-unsnarl",
        &[
            "unsnarl-model",
            "unsnarl-explore",
            "unsnarl-lockgraph",
            "unsnarl-profile",
            "unsnarl-race",
            "unsnarl-render",
            "unsnarl-stress",
        ],
    ),
    ("unsnarl-fixtures", &["unsnarl", "unsnarl-model"]),
    ("unsnarl-macros", &[]),
    ("unsnarl-core", &["unsnarl", "unsnarl-macros"]),
    // What both replace, the one for `std` takes from the one for `core`.
    ("unsnarl-std", &["unsnarl", "unsnarl-core"]),
    ("bank", &["unsnarl"]),
];
const MAY_IMPORT_ALL: &[&str] = &["unsnarl-tests", "unsnarl-bench"];

/// Names that say nothing, and the one that hides what a folder is.
const NAMES_TO_AVOID: &[&str] = &["utils", "util", "common", "helpers", "types", "imp", "mod"];

/// Each holds one file for each of its fixtures.
const FIXTURE_GROUPS: &[&str] = &[
    "endless", "hang", "leak", "order", "race", "region", "silent", "slow", "task", "timing",
    "weak",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn metadata() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml"));
    command.no_deps().other_options(["--offline".to_owned()]);
    command.exec().unwrap()
}

/// Every Rust file below a folder, outside build and version control folders.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn fixture_files() -> Vec<PathBuf> {
    let source = root().join("fixtures/src");
    FIXTURE_GROUPS
        .iter()
        .flat_map(|group| rust_files(&source.join(group)))
        .collect()
}

#[test]
fn every_fixture_has_a_file_and_every_file_a_row() {
    let rows: BTreeSet<String> = all().map(|fixture| fixture.file()).collect();
    let files: BTreeSet<String> = fixture_files()
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(rows, files);
    assert_eq!(rows.len(), all().count(), "two fixtures share an id");
}

#[test]
fn every_fixture_has_a_drawing_and_a_source() {
    for path in fixture_files() {
        let text = fs::read_to_string(&path).unwrap();
        let header: Vec<&str> = text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .collect();
        for needed in ["//! ```text", "//! Source: "] {
            assert!(
                header.iter().any(|line| line.starts_with(needed)),
                "{} has no line `{needed}`",
                path.display()
            );
        }
    }
}

#[test]
fn expected_slugs_are_in_the_table() {
    for fixture in all() {
        for slug in fixture.buggy.iter().flat_map(|bug| bug.slugs) {
            assert!(
                model::slug::find(slug).is_some(),
                "{}: `{slug}`",
                fixture.id
            );
        }
    }
}

#[test]
fn no_import_goes_up_a_floor() {
    let metadata = metadata();
    let ours: BTreeSet<&str> = metadata
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    for package in &metadata.packages {
        if MAY_IMPORT_ALL.contains(&package.name.as_str()) {
            continue;
        }
        let allowed = imports_allowed(package);
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            assert!(
                !ours.contains(name) || allowed.contains(&name),
                "`{}` imports `{name}`",
                package.name
            );
        }
    }
}

fn imports_allowed(package: &Package) -> &'static [&'static str] {
    MAY_IMPORT
        .iter()
        .find(|(name, _)| *name == package.name.as_str())
        .map(|(_, allowed)| *allowed)
        .unwrap_or_else(|| panic!("`{}` has no floor: give it a row", package.name))
}

#[test]
fn versions_match() {
    let metadata = metadata();
    let version = &metadata.packages[0].version;
    for package in &metadata.packages {
        assert_eq!(&package.version, version, "`{}`", package.name);
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let ours = manifest
        .lines()
        .filter(|line| line.contains("path = ") && line.contains("version = "));
    for line in ours {
        assert!(line.contains(&format!("version = \"{version}\"")), "{line}");
    }
}

#[test]
fn the_changelog_has_the_current_version() {
    let changelog = fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    let heading = format!("## {}", metadata().packages[0].version);
    assert!(
        changelog
            .lines()
            .any(|line| line.replace(['[', ']'], "").starts_with(&heading)),
        "no line `{heading}`"
    );
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    for path in rust_files(&root()) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        assert!(
            !NAMES_TO_AVOID.contains(&&*name),
            "{} needs another name",
            path.display()
        );
    }
}

#[test]
fn every_ready_made_job_runs_the_same_script() {
    let folder = root().join("ci");
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(readme.contains(&name) || name == "README.md", "{name}");
        let text = fs::read_to_string(&path).unwrap();
        let runs_it = ["ci/stress.sh", "cargo unsnarl stress", "ci/slurm.sbatch"]
            .iter()
            .any(|command| text.contains(command));
        assert!(runs_it || name == "README.md", "{name}");
    }
}
