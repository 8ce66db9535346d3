//! The compiler that cargo calls in a folder.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo_config::CargoConfig;

/// The compiler that cargo calls in a folder, and so a toolchain.
#[derive(Debug)]
pub(crate) struct Toolchain {
    dir: PathBuf,
    rustc: PathBuf,
}

impl Toolchain {
    /// The one of this folder: named by a variable or the configuration, else the one on the path, which rustup chooses
    /// by folder.
    pub(crate) fn of(dir: &Path, config: &CargoConfig) -> Self {
        let named = env::var_os("RUSTC").filter(|path| !path.is_empty());
        let rustc = named
            .map(PathBuf::from)
            .or_else(|| config.program("build.rustc"));
        Self {
            dir: dir.to_owned(),
            rustc: rustc.unwrap_or_else(|| "rustc".into()),
        }
    }

    /// What it answers.
    pub(crate) fn ask(&self, question: &[&str]) -> io::Result<String> {
        let mut rustc = Command::new(&self.rustc);
        let output = rustc.current_dir(&self.dir).args(question).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// What it says of itself, in lines.
    pub(crate) fn version(&self) -> io::Result<String> {
        self.ask(&["-vV"])
    }

    /// A fact of its version: what follows `release: `, and the like.
    pub(crate) fn fact(&self, name: &str) -> Option<String> {
        let version = self.version().ok()?;
        let mut lines = version.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))?;
        Some(value.to_owned())
    }

    /// Whether it has the standard library for a platform.
    pub(crate) fn has_std(&self, target: &str) -> bool {
        let folder = self.ask(&["--print", "target-libdir", "--target", target]);
        let entries = folder.and_then(|folder| Path::new(folder.trim()).read_dir());
        let mut names = entries
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.file_name());
        names.any(|name| name.to_string_lossy().starts_with("libstd-"))
    }
}
