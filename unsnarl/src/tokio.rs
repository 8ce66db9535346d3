//! `tokio`, watched: tasks, and what they wait for.
//!
//! Write `use unsnarl::tokio;`, and `tokio::spawn`, `#[tokio::test]`, `tokio::select!` and all the rest are here: what has to
//! do with tasks and locks as twins, and everything else as it is. tokio stays a dependency of the program, as its macros
//! name it. With the feature `check` off this *is* tokio.
//!
//! To the engines a task is a thread of its own. Orders of locks, hangs, data races and leaks speak of tasks, whatever thread
//! each poll runs on:
//!
//! ```
//! use unsnarl::tokio::runtime::Runtime;
//! use unsnarl::tokio::sync::Mutex;
//!
//! let account = Mutex::new(100);
//! Runtime::new().unwrap().block_on(async {
//!     *account.lock().await += 20;
//! });
//! assert_eq!(account.into_inner(), 120);
//! ```
//!
//! # What is found
//!
//! * Orders of locks that form a ring, across awaits, with the standard library's locks among them.
//! * Hangs: tasks that wait for each other, or all of them for something that none will do.
//! * Locks of the standard library that are held while a task is suspended; and tasks that block their thread.
//! * Tasks that are left over where [`leak::check_none`](crate::leak::check_none) asks for them.
//!
//! # What is not seen
//!
//! * Tasks that others spawn with tokio itself. As long as a runtime has such tasks, only knots of locks and joins are hangs.
//! * Who waits for what, in a task that waits for anything that is not from here: a timer, a socket, another crate's future.
//!   Such a task counts as one that runs.
//! * Who holds a lock by a guard that owns it (`lock_owned`): it can be anybody.

pub use ::tokio::*;

pub use crate::watched::tokio::spawn::spawn;

/// `tokio::runtime`, watched.
pub mod runtime {
    pub use ::tokio::runtime::*;

    pub use crate::watched::tokio::builder::Builder;
    pub use crate::watched::tokio::handle::Handle;
    pub use crate::watched::tokio::runtime::Runtime;
}

/// `tokio::sync`, watched.
pub mod sync {
    pub use ::tokio::sync::*;

    pub use crate::watched::tokio::barrier::Barrier;
    pub use crate::watched::tokio::mutex::{
        MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard,
    };
    pub use crate::watched::tokio::notify::Notify;
    pub use crate::watched::tokio::once_cell::OnceCell;
    pub use crate::watched::tokio::rwlock::{
        OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock,
        RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard,
    };
    pub use crate::watched::tokio::semaphore::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
    pub use crate::watched::tokio::set_once::SetOnce;

    /// `tokio::sync::broadcast`, watched.
    pub mod broadcast {
        pub use ::tokio::sync::broadcast::*;

        pub use crate::watched::tokio::broadcast::{Receiver, Sender, WeakSender, channel};
    }

    /// `tokio::sync::futures`, watched.
    pub mod futures {
        pub use crate::watched::tokio::notify::{Notified, OwnedNotified};
    }

    /// `tokio::sync::mpsc`, watched.
    pub mod mpsc {
        pub use ::tokio::sync::mpsc::*;

        pub use crate::watched::tokio::mpsc::bounded::{Receiver, Sender, WeakSender, channel};
        pub use crate::watched::tokio::mpsc::permit::{OwnedPermit, Permit, PermitIterator};
        pub use crate::watched::tokio::mpsc::unbounded::{
            UnboundedReceiver, UnboundedSender, WeakUnboundedSender, unbounded_channel,
        };
    }

    /// `tokio::sync::oneshot`, watched.
    pub mod oneshot {
        pub use ::tokio::sync::oneshot::*;

        pub use crate::watched::tokio::oneshot::{Receiver, Sender, channel};
    }

    /// `tokio::sync::watch`, watched.
    pub mod watch {
        pub use ::tokio::sync::watch::*;

        pub use crate::watched::tokio::watch::{Receiver, Sender, channel};
    }
}

/// `tokio::task`, watched.
pub mod task {
    pub use ::tokio::task::*;

    pub use crate::watched::tokio::join_handle::JoinHandle;
    pub use crate::watched::tokio::join_set::JoinSet;
    pub use crate::watched::tokio::local_set::LocalSet;
    pub use crate::watched::tokio::spawn::{block_in_place, spawn, spawn_blocking, spawn_local};
}

/// `tokio::time`, watched.
pub mod time {
    pub use ::tokio::time::*;

    pub use crate::watched::tokio::timeout::{timeout, timeout_at};
}
