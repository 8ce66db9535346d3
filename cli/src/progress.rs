//! A bar that shows how far it is, on a terminal only.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::shell::Shell;

/// Below this many steps it is over before anybody has seen it.
const FEW: usize = 20;

/// A bar of this many steps; hidden when nobody would see it.
pub(crate) fn bar(shell: Shell, verb: &str, steps: usize) -> ProgressBar {
    let is_seen = !shell.is_quiet() && steps >= FEW;
    let target = if is_seen {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template("{prefix:>12.cyan.bold} [{bar:25}] {pos}/{len} {msg}");
    let bar = ProgressBar::with_draw_target(u64::try_from(steps).ok(), target)
        .with_style(style.expect("the template is right").progress_chars("=> "))
        .with_prefix(verb.to_owned());
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
