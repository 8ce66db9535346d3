//! What one thread, or task, knows: what it asks for, holds, and was blocked by.

use model::id::LockId;
use model::site::Caller;

use crate::sample::{Held, Nanos, Use};

/// So many holds at most are kept: those of guards that went to somebody else never end here.
const MOST: usize = 256;

/// A thread's, or task's, own half.
#[derive(Debug, Default)]
pub struct Local {
    asked: Option<Asked>,
    holds: Vec<Hold>,
    /// How long it has waited for others, and slept, since its beginning.
    waited: Nanos,
    slept: Nanos,
    slept_at: Option<Caller>,
    suspended: Option<Nanos>,
}

/// A lock that was asked for, and is not had yet.
#[derive(Clone, Copy, Debug)]
struct Asked {
    lock: LockId,
    at: Use,
    /// Since when it is waited for.
    contended: Option<Nanos>,
}

#[derive(Clone, Copy, Debug)]
struct Hold {
    lock: LockId,
    at: Use,
    wait: Option<Nanos>,
    since: Nanos,
    /// What [`Local`] had waited and slept then.
    waited: Nanos,
    slept: Nanos,
}

impl Local {
    /// A thread that has done nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            asked: None,
            holds: Vec::new(),
            waited: 0,
            slept: 0,
            slept_at: None,
            suspended: None,
        }
    }

    /// It asks for a lock.
    pub fn ask(&mut self, lock: LockId, at: Use) {
        self.asked = Some(Asked {
            lock,
            at,
            contended: None,
        });
    }

    /// Somebody else has what it asks for.
    pub fn contend(&mut self, now: Nanos) {
        if let Some(asked) = &mut self.asked {
            asked.contended.get_or_insert(now);
        }
    }

    /// It has a lock.
    pub fn enter(&mut self, lock: LockId, now: Nanos) {
        let Some(asked) = self.asked.take_if(|asked| asked.lock == lock) else {
            return;
        };
        if self.holds.len() >= MOST {
            self.holds.remove(0);
        }
        self.holds.push(Hold {
            lock,
            at: asked.at,
            wait: asked.contended.map(|since| now.saturating_sub(since)),
            since: now,
            waited: self.waited,
            slept: self.slept,
        });
    }

    /// It gives a lock back. `is_wanted`: somebody waits for it.
    pub fn leave(&mut self, lock: LockId, is_wanted: bool, now: Nanos) -> Option<Held> {
        let place = self.holds.iter().rposition(|hold| hold.lock == lock)?;
        let hold = self.holds.remove(place);
        let slept = self.slept.saturating_sub(hold.slept);
        Some(Held {
            lock,
            at: hold.at,
            wait: hold.wait,
            span: (hold.since, now.max(hold.since)),
            waited: self.waited.saturating_sub(hold.waited),
            slept,
            slept_at: self.slept_at.filter(|_| slept > 0),
            is_wanted,
        })
    }

    /// How long it has held this lock by now, if it does, and for how much of that nothing that is watched blocked it.
    #[must_use]
    pub fn holds(&self, lock: LockId, now: Nanos) -> Option<Nanos> {
        let hold = self.holds.iter().rfind(|hold| hold.lock == lock)?;
        let blocked = (self.waited - hold.waited).saturating_add(self.slept - hold.slept);
        Some(now.saturating_sub(hold.since).saturating_sub(blocked))
    }

    /// It has waited for other threads or tasks, for so long.
    pub fn wait(&mut self, time: Nanos) {
        self.waited = self.waited.saturating_add(time);
    }

    /// It has slept, there if that is known, for so long.
    pub fn sleep(&mut self, site: Option<Caller>, time: Nanos) {
        self.slept = self.slept.saturating_add(time);
        self.slept_at = site;
    }

    /// It is a task that is suspended.
    pub fn suspend(&mut self, now: Nanos) {
        self.suspended = Some(now);
    }

    /// It is a task that goes on. `waited`: it was suspended only until others did something; `site`: where.
    pub fn resume(&mut self, waited: bool, site: Option<Caller>, now: Nanos) {
        let Some(since) = self.suspended.take() else {
            return;
        };
        let time = now.saturating_sub(since);
        if waited {
            self.wait(time);
        } else {
            self.sleep(site, time);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use model::event::Mode;
    use model::id::LockId;
    use model::kind::Kind;
    use model::site::Origin;

    use super::Local;
    use crate::sample::Use;

    const A: LockId = LockId(1);
    const B: LockId = LockId(2);

    #[track_caller]
    fn here() -> Use {
        let site = Location::caller();
        Use::new(Origin::Named("x"), Kind::Mutex, site, Mode::Exclusive)
    }

    #[test]
    fn an_acquisition_is_told_when_it_ends() {
        let mut local = Local::new();
        local.ask(A, here());
        local.contend(10);
        local.enter(A, 15);
        local.ask(B, here());
        local.enter(B, 20);
        local.wait(3);
        local.sleep(Some(Location::caller()), 4);
        let a = local.leave(A, true, 40).unwrap();
        assert_eq!((a.wait, a.span, a.is_wanted), (Some(5), (15, 40), true));
        assert_eq!((a.waited, a.slept), (3, 4));
        local.sleep(None, 2);
        let b = local.leave(B, false, 50).unwrap();
        assert_eq!((b.wait, b.span, b.slept), (None, (20, 50), 6));
        assert!(local.leave(B, false, 60).is_none());
    }

    #[test]
    fn a_clock_that_jumps_back_makes_no_time() {
        let mut local = Local::new();
        local.ask(A, here());
        local.contend(100);
        local.enter(A, 50);
        let held = local.leave(A, false, 20).unwrap();
        assert_eq!((held.wait, held.span), (Some(0), (50, 50)));
    }

    #[test]
    fn what_was_asked_for_in_vain_is_forgotten() {
        let mut local = Local::new();
        local.ask(A, here());
        local.ask(B, here());
        local.enter(A, 1);
        assert!(local.leave(A, false, 2).is_none());
    }

    #[test]
    fn guards_that_never_come_back_do_not_fill_memory() {
        let mut local = Local::new();
        for id in 1..10_000 {
            local.ask(LockId(id), here());
            local.enter(LockId(id), 1);
        }
        assert_eq!(local.holds.len(), super::MOST);
    }

    #[test]
    fn a_suspended_task_waits_or_sleeps() {
        let mut local = Local::new();
        local.ask(A, here());
        local.enter(A, 0);
        local.suspend(10);
        local.resume(true, None, 15);
        local.suspend(20);
        local.resume(false, None, 27);
        local.resume(false, None, 90);
        let held = local.leave(A, false, 100).unwrap();
        assert_eq!((held.waited, held.slept), (5, 7));
    }
}
