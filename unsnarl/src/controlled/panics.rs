//! Panics of controlled threads: kept for the report instead of printed, since most are seen many times.

use std::panic::PanicHookInfo;
use std::sync::Once;

use explore::op::Tid;
use model::site::Site;

use super::current::with;
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
            } else {
                previous(info);
            }
        }));
    });
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
