//! Threads that watched threads start: planned, begun, ended, joined.

use std::panic::Location;
use std::sync::{Arc, OnceLock};

use lockgraph::order::Who;
use model::clock::Segment;
use model::id::ThreadId;
use model::site::Caller;

use super::inside::enter;
use super::profile::{self, Being};
use super::races::lives::Start;
use super::seats::seats;
use super::state::{Identity, Life, fresh_id, fresh_thread, step_in, with};
use super::{end, leaks, noise, races};

/// A thread about to be started, or started, by a watched one.
#[derive(Clone, Debug)]
pub struct Child(Option<Arc<Planned>>);

#[derive(Debug)]
struct Planned {
    id: ThreadId,
    who: Who,
    first: Segment,
    last: Arc<OnceLock<Segment>>,
    /// By which number noise knows it.
    course: u64,
    start: Start,
}

/// Plans a thread that the current one is about to start.
#[track_caller]
pub(crate) fn fork(name: Option<&str>) -> Child {
    plan(name, false, Location::caller())
}

/// Plans a task that the current thread, or task, is about to spawn there.
#[cfg(feature = "tasks")]
pub(super) fn fork_task(site: Caller) -> Child {
    plan(None, true, site)
}

fn plan(name: Option<&str>, is_task: bool, site: Caller) -> Child {
    // The thread is made known, if it was not.
    let parent = enter().map(|inside| inside.identity().start.clone());
    let start = races::lives::fork(&parent.unwrap_or_default(), Some(site));
    let Some(mut inside) = enter() else {
        return Child(None);
    };
    let id = fresh_thread();
    let first = inside.identity_mut().segment.fork(id);
    let segment = inside.identity().segment.number();
    inside.held.turn(segment);
    let thread = name.map_or_else(|| Arc::from(id.to_string()), Arc::from);
    let who = Who {
        is_task,
        // A task runs wherever the runtime likes, until that is known better.
        host: (!is_task).then_some(id),
        ..Who::new(thread, Arc::clone(&inside.identity().who.test))
    };
    seats().graph.begin(id, who.clone());
    leaks::starts(id, inside.identity().id, who.clone(), site);
    drop(inside);
    races::tape::forked(id, site);
    Child(Some(Arc::new(Planned {
        id,
        who,
        first,
        last: Arc::default(),
        course: noise::child(),
        start,
    })))
}

impl Planned {
    fn identity(&self) -> Identity {
        Identity {
            id: self.id,
            who: self.who.clone(),
            family: Arc::clone(&self.who.test),
            segment: self.first.clone(),
            park: fresh_id(),
            last: Some(Arc::clone(&self.last)),
            start: self.start.clone(),
        }
    }
}

impl Child {
    /// The thread's number.
    pub(crate) fn id(&self) -> Option<ThreadId> {
        self.0.as_ref().map(|planned| planned.id)
    }

    /// Where it was started.
    #[cfg(feature = "tasks")]
    pub(super) fn site(&self) -> Option<Caller> {
        self.0.as_ref()?.start.site()
    }

    /// The current thread is the planned one, and begins.
    pub(crate) fn begin(&self) {
        let Some(planned) = &self.0 else { return };
        seats().sit(planned.id, None);
        with(|thread| {
            thread.life = Life::Recording;
            thread.identity = Some(Box::new(planned.identity()));
        });
        end::notice();
        if let Some(_inside) = step_in() {
            profile::begin(Being::Thread, planned.start.site());
        }
        noise::begin(planned.course);
    }

    /// Who it is, and under which number noise knows it.
    #[cfg(feature = "tasks")]
    pub(super) fn identity(&self) -> Option<(Identity, u64)> {
        let planned = self.0.as_ref()?;
        Some((planned.identity(), planned.course))
    }

    /// The thread could not be started.
    pub(crate) fn unborn(&self) {
        if let Some(planned) = &self.0 {
            let _ = seats().graph.end(planned.id, &[]);
            leaks::ended(planned.id);
        }
    }

    /// The thread has ended, and the current one knows.
    pub fn joined(&self) {
        let Some(planned) = &self.0 else { return };
        planned.start.joined();
        races::tape::joined(planned.id);
        let Some(mut inside) = enter() else { return };
        let last = planned.last.get().unwrap_or(&planned.first);
        inside.identity_mut().segment.join(last);
        let segment = inside.identity().segment.number();
        inside.held.turn(segment);
    }

    /// The thread's own code has ended; its thread-locals are still to be destroyed.
    pub(crate) fn finish(&self) {
        races::lives::finish();
        if let Some(planned) = &self.0 {
            leaks::ends_here(planned.id);
        }
        let Some(inside) = enter() else { return };
        if let Some(last) = &inside.identity().last {
            // A thread finishes once; a second value would be the same.
            let _ = last.set(inside.identity().segment.clone());
        }
    }
}
