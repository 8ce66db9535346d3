//! `cargo unsnarl dump PID`: what the threads of a running process do, grouped by what and where.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use model::finding::{Finding, Role};
use render::source::Sources;
use stress::child::Sighting;
use stress::dump::{Asked, VARIABLE, ask};

use crate::args::DumpArgs;
use crate::cargo_args::CargoArgs;
use crate::error::{Error, ErrorKind};
use crate::exit::Exit;
use crate::project::Project;
use crate::shell::Shell;

/// Asks a process, and shows what it says.
pub(crate) fn run(args: &DumpArgs, shell: Shell) -> Result<Exit, Error> {
    let process = args.process;
    match ask(process, args.timeout) {
        Asked::Nobody => Err(ErrorKind::NoProcess { process }.into()),
        Asked::Closed(threads) => {
            shell.result(from_outside(&threads))?;
            shell.warn(format_args!(
                "process {process} does not say what it waits for; this is what the system sees"
            ));
            shell.help(format_args!("start it with `{VARIABLE}=1`, watched"));
            Ok(Exit::Inconclusive)
        }
        Asked::Silent(threads) => {
            shell.result(from_outside(&threads))?;
            shell.warn(format_args!("process {process} has not answered"));
            Ok(Exit::Inconclusive)
        }
        Asked::Said(text) => {
            let mut report = render::json::from_str(&text).map_err(|error| {
                let said = error.to_string();
                Error::from(ErrorKind::Answer { process, said })
            })?;
            let here = Project::read_members(Path::new("."), &CargoArgs::default()).ok();
            let root = here.map_or_else(|| ".".into(), |one| one.workspace_root().to_owned());
            render::names::resolve(&mut report, &Sources::with_root(&root));
            report
                .findings
                .iter()
                .try_for_each(|one| shell.result(groups(one)))?;
            Ok(Exit::Clean)
        }
    }
}

/// The threads that do the same at the same place.
#[derive(Default)]
struct Group {
    threads: Vec<String>,
    /// What each of them holds, where that is anything.
    holds: Vec<String>,
}

/// The threads of a snapshot, the largest groups first.
fn groups(snapshot: &Finding) -> String {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut holds = Vec::new();
    for (label, step) in snapshot.labels.iter().zip(&snapshot.steps) {
        let words = snapshot.fill(&step.text);
        if label.role == Role::Secondary {
            holds.push(format!("{} {words} {}", step.thread, step.site));
            continue;
        }
        let group = groups.entry(format!("{words} {}", step.site)).or_default();
        group.threads.push(step.thread.clone());
        group.holds.append(&mut holds);
    }
    let mut groups: Vec<(String, Group)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.threads.len()));
    let mut text = format!("{}\n", snapshot.message);
    for (what, group) in groups {
        let _ = write!(
            text,
            "\n{}: {what}\n    {}\n",
            group.threads.len(),
            group.threads.join(", ")
        );
        for held in group.holds {
            let _ = writeln!(text, "    {held}");
        }
    }
    if !snapshot.notes.is_empty() {
        let (count, names) = (snapshot.notes.len(), snapshot.notes.join(", "));
        let _ = write!(
            text,
            "\n{count}: run, or wait for something that is not watched\n    {names}\n"
        );
    }
    text
}

/// The threads as the system sees them.
fn from_outside(threads: &[Sighting]) -> String {
    let mut groups: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    for thread in threads {
        *groups.entry((&thread.name, thread.sleeps)).or_default() += 1;
    }
    let mut text = format!("{} threads\n", threads.len());
    for ((name, sleeps), count) in groups {
        let state = if sleeps { "sleep" } else { "run" };
        let _ = writeln!(text, "{count}: {state}\n    {name}");
    }
    text
}

#[cfg(test)]
mod tests {
    use model::finding::{Certainty, Finding, Label, Role, Step};
    use model::site::Site;

    use super::groups;

    #[test]
    fn threads_at_one_place_are_one_group_and_what_they_hold_is_told() {
        let mut snapshot = Finding::new(
            "deadlock",
            Certainty::Observed,
            "4 threads, of which 3 wait".to_owned(),
        );
        let mut step = |role, thread: &str, line, text: &str| {
            let site = Site::new("src/a.rs", line, 1);
            snapshot
                .labels
                .push(Label::new(role, site.clone(), text.to_owned()));
            snapshot
                .steps
                .push(Step::new(thread, site, text.to_owned()));
        };
        step(Role::Primary, "a", 3, "is parked here");
        step(Role::Secondary, "b", 7, "locks x here");
        step(Role::Primary, "b", 9, "waits for y here");
        step(Role::Primary, "c", 3, "is parked here");
        snapshot.notes = vec!["thread `main`".to_owned()];
        let expected = "\
4 threads, of which 3 wait

2: is parked here src/a.rs:3:1
    a, c

1: waits for y here src/a.rs:9:1
    b
    b locks x here src/a.rs:7:1

1: run, or wait for something that is not watched
    thread `main`
";
        assert_eq!(groups(&snapshot), expected);
    }
}
