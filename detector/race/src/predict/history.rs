//! A recorded run as predictions need it: what each event needs before it, and who held what.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::clock::Clock;
use crate::epoch::{Epoch, Slot};
use crate::event::{Event, Op};
use crate::stamp::Stamp;
use crate::table::at;

/// The accesses and critical sections of a run.
///
/// An event *needs* those before it in its thread, the write that a read reads from, the start of its thread, the end of
/// a thread that it joins, and, since predictions reorder critical sections only, all that came before it on the same
/// atomic, channel or meeting.
#[derive(Debug, Default)]
pub struct History {
    threads: Vec<Thread>,
    written: Vec<Stamp>,
    /// Per atomic or meeting, its last operation.
    atomics: Vec<Stamp>,
    meetings: Vec<Stamp>,
    channels: Vec<Channel>,
    /// Per value, its accesses in order.
    pub(crate) values: Vec<Vec<Access>>,
    /// All critical sections, in the order of their beginnings.
    pub(crate) sections: Vec<Section>,
}

#[derive(Debug, Default)]
pub(crate) struct Thread {
    /// How many events it has done.
    done: u64,
    /// What its next event needs of others.
    needs: Arc<Clock>,
    /// Its critical sections, and those of them that are open.
    pub(crate) sections: Vec<usize>,
    open: Vec<usize>,
}

#[derive(Debug, Default)]
struct Channel {
    under_way: VecDeque<Stamp>,
    sent: Stamp,
    received: Stamp,
}

/// An access to a value.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) at: Point,
    pub(crate) writes: bool,
}

/// An event, and what it needs of others besides the write that it reads from.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) thread: u32,
    /// Its place in its thread, from 1.
    pub(crate) index: u64,
    pub(crate) needs: Arc<Clock>,
    /// Its place in the trace.
    pub(crate) line: u64,
    pub(crate) site: u32,
}

/// A critical section.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) begin: Point,
    pub(crate) lock: u32,
    /// Whether its thread would have waited for as long as anybody else had the lock.
    pub(crate) waits: bool,
    /// The sections open around it.
    pub(crate) within: Vec<usize>,
    /// Its last event: place in its thread, and what it needs.
    pub(crate) end: Option<(u64, Arc<Clock>)>,
}

impl History {
    /// Takes in what a thread did.
    pub fn observe(&mut self, event: &Event) {
        let point = self.point(event);
        match event.op {
            Op::Read(value) => {
                self.access(value, point, false);
                let source = at(&mut self.written, value).clone();
                self.need(event.thread, &source);
            }
            Op::Write(value) => {
                self.access(value, point, true);
                *at(&mut self.written, value) = self.now(event.thread);
            }
            Op::Acquire(lock) => self.begin(point, lock, true),
            Op::AcquireTry(lock) | Op::AcquireShared(lock) => self.begin(point, lock, false),
            Op::Release(lock) | Op::ReleaseShared(lock) => self.end(point, lock),
            Op::Fork(child) => {
                let now = self.now(event.thread);
                self.need(child, &now);
            }
            Op::Join(child) => {
                let last = self.now(child);
                self.need(event.thread, &last);
            }
            Op::Load(atomic, _) | Op::Store(atomic, _) | Op::Update(atomic, _) => {
                let last = at(&mut self.atomics, atomic).clone();
                *at(&mut self.atomics, atomic) = self.follow(event.thread, &last);
            }
            Op::Arrive(meeting) | Op::Leave(meeting) => {
                let last = at(&mut self.meetings, meeting).clone();
                *at(&mut self.meetings, meeting) = self.follow(event.thread, &last);
            }
            Op::Send(channel) => {
                let last = at(&mut self.channels, channel).sent.clone();
                let now = self.follow(event.thread, &last);
                let channel = &mut self.channels[channel as usize];
                channel.under_way.push_back(now.clone());
                channel.sent = now;
            }
            Op::Receive(channel) => {
                let state = at(&mut self.channels, channel);
                let message = state.under_way.pop_front().unwrap_or_default();
                let last = state.received.clone();
                self.need(event.thread, &message);
                self.channels[channel as usize].received = self.follow(event.thread, &last);
            }
            Op::Begin | Op::End | Op::Fence(_) => {}
        }
    }

    pub(crate) fn threads(&self) -> &[Thread] {
        &self.threads
    }

    /// Counts the event.
    fn point(&mut self, event: &Event) -> Point {
        let thread = at(&mut self.threads, event.thread);
        thread.done += 1;
        Point {
            thread: event.thread,
            index: thread.done,
            needs: Arc::clone(&thread.needs),
            line: event.line,
            site: event.site,
        }
    }

    fn access(&mut self, value: u32, at_point: Point, writes: bool) {
        at(&mut self.values, value).push(Access {
            at: at_point,
            writes,
        });
    }

    /// The last event of a thread, and all that it needs.
    fn now(&mut self, thread: u32) -> Stamp {
        let state = at(&mut self.threads, thread);
        let mut stamp = Stamp::NONE;
        stamp.set(Epoch::new(Slot(thread), state.done), &state.needs);
        stamp
    }

    /// All further events of a thread need this one.
    fn need(&mut self, thread: u32, stamp: &Stamp) {
        let needs = &mut at(&mut self.threads, thread).needs;
        let epoch = stamp.epoch();
        let is_known = epoch.time() > 0 && needs.knows(epoch);
        if stamp.is_none() || epoch.slot().0 == thread || is_known {
            return;
        }
        let needs = Arc::make_mut(needs);
        needs.learn(epoch);
        if let Some(past) = stamp.past() {
            needs.join(past);
        }
    }

    /// The event just done needs this one; returns what needs both.
    fn follow(&mut self, thread: u32, last: &Stamp) -> Stamp {
        self.need(thread, last);
        self.now(thread)
    }

    fn begin(&mut self, begin: Point, lock: u32, waits: bool) {
        let number = self.sections.len();
        let thread = &mut self.threads[begin.thread as usize];
        let within = thread.open.clone();
        thread.open.push(number);
        thread.sections.push(number);
        self.sections.push(Section {
            begin,
            lock,
            waits,
            within,
            end: None,
        });
    }

    fn end(&mut self, end: Point, lock: u32) {
        let thread = &mut self.threads[end.thread as usize];
        let mut open = thread.open.iter();
        let place = open.rposition(|&section| self.sections[section].lock == lock);
        if let Some(place) = place {
            let section = thread.open.remove(place);
            self.sections[section].end = Some((end.index, end.needs));
        }
    }
}
