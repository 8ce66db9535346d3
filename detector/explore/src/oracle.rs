//! Every strategy against depth-first search, on random programs of two and three threads.

use std::collections::{BTreeMap, BTreeSet};

use model::event::Mode;
use proptest::prelude::{
    Just, ProptestConfig, Strategy as Any, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

use crate::program::{ATOMICS, Instr, LOCKS, Program, execute};
use crate::run::{Lore, Turn};
use crate::shrink::shrink;
use crate::strategy::dfs::Dfs;
use crate::strategy::dpor::Dpor;
use crate::strategy::replay::Replay;
use crate::strategy::{STRATEGIES, Strategy};

/// What all executions of a program led to.
#[derive(Debug, Default)]
struct Seen {
    states: BTreeSet<String>,
    /// By shape: how many executions had it.
    shapes: BTreeMap<u64, usize>,
    executions: usize,
}

/// More executions than this are too many for a test.
const MOST: usize = 60_000;

/// Runs a program until the strategy has seen all; `None` if that takes too long.
fn exhaust(program: &Program, strategy: &mut dyn Strategy) -> Option<Seen> {
    let mut lore = Lore::default();
    let mut seen = Seen::default();
    while strategy.begin(0) {
        let ran = execute(program, strategy, &mut lore);
        strategy.end(&ran.run, false);
        if std::mem::take(&mut lore.has_grown) {
            strategy.forget();
            seen = Seen::default();
            continue;
        }
        seen.states.insert(ran.state);
        *seen.shapes.entry(ran.run.shape()).or_default() += 1;
        seen.executions += 1;
        if seen.executions > MOST {
            return None;
        }
    }
    Some(seen)
}

fn counts(program: &Program) -> (usize, usize, usize) {
    let mut dpor = Dpor::default();
    let seen = exhaust(program, &mut dpor).unwrap();
    (seen.executions, seen.shapes.len(), dpor.redundant())
}

fn times(threads: usize, body: &[Instr]) -> Program {
    let mut program = vec![body.to_vec(); threads];
    program.insert(0, Vec::new());
    program
}

#[test]
fn locked_counters_have_as_many_orders_as_permutations() {
    let body = [Instr::Lock(0, Mode::Exclusive), Instr::Unlock(0)];
    assert_eq!(counts(&times(3, &body)), (6, 6, 0));
    assert_eq!(counts(&times(4, &body)), (24, 24, 0));
}

#[test]
fn disjoint_writes_have_one_order() {
    let body = |atomic: u8| vec![Instr::Store(atomic, 1), Instr::Store(atomic, 2)];
    let program = vec![Vec::new(), body(0), body(1)];
    assert_eq!(counts(&program), (1, 1, 0));
}

#[test]
fn a_lost_update_is_exhausted_without_repetition() {
    let program = times(3, &[Instr::Load(0), Instr::Put(0)]);
    let (executions, shapes, redundant) = counts(&program);
    let oracle = exhaust(&program, &mut Dfs::default()).unwrap();
    assert_eq!(shapes, oracle.shapes.len());
    assert_eq!(executions - redundant, shapes);
    assert!(redundant * 10 <= shapes, "{redundant} of {shapes}");
}

#[test]
fn a_reader_that_unlocks_does_not_come_before_other_readers() {
    use Mode::{Exclusive, Shared};
    let program = vec![
        vec![
            Instr::Lock(0, Exclusive),
            Instr::Lock(1, Shared),
            Instr::Unlock(1),
        ],
        vec![Instr::Lock(1, Shared), Instr::Lock(0, Exclusive)],
    ];
    let oracle = exhaust(&program, &mut Dfs::default()).unwrap();
    assert_eq!(counts(&program).1, oracle.shapes.len());
}

#[test]
fn who_waits_for_two_things_can_come_before_who_takes_one_of_them() {
    use Mode::Exclusive;
    let program = vec![
        vec![Instr::Lock(1, Exclusive)],
        vec![Instr::TryLock(1, Exclusive), Instr::Wait(1, false)],
        vec![Instr::Notify(1, false)],
    ];
    let oracle = exhaust(&program, &mut Dfs::default()).unwrap();
    let seen = exhaust(&program, &mut Dpor::default()).unwrap();
    assert_eq!(seen.states, oracle.states);
}

#[test]
fn who_is_kept_from_going_on_counts_where_the_rest_is_a_repetition() {
    let program = vec![
        vec![Instr::RecvFor(1, false), Instr::Load(0)],
        vec![Instr::Store(0, 0)],
        vec![Instr::Send(0), Instr::Recv(0)],
    ];
    let oracle = exhaust(&program, &mut Dfs::default()).unwrap();
    assert_eq!(counts(&program).1, oracle.shapes.len());
}

#[test]
fn every_combination_of_options_is_seen_once() {
    let program = vec![
        vec![Instr::Choose(2), Instr::Choose(3)],
        vec![Instr::Store(0, 1), Instr::Choose(2), Instr::Store(1, 1)],
        vec![Instr::Choose(3)],
    ];
    assert_eq!(counts(&program), (36, 36, 0));
}

#[test]
fn a_wait_that_may_be_over_for_no_reason_has_two_ends() {
    let program = vec![vec![Instr::Park(true)]];
    assert_eq!(counts(&program).0, 2);
    let program = vec![vec![Instr::Lock(0, Mode::Exclusive), Instr::Wait(0, true)]];
    assert_eq!(counts(&program).0, 2);
}

#[test]
fn six_threads_are_not_too_many() {
    let body = [Instr::Lock(0, Mode::Exclusive), Instr::Unlock(0)];
    assert_eq!(counts(&times(6, &body)), (720, 720, 0));
}

fn instr() -> impl Any<Value = Instr> {
    let lock = || 0..LOCKS;
    let atomic = || 0..ATOMICS;
    let mode = || prop_oneof![3 => Just(Mode::Exclusive), 1 => Just(Mode::Shared)];
    prop_oneof![
        3 => (lock(), mode()).prop_map(|(lock, mode)| Instr::Lock(lock, mode)),
        1 => (lock(), mode()).prop_map(|(lock, mode)| Instr::TryLock(lock, mode)),
        3 => lock().prop_map(Instr::Unlock),
        2 => atomic().prop_map(Instr::Load),
        2 => (atomic(), 0..3_u8).prop_map(|(atomic, value)| Instr::Store(atomic, value)),
        1 => atomic().prop_map(Instr::Add),
        1 => atomic().prop_map(Instr::Put),
        1 => Just(Instr::Send(0)),
        1 => Just(Instr::Recv(0)),
        1 => Just(Instr::TryRecv(0)),
        1 => any::<bool>().prop_map(Instr::Park),
        1 => (0..3_u8).prop_map(Instr::Unpark),
        1 => (lock(), any::<bool>()).prop_map(|(lock, may_wake)| Instr::Wait(lock, may_wake)),
        1 => (2..4_u8).prop_map(Instr::Choose),
        1 => (1..4_u8, any::<bool>()).prop_map(|(time, early)| Instr::Sleep(time, early)),
        1 => (1..4_u8, any::<bool>()).prop_map(|(time, early)| Instr::ParkFor(time, early)),
        1 => (1..4_u8, any::<bool>()).prop_map(|(time, early)| Instr::RecvFor(time, early)),
        1 => (lock(), any::<bool>()).prop_map(|(lock, all)| Instr::Notify(lock, all)),
    ]
}

fn program() -> impl Any<Value = Program> {
    let thread = |most| proptest::collection::vec(instr(), 0..=most);
    prop_oneof![
        (thread(4), thread(5)).prop_map(|(main, one)| vec![main, one]),
        (thread(2), thread(3), thread(3)).prop_map(|(main, one, two)| vec![main, one, two]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn partial_order_reduction_sees_what_depth_first_search_sees(program in program()) {
        let Some(oracle) = exhaust(&program, &mut Dfs::default()) else { return Ok(()) };
        let mut dpor = Dpor::default();
        let seen = exhaust(&program, &mut dpor);
        prop_assert!(seen.is_some(), "more executions than depth-first search");
        let seen = seen.unwrap();
        prop_assert_eq!(&seen.states, &oracle.states);
        prop_assert_eq!(seen.shapes.len(), oracle.shapes.len());
        prop_assert_eq!(seen.executions - dpor.redundant(), seen.shapes.len(), "an order was seen twice");
    }

    #[test]
    fn no_strategy_sees_what_depth_first_search_does_not(program in program(), seed in any::<u64>()) {
        let Some(oracle) = exhaust(&program, &mut Dfs::default()) else { return Ok(()) };
        for row in STRATEGIES {
            let (mut strategy, mut lore) = ((row.make)(), Lore::default());
            for number in 0..20 {
                if !strategy.begin(seed ^ number) {
                    break;
                }
                let ran = execute(&program, &mut *strategy, &mut lore);
                strategy.end(&ran.run, false);
                prop_assert!(oracle.states.contains(&ran.state), "{}: {}", row.name, ran.state);
            }
        }
    }

    #[test]
    fn a_token_replays_and_shrinks_to_the_same_end(program in program(), seed in any::<u64>()) {
        let (mut lore, mut strategy) = (Lore::default(), (STRATEGIES[1].make)());
        // What is tried without waiting is learnt on the way; a replay knows it from the beginning.
        let first = loop {
            strategy.begin(seed);
            let ran = execute(&program, &mut *strategy, &mut lore);
            if !std::mem::take(&mut lore.has_grown) {
                break ran;
            }
        };
        let mut follow = |token: &crate::token::Token| {
            let mut replay = Replay::new(token.clone());
            replay.begin(0);
            let ran = execute(&program, &mut replay, &mut lore);
            (ran.state == first.state).then(|| (ran.run.failure(token.policy), replay.missed()))
        };
        for policy in crate::token::Policy::ALL {
            let failure = first.run.failure(policy);
            let followed = follow(&failure.token);
            prop_assert!(followed.is_some(), "another end: {}", failure.token);
            let (same, missed) = followed.unwrap();
            prop_assert_eq!(missed, 0);
            prop_assert_eq!(&same.token, &failure.token);
            let before = failure.preemptions;
            let small = shrink(failure, 100, &mut |token| follow(token).map(|(failure, _)| failure));
            prop_assert!(small.preemptions <= before);
            prop_assert!(follow(&small.token).is_some());
        }
    }
}

#[test]
fn a_lost_update_shrinks_to_one_preemption() {
    let program = times(
        3,
        &[Instr::Load(0), Instr::Put(0), Instr::Load(1), Instr::Put(1)],
    );
    let (mut lore, mut strategy) = (Lore::default(), (STRATEGIES[1].make)());
    let is_lost = |state: &str| !state.contains("[3, ");
    let first = (0..100).find_map(|seed| {
        strategy.begin(seed);
        let ran = execute(&program, &mut *strategy, &mut lore);
        is_lost(&ran.state).then(|| ran.run.failure(crate::token::Policy::Oldest))
    });
    let small = shrink(first.unwrap(), 100, &mut |token| {
        let mut replay = Replay::new(token.clone());
        replay.begin(0);
        let ran = execute(&program, &mut replay, &mut lore);
        assert_eq!(ran.turn, Turn::Over);
        is_lost(&ran.state).then(|| ran.run.failure(token.policy))
    });
    assert_eq!(small.preemptions, 1, "{}", small.token);
}
