//! Panics of controlled threads: kept for the report instead of printed, since most are seen many times.

use std::panic::PanicHookInfo;
use std::sync::Once;

use explore::op::Tid;
use explore::run::Turn;
use model::site::Site;

use super::current::with;
use super::execution::{Execution, Signal};
use super::fatal;
use super::fiber::Suspender;
use crate::recorder::state::is_controlled;

/// A panic.
#[derive(Clone, Debug)]
pub(super) struct Panicked {
    pub(super) thread: Tid,
    pub(super) message: String,
    pub(super) site: Option<Site>,
    /// Whether another thread heard of it.
    pub(super) is_known: bool,
}

/// Puts a hook before the one that there is, once.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if is_controlled() {
                record(info);
                if info.payload_as_str() == Some(FATAL) {
                    // What follows would end the process.
                    fatal::lose(with(Execution::lose_thread));
                }
            } else {
                previous(info);
            }
        }));
    });
}

/// What the standard library says where a panic leaves a destructor while its thread unwinds from another one.
const FATAL: &str = "panic in a destructor during cleanup";

/// Whether the running thread unwinds. Something does: threads share the standard library's count of panics.
pub(crate) fn is_own() -> bool {
    with(Execution::unwinds)
}

impl Execution {
    /// The running thread can neither go on nor unwind. Returns how it suspends itself.
    fn lose_thread(&mut self) -> Suspender {
        let current = self.current;
        self.has_lost_thread = true;
        let of_it = |panicked: &&Panicked| panicked.thread == current;
        let last: Vec<&Panicked> = self.panics.iter().filter(of_it).collect();
        let messages = last.iter().map(|panicked| &*panicked.message);
        let message = format!(
            "a destructor panics while its thread unwinds, which ends the process\n{}",
            messages.collect::<Vec<_>>().join("\n")
        );
        let site = last
            .iter()
            .rev()
            .nth(1)
            .and_then(|panicked| panicked.site.clone());
        self.panics.retain(|panicked| panicked.thread != current);
        self.panics.push(Panicked {
            thread: current,
            message,
            site,
            is_known: false,
        });
        if !self.is_ending {
            self.main_panicked |= current == Tid::MAIN;
            self.signal = Some(Signal::End(Turn::Over));
        }
        let suspender = self.running().suspender;
        suspender.expect("a thread that runs can be suspended")
    }
}

fn record(info: &PanicHookInfo<'_>) {
    let message = info
        .payload_as_str()
        .unwrap_or("a panic without words")
        .to_owned();
    let site = info
        .location()
        .map(|location| Site::new(location.file(), location.line(), location.column()));
    with(|execution| {
        execution.running().unwinds = true;
        let thread = execution.current;
        execution.panics.push(Panicked {
            thread,
            message,
            site,
            is_known: false,
        });
    });
}
