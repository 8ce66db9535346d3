//! `--shim`: crates that know nothing of `unsnarl`, watched as they are.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::run::has_nextest;
use crate::support::{Answer, answer, command, folder, manifest, on, shared, stub, write};

/// A market whose till is its own and whose shelf is another crate's; tests of it lock them in opposite orders, without
/// ever letting them meet. It has a build script, and a procedural macro.
fn market() -> &'static Path {
    static MARKET: OnceLock<TempDir> = OnceLock::new();
    let folder = MARKET.get_or_init(|| {
        let dependencies = "build = \"build.rs\"\n[dependencies]\nshelf = { path = \"../shelf\" }\n\
                            tool = { path = \"../tool\" }\n[workspace]";
        let tool = "[lib]\nproc-macro = true\n[workspace]";
        shared(
            "market",
            &[
                ("market/Cargo.toml", &manifest("market", dependencies)),
                ("market/build.rs", include_str!("shim/build.rs")),
                ("market/src/lib.rs", include_str!("shim/market.rs")),
                ("market/tests/it.rs", include_str!("shim/tests.rs")),
                ("shelf/Cargo.toml", &manifest("shelf", "[workspace]")),
                ("shelf/src/lib.rs", include_str!("shim/shelf.rs")),
                ("tool/Cargo.toml", &manifest("tool", tool)),
                ("tool/src/lib.rs", include_str!("shim/tool.rs")),
            ],
        )
    });
    Box::leak(folder.path().join("market").into_boxed_path())
}

/// A crate that needs nothing but `std`, and hangs.
const RELOCK: &str = "#[test] fn relock() { let m = std::sync::Mutex::new(0); let _a = m.lock(); let _b = m.lock(); }";

/// What comes out on a crate with these files, and the crate.
fn lone(files: &[(&str, &str)], line: &str) -> (Answer, TempDir) {
    let folder = folder(files);
    let answer = answer(&mut command(folder.path(), line));
    (answer, folder)
}

#[test]
fn an_inversion_with_a_lock_of_a_dependency_is_found() {
    let (answer, _reports) = on(market(), "test across");
    answer.check(
        1,
        &[
            "test result: ok. 1 passed",
            "error[lock-order-cycle]",
            "shelf/src/lib.rs:",
            "let till = self.till.lock()",
            "self.stock.lock()",
            "again: cargo unsnarl test across\n",
        ],
    );
    answer.check_without(&["not watched"]);
}

#[test]
fn how_it_was_asked_for_is_said_again() {
    let (answer, _reports) = on(market(), "test --shim all across");
    answer.check(1, &["again: cargo unsnarl test --shim all across\n"]);
}

#[test]
fn an_inversion_is_found_under_nextest_too() {
    if has_nextest() {
        let (answer, _reports) = on(market(), "test --runner nextest across");
        answer.check(
            1,
            &[
                "error[lock-order-cycle]",
                "again: cargo unsnarl test --runner nextest across",
            ],
        );
    }
}

#[test]
fn a_program_optimised_at_link_time_is_watched() {
    let manifest = manifest("user", "[profile.release]\nlto = true\n[workspace]");
    let files = [("Cargo.toml", &*manifest), ("src/lib.rs", RELOCK)];
    let (answer, _folder) = lone(&files, "test --release");
    answer.check(1, &["error[self-deadlock]"]);
}

/// What threads are called, and all else that a type of `std::thread` can be kept as.
const KEPT: &str = "use std::thread::{self, JoinHandle, LocalKey, Thread, ThreadId};
    thread_local! { static OWN: std::cell::Cell<i32> = const { std::cell::Cell::new(0) }; }
    pub struct Kept { id: ThreadId, thread: Thread, handle: Option<JoinHandle<ThreadId>>, own: &'static LocalKey<std::cell::Cell<i32>> }
    #[test] fn kept() {
        let handle = thread::spawn(|| thread::current().id());
        let thread = handle.thread().clone();
        let mut kept = Kept { id: thread.id(), thread, handle: Some(handle), own: &OWN };
        assert_eq!(kept.handle.take().unwrap().join().unwrap(), kept.id);
        assert_eq!(kept.thread.id(), kept.id);
        assert_eq!(kept.own.get(), 0);
    }";

#[test]
fn what_threads_are_called_can_be_kept() {
    let manifest = manifest("user", "[workspace]");
    let files = [("Cargo.toml", &*manifest), ("src/lib.rs", KEPT)];
    for line in ["test", "explore"] {
        let (answer, _folder) = lone(&files, line);
        answer.check(0, &["nothing found"]);
        answer.check_without(&["not watched"]);
    }
}

#[test]
fn only_the_workspace_is_watched_where_that_is_asked_for() {
    let (both, _reports) = on(market(), "test --shim workspace across");
    both.check(0, &["test result: ok. 1 passed"]);
    let (own, _reports) = on(market(), "test --shim workspace within");
    own.check(1, &["error[lock-order-cycle]", "src/lib.rs"]);
}

#[test]
fn what_runs_while_building_keeps_the_real_std() {
    on(market(), "test whose").0.check(0, &[]);
    on(market(), "test --doc").0.check(0, &["1 passed"]);
}

#[test]
fn without_the_shim_the_market_is_not_watched() {
    let said = [
        "nothing in `market` depends on `unsnarl`",
        "leave out `--shim none`",
    ];
    answer(&mut command(market(), "test --shim none")).check(2, &said);
    let mut command = command(market(), "test");
    answer(command.env("UNSNARL_SHIM", "none")).check(2, &said);
}

/// The stub does not watch; so who finds it has the shim.
#[test]
fn a_crate_is_watched_as_it_is_where_unsnarl_cannot_be_switched_on() {
    let dependency = format!(
        "[target.'cfg(target_os = \"none\")'.dependencies]\nunsnarl = {{ {} }}\n[workspace]",
        stub()
    );
    let files = [
        ("Cargo.toml", &*manifest("user", &dependency)),
        ("src/lib.rs", RELOCK),
    ];
    lone(&files, "test").0.check(1, &["error[self-deadlock]"]);
}

#[test]
fn a_crate_that_does_not_build_so_is_named_and_the_run_goes_on() {
    let market = market().with_file_name("shelf");
    let narrow = "const _: () = assert!(size_of::<std::sync::Mutex<u8>>() < 16);\npub fn f() {}";
    let dependencies = format!(
        "[dependencies]\nnarrow = {{ path = \"narrow\" }}\nshelf = {{ path = {market:?} }}\n[workspace]"
    );
    let test = "#[test] fn relock() { narrow::f(); let s = shelf::Shelf::default(); s.relock(); }";
    let files = [
        ("Cargo.toml", &*manifest("user", &dependencies)),
        ("src/lib.rs", test),
        ("narrow/Cargo.toml", &manifest("narrow", "")),
        ("narrow/src/lib.rs", narrow),
    ];
    let (first, folder) = lone(&files, "test");
    let said = "not watched: `narrow` of narrow 0.1.0";
    first.check(1, &[said, "error[self-deadlock]"]);
    // Cargo does not build it again, and it is named all the same.
    answer(&mut command(folder.path(), "test")).check(1, &[said]);
    write(&folder.path().join("narrow/src/lib.rs"), "pub fn f() {}");
    let cured = answer(&mut command(folder.path(), "test"));
    cured.check(1, &[]);
    cured.check_without(&["not watched"]);
}

#[test]
fn errors_of_the_crate_itself_are_shown_once() {
    let files = [
        ("Cargo.toml", &*manifest("broken", "[workspace]")),
        ("src/lib.rs", "fn f() { 1u8.nope() }"),
    ];
    let (answer, _folder) = lone(&files, "test");
    answer.check(4, &["no method named `nope`", "the tests do not build"]);
    assert_eq!(answer.stderr.matches("no method named").count(), 1);
}

/// `unsnarl::sync` means `std::sync` there, with a stub as with the real one.
#[test]
fn a_crate_written_for_unsnarl_is_watched_too() {
    let dependency = format!("[dependencies]\nunsnarl = {{ {} }}\n[workspace]", stub());
    let files = [
        ("Cargo.toml", &*manifest("user", &dependency)),
        ("src/lib.rs", RELOCK),
    ];
    lone(&files, "test --shim all")
        .0
        .check(1, &["error[self-deadlock]"]);
}

#[cfg(unix)]
#[test]
fn the_users_own_wrapper_is_called_too() {
    use std::os::unix::fs::PermissionsExt;
    let files = [
        ("Cargo.toml", &*manifest("user", "[workspace]")),
        ("src/lib.rs", RELOCK),
        (
            "wrapper",
            "#!/bin/sh\necho \"$*\" >> \"$CALLS\"\nexec \"$@\"\n",
        ),
    ];
    let folder = folder(&files);
    let (wrapper, calls) = (folder.path().join("wrapper"), folder.path().join("calls"));
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = command(folder.path(), "test");
    command.env("RUSTC_WRAPPER", &wrapper).env("CALLS", &calls);
    answer(&mut command).check(1, &["error[self-deadlock]"]);
    let calls = fs::read_to_string(calls).unwrap();
    let mut of_user = calls
        .lines()
        .filter(|line| line.contains("--crate-name user"));
    assert!(
        of_user.any(|line| line.contains("--extern std=")),
        "{calls}"
    );
}

#[test]
fn a_wrapper_left_in_the_environment_breaks_nothing() {
    let mut command = command(Path::new("/"), "");
    let program = command.get_program().to_owned();
    command = std::process::Command::new(program);
    command
        .args(["rustc", "--version"])
        .env("UNSNARL_WRAP", "{}");
    answer(&mut command).check(0, &["rustc 1."]);
}
