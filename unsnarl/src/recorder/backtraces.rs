//! Backtraces of new orders of locks: captured as bare addresses, kept once each, named only for a report.

use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;

use lockgraph::order::BacktraceId;
use model::finding::Frame;
use model::site::Site;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::options::options;

/// Deeper calls are cut.
const MAX_FRAMES: usize = 48;

type Addresses = Box<[usize]>;

/// Every backtrace captured so far.
struct Interner {
    numbers: FxHashMap<Addresses, u32>,
    addresses: Vec<Addresses>,
}

static INTERNER: Mutex<Interner> = Mutex::new(Interner {
    numbers: FxHashMap::with_hasher(FxBuildHasher),
    addresses: Vec::new(),
});

/// The calls that led here, if they are wanted.
pub(super) fn capture() -> Option<BacktraceId> {
    options().backtraces.then(|| intern(addresses(MAX_FRAMES)))
}

/// The return addresses of the calls that led here, innermost first, at most `limit`.
pub(super) fn addresses(limit: usize) -> Addresses {
    let mut addresses = Vec::with_capacity(limit.min(MAX_FRAMES));
    backtrace::trace(|frame| {
        addresses.push(frame.ip() as usize);
        addresses.len() < limit
    });
    addresses.into_boxed_slice()
}

fn intern(addresses: Addresses) -> BacktraceId {
    let mut guard = INTERNER.lock().unwrap_or_else(PoisonError::into_inner);
    let interner = &mut *guard;
    let next = u32::try_from(interner.addresses.len()).unwrap_or(u32::MAX);
    let number = *interner
        .numbers
        .entry(addresses)
        .or_insert_with_key(|addresses| {
            interner.addresses.push(addresses.clone());
            next
        });
    BacktraceId(number)
}

/// The calls of a captured backtrace by name, without those of unsnarl and of the runtime around them.
pub(super) fn resolve(id: BacktraceId) -> Vec<Frame> {
    let guard = INTERNER.lock().unwrap_or_else(PoisonError::into_inner);
    let addresses = guard.addresses.get(id.0 as usize).cloned();
    drop(guard);
    let frames: Vec<Frame> = addresses
        .iter()
        .flatten()
        .flat_map(|&address| frames(address))
        .collect();
    let is_ours = |frame: &&Frame| OURS.iter().any(|ours| frame.function.contains(ours));
    let first = frames
        .iter()
        .rposition(|frame| is_ours(&frame))
        .map_or(0, |last_of_ours| last_of_ours + 1);
    let program = frames.into_iter().skip(first);
    program
        .take_while(|frame| !frame.function.contains("__rust_begin_short_backtrace"))
        .collect()
}

/// Functions between a watched operation and the capture.
const OURS: &[&str] = &[
    "unsnarl::recorder",
    "unsnarl::watched",
    "unsnarl_lockgraph",
    "backtrace::",
];

/// The names of the functions, inlined ones first, at an address.
pub(super) fn frames(address: usize) -> Vec<Frame> {
    let mut frames = Vec::new();
    // The return address is the next instruction; the call is before it.
    backtrace::resolve(address.saturating_sub(1) as *mut _, |symbol| {
        let Some(name) = symbol.name() else { return };
        let file = symbol.filename().map(Path::display);
        let site = file
            .zip(symbol.lineno())
            .map(|(file, line)| Site::new(file.to_string(), line, symbol.colno().unwrap_or(1)));
        frames.push(Frame::new(format!("{name:#}"), site));
    });
    frames
}
