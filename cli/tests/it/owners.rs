//! Whose findings are, and which of them fail the run.

use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::support::{Answer, folder, manifest, on, shared, write};

/// `dep` takes its own two locks in both orders, and hands out guards; the tests of `user` use the one and the other,
/// without ever letting two threads meet.
fn user() -> &'static Path {
    static USER: OnceLock<TempDir> = OnceLock::new();
    let folder = USER.get_or_init(|| {
        let dependencies = "[dependencies]\ndep = { path = \"../dep\" }\n[workspace]";
        shared(
            "owners",
            &[
                ("user/Cargo.toml", &*manifest("user", dependencies)),
                ("user/src/lib.rs", ""),
                ("user/tests/it.rs", include_str!("owners/tests.rs")),
                ("dep/Cargo.toml", &manifest("dep", "[workspace]")),
                ("dep/src/lib.rs", include_str!("owners/dep.rs")),
            ],
        )
    });
    Box::leak(folder.path().join("user").into_boxed_path())
}

fn run(line: &str) -> Answer {
    on(user(), line).0
}

#[test]
fn what_is_wholly_inside_a_dependency_is_a_note() {
    let answer = run("test theirs");
    answer.check(
        0,
        &[
            "note[lock-order-cycle]",
            "dep/src/lib.rs` is part of the dependency dep 0.1.0",
            "it is wholly inside the dependency dep 0.1.0, and fails no run: `--deps error` lets it count",
            "unsnarl: 1 note in",
        ],
    );
    answer.check_without(&["again:", "error["]);
}

#[test]
fn it_counts_where_that_is_asked_for() {
    run("test --deps error theirs").check(
        1,
        &[
            "error[lock-order-cycle]",
            "it is wholly inside the dependency dep 0.1.0",
        ],
    );
}

#[test]
fn the_settings_say_so_too() {
    let dependencies = format!(
        "[dependencies]\ndep = {{ path = {:?} }}\n[workspace]",
        user().with_file_name("dep")
    );
    let folder = folder(&[
        ("Cargo.toml", &*manifest("user", &dependencies)),
        ("src/lib.rs", ""),
        ("tests/it.rs", include_str!("owners/tests.rs")),
        (".config/unsnarl.toml", "deps = \"error\""),
    ]);
    on(folder.path(), "test theirs")
        .0
        .check(1, &["error[lock-order-cycle]"]);
    on(folder.path(), "test --deps note theirs")
        .0
        .check(0, &["note[lock-order-cycle]"]);
    write(
        &folder.path().join(".config/unsnarl.toml"),
        "deps = \"some\"",
    );
    on(folder.path(), "test theirs")
        .0
        .check(2, &["unknown variant `some`"]);
}

#[test]
fn an_order_that_the_user_decides_on_is_the_users() {
    run("test mine").check(1, &["error[lock-order-cycle]", "tests/it.rs"]);
    let handed_out = run("test handed_out");
    handed_out.check(
        1,
        &[
            "error[lock-order-cycle]",
            "is part of the dependency dep 0.1.0",
        ],
    );
    handed_out.check_without(&["wholly inside"]);
}

#[test]
fn a_hang_counts_wherever_it_is() {
    run("test hang").check(
        1,
        &[
            "error[self-deadlock]",
            "is part of the dependency dep 0.1.0",
        ],
    );
}

#[test]
fn the_report_says_whose_each_place_is() {
    let answer = run("test --message-format json theirs");
    answer.check(0, &[]);
    let report: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    let finding = &report["findings"][0];
    assert_eq!(finding["severity"], "note");
    let expected = serde_json::json!({"whose": "dependency", "package": "dep", "version": "0.1.0"});
    assert_eq!(finding["owner"], expected);
    assert_eq!(finding["labels"][0]["owner"], expected);
    let mine = run("test --message-format json mine");
    let report: serde_json::Value = serde_json::from_str(&mine.stdout).unwrap();
    let finding = &report["findings"][0];
    assert_eq!(finding["owner"]["whose"], "workspace");
    assert_eq!(finding["owner"]["package"], "user");
}

/// The process exits with 101 then, though all its tests pass.
#[test]
fn a_process_that_fails_for_a_note_alone_fails_no_run() {
    let said = [
        "Again to see whether the tests fail by themselves",
        "note[lock-order-cycle]",
    ];
    for what in ["exit", "panic"] {
        run(&format!("test --on-finding {what} theirs")).check(0, &said);
    }
    run("test --on-finding exit failing").check(4, &said);
    run("test --on-finding exit mine").check(1, &["error[lock-order-cycle]"]);
}
