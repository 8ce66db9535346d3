//! Programs with a bug that few schedules show, in the manner of the literature: those of SCTBench (Thomson, Donaldson
//! and Betts, "Concurrency Testing Using Controlled Schedulers", 2016), the classics, and what else the issue asks for.
//!
//! The file is part of two modules, which differ in what `sync` and `thread` are.

use std::sync::Arc;

use super::sync::atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering::SeqCst};
use super::sync::{Condvar, Mutex};
use super::thread::{self, JoinHandle};

/// A program, by the name that the results give it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) run: fn(),
}

macro_rules! programs {
    ($($name:literal $run:expr;)*) => { &[$(Program { name: $name, run: $run }),*] };
}

/// Programs whose bug is to be found.
pub(crate) const BUGGY: &[Program] = programs! {
    "account" account;
    "bluetooth" bluetooth;
    "carter" carter;
    "circular buffer" circular_buffer;
    "reorder 3" || reorder(3);
    "reorder 5" || reorder(5);
    "reorder 10" || reorder(10);
    "reorder 20" || reorder(20);
    "reorder 50" || reorder(50);
    "reorder 100" || reorder(100);
    "stack" stack;
    "string buffer" string_buffer;
    "token ring" token_ring;
    "two-stage 20" || two_stage(20);
    "two-stage 50" || two_stage(50);
    "two-stage 100" || two_stage(100);
    "wrong lock 3" || wrong_lock(3);
    "quicksort" quicksort;
    "work stealing" work_stealing;
    "philosophers 5" || philosophers(5);
    "philosophers 10" || philosophers(10);
    "chain of 4" || chain([3, 2, 1, 0]);
    "chain of 5" || chain([4, 3, 2, 1, 0]);
    "chain of 4, mixed" || chain([2, 0, 3, 1]);
    "chain of 5, mixed" || chain([1, 3, 0, 4, 2]);
    "aba" aba;
    "lost wake-up" lost_wake_up;
};

fn all(threads: impl IntoIterator<Item = JoinHandle<()>>) {
    for handle in threads.into_iter().collect::<Vec<_>>() {
        handle.join().unwrap();
    }
}

fn numbers<const N: usize>() -> Arc<[AtomicUsize; N]> {
    Arc::new(std::array::from_fn(|_| AtomicUsize::new(0)))
}

/// A withdrawal between the two reads of a deposit's check.
fn account() {
    let balance = Arc::new(Mutex::new(0_isize));
    let flags = numbers::<2>();
    let (one, done) = (Arc::clone(&balance), Arc::clone(&flags));
    let deposit = thread::spawn(move || {
        *one.lock().unwrap() += 300;
        done[0].store(1, SeqCst);
    });
    let (one, done) = (Arc::clone(&balance), Arc::clone(&flags));
    let withdraw = thread::spawn(move || {
        *one.lock().unwrap() -= 100;
        done[1].store(1, SeqCst);
    });
    let check = thread::spawn(move || {
        let is_done = flags[0].load(SeqCst) == 1 && flags[1].load(SeqCst) == 0;
        if is_done {
            assert_eq!(*balance.lock().unwrap(), 300);
        }
    });
    all([deposit, withdraw, check]);
}

/// A driver is stopped between a request's check of the flag and its count (Qadeer and Wu, 2004).
fn bluetooth() {
    let stopping = Arc::new(AtomicBool::new(false));
    let stopped = Arc::new(AtomicBool::new(false));
    let pending = Arc::new(AtomicIsize::new(1));
    let leave = |pending: &AtomicIsize, stopped: &AtomicBool| {
        if pending.fetch_sub(1, SeqCst) == 1 {
            stopped.store(true, SeqCst);
        }
    };
    let request = {
        let (stopping, stopped, pending) = (
            Arc::clone(&stopping),
            Arc::clone(&stopped),
            Arc::clone(&pending),
        );
        thread::spawn(move || {
            if !stopping.load(SeqCst) {
                pending.fetch_add(1, SeqCst);
                assert!(!stopped.load(SeqCst));
                leave(&pending, &stopped);
            }
        })
    };
    stopping.store(true, SeqCst);
    leave(&pending, &stopped);
    request.join().unwrap();
}

/// Two groups that each lock for all of their members, with the bookkeeping lock held while they wait.
fn carter() {
    let (books, shared) = (Arc::new(Mutex::new([0_usize; 2])), Arc::new(Mutex::new(())));
    let member = |group: usize| {
        let (books, shared) = (Arc::clone(&books), Arc::clone(&shared));
        thread::spawn(move || {
            let mut counts = books.lock().unwrap();
            counts[group] += 1;
            let held = (counts[group] == 1).then(|| shared.lock().unwrap());
            drop(counts);
            let mut counts = books.lock().unwrap();
            counts[group] -= 1;
            drop(counts);
            drop(held);
        })
    };
    let threads = [member(0), member(1)];
    all(threads);
}

/// A buffer whose reader trusts the count before the slot is written.
fn circular_buffer() {
    const SLOTS: usize = 3;
    let slots = numbers::<SLOTS>();
    let count = Arc::new(AtomicUsize::new(0));
    let (written, counted) = (Arc::clone(&slots), Arc::clone(&count));
    let writer = thread::spawn(move || {
        for number in 1..=SLOTS {
            counted.fetch_add(1, SeqCst);
            written[number - 1].store(number, SeqCst);
        }
    });
    let reader = thread::spawn(move || {
        for number in 1..=SLOTS {
            if count.load(SeqCst) >= number {
                assert_eq!(slots[number - 1].load(SeqCst), number);
            }
        }
    });
    all([writer, reader]);
}

/// Many threads write two numbers, one after the other; one thread reads them.
fn reorder(threads: usize) {
    let (a, b) = (Arc::new(AtomicIsize::new(0)), Arc::new(AtomicIsize::new(0)));
    let mut handles: Vec<_> = (1..threads)
        .map(|_| {
            let (a, b) = (Arc::clone(&a), Arc::clone(&b));
            thread::spawn(move || {
                a.store(1, SeqCst);
                b.store(-1, SeqCst);
            })
        })
        .collect();
    handles.push(thread::spawn(move || {
        let seen = (a.load(SeqCst), b.load(SeqCst));
        assert!(seen == (0, 0) || seen == (1, -1), "{seen:?}");
    }));
    all(handles);
}

/// A stack whose `pop` looks at a count that `push` has not raised yet.
fn stack() {
    const SIZE: usize = 4;
    let top = Arc::new(AtomicUsize::new(0));
    let flag = Arc::new(AtomicBool::new(false));
    let lock = Arc::new(Mutex::new(()));
    let (top2, flag2, lock2) = (Arc::clone(&top), Arc::clone(&flag), Arc::clone(&lock));
    let push = thread::spawn(move || {
        for _ in 0..SIZE {
            let _held = lock2.lock().unwrap();
            top2.fetch_add(1, SeqCst);
            flag2.store(true, SeqCst);
        }
    });
    let pop = thread::spawn(move || {
        for _ in 0..SIZE {
            if flag.load(SeqCst) {
                let _held = lock.lock().unwrap();
                let left = top.load(SeqCst);
                assert!(left > 0, "popped from an empty stack");
                top.store(left - 1, SeqCst);
            }
        }
    });
    all([push, pop]);
}

/// `append` asks another buffer for its length, and then for its characters.
fn string_buffer() {
    let other = Arc::new(Mutex::new(String::from("abc")));
    let erased = Arc::clone(&other);
    let erase = thread::spawn(move || {
        erased.lock().unwrap().clear();
        erased.lock().unwrap().push_str("xyz");
    });
    let append = thread::spawn(move || {
        let length = other.lock().unwrap().len();
        let characters = other.lock().unwrap();
        assert!(
            characters.get(..length).is_some(),
            "characters beyond the end"
        );
    });
    all([erase, append]);
}

/// Each thread computes its number from its neighbour's.
fn token_ring() {
    let values = Arc::new([(); 3].map(|()| AtomicUsize::new(0)));
    let pass = |from: usize, to: usize| {
        let values = Arc::clone(&values);
        thread::spawn(move || values[to].store((values[from].load(SeqCst) + 1) % 4, SeqCst))
    };
    let threads = [pass(2, 0), pass(0, 1), pass(1, 2)];
    all(threads);
    let [one, two, three] = [0, 1, 2].map(|place| values[place].load(SeqCst));
    assert!(!(one == two && two == three), "{one} {two} {three}");
}

/// Two numbers that belong together, under two locks.
fn two_stage(threads: usize) {
    let (one, two) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
    let write = |_| {
        let (one, two) = (Arc::clone(&one), Arc::clone(&two));
        thread::spawn(move || {
            *one.lock().unwrap() = 1;
            *two.lock().unwrap() = 2;
        })
    };
    let read = |_| {
        let (one, two) = (Arc::clone(&one), Arc::clone(&two));
        thread::spawn(move || {
            let first = *one.lock().unwrap();
            if first != 0 {
                assert_eq!(*two.lock().unwrap(), first + 1);
            }
        })
    };
    let handles: Vec<_> = (1..threads).map(write).collect();
    all(handles.into_iter().chain([read(0)]));
}

/// A number that some threads guard by one lock, and some by another.
fn wrong_lock(others: usize) {
    let value = Arc::new(AtomicUsize::new(0));
    let (lock, wrong) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
    let (number, held) = (Arc::clone(&value), Arc::clone(&lock));
    let first = thread::spawn(move || {
        let _held = held.lock().unwrap();
        let seen = number.load(SeqCst);
        number.store(seen + 1, SeqCst);
        assert_eq!(number.load(SeqCst), seen + 1);
    });
    let rest = (0..others).map(|_| {
        let (number, held) = (Arc::clone(&value), Arc::clone(&wrong));
        thread::spawn(move || {
            let _held = held.lock().unwrap();
            number.fetch_add(1, SeqCst);
        })
    });
    let rest: Vec<_> = rest.collect();
    all(std::iter::once(first).chain(rest));
}

/// Workers take ranges to sort from a pool, and the last one to be idle ends it: the count is not one step with the pool.
fn quicksort() {
    let pool = Arc::new(Mutex::new(vec![8_usize]));
    let idle = Arc::new(AtomicUsize::new(0));
    let sorted = Arc::new(AtomicUsize::new(0));
    let worker = |_| {
        let (pool, idle, sorted) = (Arc::clone(&pool), Arc::clone(&idle), Arc::clone(&sorted));
        thread::spawn(move || {
            loop {
                let range = pool.lock().unwrap().pop();
                match range {
                    Some(1) => {
                        sorted.fetch_add(1, SeqCst);
                    }
                    Some(length) => {
                        pool.lock().unwrap().push(length / 2);
                        pool.lock().unwrap().push(length - length / 2);
                    }
                    None => {
                        idle.fetch_add(1, SeqCst);
                        return;
                    }
                }
            }
        })
    };
    let first = worker(0);
    let second = worker(1);
    second.join().unwrap();
    if idle.load(SeqCst) == 2 {
        assert_eq!(sorted.load(SeqCst), 8);
    } else {
        assert!(
            sorted.load(SeqCst) > 0,
            "a worker left before there was work"
        );
    }
    first.join().unwrap();
}

/// A queue to steal from, whose owner takes the last item without asking.
fn work_stealing() {
    let (head, tail) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let taken = numbers::<3>();
    let (head2, tail2, taken2) = (Arc::clone(&head), Arc::clone(&tail), Arc::clone(&taken));
    let thief = thread::spawn(move || {
        for _ in 0..2 {
            let first = head2.load(SeqCst);
            if first < tail2.load(SeqCst)
                && head2
                    .compare_exchange(first, first + 1, SeqCst, SeqCst)
                    .is_ok()
            {
                assert_eq!(taken2[first].fetch_add(1, SeqCst), 0, "taken twice");
            }
        }
    });
    for item in 1..=3 {
        tail.store(item, SeqCst);
    }
    for _ in 0..3 {
        let last = tail.load(SeqCst);
        if head.load(SeqCst) < last {
            tail.store(last - 1, SeqCst);
            assert_eq!(taken[last - 1].fetch_add(1, SeqCst), 0, "taken twice");
        }
    }
    thief.join().unwrap();
}

/// Everybody takes the left fork first (Dijkstra, 1971).
fn philosophers(count: usize) {
    let forks: Arc<Vec<_>> = Arc::new((0..count).map(|_| Mutex::new(())).collect());
    let eat = |seat: usize| {
        let forks = Arc::clone(&forks);
        thread::spawn(move || {
            let _left = forks[seat].lock().unwrap();
            let _right = forks[(seat + 1) % forks.len()].lock().unwrap();
        })
    };
    let handles: Vec<_> = (0..count).map(eat).collect();
    all(handles);
}

/// Goes wrong when the threads, in the order of their start, come to these places of a chain.
fn chain<const N: usize>(places: [usize; N]) {
    let reached = Arc::new(AtomicUsize::new(0));
    let link = |place: usize| {
        let reached = Arc::clone(&reached);
        thread::spawn(move || {
            let _ = reached.compare_exchange(place, place + 1, SeqCst, SeqCst);
        })
    };
    all(places.map(link));
    assert_ne!(reached.load(SeqCst), N);
}

/// A stack of numbered nodes: one is taken off, and another put back in its place, while somebody is about to take it.
fn aba() {
    let next = Arc::new([
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicUsize::new(1),
    ]);
    let head = Arc::new(AtomicUsize::new(2));
    let in_use = numbers::<3>();
    let pop = |head: &AtomicUsize, next: &[AtomicUsize; 3]| {
        let first = head.load(SeqCst);
        let second = next[first].load(SeqCst);
        let is_taken = first != 0 && head.compare_exchange(first, second, SeqCst, SeqCst).is_ok();
        is_taken.then_some(first)
    };
    let other = {
        let (next, head, in_use) = (Arc::clone(&next), Arc::clone(&head), Arc::clone(&in_use));
        thread::spawn(move || {
            let (Some(one), Some(two)) = (pop(&head, &next), pop(&head, &next)) else {
                return;
            };
            in_use[two].store(1, SeqCst);
            next[one].store(0, SeqCst);
            head.store(one, SeqCst);
        })
    };
    let _ = pop(&head, &next);
    let left = head.load(SeqCst);
    assert_eq!(
        in_use[left].load(SeqCst),
        0,
        "the stack has a node that is in use"
    );
    other.join().unwrap();
}

/// A flag is set, and its waiter notified, without the lock.
fn lost_wake_up() {
    let state = Arc::new((Mutex::new(()), Condvar::new(), AtomicBool::new(false)));
    let other = Arc::clone(&state);
    let handle = thread::spawn(move || {
        let mut guard = other.0.lock().unwrap();
        while !other.2.load(SeqCst) {
            guard = other.1.wait(guard).unwrap();
        }
    });
    state.2.store(true, SeqCst);
    state.1.notify_one();
    handle.join().unwrap();
}
