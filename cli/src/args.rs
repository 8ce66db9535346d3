//! The command line.

pub(crate) mod kind;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{FalseyValueParser, PossibleValue, PossibleValuesParser};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{
    ArgMatches, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
};
use clap_complete::Shell;
use explore::strategy::STRATEGIES;
use model::slug::SLUGS;
use profile::limits::{LIMITS, Limits, NotALimit};
use race::analysis::ENGINES;
use render::formats::{FORMATS, OF_GRAPH};
use stress::plan::Plan;

use self::kind::Kind;
use crate::duration;
use crate::forms::{self, Form};
use crate::settings::{Deps, OnFinding, Reach, Runner};
use crate::subject::Subject;

const AFTER_HELP: &str = "\
Exit codes:
   0  nothing found
   1  findings
   2  wrong usage
   3  inconclusive: no test used a watched object, reports were lost, or the time was too short
   4  the tests fail, or do not build, without any finding
  70  something went wrong in cargo-unsnarl itself";

/// Finds concurrency bugs while your own tests run.
#[derive(Debug, Parser)]
#[command(
    name = "cargo-unsnarl",
    bin_name = "cargo unsnarl",
    version,
    styles = clap_cargo::style::CLAP_STYLING,
    after_help = AFTER_HELP,
)]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Whether to use colours [default: auto] [env: CARGO_TERM_COLOR, NO_COLOR]
    #[arg(long, global = true, value_name = "WHEN", hide_possible_values = false)]
    pub(crate) color: Option<ColorChoice>,
    /// Say only what was found and what is wrong
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

/// Options that have no meaning beside each other: a subcommand, one, and the others.
const CLASHES: &[(&str, &str, &[&str])] = &[
    ("stress", "runs", &["time"]),
    (
        "stress",
        "replay",
        &["time", "runs", "shard", "resume", "seed", "faults"],
    ),
    (
        "explore",
        "replay",
        &["schedules", "strategy", "seed", "shard"],
    ),
];

impl Args {
    /// Reads the words of a command line, and exits where they are none.
    pub(crate) fn read(words: Vec<OsString>) -> Self {
        let mut command = Self::command();
        let matches = command.clone().get_matches_from(words);
        if let Some((one, other)) = clash(&matches) {
            let said = format!("`--{one}` cannot be used with `--{other}`");
            command.error(ErrorKind::ArgumentConflict, said).exit();
        }
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

/// Two options of the command line that clash. A variable gives way to an option; clap's own check would not let it.
fn clash(matches: &ArgMatches) -> Option<(&'static str, &'static str)> {
    let (subcommand, matches) = matches.subcommand()?;
    let is_said = |option: &str| matches.value_source(option) == Some(ValueSource::CommandLine);
    CLASHES
        .iter()
        .filter(|(of, one, _)| *of == subcommand && is_said(one))
        .find_map(|(_, one, others)| Some((*one, *others.iter().find(|other| is_said(other))?)))
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the tests of this crate, watched, and show what was found
    Test(TestOrLoomArgs),
    /// Run the tests over and over, disturbed in many ways, until rare interleavings happen
    Stress(StressArgs),
    /// Run each test under many schedules that a strategy chooses, and make what fails small
    Explore(ExploreArgs),
    /// Measure what the tests, or a program, do with their time: contention, blocked threads, queues
    #[command(after_help = profile_help())]
    Profile(ProfileArgs),
    /// Show the orders in which locks were taken
    Graph(GraphArgs),
    /// Show a report again, or merge reports
    #[command(args_conflicts_with_subcommands = true)]
    Report(ReportArgs),
    /// Find races and deadlocks in a recorded trace
    #[command(after_help = analyze_help())]
    Analyze(AnalyzeArgs),
    /// Show what the threads of a running process do
    Dump(DumpArgs),
    /// Explain a kind of finding
    Explain(ExplainArgs),
    /// Show unsnarl at work on an example and on its fixtures
    Demo,
    /// Show what would be watched here, what not, and why
    Doctor(DoctorArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

/// What else can run tests than the standard library's types, watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// loom: each test that calls `unsnarl::check`, in every execution that the memory model allows
    Loom,
}

/// Arguments of `test`.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "cargo unsnarl test [OPTIONS] [CARGO TEST'S OWN ARGUMENTS] [-- TEST ARGUMENTS]"
)]
pub(crate) struct TestOrLoomArgs {
    /// Build the tests with the types of this engine in the place of watched ones, and let it run them
    #[arg(long, value_name = "ENGINE")]
    pub(crate) engine: Option<Engine>,
    /// With `--engine`: at most so long for each test: `90`, `90s`, `5m` [default: 60s] [env: UNSNARL_TIME]
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, requires = "engine")]
    pub(crate) time: Option<Duration>,
    /// With `--engine`: at most so many executions of each test [default: all] [env: UNSNARL_SCHEDULES]
    #[arg(long, value_name = "N", requires = "engine")]
    pub(crate) schedules: Option<u64>,
    /// What is the same for all that runs tests.
    #[command(flatten)]
    pub(crate) test: TestArgs,
}

/// Arguments of all commands that run tests.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct TestArgs {
    /// What runs the tests [default: cargo]
    #[arg(long, env = "UNSNARL_RUNNER", value_name = "RUNNER")]
    pub(crate) runner: Option<Runner>,
    /// What a test process does about a finding [default: record]
    #[arg(long, env = "UNSNARL_ON_FINDING", value_name = "WHAT")]
    pub(crate) on_finding: Option<OnFinding>,
    /// Which crates are watched as they are, without `unsnarl::sync` in them [default: auto]
    #[arg(long, env = "UNSNARL_SHIM", value_name = "REACH")]
    pub(crate) shim: Option<Reach>,
    /// What findings are that are wholly inside dependencies, and did not happen in the run [default: note]
    #[arg(long, env = "UNSNARL_DEPS", value_name = "WHAT")]
    pub(crate) deps: Option<Deps>,
    /// Whether a backtrace is kept for each new order of locks [default: 1]
    #[arg(long, env = "UNSNARL_BACKTRACE", value_name = "0|1", value_parser = ["0", "1"], hide_possible_values = true)]
    pub(crate) backtrace: Option<String>,
    /// Tests that run in sessions, as all do with `--shim`, must leave no threads, tasks and guards behind
    #[arg(long, env = "UNSNARL_LEAKS", value_parser = FalseyValueParser::new())]
    pub(crate) leaks: bool,
    /// The folder that keeps the reports [default: `unsnarl` in the target folder]
    #[arg(long, env = "UNSNARL_REPORT_DIR", value_name = "DIR")]
    pub(crate) report_dir: Option<PathBuf>,
    /// The form of the result on stdout
    #[arg(
        long,
        env = "UNSNARL_MESSAGE_FORMAT",
        value_name = "FORMAT",
        default_value = "human"
    )]
    pub(crate) message_format: MessageFormat,
    /// Also write the result in this form: junit, sarif, markdown, github, … [default file: beside the report]
    #[arg(long = "format", value_name = "FORMAT[=FILE]", value_parser = forms::parse)]
    pub(crate) forms: Vec<Form>,
    /// Anything that `cargo test` takes, and after `--` anything that tests take
    #[arg(last = true, value_name = "CARGO TEST'S OWN ARGUMENTS")]
    pub(crate) rest: Vec<OsString>,
}

/// Arguments of `stress`.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "cargo unsnarl stress [OPTIONS] [CARGO TEST'S OWN ARGUMENTS] [-- TEST ARGUMENTS]",
    after_help = "Documentation's examples are not run. Exit codes: see `cargo unsnarl --help`."
)]
pub(crate) struct StressArgs {
    /// How long to go on: `90`, `90s`, `5m`, `1h` [default: 60s]
    #[arg(long, env = "UNSNARL_TIME", value_name = "DURATION", value_parser = duration::parse)]
    pub(crate) time: Option<Duration>,
    /// So many runs of each test instead, with noise that the seed alone decides
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) runs: Option<u64>,
    /// How many runs at a time [default: one for each core]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) jobs: Option<u64>,
    /// How long a run may take, if that is more than twenty times its usual time
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration::parse)]
    pub(crate) timeout: Duration,
    /// What all noise is drawn from [default: another one each time]
    #[arg(long, env = "UNSNARL_SEED", value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Do part K of N, or the part that Slurm, GitLab, Kubernetes or GNU parallel name: `K/N`, `auto`
    #[arg(long, env = "UNSNARL_SHARD", value_name = "K/N")]
    pub(crate) shard: Option<String>,
    /// End with the first finding
    #[arg(long)]
    pub(crate) until_found: bool,
    /// Go on with a test that has been hit twenty times, and although a test fails by itself
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// In every other run, also let operations fail where their contract allows it: wake-ups without a cause, timeouts
    /// that fire at once, `try_lock` and weak compare-exchange that fail
    #[arg(long)]
    pub(crate) faults: bool,
    /// Go on where an interrupted campaign was, with its seed, and as many runs if it was to do so many
    #[arg(long)]
    pub(crate) resume: bool,
    /// Make the noise of a finding again, up to twenty times
    #[arg(long, value_name = "POLICY:SEED")]
    pub(crate) replay: Option<Plan>,
    /// What is the same as for `test`.
    #[command(flatten)]
    pub(crate) test: TestArgs,
}

/// Arguments of `explore`.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "cargo unsnarl explore [OPTIONS] [FILTER] [CARGO TEST'S OWN ARGUMENTS] [-- TEST ARGUMENTS]",
    after_help = "Documentation's examples are not run. Exit codes: see `cargo unsnarl --help`."
)]
pub(crate) struct ExploreArgs {
    /// So many schedules of each test [default: 1000]
    #[arg(long, env = "UNSNARL_SCHEDULES", value_name = "N")]
    pub(crate) schedules: Option<u64>,
    /// At most so long for each test: `90`, `90s`, `5m`
    #[arg(long, env = "UNSNARL_TIME", value_name = "DURATION", default_value = "60s", value_parser = duration::parse)]
    pub(crate) time: Duration,
    /// Which schedules [default: portfolio]
    #[arg(long, env = "UNSNARL_STRATEGY", value_name = "NAME", value_parser = strategies())]
    pub(crate) strategy: Option<String>,
    /// What random choices are made from [default: 0]
    #[arg(long, env = "UNSNARL_SEED", value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// How many tests at a time [default: one for each core]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) jobs: Option<u64>,
    /// After so long without any operation that unsnarl knows, a test is called not explorable
    #[arg(long, env = "UNSNARL_PATIENCE", value_name = "DURATION", default_value = "5s", value_parser = duration::parse)]
    pub(crate) patience: Duration,
    /// Follow the schedule that this token stands for
    #[arg(long, env = "UNSNARL_REPLAY", value_name = "TOKEN")]
    pub(crate) replay: Option<String>,
    /// Only part K of N of the schedules, or the part that Slurm, GitLab, Kubernetes or GNU parallel name: `K/N`, `auto`
    #[arg(long, env = "UNSNARL_SHARD", value_name = "K/N")]
    pub(crate) shard: Option<String>,
    /// Go on with a test after a finding, to find others
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// What can happen in an execution.
    #[command(flatten)]
    pub(crate) kind: Kind,
    /// What is the same as for `test`.
    #[command(flatten)]
    pub(crate) test: TestArgs,
}

impl ExploreArgs {
    /// What is meant if nothing else is said.
    pub(crate) fn of(test: TestArgs) -> Self {
        Self {
            schedules: None,
            time: Duration::from_secs(60),
            strategy: None,
            seed: None,
            jobs: None,
            patience: Duration::from_secs(5),
            replay: None,
            shard: None,
            keep_going: false,
            kind: Kind::default(),
            test,
        }
    }
}

/// Arguments of `profile`.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "cargo unsnarl profile [test|run] [OPTIONS] [CARGO'S OWN ARGUMENTS] [-- ARGUMENTS]"
)]
pub(crate) struct ProfileArgs {
    /// What is run
    #[arg(value_name = "WHAT", default_value = "test")]
    pub(crate) subject: Subject,
    /// From where on something is told: `NAME=NUMBER`, with commas between them
    #[arg(long, env = "UNSNARL_PROFILE", value_name = "LIMITS", value_parser = limits)]
    pub(crate) limits: Option<String>,
    /// What is the same as for `test`.
    #[command(flatten)]
    pub(crate) test: TestArgs,
}

/// The form of the result on stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// Findings like compiler errors, and one line that sums up
    Human,
    /// The merged report as one JSON document
    Json,
}

impl ReportArgs {
    /// The name of the form to show it in.
    pub(crate) fn form(&self) -> &str {
        match self.message_format {
            Some(MessageFormat::Human) => "text",
            Some(MessageFormat::Json) => "json",
            None => &self.format,
        }
    }
}

/// Arguments of `graph`.
#[derive(Debug, clap::Args)]
pub(crate) struct GraphArgs {
    /// The form to show it in
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = graph_formats())]
    pub(crate) format: String,
    /// The report to take it from [default: that of the last run]
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// The file to write [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Arguments of `report`.
#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// Merging instead of showing.
    #[command(subcommand)]
    pub(crate) command: Option<ReportCommand>,
    /// The form to show it in
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = report_formats())]
    pub(crate) format: String,
    /// The same as `--format text` or `--format json`, in the words of `cargo unsnarl test`
    #[arg(long, value_name = "FORMAT", conflicts_with = "format")]
    pub(crate) message_format: Option<MessageFormat>,
    /// How much of a finding is shown as text
    #[arg(long, value_name = "DETAIL", default_value = "steps")]
    pub(crate) detail: Detail,
    /// The file to write [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The report, or a folder of them [default: that of the last run]
    #[arg(value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}

/// How much of a finding is shown as text.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Detail {
    /// The source, notes and helps
    Short,
    /// Also the steps that show it
    Steps,
    /// Also the backtraces
    Full,
}

/// What else to do with reports.
#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Merge reports into one, as JSON
    Merge(MergeArgs),
}

/// Arguments of `report merge`.
#[derive(Debug, clap::Args)]
pub(crate) struct MergeArgs {
    /// The reports to merge
    #[arg(required = true, value_name = "FILE")]
    pub(crate) reports: Vec<PathBuf>,
    /// The file to write [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Arguments of `analyze`.
#[derive(Debug, clap::Args)]
pub(crate) struct AnalyzeArgs {
    /// The engines to run, with commas between them [default: all]
    #[arg(long, value_name = "ENGINES", value_delimiter = ',', value_parser = engines(), hide_possible_values = true)]
    pub(crate) engines: Vec<String>,
    /// The form of the result on stdout
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) message_format: MessageFormat,
    /// The trace: recorded with `UNSNARL_RECORD=FILE`, or in the text format STD of the RAPID tools
    #[arg(value_name = "FILE")]
    pub(crate) trace: PathBuf,
}

/// Arguments of `dump`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A process says it if it was started with UNSNARL_DUMP=1, watched; on Linux."
)]
pub(crate) struct DumpArgs {
    /// The number of the process
    #[arg(value_name = "PID")]
    pub(crate) process: u32,
    /// How long it may take to answer
    #[arg(long, value_name = "DURATION", default_value = "3s", value_parser = duration::parse)]
    pub(crate) timeout: Duration,
}

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// The kind of finding [default: list them all]
    #[arg(value_parser = PossibleValuesParser::new(SLUGS.iter().map(|slug| slug.name)), hide_possible_values = true)]
    pub(crate) slug: Option<String>,
}

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
#[command(override_usage = "cargo unsnarl doctor [OPTIONS] [CARGO TEST'S OWN ARGUMENTS]")]
pub(crate) struct DoctorArgs {
    /// Which crates are watched as they are, without `unsnarl::sync` in them [default: auto]
    #[arg(long, env = "UNSNARL_SHIM", value_name = "REACH")]
    pub(crate) shim: Option<Reach>,
    /// The form of the result on stdout
    #[arg(
        long,
        env = "UNSNARL_MESSAGE_FORMAT",
        value_name = "FORMAT",
        default_value = "human"
    )]
    pub(crate) message_format: MessageFormat,
    /// Anything that `cargo test` takes: which packages, platform and manifest are meant
    #[arg(last = true, value_name = "CARGO TEST'S OWN ARGUMENTS")]
    pub(crate) rest: Vec<OsString>,
}

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell to complete for
    pub(crate) shell: Shell,
}

fn report_formats() -> PossibleValuesParser {
    PossibleValuesParser::new(
        FORMATS
            .iter()
            .map(|format| PossibleValue::new(format.name).help(format.meaning)),
    )
}

fn strategies() -> PossibleValuesParser {
    PossibleValuesParser::new(
        STRATEGIES
            .iter()
            .map(|strategy| PossibleValue::new(strategy.name).help(strategy.meaning)),
    )
}

fn engines() -> PossibleValuesParser {
    PossibleValuesParser::new(ENGINES.iter().map(|engine| engine.name))
}

fn analyze_help() -> String {
    let lines = ENGINES
        .iter()
        .map(|engine| format!("\n  {:9} {}", engine.name, engine.meaning));
    format!("Engines:{}", lines.collect::<String>())
}

/// Limits in their own words, if they are some; those that only switch the profile on are the default ones.
fn limits(text: &str) -> Result<String, NotALimit> {
    if text.is_empty() || text == "0" {
        return Ok("1".to_owned());
    }
    text.parse::<Limits>().map(|_| text.to_owned())
}

fn profile_help() -> String {
    let lines = LIMITS.iter().map(|limit| {
        format!(
            "\n  {:9} {} [default: {}]",
            limit.name, limit.meaning, limit.default
        )
    });
    let limits = lines.collect::<String>();
    format!(
        "Limits:{limits}\n\nWhat is past them is a warning, and fails no run. The tables have the first 20 rows; \
         `--message-format json` has all, with histograms."
    )
}

/// Those that show the graph; as JSON it is part of the report.
fn graph_formats() -> PossibleValuesParser {
    PossibleValuesParser::new(["text"].iter().chain(OF_GRAPH))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Args, CLASHES, clash};

    fn clashes(line: &str) -> bool {
        let words = line.split(' ');
        clash(&Args::command().get_matches_from(words)).is_some()
    }

    #[test]
    fn options_without_a_meaning_beside_each_other_are_told() {
        assert!(clashes("cargo-unsnarl stress --runs 5 --time 5s"));
        assert!(clashes("cargo-unsnarl stress --replay plain:0 --faults"));
        assert!(!clashes("cargo-unsnarl stress --runs 5 --seed 5"));
        assert!(!clashes("cargo-unsnarl test"));
        // Each of them is one.
        for (subcommand, one, others) in CLASHES {
            let command = Args::command();
            let command = command.find_subcommand(subcommand).unwrap();
            for option in [one].into_iter().chain(*others) {
                assert!(command.get_arguments().any(|arg| arg.get_id() == option));
            }
        }
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }
}
