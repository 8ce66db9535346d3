//! The monitor: a thread that looks closer when nobody seems to run any more. It starts with the first wait.
//!
//! The wait-for graph only knows what threads announced. Before a hang is called one, the monitor asks the operating
//! system: every thread of the process is known, all of the knot sleep, and nothing changed for a while.

use std::collections::HashMap;
use std::sync::Once;
use std::thread;
use std::time::{Duration, Instant};

use lockgraph::wait::Woken;
use lockgraph::wait::knot::Knot;
use model::id::ThreadId;

#[cfg(feature = "tasks")]
use super::hosts;
use super::report::{self, Stage};
use super::seats::seats;
use super::state::{Life, with};
use super::system::{self, Tid};
use super::{alarm, dump, ending, findings, profile};

/// How long the monitor waits between two looks, and how many equal looks it takes to be sure.
const BETWEEN_LOOKS: Duration = Duration::from_millis(8);
const EQUAL_LOOKS: u32 = 4;

/// After so many looks at a knot that something outside could still undo, it looks less often.
const HASTY_LOOKS: u32 = 100;
const PATIENT: Duration = Duration::from_millis(50);

/// Starts the monitor, once.
pub(super) fn start() {
    static START: Once = Once::new();
    START.call_once(|| {
        // Without a monitor only certain knots are found.
        let _ = thread::Builder::new()
            .name(system::MONITOR.to_owned())
            .spawn(run);
    });
}

fn run() {
    // The monitor is not part of the program.
    with(|thread| thread.life = Life::Over);
    let mut foreground = HashMap::new();
    let mut kept = Instant::now();
    loop {
        if !alarm::wait(between_glances()) {
            dump::give_if_wanted();
            keep_profile(&mut kept);
            continue;
        }
        thread::sleep(BETWEEN_LOOKS);
        examine(&mut foreground);
    }
}

/// How long it waits for an alarm, before it looks whether anything else is to be done.
fn between_glances() -> Option<Duration> {
    (dump::is_offered() || profile::is_on()).then_some(PATIENT)
}

/// How often the profile is written down, for those who end the process from outside.
const BETWEEN_PROFILES: Duration = Duration::from_secs(1);

fn keep_profile(last: &mut Instant) {
    if profile::is_on() && last.elapsed() >= BETWEEN_PROFILES {
        report::write(Stage::Running);
        *last = Instant::now();
    }
}

/// Looks again and again while the same threads are stuck, until that is undone or sure.
fn examine(foreground: &mut HashMap<ThreadId, bool>) {
    let (mut last, mut equal, mut looks) = (Vec::new(), 0, 0);
    loop {
        let stuck = seats().graph.stuck_threads(Woken::Sleeps);
        if stuck.is_empty() {
            return;
        }
        // Whether the program waits for one of them is slow to tell, so first see whether they move.
        let knot = if stuck == last {
            suspicion(&stuck, foreground)
        } else {
            None
        };
        let is_certain = knot
            .as_ref()
            .is_some_and(|knot| nobody_else_could_help(knot, foreground));
        equal = if is_certain { equal + 1 } else { 0 };
        if let Some(knot) = knot.filter(|_| equal >= EQUAL_LOOKS) {
            conclude(&knot);
            return;
        }
        last = stuck;
        looks += 1;
        dump::give_if_wanted();
        thread::sleep(if looks < HASTY_LOOKS {
            BETWEEN_LOOKS
        } else {
            PATIENT
        });
    }
}

/// The knot that the program hangs in, if it does: one with a thread in it that the program waits for.
fn suspicion(stuck: &[(ThreadId, u64)], foreground: &mut HashMap<ThreadId, bool>) -> Option<Knot> {
    let mut threads = stuck.iter().map(|&(thread, _)| thread);
    let lead = threads.find(|&thread| {
        is_foreground(thread, foreground) || seats().graph.waits_for_orphan(thread)
    })?;
    seats().graph.knot_of(lead, Woken::Sleeps)
}

fn is_foreground(thread: ThreadId, known: &mut HashMap<ThreadId, bool>) -> bool {
    let runs_test = seats().runs_test(thread);
    runs_test
        || *known.entry(thread).or_insert_with(|| {
            let root = seats().root(thread);
            root.is_some_and(|root| root.is_foreground())
        })
}

/// Whether no thread but those of the graph exists, and those of the knot sleep. Where the operating system does not
/// tell, the graph is believed.
fn nobody_else_could_help(knot: &Knot, foreground: &HashMap<ThreadId, bool>) -> bool {
    // Something outside could end the knot, if it were there.
    let outsiders_matter = !knot.is_certain;
    if outsiders_matter && system::handles_signals() {
        return false;
    }
    let Some(all) = system::all_tids() else {
        return true;
    };
    #[cfg(feature = "tasks")]
    if outsiders_matter && hosts::have_outsiders() {
        return false;
    }
    let seats = seats();
    #[cfg_attr(
        not(feature = "tasks"),
        expect(unused_mut, reason = "only runtimes have threads beside these")
    )]
    let mut known = seats.tids();
    #[cfg(feature = "tasks")]
    known.extend(hosts::idle());
    let knotted: Vec<Tid> = knot
        .threads
        .iter()
        .filter_map(|knotted| seats.tid(knotted.thread))
        .collect();
    let is_main_known = known.contains(&system::main_tid());
    let has_tests = seats.has_tests() || foreground.values().any(|&is_foreground| is_foreground);
    let runs_tests = has_tests && !is_main_known;
    drop(seats);
    let is_harness = |tid: Tid| runs_tests && tid == system::main_tid();
    let monitor = system::current_tid();
    let is_monitor = |tid: Tid| monitor == Some(tid);
    let mut others = all.into_iter().filter(|tid| !known.contains(tid));
    let is_alone = !outsiders_matter || others.all(|tid| is_harness(tid) || is_monitor(tid));
    is_alone
        && knotted
            .iter()
            .all(|&tid| system::sleeps(tid) != Some(false))
}

/// Records the hang, and tells a thread of it that hears; if none does, ends the process.
fn conclude(knot: &Knot) {
    let message = findings::record_knot(knot);
    let mut listeners = knot.threads.iter().map(|knotted| knotted.thread);
    if !listeners.any(|thread| hears(thread, &message)) {
        ending::exit_now();
    }
}

/// How long a thread that was told may take to hear: it may have to get a mutex first.
const HEARING: Duration = Duration::from_millis(100);

/// Tells a thread, if it can be told. Returns whether it heard.
fn hears(thread: ThreadId, message: &str) -> bool {
    if !seats().can_tell(thread) {
        return false;
    }
    seats().tell(thread, message);
    let told = Instant::now();
    while told.elapsed() < HEARING {
        thread::sleep(Duration::from_millis(1));
        if !seats().is_told(thread) {
            return true;
        }
    }
    seats().take_told(thread).is_none()
}
