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
    program(frames)
}

/// The calls of the program: what stands between a watched operation and the capture is on their inner side, and a
/// thread's start on their outer one. A program may be called back from both, in between.
fn program(frames: Vec<Frame>) -> Vec<Frame> {
    let mut frames: Vec<Frame> = frames
        .into_iter()
        .take_while(|frame| !frame.function.contains("__rust_begin_short_backtrace"))
        .collect();
    let end = frames.iter().rposition(is_programs);
    frames.truncate(end.map_or(0, |end| end + 1));
    let start = frames.iter().position(is_programs).unwrap_or(0);
    frames.split_off(start)
}

fn is_programs(frame: &Frame) -> bool {
    let is_ours = OURS.iter().any(|ours| frame.function.contains(ours));
    let path = frame.function.trim_start_matches('<');
    !is_ours && !RUNTIME.iter().any(|runtime| path.starts_with(runtime))
}

/// Functions around a watched operation, and of the threads that watch.
const OURS: &[&str] = &[
    "unsnarl::recorder",
    "unsnarl::watched",
    "unsnarl_lockgraph",
    "backtrace::",
];

/// How functions of the standard library begin.
const RUNTIME: &[&str] = &["std::", "core::", "alloc::", "__rust"];

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

#[cfg(test)]
mod tests {
    use model::finding::Frame;

    use super::program;

    /// Innermost first.
    fn check(functions: &[&str], expected: &[&str]) {
        let frames = functions.iter().map(|&name| Frame::new(name, None));
        let left = program(frames.collect());
        let left: Vec<&str> = left.iter().map(|frame| frame.function.as_str()).collect();
        assert_eq!(left, expected);
    }

    #[test]
    fn a_watched_thread_starts_outside_the_program() {
        check(
            &[
                "backtrace::trace",
                "unsnarl::recorder::backtraces::capture",
                "<std::thread::local::LocalKey<T>>::with",
                "<unsnarl::watched::mutex::Mutex<T>>::lock",
                "user::inner",
                "user::outer",
                "core::ops::function::FnOnce::call_once",
                "unsnarl::watched::thread::spawn::{{closure}}",
                "std::sys::backtrace::__rust_begin_short_backtrace",
                "std::thread::spawn",
            ],
            &["user::inner", "user::outer"],
        );
    }

    #[test]
    fn the_program_may_be_called_back() {
        check(
            &[
                "unsnarl::watched::mutex::Mutex<T>::lock",
                "user::make",
                "unsnarl::watched::once::OnceLock<T>::get_or_init",
                "user::get",
                "std::rt::lang_start",
            ],
            &[
                "user::make",
                "unsnarl::watched::once::OnceLock<T>::get_or_init",
                "user::get",
            ],
        );
    }

    #[test]
    fn without_the_program_nothing_is_left() {
        check(&["unsnarl::recorder::x", "std::thread::spawn"], &[]);
    }
}
