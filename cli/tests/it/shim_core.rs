//! `--shim`: `core` is replaced as `std` is, so that atomics are the same types everywhere.

use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::support::{folder, manifest, on};

/// A crate that counts in atomics of dependencies: one without `std`, and an old one, from the time before `dyn`.
fn counter() -> &'static Path {
    static COUNTER: OnceLock<TempDir> = OnceLock::new();
    let folder = COUNTER.get_or_init(|| {
        let dependencies = "[dependencies]\nbare = { path = \"bare\" }\n\
                            old = { path = \"old\" }\n[workspace]";
        let old = manifest("old", "").replace("2021", "2015");
        folder(&[
            ("Cargo.toml", &manifest("counter", dependencies)),
            ("src/lib.rs", include_str!("shim_core/counter.rs")),
            ("bare/Cargo.toml", &manifest("bare", "")),
            ("bare/src/lib.rs", include_str!("shim_core/bare.rs")),
            ("old/Cargo.toml", &old),
            ("old/src/lib.rs", include_str!("shim_core/old.rs")),
        ])
    });
    folder.path()
}

#[test]
fn atomics_are_one_type_in_crates_with_and_without_std() {
    let (answer, _reports) = on(counter(), "test --shim all");
    answer.check(0, &["5 passed"]);
    answer.check_without(&["not watched", "warning"]);
}

#[test]
fn crates_without_std_are_tested_as_ever() {
    for package in ["bare", "old"] {
        let dir = counter().join(package);
        let (answer, _reports) = on(&dir, "test --shim all");
        answer.check(0, &["1 passed"]);
        answer.check_without(&["not watched", "warning"]);
    }
}
