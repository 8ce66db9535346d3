//! Correct programs in which everything that can order accesses does: none may be told as a race.
//!
//! With the feature `check` on, a finding makes the process of these tests exit with 101, however they pass.

use std::cell::RefCell;
use std::time::Duration;

use unsnarl::cell::{RaceCell, RaceSlice, UnsafeCell};
use unsnarl::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use unsnarl::sync::mpsc::{channel, sync_channel};
use unsnarl::sync::{Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock};
use unsnarl::thread;

/// How often each program runs: `UNSNARL_TEST_ROUNDS`, or 40.
pub(crate) fn rounds() -> usize {
    static ROUNDS: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    let read = || std::env::var("UNSNARL_TEST_ROUNDS").ok()?.parse().ok();
    *ROUNDS.get_or_init(|| read().unwrap_or(40))
}

/// A value that a test's own care keeps to one thread at a time.
#[derive(Debug, Default)]
struct Shared(RaceCell<usize>);

impl Shared {
    #[track_caller]
    fn add(&self) {
        // SAFETY: each test says what keeps its threads apart.
        unsafe { self.0.set(self.0.get() + 1) };
    }

    #[track_caller]
    fn get(&self) -> usize {
        // SAFETY: as in `add`.
        unsafe { self.0.get() }
    }
}

/// A program many times, each time with a value of its own.
fn often(program: impl Fn(&Shared)) {
    (0..rounds()).for_each(|_| program(&Shared::default()));
}

#[test]
fn a_mutex_orders() {
    often(|value| {
        let door = Mutex::new(());
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    (0..5).for_each(|_| {
                        let _inside = door.lock().unwrap();
                        value.add();
                    });
                });
            }
        });
        assert_eq!(value.get(), 15);
    });
}

#[test]
fn a_mutex_that_was_tried_or_poisoned_orders() {
    often(|value| {
        let door = Mutex::new(());
        let add = || {
            let inside = loop {
                match door.try_lock() {
                    Ok(inside) => break inside,
                    Err(std::sync::TryLockError::Poisoned(poisoned)) => {
                        break poisoned.into_inner();
                    }
                    Err(std::sync::TryLockError::WouldBlock) => thread::yield_now(),
                }
            };
            value.add();
            drop(inside);
        };
        thread::scope(|scope| {
            scope.spawn(add);
            scope.spawn(add);
        });
    });
}

#[test]
fn a_read_write_lock_orders_writers_with_all() {
    often(|value| {
        let door = RwLock::new(());
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let inside = door.write().unwrap();
                    value.add();
                    let _reading = unsnarl::sync::RwLockWriteGuard::downgrade(inside);
                    value.get();
                });
                scope.spawn(|| {
                    let _inside = door.read().unwrap();
                    value.get();
                });
            }
        });
        assert_eq!(value.get(), 2);
    });
}

#[test]
fn a_condition_variable_hands_over() {
    often(|value| {
        let (turn, changed) = (Mutex::new(false), Condvar::new());
        thread::scope(|scope| {
            scope.spawn(|| {
                value.add();
                *turn.lock().unwrap() = true;
                changed.notify_one();
            });
            let guard = turn.lock().unwrap();
            drop(changed.wait_while(guard, |turn| !*turn).unwrap());
            value.add();
        });
    });
}

#[test]
fn a_message_orders() {
    often(|value| {
        let (sender, receiver) = channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                value.add();
                sender.send(()).unwrap();
            });
            receiver.recv().unwrap();
            value.add();
        });
    });
}

/// Touches a value when it is dropped.
struct Parcel<'a>(&'a Shared);

impl Drop for Parcel<'_> {
    fn drop(&mut self) {
        self.0.add();
    }
}

#[test]
fn a_message_that_nobody_takes_orders_its_end() {
    often(|value| {
        let (sender, receiver) = channel();
        let (sent, is_sent) = std::sync::mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                value.add();
                sender.send(Parcel(value)).unwrap();
                sent.send(()).unwrap();
            });
            // Nobody watches this one.
            is_sent.recv().unwrap();
            drop(receiver);
        });
    });
}

#[test]
fn the_end_of_a_channel_orders() {
    often(|value| {
        let (sender, receiver) = channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                value.add();
                drop(sender);
            });
            assert!(receiver.recv().is_err());
            value.add();
        });
        let (sender, receiver) = channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                value.add();
                drop(receiver);
            });
            while sender.send(()).is_ok() {
                thread::yield_now();
            }
            value.add();
        });
    });
}

#[test]
fn a_bounded_channel_orders_both_ways() {
    often(|value| {
        // A lock made of a channel with room for one.
        let (enter, leave) = sync_channel(1);
        let leave = Mutex::new(leave);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    enter.send(()).unwrap();
                    value.add();
                    leave.lock().unwrap().recv().unwrap();
                });
            }
        });
        assert_eq!(value.get(), 3);
    });
    often(|value| {
        let (sender, receiver) = sync_channel(0);
        thread::scope(|scope| {
            scope.spawn(move || {
                value.add();
                receiver.recv().unwrap();
            });
            sender.send(()).unwrap();
            value.add();
        });
    });
}

#[test]
fn starting_and_joining_orders() {
    often(|value| {
        let value = Arc::new(Shared(RaceCell::new(value.get())));
        value.add();
        let child = {
            let value = Arc::clone(&value);
            thread::spawn(move || value.add())
        };
        // Whoever joins comes after, also if somebody else started the thread.
        let joiner = {
            let value = Arc::clone(&value);
            thread::spawn(move || {
                child.join().unwrap();
                value.add();
            })
        };
        joiner.join().unwrap();
        assert_eq!(value.get(), 3);
    });
}

#[test]
fn a_thread_that_does_nothing_hands_on_what_came_before_it() {
    often(|value| {
        let value = Arc::new(Shared(RaceCell::new(value.get())));
        let (sender, receiver) = std::sync::mpsc::channel();
        let first = {
            let value = Arc::clone(&value);
            thread::spawn(move || {
                value.add();
                sender.send(thread::spawn(|| {})).unwrap();
            })
        };
        // The handle comes over a channel that nobody watches: only the idle thread orders.
        receiver.recv().unwrap().join().unwrap();
        value.add();
        first.join().unwrap();
    });
}

#[test]
fn many_threads_one_after_the_other() {
    let value = Shared::default();
    for _ in 0..200 {
        thread::scope(|scope| {
            scope.spawn(|| value.add());
        });
    }
    assert_eq!(value.get(), 200);
}

#[test]
fn a_scope_orders_without_joins() {
    often(|value| {
        value.add();
        thread::scope(|scope| {
            scope.spawn(|| value.get());
            scope.spawn(|| value.get());
        });
        value.add();
    });
}

#[test]
fn a_barrier_orders_phases() {
    often(|_| {
        const THREADS: usize = 3;
        let cells: [Shared; THREADS] = Default::default();
        let barrier = Barrier::new(THREADS);
        thread::scope(|scope| {
            for me in 0..THREADS {
                let (cells, barrier) = (&cells, &barrier);
                scope.spawn(move || {
                    for phase in 0..4 {
                        cells[(me + phase) % THREADS].add();
                        barrier.wait();
                    }
                });
            }
        });
    });
}

#[test]
fn once_cells_order() {
    often(|value| {
        let once = Once::new();
        let look = || {
            once.call_once(|| value.add());
            value.get()
        };
        thread::scope(|scope| {
            (0..3).for_each(|_| drop(scope.spawn(look)));
            scope.spawn(|| {
                once.wait();
                value.get()
            });
        });
    });
    often(|value| {
        let cell = OnceLock::new();
        let look = || {
            cell.get_or_init(|| value.add());
            value.get()
        };
        thread::scope(|scope| {
            scope.spawn(|| cell.get().is_some().then(|| value.get()));
            (0..3).for_each(|_| drop(scope.spawn(look)));
        });
    });
    often(|value| {
        let cell = OnceLock::new();
        thread::scope(|scope| {
            scope.spawn(|| {
                value.add();
                cell.set(()).unwrap();
            });
            scope.spawn(|| {
                cell.wait();
                value.get()
            });
        });
    });
    (0..rounds()).for_each(|_| {
        let lazy = LazyLock::new(|| {
            let value = Shared::default();
            value.add();
            value
        });
        thread::scope(|scope| {
            (0..3).for_each(|_| drop(scope.spawn(|| lazy.get())));
        });
    });
}

#[test]
fn unparking_orders() {
    // A thread of its own has no unpark left over from something else.
    let check = |park: fn()| {
        often(|value| {
            thread::scope(|scope| {
                let sleeper = scope.spawn(|| {
                    park();
                    value.add();
                });
                value.add();
                sleeper.thread().unpark();
            });
        });
    };
    check(thread::park);
    check(|| thread::park_timeout(Duration::from_secs(600)));
}

#[test]
fn a_flag_orders() {
    often(|value| {
        let flag = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                value.add();
                flag.store(true, Ordering::Release);
            });
            while !flag.load(Ordering::Acquire) {
                thread::yield_now();
            }
            value.add();
        });
    });
}

#[test]
fn fences_order() {
    often(|value| {
        let flag = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                value.add();
                fence(Ordering::Release);
                flag.store(true, Ordering::Relaxed);
            });
            while !flag.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            fence(Ordering::Acquire);
            value.add();
        });
    });
}

#[test]
fn a_spin_lock_orders() {
    often(|value| {
        let taken = AtomicBool::new(false);
        let add = || {
            for _ in 0..5 {
                let (success, failure) = (Ordering::Acquire, Ordering::Relaxed);
                while taken
                    .compare_exchange_weak(false, true, success, failure)
                    .is_err()
                {
                    thread::yield_now();
                }
                value.add();
                taken.store(false, Ordering::Release);
            }
        };
        thread::scope(|scope| {
            scope.spawn(add);
            scope.spawn(add);
        });
        assert_eq!(value.get(), 10);
    });
}

#[test]
fn a_count_of_owners_orders_the_last_one() {
    often(|value| {
        let owners = AtomicUsize::new(3);
        let door = Mutex::new(());
        let leave = || {
            {
                let _inside = door.lock().unwrap();
                value.add();
            }
            if owners.fetch_sub(1, Ordering::Release) == 1 {
                fence(Ordering::Acquire);
                value.add();
            }
        };
        thread::scope(|scope| (0..3).for_each(|_| drop(scope.spawn(leave))));
        assert_eq!(value.get(), 4);
    });
}

/// Touches its value when it is dropped.
struct Owner(Shared);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.add();
    }
}

#[test]
fn dropping_the_last_arc_orders() {
    for _ in 0..rounds() {
        let owner = Arc::new(Owner(Shared::default()));
        let (started, is_started) = std::sync::mpsc::channel();
        let other = Arc::clone(&owner);
        thread::spawn(move || {
            other.0.add();
            drop(other);
            started.send(()).unwrap();
        });
        // Nothing that is watched orders this thread with the other.
        is_started.recv().unwrap();
        drop(owner);
    }
}

#[test]
fn taking_a_value_out_of_its_arc_orders() {
    for _ in 0..rounds() {
        let shared = Arc::new(Shared::default());
        let other = Arc::clone(&shared);
        thread::spawn(move || other.add());
        let mut shared = Some(shared);
        let value = loop {
            match Arc::try_unwrap(shared.take().unwrap()) {
                Ok(value) => break value,
                Err(still_shared) => shared = Some(still_shared),
            }
            thread::yield_now();
        };
        // It was moved, so it was this thread's own.
        value.add();
        assert_eq!(value.get(), 2);
    }
}

#[test]
fn exclusive_access_ends_what_was_before() {
    for _ in 0..rounds() {
        let mut shared = Arc::new(Shared::default());
        let other = Arc::clone(&shared);
        thread::spawn(move || other.add());
        while Arc::get_mut(&mut shared).is_none() {
            thread::yield_now();
        }
        *Arc::get_mut(&mut shared).unwrap().0.get_mut() += 1;
        assert_eq!(shared.get(), 2);
    }
}

/// Adds when its thread is gone.
struct Late(Arc<Shared>);

impl Drop for Late {
    fn drop(&mut self) {
        self.0.add();
    }
}

thread_local! {
    static LATE: RefCell<Option<Late>> = const { RefCell::new(None) };
}

#[test]
fn joining_a_thread_comes_after_its_thread_locals() {
    for _ in 0..rounds() {
        let value = Arc::new(Shared::default());
        let late = Late(Arc::clone(&value));
        let child = thread::spawn(move || {
            late.0.add();
            LATE.set(Some(late));
        });
        child.join().unwrap();
        assert_eq!(value.get(), 2);
    }
}

#[test]
fn a_slot_of_a_thread_that_ended_is_used_again() {
    let value = Arc::new(Shared::default());
    for _ in 0..rounds() {
        let handles: Vec<_> = (0..3)
            .map(|number| {
                let value = Arc::clone(&value);
                thread::spawn(move || {
                    if number == 0 {
                        value.add()
                    }
                })
            })
            .collect();
        handles
            .into_iter()
            .for_each(|handle| handle.join().unwrap());
    }
    assert_eq!(value.get(), rounds());
}

#[test]
fn threads_that_have_elements_of_their_own() {
    for chunk in [1, 2] {
        for _ in 0..rounds() {
            let mut values = RaceSlice::in_chunks([0; 6], chunk);
            thread::scope(|scope| {
                for part in 0..3 {
                    let values = &values;
                    // SAFETY: each thread has two elements of its own, and a chunk is at most that.
                    scope.spawn(move || unsafe {
                        values.set(2 * part, part);
                        assert_eq!(values.get(2 * part), part);
                        values.with_mut(2 * part..2 * part + 2, |own| own[1] = part + 10);
                    });
                }
            });
            // SAFETY: the threads have ended.
            let sum: usize = unsafe { values.with(0..6, |values| values.iter().sum()) };
            assert_eq!(sum, 36);
            values.get_mut()[0] = 7;
            assert_eq!(*values.into_inner(), [7, 10, 1, 11, 2, 12]);
        }
    }
}

#[test]
fn a_slice_of_nothing_is_empty() {
    let values: RaceSlice<u8> = std::iter::empty().collect();
    assert!(values.is_empty());
    assert_eq!(values.len(), 0);
    // SAFETY: nobody else has it.
    assert_eq!(unsafe { values.with(0..0, <[u8]>::len) }, 0);
}

#[test]
fn threads_that_nobody_watches_may_be_ordered_unseen() {
    for _ in 0..rounds() {
        let value = Arc::new(Shared::default());
        let (other, (sent, is_sent)) = (Arc::clone(&value), std::sync::mpsc::channel());
        let unwatched = std::thread::spawn(move || {
            other.add();
            sent.send(()).unwrap();
        });
        is_sent.recv().unwrap();
        value.add();
        unwatched.join().unwrap();
        assert_eq!(value.get(), 2);
    }
}

#[test]
fn a_cell_is_as_its_value() {
    let mut cell = UnsafeCell::new(1);
    // SAFETY: nobody else has the cell.
    cell.with_mut(|value| unsafe { *value += 1 });
    *cell.get_mut() += 1;
    // SAFETY: nobody else has the cell.
    assert_eq!(cell.with(|value| unsafe { *value }), 3);
    // SAFETY: nobody else has the cell.
    unsafe { *cell.get() += 1 };
    assert_eq!(cell.into_inner(), 4);
    let slice: &UnsafeCell<[u8]> = &UnsafeCell::new([1, 2]);
    // SAFETY: nobody else has the cell.
    assert_eq!(slice.with(|values| unsafe { (&*values).len() }), 2);
    let mut cell = RaceCell::from(vec![1]);
    // SAFETY: nobody else has the cell.
    unsafe { cell.with_mut(|values| values.push(2)) };
    cell.get_mut().push(3);
    // SAFETY: nobody else has the cell.
    assert_eq!(unsafe { cell.with(Vec::len) }, 3);
    assert_eq!(cell.into_inner(), [1, 2, 3]);
}

#[cfg(not(feature = "observe"))]
#[test]
fn an_unwatched_cell_is_no_larger_than_its_value() {
    assert_eq!(size_of::<UnsafeCell<u64>>(), 8);
    assert_eq!(size_of::<RaceCell<u64>>(), 8);
}
