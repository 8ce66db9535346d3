//! Orderings, as they are and as they could be.

use std::sync::atomic::Ordering;

use model::site::Caller;
use race::location::{acquires, releases};

/// What is done to an atomic, or a fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Load,
    Store,
    Update,
    Fence,
}

/// An operation of the program, and the ordering it asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) site: Caller,
    pub(crate) deed: Deed,
    pub(crate) order: Ordering,
}

/// Orderings that operations get beside their own, by their places.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes(pub(crate) Vec<(Caller, Ordering)>);

impl Changes {
    /// The ordering that an operation has with them.
    pub(super) fn apply(&self, site: Caller, deed: Deed, order: Ordering) -> Ordering {
        let change = self.0.iter().find(|(place, _)| *place == site);
        change.map_or(order, |&(_, more)| both(order, fitting(more, deed)))
    }
}

impl Place {
    /// The orderings that are stronger than its own, the weakest first.
    pub(crate) fn stronger(&self) -> impl Iterator<Item = Ordering> + use<> {
        let Self { deed, order, .. } = *self;
        const ALL: [Ordering; 4] = [
            Ordering::Acquire,
            Ordering::Release,
            Ordering::AcqRel,
            Ordering::SeqCst,
        ];
        let is_stronger = move |more: &Ordering| {
            both(order, *more) == *more && *more != order && fitting(*more, deed) == *more
        };
        ALL.into_iter().filter(is_stronger)
    }
}

/// The part of an ordering that an operation can have.
fn fitting(order: Ordering, deed: Deed) -> Ordering {
    match (order, deed) {
        (Ordering::SeqCst, _) | (_, Deed::Update | Deed::Fence) => order,
        (_, Deed::Load) if acquires(order) => Ordering::Acquire,
        (_, Deed::Store) if releases(order) => Ordering::Release,
        _ => Ordering::Relaxed,
    }
}

/// The ordering that has what both have.
fn both(one: Ordering, other: Ordering) -> Ordering {
    if one == Ordering::SeqCst || other == Ordering::SeqCst {
        return Ordering::SeqCst;
    }
    let is_acquire = acquires(one) || acquires(other);
    match (is_acquire, releases(one) || releases(other)) {
        (true, true) => Ordering::AcqRel,
        (true, false) => Ordering::Acquire,
        (false, true) => Ordering::Release,
        (false, false) => Ordering::Relaxed,
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;
    use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

    use super::{Changes, Deed, Place};

    #[track_caller]
    fn check(deed: Deed, order: Ordering, expected: &[Ordering]) {
        let site = Location::caller();
        let place = Place { site, deed, order };
        assert_eq!(place.stronger().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn each_operation_has_its_own_orderings() {
        check(Deed::Load, Relaxed, &[Acquire, SeqCst]);
        check(Deed::Store, Release, &[SeqCst]);
        check(Deed::Update, Relaxed, &[Acquire, Release, AcqRel, SeqCst]);
        check(Deed::Update, Release, &[AcqRel, SeqCst]);
        check(Deed::Fence, Acquire, &[AcqRel, SeqCst]);
        check(Deed::Fence, SeqCst, &[]);
    }

    #[test]
    fn a_failed_comparison_gets_what_a_load_can_have() {
        let site = Location::caller();
        let changes = Changes(vec![(site, AcqRel)]);
        assert_eq!(changes.apply(site, Deed::Update, Relaxed), AcqRel);
        assert_eq!(changes.apply(site, Deed::Load, Relaxed), Acquire);
        assert_eq!(
            changes.apply(Location::caller(), Deed::Load, Relaxed),
            Relaxed
        );
    }
}
