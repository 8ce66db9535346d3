//! Reads-from fuzzing (Wolff, Shi, Duck, Mathur and Roychoudhury, "Greybox Fuzzing for Concurrency Testing", 2024).
//!
//! What tells schedules apart is who reads from whom: which operation on an object comes right before which other one of
//! another thread. A schedule is aimed at a few such pairs: a thread that is about to read is held back until the last
//! operation on the object is the one to read from, and then others keep off the object until it has read. Executions with
//! pairs that were not seen before are kept, and later ones change what they were aimed at: a pair more, a pair fewer,
//! another pair. Those that were changed least often come first.
//!
//! Unlike in the paper, an operation is known by its thread besides its place, and where nothing is aimed at, the walk is
//! random.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Options, Strategy, View};
use crate::op::{Obj, Op, Tid};
use crate::rng::{Rng, mix};
use crate::run::{Run, Step};
use crate::world::World;

/// How many pairs an execution is aimed at, at most.
const MOST: usize = 4;

/// One operation comes right before another one on the same object: both by what they are in every execution.
type Pair = (u64, u64);

/// See the module.
#[derive(Debug)]
pub struct Rff {
    rng: Rng,
    /// What executions that showed something new were aimed at, and how often that was changed since.
    corpus: Vec<(Vec<Pair>, usize)>,
    /// The pairs seen, in the order in which they were.
    seen: Vec<Pair>,
    known: FxHashSet<Pair>,
    aims: Vec<Pair>,
    /// The last operation on each object of this execution.
    last: FxHashMap<Obj, u64>,
}

impl Default for Rff {
    fn default() -> Self {
        Self {
            rng: Rng::new(0),
            corpus: vec![(Vec::new(), 0)],
            seen: Vec::new(),
            known: FxHashSet::default(),
            aims: Vec::new(),
            last: FxHashMap::default(),
        }
    }
}

/// What an operation is in every execution.
fn mark(world: &World, thread: Tid, op: &Op) -> u64 {
    let place = op
        .site
        .map_or(0, |site| mix(site.line().into(), site.column().into()));
    mix(
        world.thread(thread).key,
        mix(world.key_of(op.object), place),
    )
}

impl Rff {
    /// Another aim than one that led to something new.
    fn change(&mut self) {
        let fewest = self.corpus.iter_mut().min_by_key(|(_, times)| *times);
        let (aims, times) = fewest.expect("there is always the one without aims");
        *times += 1;
        self.aims.clone_from(aims);
        if self.seen.is_empty() {
            return;
        }
        let (one, other) = (*self.rng.pick(&self.seen), *self.rng.pick(&self.seen));
        // Mostly the other way round than it was seen, or a pair put together from two.
        let pair = match self.rng.below(4) {
            0 => one,
            1 => (one.0, other.1),
            _ => (one.1, one.0),
        };
        match self.rng.below(4) {
            0 if !self.aims.is_empty() => {
                let gone = self.rng.below(self.aims.len());
                self.aims.swap_remove(gone);
            }
            1 if !self.aims.is_empty() => {
                let changed = self.rng.below(self.aims.len());
                self.aims[changed] = pair;
            }
            _ => self.aims.push(pair),
        }
        let surplus = self.aims.len().saturating_sub(MOST);
        self.aims.drain(..surplus);
    }

    /// Whether a thread had better not go on now.
    fn is_held_back(&self, view: &View<'_>, tid: Tid) -> bool {
        let op = view.op(tid);
        if op.object == Obj::NONE || self.aims.is_empty() {
            return false;
        }
        let mine = mark(view.world, tid, op);
        let last = self.last.get(&op.object).copied().unwrap_or(0);
        let waits = self
            .aims
            .iter()
            .any(|&(from, to)| to == mine && from != last);
        let awaited = |&&(from, to): &&Pair| from == last && to != mine && last != 0;
        waits
            || self
                .aims
                .iter()
                .filter(awaited)
                .any(|&(_, to)| is_about(view, to))
    }

    /// Counts the pairs of an execution; returns whether there were new ones.
    fn count(&mut self, world: &World, steps: &[Step]) -> bool {
        let mut last: FxHashMap<Obj, (Tid, u64)> = FxHashMap::default();
        let before = self.seen.len();
        let telling = steps
            .iter()
            .filter(|step| step.op.object != Obj::NONE && step.was_chosen);
        for step in telling {
            let mine = mark(world, step.thread, &step.op);
            let from = last.insert(step.op.object, (step.thread, mine));
            let pair = from.filter(|(thread, _)| *thread != step.thread);
            let pair = pair.map(|(_, from)| (from, mine));
            self.seen
                .extend(pair.filter(|pair| self.known.insert(*pair)));
        }
        self.seen.len() > before
    }
}

/// Whether some thread is about to do this.
fn is_about(view: &View<'_>, wanted: u64) -> bool {
    view.runnable
        .iter()
        .any(|&tid| mark(view.world, tid, view.op(tid)) == wanted)
}

impl Strategy for Rff {
    fn begin(&mut self, seed: u64) -> bool {
        self.rng = Rng::new(seed);
        self.last.clear();
        self.change();
        true
    }

    fn choose(&mut self, view: &View<'_>) -> Tid {
        for step in view.since.iter().filter(|step| step.was_chosen) {
            let mine = mark(view.world, step.thread, &step.op);
            self.last.insert(step.op.object, mine);
        }
        let is_free = |tid: &Tid| !self.is_held_back(view, *tid);
        let free: Vec<Tid> = view.runnable.iter().copied().filter(is_free).collect();
        let from = if free.is_empty() {
            view.runnable
        } else {
            &free
        };
        *self.rng.pick(from)
    }

    fn choose_option(&mut self, options: &Options<'_>) -> usize {
        options.draw(&mut self.rng)
    }

    fn end(&mut self, run: &Run, _is_new: bool) {
        if self.count(&run.world, run.steps()) {
            self.corpus.push((std::mem::take(&mut self.aims), 0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rff;
    use crate::program::{Instr, execute};
    use crate::run::Lore;
    use crate::strategy::Strategy;

    #[test]
    fn a_chain_of_orders_is_built_one_by_one() {
        // The second thread sees 1, 2, 3 only if each of its looks comes between two writes.
        let writes = (1..=3).flat_map(|value| [Instr::Store(0, value), Instr::Load(1)]);
        let program = vec![
            Vec::new(),
            writes.collect(),
            vec![Instr::Load(0), Instr::Load(0), Instr::Load(0)],
        ];
        let (mut rff, mut lore) = (Rff::default(), Lore::default());
        let found = (0..2_000).position(|seed| {
            rff.begin(seed);
            let ran = execute(&program, &mut rff, &mut lore);
            rff.end(&ran.run, false);
            ran.state.contains("2: [1, 2, 3]")
        });
        assert!(found.is_some());
    }
}
