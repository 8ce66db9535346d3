//! The tests in the executables that cargo built.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cargo_metadata::Artifact;
use stress::child::{self, How, Order};
use stress::subject::Subject;

use crate::error::Error;
use crate::exit::Exit;
use crate::project::Project;
use crate::runner::{Built, Job, Tests};
use crate::shell::Shell;

/// How long an executable may take to list its tests.
const TO_LIST: Duration = Duration::from_secs(60);

/// Flags of the harness with which ignored tests are wanted.
const WANTS_IGNORED: [&str; 2] = ["--ignored", "--include-ignored"];

/// Builds the tests, and finds those that the user's arguments select. Without any there is nothing to do but to end so.
pub(crate) fn build(
    job: &mut Job,
    project: &Project,
    shell: Shell,
) -> Result<Result<Vec<Subject>, Exit>, Error> {
    let built = job.build_tests(project, shell)?;
    Ok(select(&built, job, project, shell))
}

/// The tests in what was built that the user's arguments select. Without any there is nothing to do but to end so.
pub(crate) fn select(
    built: &Built,
    job: &Job,
    project: &Project,
    shell: Shell,
) -> Result<Vec<Subject>, Exit> {
    match built.tests {
        Tests::Passed => {}
        Tests::Misused => return Err(Exit::Usage),
        _ => {
            shell.warn("the tests do not build with `unsnarl` switched on");
            return Err(Exit::TestsFail);
        }
    }
    let subjects = subjects(&built.executables, project, &job.args.for_tests(), shell);
    if subjects.is_empty() {
        shell.warn("there is no test to run");
        shell.help("write one, or select others: these arguments leave none over");
        return Err(Exit::Inconclusive);
    }
    Ok(subjects)
}

/// Whether these arguments for tests select ignored ones too.
fn wants_ignored(args: &[OsString]) -> bool {
    WANTS_IGNORED
        .iter()
        .any(|flag| args.iter().any(|arg| arg == flag))
}

/// The arguments for tests that select the one of this name, where `args` have selected it among others.
pub(crate) fn only(name: &str, args: &[OsString]) -> Vec<OsString> {
    let also_ignored = wants_ignored(args).then(|| "--include-ignored".into());
    let only = ["--exact".into(), name.into()];
    only.into_iter().chain(also_ignored).collect()
}

/// The tests of these executables that the user's arguments for tests select, in the order of their names.
fn subjects(
    artifacts: &[Artifact],
    project: &Project,
    args: &[OsString],
    shell: Shell,
) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for artifact in artifacts {
        let Some(program) = artifact.executable.as_ref().map(|path| path.as_std_path()) else {
            continue;
        };
        let binary = Binary::of(program, artifact, project);
        match binary.tests(args) {
            Some(names) => subjects.extend(names.into_iter().map(|name| binary.subject(name))),
            None => shell.warn(format_args!(
                "`{}` does not list its tests as the standard harness does; it is left out",
                program.display()
            )),
        }
    }
    subjects
}

/// A test executable.
struct Binary {
    process: String,
    program: PathBuf,
    dir: PathBuf,
    variables: Vec<(OsString, OsString)>,
}

impl Binary {
    fn of(program: &Path, artifact: &Artifact, project: &Project) -> Self {
        let manifest = artifact.manifest_path.as_std_path();
        let dir = manifest.parent().unwrap_or(Path::new(".")).to_owned();
        let mut variables: Vec<(OsString, OsString)> = vec![
            ("CARGO_MANIFEST_DIR".into(), dir.clone().into()),
            ("CARGO_MANIFEST_PATH".into(), manifest.into()),
        ];
        let members = project.members();
        if let Some(package) = members
            .iter()
            .find(|one| one.manifest_path == artifact.manifest_path)
        {
            variables.push(("CARGO_PKG_NAME".into(), package.name.to_string().into()));
            variables.push((
                "CARGO_PKG_VERSION".into(),
                package.version.to_string().into(),
            ));
        }
        Self {
            process: name(program),
            program: program.to_owned(),
            dir,
            variables,
        }
    }

    /// The names of its tests; `None` if it does not say.
    fn tests(&self, args: &[OsString]) -> Option<Vec<String>> {
        let mut names = self.list(args)?;
        if !wants_ignored(args) {
            let ignored: Vec<OsString> = args.iter().cloned().chain(["--ignored".into()]).collect();
            let ignored = self.list(&ignored)?;
            names.retain(|name| !ignored.contains(name));
        }
        Some(names)
    }

    fn list(&self, args: &[OsString]) -> Option<Vec<String>> {
        let list = ["--list", "--format", "terse"].map(OsString::from);
        let mut variables = self.variables.clone();
        variables.push(("UNSNARL".into(), "off".into()));
        let order = Order {
            program: self.program.clone(),
            args: list.into_iter().chain(args.iter().cloned()).collect(),
            dir: self.dir.clone(),
            variables,
            limit: TO_LIST,
            folder: None,
            kept: 16 * 1024 * 1024,
        };
        let ended = child::run(&order, &|| false).ok()?;
        let names = ended
            .stdout
            .lines()
            .filter_map(|line| line.strip_suffix(": test"));
        (ended.how == How::Exited(0)).then(|| names.map(str::to_owned).collect())
    }

    fn subject(&self, name: String) -> Subject {
        Subject {
            process: self.process.clone(),
            name,
            program: self.program.clone(),
            dir: self.dir.clone(),
            variables: self.variables.clone(),
        }
    }
}

/// The name of an executable without cargo's hash.
fn name(program: &Path) -> String {
    let stem = program.file_stem().unwrap_or_default().to_string_lossy();
    match stem.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 => name.to_owned(),
        _ => stem.into_owned(),
    }
}
