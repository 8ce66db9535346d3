//! What the doctor says to people.

use std::fmt::Write as _;

use super::checkup::Checkup;
use super::packages::Patient;
use super::sites::Sites;

/// How many sites there are of one kind.
type Count = fn(&Sites) -> usize;

/// The columns of the table of what is watched.
const COLUMNS: [(&str, Count); 6] = [
    ("locks", |sites| sites.locks),
    ("condvars", |sites| sites.condvars),
    ("once-cells", |sites| sites.cells),
    ("channels", |sites| sites.channels),
    ("atomics", |sites| sites.atomics),
    ("threads", |sites| sites.threads),
];

/// A checkup in words.
pub(super) fn of(checkup: &Checkup) -> String {
    let mut text = facts(checkup);
    text.push_str(&watched(&checkup.packages));
    text.push_str(&unwatched(checkup));
    for problem in &checkup.problems {
        let _ = writeln!(text, "\nproblem: {}", problem.message);
        if let Some(help) = &problem.help {
            let _ = writeln!(text, "   help: {help}");
        }
    }
    if checkup.problems.is_empty() && !checkup.is_well() {
        text.push_str(
            "\nproblem: nothing that could be watched was seen, so a run would find nothing\n",
        );
    }
    text
}

fn facts(checkup: &Checkup) -> String {
    let way = match (checkup.shim, checkup.features.is_empty()) {
        ("none", false) => format!(
            "what uses `unsnarl`, by `--features {}`",
            checkup.features.join(",")
        ),
        ("none", true) => "nothing".to_owned(),
        ("workspace", _) => "the crates of the workspace, as they are".to_owned(),
        _ => "all crates, as they are".to_owned(),
    };
    let prepared = if checkup.is_prepared {
        "ready"
    } else {
        "built at the first run, which takes about a minute"
    };
    let none = "none";
    [
        ("toolchain", checkup.toolchain.as_str()),
        ("platform", checkup.target.as_str()),
        ("wrapper", checkup.wrapper.as_deref().unwrap_or(none)),
        ("settings", checkup.settings.as_deref().unwrap_or(none)),
        ("watches", way.as_str()),
        ("our crates", prepared),
    ]
    .iter()
    .fold(String::new(), |mut text, (name, value)| {
        let _ = writeln!(text, "{name:10}  {value}");
        text
    })
}

fn watched(patients: &[Patient]) -> String {
    let rows: Vec<_> = patients
        .iter()
        .filter(|patient| patient.is_watched && !patient.sites.is_empty())
        .map(|patient| (called(patient), patient.sites))
        .collect();
    let Some(width) = rows.iter().map(|(name, _)| name.len()).max() else {
        return String::new();
    };
    let mut text = format!("\n{:width$}", "watched");
    for (title, _) in COLUMNS {
        let _ = write!(text, "  {title}");
    }
    text.push('\n');
    for (name, sites) in rows {
        let _ = write!(text, "{name:width$}");
        for (title, count) in COLUMNS {
            let wide = title.len();
            match count(&sites) {
                0 => {
                    let _ = write!(text, "  {:>wide$}", "·");
                }
                number => {
                    let _ = write!(text, "  {number:wide$}");
                }
            }
        }
        text.push('\n');
    }
    text
}

fn unwatched(checkup: &Checkup) -> String {
    let rows: Vec<_> = checkup
        .packages
        .iter()
        .filter(|patient| !patient.remarks.is_empty())
        .map(|patient| (called(patient), patient.remarks.join("; ")))
        .collect();
    let mut text = String::new();
    if !rows.is_empty() || !checkup.build_scripts.is_empty() {
        text.push_str("\nnot watched\n");
    }
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, remarks) in rows {
        let _ = writeln!(text, "{name:width$}  {remarks}");
    }
    if !checkup.build_scripts.is_empty() {
        let scripts = checkup.build_scripts.join(", ");
        let _ = writeln!(text, "build scripts, which run while building: {scripts}");
    }
    text
}

fn called(patient: &Patient) -> String {
    format!("{} {}", patient.name, patient.version)
}
