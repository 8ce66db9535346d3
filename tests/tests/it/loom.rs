//! Litmus tests under unsnarl and under loom, each exhausted: both see the same. Only where loom is right: it takes `SeqCst`
//! accesses for `AcqRel`, so that there are none here. Two threads each, since with three it takes half a minute.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

/// All that the threads of a program have read.
type Outcomes = BTreeSet<Vec<usize>>;

/// Defines programs twice, on unsnarl's types and on loom's: each a name, and what its threads do with two atomics.
macro_rules! litmus {
    ($($name:literal: $($body:expr),+;)*) => {
        mod ours {
            use super::{AcqRel, Acquire, Relaxed, Release, SeqCst};
            use unsnarl::sync::atomic::{AtomicUsize, fence};

            pub(super) type Body = fn(&[AtomicUsize; 2]) -> usize;
            pub(super) const PROGRAMS: &[(&str, &[Body])] = &[$(($name, &[$($body),+])),*];
        }
        mod theirs {
            use super::{AcqRel, Acquire, Relaxed, Release, SeqCst};
            use loom::sync::atomic::{AtomicUsize, fence};

            pub(super) type Body = fn(&[AtomicUsize; 2]) -> usize;
            pub(super) const PROGRAMS: &[(&str, &[Body])] = &[$(($name, &[$($body),+])),*];
        }
    };
}

litmus! {
    "store buffering":
        |[x, y]| { x.store(1, Relaxed); y.load(Relaxed) },
        |[x, y]| { y.store(1, Relaxed); x.load(Relaxed) };
    "store buffering with release and acquire":
        |[x, y]| { x.store(1, Release); y.load(Acquire) },
        |[x, y]| { y.store(1, Release); x.load(Acquire) };
    "store buffering with fences":
        |[x, y]| { x.store(1, Relaxed); fence(SeqCst); y.load(Relaxed) },
        |[x, y]| { y.store(1, Relaxed); fence(SeqCst); x.load(Relaxed) };
    "message passing":
        |[x, y]| { x.store(1, Relaxed); y.store(1, Relaxed); 0 },
        |[x, y]| 10 * y.load(Relaxed) + x.load(Relaxed);
    "message passing with release and acquire":
        |[x, y]| { x.store(1, Relaxed); y.store(1, Release); 0 },
        |[x, y]| 10 * y.load(Acquire) + x.load(Relaxed);
    "message passing with release only":
        |[x, y]| { x.store(1, Relaxed); y.store(1, Release); 0 },
        |[x, y]| 10 * y.load(Relaxed) + x.load(Relaxed);
    "message passing with fences":
        |[x, y]| { x.store(1, Relaxed); fence(Release); y.store(1, Relaxed); 0 },
        |[x, y]| { let seen = y.load(Relaxed); fence(Acquire); 10 * seen + x.load(Relaxed) };
    "coherence":
        |[x, _]| { x.store(1, Relaxed); x.store(2, Relaxed); 0 },
        |[x, _]| 10 * x.load(Relaxed) + x.load(Relaxed);
    "updates":
        |[x, _]| x.fetch_add(1, AcqRel),
        |[x, _]| 10 * x.fetch_add(1, AcqRel) + x.load(Acquire);
}

fn ours(bodies: &[ours::Body]) -> Outcomes {
    use unsnarl::sync::atomic::AtomicUsize;
    let seen = Mutex::new(Outcomes::new());
    let explorer = unsnarl::Explorer::new().strategy("dpor").schedules(500_000);
    let exploration = explorer.run(|| {
        let atomics = &<[AtomicUsize; 2]>::default();
        let read = unsnarl::thread::scope(|scope| {
            let bodies = bodies.iter();
            let threads: Vec<_> = bodies.map(|body| scope.spawn(|| body(atomics))).collect();
            let read = threads.into_iter().map(|thread| thread.join().unwrap());
            read.collect()
        });
        seen.lock().unwrap().insert(read);
    });
    assert!(exploration.exhausted, "{exploration}");
    seen.into_inner().unwrap()
}

fn theirs(bodies: &'static [theirs::Body]) -> Outcomes {
    use loom::sync::Arc;
    use loom::sync::atomic::AtomicUsize;
    let seen = std::sync::Arc::new(Mutex::new(Outcomes::new()));
    let told = std::sync::Arc::clone(&seen);
    loom::model(move || {
        let atomics = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let spawn = |body: &'static theirs::Body| {
            let atomics = Arc::clone(&atomics);
            loom::thread::spawn(move || body(&atomics))
        };
        let threads: Vec<_> = bodies.iter().map(spawn).collect();
        let read = threads.into_iter().map(|thread| thread.join().unwrap());
        told.lock().unwrap().insert(read.collect());
    });
    std::mem::take(&mut *seen.lock().unwrap())
}

#[test]
fn loom_sees_the_same() {
    for ((name, one), (_, other)) in ours::PROGRAMS.iter().zip(theirs::PROGRAMS) {
        assert_eq!(ours(one), theirs(other), "{name}");
    }
}
