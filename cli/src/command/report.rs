//! `cargo unsnarl report`: showing a report again, and merging reports.

use render::formats;
use render::options::Detail;

use crate::args::{self, MergeArgs, ReportArgs, ReportCommand};
use crate::collect;
use crate::error::Error;
use crate::exit::Exit;
use crate::merge;
use crate::output;
use crate::saved::{find, load};
use crate::shell::Shell;
use crate::view::options;

/// Shows a report, or merges some. Says by its exit code whether the report shown has errors.
pub(crate) fn run(args: &ReportArgs, shell: Shell) -> Result<Exit, Error> {
    if let Some(ReportCommand::Merge(args)) = &args.command {
        return merge_files(args, shell);
    }
    let place = find(args.report.as_deref())?;
    let report = load(&place, shell)?;
    let format = formats::find(args.form()).expect("clap takes only known formats");
    let output = args.output.as_deref();
    let options = options(&place.root, output, shell).with_detail(detail(args.detail));
    output::write_or_print(output, &(format.render)(&report, &options), shell)?;
    Ok(if report.has_errors() {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

fn detail(detail: args::Detail) -> Detail {
    match detail {
        args::Detail::Short => Detail::Short,
        args::Detail::Steps => Detail::Steps,
        args::Detail::Full => Detail::Full,
    }
}

/// Merges what can be read. What cannot is named, and makes the result inconclusive.
fn merge_files(args: &MergeArgs, shell: Shell) -> Result<Exit, Error> {
    let mut reports = Vec::new();
    let mut unread = Vec::new();
    for path in &args.reports {
        match collect::read(path) {
            Ok(report) => reports.push(report),
            Err(error) => unread.push(error),
        }
    }
    if reports.is_empty() {
        return Err(unread.swap_remove(0));
    }
    unread
        .iter()
        .for_each(|error| shell.warn(format_args!("{error}; it is left out")));
    let text = render::json::to_string(&merge::merge(reports));
    output::write_or_print(args.output.as_deref(), &text, shell)?;
    Ok(if unread.is_empty() {
        Exit::Clean
    } else {
        Exit::Inconclusive
    })
}
