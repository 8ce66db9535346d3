//! The packages that watch.

/// Ours, that watch: locks of theirs would watch themselves.
pub(crate) const WATCHERS: [&str; 10] = [
    "unsnarl-core",
    "unsnarl-explore",
    "unsnarl-lockgraph",
    "unsnarl-macros",
    "unsnarl-model",
    "unsnarl-profile",
    "unsnarl-race",
    "unsnarl-render",
    "unsnarl-std",
    "unsnarl-stress",
];
#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::WATCHERS;

    #[test]
    fn all_that_watches_is_in_the_table() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let read = |path: &str| -> toml::Table {
            fs::read_to_string(root.join(path))
                .unwrap()
                .parse()
                .unwrap()
        };
        let workspace = read("Cargo.toml");
        let ours = workspace["workspace"]["dependencies"].as_table().unwrap();
        let watcher = read("unsnarl/Cargo.toml");
        for name in watcher["dependencies"].as_table().unwrap().keys() {
            if let Some(package) = ours[name].get("package") {
                let package = package.as_str().unwrap();
                assert!(WATCHERS.contains(&package), "{package}");
            }
        }
    }
}
