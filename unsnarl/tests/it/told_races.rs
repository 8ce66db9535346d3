//! Races that are told in every run, however far apart the two accesses are. Each runs in a process of its own, which ends with
//! 101 and says both lines.

use std::process::Command;
use std::sync::Arc;
// The standard library's own: nobody watches it, and nothing seems to order the threads.
use std::sync::atomic::{AtomicBool, Ordering};

use unsnarl::cell::{RaceCell, RaceSlice, UnsafeCell};
use unsnarl::sync::Mutex;
use unsnarl::sync::mpsc::channel;
use unsnarl::thread;

/// Runs the test of this name in a process of its own, and returns how it ends and what it says.
fn alone(name: &str, test: impl FnOnce()) -> Option<(Option<i32>, String)> {
    const VARIABLE: &str = "UNSNARL_TEST_ALONE";
    if std::env::var(VARIABLE).is_ok() {
        test();
        return None;
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    let child = child.args(["--exact", &format!("told_races::{name}")]);
    let output = child.env(VARIABLE, "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Some((output.status.code(), said))
}

/// Runs the test of this name in a process of its own; what must be told is a race between the lines of
/// this file that end so.
fn is_told<const N: usize>(name: &str, places: [&str; N], test: impl FnOnce()) {
    let Some((code, said)) = alone(name, test) else {
        return;
    };
    assert_eq!(code, Some(101), "{said}");
    assert_eq!(said.matches("error[data-race]").count(), 1, "{said}");
    for place in places {
        let mut lines = include_str!("told_races.rs").lines();
        let number = lines.position(|line| line.ends_with(&format!("// {place}")));
        let line = format!("{} |", number.unwrap() + 1);
        let mut told = said.lines().map(str::trim_start);
        assert!(told.any(|told| told.starts_with(&line)), "{said}");
    }
}

/// A turn that is handed on where nobody sees it.
#[derive(Default)]
struct Unseen(AtomicBool);

impl Unseen {
    fn give(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn take(&self) {
        while !self.0.load(Ordering::SeqCst) {
            thread::yield_now();
        }
    }
}

#[test]
fn a_race_with_what_was_done_ten_million_accesses_ago() {
    const ACCESSES: u32 = 10_000_000;
    is_told(
        "a_race_with_what_was_done_ten_million_accesses_ago",
        ["old write", "late read"],
        || {
            let (value, done) = (RaceCell::new(0_u32), Unseen::default());
            thread::scope(|scope| {
                scope.spawn(|| {
                    // SAFETY: the other thread reads it later; but nothing that is watched says so.
                    unsafe { value.set(1) }; // old write
                    done.give();
                });
                scope.spawn(|| {
                    done.take();
                    let others = [const { RaceCell::new(0_u32) }; 64];
                    let door = Mutex::new(());
                    for number in 0..ACCESSES {
                        let _inside = (number % 1000 == 0).then(|| door.lock().unwrap());
                        // SAFETY: they are this thread's own.
                        unsafe { others[number as usize % 64].set(number) };
                    }
                    // SAFETY: as above.
                    let seen = unsafe { value.get() }; // late read
                    assert_eq!(seen, 1);
                });
            });
        },
    );
}

#[test]
fn one_reader_that_is_not_ordered_among_many_that_are() {
    const READERS: usize = 32;
    is_told(
        "one_reader_that_is_not_ordered_among_many_that_are",
        ["one read", "the write"],
        || {
            let (value, door) = (RaceCell::new(0_u32), Mutex::new(0));
            let (all, is_read) = (
                [const { Unseen(AtomicBool::new(false)) }; READERS],
                Unseen::default(),
            );
            thread::scope(|scope| {
                let (value, door, all) = (&value, &door, &all);
                let is_read = &is_read;
                scope.spawn(move || {
                    all[READERS / 2].take();
                    // SAFETY: the writer comes later; but nothing that is watched says so.
                    let seen = unsafe { value.get() }; // one read
                    assert_eq!(seen, 0);
                    is_read.give();
                });
                for done in all {
                    scope.spawn(move || {
                        let _inside = door.lock().unwrap();
                        // SAFETY: the writer locks the door too.
                        assert_eq!(unsafe { value.get() }, 0);
                        done.give();
                    });
                }
                scope.spawn(move || {
                    all.iter().chain([is_read]).for_each(Unseen::take);
                    let _inside = door.lock().unwrap();
                    // SAFETY: as above.
                    unsafe { value.set(1) }; // the write
                });
            });
        },
    );
}

#[test]
fn two_threads_at_one_element() {
    is_told(
        "two_threads_at_one_element",
        ["one element", "a range"],
        || {
            let (values, done) = (RaceSlice::new([0; 4]), Unseen::default());
            thread::scope(|scope| {
                scope.spawn(|| {
                    // SAFETY: the other thread comes later; but nothing that is watched says so.
                    unsafe { values.set(2, 1) }; // one element
                    done.give();
                });
                scope.spawn(|| {
                    done.take();
                    // SAFETY: as above.
                    let sum: i32 = unsafe { values.with(1..3, |some| some.iter().sum()) }; // a range
                    assert_eq!(sum, 1);
                });
            });
        },
    );
}

#[test]
fn the_last_order_between_the_threads_is_shown() {
    let places = ["too late", "in vain", "the last lock"];
    is_told(
        "the_last_order_between_the_threads_is_shown",
        places,
        || {
            let (value, door, done) = (RaceCell::new(0_u32), Mutex::new(()), Unseen::default());
            // SAFETY: nobody else has it yet. What comes before the first access to a cell is not followed.
            unsafe { value.set(0) };
            thread::scope(|scope| {
                scope.spawn(|| {
                    drop(door.lock().unwrap());
                    // SAFETY: the other thread comes later; but the lock does not say so any more.
                    unsafe { value.set(1) }; // too late
                    done.give();
                });
                scope.spawn(|| {
                    done.take();
                    let inside = door.lock().unwrap(); // the last lock
                    drop(inside);
                    // SAFETY: as above.
                    let seen = unsafe { value.get() }; // in vain
                    assert_eq!(seen, 1);
                });
            });
        },
    );
}

#[test]
fn the_message_of_another_orders_nothing() {
    let places = ["one sender", "another's message"];
    is_told("the_message_of_another_orders_nothing", places, || {
        let (value, sent, written) = (RaceCell::new(0_u32), Unseen::default(), Unseen::default());
        // SAFETY: nobody else has it yet.
        unsafe { value.set(0) };
        let (sender, receiver) = channel();
        let other = sender.clone();
        thread::scope(|scope| {
            scope.spawn(|| {
                other.send(2).unwrap();
                sent.give();
            });
            scope.spawn(|| {
                sent.take();
                // SAFETY: the receiver comes later; but it does not look at this thread's message.
                unsafe { value.set(1) }; // one sender
                sender.send(1).unwrap();
                written.give();
            });
            let (value, written) = (&value, &written);
            scope.spawn(move || {
                written.take();
                let first = receiver.recv();
                // SAFETY: as above.
                let seen = unsafe { value.get() }; // another's message
                assert_eq!((first, seen), (Ok(2), 1));
            });
        });
    });
}

#[test]
fn a_thread_that_ended_and_was_not_joined() {
    let places = ["a detached one", "its maker"];
    is_told("a_thread_that_ended_and_was_not_joined", places, || {
        let value = Arc::new(RaceCell::new(0_u32));
        let (other, over) = (Arc::clone(&value), Arc::new(Unseen::default()));
        let is_over = Arc::clone(&over);
        thread::spawn(move || {
            // SAFETY: its maker waits; but by nothing that is watched.
            unsafe { other.set(1) }; // a detached one
            over.give();
        });
        is_over.take();
        // The thread itself comes to its end meanwhile.
        std::thread::sleep(std::time::Duration::from_millis(20));
        // SAFETY: as above.
        let seen = unsafe { value.get() }; // its maker
        assert_eq!(seen, 1);
    });
}

/// One thread writes three times at the same place, and lets go of a lock after each; another has had the lock after the write of
/// this number, and reads when all are done.
fn write_thrice_and_read(ordered_after: usize, read: impl FnOnce(&RaceCell<usize>) + Send) {
    let (value, door) = (RaceCell::new(0), Mutex::new(()));
    let (written, seen, all) = (
        [const { Unseen(AtomicBool::new(false)) }; 3],
        Unseen::default(),
        Unseen::default(),
    );
    thread::scope(|scope| {
        scope.spawn(|| {
            for (number, written) in written.iter().enumerate() {
                // SAFETY: the other thread reads it later; but only the lock says so, if at all.
                unsafe { value.set(number) }; // the write that is repeated
                drop(door.lock().unwrap());
                written.give();
                if number == ordered_after {
                    seen.take();
                }
            }
            all.give();
        });
        scope.spawn(|| {
            written[ordered_after].take();
            drop(door.lock().unwrap());
            seen.give();
            all.take();
            read(&value);
        });
    });
}

#[test]
fn a_race_with_the_last_of_many_writes_at_one_place() {
    is_told(
        "a_race_with_the_last_of_many_writes_at_one_place",
        ["the write that is repeated", "the read after too few"],
        || {
            write_thrice_and_read(1, |value| {
                // SAFETY: as above.
                let seen = unsafe { value.get() }; // the read after too few
                assert_eq!(seen, 2);
            });
        },
    );
}

#[test]
fn what_comes_after_the_last_of_many_writes_at_one_place_is_no_race() {
    write_thrice_and_read(2, |value| {
        // SAFETY: the lock was given back after the last write, and had after that.
        assert_eq!(unsafe { value.get() }, 2);
    });
}

/// A cell of which pointers are taken. The test says what keeps threads apart.
struct Pointed(UnsafeCell<u32>);

// SAFETY: each test says what keeps its threads apart.
unsafe impl Sync for Pointed {}

impl Pointed {
    fn add(&self) {
        // SAFETY: see the type.
        unsafe { *self.0.get() += 1 };
    }
}

/// Two threads that take a pointer one after the other, with a lock around it or not.
fn point_twice(is_locked: bool) {
    let (value, door, first) = (
        Pointed(UnsafeCell::new(0)),
        Mutex::new(()),
        Unseen::default(),
    );
    let add = || {
        let _inside = is_locked.then(|| door.lock().unwrap());
        value.add();
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            add();
            first.give();
        });
        scope.spawn(|| {
            first.take();
            add();
        });
    });
}

#[test]
fn pointers_that_nothing_orders_are_a_warning() {
    let name = "pointers_that_nothing_orders_are_a_warning";
    let Some((code, said)) = alone(name, || point_twice(false)) else {
        return;
    };
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said.matches("warning[data-race]").count(), 1, "{said}");
    assert!(said.contains("only the source can say"), "{said}");
}

#[test]
fn pointers_that_a_lock_orders_are_nothing() {
    let Some((code, said)) = alone("pointers_that_a_lock_orders_are_nothing", || {
        point_twice(true)
    }) else {
        return;
    };
    assert_eq!(
        (code, said.contains("data-race")),
        (Some(0), false),
        "{said}"
    );
}
