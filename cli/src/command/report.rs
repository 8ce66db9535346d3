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
    let format = formats::find(&args.format).expect("clap takes only known formats");
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

fn merge_files(args: &MergeArgs, shell: Shell) -> Result<Exit, Error> {
    let reports: Result<Vec<_>, _> = args
        .reports
        .iter()
        .map(|path| collect::read(path))
        .collect();
    let text = render::json::to_string(&merge::merge(reports?));
    output::write_or_print(args.output.as_deref(), &text, shell)?;
    Ok(Exit::Clean)
}
