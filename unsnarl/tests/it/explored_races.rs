//! Data races in explored runs: found in some schedule, and never where everything is ordered.

use std::sync::Arc;

use unsnarl::cell::{RaceCell, UnsafeCell};
use unsnarl::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use unsnarl::sync::mpsc::{channel, sync_channel};
use unsnarl::sync::{Barrier, Condvar, Mutex, OnceLock, RwLock};
use unsnarl::{Explorer, atomic_region, thread};

#[derive(Debug, Default)]
struct Shared(RaceCell<usize>);

impl Shared {
    #[track_caller]
    fn add(&self) {
        // SAFETY: under control no two threads run at once, whatever the program does.
        unsafe { self.0.set(self.0.get() + 1) };
    }
}

/// The kinds of findings of a program, each with whether it can be shown again.
fn found(program: impl Fn() + Send + Sync + Copy) -> Vec<(String, bool)> {
    let exploration = Explorer::new().schedules(200).run(program);
    assert_eq!(exploration.obstacle, None);
    let found = exploration.findings().iter();
    found
        .map(|shown| (shown.slug.clone(), shown.replay.is_some()))
        .collect()
}

#[track_caller]
fn races(program: impl Fn() + Send + Sync + Copy) {
    assert_eq!(found(program), [("data-race".to_owned(), true)]);
}

#[track_caller]
fn is_silent(program: impl Fn() + Send + Sync + Copy) {
    assert_eq!(found(program), []);
}

#[test]
fn unordered_accesses_race() {
    races(|| {
        let value = Arc::new(Shared::default());
        let other = Arc::clone(&value);
        let child = thread::spawn(move || other.add());
        value.add();
        child.join().unwrap();
    });
}

#[test]
fn a_race_shows_where_its_threads_were_started() {
    let exploration = Explorer::new().schedules(200).run(|| {
        let value = Shared::default();
        thread::scope(|scope| {
            scope.spawn(|| value.add());
            scope.spawn(|| value.add());
        });
    });
    let text = &exploration.findings()[0].text;
    assert_eq!(text.matches("is started here").count(), 2, "{text}");
    assert!(text.contains("is made here"), "{text}");
}

#[test]
fn regions_that_something_comes_between_are_told() {
    fn told(add: fn(&AtomicUsize)) -> Vec<(String, bool)> {
        found(move || {
            let count = AtomicUsize::new(0);
            let region = || atomic_region("count", || add(&count));
            thread::scope(|scope| {
                scope.spawn(region);
                scope.spawn(region);
            });
        })
    }
    let in_two_steps = |count: &AtomicUsize| {
        let old = count.load(Ordering::SeqCst);
        count.store(old + 1, Ordering::SeqCst);
    };
    assert_eq!(told(in_two_steps), [("lost-update".to_owned(), true)]);
    let in_one = |count: &AtomicUsize| _ = count.fetch_add(1, Ordering::SeqCst);
    assert_eq!(told(in_one), []);
}

#[test]
fn a_race_that_most_schedules_hide_is_found() {
    races(|| {
        let (value, is_open) = (Shared::default(), Mutex::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                value.add();
                *is_open.lock().unwrap() = true;
            });
            scope.spawn(|| {
                // Only if this thread comes first.
                if !*is_open.lock().unwrap() {
                    value.add();
                }
            });
        });
    });
}

#[test]
fn a_relaxed_flag_orders_nothing() {
    races(|| {
        let (value, flag) = (Shared::default(), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                value.add();
                flag.store(true, Ordering::Relaxed);
            });
            if flag.load(Ordering::Relaxed) {
                value.add();
            }
        });
    });
}

#[test]
fn locks_order() {
    is_silent(|| {
        let (value, door) = (Shared::default(), Mutex::new(()));
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let _inside = door.lock().unwrap();
                    value.add();
                });
            }
        });
        value.add();
    });
    is_silent(|| {
        let (value, door) = (Shared::default(), RwLock::new(()));
        thread::scope(|scope| {
            scope.spawn(|| {
                let _inside = door.write().unwrap();
                value.add();
            });
            let _inside = door.write().unwrap();
            value.add();
        });
    });
}

#[test]
fn condition_variables_and_barriers_order() {
    // Each waits for the other, and gives the lock up meanwhile.
    is_silent(|| {
        let (value, turn, changed) = (Shared::default(), Mutex::new(0), Condvar::new());
        let wait_for = |wanted: u32| {
            let guard = turn.lock().unwrap();
            changed.wait_while(guard, |turn| *turn != wanted).unwrap()
        };
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut guard = wait_for(1);
                value.add();
                *guard = 2;
                changed.notify_one();
            });
            let mut guard = turn.lock().unwrap();
            value.add();
            *guard = 1;
            changed.notify_one();
            let guard = changed.wait_while(guard, |turn| *turn != 2).unwrap();
            value.add();
            drop(guard);
        });
    });
    is_silent(|| {
        let (value, barrier) = (Shared::default(), Barrier::new(2));
        thread::scope(|scope| {
            scope.spawn(|| {
                value.add();
                barrier.wait();
            });
            barrier.wait();
            value.add();
        });
    });
}

#[test]
fn channels_order() {
    is_silent(|| {
        let value = Shared::default();
        let (sender, receiver) = channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                value.add();
                sender.send(()).unwrap();
            });
            receiver.recv().unwrap();
            value.add();
        });
    });
    is_silent(|| {
        let value = Shared::default();
        let (sender, receiver) = sync_channel(0);
        thread::scope(|scope| {
            let value = &value;
            scope.spawn(move || {
                value.add();
                receiver.recv().unwrap();
            });
            sender.send(()).unwrap();
            value.add();
        });
    });
    is_silent(|| {
        let value = Shared::default();
        let (sender, receiver) = channel::<()>();
        thread::scope(|scope| {
            let value = &value;
            scope.spawn(move || {
                value.add();
                drop(sender);
            });
            assert!(receiver.recv().is_err());
            value.add();
        });
    });
}

#[test]
fn once_cells_and_parks_order() {
    is_silent(|| {
        let (value, cell) = (Shared::default(), OnceLock::new());
        let look = || {
            cell.get_or_init(|| value.add());
            // SAFETY: as in `add`.
            unsafe { value.0.get() }
        };
        thread::scope(|scope| {
            scope.spawn(look);
            look();
        });
    });
    is_silent(|| {
        let value = Shared::default();
        thread::scope(|scope| {
            let sleeper = scope.spawn(|| {
                thread::park();
                value.add();
            });
            value.add();
            sleeper.thread().unpark();
        });
    });
}

#[test]
fn atomics_order() {
    is_silent(|| {
        let (value, flag) = (Shared::default(), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                value.add();
                flag.store(true, Ordering::Release);
            });
            if flag.load(Ordering::Acquire) {
                value.add();
            }
        });
    });
    is_silent(|| {
        let (value, owners) = (Shared::default(), AtomicUsize::new(2));
        let leave = || {
            if owners.fetch_sub(1, Ordering::Release) == 1 {
                fence(Ordering::Acquire);
                value.add();
            }
        };
        thread::scope(|scope| {
            scope.spawn(leave);
            leave();
        });
        value.add();
    });
}

static GLOBAL: Shared = Shared(RaceCell::new(0));

#[test]
fn executions_follow_each_other() {
    is_silent(|| {
        GLOBAL.add();
        thread::spawn(|| GLOBAL.add()).join().unwrap();
    });
}

#[test]
fn a_pointer_that_nothing_orders_is_a_warning_and_ends_nothing() {
    struct Pointed(UnsafeCell<u32>);
    // SAFETY: under control one thread runs at a time.
    unsafe impl Sync for Pointed {}

    let exploration = Explorer::new().schedules(20).run(|| {
        let value = Pointed(UnsafeCell::new(0));
        let value = &value;
        thread::scope(|scope| {
            for _ in 0..2 {
                // SAFETY: see above.
                scope.spawn(move || unsafe { *value.0.get() += 1 });
            }
        });
    });
    let findings = exploration.findings();
    assert_eq!(findings.len(), 1, "{exploration}");
    assert!(
        !findings[0].is_error && findings[0].slug == "data-race",
        "{exploration}"
    );
    assert!(exploration.first_finding_at.is_none(), "{exploration}");
}

#[test]
fn an_update_in_two_steps_is_lost_with_weak_memory_too() {
    fn told(add: fn(&AtomicUsize)) -> Vec<(String, bool)> {
        found(move || {
            let count = AtomicUsize::new(0);
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| (0..2).for_each(|_| add(&count)));
                }
            });
        })
    }
    let in_two_steps = |count: &AtomicUsize| {
        let old = count.load(Ordering::Acquire);
        count.store(old + 1, Ordering::Release);
    };
    assert_eq!(told(in_two_steps), [("lost-update".to_owned(), true)]);
    let in_one = |count: &AtomicUsize| _ = count.fetch_add(1, Ordering::Relaxed);
    assert_eq!(told(in_one), []);
}

/// A stack of slots, whose head has a tag that grows by `step` with each change.
struct Slots {
    head: AtomicUsize,
    next: [AtomicUsize; 4],
    step: usize,
}

impl Slots {
    fn full(step: usize) -> Self {
        Self {
            head: AtomicUsize::new(0),
            next: std::array::from_fn(|slot| AtomicUsize::new(slot + 1)),
            step,
        }
    }

    fn replace(&self, head: usize, top: usize) -> bool {
        let new = (head & !255) + self.step + top;
        let (success, failure) = (Ordering::AcqRel, Ordering::Acquire);
        self.head
            .compare_exchange(head, new, success, failure)
            .is_ok()
    }

    fn pop(&self) -> usize {
        loop {
            let head = self.head.load(Ordering::Acquire);
            let next = self.next[head & 255].load(Ordering::Acquire);
            if self.replace(head, next) {
                return head & 255;
            }
        }
    }

    fn push(&self, slot: usize) {
        loop {
            let head = self.head.load(Ordering::Acquire);
            self.next[slot].store(head & 255, Ordering::Release);
            if self.replace(head, slot) {
                return;
            }
        }
    }
}

#[test]
fn a_value_that_changed_back_is_told_with_weak_memory_too() {
    fn told(step: usize) -> Vec<String> {
        let exploration = Explorer::new().schedules(2_000).run(move || {
            let slots = Slots::full(step);
            thread::scope(|scope| {
                scope.spawn(|| slots.pop());
                scope.spawn(|| {
                    let (first, _second) = (slots.pop(), slots.pop());
                    slots.push(first);
                });
            });
        });
        let findings = exploration.findings().iter();
        findings.map(|shown| shown.slug.clone()).collect()
    }
    assert_eq!(told(0), ["aba"]);
    assert_eq!(told(256), Vec::<String>::new());
}
