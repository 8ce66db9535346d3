//! The source files of a package.

use std::fs;
use std::path::{Path, PathBuf};

/// Every Rust file of the package in this folder, in the order of their paths; other packages below it and what cargo
/// builds are left out.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let files = paths.into_iter().flat_map(|path| {
        if path.is_dir() {
            if is_ours(&path) {
                rust_files(&path)
            } else {
                Vec::new()
            }
        } else {
            let is_rust = path.extension().is_some_and(|extension| extension == "rs");
            Vec::from_iter(is_rust.then_some(path))
        }
    });
    files.collect()
}

fn is_ours(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let is_other = folder.join("Cargo.toml").is_file() || folder.join("CACHEDIR.TAG").is_file();
    !name.starts_with('.') && name != "target" && !folder.is_symlink() && !is_other
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::rust_files;

    #[test]
    fn other_packages_and_build_folders_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            "src/lib.rs",
            "src/a/b.rs",
            "src/a/b.txt",
            "inner/Cargo.toml",
            "inner/src/lib.rs",
            "target/x.rs",
            ".git/x.rs",
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let files = rust_files(folder.path());
        let short: Vec<_> = files
            .iter()
            .map(|path| path.strip_prefix(folder.path()).unwrap())
            .collect();
        assert_eq!(
            short,
            ["src/a/b.rs", "src/lib.rs"].map(std::path::Path::new)
        );
    }
}
