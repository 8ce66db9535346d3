//! Threads that would end the process with a signal: an abort, or memory that is not there. In an explored run that is a
//! failure of the schedule; the thread is suspended for good where it is.
//!
//! What aborts because its thread is unwound at the end of an execution is none: such code is right not to be prepared for
//! that.

use explore::op::Tid;
use explore::run::Turn;
use libc::c_int;
use model::finding::{Certainty, Finding, Label, Role};
use model::site::Caller;
use model::slug;

use super::current::with;
use super::execution::{Execution, Signal};
use super::fiber::Suspender;
use crate::recorder::state::is_controlled;

/// A thread that would have ended the process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crash {
    pub(super) thread: Tid,
    signal: c_int,
    /// Where it was last seen.
    site: Option<Caller>,
}

/// The current thread of the operating system got this signal for something that it did. Returns how the running
/// thread suspends itself, if it is one of an explored run and was in the program's own code.
pub(super) fn note(signal: c_int) -> Option<Suspender> {
    is_controlled()
        .then(|| with(|execution| execution.crash(signal)))
        .flatten()
}

impl Execution {
    fn crash(&mut self, signal: c_int) -> Option<Suspender> {
        let suspender = self.running().suspender?;
        self.has_lost_thread = true;
        if !self.is_ending {
            let thread = self.current;
            let mut steps = self.run.steps().iter().rev();
            let site = steps.find_map(|step| step.op.site.filter(|_| step.thread == thread));
            self.crash = Some(Crash {
                thread,
                signal,
                site,
            });
            self.signal = Some(Signal::End(Turn::Over));
        }
        Some(suspender)
    }

    /// What a crash is as a finding.
    pub(super) fn crashed(&self) -> Option<Finding> {
        let crash = self.crash?;
        let thread = &self.threads[crash.thread.index()].who.thread;
        let how = words(crash.signal);
        let message = format!("thread `{thread}` crashes in one of its interleavings: {how}");
        let mut finding = Finding::new(slug::CRASH, Certainty::Observed, message);
        if let Some(site) = crash.site {
            let label = Label::new(Role::Primary, site.into(), "the last that is known of it");
            finding.labels = vec![label];
        }
        let mut panics = self.panics.iter().rev();
        if let Some(last) = panics.find(|panicked| panicked.thread == crash.thread) {
            let at = last.site.as_ref();
            let at = at.map_or_else(String::new, |site| format!(" at {site}"));
            let note = format!("it has panicked before{at}: {}", last.message);
            finding.notes.push(note);
        }
        Some(finding.with_fingerprint())
    }
}

fn words(signal: c_int) -> &'static str {
    match signal {
        libc::SIGABRT => "it aborts",
        libc::SIGSEGV | libc::SIGBUS => "it uses memory that is not there",
        libc::SIGFPE => "it computes what cannot be computed",
        _ => "it comes to an instruction that ends the process",
    }
}
