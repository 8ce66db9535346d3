//! The order that starting and joining threads makes.
//!
//! A thread's life is cut into segments by every start and join of another thread. A segment knows all segments that
//! must lie before it. This is a vector clock (Mattern 1989) over fork and join only, kept small: threads that were
//! joined whole are kept as ranges of their numbers, so a thread that starts and joins a million others stays small.

use std::sync::Arc;

use crate::id::ThreadId;

/// A stretch of one thread's life, and what must lie before it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Segment {
    thread: ThreadId,
    number: u32,
    past: Arc<Past>,
}

/// What lies before a segment, in the order of the threads. Most often there is little of it, and it is copied with every
/// start of a thread: so it is kept flat.
#[derive(Clone, Debug, Default)]
struct Past {
    /// The last segment known of each thread that has not been joined.
    partial: Vec<(ThreadId, u32)>,
    /// Threads that lie before with their whole life: first and last number of each range. No two ranges touch.
    joined: Vec<(u32, u32)>,
}

impl Segment {
    /// The first segment of a thread that nobody watched starts.
    #[must_use]
    pub fn root(thread: ThreadId) -> Self {
        Self {
            thread,
            number: 0,
            past: Arc::default(),
        }
    }

    /// The thread whose life this is part of.
    #[must_use]
    pub fn thread(&self) -> ThreadId {
        self.thread
    }

    /// The number of the segment within its thread, from 0.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Starts thread `child`: returns its first segment, and moves on to the next of this thread.
    #[must_use]
    pub fn fork(&mut self, child: ThreadId) -> Self {
        let past = self.past.and(self.thread, self.number);
        self.number += 1;
        Self {
            thread: child,
            number: 0,
            past: Arc::new(past),
        }
    }

    /// Moves on to the next of this thread.
    pub fn turn(&mut self) {
        self.number += 1;
    }

    /// Everything up to the last segment of `child` lies before what this thread does from now on.
    pub fn join(&mut self, child: &Self) {
        let past = Arc::make_mut(&mut self.past);
        for &(thread, number) in &child.past.partial {
            if thread != self.thread {
                past.learn(thread, number);
            }
        }
        for &(first, last) in &child.past.joined {
            past.add_range(first, last);
        }
        past.add_range(child.thread.0, child.thread.0);
        self.number += 1;
    }

    /// Whether this segment must lie before `other`, which belongs to another thread.
    #[must_use]
    pub fn precedes(&self, other: &Self) -> bool {
        other.past.has_joined(self.thread)
            || other
                .past
                .last_of(self.thread)
                .is_some_and(|number| number >= self.number)
    }

    /// Whether neither of two segments of different threads must lie before the other.
    #[must_use]
    pub fn concurrent(&self, other: &Self) -> bool {
        self.thread != other.thread && !self.precedes(other) && !other.precedes(self)
    }
}

impl Past {
    /// The same, and a segment more.
    fn and(&self, thread: ThreadId, number: u32) -> Self {
        let mut partial = Vec::with_capacity(self.partial.len() + 1);
        partial.extend_from_slice(&self.partial);
        let mut past = Self {
            partial,
            joined: self.joined.clone(),
        };
        *past.known(thread) = number;
        past
    }

    /// The last segment known of a thread that has not been joined.
    fn last_of(&self, thread: ThreadId) -> Option<u32> {
        let place = self.place(thread).ok()?;
        Some(self.partial[place].1)
    }

    fn place(&self, thread: ThreadId) -> Result<usize, usize> {
        self.partial
            .binary_search_by_key(&thread, |&(known, _)| known)
    }

    /// The number kept for a thread; at first the lowest.
    fn known(&mut self, thread: ThreadId) -> &mut u32 {
        let place = self.place(thread).unwrap_or_else(|place| {
            self.partial.insert(place, (thread, 0));
            place
        });
        &mut self.partial[place].1
    }

    fn has_joined(&self, thread: ThreadId) -> bool {
        let after = self.joined.partition_point(|&(first, _)| first <= thread.0);
        let range = after.checked_sub(1).map(|place| self.joined[place]);
        range.is_some_and(|(_, last)| last >= thread.0)
    }

    fn learn(&mut self, thread: ThreadId, number: u32) {
        if !self.has_joined(thread) {
            let known = self.known(thread);
            *known = number.max(*known);
        }
    }

    /// Adds the threads `first..=last`, and melts ranges that touch.
    fn add_range(&mut self, first: u32, last: u32) {
        self.partial
            .retain(|(thread, _)| thread.0 < first || thread.0 > last);
        let is_before = |&(_, known): &(u32, u32)| known.saturating_add(1) < first;
        let touches = |&(known, _): &(u32, u32)| known <= last.saturating_add(1);
        let begin = self.joined.partition_point(is_before);
        let end = begin + self.joined[begin..].partition_point(touches);
        if begin == end {
            return self.joined.insert(begin, (first, last));
        }
        let (first_known, last_known) = (self.joined[begin].0, self.joined[end - 1].1);
        self.joined[begin] = (first.min(first_known), last.max(last_known));
        self.joined.drain(begin + 1..end);
    }
}

#[cfg(test)]
mod tests {
    use super::Segment;
    use crate::id::ThreadId;

    #[test]
    fn a_child_comes_after_what_its_parent_did_before_and_beside_what_it_does_after() {
        let mut parent = Segment::root(ThreadId(0));
        let before = parent.clone();
        let child = parent.fork(ThreadId(1));
        assert!(before.precedes(&child));
        assert!(parent.concurrent(&child));
    }

    #[test]
    fn a_joined_child_and_all_it_had_joined_lie_before() {
        let mut parent = Segment::root(ThreadId(0));
        let mut child = parent.fork(ThreadId(1));
        let grandchild = child.fork(ThreadId(2));
        child.join(&grandchild);
        parent.join(&child);
        assert!(child.precedes(&parent));
        assert!(grandchild.precedes(&parent));
    }

    #[test]
    fn siblings_are_concurrent_unless_one_was_joined_before_the_other_began() {
        let mut parent = Segment::root(ThreadId(0));
        let first = parent.fork(ThreadId(1));
        let second = parent.fork(ThreadId(2));
        assert!(first.concurrent(&second));
        parent.join(&first);
        let third = parent.fork(ThreadId(3));
        assert!(first.precedes(&third));
        assert!(second.concurrent(&third));
    }

    #[test]
    fn a_million_joined_threads_take_one_range() {
        let mut parent = Segment::root(ThreadId(0));
        for number in 1..=1000 {
            let child = parent.fork(ThreadId(number));
            parent.join(&child);
        }
        assert_eq!(parent.past.joined.len(), 1);
        assert!(parent.past.partial.is_empty());
    }
}
