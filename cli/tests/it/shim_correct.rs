//! `--shim` on correct programs that use everything of `std` that orders threads: nothing is told of them, while everything is
//! on, recording included, and nothing is predicted from what was recorded.
//!
//! Each program runs a few times; with `UNSNARL_TEST_ROUNDS` it runs so often, and the recording, which has ten thousands of
//! threads then, is not analysed.

use std::fs;

use crate::support::{answer, command, folder, manifest};

#[test]
fn correct_programs_are_silent() {
    let folder = folder(&[
        ("Cargo.toml", &manifest("correct", "[workspace]")),
        ("src/lib.rs", ""),
        ("tests/it.rs", include_str!("shim_correct/programs.rs")),
    ]);
    let wanted = std::env::var("UNSNARL_TEST_ROUNDS").ok();
    let is_long = wanted.is_some();
    let rounds = wanted.unwrap_or_else(|| "20".to_owned());
    let traces = folder.path().join("traces");
    fs::create_dir(&traces).unwrap();
    let mut test = command(folder.path(), "test --shim all");
    test.env("UNSNARL_RECORD", &traces).env("ROUNDS", rounds);
    answer(&mut test).check(
        0,
        &["test result: ok. 18 passed", "nothing found in 1 process"],
    );
    if is_long {
        return;
    }
    let mut analysed = 0;
    for trace in fs::read_dir(&traces).unwrap() {
        let path = trace.unwrap().path();
        if fs::metadata(&path).unwrap().len() > 1000 {
            let line = format!("analyze {}", path.display());
            answer(&mut command(folder.path(), &line)).check(0, &["0 deadlocks"]);
            analysed += 1;
        }
    }
    assert!(analysed > 0, "something is recorded");
}
