//! What a process tells of its time. Each program runs in a process of its own, measured.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use unsnarl::sync::{Arc, Mutex, mpsc};
use unsnarl::thread;

/// How long a process may take at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts one of the ignored tests here in a process of its own, whose report goes to this folder.
fn start(test: &str, folder: &Path, profile: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("profile::{test}"), "--ignored"])
        .env("UNSNARL_PROFILE", profile)
        .env("UNSNARL_ON_FINDING", "record")
        .env("UNSNARL_REPORT_DIR", folder)
        .stderr(fs::File::create(folder.with_extension("stderr")).unwrap())
        .spawn()
        .unwrap()
}

/// A folder of this test's own, which is not there yet.
fn folder(test: &str) -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    // SeqCst: a number.
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    let test = format!("{test}-{number}").replace(':', "-");
    let folder =
        std::env::temp_dir().join(format!("unsnarl-profile-{}-{test}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

/// What a program leaves: its report, without spaces, and what it said.
fn report(test: &str, profile: &str) -> (String, String) {
    let folder = folder(test);
    assert!(start(test, &folder, profile).wait().unwrap().success());
    let report = read(&folder);
    let said = fs::read_to_string(folder.with_extension("stderr")).unwrap();
    let _ = fs::remove_dir_all(&folder);
    let _ = fs::remove_file(folder.with_extension("stderr"));
    (report, said)
}

fn read(folder: &Path) -> String {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut reports = files
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"));
    let text = reports
        .next()
        .and_then(|path| fs::read_to_string(path).ok());
    let text = text.unwrap_or_default();
    text.split_whitespace().collect()
}

#[test]
#[ignore = "another test runs it in a process of its own"]
fn a_hundred_threads() {
    let total = Arc::new(Mutex::new(0));
    let threads: Vec<_> = (0..100)
        .map(|_| {
            let total = Arc::clone(&total);
            thread::spawn(move || *total.lock().unwrap() += 1)
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    assert_eq!(*total.lock().unwrap(), 100);
}

#[test]
fn a_hundred_threads_are_counted_by_place() {
    let (report, _) = report("a_hundred_threads", "1");
    for words in [
        "\"tasks\":false,\"started\":100,",
        "\"shared\":false,\"acquired\":100,",
    ] {
        assert!(report.contains(words), "{words}: {report}");
    }
}

#[test]
#[ignore = "another test runs it in a process of its own"]
fn no_thread() {
    drop(Mutex::new(0).lock());
}

#[test]
fn a_program_without_threads_has_a_profile_too() {
    let (report, _) = report("no_thread", "1");
    assert!(report.contains("\"ended\":true"), "{report}");
    assert!(report.contains("\"queues\":[]"), "{report}");
}

#[test]
fn limits_that_are_none_are_said_and_the_others_hold() {
    let (report, said) = report("no_thread", "depth=7");
    assert!(
        said.contains("`UNSNARL_PROFILE`: `depth=7` is no limit"),
        "{said}"
    );
    assert!(report.contains("\"queues\":[]"), "{report}");
}

#[test]
fn nothing_is_measured_unless_that_is_asked_for() {
    for no in ["", "0"] {
        let (report, _) = report("no_thread", no);
        assert!(report.contains("\"profile\":null"), "{report}");
    }
}

#[test]
#[ignore = "another test runs it in a process of its own"]
fn goes_on() {
    let (sender, receiver) = mpsc::channel();
    let worker = thread::spawn(move || receiver.iter().for_each(|()| {}));
    let start = Instant::now();
    // Whoever started it ends it before.
    while start.elapsed() < PATIENCE {
        sender.send(()).unwrap();
        thread::sleep(Duration::from_millis(1));
    }
    drop(sender);
    worker.join().unwrap();
}

#[test]
fn a_process_that_is_killed_has_left_what_it_did_until_shortly_before() {
    let folder = folder("goes_on");
    let mut child = start("goes_on", &folder, "1");
    let start = Instant::now();
    let has_messages = || read(&folder).contains("\"bound\":null,\"channels\":1,\"put\":");
    while !has_messages() && start.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let report = read(&folder);
    assert!(report.contains("\"ended\":false"), "{report}");
    assert!(has_messages(), "{report}");
    let _ = fs::remove_dir_all(&folder);
    let _ = fs::remove_file(folder.with_extension("stderr"));
}

#[test]
fn a_folder_that_cannot_be_written_is_said_and_the_program_goes_on() {
    let folder = folder("unwritable");
    // Where the folder should be, there is a file.
    fs::write(&folder, "").unwrap();
    assert!(
        start("a_hundred_threads", &folder, "1")
            .wait()
            .unwrap()
            .success()
    );
    let said = fs::read_to_string(folder.with_extension("stderr")).unwrap();
    assert!(said.contains("unsnarl: cannot write"), "{said}");
    let _ = fs::remove_file(&folder);
    let _ = fs::remove_file(folder.with_extension("stderr"));
}

/// A pipe that another process writes into now and then: what reads from it blocks in a call that nobody watches.
#[test]
#[cfg(target_os = "linux")]
#[ignore = "another test runs it in a process of its own"]
fn reads_slowly() {
    use std::io::Read;
    use std::process::Stdio;

    let script = "for i in 1 2 3 4 5 6 7 8; do sleep 0.01; printf x; done";
    let mut writer = Command::new("sh")
        .args(["-c", script])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let source = Mutex::new(writer.stdout.take().unwrap());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                // Both read under the one lock, until there is no more.
                while matches!(source.lock().unwrap().read(&mut [0]), Ok(1)) {}
            });
        }
    });
    writer.wait().unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_lock_held_over_a_call_that_nobody_watches_is_told() {
    if fs::metadata("/proc/thread-self/schedstat").is_err() {
        // The system does not say how long a thread was ready to run.
        return;
    }
    // Two threads take turns as they like, and of each the first hold is not looked at.
    let (report, _) = report("reads_slowly", "holds=1");
    assert!(report.contains("\"slug\":\"long-hold\""), "{report}");
    assert!(report.contains("inacallthatblocks"), "{report}");
}

#[test]
#[ignore = "another test runs it in a process of its own"]
fn a_pool_waits_for_work() {
    let (sender, jobs) = mpsc::channel::<()>();
    let jobs = Mutex::new(jobs);
    thread::scope(|scope| {
        for _ in 0..4 {
            // Each waits for the next job under the lock, and the others for the lock.
            scope.spawn(|| while jobs.lock().unwrap().recv().is_ok() {});
        }
        for _ in 0..60 {
            thread::sleep(Duration::from_millis(2));
            sender.send(()).unwrap();
        }
        drop(sender);
    });
}

#[test]
fn a_pool_of_idle_workers_is_no_contention() {
    let (report, _) = report("a_pool_waits_for_work", "acquired=1,contended=0,holds=1");
    assert!(report.contains("\"findings\":[]"), "{report}");
}

#[cfg(feature = "tokio")]
mod tasks {
    use std::time::Duration;

    use unsnarl::tokio;
    use unsnarl::tokio::sync::{Mutex, mpsc};
    use unsnarl::tokio::time::sleep;

    use super::report;
    use unsnarl::sync::Arc;

    async fn hold(lock: Arc<Mutex<()>>) {
        let _held = lock.lock().await;
        sleep(Duration::from_millis(3)).await;
    }

    #[test]
    #[ignore = "another test runs it in a process of its own"]
    fn tasks_hold_locks() {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let lock = Arc::new(Mutex::new(()));
            let (sender, mut receiver) = mpsc::unbounded_channel();
            let tasks: Vec<_> = (0..8)
                .map(|_| {
                    sender.send(()).unwrap();
                    tokio::spawn(hold(Arc::clone(&lock)))
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
            assert_eq!(receiver.recv().await, Some(()));
        });
    }

    #[test]
    fn what_tasks_await_while_they_hold_a_lock_counts() {
        let (report, _) = report("tasks::tasks_hold_locks", "1");
        for words in [
            "\"kind\":\"asyncMutex\"",
            "\"tasks\":true,\"started\":8,",
            "\"shared\":false,\"acquired\":8,\"contended\":7,",
            "\"bound\":null,\"channels\":1,\"put\":8,\"taken\":1,",
            "\"slug\":\"long-hold\"",
        ] {
            assert!(report.contains(words), "{words}: {report}");
        }
    }
}
