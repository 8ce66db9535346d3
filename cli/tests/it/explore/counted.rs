use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

/// Whatever allocates, also in the middle of a step, uses atomics.
struct Counted;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);
static LARGEST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator does it.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), SeqCst);
        LARGEST.fetch_max(layout.size(), SeqCst);
        System.alloc(layout)
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), SeqCst);
        System.dealloc(place, layout)
    }
}

#[global_allocator]
static ALLOCATOR: Counted = Counted;

#[test]
fn right_sizes() {
    let before = ALLOCATED.load(SeqCst);
    let held = vec![0_u8; 1 << 20];
    let threads = [1, 2].map(|number| thread::spawn(move || vec![number; 3]));
    let all: Vec<i32> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    assert_eq!(all, [1, 1, 1, 2, 2, 2]);
    assert!(ALLOCATED.load(SeqCst) >= before + held.len());
    assert!(LARGEST.load(SeqCst) >= held.len());
}
