//! Edges: all that is known of one lock being asked for while another is held.

use model::event::Attempt;
use model::id::ThreadId;

use crate::order::occurrence::{Leg, Occurrence, Passage};

/// How many occurrences an edge keeps.
const OCCURRENCES: usize = 16;

/// How many paths through destroyed locks an edge keeps.
const PATHS: usize = 8;

/// An edge between two locks.
#[derive(Debug, Default)]
pub(crate) struct Edge {
    first: Option<Occurrence>,
    more: Option<Box<More>>,
}

/// What few edges have, kept apart to keep edges small.
#[derive(Debug, Default)]
struct More {
    occurrences: Vec<Occurrence>,
    paths: Vec<Box<[Leg]>>,
}

impl Edge {
    /// Whether no thread was seen to take it in one step.
    pub(crate) fn is_unseen(&self) -> bool {
        self.first.is_none()
    }

    /// Whether an occurrence adds nothing to this edge.
    pub(crate) fn covers(&self, new: &Occurrence) -> bool {
        self.direct().any(|known| known.covers(new))
    }

    /// Adds an occurrence; returns its place among the passages unless the edge is full of as good ones.
    pub(crate) fn add(&mut self, new: Occurrence) -> Option<usize> {
        let count = self.direct().count();
        let covered = self.direct().position(|known| new.covers(known));
        let place = match covered {
            Some(place) => place,
            None if count < OCCURRENCES => count,
            None => self.weakest(&new)?,
        };
        match place.checked_sub(1) {
            None => self.first = Some(new),
            Some(rest) if place < count => self.more_mut().occurrences[rest] = new,
            Some(_) => self.more_mut().occurrences.push(new),
        }
        Some(place)
    }

    /// Adds a path through destroyed locks unless it is known; the oldest of too many goes.
    pub(crate) fn add_path(&mut self, new: Box<[Leg]>) {
        let paths = &mut self.more_mut().paths;
        if paths.iter().any(|known| covers(known, &new)) {
            return;
        }
        if paths.len() == PATHS {
            paths.remove(0);
        }
        paths.push(new);
    }

    /// The ways along this edge, each at its place.
    pub(crate) fn passages(&self) -> impl Iterator<Item = Passage<'_>> {
        let paths = self.more.iter().flat_map(|more| &more.paths);
        self.direct()
            .map(Passage::Direct)
            .chain(paths.map(|path| Passage::Through(path)))
    }

    /// The way at this place.
    pub(crate) fn passage(&self, place: usize) -> Passage<'_> {
        match (&self.first, place) {
            (Some(first), 0) => Passage::Direct(first),
            _ => self
                .passages()
                .nth(place)
                .expect("a place is kept no longer than its passage"),
        }
    }

    fn direct(&self) -> impl Iterator<Item = &Occurrence> {
        let more = self.more.iter().flat_map(|more| &more.occurrences);
        self.first.iter().chain(more)
    }

    fn more_mut(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// The occurrence to give up for a new one.
    fn weakest(&self, new: &Occurrence) -> Option<usize> {
        let holds = new.party().holds.len();
        let of_thread = |thread: ThreadId| {
            let threads = self.direct().map(|known| known.actor.segment.thread());
            threads.filter(|&known| known == thread).count()
        };
        let is_new_thread = of_thread(new.actor.segment.thread()) == 0;
        let reasons: [&dyn Fn(&Occurrence) -> bool; 4] = [
            &|known| known.is_outlived_by(new),
            &|known| known.attempt == Attempt::Try && new.attempt == Attempt::Blocking,
            &|known| known.attempt >= new.attempt && known.party().holds.len() > holds,
            &|known| is_new_thread && of_thread(known.actor.segment.thread()) > 1,
        ];
        reasons
            .into_iter()
            .find_map(|reason| self.direct().position(reason))
    }
}

/// Whether whatever ring one path could be part of, the other could too.
fn covers(known: &[Leg], new: &[Leg]) -> bool {
    known.len() == new.len()
        && known.iter().zip(new).all(|(known, new)| {
            let writers_cover = match (&known.writer, &new.writer) {
                (None, _) => true,
                (Some(known), Some(new)) => known.covers(new),
                (Some(_), None) => false,
            };
            writers_cover && known.occurrence.covers(&new.occurrence)
        })
}
