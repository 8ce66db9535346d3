//! The end of a thread: noticed when its thread-locals are destroyed.

use super::profile::{self, Being};
use super::seats::seats;
use super::state::{Life, step_in, with};
use super::{alarm, engines, races};

/// Tells the engines when it is destroyed.
struct End;

thread_local! {
    static END: End = const { End };
}

/// Asks to be told of the end of the current thread.
pub(super) fn notice() {
    // In a thread whose thread-locals are gone already, its end is not seen, and it counts as one that runs.
    let _ = END.try_with(|_| ());
}

impl Drop for End {
    fn drop(&mut self) {
        races::lives::end();
        let Some(inside) = step_in() else { return };
        let retired = with(|thread| std::mem::take(&mut thread.retired));
        engines::retire(&retired);
        let thread = inside.identity().id;
        profile::end(Being::Thread, inside.identity().start.site());
        let mut seats = seats();
        seats.leave(thread);
        let needs_look = seats.graph.end(thread, inside.held.held());
        drop(seats);
        if needs_look {
            alarm::ring();
        }
        drop(inside);
        let rest = with(|thread| {
            thread.life = Life::Over;
            (std::mem::take(&mut thread.held), thread.identity.take())
        });
        drop(rest);
    }
}
