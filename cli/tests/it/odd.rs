//! Crates that are written in unusual ways, or long ago.

use tempfile::TempDir;

use crate::support::{Answer, answer, command, folder, manifest};

/// A workspace of one crate.
fn lone(name: &str, edition: &str, rest: &str, lib: &str) -> TempDir {
    let manifest = manifest(name, &format!("{rest}\n[workspace]"));
    folder(&[
        ("Cargo.toml", &manifest.replace("2021", edition)),
        ("src/lib.rs", lib),
    ])
}

fn test(crate_: &TempDir, line: &str) -> Answer {
    answer(&mut command(crate_.path(), line))
}

#[test]
fn every_edition_is_watched() {
    for (name, edition, lib) in [
        ("e2015", "2015", include_str!("odd/e2015.rs")),
        ("e2018", "2018", include_str!("odd/e2018.rs")),
        ("e2024", "2024", include_str!("odd/e2024.rs")),
    ] {
        let answer = test(&lone(name, edition, "", lib), "test");
        answer.check(0, &["1 passed", "1 process"]);
        answer.check_without(&["not watched", "warning"]);
    }
}

#[test]
fn a_crate_without_a_prelude_is_watched() {
    for edition in ["2018", "2024"] {
        let lib = include_str!("odd/bare_names.rs");
        let answer = test(&lone("bare-names", edition, "", lib), "test");
        answer.check(0, &["1 passed", "1 process"]);
        answer.check_without(&["not watched", "warning"]);
    }
}

#[test]
fn where_a_test_fails_because_it_is_watched_that_is_not_hidden() {
    let names = lone("names", "2021", "", include_str!("odd/names.rs"));
    let said = ["1 failed", "see whether they fail under `cargo test` too"];
    test(&names, "test").check(4, &said);
}

/// What runs while building has the real `std`.
#[test]
fn the_tests_of_a_procedural_macro_run_unwatched() {
    let tool = lone(
        "tool",
        "2021",
        "[lib]\nproc-macro = true",
        include_str!("odd/tool.rs"),
    );
    test(&tool, "test --lib").check(3, &["1 passed", "procedural macro"]);
}

/// Profiles of the user's own, of which only the manifest says what they are.
#[test]
fn any_profile_is_watched() {
    let profiles = "[profile.quick]\ninherits = \"release\"\nlto = \"thin\"\npanic = \"unwind\"\nstrip = true\n\
                    [profile.dev]\nopt-level = 2\n[profile.ci]\ninherits = \"test\"\ndebug = 0";
    let lib = "#[test] fn relock() { let m = std::sync::Mutex::new(0); let _a = m.lock(); let _b = m.lock(); }";
    let user = lone("user", "2021", profiles, lib);
    for line in [
        "test --profile quick",
        "test",
        "test --profile ci",
        "test -r",
    ] {
        test(&user, line).check(1, &["error[self-deadlock]"]);
    }
}
