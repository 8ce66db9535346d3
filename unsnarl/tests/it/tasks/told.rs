//! What is told of tasks. Each program runs in a process of its own, since what is found there must not fail this one.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use unsnarl::leak::check_none;
use unsnarl::sync::Mutex as Blocking;
use unsnarl::tokio;
use unsnarl::tokio::runtime::{Builder, Runtime};
use unsnarl::tokio::sync::{Mutex, Semaphore, mpsc};
use unsnarl::tokio::task::JoinSet;

/// Runs the program of the test of this name in a process of its own, and returns what is told of it on stderr.
fn told(name: &str, program: impl FnOnce()) -> Option<String> {
    const VARIABLE: &str = "UNSNARL_TOLD";
    if std::env::var_os(VARIABLE).is_some() {
        program();
        return None;
    }
    if cfg!(not(feature = "observe")) {
        // Nothing would be told, and what hangs would hang.
        return None;
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    let output = child
        .args(["--exact", &format!("tasks::told::{name}"), "--nocapture"])
        .env(VARIABLE, "1")
        .output()
        .unwrap();
    Some(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What is told must have these words.
fn check(told: Option<String>, words: &[&str]) {
    if let Some(told) = told {
        for word in words {
            assert!(told.contains(word), "no `{word}` in\n{told}");
        }
        if words.is_empty() {
            assert!(
                !told.contains("error[") && !told.contains("warning["),
                "{told}"
            );
        }
    }
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn two_threads() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}

#[test]
#[allow(clippy::await_holding_lock, reason = "that is told")]
fn a_lock_that_blocks_is_held_across_an_await() {
    let told = told("a_lock_that_blocks_is_held_across_an_await", || {
        one_thread().block_on(async {
            let lock = Blocking::new(1);
            let (sender, mut receiver) = mpsc::channel(1);
            tokio::spawn(async move { sender.send(1).await });
            let held = lock.lock().unwrap();
            receiver.recv().await;
            drop(held);
        });
    });
    let words = [
        "warning[guard-across-await]",
        "let held = lock.lock().unwrap();",
        "receiver.recv().await;",
        "is suspended here, and still holds it",
    ];
    check(told, &words);
}

#[test]
fn a_lock_held_before_the_runtime_is_not_held_across_an_await() {
    let told = told(
        "a_lock_held_before_the_runtime_is_not_held_across_an_await",
        || {
            let lock = Blocking::new(1);
            let _held = lock.lock().unwrap();
            one_thread().block_on(async {
                tokio::spawn(async {}).await.unwrap();
                drop(Blocking::new(2).lock().unwrap());
                tokio::task::yield_now().await;
            });
        },
    );
    check(told, &[]);
}

#[test]
fn a_task_blocks_its_thread() {
    let told = told("a_task_blocks_its_thread", || {
        let lock = Arc::new(Blocking::new(1));
        let held = lock.lock().unwrap();
        let runtime = two_threads();
        let blocked = runtime.spawn({
            let lock = Arc::clone(&lock);
            async move { *lock.lock().unwrap() }
        });
        std::thread::sleep(Duration::from_millis(300));
        drop(held);
        runtime.block_on(blocked).unwrap();
    });
    check(
        told,
        &[
            "warning[blocking-in-task]",
            "blocked its thread for",
            "`lock`",
        ],
    );
}

#[test]
fn tasks_that_nothing_orders_race() {
    let told = told("tasks_that_nothing_orders_race", || {
        two_threads().block_on(async {
            let value = Arc::new(super::races::Shared::default());
            let (one, other) = (Arc::clone(&value), value);
            let one = tokio::spawn(async move { one.add() });
            let other = tokio::spawn(async move { other.add() });
            one.await.unwrap();
            other.await.unwrap();
        });
    });
    check(told, &["error[data-race]", "one.add()", "other.add()"]);
}

#[test]
fn what_may_block_blocks_no_task() {
    let told = told("what_may_block_blocks_no_task", || {
        let lock = Arc::new(Blocking::new(1));
        let held = lock.lock().unwrap();
        let runtime = two_threads();
        let (one, other) = (Arc::clone(&lock), Arc::clone(&lock));
        let one = runtime.spawn_blocking(move || *one.lock().unwrap());
        let other =
            runtime.spawn(async move { tokio::task::block_in_place(|| *other.lock().unwrap()) });
        std::thread::sleep(Duration::from_millis(300));
        drop(held);
        runtime.block_on(async { (one.await.unwrap(), other.await.unwrap()) });
    });
    check(told, &[]);
}

#[test]
fn locks_that_block_are_nested_by_two_tasks_of_many_threads() {
    let nested = |runtime: &Runtime| {
        let locks = Arc::new((Blocking::new(0), Blocking::new(0)));
        runtime.block_on(async {
            for turn in 0..4 {
                let locks = Arc::clone(&locks);
                let task = async move {
                    let (one, other) = match turn % 2 {
                        0 => (&locks.0, &locks.1),
                        _ => (&locks.1, &locks.0),
                    };
                    let _first = one.lock().unwrap();
                    let _second = other.lock().unwrap();
                };
                let (over, end) = tokio::sync::oneshot::channel();
                tokio::spawn(async move {
                    task.await;
                    over.send(()).unwrap();
                });
                end.await.unwrap();
            }
        });
    };
    let name = "locks_that_block_are_nested_by_two_tasks_of_many_threads";
    check(
        told(name, || nested(&two_threads())),
        &["error[lock-order-cycle]", "task `"],
    );
}

#[test]
fn locks_that_block_cannot_be_nested_by_two_tasks_of_one_thread() {
    let name = "locks_that_block_cannot_be_nested_by_two_tasks_of_one_thread";
    let told = told(name, || {
        one_thread().block_on(async {
            let locks = Arc::new((Blocking::new(0), Blocking::new(0)));
            let mut tasks = JoinSet::new();
            for turn in 0..4 {
                let locks = Arc::clone(&locks);
                tasks.spawn(async move {
                    let (one, other) = match turn % 2 {
                        0 => (&locks.0, &locks.1),
                        _ => (&locks.1, &locks.0),
                    };
                    let mut first = one.lock().unwrap();
                    let mut second = other.lock().unwrap();
                    *first += 1;
                    *second += 1;
                });
            }
            tasks.join_all().await;
        });
    });
    check(told, &[]);
}

#[test]
fn a_lock_that_blocks_meets_one_that_does_not() {
    let name = "a_lock_that_blocks_meets_one_that_does_not";
    let told = told(name, || {
        two_threads().block_on(async {
            let locks = Arc::new((Blocking::new(0), Mutex::new(0)));
            let inner = Arc::clone(&locks);
            tokio::task::spawn_blocking(move || {
                let _first = inner.0.lock().unwrap();
                let _second = inner.1.blocking_lock();
            })
            .await
            .unwrap();
            let inner = Arc::clone(&locks);
            let (over, end) = tokio::sync::oneshot::channel();
            tokio::spawn(async move {
                let second = inner.1.lock().await;
                drop(inner.0.lock().unwrap());
                drop(second);
                over.send(()).unwrap();
            });
            end.await.unwrap();
        });
    });
    // The first has ended before the second began.
    check(told, &[]);
}

#[test]
fn the_loop_of_an_actor_nests_its_locks() {
    let told = told("the_loop_of_an_actor_nests_its_locks", || {
        two_threads().block_on(async {
            let locks = Arc::new((Mutex::new(0), Mutex::new(0)));
            let (stop, _) = tokio::sync::broadcast::channel::<()>(1);
            let mut turns = Vec::new();
            for turn in 0..2 {
                let locks = Arc::clone(&locks);
                let mut stopped = stop.subscribe();
                let (sender, mut jobs) = mpsc::channel::<tokio::sync::oneshot::Sender<()>>(1);
                turns.push(sender);
                tokio::spawn(async move {
                    loop {
                        tokio::select! {
                            job = jobs.recv() => {
                                let (one, other) = match turn {
                                    0 => (&locks.0, &locks.1),
                                    _ => (&locks.1, &locks.0),
                                };
                                let _first = one.lock().await;
                                let _second = other.lock().await;
                                job.unwrap().send(()).unwrap();
                            }
                            _ = stopped.recv() => break,
                        }
                    }
                });
            }
            for turn in &turns {
                let (over, end) = tokio::sync::oneshot::channel();
                turn.send(over).await.unwrap();
                end.await.unwrap();
            }
            stop.send(()).unwrap();
        });
    });
    check(told, &["error[lock-order-cycle]"]);
}

#[test]
fn a_task_that_waits_for_several_things_is_part_of_a_hang() {
    let name = "a_task_that_waits_for_several_things_is_part_of_a_hang";
    let told = told(name, || {
        two_threads().block_on(async {
            let (jobs, mut inbox) = mpsc::channel::<u32>(1);
            let (stop, mut stopped) = tokio::sync::watch::channel(false);
            let worker = tokio::spawn(async move {
                let _own = (jobs, stop);
                tokio::select! {
                    job = inbox.recv() => job,
                    _ = stopped.changed() => None,
                }
            });
            worker.await.unwrap();
        });
    });
    let words = [
        "error[deadlock]: 2 threads and tasks",
        "job = inbox.recv()",
        "_ = stopped.changed()",
    ];
    check(told, &words);
}

#[test]
fn a_task_that_waits_for_a_clock_too_is_not() {
    let told = told("a_task_that_waits_for_a_clock_too_is_not", || {
        one_thread().block_on(async {
            let (_jobs, mut inbox) = mpsc::channel::<u32>(1);
            let lock = Mutex::new(1);
            let _held = lock.lock().await;
            tokio::select! {
                _ = inbox.recv() => {}
                _ = lock.lock() => {}
                () = tokio::time::sleep(Duration::from_millis(200)) => {}
            }
        });
    });
    check(told, &[]);
}

#[test]
fn tasks_that_are_left_are_told_where_they_wait() {
    let told = told("tasks_that_are_left_are_told_where_they_wait", || {
        two_threads().block_on(async {
            let _none = check_none().grace(Duration::from_millis(200));
            let (sender, mut receiver) = mpsc::channel::<()>(1);
            tokio::spawn(async move {
                let _own = sender;
                receiver.recv().await
            });
            tokio::spawn(async { tokio::time::sleep(Duration::from_secs(9)).await });
            tokio::time::sleep(Duration::from_millis(20)).await;
        });
    });
    let words = [
        "error[leaked-task]",
        "receiver.recv().await",
        "is started here",
        "and 1 more",
    ];
    check(told, &words);
}

#[test]
fn tasks_that_end_in_time_are_no_leak() {
    let told = told("tasks_that_end_in_time_are_no_leak", || {
        for runtime in [one_thread(), two_threads()] {
            runtime.block_on(async {
                let _none = check_none();
                tokio::spawn(async { tokio::time::sleep(Duration::from_millis(50)).await });
                tokio::spawn(async {}).await.unwrap();
                tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(20)));
                let aborted = tokio::spawn(std::future::pending::<()>());
                aborted.abort();
            });
        }
    });
    check(told, &[]);
}

/// What tasks took and made, and forgot.
#[test]
fn what_tasks_forget_is_told_where_it_is_asked_for() {
    let name = "what_tasks_forget_is_told_where_it_is_asked_for";
    let told = told(name, || {
        let program = async {
            let _none = check_none().strict().grace(Duration::from_millis(100));
            let lock = Arc::new(Mutex::new(0));
            let pool = Arc::new(Semaphore::new(3));
            let (other_lock, other_pool) = (Arc::clone(&lock), Arc::clone(&pool));
            let forgets = tokio::spawn(async move {
                std::mem::forget(other_lock.lock().await);
                std::mem::forget(other_pool.acquire_many(2).await);
                std::mem::forget(mpsc::channel::<()>(1));
            });
            forgets.await.unwrap();
            assert!(lock.try_lock().is_err());
            std::mem::forget((lock, pool));
        };
        one_thread().block_on(program);
    });
    let words = [
        "error[leaked-guard]: ",
        "is still held when its test is over",
        "error[leaked-permit]: 2 permits of",
        "error[leaked-channel]: an end is left of",
    ];
    check(told, &words);
}

#[test]
fn what_tasks_give_back_is_not_told() {
    let told = told("what_tasks_give_back_is_not_told", || {
        let program = async {
            let _none = check_none().strict();
            let lock = Arc::new(Mutex::new(0));
            let pool = Arc::new(Semaphore::new(3));
            let (sender, mut receiver) = mpsc::channel(1);
            let (other_lock, other_pool) = (Arc::clone(&lock), Arc::clone(&pool));
            let sends = tokio::spawn(async move {
                let guard = other_lock.lock_owned().await;
                let mut permit = other_pool.acquire_many_owned(2).await.unwrap();
                let half = permit.split(1).unwrap();
                permit.merge(half);
                let _ = sender.send((guard, permit)).await;
            });
            let (guard, permit) = receiver.recv().await.unwrap();
            sends.await.unwrap();
            drop((guard, permit));
            // It is gone with its lock.
            let gone = Mutex::new(0);
            std::mem::forget(gone.lock().await);
            Arc::clone(&pool).acquire_owned().await.unwrap().forget();
        };
        one_thread().block_on(program);
    });
    check(told, &[]);
}
