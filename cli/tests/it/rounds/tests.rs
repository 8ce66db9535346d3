use std::alloc::{GlobalAlloc, Layout, System};
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

struct Counting;

static TAKEN: AtomicUsize = AtomicUsize::new(0);
static LIVE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's, counted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        TAKEN.fetch_add(1, Ordering::Relaxed);
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Uses a lock in two threads, and notes the process.
fn work() {
    let number = Arc::new(Mutex::new(0));
    let same = Arc::clone(&number);
    thread::spawn(move || *same.lock().unwrap() += 1).join().unwrap();
    assert_eq!(*number.lock().unwrap(), 1);
    if let Some(path) = std::env::var_os("PROCESSES") {
        let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
        writeln!(file, "{}", std::process::id()).unwrap();
    }
}

#[test]
fn counted() {
    work();
}

/// Holds in a process of its own, and not after many rounds.
#[test]
fn frugal() {
    let most = 3_000;
    for _ in 0..100 {
        std::hint::black_box(Box::new(1));
    }
    work();
    assert!(TAKEN.load(Ordering::Relaxed) < most, "too much memory is taken");
}

static MINE: AtomicUsize = AtomicUsize::new(0);

/// The same, of a static that is not the allocator's.
#[test]
fn untidy() {
    work();
    assert_eq!(MINE.fetch_add(1, Ordering::Relaxed), 0);
}
