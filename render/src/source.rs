//! Where source files are found, and the files that were read.

pub(crate) mod file;

use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use model::site::Site;

use self::file::SourceFile;

/// Finds source files by the paths that the compiler printed, and keeps what it has read.
///
/// Those paths are relative to the root of the workspace, while a test runs in the folder of its package, so each
/// candidate is tried in turn: the roots that were given, the nearest folder upwards with a `Cargo.lock` (that is where
/// the compiler ran), the path as it is, and every other folder upwards.
///
/// ```
/// # use unsnarl_render as render;
/// use render::source::Sources;
///
/// let sources = Sources::with_root("/home/me/project");
/// ```
#[derive(Debug)]
pub struct Sources {
    folders: Vec<PathBuf>,
    known: Mutex<HashMap<String, Option<Arc<SourceFile>>>>,
}

impl Sources {
    /// Sources below the current folder or one of those above it.
    #[must_use]
    pub fn new() -> Self {
        Self::from_folders(upwards())
    }

    /// The same, after this folder has been tried.
    #[must_use]
    pub fn with_root(root: impl Into<PathBuf>) -> Self {
        let mut folders = vec![root.into()];
        folders.extend(upwards());
        Self::from_folders(folders)
    }

    fn from_folders(folders: Vec<PathBuf>) -> Self {
        Self {
            folders,
            known: Mutex::default(),
        }
    }

    /// The file of this path, if it can be found and read.
    pub(crate) fn file(&self, path: &str) -> Option<Arc<SourceFile>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .entry(path.to_owned())
            .or_insert_with(|| self.read(path).map(Arc::new))
            .clone()
    }

    /// The file of a site, if it can be found and has the site's line.
    pub(crate) fn file_at(&self, site: &Site) -> Option<Arc<SourceFile>> {
        self.file(&site.file)
            .filter(|file| file.offset(site).is_some())
    }

    fn read(&self, path: &str) -> Option<SourceFile> {
        self.folders
            .iter()
            .map(|folder| folder.join(path))
            .find_map(|path| read_text(&path))
            .map(SourceFile::new)
    }
}

/// The text of a file, unless it is larger than any source.
fn read_text(path: &Path) -> Option<String> {
    /// In bytes.
    const LARGEST: u64 = 1 << 24;
    let metadata = fs::metadata(path).ok()?;
    (metadata.len() <= LARGEST).then(|| fs::read_to_string(path).ok())?
}

impl Default for Sources {
    fn default() -> Self {
        Self::new()
    }
}

/// The root of the workspace, the current folder, and all folders above it.
fn upwards() -> Vec<PathBuf> {
    let Ok(current) = env::current_dir() else {
        return vec![PathBuf::new()];
    };
    let has_lock = |folder: &&Path| folder.join("Cargo.lock").is_file();
    current
        .ancestors()
        .find(has_lock)
        .into_iter()
        .chain(current.ancestors())
        .map(Path::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Sources;

    #[test]
    fn a_given_root_comes_first_and_files_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        let path = folder.path().join("src/lib.rs");
        fs::write(&path, "fn here() {}").unwrap();
        let sources = Sources::with_root(folder.path());
        assert_eq!(sources.file("src/lib.rs").unwrap().text(), "fn here() {}");
        fs::remove_file(path).unwrap();
        assert!(sources.file("src/lib.rs").is_some());
    }

    #[test]
    fn paths_relative_to_the_workspace_are_found_from_the_package() {
        let sources = Sources::new();
        assert!(sources.file("render/src/source.rs").is_some());
        assert!(sources.file("no/such/file.rs").is_none());
        assert!(sources.file("render/src").is_none());
        assert!(sources.file("").is_none());
    }
}
