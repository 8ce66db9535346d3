//! This program as cargo's `RUSTC_WRAPPER`: it gives crates ours in the place of `std` and `core`.
//!
//! A crate that does not build so is built as if we were not there, and noted.

mod attempt;
mod call;
mod complaint;
mod tasks;

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus};

use clap::CommandFactory;

use self::attempt::Attempt;
use self::call::Call;
use self::complaint::Complaint;
use self::tasks::Stand;
use crate::args::Args;
use crate::shim::clash::Clash;
use crate::shim::note::{Note, Why};
use crate::shim::plan::{self, Plan};
use crate::shim::scope::Place;

const FAILED: u8 = 101;
/// What cargo calls.
const COMPILERS: [&str; 3] = ["rustc", "rustdoc", "clippy-driver"];

/// Calls the compiler, if cargo called this program for that.
pub(crate) fn run() -> Option<ExitCode> {
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    // Somebody may have left this program in `RUSTC_WRAPPER`, which must break no build.
    let is_called_so = match env::var_os(plan::VARIABLE) {
        Some(_) => is_program,
        None => is_compiler,
    };
    if !words.first().is_some_and(is_called_so) {
        return None;
    }
    let call = Call::new(words);
    let status = match Plan::from_environment() {
        Some(plan) => run_with(&call.with_engines_off(&plan.target), &plan),
        None => call.plain(None).status(),
    };
    Some(match status.as_ref().map(ExitStatus::code) {
        Ok(Some(code)) => ExitCode::from(u8::try_from(code).unwrap_or(FAILED)),
        Ok(None) => failed(&format!("the compiler was killed: {status:?}")),
        Err(error) => failed(&format!("cannot run the compiler: {error}")),
    })
}

fn failed(message: &str) -> ExitCode {
    say(message);
    ExitCode::from(FAILED)
}

/// A failing stderr leaves nobody to tell.
fn say(message: &str) {
    let _ = writeln!(io::stderr(), "cargo-unsnarl: {message}");
}

/// Whether the first word is a program to call, and not something that this one is asked to do itself.
fn is_program(word: &OsString) -> bool {
    let text = word.to_string_lossy();
    let is_ours = text == "unsnarl" || Args::command().find_subcommand(&*text).is_some();
    !text.starts_with('-') && !is_ours
}

/// Whether the first word is a compiler, as cargo calls it.
fn is_compiler(word: &OsString) -> bool {
    let path = Path::new(word);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.is_absolute() || COMPILERS.contains(&&*stem)
}

fn run_with(call: &Call, plan: &Plan) -> io::Result<ExitStatus> {
    if !call.can_be_watched(&plan.target) {
        return call.linking(plan).status();
    }
    match plan.scope.place(&call.package, &call.folder) {
        Place::Inside => run_watched(call, plan),
        Place::NotAsked => run_real(call, plan, Why::NotAsked),
        Place::Excluded => run_real(call, plan, Why::Excluded),
        Place::Apart => run_real(call, plan, Why::Apart),
    }
}

/// Builds it with our crates in the place of `std` and, if that is asked for, of tokio; or else with the real ones.
fn run_watched(call: &Call, plan: &Plan) -> io::Result<ExitStatus> {
    let unseen_tasks = match tasks::stand_in(call, plan)? {
        Stand::Unneeded => None,
        Stand::Fails(error) => Some(Why::Tasks { error }),
        Stand::In { given, library } => {
            let tasked = call.with_extern(&given, &library);
            let attempt = Attempt::make(&mut tasked.watched(plan))?;
            if attempt.status.success() || attempt.is_settled {
                Note::remove(&plan.notes(), &call.key());
                attempt.tell()?;
                return Ok(attempt.status);
            }
            let error = Complaint::read(&attempt.held).first();
            Some(Why::Tasks { error })
        }
    };
    let attempt = Attempt::make(&mut call.watched(plan))?;
    if attempt.status.success() || attempt.is_settled {
        match unseen_tasks {
            Some(why) if attempt.status.success() => leave_note(call, plan, why),
            _ => Note::remove(&plan.notes(), &call.key()),
        }
        attempt.tell()?;
        return Ok(attempt.status);
    }
    run_real(call, plan, why(call, plan, &attempt))
}

/// Builds it with the real `std`.
fn run_real(call: &Call, plan: &Plan, why: Why) -> io::Result<ExitStatus> {
    let attempt = Attempt::make(&mut call.linking(plan))?;
    attempt.tell()?;
    if attempt.status.success() {
        leave_note(call, plan, why);
    } else {
        let complaint = Complaint::read(&attempt.held);
        if complaint.is_about_ours() {
            leave_clash(call, plan, complaint.files());
        }
    }
    Ok(attempt.status)
}

/// Why it did not build with our crate.
fn why(call: &Call, plan: &Plan, attempt: &Attempt) -> Why {
    let complaint = Complaint::read(&attempt.held);
    let error = complaint.first();
    let notes = plan.notes();
    let mut with: Vec<String> = match complaint.is_about_ours() {
        true => call
            .keys_below()
            .filter_map(|key| Some(Note::read(&notes, &key)?.package))
            .collect(),
        false => Vec::new(),
    };
    with.sort();
    with.dedup();
    if with.is_empty() {
        Why::Fails { error }
    } else {
        Why::Meets { error, with }
    }
}

fn leave_note(call: &Call, plan: &Plan, why: Why) {
    let note = Note {
        package: call.package.clone(),
        version: call.version.clone(),
        folder: call.folder.clone(),
        name: call.crate_name(),
        why,
    };
    if let Err(error) = note.write(&plan.notes(), &call.key()) {
        say(&format!(
            "cannot note that `{}` is not watched: {error}",
            note.name
        ));
    }
}

fn leave_clash(call: &Call, plan: &Plan, files: Vec<PathBuf>) {
    let clash = Clash {
        folder: call.folder.clone(),
        files,
    };
    if let Err(error) = clash.write(&plan.clashes(), &call.key()) {
        say(&format!("cannot note why it does not build: {error}"));
    }
}

#[cfg(test)]
mod tests {
    use super::{is_compiler, is_program};

    #[test]
    fn cargos_own_calls_are_told_from_the_users() {
        for word in ["rustc", "/x/bin/rustc", "clippy-driver"] {
            assert!(is_program(&word.into()), "{word}");
            assert!(is_compiler(&word.into()), "{word}");
        }
        for word in ["unsnarl", "test", "--version"] {
            assert!(!is_program(&word.into()), "{word}");
            assert!(!is_compiler(&word.into()), "{word}");
        }
    }
}
