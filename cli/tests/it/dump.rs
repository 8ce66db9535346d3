//! `cargo unsnarl dump`: processes that cannot be asked. How one answers is tested with the real `unsnarl`.

#![cfg(target_os = "linux")]

use std::process::Command;

use crate::support::{folder, on};

#[test]
fn who_is_not_there_is_no_process() {
    let nowhere = folder(&[]);
    let (answer, _reports) = on(nowhere.path(), "dump 4194305");
    answer.check(2, &["there is no process 4194305 that you may ask"]);
}

#[test]
fn a_process_that_may_not_be_asked_is_shown_as_the_system_sees_it_and_goes_on() {
    let nowhere = folder(&[]);
    let mut child = Command::new("sleep").arg("600").spawn().unwrap();
    let (answer, _reports) = on(nowhere.path(), &format!("dump {}", child.id()));
    answer.check(
        3,
        &["1 threads", "1: sleep", "start it with `UNSNARL_DUMP=1`"],
    );
    assert_eq!(child.try_wait().unwrap(), None);
    child.kill().unwrap();
    child.wait().unwrap();
}
