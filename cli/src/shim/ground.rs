//! Whether crates of ours can take the place of the standard library's at all.

use crate::cargo_args::CargoArgs;
use crate::cargo_config::CargoConfig;
use crate::error::{Error, ErrorKind};
use crate::platform::Platform;

/// Says why not.
pub(super) fn check(
    platform: &Platform,
    config: &CargoConfig,
    args: &CargoArgs,
) -> Result<(), Error> {
    let target = platform.triple().ok_or(ErrorKind::NoHost)?;
    if builds_std(config, args) {
        return Err(ErrorKind::BuildStd.into());
    }
    let toolchain = platform.toolchain();
    let release = toolchain.fact("release").unwrap_or_default();
    if is_older(&release, env!("CARGO_PKG_RUST_VERSION")) {
        return Err(ErrorKind::OldRust { release }.into());
    }
    if !toolchain.has_std(target) {
        let target = target.to_owned();
        return Err(ErrorKind::NoStd { target }.into());
    }
    Ok(())
}

/// Whether cargo builds a standard library of its own, which ours would not fit.
fn builds_std(config: &CargoConfig, args: &CargoArgs) -> bool {
    let flags = args.values(&["-Z"]);
    let is_asked = flags
        .iter()
        .any(|flag| flag.split('=').next() == Some("build-std"));
    is_asked || config.has("unstable.build-std")
}

/// Whether a release such as `1.95.0-nightly` comes before a version such as `1.95`. What cannot be read does not.
fn is_older(release: &str, needed: &str) -> bool {
    let numbers = |text: &str| {
        let mut parts = text.split(['.', '-']).map(str::parse::<u32>);
        Some((parts.next()?.ok()?, parts.next()?.ok()?))
    };
    numbers(release)
        .zip(numbers(needed))
        .is_some_and(|(release, needed)| release < needed)
}

#[cfg(test)]
mod tests {
    use super::{builds_std, is_older};
    use crate::cargo_args::CargoArgs;
    use crate::cargo_config::CargoConfig;

    #[test]
    fn releases_are_compared_by_number() {
        assert!(is_older("1.80.1", "1.95"));
        assert!(is_older("1.94.0-nightly", "1.95"));
        assert!(!is_older("1.95.0", "1.95"));
        assert!(!is_older("1.100.0-beta.1", "1.95"));
        assert!(!is_older("", "1.95"));
    }

    #[test]
    fn a_standard_library_of_its_own_is_asked_for_in_many_ways() {
        let is_asked = |line: &str| {
            let args = CargoArgs::new(line.split_whitespace().map(Into::into).collect());
            builds_std(&CargoConfig::default(), &args)
        };
        assert!(is_asked("-Z build-std") && is_asked("-Zbuild-std=std,panic_abort"));
        assert!(!is_asked("-Z unstable-options --lib"));
    }
}
