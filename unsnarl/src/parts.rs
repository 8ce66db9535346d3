//! What twins are made of that are built elsewhere: those of tokio, against the tokio of a program that knows nothing of
//! unsnarl. Their sources are those of `unsnarl::tokio`, so the modules have the same paths. Not for others: nothing of it is
//! stable.

/// The recorder.
pub mod recorder {
    /// Operations that are held up on purpose.
    #[cfg(feature = "tasks")]
    pub mod cancellations {
        pub use crate::recorder::cancellations::is_suspending;
    }

    /// The threads of runtimes.
    #[cfg(feature = "tasks")]
    pub mod hosts {
        pub use crate::recorder::hosts::{Living, begin, parked, unparked};
    }

    /// What a test leaves behind.
    pub mod leaks {
        /// What a test makes and takes.
        pub mod belongings {
            pub use crate::recorder::leaks::belongings::Belonging;
        }
    }

    /// Noise.
    pub mod noise {
        pub use crate::recorder::noise::{Object, at, shortened};
    }

    /// The profiler.
    pub mod profile {
        pub use crate::recorder::profile::is_on;
        #[cfg(feature = "tasks")]
        pub use crate::recorder::profile::{Moment, contended_since, moment};
    }

    /// The race detector.
    pub mod races {
        pub use crate::recorder::races::is_watching;

        /// What is recorded.
        pub mod tape {
            pub use crate::recorder::races::tape::touched;
        }
    }

    /// How a waiting thread can be woken.
    pub mod seats {
        pub use crate::recorder::seats::Poke;
    }

    /// Tasks.
    #[cfg(feature = "tasks")]
    pub mod tasks {
        pub use crate::recorder::tasks::{AtEnd, Task, at_end, may_block, plan, polled_with, root};

        /// Locks that tasks hold.
        pub mod claims {
            pub use crate::recorder::tasks::claims::{Owner, ask, hold, hold_loosely, release};
        }

        /// Permits that were forgotten.
        pub mod permits {
            pub use crate::recorder::tasks::permits::{forgotten, found};
        }

        /// What tasks await.
        pub mod suspension {
            pub use crate::recorder::tasks::suspension::{Await, Pending};
        }
    }

    /// Threads and tasks that are started.
    pub mod threads {
        pub use crate::recorder::threads::Child;
    }

    /// Waits.
    pub mod waits {
        pub use crate::recorder::waits::{Waiting, wait};
    }
}

/// The twins.
pub mod watched {
    /// How full channels are.
    pub mod meter {
        pub use crate::watched::meter::Meter;
    }

    /// What identifies an object.
    pub mod tag {
        pub use crate::watched::tag::{Sleeper, Tag};
    }
}
