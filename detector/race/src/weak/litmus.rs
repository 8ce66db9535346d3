//! Litmus tests: small programs with outcomes that tell memory models apart. The names are those of the literature
//! (Alglave, Maranget and Tautschnig, *Herding cats*, 2014).

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use proptest::prelude::*;

use super::axioms::{self, Scope};
use super::machine;
use super::program::{Act, Outcome, Program, Step};

/// How many seeds each program is run with.
const SEEDS: u64 = 10_000;

/// What is said of an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It is allowed, and happens.
    Happens,
    /// It is forbidden, and never happens.
    Forbidden,
    /// It is allowed and does not happen: one of the misses that the engine names.
    Missed,
}

use Verdict::{Forbidden, Happens, Missed};

/// A name, a program, and the outcome in question: what each thread reads, and after the slash what is left.
type Row = (&'static str, &'static str, &'static str, Verdict);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // Store buffering: each thread looks past its own store.
    ("SB", "x=1 a=y | y=1 b=x", "0,0", Happens),
    ("SB with release and acquire", "x=1.rel a=y.acq | y=1.rel b=x.acq", "0,0", Happens),
    ("SB with SeqCst", "x=1.sc a=y.sc | y=1.sc b=x.sc", "0,0", Forbidden),
    ("SB with SeqCst stores only", "x=1.sc a=y | y=1.sc b=x", "0,0", Happens),
    ("SB with SeqCst loads only", "x=1 a=y.sc | y=1 b=x.sc", "0,0", Happens),
    ("SB with one side SeqCst", "x=1.sc a=y.sc | y=1 b=x", "0,0", Happens),
    ("SB with SeqCst fences", "x=1 F.sc a=y | y=1 F.sc b=x", "0,0", Forbidden),
    ("SB with one SeqCst fence", "x=1 F.sc a=y | y=1 b=x", "0,0", Happens),
    ("SB with a fence and SeqCst", "x=1 F.sc a=y | y=1.sc b=x.sc", "0,0", Forbidden),
    ("SB with acquire-release fences", "x=1 F.ar a=y | y=1 F.ar b=x", "0,0", Happens),
    ("SB with swaps", "a=x<1.ar b=y.acq | c=y<1.ar d=x.acq", "00,00", Happens),
    ("SB with SeqCst swaps", "a=x<1.sc b=y.sc | c=y<1.sc d=x.sc", "00,00", Forbidden),
    ("SB of three", "x=1 a=y | y=1 b=z | z=1 c=x", "0,0,0", Happens),
    ("SB of three with SeqCst", "x=1.sc a=y.sc | y=1.sc b=z.sc | z=1.sc c=x.sc", "0,0,0", Forbidden),
    // Message passing: a flag says that something else is ready.
    ("MP", "x=1 y=1 | a=y b=x", "10", Happens),
    ("MP with release and acquire", "x=1 y=1.rel | a=y.acq b=x", "10", Forbidden),
    ("MP with release only", "x=1 y=1.rel | a=y b=x", "10", Happens),
    ("MP with acquire only", "x=1 y=1 | a=y.acq b=x", "10", Happens),
    ("MP with fences", "x=1 F.rel y=1 | a=y F.acq b=x", "10", Forbidden),
    ("MP with a release fence only", "x=1 F.rel y=1 | a=y b=x", "10", Happens),
    ("MP with an acquire fence only", "x=1 y=1 | a=y F.acq b=x", "10", Happens),
    ("MP with fence and acquire", "x=1 F.rel y=1 | a=y.acq b=x", "10", Forbidden),
    ("MP with release and fence", "x=1 y=1.rel | a=y F.acq b=x", "10", Forbidden),
    ("MP with the fences on the wrong side", "x=1 y=1 F.rel | F.acq a=y b=x", "10", Happens),
    ("MP with SeqCst", "x=1.sc y=1.sc | a=y.sc b=x.sc", "10", Forbidden),
    ("MP with SeqCst fences", "x=1 F.sc y=1 | a=y F.sc b=x", "10", Forbidden),
    ("MP with swaps", "x=1 a=y<1.rel | b=y<2.acq c=x", "0,10", Forbidden),
    ("MP through a failed exchange", "x=1 y=1.rel | a=y?0<2.rlx.acq b=x", "10", Forbidden),
    ("MP through a failed relaxed exchange", "x=1 y=1.rel | a=y?0<2.acq.rlx b=x", "10", Happens),
    ("MP of three", "x=1 y=1.rel | a=y.acq z=1.rel | b=z.acq c=x", "1,10", Forbidden),
    ("MP of three with a gap", "x=1 y=1.rel | a=y z=1.rel | b=z.acq c=x", "1,10", Happens),
    // Release sequences.
    ("a sequence goes on with an update", "x=1 y=1.rel | a=y<2 | b=y.acq c=x", "1,20", Forbidden),
    ("a sequence goes on with two updates", "x=1 y=1.rel b=y<3 | a=y<2 | c=y.acq d=x", "1,3,20", Forbidden),
    ("a sequence goes on with an exchange", "x=1 y=1.rel | a=y?1<2 | b=y.acq c=x", "1,20", Forbidden),
    ("a sequence does not go on where an exchange fails", "x=1 y=1.rel | a=y?1<2 y=3 | b=y.acq c=x", "1,30", Happens),
    ("a sequence is broken by another's store", "x=1 y=1.rel | y=2 | a=y.acq b=x", "20", Happens),
    ("a sequence is broken by the same thread's store", "x=1 y=1.rel y=2 | a=y.acq b=x", "20", Happens),
    ("an update behind a broken sequence", "x=1 y=1.rel y=2 a=y<3 | b=y.acq c=x", "2,30", Happens),
    ("a sequence that a fence begins", "x=1 F.rel y=1 | a=y<2 | b=y.acq c=x", "1,20", Forbidden),
    ("a fence that releases through a later store", "x=1 F.rel y=1 y=2 | a=y.acq b=x", "20", Forbidden),
    // Coherence: one atomic, one order.
    ("CoRR", "x=1 | a=x b=x", "10", Forbidden),
    ("CoRR of two readers", "x=1 | x=2 | a=x b=x | c=x d=x", "12,21", Forbidden),
    ("CoWW", "x=1 x=2 | a=x b=x", "21", Forbidden),
    ("CoWW, what is left", "x=1 x=2", "/1", Forbidden),
    ("CoWR", "x=1 a=x | x=2", "0", Forbidden),
    ("CoWR, another's store", "x=1 a=x | x=2", "2/1", Forbidden),
    ("CoRW", "a=x x=1 | x=2", "1", Forbidden),
    ("CoRW, what is left", "a=x x=1 | x=2", "2/2", Forbidden),
    ("coherence by happens-before", "x=1 y=1.rel | x=2 | a=y.acq b=x", "10", Forbidden),
    ("reads that happen before", "x=1 | a=x y=1.rel | b=y.acq c=x", "1,10", Forbidden),
    ("reads that do not happen before", "x=1 | a=x y=1 | b=y c=x", "1,10", Happens),
    ("a reader may lag behind", "x=1 x=2 | a=x b=x", "01", Happens),
    // Updates are one step.
    ("two swaps", "a=x<1 | b=x<2", "0,0", Forbidden),
    ("two exchanges", "a=x?0<1 | b=x?0<2", "0,0", Forbidden),
    ("an exchange fails by an old value", "x=1 x=0 | a=x?0<2", "1", Happens),
    ("an update reads the latest", "x=1 | a=x b=x<2 c=x", "010", Forbidden),
    // Independent reads of independent writes.
    ("IRIW", "x=1 | y=1 | a=x b=y | c=y d=x", "10,10", Happens),
    ("IRIW with release and acquire", "x=1.rel | y=1.rel | a=x.acq b=y.acq | c=y.acq d=x.acq", "10,10", Happens),
    ("IRIW with SeqCst", "x=1.sc | y=1.sc | a=x.sc b=y.sc | c=y.sc d=x.sc", "10,10", Forbidden),
    ("IRIW with SeqCst fences", "x=1 | y=1 | a=x F.sc b=y | c=y F.sc d=x", "10,10", Forbidden),
    ("IRIW with acquire-release fences", "x=1 | y=1 | a=x F.ar b=y | c=y F.ar d=x", "10,10", Happens),
    ("IRIW with SeqCst loads only", "x=1 | y=1 | a=x.sc b=y.sc | c=y.sc d=x.sc", "10,10", Forbidden),
    // Causality through a third thread.
    ("WRC", "x=1 | a=x y=1 | b=y c=x", "1,10", Happens),
    ("WRC with release and acquire", "x=1.rel | a=x.acq y=1.rel | b=y.acq c=x.acq", "1,10", Forbidden),
    ("RWC", "x=1 | a=x b=y | y=1 c=x", "10,0", Happens),
    ("RWC with SeqCst fences", "x=1 | a=x F.sc b=y | y=1 F.sc c=x", "10,0", Forbidden),
    ("R with SeqCst fences", "x=1 F.sc y=1 | y=2 F.sc a=x", "0/12", Forbidden),
    ("R", "x=1 y=1 | y=2 a=x", "0/12", Happens),
    ("Z6.U", "x=1.sc y=1.rel | a=y<2.sc b=y | y=3.sc c=x.sc", "13,0", Missed),
    // Load buffering: the standard's words let it happen, its repair does not.
    ("LB", "a=x y=1 | b=y x=1", "1,1", Forbidden),
    // Stores that would have to take effect in another order than they are carried out.
    ("2+2W", "x=1 y=2 | y=1 x=2", "/11", Missed),
    ("2+2W with SeqCst", "x=1.sc y=2.sc | y=1.sc x=2.sc", "/11", Forbidden),
    ("2+2W with SeqCst fences", "x=1 F.sc y=2 | y=1 F.sc x=2", "/11", Forbidden),
    ("S", "x=2 y=1 | a=y x=1", "1/21", Missed),
    ("S with release and acquire", "x=2 y=1.rel | a=y.acq x=1", "1/21", Forbidden),
];

fn is_meant(outcome: &Outcome, text: &str) -> bool {
    let told = outcome.to_string();
    let (read, _) = told.split_once('/').unwrap_or_default();
    told == text || read == text || told[read.len()..] == *text
}

/// Whether one of these outcomes is the one in question.
fn has(outcomes: &BTreeSet<Outcome>, text: &str) -> bool {
    outcomes.iter().any(|outcome| is_meant(outcome, text))
}

fn each_row(check: impl Fn(&Row, &Program)) {
    for row in ROWS {
        check(row, &Program::parse(row.1));
    }
}

#[test]
fn what_may_happen_does_and_nothing_else() {
    each_row(|(name, _, outcome, verdict), program| {
        let had = machine::outcomes(program);
        assert_eq!(has(&had, outcome), *verdict == Happens, "{name}");
    });
}

#[test]
fn seeds_show_all_that_may_happen_and_nothing_else() {
    each_row(|(name, ..), program| {
        let had: BTreeSet<Outcome> = (0..SEEDS)
            .map(|seed| machine::outcome(program, seed))
            .collect();
        assert_eq!(had, machine::outcomes(program), "{name}");
    });
}

#[test]
fn the_axioms_agree() {
    each_row(|(name, _, outcome, verdict), program| {
        let allowed = axioms::outcomes(program, Scope::Repaired);
        assert_eq!(has(&allowed, outcome), *verdict != Forbidden, "{name}");
        let followed = axioms::outcomes(program, Scope::Followed);
        assert_eq!(machine::outcomes(program), followed, "{name}");
    });
}

const READS: [Ordering; 3] = [Ordering::Relaxed, Ordering::Acquire, Ordering::SeqCst];
const WRITES: [Ordering; 3] = [Ordering::Relaxed, Ordering::Release, Ordering::SeqCst];
const BOTH: [Ordering; 5] = [
    Ordering::Relaxed,
    Ordering::Acquire,
    Ordering::Release,
    Ordering::AcqRel,
    Ordering::SeqCst,
];

fn any_step() -> impl Strategy<Value = Step> {
    let order = |orders: &'static [Ordering]| proptest::sample::select(orders);
    let place = 0..2_usize;
    prop_oneof![
        4 => (order(&WRITES), place.clone(), 1..3_u8)
            .prop_map(|(order, place, value)| Step { act: Act::Store(value), order, place }),
        4 => (order(&READS), place.clone())
            .prop_map(|(order, place)| Step { act: Act::Load, order, place }),
        1 => (order(&BOTH), place.clone(), 1..3_u8)
            .prop_map(|(order, place, value)| Step { act: Act::Swap(value), order, place }),
        1 => (order(&BOTH), order(&READS), place, 0..2_u8, 1..3_u8).prop_map(
            |(order, failure, place, from, to)| Step {
                act: Act::Exchange { from, to, failure },
                order,
                place,
            }
        ),
        2 => order(&BOTH[1..]).prop_map(|order| Step { act: Act::Fence, order, place: 0 }),
    ]
}

fn any_program() -> impl Strategy<Value = Program> {
    let thread = proptest::collection::vec(any_step(), 1..4);
    proptest::collection::vec(thread, 2..4)
        .prop_map(Program)
        .prop_filter("small enough", |program| program.len() <= 7)
}

proptest! {
    #[test]
    fn the_engine_has_the_outcomes_of_the_axioms(program in any_program()) {
        let had = machine::outcomes(&program);
        prop_assert!(had.is_subset(&axioms::outcomes(&program, Scope::Repaired)));
        prop_assert_eq!(had, axioms::outcomes(&program, Scope::Followed));
    }
}
