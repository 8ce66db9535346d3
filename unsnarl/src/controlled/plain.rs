//! Tests whose body is the program: plain ones, which know nothing of exploring, and those of `#[unsnarl::test]`.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::Termination;

use model::site::Caller;

use super::campaign::Origin;
use super::current::with;
use super::operation::Stopped;
use super::{campaign, environment, is_on};
use crate::explorer::Explorer;
use crate::leak;
use crate::recorder::statics::Beginning;
use crate::session::{Passes, succeed};

/// Explores a test, if the environment asks for that. Returns what it returns, if that is known without another run.
///
/// # Panics
///
/// If something was found.
pub(crate) fn explore<R>(passes: Passes, asked: Caller, test: fn() -> R) -> Option<R>
where
    R: Termination + 'static,
{
    if is_on() || !environment::wants_plain_tests() {
        return None;
    }
    let mut explorer = Explorer::new();
    explorer.keeps_regressions = true;
    // On most machines it never happens, and tests that were not written for it do without a loop.
    explorer.weak_failures = false;
    explorer.read_environment();
    if leak::is_asked_for() && passes == Passes::ByReturning {
        explorer.leaks = Some(asked);
    }
    // SAFETY: the environment says that the process runs nothing but this test, which has not begun.
    let statics = environment::is_alone().then(|| unsafe { Beginning::keep() });
    let statics = statics.flatten();
    let origin = Origin::Plain(statics.as_ref());
    let exploration = campaign::explore(&explorer, &|| run_once(passes, test), origin);
    if let Some(statics) = &statics {
        statics.put_back();
    }
    campaign::keep(&exploration);
    exploration.fail_if_found();
    if let Some(obstacle) = &exploration.obstacle {
        let line = format!("unsnarl: not explorable, and run once instead: {obstacle}\n");
        // Nothing is lost if stderr is closed.
        let _ = std::io::stderr().write_all(line.as_bytes());
        return None;
    }
    passes.result()
}

/// Explores a test that was written for it. Returns what it returns, if that is known without another run.
///
/// # Panics
///
/// If something was found, or the test cannot be explored.
pub(crate) fn check<R>(mut explorer: Explorer, passes: Passes, test: fn() -> R) -> Option<R>
where
    R: Termination + 'static,
{
    if is_on() {
        return None;
    }
    explorer.keeps_regressions = true;
    explorer.read_environment();
    if passes == Passes::ByPanicking {
        // What is left by a panic is no finding of its own.
        explorer.leaks = None;
    }
    let exploration = campaign::run(&explorer, &|| run_once(passes, test));
    campaign::report(&exploration);
    passes.result()
}

/// The test, as a program that panics if the test fails.
fn run_once<R: Termination>(passes: Passes, test: fn() -> R) {
    match passes {
        Passes::ByReturning => succeed(test),
        Passes::ByPanicking => match catch_unwind(AssertUnwindSafe(test)) {
            Ok(_) => panic!("the test has to panic, and did not"),
            Err(payload) if payload.is::<Stopped>() => resume_unwind(payload),
            Err(_) => with(|execution| execution.panics.clear()),
        },
    }
}
