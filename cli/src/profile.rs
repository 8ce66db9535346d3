//! How much a profile optimises.

use std::fs;

use toml::Table;

use crate::cargo_config::{CargoConfig, words};
use crate::project::Project;

/// How far profiles that inherit from each other are followed: cargo refuses those that lead in a circle.
const DEEPEST: u8 = 16;

/// Levels at which nothing is inlined but what has to be.
const PLAIN: [&str; 2] = ["0", "1"];

/// Whether programs of the project call every function that they are written to call, in this profile.
pub(crate) fn is_unoptimised(project: &Project, profile: &str) -> bool {
    let manifest = project.workspace_root().join("Cargo.toml");
    let text = fs::read_to_string(manifest).unwrap_or_default();
    let manifest = text.parse().unwrap_or_default();
    let level = level(project.config(), &manifest, profile, DEEPEST);
    PLAIN.contains(&&*level)
}

/// The level as it is written: cargo's configuration wins over the manifest, and that over what is inherited.
fn level(config: &CargoConfig, manifest: &Table, profile: &str, depth: u8) -> String {
    let setting = |name: &str| {
        let key = format!("profile.{profile}.{name}");
        let configured = || config.words(&key).pop();
        let written = || {
            manifest
                .get("profile")?
                .get(profile)?
                .get(name)
                .map(words)?
                .pop()
        };
        configured().or_else(written)
    };
    if let Some(level) = setting("opt-level") {
        return level;
    }
    let parent = setting("inherits").or_else(|| parent(profile).map(str::to_owned));
    match parent.filter(|_| depth > 0) {
        Some(parent) => level(config, manifest, &parent, depth - 1),
        None if profile == "release" => "3".to_owned(),
        None => "0".to_owned(),
    }
}

/// What cargo's own profiles inherit from.
fn parent(profile: &str) -> Option<&'static str> {
    match profile {
        "test" => Some("dev"),
        "bench" => Some("release"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{DEEPEST, level};
    use crate::cargo_args::CargoArgs;
    use crate::cargo_config::CargoConfig;

    const MANIFEST: &str = r#"
        [profile.dev]
        opt-level = 1
        [profile.ci]
        inherits = "test"
        [profile.slim]
        inherits = "release"
        [profile.bench]
        opt-level = "s"
        [profile.round]
        inherits = "round"
    "#;

    fn check(manifest: &str, line: &str, profile: &str, expected: &str) {
        let args = CargoArgs::new(line.split_whitespace().map(Into::into).collect());
        let folder = tempfile::tempdir().unwrap();
        let config = CargoConfig::read(folder.path(), &args);
        let manifest = manifest.parse().unwrap();
        assert_eq!(
            level(&config, &manifest, profile, DEEPEST),
            expected,
            "{profile}"
        );
    }

    #[test]
    fn a_profile_has_a_level_of_its_own_or_that_of_the_one_it_inherits_from() {
        for (profile, level) in [
            ("dev", "1"),
            ("test", "1"),
            ("ci", "1"),
            ("slim", "3"),
            ("bench", "s"),
            ("round", "0"),
            ("unknown", "0"),
        ] {
            check(MANIFEST, "", profile, level);
        }
        check("", "", "test", "0");
        check("", "", "bench", "3");
    }

    #[test]
    fn the_configuration_wins() {
        let line = "--config profile.dev.opt-level=2";
        check(MANIFEST, line, "ci", "2");
    }
}
