//! The arguments that go to cargo as they are, and what we must know of them.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Command;

use crate::shim::next;

/// Flags of cargo that decide which versions of which packages there are; `cargo metadata` takes them too.
const RESOLVING: [&str; 3] = ["--locked", "--offline", "--frozen"];

/// Flags of cargo that turn features on or off, without a value.
const FEATURES: [&str; 2] = ["--all-features", "--no-default-features"];

/// Flags of `cargo test` that are followed by their value.
const VALUED: [&str; 17] = [
    "--package",
    "-p",
    "--exclude",
    "--bin",
    "--example",
    "--test",
    "--bench",
    "--features",
    "-F",
    "--jobs",
    "-j",
    "--profile",
    "--target",
    "--target-dir",
    "--manifest-path",
    "--message-format",
    "--config",
];

/// The arguments that go to cargo, and those that go on to the tests.
#[derive(Clone, Debug, Default)]
pub(crate) struct CargoArgs {
    /// Before `--`.
    pub(crate) cargo: Vec<OsString>,
    /// After `--`.
    pub(crate) tests: Vec<OsString>,
}

impl CargoArgs {
    /// Splits at the first `--`.
    pub(crate) fn new(mut args: Vec<OsString>) -> Self {
        let at = args.iter().position(|arg| arg == "--");
        let tests = at.map_or_else(Vec::new, |at| args.split_off(at).split_off(1));
        Self { cargo: args, tests }
    }

    /// Whether one of these flags is there.
    pub(crate) fn has(&self, flags: &[&str]) -> bool {
        self.cargo
            .iter()
            .any(|arg| flags.iter().any(|flag| arg == flag))
    }

    /// What the test harness gets: the name that cargo hands on, and what stands after `--`.
    pub(crate) fn for_tests(&self) -> Vec<OsString> {
        let (_, mut given) = self.flags_and_names();
        given.extend(self.tests.iter().cloned());
        given
    }

    /// The same where a program is run: all that is not cargo's own goes on to it, and none of that to a build.
    pub(crate) fn for_program(&self) -> Self {
        Self {
            cargo: self.flags_and_names().0,
            tests: self.for_tests(),
        }
    }

    /// Flags with their values, and what else stands before `--`.
    fn flags_and_names(&self) -> (Vec<OsString>, Vec<OsString>) {
        let mut args = self.cargo.iter();
        let (mut flags, mut names) = (Vec::new(), Vec::new());
        while let Some(arg) = args.next() {
            let text = arg.to_string_lossy();
            let is_flag = text.starts_with('-');
            let of_its_kind = if is_flag { &mut flags } else { &mut names };
            of_its_kind.push(arg.clone());
            if VALUED.iter().any(|flag| *flag == text) {
                flags.extend(args.next().cloned());
            }
        }
        (flags, names)
    }

    /// Whether nothing narrows down which tests run.
    pub(crate) fn selects_all(&self) -> bool {
        self.cargo.is_empty() && self.tests.is_empty()
    }

    /// What these flags are set to, each time they are; the first flag is the long one, a second one is short.
    pub(crate) fn values(&self, flags: &[&str]) -> Vec<String> {
        let mut values = Vec::new();
        let mut args = self.cargo.iter().map(|arg| arg.to_string_lossy());
        while let Some(arg) = args.next() {
            if flags.contains(&&*arg) {
                values.extend(args.next().map(|value| value.into_owned()));
            } else {
                values.extend(flags.iter().find_map(|flag| attached(flag, &arg)));
            }
        }
        values
    }

    /// All but this flag and its value.
    pub(crate) fn without(&self, flag: &str) -> Vec<OsString> {
        let mut kept = Vec::new();
        let mut args = self.cargo.iter();
        while let Some(arg) = args.next() {
            let text = arg.to_string_lossy();
            if text == flag {
                args.next();
            } else if attached(flag, &text).is_none() {
                kept.push(arg.clone());
            }
        }
        kept
    }

    /// The manifest named instead of the one found from here.
    pub(crate) fn manifest_path(&self) -> Option<PathBuf> {
        self.values(&["--manifest-path"]).pop().map(Into::into)
    }

    /// The target folder named instead of the configured one.
    pub(crate) fn target_dir(&self) -> Option<PathBuf> {
        self.values(&["--target-dir"]).pop().map(Into::into)
    }

    /// The profile the tests are built with.
    pub(crate) fn profile(&self) -> String {
        let named = self.values(&["--profile", "--cargo-profile"]).pop();
        let release = self.has(&["--release", "-r"]);
        named.unwrap_or_else(|| if release { "release" } else { "dev" }.to_owned())
    }

    /// The ones that `cargo metadata` must be given as well.
    pub(crate) fn resolving(&self) -> Vec<String> {
        let flags = RESOLVING.iter().filter(|flag| self.has(&[flag]));
        let configs = self.values(&["--config"]).into_iter();
        flags
            .map(|&flag| flag.to_owned())
            .chain(configs.flat_map(|config| ["--config".to_owned(), config]))
            .collect()
    }

    /// The ones that decide which optional packages there are.
    pub(crate) fn features(&self) -> Vec<String> {
        let flags = FEATURES.iter().filter(|flag| self.has(&[flag]));
        let named = self.values(&["--features", "-F"]).into_iter();
        flags
            .map(|&flag| flag.to_owned())
            .chain(named.flat_map(|features| ["--features".to_owned(), features]))
            .collect()
    }

    /// All of it as it can be pasted into a shell, each word after a space.
    pub(crate) fn pasted(&self) -> String {
        let separator = (!self.tests.is_empty()).then_some(OsStr::new("--"));
        let words = self.cargo.iter().map(OsString::as_os_str);
        words
            .chain(separator)
            .chain(self.tests.iter().map(OsString::as_os_str))
            .fold(String::new(), |line, word| {
                format!("{line} {}", quote(&word.to_string_lossy()))
            })
    }
}

/// The value in `--flag=value` or `-fvalue`.
fn attached(flag: &str, arg: &str) -> Option<String> {
    let rest = arg.strip_prefix(flag)?;
    match rest.strip_prefix('=') {
        Some(value) => Some(value.to_owned()),
        None if flag.len() == 2 => Some(rest.to_owned()),
        None => None,
    }
}

fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_=/.:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The cargo that called us, or the one on the path, without a wrapper that is ours and not there any more.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    if next::is_left_behind().is_some() {
        command.env("RUSTC_WRAPPER", "");
    }
    command
}

#[cfg(test)]
mod tests {
    use super::CargoArgs;

    fn args(line: &str) -> CargoArgs {
        CargoArgs::new(line.split(' ').map(Into::into).collect())
    }

    #[test]
    fn a_value_may_follow_or_be_attached() {
        let args = args("-p a -pb --package c --package=d --packages=e -- -p f");
        assert_eq!(args.values(&["--package", "-p"]), ["a", "b", "c", "d"]);
    }

    #[test]
    fn a_flag_can_be_left_out() {
        let args = args("--lib --target-dir x -q --target-dir=y --target z");
        let left = args.without("--target-dir");
        assert_eq!(left, ["--lib", "-q", "--target", "z"]);
    }

    #[test]
    fn the_harness_gets_the_name_and_what_is_its_own() {
        let args = args("-p bank --lib --features=a -F b name --test it -- --exact -q");
        assert_eq!(args.for_tests(), ["name", "--exact", "-q"]);
    }

    #[test]
    fn a_program_gets_all_that_is_not_cargos() {
        let args = args("-p bank 7 --bin=till -F b name -- --fast -q").for_program();
        assert_eq!(args.cargo, ["-p", "bank", "--bin=till", "-F", "b"]);
        assert_eq!(args.tests, ["7", "name", "--fast", "-q"]);
    }

    #[test]
    fn the_profile_is_dev_unless_said_otherwise() {
        assert_eq!(args("--lib").profile(), "dev");
        assert_eq!(args("-r").profile(), "release");
        assert_eq!(args("--profile ci").profile(), "ci");
    }

    #[test]
    fn the_arguments_can_be_pasted() {
        assert_eq!(
            args("-p it's -- --exact a::b").pasted(),
            r" -p 'it'\''s' -- --exact a::b"
        );
    }
}
