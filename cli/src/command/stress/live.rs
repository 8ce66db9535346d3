//! The view of a campaign while it goes on, on a terminal only.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use render::words::count;
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
        self.line.set_message(message(progress, self.time));
    }

    /// Takes the line away.
    pub(super) fn end(&self) {
        self.line.finish_and_clear();
    }
}

fn message(progress: &Progress, time: Option<Duration>) -> String {
    let seconds = progress.elapsed.as_secs().max(1);
    let left = time
        .map(|time| time.saturating_sub(progress.elapsed))
        .or_else(|| at_this_pace(progress));
    let left = left.map_or_else(String::new, |left| format!(", {} left", short(left)));
    let of = progress
        .left
        .map_or_else(String::new, |runs| format!(" of {}", progress.runs + runs));
    format!(
        "{}{of} runs, {} a second, {}, {} of threads{left}",
        progress.runs,
        progress.runs / seconds,
        count(progress.findings as u64, "finding", "findings"),
        count(progress.orders, "order", "orders"),
    )
}

/// How long the runs that are left take, if they go on as before.
fn at_this_pace(progress: &Progress) -> Option<Duration> {
    let (done, left) = (u32::try_from(progress.runs).ok()?, progress.left?);
    let all = progress.elapsed.checked_mul(u32::try_from(left).ok()?)?;
    all.checked_div(done)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use stress::campaign::Progress;

    use super::message;

    #[test]
    fn the_line_says_how_far_it_is_and_how_long_it_will_be() {
        let mut progress = Progress::default();
        (progress.runs, progress.findings, progress.orders) = (200, 1, 7);
        progress.elapsed = Duration::from_secs(4);
        let text = "200 runs, 50 a second, 1 finding, 7 orders of threads, 56 s left";
        assert_eq!(message(&progress, Some(Duration::from_secs(60))), text);
        progress.left = Some(100);
        let text = "200 of 300 runs, 50 a second, 1 finding, 7 orders of threads, 2.0 s left";
        assert_eq!(message(&progress, None), text);
    }
}
