//! What has ordered a thread after others lately: a race is told with the last order there was between its threads.

use lockgraph::held::Held;
use model::site::{Caller, Origin};
use race::epoch::Epoch;
use race::stamp::Stamp;

/// How many are remembered.
const MOST: usize = 16;

/// Something that brought news of other threads.
#[derive(Clone, Debug)]
struct Lesson {
    /// Whom the thread comes after since, and how far.
    stamp: Stamp,
    by: By,
}

/// What brought it.
#[derive(Clone, Copy, Debug)]
pub(super) enum By {
    /// A lock that the thread has got.
    Lock(Held),
    /// An atomic that it has read here.
    Atomic(Caller),
}

/// The last of them.
#[derive(Debug, Default)]
pub(super) struct Lessons {
    last: [Option<Lesson>; MOST],
    next: usize,
}

impl By {
    /// Where.
    pub(super) fn site(&self) -> Caller {
        match self {
            Self::Lock(held) => held.site,
            Self::Atomic(site) => site,
        }
    }

    /// What, in words.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Lock(held) => match held.origin {
                Origin::Named(name) => format!("the {} `{name}`", held.kind),
                Origin::Created(_) => format!("a {}", held.kind),
            },
            Self::Atomic(_) => "an atomic".to_owned(),
        }
    }
}

impl Lessons {
    /// The thread comes after this since.
    #[cold]
    pub(super) fn add(&mut self, stamp: &Stamp, by: By) {
        let stamp = stamp.clone();
        self.last[self.next % MOST] = Some(Lesson { stamp, by });
        self.next = self.next.wrapping_add(1);
    }

    /// What ordered the thread after what another did before this moment, as late as possible.
    pub(super) fn before(&self, moment: Epoch) -> Option<By> {
        let oldest_first = (0..MOST).map(|step| self.next.wrapping_add(step) % MOST);
        let lessons = oldest_first.filter_map(|place| self.last[place].as_ref());
        let times = lessons.map(|lesson| (lesson.stamp.time(moment.slot()), lesson.by));
        let useful = times.filter(|&(time, _)| time > 0 && time < moment.time());
        useful.max_by_key(|&(time, _)| time).map(|(_, by)| by)
    }
}
