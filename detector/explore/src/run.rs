//! One execution: who has done what, and who goes next.

mod history;
mod patience;
mod starvation;

use rustc_hash::FxHashSet;

pub use self::history::{Pick, Step};
pub use self::starvation::Starved;

use self::history::Order;
use self::patience::Patience;
use crate::op::{Act, Choice, Moment, Obj, Op, Outcome, Tid};
use crate::shrink::Failure;
use crate::strategy::{Options, Strategy, View};
use crate::token::{Decision, Deviation, Path, Policy, Token};
use crate::world::{Readiness, Thread, World};

/// How many steps other threads may still take when the first one has ended. In a real run, the process may end then.
const AFTERMATH: usize = 1_000;

/// What is to happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// This thread goes on; its operation had this outcome.
    Go(Tid, Outcome),
    /// Threads are left, and none can ever go on.
    Stuck,
    /// Every thread has ended, or the first one has and the others had their time.
    Over,
    /// There were too many steps.
    Cut,
}

/// What is to be known from one execution to the next of the same program.
#[derive(Clone, Debug, Default)]
pub struct Lore {
    /// Classes of objects that somebody looks at without waiting: there it matters when exactly a lock is released.
    watched: FxHashSet<u64>,
    /// Whether a thread passes a `SeqCst` fence: then its order with all `SeqCst` operations matters.
    pub has_fences: bool,
    /// Whether an operation on an atomic asks for less than `SeqCst`: otherwise no load can show an old value.
    pub is_weak: bool,
    /// Whether something was learnt since this was last set to `false`.
    pub has_grown: bool,
}

impl Lore {
    /// An operation on an atomic asks for less than `SeqCst`.
    pub fn learn_weak(&mut self) {
        self.has_grown |= !self.is_weak;
        self.is_weak = true;
    }

    /// What whoever made this token knew.
    #[must_use]
    pub fn with(mut self, token: &Token) -> Self {
        self.is_weak |= token.deviations.iter().any(Deviation::is_pick);
        self
    }

    fn learn(&mut self, class: u64) {
        self.has_grown |= self.watched.insert(class);
    }
}

/// One execution.
#[derive(Debug, Default)]
pub struct Run {
    /// Its threads and objects.
    pub world: World,
    steps: Vec<Step>,
    current: Tid,
    ready: Vec<Tid>,
    patience: Patience,
    order: Order,
    picks: Vec<Pick>,
    /// What was decided otherwise than some policy would have, and for each policy whether it would have done the same.
    decisions: Vec<(Decision, [bool; Policy::ALL.len()])>,
    preemptions: usize,
    /// The last step that the schedule decided.
    last_chosen: usize,
    max_steps: usize,
    main_ended_at: Option<usize>,
    had_choice: bool,
}

impl Run {
    /// An execution that has not begun. After `max_steps` steps the strategy is not asked any more but each thread has a
    /// step in its turn; after twice as many it is cut.
    #[must_use]
    pub fn new(max_steps: usize) -> Self {
        let mut run = Self::default();
        run.begin(max_steps);
        run
    }

    /// Another execution, in the memory of this one. See [`Run::new`].
    pub fn begin(&mut self, max_steps: usize) {
        let Self {
            world,
            steps,
            current,
            ready,
            patience,
            order,
            picks,
            decisions,
            preemptions,
            had_choice,
            last_chosen,
            max_steps: most,
            main_ended_at,
        } = self;
        world.clear();
        steps.clear();
        *current = Tid::MAIN;
        ready.clear();
        patience.clear();
        order.clear();
        picks.clear();
        decisions.clear();
        *preemptions = 0;
        *had_choice = false;
        *last_chosen = 0;
        *most = max_steps;
        *main_ended_at = None;
    }

    /// What was done so far.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The choices that were not left at their defaults.
    #[must_use]
    pub fn picks(&self) -> &[Pick] {
        &self.picks
    }

    /// A number that two executions share if they did the same things in an equivalent order (Mazurkiewicz 1977).
    #[must_use]
    pub fn shape(&self) -> u64 {
        self.order.shape()
    }

    /// The schedule of this execution, as a policy sees it.
    #[must_use]
    pub fn token(&self, policy: Policy) -> Token {
        Token::new(policy, self.decisions_beside(policy), &self.world)
    }

    /// What following a token led to.
    #[must_use]
    pub fn failure(&self, policy: Policy) -> Failure {
        let other = match policy {
            Policy::Oldest => Policy::Youngest,
            Policy::Youngest | Policy::InTurn => Policy::Oldest,
        };
        Failure {
            token: self.token(policy),
            other: self.token(other),
            preemptions: self.preemptions,
            picks: self.picks.len(),
            last: Path::of(&self.world, self.current),
            threads: (0..)
                .map(Tid)
                .zip(self.world.threads())
                .map(|(tid, thread)| (Path::of(&self.world, tid), thread.steps))
                .collect(),
        }
    }

    /// The policy that this execution followed most of the time, if it is any but the simplest.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let left = |policy: Policy| self.decisions_beside(policy).count();
        if left(Policy::InTurn) < left(Policy::Oldest) / 4 {
            Policy::InTurn
        } else {
            Policy::Oldest
        }
    }

    /// The decisions that a policy would have made otherwise.
    fn decisions_beside(&self, policy: Policy) -> impl Iterator<Item = &Decision> {
        let decisions = self.decisions.iter();
        let others = decisions.filter(move |(_, same)| !same[policy as usize]);
        others.map(|(decision, _)| decision)
    }

    /// How often a thread that could have gone on did not.
    #[must_use]
    pub fn preemptions(&self) -> usize {
        self.preemptions
    }

    /// Whether it was ended because there were too many steps.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.steps.len() >= 2 * self.max_steps
    }

    /// Whether it went on after the strategy was last asked, because there were too many steps.
    #[must_use]
    pub fn overran(&self) -> bool {
        self.steps.len() >= self.max_steps
    }

    /// Whether anything was left to a strategy. If not, this is the only execution that there is.
    #[must_use]
    pub fn had_choice(&self) -> bool {
        self.had_choice || self.overran()
    }

    /// Whether nobody made any progress in the second half of an execution that was cut.
    #[must_use]
    pub fn is_livelock(&self) -> bool {
        self.patience.is_livelock()
    }

    /// Whether nothing changed in the second half of an execution that was cut, which nothing that came later could change.
    #[must_use]
    pub fn is_at_a_standstill(&self) -> bool {
        self.is_livelock() && !self.patience.has_changed()
    }

    /// A thread is started by another one. What it does up to its first operation is nobody's business.
    pub fn start(&mut self, parent: Option<Tid>) -> Tid {
        let tid = self.world.start(parent);
        self.order.start(self.world.thread(tid).key, parent);
        self.patience.start(self.steps.len() >= self.max_steps);
        if let Some(parent) = parent {
            let op = Op::new(Act::Start(tid), Obj::NONE, None);
            self.steps.push(Step::slipped(parent, op));
        }
        tid
    }

    /// A thread says what it is about to do.
    pub fn announce(&mut self, tid: Tid, op: Op, lore: &mut Lore) {
        if let Act::TryLock(_) | Act::TrySend | Act::TryRecv = op.act
            && let Some(object) = self.world.object(op.object)
        {
            lore.learn(object.class);
        }
        if matches!(op.act, Act::Fence) && !lore.has_fences {
            lore.has_fences = true;
            lore.has_grown = true;
        }
        let thread = self.world.thread_mut(tid);
        thread.pending = Some(op);
        thread.begin();
    }

    /// A thread is about to do something that nobody waits for to happen at a certain time, such as unlocking. Returns
    /// whether it must be announced all the same; else it is done already.
    pub fn slip(&mut self, tid: Tid, op: Op, lore: &mut Lore) -> bool {
        let class = self.world.object(op.object).map(|object| object.class);
        if class.is_some_and(|class| lore.watched.contains(&class)) {
            self.announce(tid, op, lore);
            return true;
        }
        self.world.thread_mut(tid).begin();
        let _ = self.world.apply(tid, &op);
        if op.is_telling() {
            self.order.take(tid, &op, &self.world);
        }
        self.steps.push(Step::slipped(tid, op));
        false
    }

    /// A thread does something at once, whoever's turn it is. `None` if it cannot be done now.
    pub fn insist(&mut self, tid: Tid, op: Op) -> Option<Outcome> {
        let thread = self.world.thread_mut(tid);
        thread.pending = Some(op);
        thread.begin();
        if self.world.readiness(tid) != Readiness::Now {
            return None;
        }
        let outcome = self.world.perform(tid, &op)?;
        self.order.take(tid, &op, &self.world);
        self.steps.push(Step::slipped(tid, op));
        Some(outcome)
    }

    /// A thread has ended.
    pub fn end(&mut self, tid: Tid) {
        self.world.thread_mut(tid).begin();
        self.world.end(tid);
        self.patience.end(self.steps.len() >= self.max_steps);
        self.steps
            .push(Step::slipped(tid, Op::new(Act::End, Obj::NONE, None)));
        if tid == Tid::MAIN {
            self.main_ended_at = Some(self.steps.len());
        }
    }

    /// The last operation changed nothing, which only whoever carried it out could know.
    pub fn came_to_nothing(&mut self, tid: Tid) {
        if let Some(step) = self.steps.last_mut().filter(|step| step.thread == tid) {
            step.outcome = Some(Outcome::Failed);
            self.patience.failed(tid);
        }
    }

    /// Decides between `options` ways in which something can happen to the thread that runs; 0 is the default. The
    /// choice belongs to the last step.
    pub fn choose(
        &mut self,
        tid: Tid,
        choice: Choice,
        options: usize,
        strategy: &mut dyn Strategy,
    ) -> usize {
        if options < 2 || self.overran() {
            return 0;
        }
        self.had_choice = true;
        let thread = self.world.thread_mut(tid);
        thread.choices += 1;
        let (step, nth) = (thread.steps, thread.choices);
        let option = strategy.choose_option(&Options {
            world: &self.world,
            thread: tid,
            choice,
            count: options,
        });
        debug_assert!(option < options, "a strategy chose an option there is not");
        if option > 0 {
            self.order.pick(tid, nth, option);
            self.picks.push(Pick {
                thread: tid,
                choice,
                option,
                at: self.steps.len(),
            });
            let decision = Decision::Pick {
                thread: tid,
                step,
                nth,
                option,
            };
            self.decisions.push((decision, Default::default()));
        }
        option
    }

    /// Decides who goes next, and does what that thread has announced.
    pub fn next(&mut self, strategy: &mut dyn Strategy) -> Turn {
        loop {
            if let Some(end) = self.look_around() {
                return end;
            }
            let chosen = self.choose_thread(strategy);
            self.last_chosen = self.steps.len();
            let is_late = self.last_chosen >= self.max_steps;
            let op = self.world.pending(chosen);
            self.steps.push(Step::taken(chosen, op));
            let step = &mut self.steps[self.last_chosen];
            let outcome = self.world.perform(chosen, &step.op);
            step.outcome = outcome;
            self.order.take(chosen, &step.op, &self.world);
            self.patience.took(chosen, &step.op, outcome, is_late);
            self.current = chosen;
            if let Some(outcome) = outcome {
                return Turn::Go(chosen, outcome);
            }
        }
    }

    /// Finds who can go on, or why nobody does.
    fn look_around(&mut self) -> Option<Turn> {
        if self.is_cut() {
            return Some(Turn::Cut);
        }
        let had_their_time = |&end: &usize| self.steps.len() > end + AFTERMATH;
        if self.main_ended_at.as_ref().is_some_and(had_their_time) {
            return Some(Turn::Over);
        }
        self.find_ready();
        if self.ready.is_empty() || self.patience.lets_time_pass(self.ready.len()) {
            match self.next_moment() {
                Some(moment) => {
                    self.world.now = moment;
                    self.find_ready();
                }
                None if self.ready.is_empty() => {
                    let is_over = self.world.threads().iter().all(|thread| thread.is_over);
                    return Some(if is_over { Turn::Over } else { Turn::Stuck });
                }
                None => {}
            }
        }
        self.patience.keep_the_patient(&mut self.ready);
        None
    }

    fn find_ready(&mut self) {
        self.ready.clear();
        let threads = (0..).map(Tid).zip(self.world.threads());
        let can_go_on = |(tid, thread): &(Tid, &Thread)| self.world.can_go_on(*tid, thread);
        self.ready
            .extend(threads.filter(can_go_on).map(|(tid, _)| tid));
    }

    fn next_moment(&self) -> Option<Moment> {
        let threads = 0..self.world.threads().len();
        let moments = threads.filter_map(|number| match self.world.readiness(Tid(number as u32)) {
            Readiness::At(moment) => Some(moment),
            _ => None,
        });
        moments.min()
    }

    fn choose_thread(&mut self, strategy: &mut dyn Strategy) -> Tid {
        if self.overran() {
            return Policy::InTurn.choose(&self.ready, self.current);
        }
        self.had_choice |= self.ready.len() > 1;
        let view = View {
            world: &self.world,
            runnable: &self.ready,
            current: self.current,
            since: &self.steps[self.last_chosen..],
        };
        let chosen = strategy.choose(&view);
        debug_assert!(
            self.ready.contains(&chosen),
            "a strategy chose a thread that cannot go on"
        );
        self.note_decision(chosen);
        chosen
    }

    fn note_decision(&mut self, chosen: Tid) {
        let current = self.current;
        if chosen != current && self.ready.contains(&current) {
            self.preemptions += 1;
        }
        let same = Policy::each_chooses(&self.ready, current).map(|tid| tid == chosen);
        if same.contains(&false) {
            let decision = Decision::Turn {
                after: current,
                step: self.world.thread(current).steps,
                next: chosen,
            };
            self.decisions.push((decision, same));
        }
    }
}
