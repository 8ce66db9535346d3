//! One execution: its threads and objects, and how a decision of the schedule becomes somebody's turn.

use std::rc::Rc;
use std::sync::Arc;

use explore::op::{Choice, Moment, Obj, Outcome, Tid};
use explore::run::{Lore, Run, Turn};
use explore::strategy::Strategy;
use explore::world::State;
use lockgraph::held::{Alone, Chain, Held, Local};
use lockgraph::order::{Acquisition, Found, Order, Who};
use lockgraph::wait::need::{Need, Target};
use model::clock::Segment;
use model::event::Attempt;
use model::finding::Finding;
use model::id::{LockId, ThreadId};
use model::kind::Kind;
use model::site::{Caller, Origin};
use rustc_hash::FxHashMap;

#[cfg(unix)]
use super::crash::Crash;
use super::fiber::{Fiber, Suspender};
use super::futex::Sleep;
use super::leaks::Ask;
use super::local::Locals;
use super::mishap::Mishaps;
use super::panics::Panicked;
use super::spare::{self, Spare};
use super::watchdog::Beat;
use super::worker::Program;
use crate::recorder::races::fibers::Half;
use crate::recorder::races::weak::Memory;

/// What identifies an object within the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    /// The number of its tag.
    Tag(LockId),
    /// Where it lies.
    Address(usize),
    /// The place where a thread waits to be unparked.
    Parking(Tid),
    /// Where the word lies that threads sleep on in the kernel.
    Futex(usize),
    /// The clock.
    Clock,
    /// The single order of `SeqCst` operations.
    SingleOrder,
}

/// A thread.
pub(super) struct Thread {
    /// Its coroutine, while it is suspended.
    pub(super) fiber: Option<Fiber>,
    pub(super) suspender: Option<Suspender>,
    /// Where its stack begins.
    pub(super) base: usize,
    pub(super) who: Who,
    /// Where it was started.
    pub(super) started: Option<Caller>,
    pub(super) held: Local,
    pub(super) segment: Segment,
    /// What is its own.
    pub(super) locals: Locals,
    /// What happened to it though nearly nothing ever does.
    pub(super) mishaps: Vec<Choice>,
    /// Whether it has not come to its first operation yet.
    pub(super) is_new: bool,
    /// Whether it unwinds, as far as its last panic tells.
    pub(super) unwinds: bool,
    /// Whether it was suspended while it unwound.
    pub(super) sleeps_unwinding: bool,
    /// How many operations it began when the execution was over.
    pub(super) late: u32,
    /// How often it looked at the clock.
    pub(super) looks_at_clock: u32,
    /// How it sleeps in the kernel.
    pub(super) sleep: Option<Sleep>,
    /// What a wait is for, where its object alone does not tell.
    pub(super) need: Option<(Target, Need)>,
    /// Its half of the race detector.
    pub(super) half: Rc<Half>,
}

/// What the root loop is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// Resume this thread.
    Resume(Tid),
    /// The execution is over.
    End(Turn),
}

/// One execution.
pub(super) struct Execution {
    pub(super) run: Run,
    pub(super) lore: Lore,
    pub(super) strategy: Box<dyn Strategy>,
    pub(super) threads: Vec<Thread>,
    /// The thread that runs.
    pub(super) current: Tid,
    pub(super) signal: Option<Signal>,
    /// What became of the operation of the thread that is to be resumed.
    pub(super) outcome: Outcome,
    /// Whether the threads that are left are being ended.
    pub(super) is_ending: bool,
    /// How many threads are suspended while they unwind.
    pub(super) unwinding: usize,
    pub(super) panics: Vec<Panicked>,
    /// Whether a thread was lost in a panic that would end the process. Nobody may panic or unwind any more on this thread
    /// of the operating system.
    pub(super) has_lost_thread: bool,
    /// The thread that would have ended the process.
    #[cfg(unix)]
    pub(super) crash: Option<Crash>,
    /// Whether the main thread ended by a panic.
    pub(super) main_panicked: bool,
    /// Why the program cannot be explored.
    pub(super) obstacle: Option<String>,
    pub(super) found: Vec<Found>,
    /// The first data race.
    pub(super) race: Option<Finding>,
    /// Tells this execution from all others of the process.
    pub(super) number: u64,
    pub(super) stack_size: usize,
    /// Whether the program is a test that was not written to be explored.
    pub(super) is_plain: bool,
    /// How many random bytes it was given.
    pub(super) drawn_bytes: u64,
    /// What may happen to operations.
    pub(super) mishaps: Mishaps,
    /// What atomics may show, if not only their latest values.
    pub(super) memory: Option<Box<Memory>>,
    /// Who asks that nothing is left of it.
    pub(super) asks: Vec<Ask>,
    beat: Arc<Beat>,
    objects: FxHashMap<Name, Obj>,
    targets: Vec<Target>,
    order: Option<Box<Order>>,
    test: Arc<str>,
    /// What is left of earlier executions.
    spare: Box<Spare>,
}

impl Execution {
    /// An execution of this program that nothing has happened in. The number tells it from all others of the process.
    pub(super) fn new(
        program: &Program<'_>,
        strategy: Box<dyn Strategy>,
        lore: Lore,
        number: u64,
    ) -> Self {
        let is_weak = lore.is_weak;
        let mut spare = spare::take();
        let mut run = std::mem::take(&mut spare.run);
        run.begin(program.max_steps);
        Self {
            run,
            lore,
            strategy,
            threads: std::mem::take(&mut spare.threads),
            current: Tid::MAIN,
            signal: None,
            outcome: Outcome::Done,
            is_ending: false,
            unwinding: 0,
            panics: Vec::new(),
            has_lost_thread: false,
            #[cfg(unix)]
            crash: None,
            main_panicked: false,
            obstacle: None,
            found: Vec::new(),
            race: None,
            number,
            stack_size: program.stack_size,
            is_plain: program.is_plain,
            drawn_bytes: 0,
            mishaps: program.mishaps,
            memory: program.memory(&mut spare, is_weak),
            asks: program.leaks.iter().map(Ask::of_all).collect(),
            beat: Arc::clone(&program.beat),
            objects: std::mem::take(&mut spare.objects),
            targets: std::mem::take(&mut spare.targets),
            order: None,
            test: Arc::clone(&program.test),
            spare,
        }
    }

    /// It is over, and nobody asks for its threads and objects any more.
    pub(super) fn retire(&mut self) {
        let mut spare = std::mem::take(&mut self.spare);
        let mut threads = std::mem::take(&mut self.threads);
        for thread in &mut threads {
            thread.half.retire();
            spare.keep(std::mem::take(&mut thread.held));
        }
        if let Some(memory) = &mut self.memory {
            memory.retire();
        }
        spare.threads = threads;
        spare.memory = self.memory.take();
        spare.objects = std::mem::take(&mut self.objects);
        spare.targets = std::mem::take(&mut self.targets);
        spare.leave();
    }

    /// A thread is about to begin, started by the one that runs.
    pub(super) fn start(&mut self, name: Option<&str>, site: Option<Caller>) -> Tid {
        let parent = (!self.threads.is_empty()).then_some(self.current);
        let tid = self.run.start(parent);
        let held = self.spare.held.pop().unwrap_or_default();
        let segment = match parent {
            None => Segment::root(thread_id(tid)),
            Some(parent) => {
                let parent = &mut self.threads[parent.index()];
                let segment = parent.segment.fork(thread_id(tid));
                parent.held.turn(parent.segment.number());
                segment
            }
        };
        let thread = match (name, parent) {
            (Some(name), _) => Arc::from(name),
            (None, None) => Arc::from("main"),
            (None, Some(_)) => self.spare.names.of(tid),
        };
        let test = Arc::clone(&self.test);
        let half = match parent {
            Some(parent) => self.threads[parent.index()].half.child(&thread, site),
            None => Half::first(&thread),
        };
        self.threads.push(Thread {
            fiber: None,
            suspender: None,
            base: 0,
            who: Who::new(thread, test),
            started: site,
            held: held.restarted(),
            segment,
            locals: Locals::default(),
            mishaps: Vec::new(),
            is_new: true,
            unwinds: false,
            sleeps_unwinding: false,
            late: 0,
            looks_at_clock: 0,
            sleep: None,
            need: None,
            half,
        });
        tid
    }

    pub(super) fn thread(&mut self, tid: Tid) -> &mut Thread {
        &mut self.threads[tid.index()]
    }

    pub(super) fn running(&mut self) -> &mut Thread {
        let current = self.current;
        self.thread(current)
    }

    /// The number that an object has in this execution; the first use gives it one.
    pub(super) fn object(
        &mut self,
        name: Name,
        target: Target,
        state: impl FnOnce() -> State,
    ) -> Obj {
        if let Some(&known) = self.objects.get(&name) {
            return known;
        }
        let class = match target.origin {
            Origin::Named(name) => name.as_ptr().addr(),
            Origin::Created(caller) => std::ptr::from_ref(caller).addr(),
        };
        let obj = self.run.world.add(self.current, class as u64, state());
        self.objects.insert(name, obj);
        self.targets.push(target);
        obj
    }

    /// The number of an object, if it has one.
    pub(super) fn known(&self, name: Name) -> Option<Obj> {
        self.objects.get(&name).copied()
    }

    /// An object is gone, and another may come in its place.
    pub(super) fn forget(&mut self, name: Name) {
        self.objects.remove(&name);
    }

    /// What an object is, for a report.
    pub(super) fn target(&self, obj: Obj) -> Option<Target> {
        self.targets.get(obj.index()).copied()
    }

    /// The place where a thread waits to be unparked.
    pub(super) fn parking(&mut self, tid: Tid, site: Caller) -> Obj {
        let target = Target {
            id: LockId::NONE,
            kind: Kind::Thread,
            origin: Origin::Created(site),
        };
        self.object(Name::Parking(tid), target, || State::Parking(tid))
    }

    /// The moment so many nanoseconds from now.
    pub(super) fn after(&self, nanoseconds: u128) -> Moment {
        let nanoseconds = Moment::try_from(nanoseconds).unwrap_or(Moment::MAX);
        self.run.world.now.saturating_add(nanoseconds)
    }

    /// Decides who goes next.
    pub(super) fn decide(&mut self) {
        self.beat.tick();
        let now = self.run.world.now;
        let mut turn = self.run.next(&mut *self.strategy);
        while turn == Turn::Stuck && self.is_woken_from_outside() {
            turn = self.run.next(&mut *self.strategy);
        }
        self.signal = Some(match turn {
            Turn::Go(tid, outcome) => {
                self.outcome = outcome;
                Signal::Resume(tid)
            }
            turn => Signal::End(turn),
        });
        // Nobody could go on but by the passing of time.
        if self.run.world.now != now
            && let Some(memory) = &mut self.memory
        {
            memory.settle();
        }
    }

    /// Decides between `options` ways in which something can happen to the running thread, 0 being what happens by
    /// default. The choice belongs to the step that the thread took last.
    pub(super) fn choose(&mut self, choice: Choice, options: usize) -> usize {
        if self.is_ending || self.unwinds() {
            return 0;
        }
        let current = self.current;
        self.run
            .choose(current, choice, options, &mut *self.strategy)
    }

    /// Says that the program cannot be explored, and why.
    pub(super) fn give_up(&mut self, obstacle: impl Into<String>) {
        self.obstacle.get_or_insert_with(|| obstacle.into());
    }

    /// Whether the running thread unwinds.
    pub(super) fn unwinds(&mut self) -> bool {
        let is_any = std::thread::panicking();
        let is_alone = self.unwinding == 0;
        let thread = self.running();
        thread.unwinds &= is_any;
        is_any && (is_alone || thread.unwinds)
    }

    /// The running thread asks for a lock, or has got it by trying: the lock-order graph hears of it.
    pub(super) fn note_acquisition(&mut self, lock: Held, attempt: Attempt, alone: Alone) {
        let thread = &mut self.threads[self.current.index()];
        let mut chain = thread.held.acquire(lock, attempt, alone);
        if chain == Chain::Unready {
            if !thread.held.tidy() {
                thread.held.grow(lock);
            }
            chain = thread.held.acquire(lock, attempt, alone);
        }
        if chain != Chain::New || self.is_ending {
            return;
        }
        thread.held.remember_chains();
        let Some((&wanted, held)) = thread.held.held().split_last() else {
            return;
        };
        let acquisition = Acquisition {
            wanted,
            attempt,
            held,
            segment: &thread.segment,
            who: &thread.who,
        };
        let order = self.order.get_or_insert_default();
        self.found.extend(order.acquire(&acquisition, &mut || None));
    }

    /// A thread that ended is known to have by the running one.
    pub(super) fn joined(&mut self, target: Tid) {
        self.threads[target.index()].half.joined();
        let both = [target.index(), self.current.index()];
        if let Ok([target, thread]) = self.threads.get_disjoint_mut(both) {
            thread.segment.join(&target.segment);
            thread.held.turn(thread.segment.number());
        }
    }
}

/// What engines that do not know of executions call a thread.
pub(super) fn thread_id(tid: Tid) -> ThreadId {
    ThreadId(tid.0 + 1)
}
