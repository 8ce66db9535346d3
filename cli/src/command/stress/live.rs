//! The view of a campaign while it goes on, on a terminal only.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use stress::campaign::Progress;

use crate::duration::short;
use crate::shell::Shell;

/// A line that says how far it is.
pub(super) struct Live {
    line: ProgressBar,
    time: Option<Duration>,
}

impl Live {
    /// A line for a campaign that goes on for so long, if that is known.
    pub(super) fn new(shell: Shell, time: Option<Duration>) -> Self {
        let target = if shell.is_quiet() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(5)
        };
        let style = ProgressStyle::with_template("{prefix:>12.cyan.bold} {msg}");
        let line = ProgressBar::with_draw_target(None, target)
            .with_style(style.expect("the template is right"))
            .with_prefix("Stressing");
        Self { line, time }
    }

    /// Shows how far it is.
    pub(super) fn show(&self, progress: &Progress) {
        let rest = self.time.map(|time| time.saturating_sub(progress.elapsed));
        let rest = rest.map_or_else(String::new, |rest| format!(", {} left", short(rest)));
        let seconds = progress.elapsed.as_secs().max(1);
        self.line.set_message(format!(
            "{} runs, {} a second, {} findings, {} orders of threads{rest}",
            progress.runs,
            progress.runs / seconds,
            progress.findings,
            progress.orders,
        ));
    }

    /// Takes the line away.
    pub(super) fn end(&self) {
        self.line.finish_and_clear();
    }
}
