//! A crate made of tasks, with `use unsnarl::tokio;` and tokio's own attributes, macros and features.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use crate::support::{command, manifest, on, shared};

/// A post office: a counter that locks in opposite orders, and a courier that nobody calls back.
fn post() -> &'static Path {
    static POST: OnceLock<TempDir> = OnceLock::new();
    POST.get_or_init(|| {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let dependencies = format!(
            "[dependencies]\ntokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\", \"sync\", \"time\"] }}\n\
             unsnarl = {{ path = {:?}, features = [\"tokio\"] }}\n[workspace]",
            workspace.join("unsnarl")
        );
        let lock = fs::read_to_string(workspace.join("Cargo.lock")).unwrap();
        shared(
            "real-post",
            &[
                ("Cargo.toml", &manifest("post", &dependencies)),
                // The same versions as here, which are there already.
                ("Cargo.lock", &lock),
                ("src/lib.rs", include_str!("tasks/post.rs")),
                ("tests/it.rs", include_str!("tasks/tests.rs")),
            ],
        )
    })
    .path()
}

#[test]
fn tasks_lock_in_opposite_orders() {
    let (answer, _reports) = on(post(), "test both_ways");
    answer.check(
        1,
        &[
            "test result: ok. 1 passed",
            "error[lock-order-cycle]",
            "let mut stamps = self.stamps.lock().await;",
            "let mut parcels = self.parcels.lock().await;",
        ],
    );
}

#[test]
fn a_task_that_is_left_fails_its_test() {
    let (answer, _reports) = on(post(), "test courier_is_left");
    answer.check(
        1,
        &[
            "error[leaked-task]",
            "calls.recv().await",
            "is started here",
            "courier_is_left",
        ],
    );
}

#[test]
fn a_crate_of_tasks_without_a_bug_is_silent() {
    on(post(), "test quiet").0.check(0, &["1 process"]);
}

/// Tasks at one place are one group. The process is asked as long as it takes to come there, and then ended.
#[test]
#[cfg(target_os = "linux")]
fn a_process_says_where_its_tasks_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("process");
    let mut run = command(post(), "test is_asked -- --ignored")
        .env("UNSNARL_DUMP", "1")
        .env("POST_PROCESS", &file)
        .env("UNSNARL_REPORT_DIR", folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let answer = loop {
        let process = fs::read_to_string(&file).unwrap_or_default();
        if let Ok(process) = process.parse::<u32>() {
            let (answer, _reports) = on(post(), &format!("dump {process}"));
            if answer.stdout.contains("\n3: waits for ") {
                let killed = Command::new("kill").arg(process.to_string()).status();
                assert!(killed.unwrap().success());
                break answer;
            }
        }
        assert_eq!(run.try_wait().unwrap(), None, "it ended unasked");
        sleep(Duration::from_millis(100));
    };
    run.wait().unwrap();
    answer.check(
        0,
        &[
            "1 threads and 4 tasks, of which 3 wait",
            "\n3: waits for `parcels` here ",
            "tests/it.rs:",
            "\n    task ",
            "\n1: was suspended here last ",
        ],
    );
}
