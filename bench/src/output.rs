//! Where the harness prints.

/// A line of the result, on stdout.
#[expect(clippy::print_stdout, reason = "the figures are the program's output")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// What is under work or wrong, on stderr.
#[expect(clippy::print_stderr, reason = "progress belongs on stderr")]
pub(crate) fn complain(line: &str) {
    eprintln!("{line}");
}
