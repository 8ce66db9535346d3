//! How much each thread does, and to which objects: learnt from earlier executions.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::op::{Obj, Tid};
use crate::run::Run;
use crate::world::World;

/// What earlier executions did.
#[derive(Debug, Default)]
pub(super) struct Census {
    /// The most operations of each thread, by its key.
    pub(super) threads: FxHashMap<u64, u32>,
    /// Operations on each object by each thread, by their keys.
    pub(super) objects: FxHashMap<u64, FxHashMap<u64, u32>>,
    /// The parent of each thread.
    parents: FxHashMap<u64, u64>,
}

impl Census {
    /// Learns from an execution.
    pub(super) fn take(&mut self, run: &Run) {
        let world = &run.world;
        let mut threads: FxHashMap<u64, u32> = FxHashMap::default();
        let mut objects: FxHashMap<u64, FxHashMap<u64, u32>> = FxHashMap::default();
        for step in run.steps().iter().filter(|step| step.was_chosen) {
            let key = world.thread(step.thread).key;
            *threads.entry(key).or_default() += 1;
            if step.op.object != Obj::NONE {
                let object = objects.entry(world.key_of(step.op.object)).or_default();
                *object.entry(key).or_default() += 1;
            }
        }
        for (key, count) in threads {
            let most = self.threads.entry(key).or_default();
            *most = count.max(*most);
        }
        for (object, users) in objects {
            let known = self.objects.entry(object).or_default();
            for (key, count) in users {
                let most = known.entry(key).or_default();
                *most = count.max(*most);
            }
        }
        for thread in world.threads() {
            let parent = thread.parent.map_or(0, |parent| world.thread(parent).key);
            self.parents.insert(thread.key, parent);
        }
    }

    /// The threads among `keys` that come from this one and do not exist yet in an execution count for it.
    pub(super) fn weights(
        &self,
        counts: &FxHashMap<u64, u32>,
        world: &World,
    ) -> FxHashMap<u64, u32> {
        let alive: FxHashSet<u64> = world.threads().iter().map(|thread| thread.key).collect();
        let mut weights = FxHashMap::default();
        for (&key, &count) in counts {
            let mut bearer = key;
            while !alive.contains(&bearer) {
                match self.parents.get(&bearer) {
                    Some(&parent) if parent != 0 => bearer = parent,
                    _ => break,
                }
            }
            *weights.entry(bearer).or_default() += count;
        }
        weights
    }
}

/// Draws one of the threads, each with a chance in proportion to its weight; all alike if none has any.
pub(super) fn draw(
    runnable: &[Tid],
    mut weight: impl FnMut(Tid) -> u32,
    rng: &mut crate::rng::Rng,
) -> Tid {
    let weights: Vec<usize> = runnable.iter().map(|&tid| weight(tid) as usize).collect();
    let sum: usize = weights.iter().sum();
    if sum == 0 {
        return *rng.pick(runnable);
    }
    let mut left = rng.below(sum);
    for (&tid, &weight) in runnable.iter().zip(&weights) {
        if left < weight {
            return tid;
        }
        left -= weight;
    }
    runnable[0]
}
