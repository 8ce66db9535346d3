//! Crates that build neither with our crate in the place of `std` nor with the real one, beside what they are built from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cargo_metadata::Package;
use serde::{Deserialize, Serialize};

use super::slips;
use crate::project::Project;

/// A crate that builds neither way, so that others have to be built with the real `std` as well.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Clash {
    /// The folder of its package.
    pub(crate) folder: PathBuf,
    /// Files that the compiler points to: some of them belong to those others.
    pub(crate) files: Vec<PathBuf>,
}

impl Clash {
    /// Leaves it for the command.
    pub(crate) fn write(&self, folder: &Path, key: &str) -> io::Result<()> {
        slips::write(self, folder, key)
    }

    /// Takes all that were left, so that each is seen once.
    pub(super) fn take_all(folder: &Path) -> Vec<Self> {
        let clashes = slips::read_all(folder);
        let _ = fs::remove_dir_all(folder);
        clashes
    }

    /// The packages that need the real `std` for it to build.
    pub(super) fn parties<'a>(&self, project: &'a Project) -> Vec<&'a Package> {
        let itself = project
            .all_packages()
            .find(|package| folder(package) == self.folder);
        let below: Vec<_> = match itself {
            Some(package) => project.built_from(package),
            None => Vec::new(),
        };
        let is_pointed_to = |package: &&&Package| {
            let mut files = self.files.iter();
            files.any(|file| file.starts_with(folder(package)))
        };
        let mut parties: Vec<_> = below.iter().filter(is_pointed_to).copied().collect();
        if parties.is_empty() {
            parties = below;
        }
        parties.extend(itself);
        parties
    }
}

/// The folder of a package.
pub(super) fn folder(package: &Package) -> &Path {
    let folder = package.manifest_path.parent();
    folder.map_or(Path::new(""), |folder| folder.as_std_path())
}
