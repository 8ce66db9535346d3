//! Noise: disturbs the threads of this process as the environment's plan says, so that rare interleavings happen.
//!
//! Every watched operation comes by here. Without a plan that is one load and a branch that is never taken.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use model::site::Origin;
use stress::fault::{self, Effect, Fault};
use stress::mix::{mix, mix_text};
use stress::plan::Plan;
use stress::point::{Deed, Disturbance, Point};

use super::attention::{self, Looker};
use super::options::options;
use super::state::{Life, step_in, with};
use super::{cores, faults, orders};

/// What a point is about: which object, and which of its kind in every run.
#[derive(Clone, Copy)]
pub struct Object {
    address: usize,
    class: u64,
}

impl Object {
    /// Nothing in particular.
    pub const NONE: Self = Self {
        address: 0,
        class: 0,
    };

    /// The object at this address, of the class that its origin is.
    pub(crate) fn of<T>(object: &T, origin: Origin) -> Self {
        let class = match origin {
            Origin::Named(name) => mix_text(1, name),
            Origin::Created(site) => mix(u64::from(site.line()), u64::from(site.column())),
        };
        let address = std::ptr::from_ref(object).addr();
        Self { address, class }
    }

    /// An atomic: nobody knows where it was made.
    pub(crate) fn atomic<T>(object: &T) -> Self {
        let address = std::ptr::from_ref(object).addr();
        Self { address, class: 2 }
    }
}

/// Where a thread is in its own course.
#[derive(Clone, Copy)]
struct Course {
    thread: u64,
    next: u64,
    children: u64,
    has_given: bool,
}

thread_local! {
    static COURSE: Cell<Course> = const { Cell::new(Course::of(0)) };
}

impl Course {
    const fn of(thread: u64) -> Self {
        Self {
            thread,
            next: 0,
            children: 0,
            has_given: false,
        }
    }
}

/// The number of the round that a campaign lets the process do now.
static ROUND: AtomicUsize = AtomicUsize::new(0);

/// How the threads are disturbed now.
fn plan() -> Option<Plan> {
    let options = options();
    match &options.rounds {
        // Relaxed: threads of a round are started after it has begun.
        Some(wish) => wish.plans.get(ROUND.load(Ordering::Relaxed)).copied(),
        None => options.noise,
    }
}

/// Begins another round of the test that the current thread runs, as a process of its own would: threads and points are
/// numbered from the start. Returns whether there is such a round. No other thread of the program must be left.
pub(super) fn begin_round(number: usize) -> bool {
    let wish = options().rounds.as_ref();
    let Some(plan) = wish.and_then(|wish| wish.plans.get(number)) else {
        return false;
    };
    // Relaxed: see `plan`.
    ROUND.store(number, Ordering::Relaxed);
    COURSE.set(Course::of(0));
    for trap in &TRAPPED {
        trap.store(0, Ordering::SeqCst);
    }
    // Somebody may have unparked it without need.
    thread::park_timeout(Duration::ZERO);
    faults::forget();
    cores::use_all();
    if plan.policy.one_core {
        cores::stay_on_one(plan.seed);
    }
    true
}

/// Reads the plan. The thread that does it is the first that uses a watched object.
pub(super) fn start() {
    let Some(plan) = plan() else { return };
    if plan.policy.one_core {
        cores::stay_on_one(plan.seed);
    }
    // A thread that sees it late is disturbed late.
    attention::pay(Looker::Noise);
}

/// The number of the next thread that the current one starts.
pub(super) fn child() -> u64 {
    let mut course = COURSE.get();
    course.children += 1;
    COURSE.set(course);
    mix(course.thread, course.children)
}

/// The current thread begins, under a number that its parent made for it.
pub(super) fn begin(thread: u64) {
    COURSE.set(Course::of(thread));
    at(Deed::Start, || Object::NONE);
}

/// Where a task is in its course, while it does not run.
#[cfg(feature = "tasks")]
pub(crate) struct Place(Course);

#[cfg(feature = "tasks")]
impl Place {
    /// Where a task of this number begins.
    pub(crate) fn of(task: u64) -> Self {
        Self(Course::of(task))
    }

    /// Changes places with where this thread is.
    pub(crate) fn swap(&mut self) {
        self.0 = COURSE.replace(self.0);
    }
}

/// Whether there is a plan.
#[inline(always)]
pub(crate) fn is_on() -> bool {
    attention::is_paid_by(Looker::Noise)
}

/// The current thread is about to do something.
#[inline(always)]
pub fn at(deed: Deed, object: impl FnOnce() -> Object) {
    if is_on() {
        disturb(deed, object());
    }
}

/// Whether an operation of the current thread is to fail, now that it is about to be done.
#[inline(always)]
pub(crate) fn fails(fault: Fault) -> bool {
    is_on() && is_struck(fault)
}

/// How long a wait with a timeout is to last, now that it is about to begin: no time at all if it is to fail.
pub fn shortened(timeout: Duration) -> Duration {
    if fails(Fault::TimeOut) {
        Duration::ZERO
    } else {
        timeout
    }
}

#[cold]
#[inline(never)]
fn is_struck(fault: Fault) -> bool {
    let Some(plan) = plan() else {
        return false;
    };
    let is_programs = with(|thread| thread.life != Life::Busy);
    let strikes = plan.faults && is_programs && plan.fails(fault, pass(Deed::Take));
    if strikes {
        // Files and memory are the recorder's here.
        let _inside = step_in();
        faults::note(fault.name().to_owned());
    }
    strikes
}

/// What happens to the current thread at a point that the program names, if anything.
pub(super) fn effect(has_error: bool) -> Option<Effect> {
    let plan = is_on().then(plan).flatten().filter(|plan| plan.faults)?;
    let point = pass(Deed::Take);
    let strikes = plan.fails(Fault::Point, point);
    strikes.then(|| fault::effect(plan.seed, point, has_error))
}

/// Whether the machine is to have one core only.
pub(crate) fn has_one_core() -> bool {
    let plan = is_on().then(plan).flatten();
    let start = Point {
        thread: 0,
        operation: 0,
        deed: Deed::Start,
        has_given: false,
    };
    let strikes = plan.is_some_and(|plan| plan.fails(Fault::Cores, start));
    if strikes {
        faults::note(Fault::Cores.name().to_owned());
    }
    strikes
}

/// The current thread is about to touch an atomic.
#[inline(always)]
pub(crate) fn touch<T>(atomic: &T) {
    at(Deed::Touch, || Object::atomic(atomic));
}

#[cold]
#[inline(never)]
fn disturb(deed: Deed, object: Object) {
    let Some(plan) = plan() else { return };
    // Whatever a global allocator locks inside the recorder is not the program's.
    if with(|thread| thread.life == Life::Busy) {
        return;
    }
    let point = pass(deed);
    release_trapped(object, point);
    apply(plan.disturb(point), object, point, &plan);
    orders::note(object.class, point.thread, deed);
}

/// The point that the thread comes by.
fn pass(deed: Deed) -> Point {
    let mut course = COURSE.get();
    let point = Point {
        thread: course.thread,
        operation: course.next,
        deed,
        has_given: course.has_given,
    };
    course.next += 1;
    course.has_given = deed == Deed::Give;
    COURSE.set(course);
    point
}

fn apply(disturbance: Disturbance, object: Object, point: Point, plan: &Plan) {
    match disturbance {
        Disturbance::None => {}
        Disturbance::Yield => thread::yield_now(),
        Disturbance::Spin(turns) => (0..turns).for_each(|_| std::hint::spin_loop()),
        Disturbance::Sleep(micros) => sleep(micros),
        Disturbance::Trap(micros) => trap(object, point, micros, plan),
    }
}

fn sleep(micros: u32) {
    thread::sleep(Duration::from_micros(u64::from(micros)));
}

/// How many objects can have a trap at the same time; two may share one, which does no harm.
const TRAPS: usize = 64;

/// For each trap the number of the thread in it, and 0 where there is none.
static TRAPPED: [AtomicU64; TRAPS] = [const { AtomicU64::new(0) }; TRAPS];

/// How often a trapped thread looks whether another one came.
const BETWEEN_LOOKS: Duration = Duration::from_micros(20);

fn trap_at(object: Object) -> Option<&'static AtomicU64> {
    let place = mix(u64::try_from(object.address).unwrap_or_default(), 0);
    let place = usize::try_from(place).unwrap_or_default() % TRAPS;
    (object.address != 0).then(|| &TRAPPED[place])
}

/// Waits for another thread to come to the object.
fn trap(object: Object, point: Point, micros: u32, plan: &Plan) {
    let Some(trap) = trap_at(object) else { return };
    let me = point.thread | 1;
    let limit = Duration::from_micros(u64::from(micros));
    let start = Instant::now();
    // SeqCst, here and below: nothing else orders those who meet at a trap.
    let is_free = trap.compare_exchange(0, me, Ordering::SeqCst, Ordering::SeqCst);
    if is_free.is_err() {
        return;
    }
    while trap.load(Ordering::SeqCst) == me && start.elapsed() < limit {
        thread::sleep(BETWEEN_LOOKS);
    }
    let had_company = trap
        .compare_exchange(me, 0, Ordering::SeqCst, Ordering::SeqCst)
        .is_err();
    // Who was in the trap goes second, unless it is held back a little less than the other.
    if had_company && mix(plan.seed, point.operation).is_multiple_of(2) {
        thread::yield_now();
    }
}

/// Lets another thread out of the trap at this object.
fn release_trapped(object: Object, point: Point) {
    let Some(trap) = trap_at(object) else { return };
    let trapped = trap.load(Ordering::SeqCst);
    if trapped != 0 && trapped != point.thread | 1 {
        trap.store(0, Ordering::SeqCst);
        // Half of those who come by let the other one go first.
        if mix(point.thread, point.operation).is_multiple_of(2) {
            thread::sleep(2 * BETWEEN_LOOKS);
        }
    }
}
