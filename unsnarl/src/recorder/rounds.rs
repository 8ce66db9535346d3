//! Rounds: a campaign lets a process run its test again and again, as long as a round leaves nothing behind.
//!
//! What a round may leave behind is looked for: findings, threads, and in the first process of a test statics that
//! changed. Thread-locals of the test's own thread are not looked at.

use std::any::TypeId;
use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use stress::rounds::{Round, file_name};

use super::options::options;
use super::report::report;
use super::statics::Statics;
use super::system::{self, Tid};
use super::{leaks, noise, orders};

/// How long a thread may take to be gone, once its end was waited for.
const TO_BE_GONE: Duration = Duration::from_millis(100);
const BETWEEN_LOOKS: Duration = Duration::from_micros(50);

/// The rounds of this process.
pub(crate) struct Rounds {
    file: File,
    /// The number of the current one.
    number: usize,
    start: Instant,
    before: Before,
}

/// What was there before the first round.
struct Before {
    threads: HashSet<Tid>,
    /// Looked at only where there is one round: it tells whether there may be more the next time.
    statics: Option<Statics>,
}

impl Rounds {
    /// Begins the first round of a test that returns an `R`, if a campaign asks for rounds, and no other test of the process
    /// does them already. Only what returns `()` has certainly gone well when it returns.
    pub(crate) fn of<R: 'static>() -> Option<Self> {
        let returns_nothing = TypeId::of::<R>() == TypeId::of::<()>();
        returns_nothing.then(Self::begin).flatten()
    }

    fn begin() -> Option<Self> {
        static ARE_TAKEN: AtomicBool = AtomicBool::new(false);
        let wish = options().rounds.as_ref()?;
        // SeqCst: a flag.
        if ARE_TAKEN.swap(true, Ordering::SeqCst) {
            return None;
        }
        let path = options()
            .report_dir
            .as_ref()?
            .join(file_name(process::id()));
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .ok()?;
        let before = Before {
            threads: system::all_tids()?.into_iter().collect(),
            statics: (wish.plans.len() == 1).then(Statics::now).flatten(),
        };
        (before.statics.is_some() || wish.plans.len() > 1).then(|| Self {
            file,
            number: 0,
            start: Instant::now(),
            before,
        })
    }

    /// The current round has come to its end. Returns whether another one has begun.
    pub(crate) fn next(&mut self) -> bool {
        let took = self.start.elapsed();
        let is_clean = self.before.is_unchanged();
        let round = Round {
            micros: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            is_clean,
            has_counts: self.before.has_counts(),
            orders: orders::take(),
        };
        let is_kept = self.file.write_all(&round.to_bytes()).is_ok();
        self.number += 1;
        let goes_on = is_clean && is_kept && noise::begin_round(self.number);
        self.start = Instant::now();
        goes_on
    }
}

impl Before {
    /// Whether the program's allocator counts in statics, as far as these were looked at.
    fn has_counts(&self) -> bool {
        let statics = self.statics.as_ref();
        statics.is_some_and(|statics| statics.has_counts)
    }

    fn is_unchanged(&self) -> bool {
        report(|report| report.findings.is_empty())
            && leaks::nobody_lives()
            && self.has_same_threads()
            && self.statics.as_ref().is_none_or(Statics::are_unchanged)
    }

    /// Whether the threads of the process are those of before, and that of unsnarl.
    fn has_same_threads(&self) -> bool {
        let start = Instant::now();
        loop {
            let Some(now) = system::all_tids() else {
                return false;
            };
            let is_new = |tid: &&Tid| !self.threads.contains(tid) && !system::is_ours(**tid);
            if now.iter().find(is_new).is_none() {
                return true;
            }
            if start.elapsed() > TO_BE_GONE {
                return false;
            }
            thread::sleep(BETWEEN_LOOKS);
        }
    }
}
