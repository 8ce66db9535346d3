//! Happens-before of atomics and fences as the standard's words define it (C++20, 6.9.2.1 and 32.4), edge by edge: the slow
//! and obvious oracle for what [`crate::location`] and [`crate::local`] compute as they go. A load reads the last value that was
//! written before it in the trace.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert_eq, prop_oneof, proptest};

use crate::event::{Event, Op};
use crate::happens_before::HappensBefore;
use crate::location::{acquires, releases};
use crate::shadow::Order;

/// For each event, all that happens before it.
fn before(events: &[Event]) -> Vec<BTreeSet<usize>> {
    let mut before: Vec<BTreeSet<usize>> = Vec::new();
    for later in 0..events.len() {
        let mut mine = BTreeSet::new();
        for earlier in 0..later {
            let is_own = events[earlier].thread == events[later].thread;
            if is_own || synchronizes(events, earlier, later) {
                mine.extend(before[earlier].iter().copied());
                mine.insert(earlier);
            }
        }
        before.push(mine);
    }
    before
}

/// Whether one event synchronizes with another.
fn synchronizes(events: &[Event], source: usize, sink: usize) -> bool {
    let writes = published(events, source);
    let reads = taken(events, sink);
    let pairs = writes
        .iter()
        .flat_map(|&write| reads.iter().map(move |&read| (write, read)));
    pairs.into_iter().any(|(write, read)| {
        let from = read_from(events, read);
        from.is_some_and(|from| sequence(events, write).contains(&from))
    })
}

/// The writes that head a release sequence on behalf of this event: a release write itself, or those after a release fence.
fn published(events: &[Event], source: usize) -> Vec<usize> {
    match events[source].op {
        Op::Store(_, order) | Op::Update(_, order) if releases(order) => vec![source],
        Op::Fence(order) if releases(order) => {
            let after = source + 1..events.len();
            let own = after.filter(|&at| events[at].thread == events[source].thread);
            own.filter(|&at| matches!(events[at].op, Op::Store(..) | Op::Update(..)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The reads that acquire on behalf of this event: an acquire read itself, or those before an acquire fence.
fn taken(events: &[Event], sink: usize) -> Vec<usize> {
    match events[sink].op {
        Op::Load(_, order) | Op::Update(_, order) if acquires(order) => vec![sink],
        Op::Fence(order) if acquires(order) => {
            let own = (0..sink).filter(|&at| events[at].thread == events[sink].thread);
            own.filter(|&at| matches!(events[at].op, Op::Load(..) | Op::Update(..)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The atomic that an event writes.
fn written(event: &Event) -> Option<u32> {
    match event.op {
        Op::Store(atomic, _) | Op::Update(atomic, _) => Some(atomic),
        _ => None,
    }
}

/// The write that a read reads from.
fn read_from(events: &[Event], read: usize) -> Option<usize> {
    let (Op::Load(atomic, _) | Op::Update(atomic, _)) = events[read].op else {
        return None;
    };
    (0..read).rfind(|&at| written(&events[at]) == Some(atomic))
}

/// The release sequence that a write heads: itself, and the read-modify-writes that follow without another write between.
fn sequence(events: &[Event], head: usize) -> Vec<usize> {
    let atomic = written(&events[head]);
    let after = head + 1..events.len();
    let writes = after.filter(|&at| written(&events[at]) == atomic);
    let goes_on = writes.take_while(|&at| matches!(events[at].op, Op::Update(..)));
    std::iter::once(head).chain(goes_on).collect()
}

/// The events that race with an earlier one.
fn racy(events: &[Event]) -> BTreeSet<u64> {
    let before = before(events);
    let conflict = |earlier: usize, later: usize| match (events[earlier].op, events[later].op) {
        (Op::Write(a), Op::Read(b) | Op::Write(b)) | (Op::Read(a), Op::Write(b)) => a == b,
        _ => false,
    };
    let races = |later: usize| {
        (0..later).any(|earlier| {
            let is_own = events[earlier].thread == events[later].thread;
            !is_own && conflict(earlier, later) && !before[later].contains(&earlier)
        })
    };
    let later = (0..events.len()).filter(|&later| races(later));
    later.map(|later| events[later].line).collect()
}

fn told(events: &[Event]) -> BTreeSet<u64> {
    let mut engine = HappensBefore::new(Order::HappensBefore);
    let mut told = BTreeSet::new();
    for event in events {
        engine.observe(event, |race| _ = told.insert(race.later.site.line));
    }
    told
}

fn traces() -> impl Strategy<Value = Vec<Event>> {
    use Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
    let one_of = |orders: &'static [Ordering]| (0..orders.len()).prop_map(move |at| orders[at]);
    let atomic = || 0..2_u32;
    let op = prop_oneof![
        2 => (0..2_u32).prop_map(Op::Read),
        2 => (0..2_u32).prop_map(Op::Write),
        3 => (atomic(), one_of(&[Relaxed, Acquire, SeqCst])).prop_map(|(atomic, order)| Op::Load(atomic, order)),
        3 => (atomic(), one_of(&[Relaxed, Release, SeqCst])).prop_map(|(atomic, order)| Op::Store(atomic, order)),
        3 => (atomic(), one_of(&[Relaxed, Acquire, Release, AcqRel, SeqCst]))
            .prop_map(|(atomic, order)| Op::Update(atomic, order)),
        2 => one_of(&[Acquire, Release, AcqRel, SeqCst]).prop_map(Op::Fence),
        1 => Just(Op::Fence(SeqCst)),
    ];
    let made = vec((0..3_u32, op), 0..22);
    made.prop_map(|steps| {
        let numbered = steps.into_iter().zip(1_u32..);
        let event = |((thread, op), line)| Event::new(thread, op, line, u64::from(line));
        numbered.map(event).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn atomics_order_as_the_standard_says(events in traces()) {
        prop_assert_eq!(told(&events), racy(&events), "{:#?}", events);
    }
}
