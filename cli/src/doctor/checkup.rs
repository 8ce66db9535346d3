//! All that the doctor finds out.

use cargo_metadata::Package;
use serde::Serialize;

use super::packages::{self, Patient, Way};
use super::words;
use crate::cargo_args::CargoArgs;
use crate::error::Error;
use crate::project::Project;
use crate::selection;
use crate::settings::{Choice, Reach, Settings};
use crate::shim::{self, next};
use crate::switch::{self, lead::ENGINES};

/// All that the doctor finds out about a project.
#[derive(Debug, Serialize)]
pub(crate) struct Checkup {
    /// The version of this form.
    pub(super) schema: u32,
    /// The compiler.
    pub(super) toolchain: String,
    /// The platform that is built for.
    pub(super) target: String,
    /// The user's own wrapper around the compiler, which is called too.
    pub(super) wrapper: Option<String>,
    /// The settings, if there are any.
    pub(super) settings: Option<String>,
    /// Which crates are watched as they are.
    pub(super) shim: &'static str,
    /// The features that switch `unsnarl` on, where it is used by hand.
    pub(super) features: Vec<String>,
    /// Whether our crates are built for this toolchain.
    pub(super) is_prepared: bool,
    /// What is in the way, and what to do about it.
    pub(super) problems: Vec<Problem>,
    /// All packages that the tested ones are built from.
    pub(super) packages: Vec<Patient>,
    /// Those whose build scripts run while building, and are not watched.
    pub(super) build_scripts: Vec<String>,
}

/// Something that is in the way.
#[derive(Debug, Serialize)]
pub(super) struct Problem {
    /// What it is.
    pub(super) message: String,
    /// What to do about it.
    pub(super) help: Option<String>,
}

/// The form of [`Checkup`] as JSON.
const SCHEMA: u32 = 1;

impl Checkup {
    /// Examines a project. `asked` is the reach that the command line names.
    pub(crate) fn of(
        project: &Project,
        asked: Option<Reach>,
        args: &CargoArgs,
    ) -> Result<Self, Error> {
        let settings = Settings::read(project.workspace_root())?;
        let wrapper = next::wrapper(project.config())?;
        let tested = selection::select(project, args)?;
        let wanted = asked.or(settings.shim.mode).unwrap_or_default();
        let mut problems = Vec::new();
        let (reach, features) = way_in(wanted, project, &tested, &mut problems)?;
        let packages = examine(project, &tested, reach, &settings.shim, args, &mut problems)?;
        let scripts = project.of_program(&tested).into_iter();
        let scripts = scripts.filter(|package| packages::has_build_script(package));
        let path = project.workspace_root().join(".config/unsnarl.toml");
        Ok(Self {
            schema: SCHEMA,
            toolchain: toolchain(project),
            target: project.platform().triple().unwrap_or("unknown").to_owned(),
            wrapper: wrapper.map(|path| path.display().to_string()),
            settings: path.is_file().then(|| path.display().to_string()),
            shim: reach.word(),
            features,
            is_prepared: reach == Reach::None || shim::is_prepared(project),
            problems,
            packages,
            build_scripts: scripts.map(|package| package.name.to_string()).collect(),
        })
    }

    /// Whether a run could find anything.
    pub(crate) fn is_well(&self) -> bool {
        let has_sites = |patient: &Patient| patient.is_watched && !patient.sites.is_empty();
        self.problems.is_empty() && self.packages.iter().any(has_sites)
    }

    /// It all in words.
    pub(crate) fn in_words(&self) -> String {
        words::of(self)
    }

    /// It all as JSON.
    pub(crate) fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        text.expect("a checkup is plain data") + "\n"
    }
}

/// The reach that a run would have, and the features that it would turn on.
fn way_in(
    wanted: Reach,
    project: &Project,
    tested: &[&Package],
    problems: &mut Vec<Problem>,
) -> Result<(Reach, Vec<String>), Error> {
    if matches!(wanted, Reach::Workspace | Reach::Tokio | Reach::All) {
        return Ok((wanted, Vec::new()));
    }
    let switches =
        switch::find(ENGINES, project, tested).and_then(|switches| switches.features(tested));
    match switches {
        Ok(features) => Ok((Reach::None, features)),
        Err(error) if wanted == Reach::Auto && error.is_of_switch() => Ok((Reach::All, Vec::new())),
        Err(error) if error.is_of_switch() => {
            problems.push(problem(&error));
            Ok((Reach::None, Vec::new()))
        }
        Err(error) => Err(error),
    }
}

fn examine(
    project: &Project,
    tested: &[&Package],
    reach: Reach,
    chosen: &Choice,
    args: &CargoArgs,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Patient>, Error> {
    if reach == Reach::None {
        return Ok(packages::examine(project, tested, Way::ByHand));
    }
    let scope = chosen.scope(reach, project)?;
    let notes = shim::last_notes(project);
    let way = match shim::check_ground(project, args) {
        Ok(()) => Way::AsTheyAre(&scope, &notes),
        Err(error) => {
            problems.push(problem(&error));
            Way::NotAtAll
        }
    };
    Ok(packages::examine(project, tested, way))
}

fn problem(error: &Error) -> Problem {
    Problem {
        message: error.full(),
        help: error.help(),
    }
}

/// The first line that the compiler says of itself.
fn toolchain(project: &Project) -> String {
    let said = project.platform().toolchain().version().unwrap_or_default();
    said.lines().next().unwrap_or("unknown").to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Checkup, Problem};
    use crate::doctor::packages::Patient;
    use crate::doctor::sites::Sites;

    fn checkup(locks: usize, is_watched: bool, problems: usize) -> Checkup {
        let sites = Sites {
            locks,
            ..Sites::default()
        };
        let problem = || Problem {
            message: "p".into(),
            help: None,
        };
        Checkup {
            schema: 1,
            toolchain: "rustc".into(),
            target: "here".into(),
            wrapper: None,
            settings: None,
            shim: "all",
            features: Vec::new(),
            is_prepared: true,
            problems: (0..problems).map(|_| problem()).collect(),
            packages: vec![Patient {
                name: "a".into(),
                version: "1.0.0".into(),
                is_member: true,
                is_watched,
                sites,
                remarks: Vec::new(),
            }],
            build_scripts: Vec::new(),
        }
    }

    #[test]
    fn a_run_can_find_something_where_something_is_watched() {
        assert!(checkup(1, true, 0).is_well());
        assert!(!checkup(0, true, 0).is_well());
        assert!(!checkup(1, false, 0).is_well());
        assert!(!checkup(1, true, 1).is_well());
    }
}
