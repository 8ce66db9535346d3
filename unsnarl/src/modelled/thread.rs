//! Threads of a model.
//!
//! Loom ends the model where any thread panics. The standard library does not: whoever joins the thread is told, and may
//! expect it. A panic that nobody was told of fails the test.

use std::any::Any;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Result;

use super::complaint::Limit;
use super::limits::give_up;
use super::panics;
use super::park::{self, Thread, Token};

/// [`std::thread::JoinHandle`] of a model's thread.
pub struct JoinHandle<T> {
    thread: Thread,
    end: Arc<End>,
    /// What the thread comes to.
    packet: Arc<Mutex<Option<Result<T>>>>,
}

/// The end of a thread, which has come or will.
#[derive(Default)]
pub(super) struct End(Mutex<State>);

#[derive(Default)]
struct State {
    /// Loom's handle, until somebody waits.
    handle: Option<loom::thread::JoinHandle<()>>,
    has_come: bool,
    /// The panic that was the end, by its place among those of the execution.
    panic: Option<usize>,
}

impl End {
    fn with<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn has_come(&self) -> bool {
        self.with(|state| state.has_come)
    }

    /// Waits for it, unless somebody has. Returns whether it was a panic; whoever asks was told of it then.
    #[track_caller]
    pub(super) fn wait(&self) -> bool {
        let Some(handle) = self.with(|state| state.handle.take()) else {
            return false;
        };
        // What it came to lies elsewhere.
        let _ = handle.join();
        let panic = self.with(|state| state.panic);
        if let Some(panic) = panic {
            panics::with(|seen| seen.panics[panic].is_known = true);
        }
        panic.is_some()
    }
}

/// [`std::thread::spawn`] in a model.
#[track_caller]
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    // SAFETY: it lives for ever.
    unsafe { Builder::new().start(f) }
}

/// Another thread is started, of this name.
fn begin(name: Option<String>) {
    if !panics::is_on() {
        // Loom says so.
        return;
    }
    let threads = panics::with(|seen| {
        seen.names.push(name);
        seen.names.len() + 1
    });
    if threads > loom::MAX_THREADS {
        give_up(Limit::Threads);
    }
}

/// What a thread comes to that a panic ends, and the place of that among those of the execution. Loom's own goes on.
fn end_with<T>(payload: Box<dyn Any + Send>) -> (Result<T>, Option<usize>) {
    let panic = panics::with(|seen| {
        let last = seen.panics.len().checked_sub(1);
        let last = last.filter(|_| !seen.is_given_up());
        last.inspect(|&last| seen.panics[last].is_end = true)
    });
    match panic {
        Some(_) => (Err(payload), panic),
        None => resume_unwind(payload),
    }
}

/// All threads of a model are coroutines of one thread of the operating system.
struct Movable(Box<dyn FnOnce()>);

// SAFETY: it stays on the thread of the operating system that made it.
unsafe impl Send for Movable {}

impl Movable {
    fn call(self) {
        (self.0)();
    }
}

impl<T> JoinHandle<T> {
    /// Waits for the thread to end, and returns what it came to.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        self.end.wait();
        let mut packet = self.packet.lock().unwrap_or_else(PoisonError::into_inner);
        packet
            .take()
            .expect("a thread that has ended came to something")
    }

    /// The thread.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// Whether it has come to its end.
    pub fn is_finished(&self) -> bool {
        self.end.has_come()
    }

    pub(super) fn end(&self) -> &Arc<End> {
        &self.end
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}

/// [`std::thread::Builder`] of a model's threads.
#[derive(Debug)]
#[must_use = "a builder does nothing until it starts a thread"]
pub struct Builder {
    name: Option<String>,
    stack_size: Option<usize>,
}

impl Builder {
    /// A thread without a name.
    #[expect(
        clippy::new_without_default,
        reason = "the standard library's has none"
    )]
    pub fn new() -> Self {
        Self {
            name: None,
            stack_size: None,
        }
    }

    /// Its name.
    pub fn name(mut self, name: String) -> Self {
        self.name = Some(name);
        self
    }

    /// How many bytes its stack has: 32 KiB if not said otherwise.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = Some(bytes);
        self
    }

    /// Starts it.
    ///
    /// # Errors
    ///
    /// None, in a model.
    #[track_caller]
    pub fn spawn<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        // SAFETY: it lives for ever.
        Ok(unsafe { self.start(f) })
    }

    /// Starts it. One more than loom takes ends the model.
    ///
    /// # Safety
    ///
    /// The thread does not run any more when what it borrows is gone.
    #[track_caller]
    pub(super) unsafe fn start<'a, F, T>(self, f: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + 'a,
        T: 'a,
    {
        begin(self.name.clone());
        let (packet, end) = (Arc::new(Mutex::new(None)), Arc::new(End::default()));
        let (their_packet, their_end) = (Arc::clone(&packet), Arc::clone(&end));
        let token = Arc::new(Token::default());
        let their_token = Arc::clone(&token);
        let body: Box<dyn FnOnce() + 'a> = Box::new(move || {
            park::is_known_by(their_token);
            let (result, panic) = match catch_unwind(AssertUnwindSafe(f)) {
                Ok(value) => (Ok(value), None),
                Err(payload) => end_with(payload),
            };
            *their_packet.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
            their_end.with(|state| (state.has_come, state.panic) = (true, panic));
        });
        // SAFETY: the caller promises that it lives as long as it runs.
        let body =
            unsafe { std::mem::transmute::<Box<dyn FnOnce() + 'a>, Box<dyn FnOnce()>>(body) };
        let body = Movable(body);
        let handle = self.of_loom().spawn(move || body.call());
        let handle = handle.expect("loom always has a thread");
        let thread = Thread::new(handle.thread().clone(), token);
        end.with(|state| state.handle = Some(handle));
        JoinHandle {
            thread,
            end,
            packet,
        }
    }

    fn of_loom(self) -> loom::thread::Builder {
        let mut builder = loom::thread::Builder::new();
        if let Some(name) = self.name {
            builder = builder.name(name);
        }
        if let Some(bytes) = self.stack_size {
            // Loom counts in words.
            builder = builder.stack_size(bytes / size_of::<usize>());
        }
        builder
    }
}
