//! Panics inside a model: kept to be told, instead of printed.

use std::cell::RefCell;
use std::panic::{PanicHookInfo, catch_unwind};
use std::sync::{Once, OnceLock};
use std::thread;

use model::site::Site;

use super::report;

/// A panic.
#[derive(Clone, Debug)]
pub(super) struct Panicked {
    pub(super) message: String,
    pub(super) site: Option<Site>,
    /// Whether it has ended a thread of the program.
    pub(super) is_end: bool,
    /// Whether somebody was told of it who joined that thread.
    pub(super) is_known: bool,
}

/// The execution that the current thread of the operating system runs.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The test.
    pub(super) test: String,
    /// How many executions there were, with this one.
    pub(super) executions: usize,
    /// Its panics, in their order.
    pub(super) panics: Vec<Panicked>,
    /// Why the program cannot be explored.
    pub(super) obstacle: Option<String>,
    /// The names of its threads after the first, in the order in which they were started.
    pub(super) names: Vec<Option<String>>,
}

std::thread_local! {
    static SEEN: RefCell<Option<Seen>> = const { RefCell::new(None) };
}

/// Whether the current thread runs a model.
pub(super) fn is_on() -> bool {
    SEEN.with_borrow(Option::is_some)
}

/// Whether the current thread runs a model that has ended: what is loom's cannot be used any more.
pub(super) fn is_given_up() -> bool {
    SEEN.with_borrow(|seen| seen.as_ref().is_some_and(Seen::is_given_up))
}

/// Runs `f` on the execution at hand.
///
/// # Panics
///
/// Outside a model.
pub(super) fn with<R>(f: impl FnOnce(&mut Seen) -> R) -> R {
    SEEN.with_borrow_mut(|seen| f(seen.as_mut().expect("a model runs")))
}

/// Runs a model of this test. Returns what was seen of its last execution, too.
pub(super) fn watch<R>(test: String, f: impl FnOnce() -> R) -> (R, Seen) {
    install();
    let seen = Seen {
        test,
        ..Seen::default()
    };
    SEEN.replace(Some(seen));
    let result = f();
    (result, SEEN.take().expect("nobody else ends it"))
}

impl Seen {
    /// A new execution begins, unless the last one has left a panic that nobody was told of. Returns whether it has; other
    /// panics are forgotten, as somebody has caught them.
    pub(super) fn begin(&mut self) -> bool {
        if self.unheard().is_some() {
            return true;
        }
        self.panics.clear();
        self.names.clear();
        self.executions += 1;
        false
    }

    /// Whether the last panic was about the model, and not the program's.
    pub(super) fn is_given_up(&self) -> bool {
        let last = self.panics.last();
        self.obstacle.is_some() || last.is_some_and(Panicked::is_of_loom)
    }

    /// A panic that has ended a thread, and that nobody was told of.
    pub(super) fn unheard(&self) -> Option<&Panicked> {
        let mut panics = self.panics.iter();
        panics.find(|panicked| panicked.is_end && !panicked.is_known)
    }

    /// The name of a thread, by loom's number for it.
    pub(super) fn name(&self, thread: usize) -> String {
        let named = thread.checked_sub(1).and_then(|at| self.names.get(at));
        match named {
            _ if thread == 0 => "main".to_owned(),
            Some(Some(name)) => name.clone(),
            _ => format!("#{thread}"),
        }
    }
}

impl Panicked {
    /// Whether it is loom's own: a complaint, and not a failure of the program.
    pub(super) fn is_of_loom(&self) -> bool {
        let file = self.site.as_ref().map_or("", |site| &*site.file);
        file.starts_with(source_of_loom())
    }
}

/// The folder of loom's sources, as the compiler knows it: asked of loom, which panics outside a model.
fn source_of_loom() -> &'static str {
    static FOLDER: OnceLock<String> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let outer = SEEN.replace(Some(Seen::default()));
        let refused = catch_unwind(|| drop(::loom::thread::current()));
        let seen = SEEN.replace(outer).expect("nobody else ends it");
        let site = seen.panics.into_iter().find_map(|panicked| panicked.site);
        let file = site.map_or_else(String::new, |site| site.file);
        let folder = file.rsplitn(3, ['/', '\\']).nth(2);
        debug_assert!(refused.is_err(), "loom has a model, though none runs");
        folder.expect("loom's scheduler is in `src/rt`").to_owned()
    })
}

/// Puts a hook before the one that there is, once.
fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if is_on() {
                record(info);
            } else {
                previous(info);
            }
        }));
        // While nothing runs.
        source_of_loom();
    });
}

/// What the standard library says where the process is about to end.
const FATAL: &[&str] = &[
    "panic in a destructor during cleanup",
    "panic in a function that cannot unwind",
];

fn record(info: &PanicHookInfo<'_>) {
    let message = info.payload_as_str().unwrap_or("a panic without words");
    if FATAL.contains(&message) {
        return tell_before_end();
    }
    let message = message.to_owned();
    let site = info
        .location()
        .map(|location| Site::new(location.file(), location.line(), location.column()));
    with(|seen| {
        seen.panics.push(Panicked {
            message,
            site,
            is_end: false,
            is_known: false,
        });
    });
}

/// Reports what the model came to, before the process ends: by a thread of its own, as the stacks of loom's are small.
pub(super) fn tell_before_end() {
    let seen = SEEN.take();
    let told = thread::spawn(move || seen.iter().for_each(report::last_words));
    // Whatever happens to it, the process ends.
    let _ = told.join();
}
