//! Fault points: armed by a test for itself, or struck in a campaign's run.

use std::io;
use std::process::{Command, id};

use unsnarl::sync::Mutex;
use unsnarl::{Session, fault, fault_point, thread};

fn charge() -> io::Result<()> {
    fault_point!("before-charge", return Err(io::ErrorKind::TimedOut.into()));
    fault_point!("after-charge");
    Ok(())
}

#[test]
fn an_armed_point_fails_until_it_is_disarmed() {
    let armed = fault::error_at("before-charge");
    assert!(charge().is_err());
    drop(armed);
    assert!(charge().is_ok());
    let _armed = fault::delay_at("before-charge", std::time::Duration::ZERO);
    assert!(charge().is_ok());
}

#[test]
fn a_point_is_armed_for_the_threads_of_its_test_too() {
    let _armed = fault::panic_at("after-charge");
    let payload = thread::spawn(charge).join().unwrap_err();
    let said = payload.downcast_ref::<String>().unwrap();
    assert!(said.contains("fault at `after-charge`"), "{said}");
}

#[test]
fn a_point_is_not_armed_for_other_tests() {
    let _session = Session::open("one");
    let _armed = fault::error_at("before-charge");
    let other = || {
        let _session = Session::open("other");
        charge()
    };
    assert!(std::thread::scope(|scope| scope.spawn(other).join().unwrap()).is_ok());
    assert!(charge().is_err());
}

#[test]
#[ignore = "another test runs it in a process of its own"]
#[expect(clippy::print_stdout, reason = "read by the test that runs it")]
fn comes_by() {
    // Noise begins with the first watched object.
    drop(Mutex::new(0).lock());
    for _ in 0..10 {
        let _ = charge();
    }
    let cores = thread::available_parallelism().unwrap();
    let started = thread::Builder::new().spawn(|| ());
    println!("cores {cores}, started {}", started.is_ok());
}

#[test]
fn a_campaign_lets_points_fail_and_names_them() {
    let folder = std::env::temp_dir().join(format!("unsnarl-faults-{}", id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut names = String::new();
    for seed in 0..40 {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "faults::comes_by", "--ignored", "--nocapture"])
            .env("UNSNARL_NOISE", format!("plain:{seed}+faults"))
            .env("UNSNARL_REPORT_DIR", &folder)
            .output()
            .unwrap();
        names += &String::from_utf8_lossy(&child.stdout);
    }
    for file in std::fs::read_dir(&folder).unwrap().flatten() {
        if file.file_name().to_string_lossy().starts_with("faults-") {
            names += &(std::fs::read_to_string(file.path()).unwrap() + "\n");
        }
    }
    let _ = std::fs::remove_dir_all(folder);
    for name in [
        "an error at `before-charge`",
        "a delay at `before-charge`",
        "a panic at `after-charge`",
        "a delay at `after-charge`",
        "a thread that cannot be started",
        "started false",
        "started true",
        "a machine with one core",
        "cores 1,",
    ] {
        assert!(names.contains(name), "{name}: {names}");
    }
}
