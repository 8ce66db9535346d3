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
        /// A mutual exclusion lock of an asynchronous runtime.
        AsyncMutex = "async Mutex",
        /// A read-write lock of an asynchronous runtime.
        AsyncRwLock = "async RwLock",
        /// A counter of permits.
        Semaphore = "Semaphore",
        /// A place to be notified at.
        Notify = "Notify",
        /// A task of an asynchronous runtime.
        Task = "task",
        /// A set of tasks.
        JoinSet = "JoinSet",
    }
}

impl Kind {
    /// Whether whoever waits for it suspends its task, instead of blocking its thread.
    #[must_use]
    pub fn suspends(self) -> bool {
        matches!(
            self,
            Self::AsyncMutex
                | Self::AsyncRwLock
                | Self::Semaphore
                | Self::Notify
                | Self::Task
                | Self::JoinSet
        )
    }

    /// Whether it is a lock that readers share.
    #[must_use]
    pub fn is_read_write(self) -> bool {
        matches!(self, Self::RwLock | Self::AsyncRwLock)
    }
}
