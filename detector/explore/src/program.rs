//! Toy programs, and the machine that runs them: threads as lists of instructions.

use std::collections::BTreeMap;

use model::event::Mode;

use crate::op::{Act, Choice, Deadline, Moment, Obj, Op, Outcome, Tid};
use crate::run::{Lore, Run, Turn};
use crate::strategy::Strategy;
use crate::world::{Channel, Condvar, Lock, State};

/// One instruction; numbers are those of locks, atomics, channels, threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instr {
    Lock(u8, Mode),
    /// Followed by nothing if it fails.
    TryLock(u8, Mode),
    /// Unlocks what the thread holds; nothing if it does not.
    Unlock(u8),
    Load(u8),
    Store(u8, u8),
    Add(u8),
    /// Writes one more than what was last read.
    Put(u8),
    Send(u8),
    Recv(u8),
    TryRecv(u8),
    /// Sleeps for so long; with `true`, the others may be slow meanwhile.
    Sleep(u8, bool),
    /// Waits to be unparked, or for so long.
    ParkFor(u8, bool),
    /// Receives, or gives up after so long.
    RecvFor(u8, bool),
    /// Waits to be unparked; with `true`, it may also go on for no reason.
    Park(bool),
    Unpark(u8),
    /// Sleeps on a condition variable if the lock of that number is held; with `true`, it may also wake for no reason.
    Wait(u8, bool),
    Notify(u8, bool),
    /// Chooses between so many options.
    Choose(u8),
}

/// What each thread does. The first starts all others, does its own and joins them.
pub(crate) type Program = Vec<Vec<Instr>>;

/// How it went.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) run: Run,
    pub(crate) turn: Turn,
    /// What the program could tell apart at its end.
    pub(crate) state: String,
}

pub(crate) const LOCKS: u8 = 2;
pub(crate) const ATOMICS: u8 = 2;
const CHANNELS: u8 = 1;

struct Machine<'p> {
    program: &'p Program,
    run: Run,
    locks: Vec<Obj>,
    condvars: Vec<Obj>,
    atomics: Vec<Obj>,
    channels: Vec<Obj>,
    parks: Vec<Obj>,
    /// Stands for the clock in programs that put it forward.
    clock: Obj,
    values: Vec<u64>,
    threads: Vec<Thread>,
}

#[derive(Default)]
struct Thread {
    next: usize,
    joined: usize,
    held: Vec<u8>,
    last: u64,
    seen: Vec<u64>,
    asleep: bool,
    /// Whether its wait may be over for no reason.
    by_itself: bool,
    /// Whether its wait may be over before its time.
    is_early: bool,
    /// Whether it has looked at the clock to know when its wait is over.
    has_looked: bool,
}

/// Runs a program once.
pub(crate) fn execute(program: &Program, strategy: &mut dyn Strategy, lore: &mut Lore) -> Ran {
    let mut machine = Machine::new(program, strategy, lore);
    let turn = loop {
        match machine.run.next(strategy) {
            Turn::Go(tid, outcome) => machine.go(tid, outcome, strategy, lore),
            turn => break turn,
        }
    };
    let mut seen: BTreeMap<usize, &[u64]> = BTreeMap::new();
    for (number, thread) in machine.threads.iter().enumerate() {
        seen.insert(number, &thread.seen);
    }
    let state = format!("{turn:?} {:?} {seen:?}", machine.values);
    Ran {
        run: machine.run,
        turn,
        state,
    }
}

impl<'p> Machine<'p> {
    fn new(program: &'p Program, strategy: &mut dyn Strategy, lore: &mut Lore) -> Self {
        let mut run = Run::new(500);
        let main = run.start(None);
        let mut add = |count: u8, state: &dyn Fn(u8) -> State| -> Vec<Obj> {
            (0..count)
                .map(|number| run.world.add(main, u64::from(number), state(number)))
                .collect()
        };
        let locks = add(LOCKS, &|_| State::Lock(Lock::default()));
        let condvars = add(LOCKS, &|_| State::Condvar(Condvar::default()));
        let atomics = add(ATOMICS, &|_| State::Free);
        let channels = add(CHANNELS, &|_| State::Channel(Channel::new(None, false)));
        let parks = add(program.len() as u8, &|number| {
            State::Parking(Tid(number.into()))
        });
        let puts_forward = |instr: &Instr| {
            matches!(
                instr,
                Instr::Sleep(_, true) | Instr::ParkFor(_, true) | Instr::RecvFor(_, true)
            )
        };
        let clock = if program.iter().flatten().any(puts_forward) {
            add(1, &|_| State::Free)[0]
        } else {
            Obj::NONE
        };
        let mut machine = Self {
            program,
            clock,
            run,
            locks,
            condvars,
            atomics,
            channels,
            parks,
            values: vec![0; ATOMICS.into()],
            threads: program.iter().map(|_| Thread::default()).collect(),
        };
        for _ in 1..program.len() {
            let child = machine.run.start(Some(Tid::MAIN));
            machine.announce(child, strategy, lore);
        }
        machine.announce(Tid::MAIN, strategy, lore);
        machine
    }

    /// Goes on to what a thread does next that others can tell.
    fn announce(&mut self, tid: Tid, strategy: &mut dyn Strategy, lore: &mut Lore) {
        while let Some(&instr) = self.program[tid.index()].get(self.threads[tid.index()].next) {
            self.choose(tid, instr, strategy);
            let thread = &mut self.threads[tid.index()];
            if let Instr::Unlock(lock) = instr {
                if let Some(place) = thread.held.iter().position(|&held| held == lock) {
                    thread.held.remove(place);
                    let op = self.run.world.unlocking(tid, self.locks[usize::from(lock)]);
                    if self.run.slip(tid, op, lore) {
                        return;
                    }
                }
            } else if let Some(op) = self.op(tid, instr) {
                self.run.announce(tid, op, lore);
                return;
            }
            self.threads[tid.index()].next += 1;
        }
        self.leave(tid, lore);
    }

    /// What an instruction leaves to the schedule besides its turn.
    fn choose(&mut self, tid: Tid, instr: Instr, strategy: &mut dyn Strategy) {
        if self.looks_first(tid, instr) {
            return;
        }
        let is_asleep = self.threads[tid.index()].asleep;
        let mut draw = |choice, count: u8| self.run.choose(tid, choice, count.into(), strategy);
        match instr {
            Instr::Choose(count) => {
                let option = draw(Choice::Value, count);
                self.threads[tid.index()].seen.push(option as u64);
            }
            Instr::Park(true) => {
                self.threads[tid.index()].by_itself = draw(Choice::WakeUp, 2) == 1;
            }
            Instr::Wait(_, true) if is_asleep => {
                self.threads[tid.index()].by_itself = draw(Choice::WakeUp, 2) == 1;
            }
            Instr::Park(false) | Instr::Wait(_, false) => {
                self.threads[tid.index()].by_itself = false;
            }
            Instr::Sleep(_, true) | Instr::ParkFor(_, true) | Instr::RecvFor(_, true) => {
                self.threads[tid.index()].is_early = draw(Choice::Timeout, 2) == 1;
            }
            Instr::Sleep(..) | Instr::ParkFor(..) | Instr::RecvFor(..) => {
                self.threads[tid.index()].is_early = false;
            }
            _ => {}
        }
    }

    fn leave(&mut self, tid: Tid, lore: &mut Lore) {
        let thread = &mut self.threads[tid.index()];
        if tid == Tid::MAIN && thread.joined + 1 < self.program.len() {
            thread.joined += 1;
            let target = Tid(thread.joined as u32);
            self.run
                .announce(tid, Op::new(Act::Join(target), Obj::NONE, None), lore);
        } else {
            self.run.end(tid);
        }
    }

    fn after(&self, tid: Tid, time: u8) -> Deadline {
        Deadline {
            at: self.run.world.now + Moment::from(time),
            is_early: self.threads[tid.index()].is_early,
            clock: self.clock,
        }
    }

    /// Whether a thread looks at the clock before it does this: where it is put forward, it matters when.
    fn looks_first(&self, tid: Tid, instr: Instr) -> bool {
        let is_timed = matches!(
            instr,
            Instr::Sleep(..) | Instr::ParkFor(..) | Instr::RecvFor(..)
        );
        is_timed && self.clock != Obj::NONE && !self.threads[tid.index()].has_looked
    }

    fn op(&self, tid: Tid, instr: Instr) -> Option<Op> {
        if self.looks_first(tid, instr) {
            return Some(Op::new(Act::Load, self.clock, None));
        }
        let at = |objects: &[Obj], number: u8| objects[usize::from(number) % objects.len()];
        let thread = &self.threads[tid.index()];
        let (act, object) = match instr {
            Instr::Lock(lock, mode) => (Act::Lock(mode), at(&self.locks, lock)),
            Instr::TryLock(lock, mode) => (Act::TryLock(mode), at(&self.locks, lock)),
            Instr::Unlock(_) | Instr::Choose(_) => return None,
            Instr::Load(atomic) => (Act::Load, at(&self.atomics, atomic)),
            Instr::Store(atomic, _) | Instr::Put(atomic) => (Act::Store, at(&self.atomics, atomic)),
            Instr::Add(atomic) => (Act::Update, at(&self.atomics, atomic)),
            Instr::Send(channel) => (Act::Send, at(&self.channels, channel)),
            Instr::Recv(channel) => (Act::Recv { until: None }, at(&self.channels, channel)),
            Instr::TryRecv(channel) => (Act::TryRecv, at(&self.channels, channel)),
            Instr::Park(_) => (
                Act::Park {
                    until: None,
                    by_itself: thread.by_itself,
                },
                self.parks[tid.index()],
            ),
            Instr::Sleep(time, _) => (Act::Sleep(self.after(tid, time)), Obj::NONE),
            Instr::ParkFor(time, _) => (
                Act::Park {
                    until: Some(self.after(tid, time)),
                    by_itself: false,
                },
                self.parks[tid.index()],
            ),
            Instr::RecvFor(time, _) => (
                Act::Recv {
                    until: Some(self.after(tid, time)),
                },
                at(&self.channels, 0),
            ),
            Instr::Unpark(other) => (Act::Unpark, at(&self.parks, other)),
            Instr::Wait(lock, _) => {
                let is_held = thread.held.iter().filter(|&&held| held == lock).count() == 1;
                let mutex = at(&self.locks, lock);
                let writes = self.run.world.lock(mutex)?.writer() == Some(tid);
                let act = match thread.asleep {
                    false if !is_held || !writes => return None,
                    false => Act::Wait { mutex },
                    true => Act::Wake {
                        mutex,
                        until: None,
                        by_itself: thread.by_itself,
                    },
                };
                (act, at(&self.condvars, lock))
            }
            Instr::Notify(lock, all) => (Act::Notify { all }, at(&self.condvars, lock)),
        };
        Some(Op::new(act, object, None))
    }

    /// A thread goes on after its operation.
    fn go(&mut self, tid: Tid, outcome: Outcome, strategy: &mut dyn Strategy, lore: &mut Lore) {
        let Some(&instr) = self.program[tid.index()].get(self.threads[tid.index()].next) else {
            return self.leave(tid, lore);
        };
        let has_looked = self.looks_first(tid, instr);
        let thread = &mut self.threads[tid.index()];
        thread.has_looked = has_looked;
        if has_looked {
            return self.announce(tid, strategy, lore);
        }
        let number = |atomic: u8| usize::from(atomic % ATOMICS);
        thread.next += 1;
        match instr {
            Instr::Lock(lock, _) => thread.held.push(lock),
            Instr::TryLock(lock, _) => {
                thread.seen.push(u64::from(outcome == Outcome::Done));
                if outcome == Outcome::Done {
                    thread.held.push(lock);
                }
            }
            Instr::Load(atomic) => {
                thread.last = self.values[number(atomic)];
                thread.seen.push(thread.last);
            }
            Instr::Store(atomic, value) => self.values[number(atomic)] = value.into(),
            Instr::Put(atomic) => self.values[number(atomic)] = thread.last + 1,
            Instr::Add(atomic) => {
                thread.seen.push(self.values[number(atomic)]);
                self.values[number(atomic)] += 1;
            }
            Instr::TryRecv(_) => thread.seen.push(u64::from(outcome == Outcome::Done)),
            Instr::Wait(..) if !thread.asleep => {
                thread.asleep = true;
                thread.next -= 1;
            }
            Instr::Park(_) | Instr::ParkFor(..) | Instr::RecvFor(..) => {
                thread.seen.push(outcome as u64)
            }
            Instr::Wait(..) => {
                thread.asleep = false;
                thread.seen.push(outcome as u64);
            }
            _ => {}
        }
        self.announce(tid, strategy, lore);
    }
}
