//! Programs for loom, each wrong one beside its cured twin, and what loom cannot take.

use std::time::Duration;

use unsnarl::cell::RaceCell;
use unsnarl::sync::atomic::Ordering::{self, Acquire, Relaxed, Release, SeqCst};
use unsnarl::sync::atomic::{AtomicBool, AtomicUsize};
use unsnarl::sync::{Arc, Condvar, Mutex};
use unsnarl::thread;

/// ```text
/// t1: data = 42   flag = true (Relaxed)
/// t2:                                     flag?   data
/// ```
fn publish(order: Ordering) {
    let both = Arc::new((RaceCell::new(0), AtomicBool::new(false)));
    let theirs = Arc::clone(&both);
    let writer = thread::spawn(move || {
        unsafe { theirs.0.set(42) };
        theirs.1.store(true, order);
    });
    if both.1.load(Acquire) {
        assert_eq!(unsafe { both.0.get() }, 42);
    }
    writer.join().unwrap();
}

#[test]
fn publish_buggy() {
    unsnarl::check(|| publish(Relaxed));
}

#[unsnarl::test]
fn publish_fixed() {
    publish(Release);
}

/// ```text
/// t1: lock a ──── wait b
/// t2:      lock b ──── wait a
/// ```
fn two_locks(are_opposite: bool) {
    let locks = Arc::new([Mutex::new(0), Mutex::new(0)]);
    let theirs = Arc::clone(&locks);
    let builder = thread::Builder::new().name("teller".to_owned());
    let teller = builder.spawn(move || {
        let [first, second] = if are_opposite { [1, 0] } else { [0, 1] };
        let _first = theirs[first].lock().unwrap();
        let _second = theirs[second].lock().unwrap();
    });
    {
        let _first = locks[0].lock().unwrap();
        let _second = locks[1].lock().unwrap();
    }
    teller.unwrap().join().unwrap();
}

#[unsnarl::test]
fn locks_buggy() {
    two_locks(true);
}

#[unsnarl::test]
fn locks_fixed() {
    two_locks(false);
}

fn count(add: fn(&AtomicUsize)) {
    let counter = Arc::new(AtomicUsize::new(0));
    let theirs = Arc::clone(&counter);
    let other = thread::spawn(move || add(&theirs));
    add(&counter);
    other.join().unwrap();
    assert_eq!(counter.load(Relaxed), 2, "an update is lost");
}

#[unsnarl::test]
fn update_buggy() {
    count(|counter| counter.store(counter.load(Relaxed) + 1, Relaxed));
}

#[unsnarl::test]
fn update_fixed() {
    count(|counter| _ = counter.fetch_add(1, Relaxed));
}

/// ```text
/// t1: x = 1   y?        both may see 0
/// t2: y = 1   x?
/// ```
fn dekker(store: Ordering, load: Ordering) {
    let flags = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
    let enter = move |own: usize, flags: &[AtomicBool; 2]| {
        flags[own].store(true, store);
        !flags[1 - own].load(load)
    };
    let theirs = Arc::clone(&flags);
    let other = thread::spawn(move || enter(1, &theirs));
    let enters = enter(0, &flags);
    assert!(!(enters && other.join().unwrap()), "both enter");
}

#[unsnarl::test]
fn dekker_buggy() {
    dekker(Release, Acquire);
}

#[unsnarl::test]
fn dekker_fixed() {
    dekker(SeqCst, SeqCst);
}

fn wake(looks_under_the_lock: bool) {
    let both = Arc::new((Mutex::new(false), Condvar::new()));
    let theirs = Arc::clone(&both);
    let waker = thread::spawn(move || {
        *theirs.0.lock().unwrap() = true;
        theirs.1.notify_one();
    });
    let (ready, condvar) = &*both;
    if looks_under_the_lock {
        let guard = ready.lock().unwrap();
        drop(condvar.wait_while(guard, |ready| !*ready).unwrap());
    } else if !*ready.lock().unwrap() {
        drop(condvar.wait(ready.lock().unwrap()).unwrap());
    }
    waker.join().unwrap();
}

#[unsnarl::test]
fn wake_buggy() {
    wake(false);
}

#[unsnarl::test]
fn wake_fixed() {
    wake(true);
}

fn ring(is_broken: bool) {
    struct Node(Mutex<Option<Arc<Node>>>);
    let node = Arc::new(Node(Mutex::new(None)));
    *node.0.lock().unwrap() = Some(Arc::clone(&node));
    if is_broken {
        node.0.lock().unwrap().take();
    }
}

#[unsnarl::test]
fn ring_buggy() {
    ring(false);
}

#[unsnarl::test]
fn ring_fixed() {
    ring(true);
}

#[unsnarl::test]
fn odd_six_threads() {
    let threads: Vec<_> = (0..6).map(|_| thread::spawn(|| ())).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[unsnarl::test]
fn odd_loop() {
    let flag = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&flag);
    let other = thread::spawn(move || theirs.store(true, Release));
    while !flag.load(Acquire) {}
    other.join().unwrap();
}

#[unsnarl::test]
fn odd_endless() {
    loop {
        std::thread::sleep(Duration::from_secs(1));
    }
}

#[unsnarl::test]
fn odd_deep() {
    fn deep(depth: usize) -> usize {
        let room = [depth; 64];
        if depth == 0 { 0 } else { deep(std::hint::black_box(depth - 1)) + std::hint::black_box(room)[7] }
    }
    assert_ne!(deep(10_000), 1);
}

#[test]
fn odd_without_check() {
    assert_eq!(*Mutex::new(1).lock().unwrap(), 1);
}

#[test]
fn odd_alone() {
    assert_eq!(1 + 1, 2);
}

struct Bomb(Arc<Mutex<u8>>);

impl Drop for Bomb {
    fn drop(&mut self) {
        drop(self.0.lock());
        panic!("the bomb");
    }
}

#[unsnarl::test]
fn bad_destructor() {
    let _bomb = Bomb(Arc::new(Mutex::new(0)));
    panic!("the first");
}

#[unsnarl::test]
#[should_panic(expected = "as it should")]
fn good_panic() {
    let panics = thread::spawn(|| panic!("in a thread"));
    assert!(panics.join().is_ok(), "as it should");
}

#[unsnarl::test]
fn good_result() -> Result<(), String> {
    let value = thread::spawn(|| 1).join().map_err(|_| "it panics")?;
    if value == 1 { Ok(()) } else { Err("it is another".to_owned()) }
}

#[test]
fn by_itself() {
    panic!("whatever runs it");
}
