//! Strategies: who goes next. One file each, named with its paper.

mod census;
pub mod dfs;
pub mod dpor;
pub mod hunt;
pub mod kinds;
pub mod pct;
pub mod portfolio;
pub mod pos;
pub mod random;
pub mod replay;
pub mod rff;
pub mod round_robin;
pub mod steer;
pub mod surw;
pub mod urw;

use model::site::Site;

use crate::op::{Choice, Op, Tid};
use crate::rng::Rng;
use crate::run::{Run, Step};
use crate::world::World;

/// What a strategy can see when it decides.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// All threads, with what each is about to do, and all objects.
    pub world: &'a World,
    /// Who can go on, oldest first; never empty.
    pub runnable: &'a [Tid],
    /// Who took the last step; at first the main thread.
    pub current: Tid,
    /// The last step that was decided, and what followed from it.
    pub since: &'a [Step],
}

impl View<'_> {
    /// What a thread is about to do.
    ///
    /// # Panics
    ///
    /// If it runs or has ended; every runnable thread is about to do something.
    #[must_use]
    pub fn op(&self, tid: Tid) -> &Op {
        let pending = self.world.thread(tid).pending.as_ref();
        pending.expect("a thread that can go on is about to do something")
    }

    /// The number of a thread that is the same in every execution.
    #[must_use]
    pub fn key(&self, tid: Tid) -> u64 {
        self.world.thread(tid).key
    }
}

/// A choice besides the next thread.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// All threads and objects.
    pub world: &'a World,
    /// Whose choice it is: the thread that runs.
    pub thread: Tid,
    /// What it is about.
    pub choice: Choice,
    /// How many options there are, at least two; the first is the default.
    pub count: usize,
}

impl Options<'_> {
    /// Draws one: mostly the default, else any other.
    pub(crate) fn draw(&self, rng: &mut Rng) -> usize {
        if rng.below(self.choice.rarity()) > 0 {
            return 0;
        }
        1 + rng.below(self.count - 1)
    }
}

/// Decides who goes next.
pub trait Strategy: Send + std::fmt::Debug {
    /// An execution begins. `false` if there is none that was not seen before.
    fn begin(&mut self, seed: u64) -> bool;

    /// One of the runnable threads.
    fn choose(&mut self, view: &View<'_>) -> Tid;

    /// One of the options, by its number.
    fn choose_option(&mut self, options: &Options<'_>) -> usize;

    /// The execution has ended. `is_new` says whether no other was equivalent to it.
    fn end(&mut self, run: &Run, is_new: bool) {
        let _ = (run, is_new);
    }

    /// What the strategy took for granted does not hold: it learnt only now at which operations it matters who goes
    /// next.
    fn forget(&mut self) {}

    /// Something could happen where threads ask for locks at these places.
    fn aim(&mut self, places: Vec<Site>) {
        let _ = places;
    }

    /// How many decisions of a schedule that is followed did not fit in the last execution.
    fn missed(&self) -> usize {
        0
    }

    /// Whether every interleaving was seen.
    fn is_exhausted(&self) -> bool {
        false
    }
}

/// A strategy that can be asked for.
#[derive(Debug)]
#[non_exhaustive]
pub struct Row {
    /// The name that users write.
    pub name: &'static str,
    /// What it does, in one line.
    pub meaning: &'static str,
    /// Makes one.
    pub make: fn() -> Box<dyn Strategy>,
}

/// Every strategy.
pub const STRATEGIES: &[Row] = &[
    Row {
        name: "portfolio",
        meaning: "takes turns between the good ones, and exhausts small programs",
        make: || Box::new(portfolio::Portfolio::default()),
    },
    Row {
        name: "random",
        meaning: "any runnable thread, each as likely",
        make: || Box::new(random::Random::default()),
    },
    Row {
        name: "kinds",
        meaning: "any kind of operation, each as likely, however many threads are about to do it",
        make: || Box::new(kinds::Kinds::default()),
    },
    Row {
        name: "pct",
        meaning: "random priorities, lowered at a few random moments",
        make: || Box::new(pct::Pct::default()),
    },
    Row {
        name: "pos",
        meaning: "a random priority for each operation, drawn again when it races",
        make: || Box::new(pos::Pos::default()),
    },
    Row {
        name: "surw",
        meaning: "every order of the operations on a few objects as likely",
        make: || Box::new(surw::Surw::default()),
    },
    Row {
        name: "urw",
        meaning: "every interleaving as likely, by how much each thread has left to do",
        make: || Box::new(urw::Urw::default()),
    },
    Row {
        name: "rff",
        meaning: "aims at operations reading from others, and keeps what leads to new pairs of them",
        make: || Box::new(rff::Rff::default()),
    },
    Row {
        name: "round-robin",
        meaning: "each thread a step in its turn",
        make: || Box::new(round_robin::RoundRobin::default()),
    },
    Row {
        name: "dfs",
        meaning: "every interleaving",
        make: || Box::new(dfs::Dfs::default()),
    },
    Row {
        name: "dpor",
        meaning: "every interleaving that differs in the order of what matters",
        make: || Box::new(dpor::Dpor::default()),
    },
];

/// The row of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Row> {
    STRATEGIES.iter().find(|row| row.name == name)
}
