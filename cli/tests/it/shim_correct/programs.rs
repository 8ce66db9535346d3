use std::sync::atomic::{fence, AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering::*};
use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock, RwLockWriteGuard, TryLockError};
use std::thread;
use std::time::Duration;

fn often(program: impl Fn()) {
    let rounds = std::env::var("ROUNDS").unwrap().parse().unwrap();
    (0..rounds).for_each(|_: usize| program());
}

/// Every thread does the same.
fn together(threads: usize, work: impl Fn(usize) + Sync) {
    thread::scope(|scope| {
        for number in 0..threads {
            let work = &work;
            scope.spawn(move || work(number));
        }
    });
}

#[test]
fn mutex() {
    often(|| {
        let total = Mutex::new(0);
        together(3, |_| (0..5).for_each(|_| *total.lock().unwrap() += 1));
        assert_eq!(total.into_inner().unwrap(), 15);
    });
}

#[test]
fn tried_mutex() {
    often(|| {
        let total = Mutex::new(0);
        together(2, |_| loop {
            match total.try_lock() {
                Ok(mut total) => break *total += 1,
                Err(TryLockError::WouldBlock) => thread::yield_now(),
                Err(TryLockError::Poisoned(_)) => unreachable!(),
            }
        });
        assert_eq!(total.into_inner().unwrap(), 2);
    });
}

#[test]
fn read_write_lock() {
    often(|| {
        let total = RwLock::new(0);
        together(4, |number| {
            if number % 2 == 0 {
                let mut writing = total.write().unwrap();
                *writing += 1;
                assert!(*RwLockWriteGuard::downgrade(writing) > 0);
            } else {
                assert!(*total.read().unwrap() <= 2);
            }
        });
        assert_eq!(total.into_inner().unwrap(), 2);
    });
}

#[test]
fn condvar() {
    often(|| {
        let (turn, changed) = (Mutex::new(0), Condvar::new());
        together(3, |number| {
            let guard = turn.lock().unwrap();
            let mut turn = changed.wait_while(guard, |turn| *turn != number).unwrap();
            *turn += 1;
            changed.notify_all();
        });
    });
}

#[test]
fn handing_over_under_a_lock() {
    often(|| {
        let (value, is_done) = (AtomicU64::new(0), Mutex::new(false));
        together(2, |number| {
            if number == 0 {
                value.store(1, Relaxed);
                *is_done.lock().unwrap() = true;
            } else {
                while !*is_done.lock().unwrap() {
                    thread::yield_now();
                }
                assert_eq!(value.load(Relaxed), 1);
            }
        });
    });
}

#[test]
fn messages() {
    often(|| {
        let (sender, receiver) = channel();
        thread::scope(|scope| {
            for number in 0..3 {
                let sender = sender.clone();
                scope.spawn(move || sender.send(vec![number]).unwrap());
            }
            drop(sender);
            assert_eq!(receiver.iter().flatten().sum::<i32>(), 3);
        });
    });
}

#[test]
fn bounded_channels() {
    often(|| {
        let (enter, leave) = sync_channel(1);
        let (leave, total) = (Mutex::new(leave), AtomicU64::new(0));
        together(3, |_| {
            enter.send(()).unwrap();
            total.fetch_add(1, Relaxed);
            leave.lock().unwrap().recv().unwrap();
        });
        let (sender, receiver) = sync_channel(0);
        thread::scope(|scope| {
            scope.spawn(move || sender.send(1).unwrap());
            assert_eq!(receiver.recv(), Ok(1));
        });
    });
}

#[test]
fn starting_and_joining() {
    often(|| {
        let values: Vec<_> = (0..4).map(|number| thread::spawn(move || vec![number])).collect();
        let values = values.into_iter().flat_map(|thread| thread.join().unwrap());
        assert_eq!(values.sum::<i32>(), 6);
    });
}

#[test]
fn scope() {
    often(|| {
        let mut parts = [0; 3];
        thread::scope(|scope| {
            for part in &mut parts {
                scope.spawn(|| *part += 1);
            }
        });
        assert_eq!(parts, [1; 3]);
    });
}

#[test]
fn barrier() {
    often(|| {
        let (barrier, phases) = (Barrier::new(3), AtomicUsize::new(0));
        together(3, |_| {
            for phase in 1..4 {
                phases.fetch_add(1, Relaxed);
                barrier.wait();
                assert!(phases.load(Relaxed) >= 3 * phase);
                barrier.wait();
            }
        });
    });
}

#[test]
fn once_cells() {
    often(|| {
        let (once, cell, lazy) = (Once::new(), OnceLock::new(), LazyLock::new(|| vec![1]));
        let calls = AtomicUsize::new(0);
        together(3, |_| {
            once.call_once(|| _ = calls.fetch_add(1, Relaxed));
            assert_eq!(cell.get_or_init(|| vec![1]), &*lazy);
        });
        assert_eq!(calls.into_inner(), 1);
    });
}

#[test]
fn parking() {
    often(|| {
        let is_ready = AtomicBool::new(false);
        thread::scope(|scope| {
            let sleeper = scope.spawn(|| {
                while !is_ready.load(Acquire) {
                    thread::park_timeout(Duration::from_secs(600));
                }
            });
            is_ready.store(true, Release);
            sleeper.thread().unpark();
        });
    });
}

#[test]
fn flags_and_fences() {
    often(|| {
        let (value, flag) = (AtomicU64::new(0), AtomicBool::new(false));
        together(2, |number| {
            if number == 0 {
                value.store(1, Relaxed);
                fence(Release);
                flag.store(true, Relaxed);
            } else {
                while !flag.load(Relaxed) {
                    thread::yield_now();
                }
                fence(Acquire);
                assert_eq!(value.load(Relaxed), 1);
            }
        });
    });
}

#[test]
fn spin_lock() {
    often(|| {
        let (taken, total) = (AtomicBool::new(false), AtomicU64::new(0));
        together(2, |_| {
            for _ in 0..5 {
                while taken.compare_exchange_weak(false, true, Acquire, Relaxed).is_err() {
                    thread::yield_now();
                }
                // The lock keeps the two steps together.
                total.store(total.load(Relaxed) + 1, Relaxed);
                taken.store(false, Release);
            }
        });
        assert_eq!(total.into_inner(), 10);
    });
}

#[test]
fn counters() {
    often(|| {
        let (one, other) = (AtomicU64::new(0), AtomicU64::new(0));
        together(3, |_| {
            for _ in 0..5 {
                one.fetch_add(1, Relaxed);
                other.fetch_update(Relaxed, Relaxed, |value| Some(value + 1)).unwrap();
            }
        });
        assert_eq!((one.into_inner(), other.into_inner()), (15, 15));
    });
}

#[test]
fn sequence_lock() {
    often(|| {
        let (version, parts) = (AtomicU64::new(0), [AtomicU64::new(0), AtomicU64::new(0)]);
        together(3, |number| {
            for turn in 1..4 {
                if number == 0 {
                    version.store(2 * turn - 1, Relaxed);
                    fence(Release);
                    parts.iter().for_each(|part| part.store(turn, Relaxed));
                    version.store(2 * turn, Release);
                    continue;
                }
                loop {
                    let before = version.load(Acquire);
                    let seen = [0, 1].map(|part: usize| parts[part].load(Relaxed));
                    fence(Acquire);
                    if before % 2 == 0 && version.load(Relaxed) == before {
                        break assert_eq!(seen[0], seen[1]);
                    }
                    thread::yield_now();
                }
            }
        });
    });
}

#[test]
fn a_list_that_only_grows() {
    struct Node(u64, *mut Node);
    often(|| {
        let head = AtomicPtr::new(std::ptr::null_mut());
        together(3, |number| {
            let node = Box::into_raw(Box::new(Node(number as u64, head.load(Acquire))));
            loop {
                let next = unsafe { (*node).1 };
                match head.compare_exchange(next, node, AcqRel, Acquire) {
                    Ok(_) => break,
                    Err(next) => unsafe { (*node).1 = next },
                }
            }
        });
        let (mut node, mut sum) = (head.into_inner(), 0);
        while !node.is_null() {
            let boxed = unsafe { Box::from_raw(node) };
            (node, sum) = (boxed.1, sum + boxed.0);
        }
        assert_eq!(sum, 3);
    });
}

#[test]
fn the_last_owner() {
    struct Owned(Mutex<u64>);
    impl Drop for Owned {
        fn drop(&mut self) {
            assert_eq!(*self.0.get_mut().unwrap(), 3);
        }
    }
    often(|| {
        let owned = Arc::new(Owned(Mutex::new(0)));
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let owned = Arc::clone(&owned);
                thread::spawn(move || *owned.0.lock().unwrap() += 1)
            })
            .collect();
        // A thread may end after the others, and drop what is left.
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}
