//! Whether the user decides on the order of locks that only a dependency takes.
//!
//! ```text
//! dependency:  fn take(&self) -> MutexGuard { self.0.lock() }
//! user:        let a = x.take(); let b = y.take();      the places are the dependency's, the order is the user's
//! ```
//!
//! A backtrace of the second acquisition tells: either some call of the dependency, on this side of the user's, holds
//! the first lock; or the guard was handed out to the user. What cannot be told is the user's.

use model::finding::{Backtrace, Finding, Frame, Role};
use model::owner::{Owner, Whose};
use model::site::Site;

use super::Owners;
use super::function::{self, Function};

/// The workspace's package that decides, if one does.
pub(super) fn find(finding: &Finding, owners: &Owners) -> Option<Owner> {
    let held: Vec<&Site> = finding
        .labels
        .iter()
        .filter(|label| label.role != Role::Primary)
        .map(|label| &label.site)
        .collect();
    let mut backtraces = finding.backtraces.iter();
    backtraces.find_map(|backtrace| {
        let (user, inner) = split(backtrace, owners)?;
        let is_inside = held.iter().any(|site| holds(inner, site, owners));
        (!is_inside).then_some(user)
    })
}

/// The first call of the workspace, and the calls on this side of it.
fn split<'a>(backtrace: &'a Backtrace, owners: &Owners) -> Option<(Owner, &'a [Frame])> {
    let mut places = backtrace.frames.iter().enumerate();
    places.find_map(|(at, frame)| {
        let owner = owners.owner(&frame.site.as_ref()?.file);
        (owner.whose == Whose::Workspace).then(|| (owner, &backtrace.frames[..at]))
    })
}

/// Whether one of these calls holds the lock that was taken here.
fn holds(calls: &[Frame], taken: &Site, owners: &Owners) -> bool {
    let taking_file = function::all(&owners.root.join(&taken.file));
    let Some(taking) = function::around(&taking_file, taken.line, taken.column) else {
        return false;
    };
    let mut sites = calls.iter().filter_map(|call| call.site.as_ref());
    sites.any(|call| {
        let file = function::all(&owners.root.join(&call.file));
        let around = function::around(&file, call.line, call.column);
        let is_same_file = call.file == taken.file;
        around.is_some_and(|calling| is_held_by(calling, call, taking, taken, is_same_file))
    })
}

/// Whether a call of a function holds what another one, or an earlier line of it, has taken.
fn is_held_by(
    calling: &Function,
    call: &Site,
    taking: &Function,
    taken: &Site,
    is_same_file: bool,
) -> bool {
    if is_same_file && calling.is(taking) {
        let is_before = (taken.line, taken.column) < (call.line, call.column);
        return is_before && !taking.returns_guard;
    }
    taking.returns_guard && calling.calls(taking, call.line)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use model::finding::{Backtrace, Certainty, Finding, Frame, Label, Role};
    use model::owner::Whose;
    use model::site::Site;

    use super::super::tests::owners;
    use super::find;

    const DEPENDENCY: &str = "impl Cell {
    pub fn take(&self) -> MutexGuard<'_, i32> { self.0.lock().unwrap() }
    pub fn both(&self) {
        let a = self.a.lock();
        self.inner();
    }
    fn inner(&self) { self.b.lock(); }
    pub fn two(&self) {
        let a = self.take();
        self.inner();
    }
}";

    /// A lock is taken at this line and column of the dependency, and then another by these calls of it, of which the
    /// user makes the last.
    fn check(taken: (u32, u32), calls: &[(u32, u32)], is_users: bool) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lib.rs");
        fs::write(&file, DEPENDENCY).unwrap();
        let site = |(line, column)| Site::new(file.to_str().unwrap(), line, column);
        let mut frames: Vec<_> = calls
            .iter()
            .map(|&call| Frame::new("dep", Some(site(call))))
            .collect();
        let user = folder.path().join("user/lib.rs");
        let user = Site::new(user.to_str().unwrap(), 1, 1);
        frames.push(Frame::new("user", Some(user)));
        let mut finding = Finding::new("lock-order-cycle", Certainty::Potential, "");
        finding.labels = vec![
            Label::new(Role::Primary, site(calls[0]), ""),
            Label::new(Role::Secondary, site(taken), ""),
        ];
        finding.backtraces = vec![Backtrace::new("", frames)];
        let owner = find(&finding, &owners(&folder.path().join("user")));
        assert_eq!(owner.is_some(), is_users, "{taken:?} {calls:?}");
        assert!(owner.is_none_or(|owner| owner.whose == Whose::Workspace));
    }

    #[test]
    fn two_guards_that_were_handed_out_are_the_users() {
        check((2, 56), &[(2, 56)], true);
    }

    #[test]
    fn what_a_call_of_the_dependency_holds_is_its_own() {
        check((4, 24), &[(7, 30), (5, 14)], false);
    }

    #[test]
    fn a_guard_that_the_dependency_hands_to_itself_is_its_own() {
        check((2, 56), &[(7, 30), (10, 14)], false);
    }

    #[test]
    fn what_cannot_be_told_is_the_users() {
        check((1, 1), &[(7, 30)], true);
        check((4, 24), &[(7, 30)], true);
    }

    #[test]
    fn without_backtraces_nobody_crosses() {
        let finding = Finding::new("lock-order-cycle", Certainty::Potential, "");
        assert!(find(&finding, &owners("/".as_ref())).is_none());
    }
}
