//! Explorations leave nothing behind, however many a process has. The only test of its program, so that nobody else needs
//! memory meanwhile.

#![cfg(feature = "explore")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use unsnarl::sync::mpsc::channel;
use unsnarl::sync::{Condvar, Mutex};
use unsnarl::{Explorer, thread};

/// The system's allocator, and how many bytes it has given out and not got back.
struct Counting;

// Relaxed: a number that is looked at when nobody else is at work.
static LIVE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator does it all.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const EXPLORATIONS: usize = 1_000;

/// How many bytes more there may be after so many explorations.
const MOST: usize = 20 * EXPLORATIONS;

fn count() {
    let (count, changed) = (Mutex::new(0), Condvar::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                *count.lock().unwrap() += 1;
                changed.notify_all();
            });
        }
        let count = count.lock().unwrap();
        drop(changed.wait_while(count, |count| *count < 2).unwrap());
    });
}

fn deadlock() {
    let (_sender, receiver) = channel::<Vec<u8>>();
    let kept = vec![0; 10_000];
    let handle = thread::spawn(move || drop((receiver.recv(), kept)));
    let _ = handle.join();
}

fn explore() {
    for _ in 0..EXPLORATIONS / 2 {
        let explorer = Explorer::new().schedules(2);
        assert!(explorer.run(count).findings().is_empty());
        assert_eq!(explorer.run(deadlock).findings().len(), 1);
    }
}

#[test]
fn a_thousand_explorations_leave_no_memory_behind() {
    explore();
    let before = LIVE.load(Relaxed);
    explore();
    let grown = LIVE.load(Relaxed).saturating_sub(before);
    assert!(grown <= MOST, "{grown} bytes are left behind");
}
