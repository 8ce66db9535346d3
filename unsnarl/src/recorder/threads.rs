//! Threads: who they are, who started them, and when they end.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use lockgraph::order::Who;
use model::clock::Segment;
use model::id::{LockId, ThreadId};

use super::learn::{self, enter};
use super::root::Root;
use super::{Life, ending, fresh_id, waits, with};

/// A thread as the recorder knows it.
pub(super) struct Identity {
    pub(super) id: ThreadId,
    pub(super) who: Who,
    /// Its place in the order of forks and joins.
    pub(super) segment: Segment,
    /// What it waits on when it is parked.
    pub(super) park: LockId,
    /// Where its last segment goes when it ends.
    last: Option<Arc<OnceLock<Segment>>>,
}

/// A thread about to be started, or started, by a watched one.
#[derive(Clone, Debug)]
pub(crate) struct Child(Option<Arc<Planned>>);

#[derive(Debug)]
struct Planned {
    id: ThreadId,
    who: Who,
    first: Segment,
    last: Arc<OnceLock<Segment>>,
}

/// The next number of a thread.
static NEXT_THREAD: AtomicU32 = AtomicU32::new(1);

fn fresh_thread() -> ThreadId {
    // Relaxed: numbers only need to be different.
    ThreadId(NEXT_THREAD.fetch_add(1, Ordering::Relaxed))
}

/// How many threads have used a watched object.
pub(super) fn count() -> u64 {
    // Relaxed: a figure for the report.
    u64::from(NEXT_THREAD.load(Ordering::Relaxed) - 1)
}

/// Makes a thread known that nobody watched start.
pub(super) fn introduce() -> Identity {
    ending::at_first_use();
    let id = fresh_thread();
    let current = std::thread::current();
    let name: Arc<str> = current
        .name()
        .map_or_else(|| Arc::from(id.to_string()), Arc::from);
    let who = Who {
        thread: Arc::clone(&name),
        test: name,
    };
    waits::begin(id, who.clone());
    waits::seat(id, Some(Root::of_this_thread()));
    notice_end();
    Identity {
        id,
        who,
        segment: Segment::root(id),
        park: fresh_id(),
        last: None,
    }
}

/// Plans a thread that the current one is about to start.
pub(crate) fn fork(name: Option<&str>) -> Child {
    let Some(mut inside) = enter() else {
        return Child(None);
    };
    let id = fresh_thread();
    let first = inside.identity_mut().segment.fork(id);
    let segment = inside.identity().segment.number();
    inside.held.turn(segment);
    let thread = name.map_or_else(|| Arc::from(id.to_string()), Arc::from);
    let who = Who {
        thread,
        test: Arc::clone(&inside.identity().who.test),
    };
    waits::begin(id, who.clone());
    Child(Some(Arc::new(Planned {
        id,
        who,
        first,
        last: Arc::default(),
    })))
}

impl Child {
    /// The thread's number.
    pub(crate) fn id(&self) -> Option<ThreadId> {
        self.0.as_ref().map(|planned| planned.id)
    }

    /// The current thread is the planned one, and begins.
    pub(crate) fn begin(&self) {
        let Some(planned) = &self.0 else { return };
        let identity = Identity {
            id: planned.id,
            who: planned.who.clone(),
            segment: planned.first.clone(),
            park: fresh_id(),
            last: Some(Arc::clone(&planned.last)),
        };
        waits::seat(planned.id, None);
        with(|thread| {
            thread.life = Life::Recording;
            thread.identity = Some(Box::new(identity));
        });
        notice_end();
    }

    /// The thread could not be started.
    pub(crate) fn unborn(&self) {
        if let Some(planned) = &self.0 {
            waits::end(planned.id, &[]);
        }
    }

    /// The thread has ended, and the current one knows.
    pub(crate) fn joined(&self) {
        let (Some(planned), Some(mut inside)) = (&self.0, enter()) else {
            return;
        };
        let last = planned.last.get().unwrap_or(&planned.first);
        inside.identity_mut().segment.join(last);
        let segment = inside.identity().segment.number();
        inside.held.turn(segment);
    }

    /// The thread's own code has ended; its thread-locals are still to be destroyed.
    pub(crate) fn finish(&self) {
        let Some(inside) = enter() else { return };
        if let Some(last) = &inside.identity().last {
            // A thread finishes once; a second value would be the same.
            let _ = last.set(inside.identity().segment.clone());
        }
    }
}

/// Tells the engines when the thread's thread-locals are destroyed.
struct End;

thread_local! {
    static END: End = const { End };
}

/// Asks to be told of the end of the current thread.
fn notice_end() {
    // In a thread whose thread-locals are gone already, its end is not seen, and it counts as one that runs.
    let _ = END.try_with(|_| ());
}

impl Drop for End {
    fn drop(&mut self) {
        let Some(inside) = enter() else { return };
        let retired = with(|thread| std::mem::take(&mut thread.retired));
        learn::tell_retired(&retired);
        waits::end(inside.identity().id, inside.held.held());
        drop(inside);
        let rest = with(|thread| {
            thread.life = Life::Over;
            (std::mem::take(&mut thread.held), thread.identity.take())
        });
        drop(rest);
    }
}
