//! `cargo unsnarl doctor`: what would be watched, what not, and why.

use std::process::Command;

use tempfile::TempDir;

use crate::support::{Answer, answer, command, folder, manifest, stub, write};

/// A crate with a dependency of each kind that there is something to say of.
fn clinic() -> TempDir {
    let dependencies = "[dependencies]\nshelf = { path = \"../shelf\" }\nfast-sys = { path = \"../fast-sys\" }\n\
                        tool = { path = \"../tool\" }\nparked = { path = \"../parked\" }\nleft-out = { path = \"../left-out\" }\n[workspace]";
    let lock = "pub fn lock() -> std::sync::Mutex<u8> { std::sync::Mutex::new(0) }\n\
                #[cfg(test)] mod tests { fn more() { std::sync::Mutex::new(1); } }";
    folder(&[
        ("user/Cargo.toml", &*manifest("user", dependencies)),
        (
            "user/src/lib.rs",
            "#[test] fn all() { drop(std::sync::Mutex::new(1).lock()); std::thread::spawn(|| 1).join(); }",
        ),
        (
            "user/.config/unsnarl.toml",
            "[shim]\nexclude = [\"left-out\"]",
        ),
        (
            "shelf/Cargo.toml",
            &manifest("shelf", "links = \"shelf-only-once\"\n[workspace]"),
        ),
        ("shelf/src/lib.rs", lock),
        ("shelf/build.rs", "fn main() {}"),
        (
            "fast-sys/Cargo.toml",
            &manifest("fast-sys", "links = \"fast\"\n[workspace]"),
        ),
        ("fast-sys/build.rs", "fn main() {}"),
        ("fast-sys/src/lib.rs", ""),
        (
            "tool/Cargo.toml",
            &manifest("tool", "[lib]\nproc-macro = true\n[workspace]"),
        ),
        ("tool/src/lib.rs", lock),
        ("parked/Cargo.toml", &manifest("parked", "[workspace]")),
        (
            "parked/src/lib.rs",
            "pub const WAIT: &str = stringify!(libc::SYS_futex);",
        ),
        ("left-out/Cargo.toml", &manifest("left-out", "[workspace]")),
        ("left-out/src/lib.rs", lock),
    ])
}

fn examine(clinic: &TempDir, line: &str) -> Answer {
    answer(&mut command(&clinic.path().join("user"), line))
}

#[test]
fn what_is_watched_and_what_not_is_told_by_package() {
    let clinic = clinic();
    let answer = examine(&clinic, "doctor");
    answer.check(
        0,
        &[
            "toolchain   rustc 1.",
            "watches     all crates, as they are",
            "wrapper     none",
            "left-out 0.1.0  excluded by `.config/unsnarl.toml`",
            "fast-sys 0.1.0  foreign code, linked as `fast`, is not seen",
            "parked 0.1.0    it waits by system calls of its own",
            "tool 0.1.0      a procedural macro, which runs while building",
            "build scripts, which run while building: fast-sys, shelf",
        ],
    );
    answer.check_without(&["shelf-only-once"]);
    let row = |name: &str| {
        let mut lines = answer.stdout.lines();
        let line = lines.find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace()
            .skip(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(row("shelf 0.1.0"), ["1", "·", "·", "·", "·", "·"]);
    assert_eq!(row("user 0.1.0"), ["1", "·", "·", "·", "·", "1"]);
}

#[test]
fn programs_are_told_too() {
    let answer = examine(&clinic(), "doctor --message-format json");
    answer.check(0, &[]);
    let checkup: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(checkup["schema"], 1);
    assert_eq!(checkup["shim"], "all");
    let packages = checkup["packages"].as_array().unwrap();
    let of = |name: &str| {
        packages
            .iter()
            .find(|package| package["name"] == name)
            .unwrap()
    };
    assert_eq!(of("user")["is_member"], true);
    assert_eq!(of("shelf")["sites"]["locks"], 1);
    assert_eq!(of("left-out")["is_watched"], false);
}

#[test]
fn what_fell_back_in_the_last_run_is_told_with_its_reason() {
    let narrow = "const _: () = assert!(size_of::<std::sync::Mutex<u8>>() < 16); pub fn f() { std::sync::Mutex::new(1); }";
    let dependencies = "[dependencies]\nnarrow = { path = \"narrow\" }\n[workspace]";
    let user = folder(&[
        ("Cargo.toml", &*manifest("user", dependencies)),
        (
            "src/lib.rs",
            "#[test] fn t() { drop(std::sync::Mutex::new(1).lock()); }",
        ),
        ("narrow/Cargo.toml", &manifest("narrow", "")),
        ("narrow/src/lib.rs", narrow),
    ]);
    let run = |line: &str| answer(&mut command(user.path(), line));
    run("test").check(0, &["not watched: `narrow`"]);
    run("doctor").check(
        0,
        &[
            "our crates  ready",
            "narrow 0.1.0  it did not build with watched locks: evaluation panicked",
        ],
    );
}

#[test]
fn what_is_used_by_hand_is_told_with_its_switch() {
    let dependency = format!("[dependencies]\nunsnarl = {{ {} }}\n[workspace]", stub());
    let user = folder(&[
        ("Cargo.toml", &*manifest("user", &dependency)),
        (
            "src/lib.rs",
            "use unsnarl::sync::Mutex; fn f() { Mutex::new(1); std::sync::Mutex::new(2); }",
        ),
    ]);
    let answer = answer(&mut command(user.path(), "doctor"));
    answer.check(
        0,
        &[
            "what uses `unsnarl`, by `--features unsnarl/check`",
            "user 0.1.0      1",
        ],
    );
}

#[test]
fn where_nothing_could_be_found_it_is_inconclusive() {
    let user = folder(&[
        ("Cargo.toml", &*manifest("user", "[workspace]")),
        ("src/lib.rs", "#[test] fn t() {}"),
    ]);
    let run = |line: &str| answer(&mut command(user.path(), line));
    run("doctor").check(3, &["problem: nothing that could be watched was seen"]);
    run("doctor --shim none").check(
        3,
        &[
            "problem: nothing in `user` depends on `unsnarl`",
            "help: leave out `--shim none`",
        ],
    );
    run("doctor -Zbuild-std").check(
        3,
        &[
            "problem: with `-Z build-std`, nothing can",
            "help: leave out",
        ],
    );
}

#[test]
fn what_is_wrong_with_the_project_is_said() {
    answer(&mut command("/".as_ref(), "doctor")).check(2, &["could not find `Cargo.toml`"]);
    let clinic = clinic();
    write(
        &clinic.path().join("user/.config/unsnarl.toml"),
        "[shim]\nexclude = [\"nobody\"]",
    );
    examine(&clinic, "doctor").check(2, &["line 2: the project has no package `nobody`"]);
}

#[cfg(unix)]
#[test]
fn the_users_wrapper_is_named() {
    let clinic = clinic();
    let mut doctor: Command = command(&clinic.path().join("user"), "doctor");
    answer(doctor.env("RUSTC_WRAPPER", "/usr/bin/env")).check(0, &["wrapper     /usr/bin/env"]);
}

#[test]
fn packages_that_a_feature_brings_in_are_examined_too() {
    let dependencies = "[features]\nextra = [\"dep:shelf\"]\n[dependencies]\nshelf = { path = \"shelf\", optional = true }\n[workspace]";
    let user = folder(&[
        ("Cargo.toml", &*manifest("user", dependencies)),
        ("src/lib.rs", "#[test] fn t() { std::sync::Once::new(); }"),
        ("shelf/Cargo.toml", &manifest("shelf", "")),
        (
            "shelf/src/lib.rs",
            "pub fn f() { std::sync::Mutex::new(1); }",
        ),
    ]);
    let run = |line: &str| answer(&mut command(user.path(), line));
    run("doctor").check_without(&["shelf"]);
    run("doctor --features extra").check(0, &["shelf 0.1.0      1"]);
    // Cargo says itself what is wrong with that, when it is asked to test.
    run("doctor --features nope").check(0, &["user 0.1.0"]);
}
