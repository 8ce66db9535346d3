//! `[shim]` in `.config/unsnarl.toml`: which packages are watched as they are, and which have to go together.

use tempfile::TempDir;

use crate::support::{Answer, answer, command, folder, manifest, write};

/// `user` locks its own mutex twice in the test `own`, and one of `shelf` in `others`.
fn user(settings: &str) -> TempDir {
    let dependencies = "[dependencies]\nshelf = { path = \"shelf\" }\n[workspace]";
    let lib = "#[test] fn own() { let m = std::sync::Mutex::new(0); let _a = m.lock(); let _b = m.lock(); }
               #[test] fn others() { shelf::Shelf::default().relock() }
               #[test] fn fine() { drop(std::sync::Mutex::new(0).lock()); }";
    folder(&[
        ("Cargo.toml", &*manifest("user", dependencies)),
        ("src/lib.rs", lib),
        ("shelf/Cargo.toml", &manifest("shelf", "")),
        ("shelf/src/lib.rs", include_str!("shim/shelf.rs")),
        (".config/unsnarl.toml", settings),
    ])
}

fn run(settings: &str, line: &str) -> Answer {
    answer(&mut command(user(settings).path(), line))
}

#[test]
fn only_what_is_included_is_watched_besides_the_workspace() {
    let found = ["error[self-deadlock]"];
    run("[shim]\ninclude = [\"shelf\"]", "test others").check(1, &found);
    run(
        "[shim]\nmode = \"workspace\"\ninclude = [\"shelf\"]",
        "test others",
    )
    .check(1, &found);
    run("[shim]\ninclude = []", "test own").check(1, &found);
    let hidden = "[shim]\ninclude = []";
    // The test hangs then; so it must not be run.
    run(hidden, "test fine").check(0, &["1 process"]);
}

#[test]
fn what_is_excluded_is_not_watched() {
    run("[shim]\nexclude = [\"shelf\"]", "test own").check(1, &["error[self-deadlock]"]);
    let answer = run("[shim]\nexclude = [\"user\", \"shelf\"]", "test fine");
    answer.check(3, &["no test used a lock"]);
}

#[test]
fn a_choice_can_be_changed() {
    let folder = user("[shim]\nexclude = [\"user\"]");
    let run = |line: &str| answer(&mut command(folder.path(), line));
    run("test fine").check(3, &[]);
    write(&folder.path().join(".config/unsnarl.toml"), "");
    run("test fine").check(0, &["1 process"]);
    write(
        &folder.path().join(".config/unsnarl.toml"),
        "[shim]\nmode = \"none\"",
    );
    run("test fine").check(2, &["depends on `unsnarl`"]);
    run("test fine --shim all").check(0, &["1 process"]);
}

#[test]
fn what_is_wrong_with_the_settings_is_said_with_its_line() {
    for (settings, texts) in [
        (
            "[shim]\n\nexclude = [\n  \"shelves\"\n]",
            &[
                "unsnarl.toml`, line 4: the project has no package `shelves`",
                "cargo tree",
            ][..],
        ),
        (
            "[shim]\nmodes = \"all\"",
            &["line 2", "unknown field `modes`", "mode"],
        ),
        (
            "[shim]\nmode = \"some\"",
            &["line 2", "unknown variant `some`"],
        ),
        ("[shim]\nmode = all", &["line 2"]),
        ("shim = \"all\"", &["line 1", "under `[shim]`"]),
    ] {
        run(settings, "test").check(2, texts);
    }
}

/// `narrow` has a lock of `std` in its signature, and `wide` too; `user` gives one and the same to both.
fn meeting(user: &str, settings: &str) -> TempDir {
    let dependencies =
        "[dependencies]\nnarrow = { path = \"narrow\" }\nwide = { path = \"wide\" }\n[workspace]";
    let take = "pub fn take(m: &std::sync::Mutex<u8>) -> u8 { *m.lock().unwrap() }";
    folder(&[
        ("Cargo.toml", &*manifest("user", dependencies)),
        ("src/lib.rs", user),
        ("narrow/Cargo.toml", &manifest("narrow", "")),
        ("narrow/src/lib.rs", take),
        ("wide/Cargo.toml", &manifest("wide", "")),
        (
            "wide/src/lib.rs",
            &format!("{take} pub fn own() {{ drop(std::sync::Mutex::new(0).lock()); }}"),
        ),
        (".config/unsnarl.toml", settings),
    ])
}

#[test]
fn crates_that_have_to_go_together_are_named() {
    let user = "#[test] fn gives() { narrow::take(&std::sync::Mutex::new(1)); wide::own(); }";
    let folder = meeting(user, "[shim]\nexclude = [\"narrow\"]");
    answer(&mut command(folder.path(), "test")).check(
        0,
        &[
            "not watched: `user` of user 0.1.0, which shares types of `std` with `narrow`, so that they have to go together",
            "put `user` under `exclude` too, or take `narrow` out of it",
        ],
    );
}

#[test]
fn a_dependency_outside_the_workspace_is_proposed_to_be_watched_too() {
    let user = "#[test] fn gives() { narrow::take(&std::sync::Mutex::new(1)); }";
    let folder = meeting(user, "[shim]\ninclude = []");
    // Cargo takes a path dependency below the root for a member.
    write(
        &folder.path().join("Cargo.toml"),
        &manifest(
            "user",
            "[dependencies]\nnarrow = { path = \"narrow\" }\n[workspace]\nexclude = [\"narrow\"]",
        ),
    );
    answer(&mut command(folder.path(), "test")).check(
        3,
        &[
            "which shares types of `std` with `narrow`",
            "watch `narrow` too: with `--shim all`, or under `include`",
        ],
    );
}

#[test]
fn a_crate_that_builds_neither_way_takes_those_with_it_that_it_has_to_agree_with() {
    let user =
        "#[test] fn gives() { let m = std::sync::Mutex::new(1); narrow::take(&m); wide::take(&m); }
                #[test] fn other() { wide::own() }";
    let folder = meeting(user, "[shim]\nexclude = [\"narrow\"]");
    let run = || answer(&mut command(folder.path(), "test"));
    let first = run();
    first.check(
        3,
        &[
            "test result: ok. 2 passed",
            "Again with the real `std` in `user` and `wide`",
            "not watched: `wide` of wide 0.1.0, which shares types of `std` with others that are not watched",
        ],
    );
    first.check_without(&["mismatched types"]);
    // Next time it is said all the same.
    run().check(3, &["not watched: `wide` of wide 0.1.0"]);
    write(
        &folder.path().join("src/lib.rs"),
        "#[test] fn other() { wide::own() }",
    );
    let cured = run();
    cured.check(0, &["1 process"]);
    cured.check_without(&["not watched"]);
}

/// What a generic function asserts is known only when it is made for a type.
#[test]
fn a_crate_that_fails_late_is_built_again_too() {
    let late = "pub fn late() { narrow::<u8>() }
                fn narrow<T>() { const { assert!(size_of::<std::sync::Mutex<T>>() < 16) } }";
    let dependencies = "[dependencies]\nlate = { path = \"late\" }\n[workspace]";
    let files = [
        ("Cargo.toml", &*manifest("user", dependencies)),
        (
            "src/lib.rs",
            "#[test] fn locks() { late::late(); drop(std::sync::Mutex::new(0).lock()); }",
        ),
        ("late/Cargo.toml", &manifest("late", "")),
        ("late/src/lib.rs", late),
    ];
    let folder = folder(&files);
    answer(&mut command(folder.path(), "test")).check(0, &["not watched: `late` of late 0.1.0"]);
}

/// Documentation's examples have to be built as the crate is.
#[test]
fn examples_of_a_crate_that_is_excluded_are_built_without_us_too() {
    let lib = "/// ```\n/// let lock: std::sync::Mutex<u8> = documented::lock();\n/// drop(lock.lock());\n/// ```\n\
               pub fn lock() -> std::sync::Mutex<u8> { Default::default() }";
    let folder = folder(&[
        ("Cargo.toml", &*manifest("documented", "[workspace]")),
        ("src/lib.rs", lib),
        (".config/unsnarl.toml", "[shim]\nexclude = [\"documented\"]"),
    ]);
    answer(&mut command(folder.path(), "test")).check(3, &["test result: ok. 1 passed"]);
}
