//! Building and running the user's tests with cargo, or with nextest.

use std::collections::BTreeSet;
use std::io::{self, BufReader};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use cargo_metadata::{Artifact, Message};

use crate::args::MessageFormat;
use crate::cargo_args::{CargoArgs, cargo};
use crate::error::{self, Error, ErrorKind};
use crate::forms::Form;
use crate::project::Project;
use crate::settings::{Deps, OnFinding, Reach, Runner};
use crate::shell::Shell;
use crate::shim::Shim;
use crate::subject::Subject;
use crate::switch::lead::UNSNARL;

/// How the tests went, apart from findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tests {
    /// All of them passed.
    Passed,
    /// Some failed, or a test process was killed.
    Failed,
    /// They do not build.
    NotBuilt,
    /// Cargo did not understand its arguments, and said so.
    Misused,
    /// Somebody stopped cargo with a signal.
    Stopped,
}

/// What is built and run, and how.
#[derive(Debug)]
pub(crate) struct Job {
    /// The folder it is run from.
    pub(crate) dir: PathBuf,
    /// What the user wants of cargo and the tests.
    pub(crate) args: CargoArgs,
    /// What is built and run.
    pub(crate) subject: Subject,
    /// From which limits on a profile tells something, in a process's own words, if one is wanted.
    pub(crate) profile: Option<String>,
    /// What we want of cargo: features and configuration.
    pub(crate) switch: Vec<String>,
    /// Our crate in the place of `std`.
    pub(crate) shim: Option<Shim>,
    /// Which crates the command line wants to be watched as they are.
    pub(crate) asked: Option<Reach>,
    /// What runs the tests.
    pub(crate) runner: Runner,
    /// What a test process does about a finding.
    pub(crate) on_finding: OnFinding,
    /// What findings wholly inside dependencies are.
    pub(crate) deps: Deps,
    /// Whether a test process keeps backtraces, in its own words.
    pub(crate) backtrace: Option<String>,
    /// Whether tests must leave nothing behind.
    pub(crate) leaks: bool,
    /// Where test processes put their reports.
    pub(crate) report_dir: PathBuf,
    /// The form of the result on stdout; where it is for programs, the tests' own output goes to stderr.
    pub(crate) format: MessageFormat,
    /// Other forms of the result that are wanted.
    pub(crate) forms: Vec<Form>,
}

impl Job {
    /// Builds and runs the tests; their output passes through.
    pub(crate) fn run(&mut self, project: &Project, shell: Shell) -> Result<Tests, Error> {
        match self.runner {
            Runner::Cargo => self.run_cargo(project, shell),
            Runner::Nextest => self.run_nextest(project, shell),
        }
    }

    /// Builds first, alone, so that a failing build is told from a failing test.
    fn run_cargo(&mut self, project: &Project, shell: Shell) -> Result<Tests, Error> {
        let can_build_alone = !self.args.has(&["--doc"]);
        if can_build_alone {
            let built = self.build(project, shell)?;
            if built != Tests::Passed || self.args.has(&["--no-run"]) {
                return Ok(built);
            }
        }
        let (words, flags) = self.subject.run();
        let mut command = self.command(words, flags, shell);
        Ok(self.subject.judge(self.wait(&mut command)?))
    }

    fn build(&mut self, project: &Project, shell: Shell) -> Result<Tests, Error> {
        Ok(self.build_tests(project, shell)?.tests)
    }

    /// Builds the tests without running them, again as long as there is something to learn from why it failed.
    pub(crate) fn build_tests(&mut self, project: &Project, shell: Shell) -> Result<Built, Error> {
        loop {
            let built = self.build_once(shell)?;
            if built.tests != Tests::NotBuilt || !self.learn(project, shell)? {
                built.said.iter().for_each(|text| shell.pass_on(text));
                return Ok(built);
            }
        }
    }

    fn build_once(&self, shell: Shell) -> Result<Built, Error> {
        let (words, flags) = self.subject.build();
        let flags = [flags, &["--message-format=json-diagnostic-rendered-ansi"]].concat();
        let mut command = match self.subject {
            Subject::Test => self.command(words, &flags, shell),
            Subject::Run => self.command_to_build(words, &flags, shell),
        };
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Error::start("cargo"))?;
        let stdout = child.stdout.take().expect("stdout was asked to be a pipe");
        let mut built = compiler_messages(BufReader::new(stdout));
        let status = child.wait().map_err(Error::start("cargo"))?;
        built.tests = match judge_cargo(status) {
            Tests::Failed => Tests::NotBuilt,
            other => other,
        };
        match built.tests {
            // Warnings are shown when cargo runs the tests.
            Tests::Passed => built.said.clear(),
            _ => built.executables.clear(),
        }
        Ok(built)
    }

    /// Whether the next build can end otherwise than this one, which failed.
    fn learn(&mut self, project: &Project, shell: Shell) -> Result<bool, Error> {
        let Some(shim) = &mut self.shim else {
            return Ok(false);
        };
        let apart = shim.learn(project)?;
        if !apart.is_empty() {
            let packages = error::list(&apart);
            shell.status("Again", format_args!("with the real `std` in {packages}"));
        }
        Ok(!apart.is_empty())
    }

    fn run_nextest(&mut self, project: &Project, shell: Shell) -> Result<Tests, Error> {
        let version = cargo().args(["nextest", "--version"]).output();
        if !version.is_ok_and(|output| output.status.success()) {
            return Err(ErrorKind::NoNextest.into());
        }
        let mut command = self.command(&["nextest", "run"], &["--no-fail-fast"], shell);
        // With no test at all we say so ourselves, in the same words as for cargo.
        command.env("NEXTEST_NO_TESTS", "pass");
        match judge_nextest(self.wait(&mut command)?) {
            Tests::NotBuilt if self.learn(project, shell)? => self.run_nextest(project, shell),
            tests => Ok(tests),
        }
    }

    /// Whether a test process that finds something fails for that alone.
    pub(crate) fn fails_on_findings(&self) -> bool {
        self.on_finding != OnFinding::Record
    }

    /// Runs the tests once more, with nothing done about findings; what is found goes to a folder of its own.
    pub(crate) fn run_recording(
        &mut self,
        project: &Project,
        shell: Shell,
    ) -> Result<Tests, Error> {
        self.on_finding = OnFinding::Record;
        self.report_dir.push("again");
        self.run(project, shell)
    }

    /// How many tests these arguments select; `None` if the test harness does not say.
    pub(crate) fn count_tests(&self) -> Option<usize> {
        let mut command = self.command_without_tests(&["test"], &["--quiet"]);
        command
            .args(["--", "--list", "--format", "terse"])
            .args(&self.args.tests);
        let output = command.stderr(Stdio::null()).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let count = text.lines().filter(|line| line.ends_with(": test")).count();
        output.status.success().then_some(count)
    }

    /// The line that runs the same again.
    pub(crate) fn again(&self) -> String {
        let runner = match self.runner {
            Runner::Cargo => "",
            Runner::Nextest => " --runner nextest",
        };
        let shim = self.shim_flag();
        let leaks = if self.leaks { " --leaks" } else { "" };
        let command = match (self.subject, &self.profile) {
            (Subject::Test, None) => "test",
            (Subject::Test, Some(_)) => "profile",
            (Subject::Run, _) => "profile run",
        };
        format!(
            "cargo unsnarl {command}{runner}{shim}{leaks}{}",
            self.args.pasted()
        )
    }

    /// What the command line asks to be watched as it is, as it can be pasted, after a space.
    pub(crate) fn shim_flag(&self) -> String {
        self.asked
            .map_or_else(String::new, |reach| format!(" --shim {}", reach.word()))
    }

    fn command(&self, words: &[&str], flags: &[&str], shell: Shell) -> Command {
        let mut command = self.command_to_build(words, flags, shell);
        if !self.args.tests.is_empty() {
            command.arg("--").args(&self.args.tests);
        }
        command
    }

    fn command_to_build(&self, words: &[&str], flags: &[&str], shell: Shell) -> Command {
        let quiet = match self.runner {
            _ if !shell.is_quiet() => [].as_slice(),
            Runner::Cargo => &["--quiet"],
            Runner::Nextest => &["--cargo-quiet"],
        };
        self.command_without_tests(words, &[flags, quiet].concat())
    }

    fn command_without_tests(&self, words: &[&str], flags: &[&str]) -> Command {
        let has = |flag: &str| self.args.cargo.iter().any(|arg| arg == flag);
        let flags = flags.iter().filter(|flag| !has(flag));
        let mut command = cargo();
        command
            .current_dir(&self.dir)
            .args(words)
            .args(flags)
            .args(&self.switch)
            .env("UNSNARL_REPORT_DIR", &self.report_dir)
            .env("UNSNARL_ON_FINDING", self.on_finding.word())
            .envs(self.wishes());
        if let Some(limits) = &self.profile {
            command.env("UNSNARL_PROFILE", limits);
        }
        match &self.shim {
            Some(shim) => shim.apply(&mut command, &self.args),
            None => {
                command.args(&self.args.cargo);
            }
        }
        command
    }

    /// What a test process is to do besides, as variables.
    pub(crate) fn wishes(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let backtrace = self.backtrace.as_deref();
        let backtrace = backtrace.map(|value| ("UNSNARL_BACKTRACE", value));
        let leaks = self.leaks.then_some(("UNSNARL_LEAKS", "1"));
        backtrace.into_iter().chain(leaks)
    }

    fn wait(&self, command: &mut Command) -> Result<ExitStatus, Error> {
        if self.format == MessageFormat::Json {
            command.stdout(io::stderr());
        }
        command.status().map_err(Error::start("cargo"))
    }
}

/// Cargo says 101 for tests that fail and for most errors of its own, and 1 for arguments it does not know.
pub(crate) fn judge_cargo(status: ExitStatus) -> Tests {
    match status.code() {
        Some(0) => Tests::Passed,
        Some(1) => Tests::Misused,
        Some(_) => Tests::Failed,
        None => Tests::Stopped,
    }
}

/// The numbers are nextest's `NextestExitCode`, and clap's 2 for arguments it does not know.
fn judge_nextest(status: ExitStatus) -> Tests {
    match status.code() {
        Some(0 | 4) => Tests::Passed,
        Some(101) => Tests::NotBuilt,
        Some(1 | 2 | 96) => Tests::Misused,
        Some(_) => Tests::Failed,
        None => Tests::Stopped,
    }
}

/// What came of building the tests.
#[derive(Debug)]
pub(crate) struct Built {
    /// How that went.
    pub(crate) tests: Tests,
    /// What the compiler said that is to be shown, each text once.
    pub(crate) said: Vec<String>,
    /// The test executables.
    pub(crate) executables: Vec<Artifact>,
    /// The features of each `unsnarl` that is in them.
    pub(crate) features: Vec<Vec<String>>,
}

/// What the compiler said, and what it made.
fn compiler_messages(stdout: impl io::BufRead) -> Built {
    let mut built = Built {
        tests: Tests::Passed,
        said: Vec::new(),
        executables: Vec::new(),
        features: Vec::new(),
    };
    let mut known = BTreeSet::new();
    for message in Message::parse_stream(stdout).flatten() {
        match message {
            Message::CompilerMessage(message) => {
                let text = message.message.rendered;
                let new = text.filter(|text| known.insert(text.clone()));
                built.said.extend(new);
            }
            Message::CompilerArtifact(artifact) if artifact.profile.test => {
                let executable = artifact.executable.is_some().then_some(artifact);
                built.executables.extend(executable);
            }
            Message::CompilerArtifact(artifact) if artifact.target.name == UNSNARL => {
                built.features.push(artifact.features);
            }
            _ => {}
        }
    }
    built
}

/// Arguments for cargo that give it these features.
pub(crate) fn with_features(features: &[String]) -> Vec<String> {
    vec!["--features".to_owned(), features.join(",")]
}
