//! What a project or its environment does to the compiler's calls, with the wrapper among them.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{answer, command, folder, manifest, write};

/// A crate that needs nothing but `std`, and hangs.
const RELOCK: &str = "#[test] fn relock() { let m = std::sync::Mutex::new(0); let _a = m.lock(); let _b = m.lock(); }";
const FOUND: &str = "error[self-deadlock]";

/// A crate with files of its own.
fn user(files: &[(&str, &str)]) -> TempDir {
    let manifest = manifest("user", "[workspace]");
    let user = folder(&[("Cargo.toml", &*manifest), ("src/lib.rs", RELOCK)]);
    for (path, text) in files {
        write(&user.path().join(path), text);
    }
    user
}

#[cfg(unix)]
fn program(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    write(path, text);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A wrapper that writes down the calls of the compiler that it passes on.
#[cfg(unix)]
const NOTING: &str = "#!/bin/sh\necho \"$*\" >> \"$CALLS\"\nexec \"$@\"\n";

#[cfg(unix)]
#[test]
fn wrappers_of_the_users_are_called_too_wherever_they_are_named() {
    let configured = [(
        ".cargo/config.toml",
        "[build]\nrustc-wrapper = \"tools/wrapper\"",
    )];
    let workspace = [(
        ".cargo/config.toml",
        "[build]\nrustc-workspace-wrapper = \"tools/wrapper\"",
    )];
    for (files, variable) in [
        (&[][..], Some("RUSTC_WRAPPER")),
        (&[][..], Some("RUSTC_WORKSPACE_WRAPPER")),
        (&[][..], Some("CARGO_BUILD_RUSTC_WRAPPER")),
        (&configured[..], None),
        (&workspace[..], None),
    ] {
        let user = user(files);
        let (wrapper, calls) = (user.path().join("tools/wrapper"), user.path().join("calls"));
        program(&wrapper, NOTING);
        let mut command = command(user.path(), "test");
        command.envs(variable.map(|name| (name, &wrapper)));
        answer(command.env("CALLS", &calls)).check(1, &[FOUND]);
        let calls = fs::read_to_string(calls).unwrap();
        let mut of_user = calls
            .lines()
            .filter(|line| line.contains("--crate-name user"));
        let is_watched = |line: &str| line.contains("--extern std=");
        assert!(of_user.any(is_watched), "{variable:?} {files:?}\n{calls}");
    }
}

#[test]
fn a_wrapper_that_is_not_there_is_named() {
    let user = user(&[(
        ".cargo/config.toml",
        "[build]\nrustc-wrapper = \"no/such/wrapper\"",
    )]);
    answer(&mut command(user.path(), "test"))
        .check(2, &["no/such/wrapper", "`build.rustc-wrapper`"]);
}

#[test]
fn a_wrapper_of_ours_that_was_left_behind_breaks_nothing() {
    let user = user(&[]);
    let mut gone = command(user.path(), "test");
    answer(gone.env("RUSTC_WRAPPER", "/no/such/cargo-unsnarl")).check(
        1,
        &[
            FOUND,
            "`RUSTC_WRAPPER` is `/no/such/cargo-unsnarl`, which is not there",
            "unset RUSTC_WRAPPER",
        ],
    );
    // Without a plan, or with one that nobody can read, it only passes calls on.
    for plan in [None, Some("{}"), Some("nonsense")] {
        let mut build = Command::new("cargo");
        build
            .args(["build", "--quiet"])
            .current_dir(user.path())
            .env("CARGO_TARGET_DIR", user.path().join("target"))
            .env("RUSTC_WRAPPER", env!("CARGO_BIN_EXE_cargo-unsnarl"))
            .envs(plan.map(|plan| ("UNSNARL_WRAP", plan)));
        answer(&mut build).check(0, &[]);
        fs::remove_dir_all(user.path().join("target")).unwrap();
    }
}

#[test]
fn flags_and_folders_of_the_configuration_are_kept() {
    let lib = format!("{RELOCK}\n#[cfg(not(mine))] compile_error!(\"no flag\");");
    let config =
        "[build]\nrustflags = [\"--cfg\", \"mine\"]\ntarget-dir = \"out\"\nbuild-dir = \"parts\"\n";
    let user = user(&[(".cargo/config.toml", config), ("src/lib.rs", &lib)]);
    let mut watched = command(user.path(), "test");
    // What is built for the test suite is used again: it is the same crate of ours.
    answer(watched.env("CARGO_BUILD_BUILD_DIR", user.path().join("parts"))).check(1, &[FOUND]);
    assert!(
        !user.path().join("parts").exists(),
        "the normal build's folder is used"
    );
}

/// As tests of procedural macros do, which compare what the compiler says.
#[test]
fn cargo_called_by_a_test_builds_as_ever() {
    let lib = r#"#[test] fn calls_cargo() {
        let inner = concat!(env!("CARGO_MANIFEST_DIR"), "/inner");
        let output = std::process::Command::new("cargo").args(["run", "--target", "HOST"]).current_dir(inner).output();
        assert!(output.unwrap().status.success());
        drop(std::sync::Mutex::new(1).lock());
    }"#;
    let inner = "fn main() { assert!(std::any::type_name::<std::sync::Mutex<u8>>().starts_with(\"std::\")); }";
    let user = user(&[
        ("src/lib.rs", &lib.replace("HOST", &host())),
        ("inner/Cargo.toml", &manifest("inner", "[workspace]")),
        ("inner/src/main.rs", inner),
    ]);
    answer(&mut command(user.path(), "test")).check(0, &["1 passed", "1 process"]);
    assert!(
        user.path().join("inner/target").is_dir(),
        "it builds in our folder"
    );
}

#[test]
fn flags_for_documentation_are_kept() {
    let host = host();
    let config = format!(
        "[target.{host}]\nrustdocflags = \"--cfg mine\"\n[build]\nrustdocflags = \"--cfg theirs\""
    );
    let lib = "/// ```\n/// assert!(cfg!(mine) && !cfg!(theirs));\n/// let lock: std::sync::Mutex<u8> = user::lock();\n/// drop(lock.lock());\n/// ```\npub fn lock() -> std::sync::Mutex<u8> { Default::default() }";
    let user = user(&[(".cargo/config.toml", &config), ("src/lib.rs", lib)]);
    answer(&mut command(user.path(), "test --doc")).check(0, &["1 passed"]);
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    lines
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap()
        .to_owned()
}

#[test]
fn a_platform_may_be_configured() {
    let config = format!("[build]\ntarget = [\"no-such-platform\", \"{}\"]", host());
    let user = user(&[(".cargo/config.toml", &config)]);
    answer(&mut command(user.path(), "test")).check(1, &[FOUND]);
}

/// It is tested without us then, and that says nothing.
#[test]
fn where_nothing_can_take_the_place_of_std_the_tests_run_all_the_same() {
    let user = user(&[("src/lib.rs", "#[test] fn fine() {}")]);
    let line = "test -Z build-std";
    let said = ["with `-Z build-std`, nothing can take the place of the standard library"];
    answer(&mut command(user.path(), &format!("{line} --shim all"))).check(2, &said);
    let config = [(".cargo/config.toml", "[unstable]\nbuild-std = [\"std\"]")];
    write(&user.path().join(config[0].0), config[0].1);
    // On a stable toolchain, cargo leaves that alone.
    answer(&mut command(user.path(), "test")).check(
        3,
        &[
            said[0],
            "warning: nothing is watched",
            "test result: ok. 1 passed",
            "nothing was watched, so nothing could be found",
        ],
    );
}

#[test]
fn a_platform_without_std_is_said_so() {
    let user = user(&[]);
    answer(&mut command(
        user.path(),
        "test --shim all --target thumbv7em-none-eabi",
    ))
    .check(
        2,
        &[
            "there is no standard library for the platform `thumbv7em-none-eabi`",
            "rustup target add thumbv7em-none-eabi",
        ],
    );
}

/// A compiler that says that it is an old one.
#[cfg(unix)]
#[test]
fn an_old_compiler_is_said_so() {
    let user = user(&[("src/lib.rs", "#[test] fn fine() {}")]);
    let rustc = user.path().join("tools/rustc");
    program(
        &rustc,
        "#!/bin/sh\nif [ \"$*\" = -vV ]; then rustc -vV | sed 's/release: .*/release: 1.80.1/'; else exec rustc \"$@\"; fi\n",
    );
    let mut command = command(user.path(), "test");
    answer(command.env("RUSTC", &rustc)).check(
        3,
        &[
            "Rust 1.80.1 is too old",
            "1.95 or newer",
            "test result: ok. 1 passed",
        ],
    );
}

#[test]
fn crates_may_call_something_else_std() {
    let bare = "#![no_std]\nextern crate alloc as std;\npub fn text() -> std::string::String { std::string::String::from(\"a\") }";
    let maybe = "#![no_std]\n#[cfg(all(test, not(feature = \"std\")))] #[macro_use] extern crate std;\n#[cfg(feature = \"std\")] extern crate std;\n\
                 #[cfg(feature = \"std\")] pub fn lock(m: &std::sync::Mutex<u8>) -> u8 { *m.lock().unwrap() }";
    let renamed = "extern crate std as real;\nmod std { pub use real::sync; }\npub type Lock = crate::std::sync::Mutex<u8>;\npub type Other = ::std::sync::Mutex<u8>;";
    let user = user(&[
        (
            "Cargo.toml",
            &manifest(
                "user",
                "[dependencies]\nbare = { path = \"bare\" }\nmaybe = { path = \"maybe\", features = [\"std\"] }\nrenamed = { path = \"renamed\" }\n[workspace]",
            ),
        ),
        (
            "src/lib.rs",
            "#[test] fn all() { let m: renamed::Lock = renamed::Other::new(1); bare::text(); maybe::lock(&m); }",
        ),
        ("bare/Cargo.toml", &manifest("bare", "")),
        ("bare/src/lib.rs", bare),
        (
            "maybe/Cargo.toml",
            &manifest("maybe", "[features]\nstd = []"),
        ),
        ("maybe/src/lib.rs", maybe),
        ("renamed/Cargo.toml", &manifest("renamed", "")),
        ("renamed/src/lib.rs", renamed),
    ]);
    let answer = answer(&mut command(user.path(), "test --workspace"));
    answer.check(0, &["1 process"]);
    answer.check_without(&["not watched"]);
}

/// The one lock is `unsnarl`'s, which the crate has switched on itself, and the other `std`'s.
#[test]
fn a_crate_that_has_switched_unsnarl_on_is_watched_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let dependency = format!(
        "[features]\ndefault = [\"unsnarl/check\"]\n[dependencies]\nunsnarl = {{ path = {:?} }}\n[workspace]",
        root.join("unsnarl")
    );
    let lib = "#[test] fn both() {
        let (x, y) = (std::sync::Mutex::new(1), unsnarl::sync::Mutex::new(2));
        let (done, wait) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let (x, y) = (&x, &y);
            scope.spawn(move || { let a = x.lock().unwrap(); drop(y.lock()); drop(a); done.send(()).unwrap(); });
            unsnarl::thread::scope(|scope| { scope.spawn(move || { wait.recv().unwrap(); let b = y.lock().unwrap(); drop(x.lock()); drop(b); }); });
        });
    }";
    let lock = fs::read_to_string(root.join("Cargo.lock")).unwrap();
    let user = user(&[
        ("Cargo.toml", &manifest("user", &dependency)),
        ("Cargo.lock", &lock),
        ("src/lib.rs", lib),
    ]);
    let answer = answer(&mut command(user.path(), "test --shim all"));
    answer.check(1, &["error[lock-order-cycle]", "in 1 process"]);
    answer.check_without(&["not watched"]);
}

#[test]
fn it_works_without_the_network() {
    let user = user(&[]);
    answer(&mut command(user.path(), "test --offline")).check(1, &[FOUND]);
}

/// What our own crates are built from has to be fetched once.
#[test]
fn without_the_network_the_first_time_the_tests_run_all_the_same() {
    let user = user(&[("src/lib.rs", "#[test] fn fine() {}")]);
    let mut command = command(user.path(), "test");
    command.env("CARGO_HOME", user.path().join("home"));
    answer(&mut command).check(
        3,
        &[
            "nothing is watched: the crate that stands in for `std` does not build",
            "the network the first time",
            "test result: ok. 1 passed",
        ],
    );
}

/// Each has what was built for it, and finds it again.
#[test]
#[ignore = "builds for two toolchains, which takes minutes; needs `rustup toolchain install nightly`"]
fn two_toolchains_do_not_disturb_each_other() {
    let user = user(&[]);
    for (toolchain, again) in [
        ("stable", &[][..]),
        ("nightly", &[]),
        ("stable", &["Preparing", "Compiling"]),
    ] {
        let choice = format!("[toolchain]\nchannel = \"{toolchain}\"");
        write(&user.path().join("rust-toolchain.toml"), &choice);
        let mut command = command(user.path(), "test");
        command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
        let answer = answer(&mut command);
        answer.check(1, &[FOUND]);
        answer.check_without(again);
    }
}
