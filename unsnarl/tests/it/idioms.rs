//! Correct programs that look like mistakes in how atomics are used: nothing may be told of them, on real threads or in
//! explored runs. Each touches a watched cell, so that everything in it is watched.
//!
//! With the feature `check` on, a finding makes the process of these tests exit with 101, however they pass.

use std::array;

use unsnarl::cell::RaceCell;
use unsnarl::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence,
};
use unsnarl::sync::{Mutex, RwLock};
use unsnarl::{Explorer, atomic_region, thread};

use Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

use crate::races::rounds;

/// Runs the program many times, and explores it.
fn is_silent(program: fn()) {
    (0..rounds()).for_each(|_| program());
    let exploration = Explorer::new().schedules(100).max_steps(3_000).run(program);
    let found: Vec<&str> = exploration
        .findings()
        .iter()
        .map(|shown| &*shown.text)
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// So many threads do this at once, each with its number.
fn at_once(threads: usize, work: impl Fn(usize) + Sync) {
    let work = &work;
    thread::scope(|scope| {
        (0..threads).for_each(|number| _ = scope.spawn(move || work(number)));
    });
}

/// A value that the program around it keeps to one thread at a time.
#[derive(Debug, Default)]
struct Kept(RaceCell<u64>);

impl Kept {
    #[track_caller]
    fn set(&self, value: u64) {
        // SAFETY: each program says what keeps its threads apart.
        unsafe { self.0.set(value) };
    }

    #[track_caller]
    fn get(&self) -> u64 {
        // SAFETY: as in `set`.
        unsafe { self.0.get() }
    }

    #[track_caller]
    fn add(&self) {
        self.set(self.get() + 1);
    }
}

#[test]
fn counters_that_are_read_for_statistics() {
    is_silent(|| {
        let (hits, own, seen) = (AtomicU64::new(0), AtomicU64::new(0), Kept::default());
        seen.add();
        at_once(3, |number| {
            for _ in 0..4 {
                hits.fetch_add(1, Relaxed);
                if number == 0 {
                    // Only this thread writes it.
                    own.store(own.load(Relaxed) + 1, Relaxed);
                }
                assert!(hits.load(Relaxed) + own.load(Relaxed) < 100);
            }
        });
        assert_eq!((hits.into_inner(), own.into_inner()), (12, 4));
    });
}

#[test]
fn compare_exchange_loops() {
    is_silent(|| {
        let (highest, count, seen) = (AtomicU64::new(0), AtomicU64::new(5), Kept::default());
        seen.add();
        at_once(3, |number| {
            let number = number as u64;
            let mut known = highest.load(Relaxed);
            while known < number {
                match highest.compare_exchange_weak(known, number, Relaxed, Relaxed) {
                    Ok(_) => break,
                    Err(now) => known = now,
                }
            }
            // Goes up and comes back, under the eyes of the others.
            for step in [1, u64::MAX] {
                let change = |count: u64| Some(count.wrapping_add(step));
                count.fetch_update(AcqRel, Acquire, change).unwrap();
            }
        });
        assert_eq!((highest.into_inner(), count.into_inner()), (2, 5));
    });
}

#[test]
fn double_checked_locking() {
    is_silent(|| {
        let (is_made, door, value) = (AtomicBool::new(false), Mutex::new(()), Kept::default());
        at_once(3, |_| {
            if !is_made.load(Acquire) {
                let _inside = door.lock().unwrap();
                if !is_made.load(Relaxed) {
                    value.set(7);
                    is_made.store(true, Release);
                }
            }
            assert_eq!(value.get(), 7);
        });
    });
}

#[test]
fn what_is_the_same_whoever_computes_it() {
    is_silent(|| {
        let (known, warned, seen) = (AtomicUsize::new(0), AtomicBool::new(false), Kept::default());
        seen.add();
        at_once(3, |_| {
            for _ in 0..3 {
                let mut level = known.load(Relaxed);
                if level == 0 {
                    level = 3;
                    known.store(level, Relaxed);
                }
                assert_eq!(level, 3);
                if !warned.load(Relaxed) {
                    warned.store(true, Relaxed);
                }
            }
        });
    });
}

#[test]
fn sequence_locks() {
    is_silent(|| {
        let (sequence, values) = (AtomicUsize::new(0), [const { AtomicU64::new(0) }; 2]);
        let (door, writes) = (Mutex::new(()), Kept::default());
        let write = |value: u64| {
            let _alone = door.lock().unwrap();
            let before = sequence.load(Relaxed);
            sequence.store(before + 1, Relaxed);
            fence(Release);
            values.iter().for_each(|place| place.store(value, Relaxed));
            sequence.store(before + 2, Release);
            writes.add();
        };
        let read = || {
            let before = sequence.load(Acquire);
            let read = values.each_ref().map(|place| place.load(Relaxed));
            fence(Acquire);
            let is_whole = before % 2 == 0 && sequence.load(Relaxed) == before;
            is_whole.then_some(read)
        };
        at_once(3, |number| {
            if number == 2 {
                let [one, other] = read().unwrap_or_default();
                assert_eq!(one, other);
            } else {
                (0..3).for_each(|value| write(value + number as u64));
            }
        });
    });
}

#[test]
fn sequence_locks_that_writers_take_by_exchange() {
    is_silent(|| {
        let (sequence, writes) = (AtomicUsize::new(0), Kept::default());
        at_once(3, |_| {
            for _ in 0..2 {
                let before = loop {
                    let before = sequence.load(Relaxed);
                    let odd = before + 1;
                    let taken = before % 2 == 0
                        && (sequence.compare_exchange(before, odd, Acquire, Relaxed)).is_ok();
                    if taken {
                        break before;
                    }
                    thread::yield_now();
                };
                writes.add();
                sequence.store(before + 2, Release);
            }
        });
        assert_eq!(writes.get(), 6);
    });
}

#[test]
fn locks_that_test_and_test_and_set() {
    is_silent(|| {
        let (is_taken, value) = (AtomicBool::new(false), Kept::default());
        at_once(3, |_| {
            for _ in 0..2 {
                while is_taken.load(Relaxed) || is_taken.swap(true, Acquire) {
                    thread::yield_now();
                }
                value.add();
                is_taken.store(false, Release);
            }
        });
        assert_eq!(value.get(), 6);
    });
}

#[test]
fn ticket_locks() {
    // With the ticket kept, and with the number looked up once more.
    fn run(next: fn(&AtomicU32, u32) -> u32) {
        let (tickets, now, value) = (AtomicU32::new(0), AtomicU32::new(0), Kept::default());
        at_once(3, |_| {
            for _ in 0..2 {
                let ticket = tickets.fetch_add(1, Relaxed);
                while now.load(Acquire) != ticket {
                    thread::yield_now();
                }
                value.add();
                now.store(next(&now, ticket), Release);
            }
        });
        assert_eq!(value.get(), 6);
    }
    is_silent(|| run(|_, ticket| ticket + 1));
    is_silent(|| run(|now, _| now.load(Relaxed) + 1));
}

#[test]
fn turns() {
    is_silent(|| {
        let (turn, value) = (AtomicUsize::new(0), Kept::default());
        at_once(3, |number| {
            for _ in 0..2 {
                while turn.load(Acquire) != number {
                    thread::yield_now();
                }
                value.add();
                turn.store((number + 1) % 3, Release);
            }
        });
        assert_eq!(value.get(), 6);
    });
}

#[test]
fn atomics_at_the_address_of_others() {
    is_silent(|| {
        let (mut state, seen) = (AtomicUsize::new(0), Kept::default());
        seen.add();
        for _ in 0..3 {
            // Each thread moves the state on once.
            at_once(2, |number| {
                while state.load(Relaxed) != number {
                    thread::yield_now();
                }
                state.store(number + 1, Relaxed);
            });
            *state.get_mut() = 0;
            // One thread counts.
            for _ in 0..3 {
                state.store(state.load(Relaxed) + 1, Relaxed);
            }
            *state.get_mut() = 0;
        }
    });
}

#[test]
fn petersons_lock() {
    is_silent(|| {
        let (wants, turn) = ([const { AtomicBool::new(false) }; 2], AtomicUsize::new(0));
        let value = Kept::default();
        at_once(2, |me| {
            for _ in 0..2 {
                wants[me].store(true, SeqCst);
                turn.store(1 - me, SeqCst);
                while wants[1 - me].load(SeqCst) && turn.load(SeqCst) != me {
                    thread::yield_now();
                }
                value.add();
                wants[me].store(false, SeqCst);
            }
        });
        assert_eq!(value.get(), 4);
    });
}

#[test]
fn barriers_that_turn_their_sense() {
    is_silent(|| {
        let (left, sense) = (AtomicUsize::new(2), AtomicBool::new(false));
        let values = [const { Kept(RaceCell::new(0)) }; 2];
        at_once(2, |me| {
            for phase in 0..3 {
                values[(me + phase) % 2].add();
                let mine = sense.load(Relaxed);
                if left.fetch_sub(1, AcqRel) == 1 {
                    left.store(2, Relaxed);
                    sense.store(!mine, Release);
                } else {
                    while sense.load(Acquire) == mine {
                        thread::yield_now();
                    }
                }
            }
        });
    });
}

#[test]
fn rings_for_one_producer_and_one_consumer() {
    is_silent(|| {
        let slots = [const { Kept(RaceCell::new(0)) }; 2];
        let (head, tail) = (AtomicUsize::new(0), AtomicUsize::new(0));
        at_once(2, |number| {
            for value in 0..4 {
                let own = if number == 0 { &head } else { &tail };
                let place = own.load(Relaxed);
                if number == 0 {
                    while place - tail.load(Acquire) == slots.len() {
                        thread::yield_now();
                    }
                    slots[place % 2].set(value);
                } else {
                    while head.load(Acquire) == place {
                        thread::yield_now();
                    }
                    assert_eq!(slots[place % 2].get(), value);
                }
                own.store(place + 1, Release);
            }
        });
    });
}

/// Slots that are linked to a stack by the number of the next.
struct Stack {
    head: AtomicU64,
    next: [AtomicU64; 3],
    values: [Kept; 3],
}

const NONE: u64 = 255;

impl Stack {
    fn full() -> Self {
        let next = |slot: usize| AtomicU64::new(if slot == 2 { NONE } else { slot as u64 + 1 });
        Self {
            head: AtomicU64::new(0),
            next: array::from_fn(next),
            values: Default::default(),
        }
    }

    fn replace(&self, head: u64, top: u64) -> bool {
        let tagged = (head & !255) + 256 + top;
        (self.head)
            .compare_exchange(head, tagged, AcqRel, Acquire)
            .is_ok()
    }

    fn pop(&self) -> Option<u64> {
        loop {
            let head = self.head.load(Acquire);
            let top = head & 255;
            if top == NONE {
                return None;
            }
            let next = self.next[top as usize].load(Relaxed);
            if self.replace(head, next) {
                return Some(top);
            }
        }
    }

    fn push(&self, slot: u64) {
        loop {
            let head = self.head.load(Acquire);
            self.next[slot as usize].store(head & 255, Relaxed);
            if self.replace(head, slot) {
                return;
            }
        }
    }
}

#[test]
fn stacks_with_tagged_heads() {
    is_silent(|| {
        let stack = Stack::full();
        at_once(3, |_| {
            for _ in 0..2 {
                let slots = [stack.pop(), stack.pop()];
                for slot in slots.into_iter().flatten() {
                    stack.values[slot as usize].add();
                    stack.push(slot);
                }
            }
        });
    });
}

#[test]
fn hazard_pointers() {
    is_silent(|| {
        let versions = [const { Kept(RaceCell::new(0)) }; 3];
        let (current, hazard) = (AtomicUsize::new(0), AtomicUsize::new(usize::MAX));
        let read = || {
            let mut at = current.load(SeqCst);
            loop {
                hazard.store(at, SeqCst);
                match current.load(SeqCst) {
                    now if now == at => break,
                    now => at = now,
                }
            }
            versions[at].get();
            hazard.store(usize::MAX, Release);
        };
        let write = || {
            let (at, announced) = (current.load(Relaxed), hazard.load(SeqCst));
            let next = (1..3)
                .map(|step| (at + step) % 3)
                .find(|&next| next != announced);
            versions[next.unwrap()].add();
            current.store(next.unwrap(), SeqCst);
        };
        at_once(2, |number| {
            (0..3).for_each(|_| if number == 0 { read() } else { write() })
        });
    });
}

#[test]
fn epochs() {
    is_silent(|| {
        const IDLE: usize = usize::MAX;
        let (global, pinned) = (AtomicUsize::new(0), [const { AtomicUsize::new(IDLE) }; 2]);
        let seen = Kept::default();
        seen.add();
        at_once(2, |me| {
            for _ in 0..3 {
                let epoch = global.load(Relaxed);
                pinned[me].store(epoch, Relaxed);
                fence(SeqCst);
                let others = pinned.iter().map(|place| place.load(Relaxed));
                let is_free = others.into_iter().all(|at| at == IDLE || at == epoch);
                // Whoever is pinned keeps others from going two epochs on, so a late store writes what is there.
                if is_free && global.load(Relaxed) == epoch {
                    fence(Acquire);
                    global.store(epoch + 1, Release);
                }
                pinned[me].store(IDLE, Release);
            }
        });
    });
}

#[test]
fn epochs_without_fences() {
    is_silent(|| {
        const IDLE: usize = usize::MAX;
        let (global, pinned) = (AtomicUsize::new(0), [const { AtomicUsize::new(IDLE) }; 2]);
        let seen = Kept::default();
        seen.add();
        at_once(2, |me| {
            for _ in 0..3 {
                let epoch = global.load(SeqCst);
                pinned[me].store(epoch, SeqCst);
                let others = pinned.each_ref().map(|place| place.load(SeqCst));
                let is_free = others.into_iter().all(|at| at == IDLE || at == epoch);
                if is_free && global.load(SeqCst) == epoch {
                    global.store(epoch + 1, SeqCst);
                }
                pinned[me].store(IDLE, SeqCst);
            }
        });
    });
}

#[test]
fn pointers_to_what_is_published() {
    is_silent(|| {
        let (old, new) = (Kept::default(), Kept::default());
        let current = AtomicPtr::new(std::ptr::from_ref(&old).cast_mut());
        at_once(2, |number| {
            if number == 0 {
                new.set(2);
                // Nobody else writes it.
                assert!(!current.load(Relaxed).is_null());
                current.store(std::ptr::from_ref(&new).cast_mut(), Release);
            } else {
                // SAFETY: both live as long as the threads.
                let value = unsafe { &*current.load(Acquire) }.get();
                assert!(value == 0 || value == 2);
            }
        });
    });
}

#[test]
fn regions_that_are_atomic() {
    is_silent(|| {
        let (from, to, total) = (Mutex::new(10), Mutex::new(0), AtomicU64::new(0));
        let rates = RwLock::new(3);
        at_once(3, |number| {
            for _ in 0..2 {
                if number == 2 {
                    atomic_region("look", || assert!(*rates.read().unwrap() >= 3));
                    *rates.write().unwrap() += 1;
                }
                atomic_region("transfer", || {
                    let (mut from, mut to) = (from.lock().unwrap(), to.lock().unwrap());
                    let amount = 1.min(*from);
                    *from -= amount;
                    *to += amount;
                    total.fetch_add(amount, Relaxed);
                });
            }
        });
        assert_eq!((*from.lock().unwrap(), total.into_inner()), (4, 6));
    });
}

/// A warning does not end a process with 101: this looks for those, in the report of a process that runs all of the above.
#[cfg(feature = "observe")]
#[test]
fn there_are_no_warnings_either() {
    const VARIABLE: &str = "UNSNARL_REPORT_DIR";
    if std::env::var(VARIABLE).is_ok() {
        return;
    }
    let folder = std::env::temp_dir().join(format!("unsnarl-idioms-{}", std::process::id()));
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let output = child
        .arg("idioms::")
        .env(VARIABLE, &folder)
        .output()
        .unwrap();
    assert!(output.status.success());
    let reports = std::fs::read_dir(&folder).unwrap();
    let reports: Vec<String> = reports
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    std::fs::remove_dir_all(folder).unwrap();
    assert_eq!(reports.len(), 1);
    assert!(!reports[0].contains("\"slug\":"), "{}", reports[0]);
}
