//! Who sleeps on a condition variable, and who may wake.
//!
//! A notification is a permit for one of those who slept when it was given. Which of them takes it is left to the
//! schedule: whoever is chosen first.

use crate::op::Tid;

/// A condition variable.
#[derive(Clone, Debug, Default)]
pub struct Condvar {
    /// Who sleeps, and the how-manieth sleep it was.
    sleepers: Vec<(Tid, u64)>,
    /// Each permit is for any sleep up to this one; in the order they were given.
    permits: Vec<u64>,
    sleeps: u64,
}

impl Condvar {
    pub(super) fn sleep(&mut self, tid: Tid) {
        self.sleeps += 1;
        self.sleepers.push((tid, self.sleeps));
    }

    pub(super) fn notify(&mut self, all: bool) {
        let free = self.sleepers();
        let permits = if all { free } else { free.min(1) };
        self.permits
            .extend(std::iter::repeat_n(self.sleeps, permits));
    }

    /// Sleepers that there is no permit for.
    #[must_use]
    pub(super) fn sleepers(&self) -> usize {
        self.sleepers.len().saturating_sub(self.permits.len())
    }

    #[must_use]
    pub(super) fn may_wake(&self, tid: Tid) -> bool {
        self.sleep_of(tid)
            .is_some_and(|sleep| self.permits.iter().any(|&permit| permit >= sleep))
    }

    /// A sleeper leaves. Returns whether a permit let it.
    pub(super) fn leave(&mut self, tid: Tid) -> bool {
        let Some(sleep) = self.sleep_of(tid) else {
            return true;
        };
        self.sleepers.retain(|&(sleeper, _)| sleeper != tid);
        let permit = self.permits.iter().position(|&permit| permit >= sleep);
        permit.map(|place| self.permits.remove(place)).is_some()
    }

    fn sleep_of(&self, tid: Tid) -> Option<u64> {
        let mut sleepers = self.sleepers.iter();
        sleepers.find_map(|&(sleeper, sleep)| (sleeper == tid).then_some(sleep))
    }
}

#[cfg(test)]
mod tests {
    use super::Condvar;
    use crate::op::Tid;

    #[test]
    fn one_notification_lets_either_sleeper_wake_but_not_both() {
        let mut condvar = Condvar::default();
        condvar.sleep(Tid(1));
        condvar.sleep(Tid(2));
        condvar.notify(false);
        assert!(condvar.may_wake(Tid(1)) && condvar.may_wake(Tid(2)));
        assert!(condvar.leave(Tid(2)));
        assert!(!condvar.may_wake(Tid(1)));
    }

    #[test]
    fn a_notification_is_not_for_those_who_come_later() {
        let mut condvar = Condvar::default();
        condvar.sleep(Tid(1));
        condvar.notify(false);
        condvar.sleep(Tid(2));
        assert!(!condvar.may_wake(Tid(2)));
        assert!(condvar.may_wake(Tid(1)));
    }

    #[test]
    fn a_notification_without_sleepers_is_lost() {
        let mut condvar = Condvar::default();
        condvar.notify(true);
        condvar.sleep(Tid(1));
        assert!(!condvar.may_wake(Tid(1)));
    }
}
