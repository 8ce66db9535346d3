//! Parked threads of a model. Loom's own lose the token of a thread that waits for a lock before it parks.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use loom::thread::ThreadId;

use super::condvar::Condvar;
use super::mutex::{Mutex, held};

/// [`std::thread::Thread`] of a model.
#[derive(Clone)]
pub struct Thread {
    thread: loom::thread::Thread,
    token: Arc<Token>,
}

/// What a park waits for.
#[derive(Default)]
pub(super) struct Token {
    is_there: Mutex<bool>,
    comes: Condvar,
}

loom::thread_local! {
    static TOKEN: RefCell<Arc<Token>> = RefCell::default();
}

impl Thread {
    /// A thread of loom's, with its token.
    pub(super) fn new(thread: loom::thread::Thread, token: Arc<Token>) -> Self {
        Self { thread, token }
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> ThreadId {
        self.thread.id()
    }

    /// Its name, if it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.thread.name()
    }

    /// Ends its park, or the next one.
    #[track_caller]
    pub fn unpark(&self) {
        *held(self.token.is_there.lock()) = true;
        self.token.comes.notify_one();
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.thread.fmt(f)
    }
}

/// The current thread has this token.
pub(super) fn is_known_by(token: Arc<Token>) {
    TOKEN.with(|own| own.replace(token));
}

/// The current thread.
#[must_use]
pub fn current() -> Thread {
    let token = TOKEN.with(|own| Arc::clone(&own.borrow()));
    Thread::new(loom::thread::current(), token)
}

/// [`std::thread::park`] in a model.
#[track_caller]
pub fn park() {
    let Thread { token, .. } = current();
    let is_there = held(token.is_there.lock());
    let is_there = token.comes.wait_while(is_there, |is_there| !*is_there);
    *held(is_there) = false;
}
