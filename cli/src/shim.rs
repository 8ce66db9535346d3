//! Watched locks in unmodified crates: crates of ours take the place of `std` and `core` when they are compiled.
//!
//! ```text
//! <cargo's home>/unsnarl/<toolchain>/      our crates, and what they are built from, against the real `std`
//! target/unsnarl/shim/<our crates>/all/    the user's crates, built with them
//! ```

mod build;
pub(crate) mod clash;
pub(crate) mod digest;
mod folders;
mod ground;
pub(crate) mod next;
pub(crate) mod note;
pub(crate) mod plan;
mod rustdoc;
pub(crate) mod scope;
mod slips;
mod store;
pub(crate) mod tokio;
mod unwatched;
pub(crate) mod watchers;

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use self::clash::Clash;
use self::digest::digest;
use self::note::Note;
use self::plan::Plan;
use self::scope::Scope;
use self::store::Store;
use self::unwatched::{UNSEEN, Words};
use crate::cargo_args::CargoArgs;
use crate::cargo_config;
use crate::error::{Error, ErrorKind};
use crate::project::Project;
use crate::selection;
use crate::settings::{Choice, Reach};
use crate::shell::Shell;

/// For how many versions of our crate, and toolchains, the user's crates are kept.
const KEPT: usize = 3;
/// The folder for what the wrapper has to say, among what is built.
const SAID: &str = "said";

/// What the twins can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// They are watched.
    Watched,
    /// They are also controlled, where a run is explored.
    Explored,
}

impl Mode {
    /// The feature of our crates that stands for it.
    fn feature(self) -> &'static str {
        match self {
            Self::Watched => "watched",
            Self::Explored => "explored",
        }
    }
}

/// Our crates in the place of the standard library's, ready for cargo to use.
#[derive(Debug)]
pub(crate) struct Shim {
    reach: Reach,
    plan: Plan,
    /// Where the plan is, for the wrapper.
    left: PathBuf,
    /// What `rustdoc` is called with anyway.
    rustdoc_flags: Vec<String>,
    /// This program, as the wrapper.
    wrapper: PathBuf,
    /// Where everything is built that has this version of our crate in it.
    shim_dir: PathBuf,
    /// Where the user's crates are built, with this choice of packages.
    target_dir: PathBuf,
}

impl Shim {
    /// Prepares it; nothing is done if nothing is to be reached.
    pub(crate) fn prepare(
        reach: Reach,
        mode: Mode,
        chosen: &Choice,
        project: &Project,
        dir: &Path,
        args: &CargoArgs,
        shell: Shell,
    ) -> Result<Option<Self>, Error> {
        if matches!(reach, Reach::Auto | Reach::None) {
            return Ok(None);
        }
        let scope = chosen.scope(reach, project)?;
        ground::check(project.platform(), project.config(), args)?;
        let next = next::wrapper(project.config())?;
        let folder = project.target_dir().join("unsnarl");
        fs::create_dir_all(&folder).map_err(Error::write(&folder))?;
        let folder = folder.canonicalize().map_err(Error::read(&folder))?;
        let target = project.platform().triple().ok_or(ErrorKind::NoHost)?;
        let toolchain = project.platform().toolchain();
        let store = Store::open(&places(project), &build::key(toolchain)?, shell)?;
        let tasks = (reach == Reach::Tokio).then(tokio::root).transpose()?;
        let parts = build::Parts {
            mode,
            has_tasks: tasks.is_some(),
        };
        let built = build::build(store, dir, project, parts, args, shell)?;
        let stamp = match &tasks {
            Some(root) => digest((built.stamp + &tokio::stamp(root)?).as_bytes()),
            None => built.stamp,
        };
        let shim_dir = folders::enter(&folder.join("shim"), &stamp, KEPT)?;
        let (target_dir, said) = begin(&shim_dir, reach, &scope)?;
        let plan = Plan {
            stand_ins: built.libraries,
            dependencies: vec![built.folder],
            target: target.to_owned(),
            scope,
            tasks,
            next,
            said,
        };
        Ok(Some(Self {
            reach,
            left: plan.leave()?,
            plan,
            shim_dir,
            rustdoc_flags: rustdoc::flags(project.config(), project.platform()),
            wrapper: env::current_exe().map_err(Error::start("cargo-unsnarl"))?,
            target_dir,
        }))
    }

    /// Lets cargo, called with these arguments of the user, use it.
    ///
    /// A platform is always named: then build scripts and procedural macros, which are built for none, keep the real
    /// `std`.
    pub(crate) fn apply(&self, command: &mut Command, args: &CargoArgs) {
        command.args(args.without("--target-dir"));
        command.arg("--target-dir").arg(&self.target_dir);
        if args.values(&["--target"]).is_empty() {
            command.args(["--target", &self.plan.target]);
        }
        // Tests may call cargo, and compare what it says: variables of cargo would hold there too.
        command
            .args(config("build.rustc-wrapper", &self.wrapper))
            // What a configuration may set for all builds, so that ours and the normal one would share it.
            .args(config("build.build-dir", &self.target_dir))
            // It would win.
            .env_remove("RUSTC_WRAPPER")
            .env(plan::VARIABLE, &self.left);
        self.apply_to_doc_tests(command);
    }

    /// Documentation's examples are built by `rustdoc`, which has no wrapper but takes the same flags.
    fn apply_to_doc_tests(&self, command: &mut Command) {
        // Examples of a crate that has the real `std` need it too.
        let members = &self.plan.scope.members;
        let matters = |note: &Note| Words(note).is_news() || members.contains(&note.folder);
        let are_all_replaced = !self.notes().iter().any(matters);
        let replacing = are_all_replaced.then(|| self.plan.replacing());
        let ours = replacing.into_iter().flatten().chain(self.plan.linking());
        let ours = ours.map(|flag| flag.to_string_lossy().into_owned());
        let all: Vec<String> = self.rustdoc_flags.iter().cloned().chain(ours).collect();
        command.env(rustdoc::VARIABLE, all.join(rustdoc::SEPARATOR));
    }

    /// Crates that do not build with it, and were built without.
    fn notes(&self) -> Vec<Note> {
        Note::read_all(&self.plan.notes())
    }

    /// Takes to heart what the wrapper has left after a build that failed. These packages get the real
    /// `std` in the next one.
    pub(crate) fn learn(&mut self, project: &Project) -> Result<Vec<String>, Error> {
        let clashes = Clash::take_all(&self.plan.clashes());
        let parties: Vec<_> = clashes
            .iter()
            .flat_map(|clash| clash.parties(project))
            .filter(|package| !self.plan.scope.apart.contains(clash::folder(package)))
            .collect();
        if parties.is_empty() {
            return Ok(Vec::new());
        }
        let folders = parties
            .iter()
            .map(|package| clash::folder(package).to_owned());
        self.plan.scope.apart.extend(folders);
        let (target_dir, said) = begin(&self.shim_dir, self.reach, &self.plan.scope)?;
        (self.target_dir, self.plan.said) = (target_dir, said);
        self.left = self.plan.leave()?;
        let names: BTreeSet<_> = parties
            .iter()
            .map(|package| package.name.to_string())
            .collect();
        Ok(names.into_iter().collect())
    }

    /// Says what of the project is not watched, and why.
    pub(crate) fn warn_of_unwatched(&self, project: &Project, args: &CargoArgs, shell: Shell) {
        let selected = selection::select(project, args).unwrap_or_default();
        for (package, what) in UNSEEN {
            if project.leads_to(&selected, package) {
                shell.warn(format_args!("not watched: {what}"));
            }
        }
        let notes = self.notes();
        for note in notes.iter().filter(|note| Words(note).is_news()) {
            let is_here = |version: String| version == note.version;
            if project
                .packages(&note.package)
                .any(|package| is_here(package.version.to_string()))
            {
                shell.warn(Words(note));
                if let Some(help) = Words(note).help(&notes) {
                    shell.help(help);
                }
            }
        }
    }
}

/// An argument for cargo that sets a path.
fn config(key: &str, path: &Path) -> [String; 2] {
    let path = path.to_string_lossy();
    ["--config".to_owned(), format!("{key}={path:?}")]
}

/// Whether crates of ours can take the place of the standard library's here.
pub(crate) fn check_ground(project: &Project, args: &CargoArgs) -> Result<(), Error> {
    ground::check(project.platform(), project.config(), args)
}

/// Whether our crates are built for the project's toolchain.
pub(crate) fn is_prepared(project: &Project) -> bool {
    let key = build::key(project.platform().toolchain()).unwrap_or_default();
    Store::is_in(&places(project), &key)
}

/// Where our crates may be kept: for all projects, else for this one.
fn places(project: &Project) -> Vec<PathBuf> {
    let home = cargo_config::home().map(|home| home.join("unsnarl"));
    let own = project.target_dir().join("unsnarl/shim-std");
    home.into_iter().chain([own]).collect()
}

/// Crates that the last run, whatever its choice, has built with the real `std`.
pub(crate) fn last_notes(project: &Project) -> Vec<Note> {
    let shim = project.target_dir().join("unsnarl/shim");
    let last = folders::newest(&shim).and_then(|folder| folders::newest(&folder));
    last.map_or_else(Vec::new, |folder| {
        Note::read_all(&plan::notes(&folder.join(SAID)))
    })
}

/// The folder for what is built with this choice of packages, and that for what the wrapper has to say of it.
fn begin(shim_dir: &Path, reach: Reach, scope: &Scope) -> Result<(PathBuf, PathBuf), Error> {
    let name = if scope.is_plain() {
        reach.word().to_owned()
    } else {
        format!("some-{}", digest(scope.choice().as_bytes()))
    };
    let folder = folders::enter(shim_dir, &name, KEPT)?;
    let said = folder.join(SAID);
    Ok((folder, said))
}
