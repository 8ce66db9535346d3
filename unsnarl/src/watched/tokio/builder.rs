//! `tokio::runtime::Builder`, watched.

use std::fmt;
use std::io;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use super::runtime::Runtime;
use crate::recorder::hosts;

/// What the program wants to be called back for.
type Callback = Arc<dyn Fn() + Send + Sync>;

/// The watched form of [`tokio::runtime::Builder`](::tokio::runtime::Builder).
///
/// **Not as there**: what this has not itself (`build_local`, `enable_io`, unstable options) comes from tokio's builder, and
/// what is built after it is tokio's runtime: its tasks are watched, but not the future that it blocks on.
pub struct Builder {
    inner: ::tokio::runtime::Builder,
    parked: Option<Callback>,
    unparked: Option<Callback>,
}

/// Defines options that are passed on.
macro_rules! options {
    ($($(#[$attribute:meta])* $name:ident($($argument:ident: $type:ty),*);)*) => {$(
        #[doc = concat!("See [`tokio::runtime::Builder::", stringify!($name), "`](::tokio::runtime::Builder::", stringify!($name), ").")]
        $(#[$attribute])*
        pub fn $name(&mut self $(, $argument: $type)*) -> &mut Self {
            self.inner.$name($($argument),*);
            self
        }
    )*};
}

impl Builder {
    /// For a runtime whose tasks all run on the thread that blocks on it. See
    /// [`tokio::runtime::Builder::new_current_thread`](::tokio::runtime::Builder::new_current_thread).
    #[must_use]
    pub fn new_current_thread() -> Self {
        Self::of(::tokio::runtime::Builder::new_current_thread())
    }

    /// For a runtime with many threads. See
    /// [`tokio::runtime::Builder::new_multi_thread`](::tokio::runtime::Builder::new_multi_thread).
    #[must_use]
    pub fn new_multi_thread() -> Self {
        Self::of(::tokio::runtime::Builder::new_multi_thread())
    }

    fn of(inner: ::tokio::runtime::Builder) -> Self {
        Self {
            inner,
            parked: None,
            unparked: None,
        }
    }

    options! {
        enable_all();
        enable_time();
        #[track_caller]
        worker_threads(val: usize);
        #[track_caller]
        max_blocking_threads(val: usize);
        thread_name(val: impl Into<String>);
        name(val: impl Into<String>);
        thread_name_fn(f: impl Fn() -> String + Send + Sync + 'static);
        thread_stack_size(val: usize);
        on_thread_start(f: impl Fn() + Send + Sync + 'static);
        on_thread_stop(f: impl Fn() + Send + Sync + 'static);
        thread_keep_alive(duration: Duration);
        #[track_caller]
        global_queue_interval(val: u32);
        event_interval(val: u32);
        #[cfg(feature = "tokio-test-util")]
        start_paused(start_paused: bool);
    }

    /// What its threads do before they are parked. See
    /// [`tokio::runtime::Builder::on_thread_park`](::tokio::runtime::Builder::on_thread_park).
    pub fn on_thread_park(&mut self, f: impl Fn() + Send + Sync + 'static) -> &mut Self {
        self.parked = Some(Arc::new(f));
        self
    }

    /// What its threads do after they were parked. See
    /// [`tokio::runtime::Builder::on_thread_unpark`](::tokio::runtime::Builder::on_thread_unpark).
    pub fn on_thread_unpark(&mut self, f: impl Fn() + Send + Sync + 'static) -> &mut Self {
        self.unparked = Some(Arc::new(f));
        self
    }

    /// The runtime. See [`tokio::runtime::Builder::build`](::tokio::runtime::Builder::build).
    ///
    /// # Errors
    ///
    /// If the operating system does not give what it needs.
    pub fn build(&mut self) -> io::Result<Runtime> {
        let (parked, unparked) = (self.parked.clone(), self.unparked.clone());
        self.inner.on_thread_park(move || {
            parked.iter().for_each(|callback| callback());
            hosts::parked();
        });
        self.inner.on_thread_unpark(move || {
            hosts::unparked();
            unparked.iter().for_each(|callback| callback());
        });
        self.inner.build().map(Runtime::of)
    }
}

impl Deref for Builder {
    type Target = ::tokio::runtime::Builder;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl DerefMut for Builder {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.inner
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
