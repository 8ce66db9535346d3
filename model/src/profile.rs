//! What a program did with its time while it ran: how long locks were waited for and held, where threads were blocked, how
//! many there were, and how full channels got. Times are in nanoseconds of a clock that never goes back.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::hash::Hash;

use crate::finding::Object;
use crate::record::{record, word};
use crate::site::Site;

/// How long something took, in nanoseconds, to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub u64);

/// The units of times, the largest first.
const UNITS: [(u64, &str); 3] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs")];

impl fmt::Display for Time {
    /// Three digits or more, in the largest unit of which there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((unit, name)) = UNITS.iter().find(|(unit, _)| self.0 >= *unit) else {
            return f.pad(&format!("{} ns", self.0));
        };
        let whole = self.0 / unit;
        // Rounded down, so that no unit overflows into the next one.
        let fraction = self.0 % unit * 100 / unit;
        let text = match whole {
            100.. => format!("{whole} {name}"),
            10.. => format!("{whole}.{} {name}", fraction / 10),
            _ => format!("{whole}.{fraction:02} {name}"),
        };
        f.pad(&text)
    }
}

word! {
    /// What somebody is blocked by.
    pub enum Why {
        /// Somebody else holds the lock.
        #[default]
        Lock = "lock",
        /// There is no message.
        Message = "message",
        /// There is no room for a message, or nobody to hand it to.
        Room = "room",
        /// Nobody has notified.
        Notification = "notification",
        /// Not all have arrived at the barrier.
        Barrier = "barrier",
        /// Somebody else initialises.
        Initialisation = "initialisation",
        /// Nobody has unparked the thread.
        Park = "park",
        /// No permit is free.
        Permit = "permit",
        /// Threads or tasks have not ended.
        End = "end",
        /// The time is not over.
        Time = "time",
    }
}

record! {
    /// How values are spread: how many there were of each size.
    pub struct Histogram {
        /// How many values.
        pub count: u64,
        /// All of them together; the largest number there is, if that is less.
        pub sum: u64,
        /// The largest.
        pub max: u64,
        /// The middles of the ranges that values were counted in, from the smallest; none is wider than a thirty-second
        /// part of its values.
        pub values: Vec<u64>,
        /// How many values were in each of these ranges.
        pub counts: Vec<u64>,
    }
}

record! {
    /// The acquisitions of the locks of one class at one place.
    pub struct LockUse {
        /// The class.
        pub lock: Object,
        /// Where they are acquired.
        pub site: Site,
        /// Whether together with other readers.
        pub shared: bool,
        /// How often one was acquired, and given back.
        pub acquired: u64,
        /// How often somebody else had it, so that it had to be waited for.
        pub contended: u64,
        /// How long those waits took.
        pub wait: Histogram,
        /// How long it was held.
        pub hold: Histogram,
        /// How much of the holding its owner spent asleep, or in calls that block.
        pub asleep: u64,
    }
}

record! {
    /// Waits of threads and tasks at one place.
    pub struct Blocked {
        /// Where.
        pub site: Site,
        /// By what.
        pub why: Why,
        /// What it waits on, in a word.
        pub kind: String,
        /// How long.
        pub time: Histogram,
    }
}

record! {
    /// How many threads and tasks lived in a process, over its time.
    pub struct Population {
        /// The name of its executable.
        pub process: String,
        /// The operating system's number for it.
        pub pid: u32,
        /// How long it was watched.
        pub time: u64,
        /// How long each slot of the lists below is.
        pub slot: u64,
        /// The most threads at one time in each slot.
        pub threads: Vec<u64>,
        /// The most tasks at one time in each slot.
        pub tasks: Vec<u64>,
    }
}

record! {
    /// The threads, or tasks, that were started at one place.
    pub struct Place {
        /// Where; unknown for threads that nobody watched start.
        pub site: Option<Site>,
        /// Whether tasks.
        pub tasks: bool,
        /// How many were started.
        pub started: u64,
        /// The most that lived at one time, in one process.
        pub most: u64,
        /// How many were left at the end.
        pub left: u64,
    }
}

record! {
    /// The channels that were made at one place.
    pub struct Queue {
        /// The class.
        pub channel: Object,
        /// For how many messages each has room; `None` where there is no limit.
        pub bound: Option<u64>,
        /// How many there were.
        pub channels: u64,
        /// How many messages were put in.
        pub put: u64,
        /// How many messages were taken out.
        pub taken: u64,
        /// How many messages were in it when another one was put in, that one included.
        pub depth: Histogram,
    }
}

record! {
    /// A place in memory of 64 bytes, as caches hold it, whose atomics several threads wrote at the same time.
    pub struct Line {
        /// Where it was written, by each thread, the most frequent first.
        pub sites: Vec<Site>,
        /// Whether different threads wrote different atomics: then they only share the line.
        pub apart: bool,
        /// How many threads.
        pub threads: u64,
        /// How often it was written meanwhile.
        pub writes: u64,
        /// For how long.
        pub time: u64,
    }
}

record! {
    /// What a process, or a whole run, did with its time.
    pub struct Profile {
        /// Acquisitions of locks, by place.
        pub locks: Vec<LockUse>,
        /// Waits, by place.
        pub blocked: Vec<Blocked>,
        /// Threads and tasks over time, by process.
        pub populations: Vec<Population>,
        /// Threads and tasks, by the place that started them.
        pub places: Vec<Place>,
        /// Channels, by the place that made them.
        pub queues: Vec<Queue>,
        /// Memory that several threads write, hottest first.
        pub lines: Vec<Line>,
    }
}

impl Histogram {
    /// One of these ranges, by their middles in ascending order, and how many values were in each.
    #[must_use]
    pub fn new(sum: u64, max: u64, ranges: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let (values, counts): (Vec<u64>, Vec<u64>) = ranges.into_iter().unzip();
        let count = counts.iter().fold(0, |sum: u64, &n| sum.saturating_add(n));
        Self {
            count,
            sum,
            max,
            values,
            counts,
        }
    }

    /// The ranges, by their middles, and how many values were in each.
    pub fn ranges(&self) -> impl Iterator<Item = (u64, u64)> {
        self.values.iter().copied().zip(self.counts.iter().copied())
    }

    /// Takes in the values of another one.
    pub fn merge(&mut self, other: &Self) {
        let mut all: Vec<(u64, u64)> = self.ranges().chain(other.ranges()).collect();
        all.sort_by_key(|&(value, _)| value);
        all.dedup_by(|later, first| {
            let is_same = later.0 == first.0;
            if is_same {
                first.1 = first.1.saturating_add(later.1);
            }
            is_same
        });
        *self = Self::new(
            self.sum.saturating_add(other.sum),
            self.max.max(other.max),
            all,
        );
    }
}

impl LockUse {
    /// Acquisitions of this class there, of which there was none yet.
    #[must_use]
    pub fn new(lock: Object, site: Site, shared: bool) -> Self {
        Self {
            lock,
            site,
            shared,
            ..Self::default()
        }
    }
}

impl Blocked {
    /// Waits there that took so long.
    #[must_use]
    pub fn new(site: Site, why: Why, kind: impl Into<String>, time: Histogram) -> Self {
        Self {
            site,
            why,
            kind: kind.into(),
            time,
        }
    }
}

impl Place {
    /// A place that starts threads, or tasks; none yet.
    #[must_use]
    pub fn new(site: Option<Site>, tasks: bool) -> Self {
        Self {
            site,
            tasks,
            ..Self::default()
        }
    }
}

impl Population {
    /// Threads and tasks over time, in slots of this length.
    #[must_use]
    pub fn new(time: u64, slot: u64, threads: Vec<u64>, tasks: Vec<u64>) -> Self {
        Self {
            time,
            slot,
            threads,
            tasks,
            ..Self::default()
        }
    }
}

impl Queue {
    /// Channels with room for so much, of which there was none yet.
    #[must_use]
    pub fn new(channel: Object, bound: Option<u64>) -> Self {
        Self {
            channel,
            bound,
            ..Self::default()
        }
    }
}

impl Line {
    /// Memory that was written at these places.
    #[must_use]
    pub fn new(sites: Vec<Site>, apart: bool) -> Self {
        Self {
            sites,
            apart,
            ..Self::default()
        }
    }
}

/// One row for each different key: rows that share one are put together.
fn fold<T, K: Hash + Eq>(
    rows: &mut Vec<T>,
    more: Vec<T>,
    key: impl Fn(&T) -> K,
    add: impl Fn(&mut T, T),
) {
    let keys = rows.iter().map(&key);
    let mut places: HashMap<K, usize> = keys.enumerate().map(|(place, key)| (key, place)).collect();
    for row in more {
        match places.entry(key(&row)) {
            Entry::Occupied(known) => add(&mut rows[*known.get()], row),
            Entry::Vacant(new) => {
                new.insert(rows.len());
                rows.push(row);
            }
        }
    }
}

impl Profile {
    /// An empty profile.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the profile of another process.
    pub fn merge(&mut self, other: Self) {
        let key = |row: &LockUse| (row.site.clone(), row.shared, class(&row.lock));
        fold(&mut self.locks, other.locks, key, |known, row| {
            known.acquired += row.acquired;
            known.contended += row.contended;
            known.asleep = known.asleep.saturating_add(row.asleep);
            known.wait.merge(&row.wait);
            known.hold.merge(&row.hold);
        });
        fold(
            &mut self.blocked,
            other.blocked,
            |row| (row.site.clone(), row.why, row.kind.clone()),
            |known, row| known.time.merge(&row.time),
        );
        fold(
            &mut self.places,
            other.places,
            |row| (row.site.clone(), row.tasks),
            |known, row| {
                known.started += row.started;
                known.left += row.left;
                known.most = known.most.max(row.most);
            },
        );
        fold(
            &mut self.queues,
            other.queues,
            |row| (class(&row.channel), row.bound),
            |known, row| {
                known.channels += row.channels;
                known.put += row.put;
                known.taken += row.taken;
                known.depth.merge(&row.depth);
            },
        );
        fold(
            &mut self.lines,
            other.lines,
            |row| (row.sites.clone(), row.apart),
            |known, row| {
                known.threads = known.threads.max(row.threads);
                known.writes += row.writes;
                known.time += row.time;
            },
        );
        self.populations.extend(other.populations);
        self.sort();
    }

    /// Puts the rows that matter most first; the same input gives the same order.
    pub fn sort(&mut self) {
        self.locks.sort_by(|a, b| {
            let weight = |row: &LockUse| (row.wait.sum, row.hold.sum);
            weight(b)
                .cmp(&weight(a))
                .then_with(|| (&a.site, a.shared).cmp(&(&b.site, b.shared)))
        });
        self.blocked.sort_by(|a, b| {
            let by_time = b.time.sum.cmp(&a.time.sum);
            by_time.then_with(|| (&a.site, a.why).cmp(&(&b.site, b.why)))
        });
        self.populations
            .sort_by(|a, b| (&a.process, a.pid).cmp(&(&b.process, b.pid)));
        self.places.sort_by(|a, b| {
            let by_count = b.most.cmp(&a.most);
            by_count.then_with(|| (&a.site, a.tasks).cmp(&(&b.site, b.tasks)))
        });
        self.queues.sort_by(|a, b| {
            let by_depth = b.depth.max.cmp(&a.depth.max);
            by_depth.then_with(|| a.channel.created.cmp(&b.channel.created))
        });
        self.lines.sort_by(|a, b| {
            let by_writes = b.writes.cmp(&a.writes);
            by_writes.then_with(|| a.sites.cmp(&b.sites))
        });
    }
}

/// What tells classes apart: where they are made, or their names.
fn class(object: &Object) -> (String, Option<Site>, Option<String>) {
    let name = object.name.clone().filter(|_| object.created.is_none());
    (object.kind.clone(), object.created.clone(), name)
}

#[cfg(test)]
mod tests {
    use super::{Histogram, LockUse, Place, Profile, Time};
    use crate::finding::Object;
    use crate::site::Site;

    fn use_of(line: u32, wait: u64) -> LockUse {
        let site = Site::new("x.rs", line, 1);
        let class = Object::new("Mutex", None, Some(Site::new("x.rs", 1, 1)), vec![]);
        let mut row = LockUse::new(class, site, false);
        (row.acquired, row.contended) = (10, 1);
        row.wait = Histogram::new(wait, wait, [(wait, 1)]);
        row
    }

    #[test]
    fn profiles_add_up_by_place() {
        let mut merged = Profile::new();
        merged.locks = vec![use_of(3, 5)];
        let mut other = Profile::new();
        other.locks = vec![use_of(4, 7), use_of(3, 6), use_of(3, 5)];
        other.places = vec![Place::new(None, false)];
        merged.merge(other);
        let rows: Vec<_> = merged
            .locks
            .iter()
            .map(|row| (row.site.line, row.acquired, row.wait.count, row.wait.sum))
            .collect();
        assert_eq!(rows, [(3, 30, 3, 16), (4, 10, 1, 7)]);
        assert_eq!(merged.places.len(), 1);
    }

    #[test]
    fn times_are_shown_in_their_unit() {
        let times = [
            7,
            999,
            1_000,
            1_239,
            12_390,
            123_900,
            999_999,
            61_000_000_000,
            u64::MAX,
        ];
        let shown: Vec<String> = times.iter().map(|&time| Time(time).to_string()).collect();
        assert_eq!(
            shown,
            [
                "7 ns",
                "999 ns",
                "1.00 µs",
                "1.23 µs",
                "12.3 µs",
                "123 µs",
                "999 µs",
                "61.0 s",
                "18446744073 s"
            ]
        );
    }

    #[test]
    fn sums_stop_at_the_largest_number() {
        let mut huge = Histogram::new(u64::MAX, u64::MAX, [(u64::MAX, u64::MAX)]);
        huge.merge(&huge.clone());
        assert_eq!((huge.count, huge.sum), (u64::MAX, u64::MAX));
        assert_eq!(huge.values, [u64::MAX]);
    }
}
