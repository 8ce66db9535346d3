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
    last: Vec<Lesson>,
    /// Which of them is the oldest, once there are as many as are remembered.
    oldest: usize,
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
        let lesson = Lesson { stamp, by };
        if self.last.len() < MOST {
            return self.last.push(lesson);
        }
        self.last[self.oldest] = lesson;
        self.oldest = (self.oldest + 1) % MOST;
    }

    /// Nothing was learnt yet.
    #[cfg(feature = "explore")]
    pub(super) fn clear(&mut self) {
        self.last.clear();
        self.oldest = 0;
    }

    /// What ordered the thread after what another did before this moment, as late as possible.
    pub(super) fn before(&self, moment: Epoch) -> Option<By> {
        let (new, old) = self.last.split_at(self.oldest);
        let lessons = old.iter().chain(new);
        let times = lessons.map(|lesson| (lesson.stamp.time(moment.slot()), lesson.by));
        let useful = times.filter(|&(time, _)| time > 0 && time < moment.time());
        useful.max_by_key(|&(time, _)| time).map(|(_, by)| by)
    }
}
