//! What `rustdoc` is called with, which builds documentation's examples and has no wrapper.

use std::env;

use cargo_metadata::cargo_platform;

use crate::cargo_config::CargoConfig;
use crate::platform::Platform;

/// The variable that wins over all others. Its words are separated by [`SEPARATOR`].
pub(super) const VARIABLE: &str = "CARGO_ENCODED_RUSTDOCFLAGS";
/// Between words of the variable.
pub(super) const SEPARATOR: &str = "\u{1f}";

/// The flags that cargo would call it with without us.
pub(super) fn flags(config: &CargoConfig, platform: &Platform) -> Vec<String> {
    if let Ok(given) = env::var(VARIABLE) {
        let words = given.split(SEPARATOR).filter(|word| !word.is_empty());
        return words.map(str::to_owned).collect();
    }
    if let Ok(given) = env::var("RUSTDOCFLAGS") {
        return given.split_whitespace().map(str::to_owned).collect();
    }
    let here: Vec<String> = config
        .targets()
        .iter()
        .filter(|name| is_here(name, platform))
        .flat_map(|name| config.target_words(name, "rustdocflags"))
        .collect();
    if here.is_empty() {
        config.words("build.rustdocflags")
    } else {
        here
    }
}

fn is_here(name: &str, platform: &Platform) -> bool {
    let platforms = name.parse::<cargo_platform::Platform>();
    platforms.is_ok_and(|platforms| platform.matches(&platforms))
}
