//! What one thread, or task, knows: what it asks for, holds, and was blocked by.

use model::id::LockId;
use model::site::Caller;

use crate::sample::{Held, Nanos, Spot, Use};

/// So many holds at most are kept: those of guards that went to somebody else never end here.
const MOST: usize = 256;
/// How many acquisitions at a place are looked at closely after a long one: that takes longer than they do.
const LOOKS: u32 = 16;

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
    /// Where a lock was held for long, for a reason that is not known, and how many times more that is looked at.
    suspects: Vec<(Spot, u32)>,
}

/// How long the thread ran so far, or was ready to; `None` where that is not known. Slow to tell.
pub type Awake = fn() -> Option<Nanos>;

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
    /// How long the thread had been awake then, if that is looked at.
    awake: Option<Nanos>,
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
            suspects: Vec::new(),
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

    /// Whether it asks for this lock.
    #[must_use]
    pub fn asks(&self, lock: LockId) -> bool {
        self.asked.is_some_and(|asked| asked.lock == lock)
    }

    /// Somebody else has what it asks for.
    pub fn contend(&mut self, now: Nanos) {
        if let Some(asked) = &mut self.asked {
            asked.contended.get_or_insert(now);
        }
    }

    /// It has a lock.
    pub fn enter(&mut self, lock: LockId, now: Nanos, awake: Awake) {
        let Some(asked) = self.asked.take_if(|asked| asked.lock == lock) else {
            return;
        };
        if self.holds.len() >= MOST {
            self.holds.remove(0);
        }
        let is_suspect = self.is_suspect(asked.at.spot());
        self.holds.push(Hold {
            lock,
            at: asked.at,
            wait: asked.contended.map(|since| now.saturating_sub(since)),
            since: now,
            awake: is_suspect.then(awake).flatten(),
            waited: self.waited,
            slept: self.slept,
        });
    }

    /// It gives a lock back. `is_wanted`: somebody waits for it; `patience`: from where on a hold is long.
    pub fn leave(
        &mut self,
        lock: LockId,
        is_wanted: bool,
        now: Nanos,
        patience: Nanos,
        awake: Awake,
    ) -> Option<Held> {
        let place = self.holds.iter().rposition(|hold| hold.lock == lock)?;
        let hold = self.holds.remove(place);
        let time = now.saturating_sub(hold.since);
        let waited = self.waited.saturating_sub(hold.waited);
        let mut slept = self.slept.saturating_sub(hold.slept);
        let slept_at = self.slept_at.filter(|_| slept > 0);
        let known = waited.saturating_add(slept);
        if time.saturating_sub(known) >= patience.max(1) && !hold.at.suspends() {
            slept = slept.saturating_add(self.unseen(&hold, time, known, awake));
        }
        Some(Held {
            lock,
            at: hold.at,
            wait: hold.wait,
            span: (hold.since, hold.since.saturating_add(time)),
            waited,
            slept,
            slept_at,
            is_wanted,
        })
    }

    /// Whether a hold at this place is to be looked at.
    fn is_suspect(&mut self, spot: Spot) -> bool {
        let mut suspects = self.suspects.iter_mut();
        let Some((_, looks)) = suspects.find(|(known, _)| *known == spot) else {
            return false;
        };
        *looks -= 1;
        self.suspects.retain(|(_, looks)| *looks > 0);
        true
    }

    /// For how long it neither ran nor was ready to, while it held a lock for this time, beyond what is known of. That is
    /// looked at where a hold before, one of the last few at the place, was long as well.
    fn unseen(&mut self, hold: &Hold, time: Nanos, known: Nanos, awake: Awake) -> Nanos {
        self.suspects.retain(|(spot, _)| *spot != hold.at.spot());
        self.suspects.push((hold.at.spot(), LOOKS));
        let (Some(before), Some(after)) = (hold.awake, hold.awake.and_then(|_| awake())) else {
            return 0;
        };
        time.saturating_sub(after.saturating_sub(before))
            .saturating_sub(known)
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

    /// Nobody knows.
    fn never() -> Option<u64> {
        None
    }

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
        local.enter(A, 15, never);
        local.ask(B, here());
        local.enter(B, 20, never);
        local.wait(3);
        local.sleep(Some(Location::caller()), 4);
        let a = local.leave(A, true, 40, u64::MAX, never).unwrap();
        assert_eq!((a.wait, a.span, a.is_wanted), (Some(5), (15, 40), true));
        assert_eq!((a.waited, a.slept), (3, 4));
        local.sleep(None, 2);
        let b = local.leave(B, false, 50, u64::MAX, never).unwrap();
        assert_eq!((b.wait, b.span, b.slept), (None, (20, 50), 6));
        assert!(local.leave(B, false, 60, u64::MAX, never).is_none());
    }

    #[test]
    fn a_clock_that_jumps_back_makes_no_time() {
        let mut local = Local::new();
        local.ask(A, here());
        local.contend(100);
        local.enter(A, 50, never);
        let held = local.leave(A, false, 20, u64::MAX, never).unwrap();
        assert_eq!((held.wait, held.span), (Some(0), (50, 50)));
    }

    #[test]
    fn what_was_asked_for_in_vain_is_forgotten() {
        let mut local = Local::new();
        local.ask(A, here());
        local.ask(B, here());
        local.enter(A, 1, never);
        assert!(local.leave(A, false, 2, u64::MAX, never).is_none());
    }

    #[test]
    fn guards_that_never_come_back_do_not_fill_memory() {
        let mut local = Local::new();
        for id in 1..10_000 {
            local.ask(LockId(id), here());
            local.enter(LockId(id), 1, never);
        }
        assert_eq!(local.holds.len(), super::MOST);
    }

    #[test]
    fn a_suspended_task_waits_or_sleeps() {
        let mut local = Local::new();
        local.ask(A, here());
        local.enter(A, 0, never);
        local.suspend(10);
        local.resume(true, None, 15);
        local.suspend(20);
        local.resume(false, None, 27);
        local.resume(false, None, 90);
        let held = local.leave(A, false, 100, u64::MAX, never).unwrap();
        assert_eq!((held.waited, held.slept), (5, 7));
    }

    #[test]
    fn a_call_that_nobody_watches_is_seen_the_second_time() {
        // The thread ran for three of the ninety nanoseconds.
        fn awake() -> Option<u64> {
            thread_local!(static RAN: std::cell::Cell<u64> = const { std::cell::Cell::new(0) });
            Some(RAN.replace(RAN.get() + 3))
        }
        let mut local = Local::new();
        let at = here();
        let mut hold = |since| {
            local.ask(A, at);
            local.enter(A, since, awake);
            local.leave(A, true, since + 90, 50, awake).unwrap().slept
        };
        assert_eq!([hold(0), hold(100)], [0, 87]);
    }

    #[test]
    fn a_place_is_looked_at_a_few_times_only() {
        thread_local!(static LOOKS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) });
        fn awake() -> Option<u64> {
            LOOKS.set(LOOKS.get() + 1);
            None
        }
        let mut local = Local::new();
        let at = here();
        for time in [90].into_iter().chain([1; 100]) {
            local.ask(A, at);
            local.enter(A, 0, awake);
            local.leave(A, true, time, 50, awake).unwrap();
        }
        assert_eq!(LOOKS.get(), super::LOOKS);
    }
}
