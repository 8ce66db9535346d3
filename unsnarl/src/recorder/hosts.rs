//! The threads of asynchronous runtimes: those that are parked have nothing to do, and whoever has tasks that nobody
//! watches says so.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use super::system::{self, Tid};

/// What is known of the runtimes.
#[derive(Default)]
struct Hosts {
    /// Their threads that have nothing to do.
    parked: Vec<Tid>,
    /// For each runtime that lives: whether it has tasks that nobody watches.
    outsiders: HashMap<u64, Box<dyn Fn() -> bool + Send>>,
    next: u64,
}

static HOSTS: LazyLock<Mutex<Hosts>> = LazyLock::new(Mutex::default);

thread_local! {
    static TID: Cell<Option<Tid>> = const { Cell::new(None) };
}

fn hosts() -> MutexGuard<'static, Hosts> {
    HOSTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The current thread, asked of the operating system once.
fn tid() -> Option<Tid> {
    let tid = TID.get().or_else(system::current_tid);
    TID.set(tid);
    tid
}

/// The current thread belongs to a runtime, and has nothing to do until it is unparked.
pub fn parked() {
    if let Some(tid) = tid() {
        hosts().parked.push(tid);
    }
}

/// The current thread was [parked], and goes on.
pub fn unparked() {
    if let Some(tid) = tid() {
        hosts().parked.retain(|&parked| parked != tid);
    }
}

/// A runtime that lives, until this is dropped.
#[derive(Debug)]
pub struct Living(u64);

/// A runtime begins; it says whether it has tasks that nobody watches.
pub fn begin(has_outsiders: Box<dyn Fn() -> bool + Send>) -> Living {
    let mut hosts = hosts();
    let number = hosts.next;
    hosts.next += 1;
    hosts.outsiders.insert(number, has_outsiders);
    Living(number)
}

impl Drop for Living {
    fn drop(&mut self) {
        let gone = hosts().outsiders.remove(&self.0);
        drop(gone);
    }
}

/// The threads that are parked.
pub(super) fn idle() -> Vec<Tid> {
    hosts().parked.clone()
}

/// Whether any runtime has tasks that nobody watches: they may do anything.
pub(super) fn have_outsiders() -> bool {
    hosts()
        .outsiders
        .values()
        .any(|has_outsiders| has_outsiders())
}
