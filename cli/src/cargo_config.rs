//! Cargo's own configuration, as far as we take the place of something in it.
//!
//! Cargo reads `--config`, then variables, then `.cargo/config.toml` of the folder that it is called in and of all above,
//! then that of its home. It tells nobody on stable Rust, so we read them too.

use std::env;
use std::fs;
use std::iter;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::cargo_args::CargoArgs;

/// How far inclusions are followed: cargo refuses those that lead in a circle.
const DEEPEST: u8 = 16;

/// Cargo's own configuration, seen from a folder.
#[derive(Debug, Default)]
pub(crate) struct CargoConfig {
    /// What is given on the command line.
    given: Vec<Source>,
    /// What files say, the nearest first.
    files: Vec<Source>,
}

/// A part of it.
#[derive(Debug)]
struct Source {
    table: Table,
    /// The folder that paths in it are relative to.
    base: PathBuf,
}

impl CargoConfig {
    /// Reads it. A file that cannot be read says nothing here; cargo will complain.
    pub(crate) fn read(dir: &Path, args: &CargoArgs) -> Self {
        let here = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
        let words = args.values(&["--config"]);
        let given = words.iter().rev().flat_map(|text| given(text, &here));
        let given = given.collect();
        let mut files: Vec<_> = here
            .ancestors()
            .flat_map(|folder| in_folder(&folder.join(".cargo")))
            .collect();
        if let Some(home) = home() {
            let base = home.parent().unwrap_or(&home);
            if !files.iter().any(|known| known.base == base) {
                files.extend(in_folder(&home));
            }
        }
        Self { given, files }
    }

    /// What a key such as `build.target` is set to, and the folder that a path in it is relative to. The variable of the
    /// same name comes between the command line and the files.
    fn value(&self, key: &str) -> Option<(Value, PathBuf)> {
        let find = |sources: &[Source]| {
            sources.iter().find_map(|source| {
                let value = lookup(&source.table, key)?.clone();
                Some((value, source.base.clone()))
            })
        };
        let variable = || {
            let name = format!("CARGO_{}", key.replace(['.', '-'], "_").to_uppercase());
            let value = env::var(name).ok().filter(|value| !value.is_empty())?;
            Some((Value::String(value), env::current_dir().ok()?))
        };
        find(&self.given)
            .or_else(variable)
            .or_else(|| find(&self.files))
    }

    /// All words that a key is set to.
    pub(crate) fn words(&self, key: &str) -> Vec<String> {
        let value = self.value(key).map(|(value, _)| value);
        value.as_ref().map_or_else(Vec::new, words)
    }

    /// Whether a key is set to anything but `false`.
    pub(crate) fn has(&self, key: &str) -> bool {
        let value = self.value(key).map(|(value, _)| value);
        value.is_some_and(|value| value.as_bool() != Some(false))
    }

    /// The program that a key names: one with a folder in it is relative to where it is written.
    pub(crate) fn program(&self, key: &str) -> Option<PathBuf> {
        let (value, base) = self.value(key)?;
        let path = Path::new(value.as_str()?);
        let has_folder = path.components().count() > 1;
        Some(if has_folder {
            base.join(path)
        } else {
            path.to_owned()
        })
    }

    /// The names of the tables `target.…`.
    pub(crate) fn targets(&self) -> Vec<String> {
        let sources = self.given.iter().chain(&self.files);
        let tables = sources.filter_map(|source| source.table.get("target")?.as_table());
        tables.flat_map(|table| table.keys().cloned()).collect()
    }

    /// All words that `target.<name>.<key>` is set to.
    pub(crate) fn target_words(&self, name: &str, key: &str) -> Vec<String> {
        let sources = self.given.iter().chain(&self.files);
        let mut tables =
            sources.filter_map(|source| source.table.get("target")?.get(name)?.get(key));
        tables.next().map_or_else(Vec::new, words)
    }
}

/// The words of a list, or of a text with blanks between them; a number is one.
pub(crate) fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Integer(number) => vec![number.to_string()],
        Value::String(text) => text.split_whitespace().map(str::to_owned).collect(),
        Value::Array(values) => values
            .iter()
            .filter_map(|value| Some(value.as_str()?.to_owned()))
            .collect(),
        _ => Vec::new(),
    }
}

/// `KEY=VALUE` or a file.
fn given(text: &str, here: &Path) -> Vec<Source> {
    match text.parse::<Table>() {
        Ok(table) => vec![Source {
            table,
            base: here.to_owned(),
        }],
        Err(_) => file(&here.join(text), DEEPEST),
    }
}

/// The configuration in this folder. Its old name, without an ending, comes first where both are there, as in cargo.
fn in_folder(folder: &Path) -> Vec<Source> {
    let mut files = ["config", "config.toml"]
        .iter()
        .map(|name| folder.join(name));
    let there = files.find(|path| path.is_file());
    there.map_or_else(Vec::new, |path| file(&path, DEEPEST))
}

/// What a file says, and after it the files that it includes, the last one first: each wins over those after it.
fn file(path: &Path, depth: u8) -> Vec<Source> {
    let table = fs::read_to_string(path).ok();
    let Some(table) = table.and_then(|text| text.parse::<Table>().ok()) else {
        return Vec::new();
    };
    let folder = path.parent().unwrap_or(path);
    let below = depth.checked_sub(1);
    let included: Vec<_> = included(&table)
        .iter()
        .rev()
        .flat_map(|name| below.map_or_else(Vec::new, |depth| file(&folder.join(name), depth)))
        .collect();
    // Paths are relative to the folder above the file's.
    let base = folder.parent().unwrap_or(folder).to_owned();
    iter::once(Source { table, base }).chain(included).collect()
}

/// The files that a configuration includes: names, or tables with a `path`, relative to its folder.
fn included(table: &Table) -> Vec<String> {
    let name = |value: &Value| {
        let path = value.get("path").unwrap_or(value);
        path.as_str().map(str::to_owned)
    };
    match table.get("include") {
        Some(Value::Array(values)) => values.iter().filter_map(name).collect(),
        Some(value) => name(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Cargo's home: where it keeps what it downloads.
pub(crate) fn home() -> Option<PathBuf> {
    let named = env::var_os("CARGO_HOME").map(PathBuf::from);
    named.or_else(|| Some(env::home_dir()?.join(".cargo")))
}

fn lookup<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    let mut words = key.split('.');
    let first = table.get(words.next()?)?;
    words.try_fold(first, |value, word| value.get(word))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::CargoConfig;
    use crate::cargo_args::CargoArgs;

    fn read(line: &str) -> (CargoConfig, PathBuf, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for (path, text) in [
            (
                "a/.cargo/config.toml",
                "include = [\"one.toml\", { path = \"more/two.toml\", optional = true }, { path = \"no.toml\" }]\n\
                 [build]\nrustc-wrapper = \"tools/wrap\"",
            ),
            (
                "a/.cargo/one.toml",
                "include = \"one.toml\"\n[build]\nrustc-wrapper = \"no\"\nrustdoc = \"no\"\ntarget = \"one\"",
            ),
            ("a/.cargo/more/two.toml", "[build]\nrustdoc = \"tools/doc\""),
            (
                ".cargo/config.toml",
                "[build]\nrustc-wrapper = \"far\"\nrustc = \"mine\"\n[unstable]\nbuild-std = [\"std\"]\n\
                 [target.x]\nrustdocflags = \"a b\"\n[target.'cfg(unix)']\nrustdocflags = [\"c\"]",
            ),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let args = CargoArgs::new(line.split_whitespace().map(Into::into).collect());
        let config = CargoConfig::read(&root.join("a"), &args);
        (config, root, folder)
    }

    #[test]
    fn the_nearest_file_wins_and_paths_are_relative_to_it() {
        let (config, root, _folder) = read("");
        assert_eq!(
            config.program("build.rustc-wrapper"),
            Some(root.join("a/tools/wrap"))
        );
        assert_eq!(config.program("build.rustc"), Some("mine".into()));
        assert_eq!(config.program("build.other"), None);
    }

    #[test]
    fn the_command_line_wins_over_files_and_its_last_word_over_the_others() {
        let line = "--config build.rustc-wrapper=\"one\" --config=build.rustc-wrapper=\"two\"";
        let (config, ..) = read(line);
        assert_eq!(config.program("build.rustc-wrapper"), Some("two".into()));
    }

    #[test]
    fn what_is_included_comes_after_what_includes_it_and_the_last_of_them_first() {
        let (config, root, _folder) = read("");
        assert_eq!(
            config.program("build.rustdoc"),
            Some(root.join("a/.cargo/tools/doc"))
        );
        assert_eq!(config.words("build.target"), ["one"]);
    }

    #[test]
    fn lists_and_texts_are_words() {
        let (config, ..) = read("--config build.target=[\"x\",\"y\"]");
        assert_eq!(config.words("build.target"), ["x", "y"]);
        assert_eq!(config.target_words("x", "rustdocflags"), ["a", "b"]);
        assert_eq!(config.targets(), ["cfg(unix)", "x"]);
    }

    #[test]
    fn a_key_may_be_set_to_a_list() {
        let (config, ..) = read("");
        assert!(config.has("unstable.build-std") && !config.has("unstable.other"));
    }
}
