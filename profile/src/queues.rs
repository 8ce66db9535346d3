//! Channels: how full they get, and whether they get fuller and fuller.

use model::finding::{Certainty, Finding, Label, Object, Role, Severity};
use model::id::LockId;
use model::kind::Kind;
use model::profile::{Queue, Time};
use model::slug::UNBOUNDED_QUEUE;
use rustc_hash::FxHashMap;

use crate::limits::Limits;
use crate::sample::{Nanos, Put, Spot};
use crate::slots::{Slot, Slots};
use crate::tally::Tally;

/// From this depth on the flow through a channel is looked at over time, of so many at once.
const DEEP: u64 = 8;
const MOST: usize = 4096;
/// In so many slots more must come than go: then it is no burst that fell into one.
const FEWEST: usize = 4;
const MILLI: Nanos = 1_000_000;

/// All channels.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    classes: FxHashMap<(Spot, Option<usize>), Class>,
    deep: FxHashMap<LockId, Deep>,
}

/// The channels that were made at one place.
#[derive(Debug, Default)]
struct Class {
    channels: u64,
    put: u64,
    taken: u64,
    depth: Tally,
    growth: Option<Growth>,
}

/// A channel without limit that was deep once.
#[derive(Debug)]
struct Deep {
    created: Spot,
    since: Nanos,
    slots: Slots<Flow>,
}

/// What went through a channel in a slot of time.
#[derive(Clone, Copy, Debug, Default)]
struct Flow {
    put: u64,
    taken: u64,
}

/// A stretch of time in which more came than went.
#[derive(Clone, Copy, Debug)]
struct Growth {
    put: u64,
    taken: u64,
    time: Nanos,
    /// In how much of that more came than went.
    growing: Nanos,
}

impl Slot for Flow {
    fn join(&mut self, later: Self) {
        self.put += later.put;
        self.taken += later.taken;
    }

    fn next(&self) -> Self {
        Self::default()
    }
}

impl Growth {
    fn by(&self) -> u64 {
        self.put - self.taken
    }
}

impl Queues {
    pub(crate) fn put(&mut self, put: Put) {
        let class = self.classes.entry((put.created, put.bound)).or_default();
        class.channels += u64::from(put.is_first);
        class.put += 1;
        class.depth.add(put.depth);
        if put.bound.is_none() && put.depth >= DEEP && self.deep.len() < MOST {
            self.deep.entry(put.channel).or_insert_with(|| Deep {
                created: put.created,
                since: put.at,
                slots: Slots::new(),
            });
        }
        if let Some(flow) = self.flow(put.channel, put.at) {
            flow.put += 1;
        }
    }

    pub(crate) fn taken(
        &mut self,
        channel: LockId,
        created: Spot,
        bound: Option<usize>,
        at: Nanos,
    ) {
        self.classes.entry((created, bound)).or_default().taken += 1;
        if let Some(flow) = self.flow(channel, at) {
            flow.taken += 1;
        }
    }

    fn flow(&mut self, channel: LockId, at: Nanos) -> Option<&mut Flow> {
        let deep = self.deep.get_mut(&channel)?;
        Some(deep.slots.at(at.saturating_sub(deep.since)))
    }

    /// A channel is gone.
    pub(crate) fn gone(&mut self, channel: LockId) {
        let Some(deep) = self.deep.remove(&channel) else {
            return;
        };
        let class = self.classes.entry((deep.created, None)).or_default();
        class.growth = greater(class.growth, deep.growth());
    }

    pub(crate) fn rows(&self) -> Vec<Queue> {
        let rows = self.classes.iter().map(|(&(created, bound), class)| {
            let mut row = Queue::new(object(created), bound.map(|bound| bound as u64));
            (row.channels, row.put, row.taken) = (class.channels, class.put, class.taken);
            row.depth = class.depth.histogram();
            row
        });
        rows.collect()
    }

    pub(crate) fn findings(&self, limits: &Limits) -> Vec<Finding> {
        let classes = self.classes.iter().filter_map(|(&(created, _), class)| {
            let of_class = |deep: &&Deep| deep.created == created;
            let living = self.deep.values().filter(of_class).map(Deep::growth);
            let growth = living.fold(class.growth, greater)?;
            let is_told = growth.by() >= limits.queue.max(1)
                && growth.growing >= limits.time.saturating_mul(MILLI);
            is_told.then(|| finding(created, class, growth))
        });
        classes.collect()
    }
}

impl Deep {
    /// The stretch of time in which the queue grew most, if it did so in several slots, with both ends at work.
    ///
    /// The sum of what came in less what went out is greatest there: Kadane's algorithm (Bentley, "Programming pearls:
    /// algorithm design techniques", CACM 1984).
    fn growth(&self) -> Option<Growth> {
        let flows = self.slots.all();
        let (mut best, mut best_sum) = (0..0, 0);
        let (mut start, mut sum) = (0, 0_i128);
        for (index, flow) in flows.iter().enumerate() {
            if sum <= 0 {
                (start, sum) = (index, 0);
            }
            sum += i128::from(flow.put) - i128::from(flow.taken);
            if sum > best_sum {
                (best, best_sum) = (start..index + 1, sum);
            }
        }
        let stretch = &flows[best];
        let growing = stretch.iter().filter(|flow| flow.put > flow.taken).count();
        let takes = |flows: &[Flow]| flows.iter().any(|flow| flow.taken > 0);
        let (early, late) = stretch.split_at(stretch.len() / 2);
        let is_steady = growing >= FEWEST && takes(early) && takes(late);
        let width = self.slots.width();
        is_steady.then(|| Growth {
            put: stretch.iter().map(|flow| flow.put).sum(),
            taken: stretch.iter().map(|flow| flow.taken).sum(),
            time: width.saturating_mul(stretch.len() as Nanos),
            growing: width.saturating_mul(growing as Nanos),
        })
    }
}

fn greater(a: Option<Growth>, b: Option<Growth>) -> Option<Growth> {
    a.into_iter().chain(b).max_by_key(Growth::by)
}

fn object(created: Spot) -> Object {
    Object::new(Kind::Channel.word(), None, Some(created.into()), Vec::new())
}

/// The warning that a queue grows.
fn finding(created: Spot, class: &Class, growth: Growth) -> Finding {
    let message = "the queue of a channel without limit grows: more comes in than is taken out";
    let mut finding = Finding::new(UNBOUNDED_QUEUE, Certainty::Observed, message);
    finding.severity = Severity::Warning;
    finding.objects = vec![object(created)];
    let text = "the channel is made here, with room for any number of messages";
    finding.labels = vec![Label::new(Role::Primary, created.into(), text)];
    finding.notes = vec![format!(
        "for {} it grew by {} messages: {} came in, {} were taken out; at most it had {}",
        Time(growth.time),
        growth.by(),
        growth.put,
        growth.taken,
        class.depth.max(),
    )];
    finding.helps = vec![
        "make it with a limit, so that senders wait for the receiver (`sync_channel`, or tokio's `channel`)"
            .to_owned(),
    ];
    finding.with_fingerprint()
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use model::id::LockId;
    use proptest::prelude::*;

    use super::{MILLI, Queues};
    use crate::limits::Limits;
    use crate::sample::{Put, Spot};

    /// What goes in and out, each at its time, as the depth after it tells.
    struct Channel {
        queues: Queues,
        depth: u64,
        bound: Option<usize>,
        created: Spot,
    }

    impl Channel {
        fn new(bound: Option<usize>) -> Self {
            Self {
                queues: Queues::default(),
                depth: 0,
                bound,
                created: Spot(Location::caller()),
            }
        }

        fn put(&mut self, at: u64) {
            self.depth += 1;
            self.queues.put(Put {
                channel: LockId(1),
                created: self.created,
                bound: self.bound,
                is_first: self.depth == 1,
                depth: self.depth,
                at,
            });
        }

        fn take(&mut self, at: u64) {
            self.depth -= 1;
            self.queues.taken(LockId(1), self.created, self.bound, at);
        }

        fn slugs(&self) -> Vec<String> {
            let findings = self.queues.findings(&Limits::default()).into_iter();
            findings.map(|finding| finding.slug).collect()
        }
    }

    /// For 200 ms ten messages a millisecond come in, and this many go out.
    fn flow(bound: Option<usize>, out: u64) -> Channel {
        let mut channel = Channel::new(bound);
        for milli in 0..200 {
            (0..10).for_each(|_| channel.put(milli * MILLI));
            (0..out).for_each(|_| channel.take(milli * MILLI + 1));
        }
        channel
    }

    #[test]
    fn a_queue_that_grows_is_told() {
        assert_eq!(flow(None, 1).slugs(), ["unbounded-queue"]);
        let mut gone = flow(None, 1);
        gone.queues.gone(LockId(1));
        assert_eq!(gone.slugs(), ["unbounded-queue"]);
    }

    #[test]
    fn one_that_keeps_up_is_not() {
        assert!(flow(None, 10).slugs().is_empty());
    }

    #[test]
    fn one_with_a_limit_is_not() {
        assert!(flow(Some(5_000), 1).slugs().is_empty());
    }

    #[test]
    fn one_that_is_filled_at_once_and_then_emptied_is_not() {
        let mut channel = Channel::new(None);
        (0..10_000).for_each(|_| channel.put(5));
        (0..10_000).for_each(|turn| channel.take(10 + turn * MILLI));
        assert!(channel.slugs().is_empty());
    }

    #[test]
    fn one_that_nobody_has_begun_to_empty_is_not() {
        assert!(flow(None, 0).slugs().is_empty());
    }

    #[test]
    fn a_burst_in_a_long_run_is_not() {
        let mut channel = Channel::new(None);
        let second = 1_000 * MILLI;
        for burst in 0..10 {
            (0..1_500).for_each(|_| channel.put(burst * 60 * second));
            (0..1_500).for_each(|turn| channel.take(burst * 60 * second + turn * MILLI));
        }
        assert!(channel.slugs().is_empty());
    }

    proptest! {
        #[test]
        fn rows_count_like_a_list(puts in proptest::collection::vec(any::<bool>(), 0..200)) {
            let mut channel = Channel::new(None);
            let (mut depths, mut taken) = (Vec::new(), 0);
            for (at, &puts) in puts.iter().enumerate() {
                if puts {
                    channel.put(at as u64);
                    depths.push(channel.depth);
                } else if channel.depth > 0 {
                    channel.take(at as u64);
                    taken += 1;
                }
            }
            for row in channel.queues.rows() {
                prop_assert_eq!(row.put, depths.len() as u64);
                prop_assert_eq!(row.taken, taken);
                prop_assert_eq!(row.depth.max, depths.iter().copied().max().unwrap_or(0));
            }
        }
    }
}
