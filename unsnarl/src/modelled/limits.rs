//! What loom cannot take, in words.

use model::site::Site;

use super::complaint::Limit;
use super::panics::{self, Seen};

/// An end without a panic that anybody saw: what the library below loom makes of a stack that overflows.
pub(super) const STACK: &str = "a thread needs more stack than the 32 KiB that loom gives it; `thread::Builder::stack_size` \
     gives more to those that are started with it";

/// Why a program that meets one of loom's limits cannot be explored.
pub(super) fn words(limit: Limit, seen: &Seen) -> String {
    match limit {
        Limit::Threads => format!(
            "it starts more than {} threads in one execution, and loom takes no more beside the first; those that have \
             ended count",
            loom::MAX_THREADS - 1
        ),
        Limit::Steps => "one of its executions has more steps than loom is to take: a loop that waits and has neither \
             `hint::spin_loop` nor `thread::yield_now` in it, or a long test (`LOOM_MAX_BRANCHES`, 1000 if not set)"
            .to_owned(),
        Limit::Differing => "it does not do the same whenever loom decides the same: something that changes from one \
             execution to the next, such as a `static`, the time or a random number, decides what it does"
            .to_owned(),
        Limit::Outside => "it uses a lock, an atomic or a thread outside of `unsnarl::check`, or one that is left from an \
             execution before: loom's have to be made in the closure"
            .to_owned(),
        Limit::Poison => poison(seen),
    }
}

fn poison(seen: &Seen) -> String {
    let first = seen.panics.first().filter(|first| !first.is_of_loom());
    let site = first.and_then(|first| first.site.as_ref());
    let place = site.map_or_else(String::new, |site: &Site| format!(" ({site})"));
    format!(
        "a thread that panics{place} holds a lock, and another one asks for that: loom's locks cannot be poisoned"
    )
}

/// Why a program with which loom does not get on, in a way that nobody has foreseen, cannot be explored.
pub(super) fn other(message: &str) -> String {
    let message = message.trim();
    format!(
        "loom gives up, as it does where a program does not do the same whenever loom decides the same: {message}"
    )
}

/// Ends the model, since the program cannot be explored.
///
/// # Panics
///
/// Always: that is how it ends it.
pub(super) fn give_up(limit: Limit) -> ! {
    let obstacle = panics::with(|seen| {
        let obstacle = words(limit, seen);
        seen.obstacle.insert(obstacle).clone()
    });
    panic!("{obstacle}");
}
