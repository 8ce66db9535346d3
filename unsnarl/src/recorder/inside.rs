//! The way into the recorder, and the introduction of threads that nobody watched start.

use std::sync::Arc;

use lockgraph::order::Who;
use model::clock::Segment;

use super::options::options;
use super::profile::{self, Being};
use super::races::lives::Start;
use super::root::Root;
use super::seats::seats;
use super::state::{Identity, Inside, Life, fresh_id, fresh_thread, step_in, with};
use super::{end, ending, sessions};

/// Enters the recorder, unless the thread is in it already, is at its end, or all engines are off. The first time, it
/// makes the thread known.
pub(super) fn enter() -> Option<Inside> {
    if with(|thread| thread.life == Life::Fresh) {
        first_use();
    }
    step_in()
}

fn first_use() {
    with(|thread| thread.life = Life::Busy);
    let identity = (!options().is_off).then(|| Box::new(introduce()));
    with(|thread| {
        thread.life = if identity.is_some() {
            Life::Recording
        } else {
            Life::Over
        };
        thread.identity = identity;
    });
}

fn introduce() -> Identity {
    ending::at_first_use();
    let id = fresh_thread();
    let current = std::thread::current();
    let name: Arc<str> = current
        .name()
        .map_or_else(|| Arc::from(id.to_string()), Arc::from);
    let session = sessions::current();
    let runs_test = session.is_some();
    let test = session.unwrap_or_else(|| Arc::clone(&name));
    let who = Who {
        host: Some(id),
        ..Who::new(Arc::clone(&name), test)
    };
    let root = Root::of_this_thread();
    let mut seats = seats();
    seats.graph.begin(id, who.clone());
    seats.sit(id, Some(root));
    seats.set_runs_test(id, runs_test);
    drop(seats);
    end::notice();
    profile::begin(Being::Thread, None);
    Identity {
        id,
        who,
        family: name,
        segment: Segment::root(id),
        park: fresh_id(),
        last: None,
        start: Start::default(),
    }
}
