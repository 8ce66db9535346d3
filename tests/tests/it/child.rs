//! Child processes under a watchdog: what may hang runs in one.

use std::fs::{self, File};
use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use model::report::Report;
use unsnarl_tests::watchdog;

const PATIENCE: Duration = Duration::from_secs(20);

/// How a run of the `fixture` binary ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// `None` when the watchdog had to end it.
    pub(crate) status: Option<ExitStatus>,
    /// What it left for us, one for each process.
    pub(crate) reports: Vec<Report>,
    /// The faults that have struck.
    #[cfg_attr(
        not(feature = "check"),
        expect(dead_code, reason = "nothing is struck without the feature")
    )]
    pub(crate) struck: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `fixture` with these arguments; `on_finding` is its `UNSNARL_ON_FINDING`.
pub(crate) fn run(arguments: &[&str], on_finding: &str) -> io::Result<Outcome> {
    run_disturbed(arguments, on_finding, "")
}

/// The same under noise; `noise` is its `UNSNARL_NOISE`.
pub(crate) fn run_disturbed(
    arguments: &[&str],
    on_finding: &str,
    noise: &str,
) -> io::Result<Outcome> {
    run_with(arguments, on_finding, &[("UNSNARL_NOISE", noise)])
}

/// The same with more variables.
pub(crate) fn run_with(
    arguments: &[&str],
    on_finding: &str,
    variables: &[(&str, &str)],
) -> io::Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let reports = folder.path().join("reports");
    let (stdout, stderr) = (folder.path().join("stdout"), folder.path().join("stderr"));
    let child = Command::new(env!("CARGO_BIN_EXE_fixture"))
        .args(arguments)
        .env("UNSNARL_REPORT_DIR", &reports)
        .env("UNSNARL_ON_FINDING", on_finding)
        .env("RUST_BACKTRACE", "0")
        .env_remove("UNSNARL")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(File::create(&stdout)?)
        .stderr(File::create(&stderr)?)
        .spawn()?;
    let status = watchdog::wait(child, PATIENCE)?;
    let (mut texts, mut struck) = (Vec::new(), String::new());
    if reports.exists() {
        for entry in fs::read_dir(&reports)? {
            let path = entry?.path();
            if path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("faults-"))
            {
                struck += &fs::read_to_string(&path)?;
            }
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                texts.push(fs::read_to_string(path)?);
            }
        }
    }
    let reports = texts.iter().map(|text| render::json::from_str(text));
    Ok(Outcome {
        status,
        reports: reports
            .collect::<Result<_, _>>()
            .map_err(io::Error::other)?,
        struck,
        stdout: String::from_utf8_lossy(&fs::read(stdout)?).into_owned(),
        stderr: String::from_utf8_lossy(&fs::read(stderr)?).into_owned(),
    })
}
