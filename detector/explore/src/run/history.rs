//! What was done, and a number for the order in which it mattered.

use crate::op::{Act, Choice, Obj, Op, Outcome, Tid};
use crate::rng::fold;
use crate::world::World;

/// Something that a thread did.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Who did it.
    pub thread: Tid,
    /// What.
    pub op: Op,
    /// What became of it; `None` if the thread only queued up.
    pub outcome: Option<Outcome>,
    /// Whether the schedule decided that it was to be done now; otherwise it followed from the step before.
    pub was_chosen: bool,
}

/// A choice that was not left at its default.
#[derive(Clone, Copy, Debug)]
pub struct Pick {
    /// Whose choice it was.
    pub thread: Tid,
    /// What it was about.
    pub choice: Choice,
    /// What was chosen.
    pub option: usize,
    /// How many steps there were before it.
    pub at: usize,
}

impl Step {
    /// Its turn has come; what becomes of it is not known yet.
    pub(super) fn taken(thread: Tid, op: Op) -> Self {
        Self {
            thread,
            op,
            outcome: None,
            was_chosen: true,
        }
    }

    pub(super) fn slipped(thread: Tid, op: Op) -> Self {
        Self {
            thread,
            op,
            outcome: Some(Outcome::Done),
            was_chosen: false,
        }
    }
}

/// Folds the happens-before order of an execution into a number: each step is hashed with what must lie before it, and
/// the hashes are added up, so that steps that commute do.
#[derive(Debug, Default)]
pub(super) struct Order {
    threads: Vec<u64>,
    objects: Vec<Marks>,
    sum: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Marks {
    written: u64,
    read: u64,
}

impl Marks {
    fn note(&mut self, is_written: bool, hash: u64) {
        if is_written {
            *self = Self {
                written: hash,
                read: 0,
            };
        } else {
            self.read = self.read.wrapping_add(hash);
        }
    }
}

impl Order {
    pub(super) fn clear(&mut self) {
        self.threads.clear();
        self.objects.clear();
        self.sum = 0;
    }

    pub(super) fn shape(&self) -> u64 {
        self.sum
    }

    pub(super) fn start(&mut self, key: u64, parent: Option<Tid>) {
        let before = parent.map_or(0, |parent| self.threads[parent.index()]);
        self.threads.push(fold(key, before));
    }

    pub(super) fn pick(&mut self, tid: Tid, nth: u32, option: usize) {
        let choice = fold(u64::from(nth), option as u64);
        let hash = fold(self.threads[tid.index()], choice);
        self.threads[tid.index()] = hash;
        self.sum = self.sum.wrapping_add(fold(hash, 2));
    }

    pub(super) fn take(&mut self, tid: Tid, op: &Op, world: &World) {
        if self.objects.len() < world.objects() {
            self.objects.resize(world.objects(), Marks::default());
        }
        let mut hash = fold(self.threads[tid.index()], kind(op.act));
        let all = op.objects();
        let objects = || all.iter().filter(|&&object| object != Obj::NONE);
        for &object in objects() {
            let marks = self.objects[object.index()];
            hash = fold(hash, marks.written);
            if op.writes(object) {
                hash = fold(hash, marks.read);
            }
        }
        if let Act::Join(target) = op.act {
            hash = fold(hash, self.threads[target.index()]);
        }
        for &object in objects() {
            self.objects[object.index()].note(op.writes(object), hash);
        }
        self.threads[tid.index()] = hash;
        self.sum = self.sum.wrapping_add(fold(hash, 1));
    }
}

/// A number for what an operation does, whatever it does it to.
fn kind(act: Act) -> u64 {
    match act {
        Act::Lock(mode) => 1 + mode as u64,
        Act::TryLock(mode) => 3 + mode as u64,
        Act::Unlock(_) => 5,
        Act::Downgrade => 6,
        Act::Wait { .. } => 7,
        Act::Wake { .. } => 8,
        Act::Notify { all } => 9 + u64::from(all),
        Act::Send => 11,
        Act::TrySend => 12,
        Act::Recv { .. } => 13,
        Act::TryRecv => 14,
        Act::HangUp => 15,
        Act::Load => 16,
        Act::Store => 17,
        Act::Update => 18,
        Act::Fence => 19,
        Act::Join(_) => 20,
        Act::JoinAll => 21,
        Act::IsFinished(_) => 22,
        Act::Park { .. } => 23,
        Act::Unpark => 24,
        Act::Touch => 25,
        Act::Asleep => 26,
        Act::Yield => 27,
        Act::Sleep(_) => 28,
        Act::End => 29,
        Act::Start(_) => 30,
    }
}
