//! The kinds of things that threads hold or wait for.

use crate::record::word;

word! {
    /// What a watched object is.
    pub enum Kind {
        /// A mutual exclusion lock.
        #[default]
        Mutex = "Mutex",
        /// A read-write lock.
        RwLock = "RwLock",
        /// A one-time initialisation.
        Once = "Once",
        /// A cell that is written once.
        OnceLock = "OnceLock",
        /// A value made at its first use.
        LazyLock = "LazyLock",
        /// A condition variable.
        Condvar = "Condvar",
        /// A barrier.
        Barrier = "Barrier",
        /// A channel.
        Channel = "channel",
        /// An atomic.
        Atomic = "atomic",
        /// A thread.
        Thread = "thread",
        /// A scope of threads.
        Scope = "scope",
    }
}
