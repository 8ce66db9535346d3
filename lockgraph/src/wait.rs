//! The hang detector: who waits for whom, and whether anybody can still end a wait.
//!
//! ```text
//! main:   recv ─────────────── waits for any thread
//! worker:        wait for lock ─ waits for its holder, main
//! ```
//!
//! **Follows** the wait-for graphs of Holt (1972), with both kinds of waits: for *all* of some threads (the holders of
//! a lock, a thread to join) and for *any* thread (a message, a notification). The threads that can never go on are
//! the greatest set in which every wait depends on the set alone; it is found by taking out, until nothing changes,
//! every thread that something outside the set could free.
//!
//! **Finds** every knot of waits without timeout over locks, once-cells, joins, scopes, channels, condition variables,
//! barriers and parks, when its last wait begins or its last helper ends.
//!
//! **Misses** a wait for a message, notification or the like while *any* watched thread still runs, since a handle may
//! have travelled anywhere; waits with a timeout; waits in code that is not watched; busy loops.
//!
//! **False alarms**: a knot of lock and join waits is certain, because only its own threads can end it. Any other knot
//! is a *suspicion* ([`Knot::is_certain`]), to be confirmed by whoever can look at the operating system: a thread that
//! was woken but has not run yet still counts as waiting here.

pub mod knot;
pub mod leak;
pub mod need;
pub mod remnant;
pub mod stranger;
pub mod task;

mod describe;
mod snapshot;
mod stuck;

use model::event::Mode;
use model::id::{LockId, ThreadId};
use rustc_hash::{FxHashMap, FxHashSet};

use self::knot::{Knot, Knotted, Orphan};
use self::need::{Deed, Need, Wait};
use crate::held::Held;
use crate::order::Who;

/// What the graph thinks of a wait that begins.
#[derive(Clone, Debug)]
pub enum Outlook {
    /// Somebody can end it.
    Fine,
    /// Nobody runs, but somebody was woken and should: worth a look later.
    Unclear,
    /// It closes a knot.
    Knot(Knot),
}

/// Whether a thread that was woken counts as one that will run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// It does: it only has not run yet.
    Runs,
    /// It does not: it has had time enough.
    Sleeps,
}

#[derive(Debug)]
struct Thread {
    who: Who,
    wait: Option<Wait>,
    turn: u64,
}

/// Who waits for whom.
#[derive(Debug, Default)]
pub struct WaitFor {
    threads: FxHashMap<ThreadId, Thread>,
    blocked: usize,
    /// Locks held by threads that wait.
    holders: FxHashMap<LockId, Vec<(ThreadId, Mode)>>,
    /// Threads that wait, by what on.
    waiters: FxHashMap<LockId, Vec<ThreadId>>,
    /// Wake-ups given and not yet taken, by object.
    wakes: FxHashMap<LockId, usize>,
    orphans: FxHashMap<LockId, Orphan>,
}

impl WaitFor {
    /// A thread begins.
    pub fn begin(&mut self, thread: ThreadId, who: Who) {
        let state = Thread {
            who,
            wait: None,
            turn: 0,
        };
        self.threads.insert(thread, state);
    }

    /// A thread is to be called otherwise from now on.
    pub fn rename(&mut self, thread: ThreadId, who: Who) {
        if let Some(state) = self.threads.get_mut(&thread) {
            state.who = who;
        }
    }

    /// A thread ends while it holds these locks. Returns whether nobody can be seen to run now, or waits for them.
    pub fn end(&mut self, thread: ThreadId, held: &[Held]) -> bool {
        let _ = self.awake(thread);
        let Some(state) = self.threads.remove(&thread) else {
            return false;
        };
        for held in held {
            let orphan = Orphan {
                thread,
                who: state.who.clone(),
                held: *held,
            };
            self.orphans.insert(held.lock, orphan);
        }
        self.nobody_runs()
            || held
                .iter()
                .any(|held| self.waiters.contains_key(&held.lock))
    }

    /// Whether a thread has begun and not ended.
    #[must_use]
    pub fn knows(&self, thread: ThreadId) -> bool {
        self.threads.contains_key(&thread)
    }

    /// The locks whose holders ended without giving them back.
    pub fn orphans(&self) -> impl Iterator<Item = &Orphan> {
        self.orphans.values()
    }

    /// A lock is destroyed.
    pub fn retire(&mut self, lock: LockId) {
        self.orphans.remove(&lock);
    }

    /// A thread is about to wait.
    pub fn wait(&mut self, thread: ThreadId, wait: Wait) -> Outlook {
        for held in &wait.held {
            self.holders
                .entry(held.lock)
                .or_default()
                .push((thread, held.mode));
        }
        for (target, _, _) in wait.aims() {
            self.waiters.entry(target.id).or_default().push(thread);
        }
        let can_go_on = self.plainly_ends(thread, &wait);
        let Some(state) = self.threads.get_mut(&thread) else {
            return Outlook::Fine;
        };
        state.wait = Some(wait);
        state.turn += 1;
        self.blocked += 1;
        if can_go_on && !self.nobody_runs() {
            return Outlook::Fine;
        }
        if can_go_on && self.somebody_should_run() {
            return Outlook::Unclear;
        }
        let stuck = self.stuck(Woken::Runs);
        if stuck.contains(&thread) {
            Outlook::Knot(self.knot(thread, &stuck))
        } else if self.nobody_runs() {
            Outlook::Unclear
        } else {
            Outlook::Fine
        }
    }

    /// A thread that waits for others to end waits for one more.
    pub fn wait_also_for(&mut self, thread: ThreadId, child: ThreadId) {
        let wait = self
            .threads
            .get_mut(&thread)
            .and_then(|state| state.wait.as_mut());
        if let Some(Need::Ends(children)) = wait.map(|wait| &mut wait.need) {
            children.push(child);
        }
    }

    /// A thread waits no longer.
    pub fn awake(&mut self, thread: ThreadId) -> Option<Wait> {
        let wait = self.threads.get_mut(&thread)?.wait.take()?;
        self.blocked -= 1;
        for held in &wait.held {
            remove(&mut self.holders, held.lock, |&(holder, _)| {
                holder == thread
            });
        }
        for (target, _, _) in wait.aims() {
            remove(&mut self.waiters, target.id, |&waiter| waiter == thread);
            self.take_wake(target.id);
        }
        Some(wait)
    }

    /// A thread that waits has given back a lock all the same: its guard had been handed on.
    pub fn let_go(&mut self, thread: ThreadId, lock: LockId) {
        let wait = self
            .threads
            .get_mut(&thread)
            .and_then(|state| state.wait.as_mut());
        let Some(wait) = wait else { return };
        let held = wait.held.iter().position(|held| held.lock == lock);
        if let Some(position) = held {
            wait.held.remove(position);
            remove(&mut self.holders, lock, |&(holder, _)| holder == thread);
        }
    }

    /// One, or all, of those that wait on an object are woken.
    pub fn wake(&mut self, object: LockId, all: bool) {
        if let Some(waiters) = self.waiters.get(&object) {
            let wakes = self.wakes.entry(object).or_default();
            *wakes = if all {
                waiters.len()
            } else {
                waiters.len().min(*wakes + 1)
            };
        }
    }

    /// A parked thread is woken.
    pub fn unpark(&mut self, thread: ThreadId) {
        let parked = self
            .threads
            .get(&thread)
            .and_then(|state| state.wait.as_ref());
        if let Some(wait) = parked.filter(|wait| wait.need == Need::Anyone(Deed::Unpark)) {
            self.wake(wait.target.id, true);
        }
    }

    /// What a thread waits on.
    #[must_use]
    pub fn targets(&self, thread: ThreadId) -> Vec<LockId> {
        let state = self.threads.get(&thread);
        let wait = state.and_then(|state| state.wait.as_ref());
        let aims = wait.into_iter().flat_map(Wait::aims);
        aims.map(|(target, _, _)| target.id).collect()
    }

    /// The how-manieth wait of a thread its last one is: changes when it goes on.
    #[must_use]
    pub fn turn(&self, thread: ThreadId) -> u64 {
        self.threads.get(&thread).map_or(0, |state| state.turn)
    }

    /// The threads that nothing can free, by number, each with the how-manieth of its waits this is.
    #[must_use]
    pub fn stuck_threads(&self, woken: Woken) -> Vec<(ThreadId, u64)> {
        let mut threads: Vec<(ThreadId, u64)> = self
            .stuck(woken)
            .into_iter()
            .map(|thread| (thread, self.turn(thread)))
            .collect();
        threads.sort_unstable();
        threads
    }

    /// Whether a lock was held by a thread that has ended.
    #[must_use]
    pub fn is_orphan(&self, lock: LockId) -> bool {
        self.orphans.contains_key(&lock)
    }

    /// Whether a thread waits for a lock that nobody is left to release.
    #[must_use]
    pub fn waits_for_orphan(&self, thread: ThreadId) -> bool {
        let wait = self
            .threads
            .get(&thread)
            .and_then(|state| state.wait.as_ref());
        wait.is_some_and(|wait| {
            let mut aims = wait.aims();
            aims.all(|(target, _, _)| self.orphans.contains_key(&target.id))
        })
    }

    /// The knot that a stuck thread is part of, or depends on.
    #[must_use]
    pub fn knot_of(&self, thread: ThreadId, woken: Woken) -> Option<Knot> {
        let stuck = self.stuck(woken);
        stuck.contains(&thread).then(|| self.knot(thread, &stuck))
    }

    fn nobody_runs(&self) -> bool {
        self.blocked == self.threads.len()
    }

    /// The stuck threads that a thread's wait depends on, itself first.
    fn knot(&self, thread: ThreadId, stuck: &FxHashSet<ThreadId>) -> Knot {
        let mut order = vec![thread];
        let mut next = 0;
        while let Some(&member) = order.get(next) {
            for helper in self.helpers(member, stuck) {
                if !order.contains(&helper) {
                    order.push(helper);
                }
            }
            next += 1;
        }
        let threads: Vec<Knotted> = order
            .iter()
            .filter_map(|&member| self.knotted(member, stuck))
            .collect();
        let targets = threads
            .iter()
            .flat_map(|member| member.wait.aims().map(|(target, _, _)| target.id));
        let orphans: Vec<(LockId, Orphan)> = targets
            .filter_map(|lock| Some((lock, self.orphans.get(&lock)?.clone())))
            .collect();
        let is_certain = orphans.is_empty()
            && threads
                .iter()
                .all(|one| one.retakes || one.wait.aims().all(|(_, need, _)| !need.is_anyone()));
        Knot {
            threads,
            orphans,
            is_certain,
            permits: Vec::new(),
        }
    }

    fn knotted(&self, thread: ThreadId, stuck: &FxHashSet<ThreadId>) -> Option<Knotted> {
        let state = self.threads.get(&thread)?;
        let wait = state.wait.clone()?;
        let retakes = self
            .retake_blockers(&wait, thread)
            .any(|blocker| stuck.contains(&blocker));
        Some(Knotted {
            thread,
            who: state.who.clone(),
            wait,
            retakes,
            turn: state.turn,
        })
    }

    /// The stuck threads that could end a thread's wait; of those that wait for anyone, the ones of the same test.
    fn helpers(&self, thread: ThreadId, stuck: &FxHashSet<ThreadId>) -> Vec<ThreadId> {
        let Some(state) = self.threads.get(&thread) else {
            return Vec::new();
        };
        let Some(wait) = &state.wait else {
            return Vec::new();
        };
        let of_each = wait.aims().flat_map(|(target, need, _)| {
            self.helpers_with(state, thread, wait, target.id, need, stuck)
        });
        let mut helpers: Vec<ThreadId> = of_each.collect();
        helpers.retain(|helper| stuck.contains(helper));
        helpers.sort_unstable();
        helpers
    }

    /// The same for one of the things that it waits for.
    fn helpers_with(
        &self,
        state: &Thread,
        thread: ThreadId,
        wait: &Wait,
        target: LockId,
        need: &Need,
        stuck: &FxHashSet<ThreadId>,
    ) -> Vec<ThreadId> {
        match need {
            Need::Lock(mode) => self.blockers(target, *mode, thread).collect(),
            Need::End(child) => vec![*child],
            Need::Ends(children) => children.clone(),
            Need::Anyone(_) => {
                let blockers: Vec<ThreadId> = self
                    .retake_blockers(wait, thread)
                    .filter(|blocker| stuck.contains(blocker))
                    .collect();
                let of_test = || {
                    stuck
                        .iter()
                        .copied()
                        .filter(|&other| self.same_test(state, other))
                        .collect()
                };
                if blockers.is_empty() {
                    of_test()
                } else {
                    blockers
                }
            }
        }
    }

    fn same_test(&self, state: &Thread, other: ThreadId) -> bool {
        self.threads
            .get(&other)
            .is_some_and(|other| other.who.test == state.who.test)
    }

    /// A woken thread takes its wake-up with it.
    fn take_wake(&mut self, object: LockId) {
        let has_waiters = self.waiters.contains_key(&object);
        if let Some(wakes) = self.wakes.get_mut(&object) {
            *wakes -= 1;
            if *wakes == 0 || !has_waiters {
                self.wakes.remove(&object);
            }
        }
    }
}

/// Removes the first entry that fits from a list in a map, and the list when it is empty.
fn remove<T>(map: &mut FxHashMap<LockId, Vec<T>>, key: LockId, is_it: impl Fn(&T) -> bool) {
    if let Some(list) = map.get_mut(&key) {
        if let Some(position) = list.iter().position(is_it) {
            list.swap_remove(position);
        }
        if list.is_empty() {
            map.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;
    use std::sync::Arc;

    use expect_test::{Expect, expect};
    use model::event::Mode;
    use model::id::{LockId, ThreadId};
    use model::kind::Kind;
    use model::site::Origin;
    use proptest::prelude::{Just, Strategy, prop, prop_oneof, proptest};

    use super::need::{Aim, Deed, Need, Target, Wait};
    use super::{Outlook, WaitFor, Woken};
    use crate::held::Held;
    use crate::order::Who;

    fn who(thread: u32) -> Who {
        Who::new(Arc::from(format!("t{thread}")), Arc::from("test"))
    }

    fn lock(number: u32, mode: Mode) -> Held {
        let site = Location::caller();
        let (lock, kind) = (LockId(number), Kind::RwLock);
        Held {
            chain: 0,
            site,
            origin: Origin::Created(site),
            lock,
            mode,
            kind,
        }
    }

    fn wait(object: u32, need: Need, held: &[Held]) -> Wait {
        let site = Location::caller();
        let target = Target {
            id: LockId(object),
            kind: Kind::RwLock,
            origin: Origin::Created(site),
        };
        Wait {
            target,
            need,
            retake: None,
            site,
            held: held.to_vec(),
            also: Vec::new(),
        }
    }

    #[test]
    fn who_waits_for_any_of_several_things_is_stuck_when_all_are_out_of_reach() {
        let mut graph = WaitFor::default();
        (1..=3).for_each(|thread| graph.begin(ThreadId(thread), who(thread)));
        let [a, b, c] = [1, 2, 3].map(|number| lock(number, Mode::Exclusive));
        let any = |number| wait(number, Need::Lock(Mode::Exclusive), &[a]);
        let (first, second) = (any(2), any(3));
        let also = Aim {
            target: second.target,
            need: second.need,
            site: second.site,
        };
        let either = Wait {
            also: vec![also],
            ..first
        };
        assert!(matches!(graph.wait(ThreadId(1), either), Outlook::Fine));
        let for_first = |held| wait(1, Need::Lock(Mode::Exclusive), &[held]);
        assert!(matches!(
            graph.wait(ThreadId(2), for_first(b)),
            Outlook::Fine
        ));
        let Outlook::Knot(knot) = graph.wait(ThreadId(3), for_first(c)) else {
            panic!("no way is left for the first");
        };
        assert_eq!((knot.threads.len(), knot.is_certain), (3, true));
        let _ = graph.awake(ThreadId(1));
        assert!(graph.stuck_threads(Woken::Runs).is_empty());
    }

    /// Runs a script of one line a step: `t1 holds a b/r, waits for c`, `t2 ends holding a`, `wake c`. Threads are
    /// `t1` to `t9`, objects are letters, `/r` is shared; a wait is `lock a`, `read a`, `end t2`, `ends t2 t3`, or
    /// `notify c`, maybe `with m`, the mutex to be had again.
    fn run(threads: u32, script: &str) -> String {
        let mut graph = WaitFor::default();
        (1..=threads).for_each(|thread| graph.begin(ThreadId(thread), who(thread)));
        script
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(|line| step(&mut graph, line))
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn step(graph: &mut WaitFor, line: &str) -> String {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["wake", object] => graph.wake(object_id(object), false),
            [thread, "awake"] => drop(graph.awake(thread_id(thread))),
            [thread, "ends", held @ ..] => {
                let held: Vec<Held> = held.iter().map(|word| held_lock(word)).collect();
                return format!("look: {}", graph.end(thread_id(thread), &held));
            }
            [thread, rest @ ..] => {
                let split = rest
                    .iter()
                    .position(|word| *word == "waits")
                    .expect("a step waits");
                let held: Vec<Held> = rest[..split].iter().map(|word| held_lock(word)).collect();
                let (object, need) = need(&rest[split + 1..]);
                let mutex = rest
                    .iter()
                    .position(|word| *word == "with")
                    .map(|with| object_id(rest[with + 1]));
                let mut wait = wait(object, need, &held);
                wait.retake = mutex.map(|id| Target { id, ..wait.target });
                return show(&graph.wait(thread_id(thread), wait));
            }
            [] => unreachable!("empty lines are dropped"),
        }
        String::from("-")
    }

    fn need(words: &[&str]) -> (u32, Need) {
        match words {
            ["lock", object] => (object_id(object).0, Need::Lock(Mode::Exclusive)),
            ["read", object] => (object_id(object).0, Need::Lock(Mode::Shared)),
            ["end", thread] => (0, Need::End(thread_id(thread))),
            ["ends", threads @ ..] => (
                0,
                Need::Ends(threads.iter().map(|word| thread_id(word)).collect()),
            ),
            ["notify", object, ..] => (object_id(object).0, Need::Anyone(Deed::Notify)),
            _ => unreachable!("no need: {words:?}"),
        }
    }

    fn held_lock(word: &str) -> Held {
        match word.strip_suffix("/r") {
            Some(name) => lock(object_id(name).0, Mode::Shared),
            None => lock(object_id(word).0, Mode::Exclusive),
        }
    }

    fn object_id(word: &str) -> LockId {
        LockId(u32::from(word.as_bytes()[0]))
    }

    fn thread_id(word: &str) -> ThreadId {
        ThreadId(word[1..].parse().expect("threads are t1, t2, …"))
    }

    fn show(outlook: &Outlook) -> String {
        match outlook {
            Outlook::Fine => "fine".to_owned(),
            Outlook::Unclear => "unclear".to_owned(),
            Outlook::Knot(knot) => {
                let threads: Vec<&str> = knot
                    .threads
                    .iter()
                    .map(|knotted| &*knotted.who.thread)
                    .collect();
                let word = if knot.is_certain {
                    "certain"
                } else {
                    "suspect"
                };
                format!("{word} {}: {}", knot.finding().slug, threads.join(" "))
            }
        }
    }

    #[track_caller]
    fn check(threads: u32, script: &str, expected: Expect) {
        expected.assert_eq(&run(threads, script));
    }

    /// ```text
    /// t1: holds a ──── wait b
    /// t2:      holds b ──── wait a
    /// ```
    #[test]
    fn two_threads_that_hold_what_the_other_wants_are_a_certain_knot() {
        check(
            3,
            "t1 a waits lock b\n t2 b waits lock a",
            expect![[r#"
            fine
            certain deadlock: t2 t1"#]],
        );
    }

    #[test]
    fn a_thread_that_wants_what_it_holds_waits_for_itself() {
        check(2, "t1 a waits lock a", expect!["certain self-deadlock: t1"]);
    }

    #[test]
    fn a_writer_waits_for_its_own_read_lock() {
        check(
            2,
            "t1 a/r waits lock a",
            expect!["certain self-deadlock: t1"],
        );
    }

    #[test]
    fn a_lock_held_by_a_running_thread_is_no_knot() {
        check(
            3,
            "t1 a waits lock b\n t2 waits lock a",
            expect![[r#"
            fine
            fine"#]],
        );
    }

    #[test]
    fn a_second_read_behind_a_queued_writer_is_a_knot() {
        check(
            3,
            "t2 waits lock a\n t1 a/r waits read a",
            expect![[r#"
            fine
            certain deadlock: t1 t2"#]],
        );
    }

    #[test]
    fn readers_do_not_block_each_other() {
        check(
            3,
            "t1 a/r waits read b\n t2 b/r waits read a",
            expect![[r#"
            fine
            fine"#]],
        );
    }

    #[test]
    fn joining_a_thread_that_wants_my_lock_is_a_knot() {
        check(
            3,
            "t2 waits lock a\n t1 a waits end t2",
            expect![[r#"
            fine
            certain deadlock: t1 t2"#]],
        );
    }

    #[test]
    fn one_stuck_thread_of_a_scope_keeps_its_owner() {
        check(
            4,
            "t2 waits lock a\n t1 a waits ends t2 t3",
            expect![[r#"
            fine
            certain deadlock: t1 t2"#]],
        );
    }

    #[test]
    fn a_sleeper_is_stuck_only_when_nobody_runs() {
        check(
            2,
            "t1 waits notify c\n t2 waits notify d",
            expect![[r#"
            fine
            suspect deadlock: t2 t1"#]],
        );
    }

    #[test]
    fn a_sleeper_that_was_woken_counts_as_running() {
        check(
            2,
            "t1 waits notify c\n wake c\n t2 waits end t1",
            expect![[r#"
            fine
            -
            unclear"#]],
        );
    }

    #[test]
    fn a_woken_thread_takes_its_wake_up_with_it() {
        check(
            2,
            "t1 waits notify c\n wake c\n t1 awake\n t1 waits notify c\n t2 waits end t1",
            expect![[r#"
            fine
            -
            -
            fine
            suspect deadlock: t2 t1"#]],
        );
    }

    /// ```text
    /// t1: wait c (gives m back) ──────────────────── wait m
    /// t2:                       lock m, notify c ─── join t1
    /// ```
    #[test]
    fn a_sleeper_needs_its_mutex_again_whoever_wakes_it() {
        check(
            3,
            "t1 waits notify c with m\n wake c\n t2 m waits end t1",
            expect![[r#"
                fine
                -
                certain deadlock: t2 t1"#]],
        );
    }

    #[test]
    fn the_last_helper_that_ends_leaves_a_knot() {
        check(
            2,
            "t1 waits notify c\n t2 ends",
            expect![[r#"
            fine
            look: true"#]],
        );
    }

    #[test]
    fn a_lock_whose_owner_has_ended_is_never_free() {
        check(
            3,
            "t1 ends a\n t2 waits lock a",
            expect![[r#"
            look: false
            suspect leaked-guard: t2"#]],
        );
    }

    #[test]
    fn joining_a_thread_that_has_ended_is_no_knot() {
        check(
            2,
            "t1 ends\n t2 waits end t1",
            expect![[r#"
            look: false
            unclear"#]],
        );
    }

    /// What a random thread does: holds some locks, and waits for something or runs.
    #[derive(Clone, Debug)]
    struct State {
        held: Vec<(u32, Mode)>,
        need: Option<(u32, Need)>,
    }

    const THREADS: u32 = 4;
    const LOCKS: u32 = 3;
    /// The condition variable that belongs to lock n is object `CONDVARS + n`.
    const CONDVARS: u32 = 200;

    fn mode() -> impl Strategy<Value = Mode> {
        prop_oneof![Just(Mode::Exclusive), Just(Mode::Shared)]
    }

    fn state() -> impl Strategy<Value = State> {
        let need = prop_oneof![
            (0..LOCKS, mode()).prop_map(|(lock, mode)| (lock, Need::Lock(mode))),
            (0..THREADS).prop_map(|thread| (100, Need::End(ThreadId(thread)))),
            prop::collection::vec(0..THREADS, 1..3)
                .prop_map(|threads| (101, Need::Ends(threads.into_iter().map(ThreadId).collect()))),
            Just((102, Need::Anyone(Deed::Send))),
            (0..LOCKS).prop_map(|mutex| (CONDVARS + mutex, Need::Anyone(Deed::Notify))),
        ];
        let held = prop::collection::vec((0..LOCKS, mode()), 0..2);
        (held, prop::option::of(need)).prop_map(|(held, need)| State { held, need })
    }

    /// The slow obvious oracle: lets threads go on, one after the other, as long as anyone can.
    fn oracle(states: &[State]) -> Vec<ThreadId> {
        let mut free: Vec<bool> = states.iter().map(|state| state.need.is_none()).collect();
        while let Some(next) =
            (0..states.len()).find(|&thread| !free[thread] && can_go_on(thread, states, &free))
        {
            free[next] = true;
        }
        (0..THREADS)
            .filter(|&thread| !free[thread as usize])
            .map(ThreadId)
            .collect()
    }

    fn can_go_on(thread: usize, states: &[State], free: &[bool]) -> bool {
        let Some((object, need)) = &states[thread].need else {
            return true;
        };
        let is_free = |thread: &ThreadId| free[thread.0 as usize];
        match need {
            Need::Lock(mode) => (0..states.len())
                .filter(|&other| !free[other])
                .all(|other| {
                    let clashes = |held: &(u32, Mode)| {
                        held.0 == *object && (*mode, held.1) != (Mode::Shared, Mode::Shared)
                    };
                    let is_queued_writer =
                        states[other].need == Some((*object, Need::Lock(Mode::Exclusive)));
                    let is_ahead = *mode == Mode::Shared && other != thread && is_queued_writer;
                    !(is_ahead || states[other].held.iter().any(clashes))
                }),
            Need::End(child) => is_free(child),
            Need::Ends(children) => children.iter().all(is_free),
            Need::Anyone(Deed::Notify) => {
                let mutex = object - CONDVARS;
                let is_held = |other: usize| states[other].held.iter().any(|held| held.0 == mutex);
                free.contains(&true)
                    && (0..states.len())
                        .filter(|&other| !free[other])
                        .all(|other| !is_held(other))
            }
            Need::Anyone(_) => free.contains(&true),
        }
    }

    /// What a thread that does this waits for, if anything.
    fn wait_of(state: &State) -> Option<Wait> {
        let (object, need) = state.need.clone()?;
        let held = state.held.iter();
        let held: Vec<Held> = held.map(|&(number, mode)| lock(number, mode)).collect();
        let mut wait = wait(object, need, &held);
        let retake = |mutex| Target {
            id: LockId(mutex),
            ..wait.target
        };
        wait.retake = object.checked_sub(CONDVARS).map(retake);
        Some(wait)
    }

    fn of_running_threads() -> WaitFor {
        let mut graph = WaitFor::default();
        (0..THREADS).for_each(|thread| graph.begin(ThreadId(thread), who(thread)));
        graph
    }

    fn stuck(graph: &WaitFor) -> Vec<ThreadId> {
        let stuck = graph.stuck_threads(Woken::Runs).into_iter();
        stuck.map(|(thread, _)| thread).collect()
    }

    proptest! {
        #[test]
        fn the_stuck_threads_are_those_that_no_order_of_events_frees(
            states in prop::collection::vec(state(), THREADS as usize)
        ) {
            let mut graph = of_running_threads();
            for (thread, state) in (0..).zip(&states) {
                if let Some(wait) = wait_of(state) {
                    let _ = graph.wait(ThreadId(thread), wait);
                }
            }
            assert_eq!(stuck(&graph), oracle(&states));
        }

        #[test]
        fn a_wait_closes_a_knot_just_if_it_is_stuck(
            states in prop::collection::vec((state(), 0..CONDVARS + LOCKS), THREADS as usize)
        ) {
            let mut graph = of_running_threads();
            for (thread, (state, woken)) in (0..).map(ThreadId).zip(&states) {
                if let Some(wait) = wait_of(state) {
                    let outlook = graph.wait(thread, wait);
                    let closes_knot = matches!(outlook, Outlook::Knot(_));
                    assert_eq!(closes_knot, stuck(&graph).contains(&thread));
                }
                // Most objects are those that somebody can be woken from.
                graph.wake(LockId(*woken.max(&100)), true);
            }
        }
    }
}
