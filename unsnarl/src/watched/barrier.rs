//! `std::sync::Barrier`, watched.

use std::fmt;
use std::panic::Location;

use lockgraph::wait::need::{Deed, Need};
use model::kind::Kind;
use model::site::Caller;
use stress::point::Deed as Act;

use super::room::Room;
use super::tag::Tag;
use crate::recorder::waits;

/// The watched form of [`std::sync::Barrier`].
///
/// ```
/// use unsnarl::sync::Barrier;
/// use unsnarl::thread;
///
/// let barrier = Barrier::new(2);
/// thread::scope(|scope| {
///     scope.spawn(|| barrier.wait());
///     barrier.wait();
/// });
/// ```
// The standard library's would wait where nobody can be told of a hang, so this one has its own, made in the same way.
pub struct Barrier {
    tag: Tag,
    room: Room<Round>,
    parties: usize,
}

/// The threads that have come, since all last went on.
struct Round {
    number: usize,
    arrived: usize,
}

/// The watched form of [`std::sync::BarrierWaitResult`].
pub struct BarrierWaitResult {
    is_leader: bool,
}

impl Barrier {
    /// A barrier for `n` threads. See [`std::sync::Barrier::new`].
    #[inline]
    #[must_use]
    #[track_caller]
    pub const fn new(n: usize) -> Self {
        Self {
            tag: Tag::new(Kind::Barrier, Location::caller()),
            room: Room::new(Round {
                number: 0,
                arrived: 0,
            }),
            parties: n,
        }
    }

    /// Waits until all threads are here. See [`std::sync::Barrier::wait`].
    ///
    /// # Panics
    ///
    /// If the thread would wait for ever; it then counts as not here.
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        controlled! { crate::controlled::room::touch(self.tag.target(), Location::caller()); }
        self.tag.disturb(Act::Take);
        self.tag.giving();
        let mut round = self.room.state();
        round.arrived += 1;
        let is_leader = round.arrived >= self.parties;
        if is_leader {
            round.arrived = 0;
            round.number = round.number.wrapping_add(1);
            self.room.changed(round, &self.tag);
        } else {
            let number = round.number;
            drop(round);
            self.wait_for_the_others(number, Location::caller());
        }
        self.tag.received();
        BarrierWaitResult { is_leader }
    }

    #[track_caller]
    fn wait_for_the_others(&self, number: usize, site: Caller) {
        let _arrival = Arrival {
            room: &self.room,
            number,
        };
        let need = Need::Anyone(Deed::Arrive);
        let waiting = waits::wait(self.tag.target(), need, site, self.room.poke());
        self.room
            .sleep_until(waiting, &|round| round.number != number);
    }
}

/// Takes an arrival back if the thread leaves, with a panic, before all were there.
struct Arrival<'a> {
    room: &'a Room<Round>,
    number: usize,
}

impl Drop for Arrival<'_> {
    fn drop(&mut self) {
        let mut round = self.room.state();
        if round.number == self.number {
            round.arrived -= 1;
        }
    }
}

impl BarrierWaitResult {
    /// Whether this thread is the one that came last. See [`std::sync::BarrierWaitResult::is_leader`].
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.is_leader
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier").finish_non_exhaustive()
    }
}

impl fmt::Debug for BarrierWaitResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BarrierWaitResult")
            .field("is_leader", &self.is_leader)
            .finish()
    }
}
