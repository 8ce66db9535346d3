//! A call of the compiler by cargo.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shim::plan::Plan;
use crate::shim::watchers::WATCHERS;

/// Features of `unsnarl` that turn engines on, or put other types in the place of the standard library's.
const ENGINES: [&str; 4] = ["check", "explore", "loom", "observe"];

/// A call of the compiler, and of which package it is.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) words: Vec<OsString>,
    pub(super) package: String,
    pub(super) version: String,
    pub(super) folder: PathBuf,
}

impl Call {
    /// The call with these words, the compiler first.
    pub(super) fn new(words: Vec<OsString>) -> Self {
        Self {
            words,
            package: env::var("CARGO_PKG_NAME").unwrap_or_default(),
            version: env::var("CARGO_PKG_VERSION").unwrap_or_default(),
            folder: env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from),
        }
    }

    /// Whether it builds a crate of the program that is not one of ours.
    pub(super) fn can_be_watched(&self, target: &str) -> bool {
        self.builds_for(target) && !WATCHERS.contains(&self.package.as_str())
    }

    /// The same, but of `unsnarl` with all engines off: it then is `std`, and so watched as that. Switched on by the
    /// program itself, it would watch beside the one in our crates, and neither would see what the other does.
    pub(super) fn with_engines_off(mut self, target: &str) -> Self {
        if self.package != "unsnarl" || !self.builds_for(target) {
            return self;
        }
        let is_engine = |word: &OsString| {
            let features = ENGINES.map(|name| OsString::from(format!("feature=\"{name}\"")));
            features.contains(word)
        };
        let mut words: Vec<OsString> = Vec::with_capacity(self.words.len());
        for word in self.words {
            if is_engine(&word) && words.last().is_some_and(|last| last == "--cfg") {
                words.pop();
            } else {
                words.push(word);
            }
        }
        self.words = words;
        self
    }

    /// Whether cargo builds a crate of the program with this call, and does not only ask the compiler something.
    fn builds_for(&self, target: &str) -> bool {
        let is_cargos = self
            .words
            .iter()
            .any(|word| word.to_string_lossy().starts_with("--error-format"));
        let is_read = self.words.iter().any(|word| word == "-");
        is_cargos && !is_read && self.values("--target").any(|value| value == target)
    }

    /// As it is, through this wrapper.
    pub(super) fn plain(&self, next: Option<&Path>) -> Command {
        let mut words = next
            .map(Path::as_os_str)
            .into_iter()
            .chain(self.words.iter().map(OsString::as_os_str));
        let mut command = Command::new(words.next().expect("a call has a first word"));
        command.args(words);
        command
    }

    /// With the real `std`; but what it is linked to may have ours.
    pub(super) fn linking(&self, plan: &Plan) -> Command {
        let mut command = self.plain(plan.next.as_deref());
        if self.builds_for(&plan.target) {
            command.args(plan.linking());
        }
        command
    }

    /// With our crates in the place of the standard library's.
    pub(super) fn watched(&self, plan: &Plan) -> Command {
        let mut command = self.linking(plan);
        command.args(plan.replacing());
        command
    }

    /// The same, with this library for what cargo gave as `--extern`.
    pub(super) fn with_extern(&self, given: &OsStr, library: &Path) -> Self {
        let words = self.words.iter().map(|word| {
            if word != given {
                return word.clone();
            }
            let text = given.to_string_lossy();
            let (name, _) = text.split_once('=').unwrap_or((&*text, ""));
            let mut instead = OsString::from(format!("{name}="));
            instead.push(library);
            instead
        });
        Self {
            words: words.collect(),
            package: self.package.clone(),
            version: self.version.clone(),
            folder: self.folder.clone(),
        }
    }

    /// The tokio that it is built with, whatever the crate calls it: as cargo gives it, and the library.
    pub(super) fn tokio(&self) -> Option<(OsString, PathBuf)> {
        self.values("--extern").find_map(|given| {
            let text = given.to_string_lossy();
            let (_, file) = text.split_once('=')?;
            let path = PathBuf::from(file);
            let is_tokio = path.file_name()?.to_str()?.starts_with("libtokio-");
            is_tokio.then(|| (given.to_owned(), path))
        })
    }

    /// The compiler.
    pub(super) fn compiler(&self) -> &OsStr {
        &self.words[0]
    }

    /// Where it looks for what others are built from.
    pub(super) fn searched(&self) -> impl Iterator<Item = &OsStr> {
        self.values("-L")
            .flat_map(|place| [OsStr::new("-L"), place])
    }

    /// The name of the crate.
    pub(super) fn crate_name(&self) -> String {
        let name = self.values("--crate-name").next().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// What tells this crate from others, among them the same one with other features.
    pub(super) fn key(&self) -> String {
        let suffix = self.words.iter().find_map(|word| {
            let text = word.to_string_lossy();
            text.strip_prefix("extra-filename=").map(str::to_owned)
        });
        self.crate_name() + &suffix.unwrap_or_default()
    }

    /// The keys of the crates that it is built from.
    pub(super) fn keys_below(&self) -> impl Iterator<Item = String> {
        let files = self.values("--extern").filter_map(|value| {
            let value = value.to_string_lossy();
            let (_, file) = value.split_once('=')?;
            let stem = Path::new(file).file_stem()?.to_str()?;
            Some(stem.strip_prefix("lib").unwrap_or(stem).to_owned())
        });
        files.collect::<Vec<_>>().into_iter()
    }

    /// What follows this flag, each time.
    fn values(&self, flag: &str) -> impl Iterator<Item = &OsStr> {
        let pairs = self.words.windows(2).filter(move |pair| pair[0] == flag);
        pairs.map(|pair| pair[1].as_os_str())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Call;

    pub(crate) fn call(package: &str, line: &str) -> Call {
        Call {
            words: line.split(' ').map(Into::into).collect(),
            package: package.into(),
            version: "1.0.0".into(),
            folder: "/a".into(),
        }
    }

    const BUILD: &str = "rustc --crate-name a a.rs --error-format=json -C extra-filename=-1";

    #[test]
    fn only_crates_built_for_the_platform_are_covered() {
        let line = format!("{BUILD} --target host");
        assert!(call("a", &line).can_be_watched("host"));
        for line in [
            BUILD,
            &format!("{BUILD} --target other"),
            "rustc - --crate-name ___ --target host",
            &format!("{line} -"),
        ] {
            assert!(!call("a", line).can_be_watched("host"), "{line}");
        }
    }

    #[test]
    fn what_watches_is_not_watched() {
        let line = format!("{BUILD} --target host");
        assert!(!call("unsnarl-model", &line).can_be_watched("host"));
        assert!(call("unsnarl", &line).can_be_watched("host"));
    }

    #[test]
    fn unsnarl_itself_is_switched_off() {
        let line = format!("{BUILD} --target host --cfg feature=\"check\" --cfg feature=\"other\"");
        let words = |package: &str| call(package, &line).with_engines_off("host").words;
        assert!(!words("unsnarl").contains(&"feature=\"check\"".into()));
        assert_eq!(words("unsnarl").len(), words("a").len() - 2);
        assert_eq!(words("unsnarl").last(), words("a").last());
    }

    #[test]
    fn a_crate_is_told_from_the_same_one_with_other_features() {
        assert_eq!(call("a", BUILD).key(), "a-1");
    }

    #[test]
    fn tokio_is_known_by_its_library_and_can_be_another() {
        let line =
            format!("{BUILD} --extern rt=/x/libtokio-1.rmeta --extern b=libtokio_util-2.rlib");
        let call = call("c", &line);
        let (given, library) = call.tokio().unwrap();
        assert_eq!(library, Path::new("/x/libtokio-1.rmeta"));
        let other = call.with_extern(&given, Path::new("/y/ours.rlib"));
        assert!(other.words.contains(&"rt=/y/ours.rlib".into()));
        assert_eq!(other.tokio(), None);
        assert_eq!(other.words.len(), call.words.len());
    }

    #[test]
    fn the_crates_that_it_is_built_from_have_the_same_keys() {
        let line =
            format!("{BUILD} --extern a=/x/liba-1.rmeta --extern std --extern b=libb-2.rlib");
        let keys: Vec<_> = call("c", &line).keys_below().collect();
        assert_eq!(keys, ["a-1", "b-2"]);
    }
}
