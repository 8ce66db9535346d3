//! `--shim`: `core` is replaced as `std` is, so that atomics are the same types everywhere.

use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::support::{folder, manifest, on, shared};

/// A crate that counts in atomics of dependencies: one without `std`, and an old one, from the time before `dyn`.
fn counter() -> &'static Path {
    static COUNTER: OnceLock<TempDir> = OnceLock::new();
    let folder = COUNTER.get_or_init(|| {
        let dependencies = "[dependencies]\nbare = { path = \"bare\" }\n\
                            old = { path = \"old\" }\n[workspace]";
        let old = manifest("old", "").replace("2021", "2015");
        shared(
            "counter",
            &[
                ("Cargo.toml", &manifest("counter", dependencies)),
                ("src/lib.rs", include_str!("shim_core/counter.rs")),
                ("bare/Cargo.toml", &manifest("bare", "")),
                ("bare/src/lib.rs", include_str!("shim_core/bare.rs")),
                ("old/Cargo.toml", &old),
                ("old/src/lib.rs", include_str!("shim_core/old.rs")),
            ],
        )
    });
    folder.path()
}

#[test]
fn atomics_are_one_type_in_crates_with_and_without_std() {
    let (answer, _reports) = on(counter(), "test --shim all");
    answer.check(0, &["5 passed"]);
    answer.check_without(&["not watched", "warning"]);
}

/// What a program without the standard library is made of, on Linux.
#[cfg(target_os = "linux")]
const BARE_PROGRAM: &str = r#"
#![no_std]
#![no_main]

#[link(name = "c")]
unsafe extern "C" {}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    single::COUNT.load(core::sync::atomic::Ordering::SeqCst)
}
"#;

/// Ours brings the standard library into such a program, so that it has two panic handlers.
#[cfg(target_os = "linux")]
#[test]
fn a_program_without_std_is_left_alone_with_what_it_is_built_from() {
    let rest =
        "[[bin]]\nname = \"single\"\ntest = false\n[profile.dev]\npanic = \"abort\"\n[workspace]";
    let library = "#![no_std]\nuse core::sync::atomic::AtomicI32;\npub static COUNT: AtomicI32 = AtomicI32::new(7);";
    let test = r#"
        #[test]
        fn it_ends_with_the_count() {
            let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_single"));
            assert_eq!(std::thread::spawn(move || program.status()).join().unwrap().unwrap().code(), Some(7));
        }
    "#;
    let files = [
        ("Cargo.toml", &*manifest("single", rest)),
        ("src/lib.rs", library),
        ("src/main.rs", BARE_PROGRAM),
        ("tests/it.rs", test),
    ];
    let folder = folder(&files);
    let (answer, _reports) = on(folder.path(), "test --shim all");
    answer.check(3, &["1 passed", "with the real `std` in `single`"]);
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
