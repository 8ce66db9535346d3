//! `cargo unsnarl stress`: the tests over and over, disturbed in many ways.

mod live;
mod place;
mod table;

use std::io;
use std::num::NonZero;
use std::path::Path;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use model::report::Report;
use render::source::Sources;
use stress::campaign::{Campaign, Outcome, Standing, Surroundings};
use stress::history::History;
use stress::mix::mix;
use stress::plan::Plan;
use stress::schedule::{Extent, Faults};
use stress::shard::Shard;
use stress::subject::Subject;
use stress::tally::Persistence;

use self::live::Live;
use self::place::Place;
use crate::args::{MessageFormat, StressArgs};
use crate::baseline::Baseline;
use crate::binaries;
use crate::cargo_args::CargoArgs;
use crate::collect;
use crate::command::test::{self, Aim};
use crate::conclusion;
use crate::duration::short;
use crate::error::{Error, ErrorKind};
use crate::exit::Exit;
use crate::forms;
use crate::merge;
use crate::owners::Owners;
use crate::project::Project;
use crate::runner::Job;
use crate::runs::Runs;
use crate::settings::Runner;
use crate::shard;
use crate::shell::Shell;

const USUAL_TIME: Duration = Duration::from_secs(60);

/// How often a replay line is tried.
const TRIES: u64 = 20;

/// Set by Ctrl-C: the campaign ends with what was found.
static STOP: AtomicBool = AtomicBool::new(false);

/// Runs a campaign on the tests of the project around the current folder.
pub(crate) fn run(args: StressArgs, shell: Shell) -> Result<Exit, Error> {
    // SeqCst: a flag for people.
    let _ = ctrlc::set_handler(|| STOP.store(true, Ordering::SeqCst));
    let shard = shard::read(args.shard.as_deref().filter(|_| args.replay.is_none()))?;
    let (mut job, project, runs) =
        test::prepare(Path::new("."), Aim::Watch, args.test.clone(), shell)?;
    if job.runner == Runner::Nextest {
        return Err(ErrorKind::NextestCampaign.into());
    }
    let place = Place::take(runs.stress())?;
    let subjects = match binaries::build(&mut job, &project, shell)? {
        Ok(subjects) => subjects,
        Err(exit) => return Ok(exit),
    };
    let desk = Desk {
        args,
        shard,
        baseline: Baseline::read(project.workspace_root())?,
        history: History::read(&runs.history()).map_err(Error::read(&runs.history()))?,
        job,
        owners: Owners::of(&project),
        project,
        runs,
        place,
        shell,
    };
    desk.work(subjects)
}

/// All that a campaign is done with.
struct Desk {
    args: StressArgs,
    shard: Shard,
    baseline: Baseline,
    history: History,
    job: Job,
    owners: Owners,
    project: Project,
    runs: Runs,
    place: Place,
    shell: Shell,
}

impl Desk {
    fn work(&self, subjects: Vec<Subject>) -> Result<Exit, Error> {
        if self.history.damaged > 0 {
            let path = self.runs.history();
            let (lines, path) = (self.history.damaged, path.display());
            self.shell.warn(format_args!(
                "{lines} lines of `{path}` cannot be read; they are left out"
            ));
        }
        let (begun, before) = self.begin()?;
        let campaign = self.campaign(subjects, &begun);
        self.say_start(&campaign);
        let live = Live::new(self.shell, campaign.deadline.and(Some(self.time())));
        let (job, place, baseline, shell) = (&self.job, &self.place, &self.baseline, self.shell);
        let owners = &self.owners;
        let unsaved = Once::new();
        let save = |standing: Standing| {
            if let Err(error) = place.save(&begun, &standing) {
                unsaved.call_once(|| shell.warn(error.full()));
            }
        };
        let outcome = campaign.run(
            before,
            &Surroundings {
                read: &|folder| read(folder, shell),
                replay: &|subject, plan| replay(job, subject, plan),
                counts: &|finding| !baseline.has(finding) && owners.counts(finding, job.deps),
                save: &save,
                progress: &|progress| live.show(progress),
                stop: &STOP,
            },
        );
        live.end();
        let outcome = outcome.map_err(|error| start_or_write(&campaign, error))?;
        self.conclude(outcome, campaign.seed)
    }

    fn campaign(&self, subjects: Vec<Subject>, begun: &place::Campaign) -> Campaign {
        let extent = match (self.args.replay, begun.runs) {
            (Some(plan), _) => Extent::Replay { plan, tries: TRIES },
            (None, Some(runs)) => Extent::Runs(runs),
            (None, None) => Extent::Time,
        };
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let jobs = self.args.jobs.and_then(|jobs| usize::try_from(jobs).ok());
        let persistence = if self.args.keep_going {
            Persistence::Always
        } else {
            Persistence::UntilEnough
        };
        let deadline = (extent == Extent::Time).then(|| Instant::now() + self.time());
        Campaign {
            subjects,
            extent,
            deadline,
            limit: self.args.timeout,
            // Two replays at a time would disturb each other.
            jobs: if self.args.replay.is_some() {
                1
            } else {
                jobs.unwrap_or(cores)
            },
            seed: begun.seed,
            shard: self.shard,
            faults: if self.args.faults {
                Faults::Sometimes
            } else {
                Faults::Never
            },
            until_found: self.args.until_found,
            persistence,
            folder: self.place.runs(),
            root: self.project.workspace_root().to_owned(),
        }
    }

    /// What a campaign must know to go on, and how far an interrupted one was.
    fn begin(&self) -> Result<(place::Campaign, Standing), Error> {
        if self.args.resume {
            let (mut campaign, standing) = self.place.resume()?;
            self.check_is_same(&campaign)?;
            if self.args.runs.is_some() || self.args.time.is_some() {
                campaign.runs = self.args.runs;
            }
            return Ok((campaign, standing));
        }
        let seed = self.args.seed.unwrap_or_else(|| {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            let nanos = u64::try_from(now.as_nanos()).unwrap_or_default();
            // Short enough to be typed.
            mix(nanos, u64::from(std::process::id())) % 1_000_000_000
        });
        let campaign = place::Campaign::new(seed, self.shard, self.args.runs);
        if self.args.replay.is_none() {
            self.place.begin(&campaign)?;
        }
        Ok((campaign, Standing::of(Report::new())))
    }

    /// Whether an interrupted campaign is the one that is asked for.
    fn check_is_same(&self, campaign: &place::Campaign) -> Result<(), Error> {
        let refused = |said| Err(ErrorKind::OtherCampaign { said }.into());
        if campaign.shard != self.shard.to_string() {
            return refused(format!("is shard {}", campaign.shard));
        }
        match self.args.seed {
            Some(seed) if seed != campaign.seed => refused(format!("has seed {}", campaign.seed)),
            _ => Ok(()),
        }
    }

    fn time(&self) -> Duration {
        self.args.time.unwrap_or(USUAL_TIME)
    }

    fn say_start(&self, campaign: &Campaign) {
        let tests = campaign.subjects.len();
        let shard = match self.shard.count {
            1 => String::new(),
            _ => format!(", shard {}", self.shard),
        };
        let how_long = match campaign.extent {
            Extent::Time => format!("for {}, seed {}", short(self.time()), campaign.seed),
            Extent::Runs(runs) => format!("{runs} runs each, seed {}", campaign.seed),
            Extent::Replay { plan, tries } => format!("`{plan}`, up to {tries} times"),
        };
        let word = if tests == 1 { "test" } else { "tests" };
        self.shell.status(
            "Stressing",
            format_args!("{tests} {word} {how_long}{shard}"),
        );
    }

    /// Shows and keeps what was found.
    fn conclude(&self, outcome: Outcome, seed: u64) -> Result<Exit, Error> {
        self.warn(&outcome);
        let root = self.project.workspace_root();
        let mut report = merge::merge(outcome.reports);
        render::names::resolve(&mut report, &Sources::with_root(root));
        self.owners.apply(&mut report, self.job.deps);
        let stale = self.baseline.accept(&mut report);
        let shown = conclusion::show(&report, self.job.format, root, self.shell);
        let json = render::json::to_string(&report);
        let kept = self.runs.replace_latest(&json);
        let written = forms::write(
            &self.job.forms,
            &report,
            root,
            &self.runs.latest(),
            self.shell,
        );
        shown?;
        if self.job.format == MessageFormat::Human {
            self.shell.result(table::tests(&report.tests))?;
            if self.args.replay.is_none() {
                self.shell.result(table::history(&self.history, &report))?;
            }
            self.shell.result(format_args!(
                "{} orders of threads seen; seed {seed}\n",
                outcome.orders
            ))?;
        }
        let latest = kept?;
        if self.job.format == MessageFormat::Human {
            self.shell
                .result(format_args!("report: {}\n", latest.display()))?;
        }
        if self.args.replay.is_none() {
            self.remember(&report);
        }
        if self.job.args.selects_all() && self.args.replay.is_none() {
            self.baseline.warn_of_stale(&stale, self.shell);
        }
        // SeqCst: a flag for people.
        let was_stopped = STOP.load(Ordering::SeqCst);
        if self.args.replay.is_none() && !was_stopped {
            self.place.finish();
        }
        written?;
        Ok(if report.has_errors() {
            Exit::Findings
        } else if !outcome.failing.is_empty() {
            Exit::TestsFail
        } else if was_stopped
            || outcome.saw_nothing
            || !outcome.unrun.is_empty()
            || self.args.replay.is_some()
        {
            Exit::Inconclusive
        } else {
            Exit::Clean
        })
    }

    /// Says what is wrong with the campaign, where that is not a finding.
    fn warn(&self, outcome: &Outcome) {
        for (test, said) in &outcome.failing {
            let name = &test.name;
            self.shell.warn(format_args!(
                "`{name}` fails by itself, without any noise:\n{said}"
            ));
        }
        if !outcome.failing.is_empty() && !self.args.keep_going {
            self.shell
                .help("cure it first, or stress the other tests with `--keep-going`");
        }
        if !outcome.unrun.is_empty() {
            let names: Vec<&str> = outcome
                .unrun
                .iter()
                .map(|test| test.name.as_str())
                .collect();
            self.shell.warn(format_args!(
                "the time was too short to run each test once; not run: {}",
                names.join(", ")
            ));
        }
        if outcome.saw_nothing {
            self.shell
                .warn("no test used a watched object, so nothing was disturbed");
        }
        if self.args.replay.is_some() && outcome.reports.iter().all(|report| !report.has_errors()) {
            self.shell
                .warn(format_args!("not seen again in {TRIES} tries"));
        }
    }

    /// Adds the campaign to the history; that it cannot be written costs nothing else.
    fn remember(&self, report: &Report) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let path = self.runs.history();
        if let Err(error) = self.history.append(&path, report, now.as_secs()) {
            self.shell.warn(Error::write(&path)(error).full());
        }
    }
}

/// The line that makes a finding happen again.
fn replay(job: &Job, subject: &Subject, plan: &Plan) -> String {
    let args = CargoArgs {
        cargo: job.args.cargo.clone(),
        tests: binaries::only(&subject.name, &job.args.tests),
    };
    let (shim, words) = (job.shim_flag(), args.pasted());
    format!("cargo unsnarl stress{shim} --replay {plan}{words}")
}

/// The reports of a run. One that is cut off is that of a process that was killed while it wrote.
fn read(folder: &Path, shell: Shell) -> Vec<Report> {
    match collect::read_each(folder) {
        Ok(reports) => reports,
        Err(error) => {
            shell.warn(error.full());
            Vec::new()
        }
    }
}

fn start_or_write(campaign: &Campaign, error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::NotFound {
        let program = campaign.subjects[0].program.display().to_string();
        return Error::start(&program)(error);
    }
    Error::write(&campaign.folder)(error)
}
