//! Threads under control: spawned as coroutines, joined through the schedule.

use std::any::Any;
use std::io;
use std::panic::Location;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::Result;

use explore::op::{Act, Obj, Outcome, Tid};
use model::site::Caller;

use super::current::with;
use super::execution::{Execution, Signal};
use super::fiber::{Fiber, Suspender, Wake};
use super::local;
use super::operation::{Stopped, operate, stop};
use super::worker;
use crate::recorder::state::is_controlled;

/// What joins a thread.
pub(crate) struct Handle<T> {
    tid: Tid,
    key: u64,
    name: Arc<str>,
    /// The execution it belongs to.
    execution: u64,
    packet: Arc<Packet<T>>,
    thread: OnceLock<crate::watched::thread::Thread>,
}

/// Where a thread leaves its result.
struct Packet<T>(Mutex<Option<Result<T>>>);

impl<T> Packet<T> {
    fn put(&self, result: Result<T>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    }

    /// The result, once the thread has let go of this.
    fn take(self: Arc<Self>) -> Option<Result<T>> {
        let result = Arc::into_inner(self)?.0;
        result.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts a thread; it runs up to its first operation at once.
///
/// # Errors
///
/// If there is no memory for its stack.
///
/// # Safety
///
/// What `f` borrows must live until the thread has ended, or is never resumed again.
#[track_caller]
pub(crate) unsafe fn spawn<'a, F, T>(name: Option<&str>, f: F) -> io::Result<Handle<T>>
where
    F: FnOnce() -> T + 'a,
    T: 'a,
{
    let parent = with(|execution| execution.current);
    let packet = Arc::new(Packet(Mutex::new(None)));
    let filled = Arc::clone(&packet);
    let body = move || match catch_unwind(AssertUnwindSafe(f)) {
        Err(payload) if payload.is::<Stopped>() => true,
        result => {
            let panicked = result.is_err();
            filled.put(result);
            panicked
        }
    };
    // SAFETY: the caller keeps what the body borrows alive as long as it runs.
    let tid = unsafe { begin((name, Some(Location::caller())), Box::new(body))? };
    let handle = with(|execution| {
        execution.current = parent;
        Handle {
            tid,
            key: execution.run.world.thread(tid).key,
            name: Arc::clone(&execution.thread(tid).who.thread),
            execution: execution.number,
            packet,
            thread: OnceLock::new(),
        }
    });
    Ok(handle)
}

/// Starts a thread, of this name and from here, that says whether it panicked, and lets it run up to its first operation.
///
/// # Safety
///
/// As for [`spawn`].
pub(super) unsafe fn begin<'a>(
    (name, site): (Option<&str>, Option<Caller>),
    body: Box<dyn FnOnce() -> bool + 'a>,
) -> io::Result<Tid> {
    // SAFETY: only the lifetime changes, and the caller keeps what is borrowed alive as long as the body runs.
    let body: Box<dyn FnOnce() -> bool> = unsafe { std::mem::transmute(body) };
    let (tid, stack_size, wake) = with(|execution| {
        // A destructor that starts threads when the execution is over could do so for ever.
        let wake = if execution.is_ending {
            Wake::Stop
        } else {
            Wake::Go
        };
        (execution.start(name, site), execution.stack_size, wake)
    });
    let fiber = Fiber::new(stack_size, move |suspender, wake| {
        live(tid, suspender, wake, body)
    });
    let fiber = fiber.inspect_err(|_| with(|execution| execution.run.world.end(tid)))?;
    with(|execution| execution.thread(tid).fiber = Some(fiber));
    resume(tid, wake);
    Ok(tid)
}

/// A thread, from its first to its last moment.
fn live(tid: Tid, suspender: Suspender, wake: Wake, body: Box<dyn FnOnce() -> bool>) {
    let here = 0_u8;
    with(|execution| {
        let thread = execution.thread(tid);
        thread.suspender = Some(suspender);
        thread.base = (&raw const here).addr();
    });
    let panicked = match wake {
        Wake::Go => catch_unwind(AssertUnwindSafe(body)).unwrap_or(true),
        Wake::Stop => false,
    };
    // A panic of a destructor is in the record already, and one that ends the thread has done so.
    while catch_unwind(local::drop_all).is_err() {}
    with(|execution| execution.leave(tid, panicked));
}

/// Lets a thread run until it waits for its turn or ends.
pub(super) fn resume(tid: Tid, wake: Wake) {
    let (mut fiber, half) = with(|execution| {
        execution.current = tid;
        let thread = execution.thread(tid);
        let fiber = thread.fiber.take();
        let fiber = fiber.expect("a thread that is resumed has not ended");
        (fiber, Rc::clone(&thread.half))
    });
    if half.run(|| fiber.resume(wake)) {
        with(|execution| execution.thread(tid).suspender = None);
        fiber.recycle();
    } else {
        with(|execution| execution.thread(tid).fiber = Some(fiber));
    }
}

impl Execution {
    fn leave(&mut self, tid: Tid, panicked: bool) {
        let is_new = std::mem::take(&mut self.thread(tid).is_new);
        if self.is_ending {
            return self.run.world.end(tid);
        }
        self.run.end(tid);
        if tid == Tid::MAIN && panicked {
            self.main_panicked = true;
            self.signal = Some(Signal::End(explore::run::Turn::Over));
        } else if !is_new {
            self.decide();
        }
    }
}

impl<T> Handle<T> {
    /// Waits for the thread to end.
    pub(crate) fn join(self, site: Caller) -> Result<T> {
        if is_controlled() && with(|execution| execution.number) == self.execution {
            operate(Act::Join(self.tid), Obj::NONE, Some(site));
            with(|execution| execution.joined_by_hand(self.tid));
        }
        match self.packet.take() {
            Some(result) => result,
            None if is_controlled() => stop(),
            None => {
                Err(Box::new("the thread belonged to an execution that is over")
                    as Box<dyn Any + Send>)
            }
        }
    }

    /// Whether the thread has ended.
    pub(crate) fn is_finished(&self, site: Caller) -> bool {
        if is_controlled() && with(|execution| execution.number) == self.execution {
            return operate(Act::IsFinished(self.tid), Obj::NONE, Some(site)) == Outcome::Done;
        }
        true
    }

    /// What the standard library would call it.
    pub(crate) fn thread(&self) -> &crate::watched::thread::Thread {
        let make = || crate::watched::thread::Thread(worker::known_as(self.key, &self.name));
        self.thread.get_or_init(make)
    }

    pub(crate) fn tid(&self) -> Tid {
        self.tid
    }
}

impl Execution {
    fn joined_by_hand(&mut self, tid: Tid) {
        self.joined(tid);
        let of_it = |panicked: &&mut super::panics::Panicked| panicked.thread == tid;
        self.panics
            .iter_mut()
            .filter(of_it)
            .for_each(|panicked| panicked.is_known = true);
    }
}
