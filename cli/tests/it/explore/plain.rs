use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;

fn two(step: fn(&AtomicUsize)) -> usize {
    let hits = Arc::new(AtomicUsize::new(0));
    let threads = [(); 2].map(|()| {
        let hits = Arc::clone(&hits);
        thread::spawn(move || step(&hits))
    });
    for thread in threads {
        thread.join().unwrap();
    }
    hits.load(SeqCst)
}

fn in_two_steps(hits: &AtomicUsize) {
    hits.store(hits.load(SeqCst) + 1, SeqCst);
}

fn in_one_step(hits: &AtomicUsize) {
    hits.fetch_add(1, SeqCst);
}

#[test]
fn hidden_lost_update() {
    assert_eq!(two(in_two_steps), 2);
}

#[test]
fn hidden_deadlock() {
    let (a, b) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
    let (left, right) = (Arc::clone(&a), Arc::clone(&b));
    let other = thread::spawn(move || {
        let _left = left.lock().unwrap();
        *right.lock().unwrap() += 1;
    });
    {
        let _right = b.lock().unwrap();
        *a.lock().unwrap() += 1;
    }
    other.join().unwrap();
}

#[test]
fn right_locked() {
    assert_eq!(two(in_one_step), 2);
}

#[test]
fn right_alone() {
    assert_eq!(1 + 1, 2);
}

#[test]
fn right_results() -> Result<(), String> {
    if two(in_one_step) == 2 { Ok(()) } else { Err("lost".to_owned()) }
}

#[test]
#[should_panic(expected = "as it should")]
fn right_panics() {
    assert_eq!(two(in_one_step), 3, "as it should");
}

#[test]
fn always_fails() {
    panic!("always");
}

/// A thread of the operating system that nobody controls is what the test waits for.
#[test]
fn outside() {
    let mut child = std::process::Command::new("sleep").arg("2").spawn().unwrap();
    assert!(child.wait().unwrap().success());
}

/// The same again and again: steps between the waits are no progress to speak of.
#[test]
fn outside_in_turns() {
    let steps = AtomicUsize::new(0);
    while steps.fetch_add(1, SeqCst) < 1_000 {
        let mut child = std::process::Command::new("sleep").arg("0.1").spawn().unwrap();
        assert!(child.wait().unwrap().success());
        if std::env::var_os("UNSNARL_EXPLORE").is_some_and(|value| value == "0") {
            break;
        }
    }
}

/// Statics begin afresh in each execution, whatever they have come to hold.
#[test]
fn right_statics() {
    static HITS: AtomicUsize = AtomicUsize::new(0);
    static NAMES: Mutex<Vec<String>> = Mutex::new(Vec::new());
    static FIRST: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    static mut PLAIN: Option<Box<usize>> = None;
    // It refers to something, so nobody can write to it once the program has begun.
    static WORDS: [&str; 2] = ["0", "1"];
    // SAFETY: the only access.
    assert!(unsafe { (*(&raw mut PLAIN)).replace(Box::new(1)) }.is_none());
    let threads = [0, 1].map(|number| {
        thread::spawn(move || {
            HITS.fetch_add(1, SeqCst);
            NAMES.lock().unwrap().push(number.to_string());
            FIRST.get_or_init(|| number.to_string());
        })
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(HITS.load(SeqCst), 2);
    let names = NAMES.lock().unwrap();
    assert_eq!(names.len(), 2);
    assert!(names.contains(FIRST.get().unwrap()));
    let words = std::hint::black_box(&WORDS);
    assert!(names.iter().all(|name| words.contains(&&**name)));
}

/// Nobody hears of it, and the harness does not mind.
#[test]
fn right_unheard() {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    thread::spawn(move || {
        let _sender = sender;
        panic!("on purpose");
    });
    assert!(receiver.recv().is_err());
}

/// As many steps as an endless loop would take.
#[test]
fn long() {
    let count = AtomicUsize::new(0);
    while count.fetch_add(1, SeqCst) < 100_000 {
        assert!(count.compare_exchange(0, 1, SeqCst, SeqCst).is_err());
    }
}

/// The one waits in a loop, without an end to its patience, for the other, which sleeps.
#[test]
fn right_patience() {
    let ready = Arc::new([(); 2].map(|()| AtomicUsize::new(0)));
    let other = Arc::clone(&ready);
    let sleeps = thread::spawn(move || {
        thread::sleep(std::time::Duration::from_secs(3600));
        other[0].store(1, SeqCst);
        other[1].store(1, SeqCst);
    });
    while ready[0].load(SeqCst) == 0 {
        thread::yield_now();
    }
    while ready[1].compare_exchange(1, 2, SeqCst, SeqCst).is_err() {
        std::hint::spin_loop();
    }
    sleeps.join().unwrap();
}

/// Only if two threads come to it at the same time.
#[test]
fn hidden_abort() {
    let both = two(in_two_steps) == 1;
    if both {
        std::process::abort();
    }
}

/// The same in a thread that nobody joins, and with memory that is not there.
#[test]
fn hidden_crash() {
    let hits = Arc::new(AtomicUsize::new(0));
    let threads = [(); 2].map(|()| {
        let hits = Arc::clone(&hits);
        thread::spawn(move || {
            let before = hits.load(SeqCst);
            if hits.fetch_add(1, SeqCst) != before {
                // SAFETY: none, which is the point.
                unsafe { std::ptr::without_provenance::<u8>(64).read_volatile() };
            }
        })
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// Nobody sees which schedule it is.
#[test]
fn leaves() {
    if two(in_two_steps) == 1 {
        std::process::exit(3);
    }
}

/// Each waits for the other in a loop.
#[test]
fn hidden_livelock() {
    let flags = Arc::new([(); 2].map(|()| AtomicUsize::new(0)));
    let other = Arc::clone(&flags);
    let thread = thread::spawn(move || {
        if other[1].load(SeqCst) == 0 {
            other[0].store(1, SeqCst);
            while other[1].load(SeqCst) == 1 {
                thread::yield_now();
            }
            other[0].store(0, SeqCst);
        }
    });
    if flags[0].load(SeqCst) == 0 {
        flags[1].store(1, SeqCst);
        while flags[0].load(SeqCst) == 1 {
            thread::yield_now();
        }
        flags[1].store(0, SeqCst);
    }
    thread.join().unwrap();
}

/// A thread of each schedule has its own, with statics as they are there.
#[test]
fn right_locals() {
    use std::cell::Cell;
    thread_local! {
        static MINE: Cell<usize> = const { Cell::new(0) };
    }
    let threads = [(); 2].map(|()| {
        thread::spawn(|| {
            MINE.set(MINE.get() + 1);
            MINE.get()
        })
    });
    assert_eq!(MINE.get(), 0);
    MINE.set(7);
    assert!(threads.into_iter().all(|thread| thread.join().unwrap() == 1));
    assert_eq!(MINE.get(), 7);
}

/// What some crates have for a fence on x86.
#[test]
#[cfg(target_arch = "x86_64")]
fn right_fences() {
    use std::sync::atomic::Ordering::Relaxed;
    fn fence() {
        let _ = AtomicUsize::new(0).compare_exchange(0, 1, SeqCst, SeqCst);
    }
    let flags = Arc::new([(); 2].map(|()| AtomicUsize::new(0)));
    let other = Arc::clone(&flags);
    let look = |mine: &AtomicUsize, yours: &AtomicUsize| {
        mine.store(1, Relaxed);
        fence();
        yours.load(Relaxed)
    };
    let thread = thread::spawn(move || look(&other[0], &other[1]));
    let seen = look(&flags[1], &flags[0]);
    assert_ne!(seen + thread.join().unwrap(), 0);
}
