//! The selectively uniform random walk (Zhao, Wolff, Mathur and Roychoudhury, "Selectively Uniform Concurrency Testing",
//! 2025).
//!
//! A few objects are interesting in an execution. The thread whose operation on them comes next is drawn in proportion
//! to how many such operations each thread has left, and until then the others only do what does not interest. So
//! every order of the interesting operations is as likely, however much there is between them. Each execution draws
//! other objects: one that several threads use, now and then together with a second one.

use rustc_hash::FxHashMap;

use super::census::{Census, draw};
use super::{Options, Strategy, View};
use crate::op::{Obj, Tid};
use crate::rng::Rng;
use crate::run::Run;

/// See the module.
#[derive(Debug)]
pub struct Surw {
    rng: Rng,
    census: Census,
    /// The keys of the interesting objects.
    interesting: Vec<u64>,
    /// How many interesting operations each thread has left, by its key.
    left: FxHashMap<u64, u32>,
    /// Whose interesting operation comes next, by its key.
    intended: Option<u64>,
}

impl Default for Surw {
    fn default() -> Self {
        Self {
            rng: Rng::new(0),
            census: Census::default(),
            interesting: Vec::new(),
            left: FxHashMap::default(),
            intended: None,
        }
    }
}

impl Surw {
    fn draw_objects(&mut self) {
        let shared = |users: &&FxHashMap<u64, u32>| users.len() > 1;
        let mut shared: Vec<u64> = self
            .census
            .objects
            .iter()
            .filter(|(_, users)| shared(users))
            .map(|(&object, _)| object)
            .collect();
        shared.sort_unstable();
        self.interesting.clear();
        self.left.clear();
        if shared.is_empty() {
            return;
        }
        let count = 1 + usize::from(self.rng.below(3) == 0);
        for _ in 0..count {
            let object = *self.rng.pick(&shared);
            if !self.interesting.contains(&object) {
                self.interesting.push(object);
            }
        }
        for object in &self.interesting {
            for (&thread, &count) in &self.census.objects[object] {
                *self.left.entry(thread).or_default() += count;
            }
        }
    }

    fn is_interesting(&self, view: &View<'_>, tid: Tid) -> bool {
        let object = view.op(tid).object;
        object != Obj::NONE && self.interesting.contains(&view.world.key_of(object))
    }

    /// Draws whose interesting operation comes next: of a thread that is there, or that one of these will start.
    fn intend(&mut self, view: &View<'_>) {
        let weights = self.census.weights(&self.left, view.world);
        let mut bearers: Vec<(u64, u32)> = weights
            .into_iter()
            .filter(|&(_, weight)| weight > 0)
            .collect();
        bearers.sort_unstable();
        let threads: Vec<Tid> = (0..bearers.len() as u32).map(Tid).collect();
        self.intended = (!bearers.is_empty()).then(|| {
            let drawn = draw(&threads, |tid| bearers[tid.index()].1, &mut self.rng);
            bearers[drawn.index()].0
        });
    }
}

impl Strategy for Surw {
    fn begin(&mut self, seed: u64) -> bool {
        self.rng = Rng::new(seed);
        self.draw_objects();
        self.intended = None;
        true
    }

    fn choose(&mut self, view: &View<'_>) -> Tid {
        if self.intended.is_none() {
            self.intend(view);
        }
        let may_go =
            |tid: &Tid| !self.is_interesting(view, *tid) || self.intended == Some(view.key(*tid));
        let candidates: Vec<Tid> = view.runnable.iter().copied().filter(may_go).collect();
        // Where the intended one cannot go on, the intention was wrong.
        let candidates = if candidates.is_empty() {
            view.runnable
        } else {
            &candidates
        };
        let chosen = *self.rng.pick(candidates);
        if self.is_interesting(view, chosen) {
            if let Some(left) = self.left.get_mut(&view.key(chosen)) {
                *left = left.saturating_sub(1);
            }
            self.intended = None;
        }
        chosen
    }

    fn choose_option(&mut self, options: &Options<'_>) -> usize {
        options.draw(&mut self.rng)
    }

    fn end(&mut self, run: &Run, _is_new: bool) {
        self.census.take(run);
    }
}
