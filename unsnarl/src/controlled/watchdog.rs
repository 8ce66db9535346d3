//! Sees to it that an exploration never hangs: a thread of the program that waits for something outside the run, or runs
//! on without an operation that the schedule decides, would hold everything up.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use super::environment;
use crate::exploration::reported::not_explorable;
use crate::recorder::{ending, findings};

/// How long next to nothing may happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often the watchdog looks in that time.
const LOOKS: u32 = 20;

/// How many steps between two looks are none: between waits outside the run there may be some.
const FEW: u64 = 8;

/// An exploration under way, as the watchdog sees it.
#[derive(Debug)]
pub(super) struct Beat {
    test: Arc<str>,
    count: AtomicU64,
    /// Whether the program's threads are to move; else something of ours is at work.
    is_live: AtomicBool,
}

static BEATS: Mutex<Vec<Weak<Beat>>> = Mutex::new(Vec::new());

impl Beat {
    /// Of an exploration that begins.
    pub(super) fn new(test: &Arc<str>) -> Arc<Self> {
        let beat = Arc::new(Self {
            test: Arc::clone(test),
            count: AtomicU64::new(0),
            is_live: AtomicBool::new(false),
        });
        let mut beats = BEATS.lock().unwrap_or_else(PoisonError::into_inner);
        beats.retain(|beat| beat.strong_count() > 0);
        beats.push(Arc::downgrade(&beat));
        drop(beats);
        start();
        beat
    }

    /// Something has happened.
    #[inline]
    pub(super) fn tick(&self) {
        // Relaxed, here and below: the numbers only have to change, sooner or later. Only one thread writes.
        let count = self.count.load(Ordering::Relaxed);
        self.count.store(count.wrapping_add(1), Ordering::Relaxed);
    }

    /// The program's threads begin to move, or have done so.
    pub(super) fn set_live(&self, is_live: bool) {
        self.is_live.store(is_live, Ordering::Relaxed);
    }
}

/// Starts the watchdog, once.
fn start() {
    static START: Once = Once::new();
    START.call_once(|| {
        // Without a watchdog a run that hangs does so.
        let _ = thread::Builder::new()
            .name("unsnarl-watchdog".to_owned())
            .spawn(watch);
    });
}

fn watch() {
    let patience = environment::patience().unwrap_or(PATIENCE);
    let mut last: Vec<(Weak<Beat>, u64, u32)> = Vec::new();
    loop {
        thread::sleep(patience / LOOKS);
        let beats = BEATS.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut now = Vec::new();
        for beat in beats {
            let Some(alive) = beat.upgrade() else {
                continue;
            };
            let count = alive.count.load(Ordering::Relaxed);
            let before = last.iter().find(|(known, ..)| known.ptr_eq(&beat));
            let is_still = alive.is_live.load(Ordering::Relaxed);
            let looks = match before {
                Some((_, known, looks)) if count.wrapping_sub(*known) <= FEW && is_still => {
                    looks + 1
                }
                _ => 0,
            };
            if looks > LOOKS {
                give_up(&alive.test);
            }
            now.push((beat, count, looks));
        }
        last = now;
    }
}

/// Ends the process: nobody else can.
fn give_up(test: &str) -> ! {
    const OBSTACLE: &str = "one of its threads waits for something outside the run, or runs on without an operation that \
                            unsnarl knows";
    findings::keep_test(not_explorable(test, OBSTACLE));
    let message = format!("unsnarl: `{test}` is not explorable: {OBSTACLE}\n");
    // Nothing is left to try if stderr is closed as well.
    let _ = std::io::stderr().write_all(message.as_bytes());
    ending::exit_now()
}
