//! What would end the process, in signals.
//!
//! - A thread that overflows its stack: the guard page of a coroutine's stack is not known to the standard library, which
//!   would let the process die without a word. Now it dies with some.
//! - A destructor that panics while its thread unwinds: after the panic hook, the standard library aborts. The thread is
//!   suspended in the signal's handler instead, for good, and the process goes on.
//! - A thread that aborts, or uses memory that is not there: it is suspended in the same way, and that is a finding.

use std::cell::Cell;

use super::fiber::Suspender;

/// How many bytes at the end of a stack are its guard page, at least.
#[cfg(unix)]
const GUARD: usize = 1 << 12;

/// How far beyond the guard page foreign code may get, which does not touch each page of its stack in turn.
#[cfg(unix)]
const BELOW: usize = 1 << 20;

thread_local! {
    /// Where the stack of the coroutine that runs on this thread ends; 0 if none does.
    static LIMIT: Cell<usize> = const { Cell::new(0) };
    /// How the coroutine that is about to abort can suspend itself.
    static LOST: Cell<Option<Suspender>> = const { Cell::new(None) };
}

/// Runs `f`, which runs the coroutine whose stack ends at this address.
pub(super) fn on_stack<R>(limit: usize, f: impl FnOnce() -> R) -> R {
    let before = LIMIT.replace(limit);
    let result = f();
    LIMIT.set(before);
    result
}

/// The running coroutine is about to abort the process: it is to be suspended then.
pub(super) fn lose(suspender: Suspender) {
    LOST.set(Some(suspender));
}

#[cfg(unix)]
mod unix {
    use std::mem::MaybeUninit;
    use std::ptr;
    use std::sync::OnceLock;

    use super::{BELOW, GUARD, LIMIT, LOST};
    use crate::controlled::crash;

    /// Overflows come as the first or the second, whichever the system has.
    const SIGNALS: [libc::c_int; 6] = [
        libc::SIGSEGV,
        libc::SIGBUS,
        libc::SIGABRT,
        libc::SIGILL,
        libc::SIGFPE,
        libc::SIGTRAP,
    ];

    /// What handled each of them before, and is asked about all that is not ours.
    static BEFORE: [OnceLock<libc::sigaction>; SIGNALS.len()] =
        [const { OnceLock::new() }; SIGNALS.len()];

    const OVERFLOW: &[u8] =
        b"unsnarl: not explorable: a thread overflows its stack; `Explorer::stack_size` gives \
        threads more of it\n";

    /// Puts the handler before those that there are.
    pub(crate) fn watch() {
        for (signal, before) in SIGNALS.into_iter().zip(&BEFORE) {
            before.get_or_init(|| install(signal));
        }
    }

    fn install(signal: libc::c_int) -> libc::sigaction {
        let handler: extern "C" fn(_, _, _) = on_signal;
        // An abort is handled where it happens, to be suspended there; an overflow on the stack that the standard library
        // keeps for signals. Nobody returns from a handler in which a thread is suspended.
        let flags = match signal {
            libc::SIGABRT => libc::SA_SIGINFO | libc::SA_NODEFER,
            _ => libc::SA_SIGINFO | libc::SA_NODEFER | libc::SA_ONSTACK,
        };
        let mut before = MaybeUninit::zeroed();
        // SAFETY: all zeros is a valid `sigaction`, and the handler only calls what may be called in one.
        unsafe {
            let mut ours: libc::sigaction = std::mem::zeroed();
            ours.sa_sigaction = handler as usize;
            ours.sa_flags = flags;
            libc::sigaction(signal, &raw const ours, before.as_mut_ptr());
            before.assume_init()
        }
    }

    extern "C" fn on_signal(
        signal: libc::c_int,
        info: *mut libc::siginfo_t,
        _context: *mut libc::c_void,
    ) {
        if signal == libc::SIGABRT {
            // The process aborts on this very thread, so nothing was interrupted that others wait for.
            if let Some(suspender) = LOST.take() {
                suspender.suspend_for_good();
            }
        } else if [libc::SIGSEGV, libc::SIGBUS].contains(&signal) {
            // SAFETY: the system passes a valid one.
            tell_overflow(unsafe { (*info).si_addr() }.addr());
        }
        // The thread itself has raised it, in the middle of the program's own code.
        if let Some(suspender) = crash::note(signal) {
            suspender.suspend_for_good();
        }
        let place = SIGNALS.iter().position(|&known| known == signal);
        let before = place.and_then(|place| BEFORE[place].get());
        let before = before.map_or(ptr::null(), ptr::from_ref);
        // SAFETY: it was in force before. What raised the signal is tried again, or raises it again, and meets it.
        unsafe { libc::sigaction(signal, before, ptr::null_mut()) };
    }

    fn tell_overflow(address: usize) {
        let limit = LIMIT.get();
        let lowest = limit.saturating_sub(BELOW);
        if limit != 0 && (lowest..limit + GUARD).contains(&address) {
            // SAFETY: both may be called in a handler, and the message is there.
            unsafe {
                libc::write(
                    libc::STDERR_FILENO,
                    OVERFLOW.as_ptr().cast(),
                    OVERFLOW.len(),
                );
                libc::_exit(101);
            }
        }
    }
}

/// Sees to it that both are noticed.
pub(super) fn watch() {
    #[cfg(unix)]
    unix::watch();
}
