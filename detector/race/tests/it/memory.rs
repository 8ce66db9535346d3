//! How much memory a long trace takes: as much as its threads, values and locks, however many events there are.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{self, BufReader, Read};

use unsnarl_race::analysis::analyse;
use unsnarl_race::std_format::StdReader;

/// The system's allocator, which counts for each thread what it has, and the most that it had.
struct Counting;

thread_local! {
    static HAS: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    let has = HAS.get() + bytes;
    HAS.set(has);
    MOST.set(MOST.get().max(has));
}

// SAFETY: everything is the system allocator's.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes that this takes at once.
fn most_of(work: impl FnOnce()) -> isize {
    let before = HAS.get();
    MOST.set(before);
    work();
    MOST.get() - before
}

const THREADS: u64 = 8;
const VALUES: u64 = 64;
const LOCKS: u64 = 8;

/// A trace of so many events in the text format, made while it is read: threads take a lock, read and write, and give it
/// back, now and then without a lock.
struct Made {
    events: u64,
    made: u64,
    state: u64,
    line: Vec<u8>,
    open: Option<(u64, u64)>,
}

impl Made {
    fn of(events: u64) -> Self {
        Self {
            events,
            made: 0,
            state: 1,
            line: Vec::new(),
            open: None,
        }
    }

    /// The next number of Marsaglia's xorshift, below this.
    fn draw(&mut self, below: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % below
    }

    fn next(&mut self) -> Option<String> {
        if self.made == self.events {
            return None;
        }
        self.made += 1;
        let (ends, begins) = (self.draw(3) == 0, self.draw(4) > 0);
        let event = match self.open {
            Some((thread, lock)) if ends => {
                self.open = None;
                format!("T{thread}|rel(L{lock})|{}", 200 + lock)
            }
            Some((thread, _)) => self.access(thread),
            None if !begins => {
                let thread = self.draw(THREADS);
                self.access(thread)
            }
            None => {
                let (thread, lock) = (self.draw(THREADS), self.draw(LOCKS));
                self.open = Some((thread, lock));
                format!("T{thread}|acq(L{lock})|{}", 100 + lock)
            }
        };
        Some(event)
    }

    fn access(&mut self, thread: u64) -> String {
        let (value, op) = (self.draw(VALUES), ["r", "w"][self.draw(2) as usize]);
        format!("T{thread}|{op}(V{value})|{value}")
    }
}

impl Read for Made {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.line.is_empty() {
            let Some(event) = self.next() else {
                return Ok(0);
            };
            self.line = event.into_bytes();
            self.line.push(b'\n');
        }
        let length = room.len().min(self.line.len());
        room[..length].copy_from_slice(&self.line[..length]);
        self.line.drain(..length);
        Ok(length)
    }
}

/// The most bytes that a trace of so many events takes.
fn memory(events: u64) -> isize {
    most_of(|| {
        let source = StdReader::new(BufReader::new(Made::of(events)));
        let analysis = analyse(source, "made.std", &["hb", "shb", "lockset"]);
        assert_eq!((analysis.events, analysis.error.is_none()), (events, true));
        assert!(
            !analysis.findings.is_empty(),
            "some accesses are not ordered"
        );
    })
}

/// With `UNSNARL_TEST_EVENTS` the long trace has so many events.
#[test]
fn a_trace_twenty_times_as_long_takes_no_more_memory() {
    let wanted = std::env::var("UNSNARL_TEST_EVENTS").ok();
    let long = wanted
        .and_then(|events| events.parse().ok())
        .unwrap_or(1_000_000);
    let (short, long) = (memory(50_000), memory(long));
    assert!(long <= short + short / 10, "{short} bytes, and then {long}");
}
