//! The fixtures of the demo: each program runs in a process of its own, under a watchdog.
//!
//! The program `unsnarl-fixtures` says which there are: `list` prints a line each, `id TAB buggy|fixed TAB slugs`, with
//! the slugs separated by commas, or `-` for a program that must stay silent; `run ID buggy|fixed` runs one, and `explore ID
//! buggy|fixed` does so under many schedules and says what it has found.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use cargo_metadata::Message;
use model::finding::Severity;

use crate::cargo_args::{CargoArgs, cargo};
use crate::collect;
use crate::command::test::switch_on;
use crate::error::{Error, ErrorKind};
use crate::progress;
use crate::project::Project;
use crate::runs::Runs;
use crate::shell::Shell;
use crate::switch::lead::ENGINES;
use crate::watchdog::{self, End};

/// The package, and the program in it.
pub(crate) const PACKAGE: &str = "unsnarl-fixtures";
const LIMIT: Duration = Duration::from_secs(20);
/// The fixtures whose report is shown, each with how it is run, and what it is.
const SHOWN: &[(&str, &str, &str)] = &[
    (
        "publish-relaxed",
        "run",
        "a data race, and the orderings that cure it",
    ),
    (
        "toctou-region",
        "run",
        "a region that is not as atomic as it says",
    ),
    (
        "work-steal",
        "explore",
        "an old value that is read, and the orderings that cure it",
    ),
];

/// A fixture's program, and what should be found in it.
#[derive(Debug)]
struct Program {
    id: String,
    variant: String,
    expected: BTreeSet<String>,
}

/// What came out of one program.
#[derive(Debug)]
pub(crate) struct Row {
    program: Program,
    found: BTreeSet<String>,
    end: End,
}

/// Builds the fixtures, and runs each.
pub(crate) fn run_all(project: &Project, shell: Shell) -> Result<Vec<Row>, Error> {
    let executable = build(project, shell)?;
    let programs = list(&executable)?;
    let folder = Runs::of(project).start()?;
    for &(id, how, what) in SHOWN {
        shell.status("Showing", format!("{what}: fixture `{id}`"));
        show(&executable, how, id)?;
    }
    let bar = progress::bar(shell, "Running", programs.len());
    let rows = programs.into_iter().map(|program| {
        bar.set_message(program.id.clone());
        bar.inc(1);
        run(&executable, program, &folder, shell)
    });
    let rows = rows.collect();
    bar.finish_and_clear();
    rows
}

fn build(project: &Project, shell: Shell) -> Result<PathBuf, Error> {
    shell.status("Building", "the fixtures");
    let root = project.workspace_root();
    let args = CargoArgs::new(["-p", PACKAGE].map(Into::into).into());
    let switch = switch_on(ENGINES, &Project::read(root, &args, shell)?, &args, shell)?;
    let mut command = cargo();
    command
        .arg("build")
        .args(&args.cargo)
        .args(switch)
        .arg("--message-format=json-render-diagnostics");
    let mut child = command
        .current_dir(root)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(Error::start("cargo"))?;
    let stdout = child.stdout.take().expect("stdout was asked to be a pipe");
    let executable = executable(BufReader::new(stdout));
    let status = child.wait().map_err(Error::start("cargo"))?;
    executable
        .filter(|_| status.success())
        .ok_or_else(|| ErrorKind::DemoBuild { package: PACKAGE }.into())
}

/// The program among what cargo has built. Reads to the end: cargo gives up when nobody listens.
fn executable(stdout: impl BufRead) -> Option<PathBuf> {
    Message::parse_stream(stdout)
        .filter_map(|message| match message.ok()? {
            Message::CompilerArtifact(artifact) if artifact.target.name == PACKAGE => {
                artifact.executable
            }
            _ => None,
        })
        .last()
        .map(Into::into)
}

fn list(executable: &Path) -> Result<Vec<Program>, Error> {
    let output = Command::new(executable)
        .arg("list")
        .output()
        .map_err(Error::start(PACKAGE))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let wrong = |line: &str| {
        ErrorKind::DemoList {
            said: line.to_owned(),
        }
        .into()
    };
    text.lines()
        .map(|line| parse(line).ok_or_else(|| wrong(line)))
        .collect()
}

/// `id TAB variant TAB slug,slug` or `id TAB variant TAB -`.
fn parse(line: &str) -> Option<Program> {
    let mut columns = line.split('\t');
    let program = Program {
        id: columns.next()?.to_owned(),
        variant: columns.next()?.to_owned(),
        expected: columns
            .next()?
            .split(',')
            .filter(|&slug| slug != "-")
            .map(str::to_owned)
            .collect(),
    };
    columns.next().is_none().then_some(program)
}

/// Runs a fixture's buggy program, which says itself what was found in it.
fn show(executable: &Path, how: &str, id: &str) -> Result<(), Error> {
    let mut command = Command::new(executable);
    command.args([how, id, "buggy"]).stdin(Stdio::null());
    watchdog::run(&mut command, LIMIT).map(drop)
}

fn run(executable: &Path, program: Program, folder: &Path, shell: Shell) -> Result<Row, Error> {
    let folder = folder.join(format!("{}-{}", program.id, program.variant));
    fs::create_dir_all(&folder).map_err(Error::write(&folder))?;
    let mut command = Command::new(executable);
    command
        .args(["run", &program.id, &program.variant])
        .env("UNSNARL_REPORT_DIR", &folder)
        .env("UNSNARL_ON_FINDING", "record")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let end = watchdog::run(&mut command, LIMIT)?;
    let report = collect::read_folder(&folder, shell)?.report;
    let errors = report
        .findings
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error);
    let found = errors.map(|finding| finding.slug).collect();
    Ok(Row {
        program,
        found,
        end,
    })
}

impl Row {
    /// Whether it is as it should be: one of the expected kinds was found, and no other.
    pub(crate) fn is_right(&self) -> bool {
        let expected = &self.program.expected;
        let is_found = expected.is_empty() || !self.found.is_empty();
        self.end == End::ByItself && is_found && self.found.is_subset(expected)
    }

    fn outcome(&self) -> String {
        let found: Vec<&str> = self.found.iter().map(String::as_str).collect();
        let mut text = if found.is_empty() {
            "silent".to_owned()
        } else {
            found.join(", ")
        };
        if self.end == End::Killed {
            text.push_str(", killed: it did not end");
        }
        if !self.is_right() {
            let expected: Vec<&str> = self.program.expected.iter().map(String::as_str).collect();
            let expected = if expected.is_empty() {
                "silence".to_owned()
            } else {
                expected.join(" or ")
            };
            let _ = write!(text, "  <-- expected {expected}");
        }
        text
    }
}

/// Fixture, program, and what was found in it, a line each.
pub(crate) fn table(rows: &[Row]) -> String {
    let width = rows
        .iter()
        .map(|row| row.program.id.len())
        .max()
        .unwrap_or(0);
    rows.iter().fold(String::new(), |mut text, row| {
        let Program { id, variant, .. } = &row.program;
        let _ = writeln!(text, "{id:width$}  {variant:<5}  {}", row.outcome());
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{Row, parse, table};
    use crate::watchdog::End;

    fn row(line: &str, found: &[&str]) -> Row {
        Row {
            program: parse(line).unwrap(),
            found: found.iter().map(|&slug| slug.to_owned()).collect(),
            end: End::ByItself,
        }
    }

    #[test]
    fn a_silent_bug_and_a_noisy_twin_are_both_wrong() {
        assert!(row("x\tbuggy\ta,b", &["a"]).is_right());
        assert!(row("x\tfixed\t-", &[]).is_right());
        assert!(!row("x\tbuggy\ta,b", &[]).is_right());
        assert!(!row("x\tbuggy\ta,b", &["a", "c"]).is_right());
        assert!(!row("x\tfixed\t-", &["a"]).is_right());
    }

    #[test]
    fn the_table_says_what_was_expected_instead() {
        let rows = [
            row("ring\tbuggy\tdeadlock", &["deadlock"]),
            row("a\tfixed\t-", &["deadlock"]),
        ];
        let expected = "ring  buggy  deadlock\na     fixed  deadlock  <-- expected silence\n";
        assert_eq!(table(&rows), expected);
    }

    #[test]
    fn a_line_of_another_shape_is_refused() {
        assert!(parse("usage: nothing").is_none());
    }
}
