//! Where each live lock is found: a table by the lock's number.
//!
//! Numbers are given in turn, so locks that are used together lie close together here, in few cache lines. A page that
//! has lost its last lock is given back: memory follows live locks.

use rustc_hash::FxHashMap;

use model::id::LockId;

/// How many numbers share a page.
const PAGE: usize = 64;

/// Where a lock is found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) node: u32,
    /// The class of the lock, kept here to spare a look at the node.
    pub(crate) class: u32,
}

/// The places of all live locks.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pages: FxHashMap<u32, Box<Page>>,
}

#[derive(Debug)]
struct Page {
    used: usize,
    places: [Place; PAGE],
}

/// The place of no lock.
const NOWHERE: Place = Place {
    node: u32::MAX,
    class: 0,
};

impl Places {
    pub(crate) fn get(&self, lock: LockId) -> Option<Place> {
        let (page, at) = split(lock);
        let place = self.pages.get(&page)?.places[at];
        (place.node != NOWHERE.node).then_some(place)
    }

    /// Notes the place of a lock that has none.
    pub(crate) fn insert(&mut self, lock: LockId, place: Place) {
        let (page, at) = split(lock);
        let page = self.pages.entry(page).or_insert_with(|| {
            Box::new(Page {
                used: 0,
                places: [NOWHERE; PAGE],
            })
        });
        page.used += 1;
        page.places[at] = place;
    }

    /// Forgets a lock that has a place.
    pub(crate) fn remove(&mut self, lock: LockId) {
        let (number, at) = split(lock);
        let Some(page) = self.pages.get_mut(&number) else {
            return;
        };
        page.places[at] = NOWHERE;
        page.used -= 1;
        if page.used == 0 {
            self.pages.remove(&number);
        }
    }

    /// How many locks have a place.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.pages.values().map(|page| page.used).sum()
    }
}

fn split(lock: LockId) -> (u32, usize) {
    (lock.0 / PAGE as u32, lock.0 as usize % PAGE)
}
