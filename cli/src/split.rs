//! Which arguments of `cargo unsnarl test`, `stress`, `explore`, `profile` and `doctor` are ours; the others are cargo's, and may stand among
//! them.
//!
//! Clap gives up at the first flag it does not know. So before it sees them, ours are moved to the front and the others
//! behind a `--`, in their order: `test -p bank -q name -- --nocapture` becomes `test -q -- -p bank name -- --nocapture`.

use std::ffi::OsString;

use clap::{Arg, Command};

/// Puts the arguments in the order that clap takes; `cargo-unsnarl unsnarl …`, as cargo calls it, loses its second word.
pub(crate) fn split(command: Command, mut args: Vec<OsString>) -> Vec<OsString> {
    if args.get(1).is_some_and(|word| word == "unsnarl") {
        args.remove(1);
    }
    match args.iter().position(takes_cargos) {
        Some(at) if args[1..at].iter().all(is_before_command) => {
            let mut rest = args.split_off(at + 1);
            let subject = subject(&args[at], &mut rest);
            let flags = own_flags(command, &args[at].to_string_lossy());
            let (ours, theirs) = partition(&flags, rest);
            args.into_iter()
                .chain(subject)
                .chain(ours)
                .chain([OsString::from("--")])
                .chain(theirs)
                .collect()
        }
        _ => args,
    }
}

/// Whether this is a command that takes cargo's arguments among its own.
fn takes_cargos(arg: &OsString) -> bool {
    ["test", "stress", "explore", "profile", "doctor"]
        .iter()
        .any(|command| arg == command)
}

/// What is to be profiled, if the next word says so.
fn subject(command: &OsString, rest: &mut Vec<OsString>) -> Option<OsString> {
    let is_named = command == "profile"
        && rest
            .first()
            .is_some_and(|word| word == "test" || word == "run");
    is_named.then(|| rest.remove(0))
}

/// Whether this may stand before the name of a command: a flag, or what `--color` is set to.
fn is_before_command(arg: &OsString) -> bool {
    arg.to_string_lossy().starts_with('-') || arg == "auto" || arg == "always" || arg == "never"
}

fn own_flags(mut command: Command, name: &str) -> Vec<Arg> {
    command.build();
    let ours = command.find_subcommand(name);
    let ours = ours.expect("what takes cargo's arguments is a command");
    ours.get_arguments().cloned().collect()
}

fn partition(flags: &[Arg], args: Vec<OsString>) -> (Vec<OsString>, Vec<OsString>) {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        if arg == "--" {
            theirs.push(arg);
            theirs.extend(args.by_ref());
        } else if let Some(flag) = find(flags, &arg.to_string_lossy()) {
            let is_followed = flag.get_action().takes_values() && !is_attached(&arg);
            ours.push(arg);
            ours.extend(is_followed.then(|| args.next()).flatten());
        } else {
            theirs.push(arg);
        }
    }
    (ours, theirs)
}

fn find<'a>(flags: &'a [Arg], arg: &str) -> Option<&'a Arg> {
    let name = arg.split_once('=').map_or(arg, |(name, _)| name);
    flags.iter().find(|flag| {
        let long = flag.get_long().map(|long| format!("--{long}"));
        let short = flag.get_short().map(|short| format!("-{short}"));
        [long, short].into_iter().flatten().any(|form| form == name)
    })
}

fn is_attached(arg: &OsString) -> bool {
    arg.to_string_lossy().contains('=')
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::split;
    use crate::args::Args;

    fn check(given: &str, expected: &str) {
        let args = given.split(' ').map(Into::into).collect();
        let got = split(Args::command(), args);
        let got: Vec<_> = got.iter().map(|arg| arg.to_string_lossy()).collect();
        assert_eq!(got.join(" "), expected);
    }

    #[test]
    fn own_flags_may_stand_among_cargos() {
        check(
            "x test -p bank -q --runner nextest name --color=never -- -q",
            "x test -q --runner nextest --color=never -- -p bank name -- -q",
        );
    }

    #[test]
    fn stress_takes_cargos_arguments_too() {
        check(
            "x stress -p bank --time 5s name -- -q",
            "x stress --time 5s -- -p bank name -- -q",
        );
    }

    #[test]
    fn a_profile_is_of_tests_or_of_a_program() {
        check(
            "x profile --limits queue=5 -p bank run",
            "x profile --limits queue=5 -- -p bank run",
        );
        check(
            "x profile run --bin bank --shim all -- 7",
            "x profile run --shim all -- --bin bank -- 7",
        );
    }

    #[test]
    fn cargos_extra_word_is_dropped() {
        check("x unsnarl test --lib", "x test -- --lib");
        check("x unsnarl graph", "x graph");
    }

    #[test]
    fn global_flags_may_stand_before_the_command() {
        check(
            "x --color never -q test -v",
            "x --color never -q test -- -v",
        );
    }

    #[test]
    fn other_commands_are_left_alone() {
        check("x explain test --nope", "x explain test --nope");
    }
}
