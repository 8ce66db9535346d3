//! Which packages `cargo test` would test with these arguments.

use cargo_metadata::Package;

use crate::cargo_args::CargoArgs;
use crate::error::{Error, ErrorKind};
use crate::project::Project;

/// The packages that are tested, as cargo picks them.
pub(crate) fn select<'a>(
    project: &'a Project,
    args: &CargoArgs,
) -> Result<Vec<&'a Package>, Error> {
    let specs = args.values(&["--package", "-p"]);
    let excluded = args.values(&["--exclude"]);
    let base = if !specs.is_empty() {
        project
            .members()
            .into_iter()
            .filter(|package| matches_any(&specs, package))
            .collect()
    } else if args.has(&["--workspace", "--all"]) {
        project.members()
    } else {
        project.default_members()
    };
    let selected: Vec<_> = base
        .into_iter()
        .filter(|package| !matches_any(&excluded, package))
        .collect();
    if selected.is_empty() {
        return Err(ErrorKind::NoPackage { specs }.into());
    }
    Ok(selected)
}

fn matches_any(specs: &[String], package: &Package) -> bool {
    specs.iter().any(|spec| is_glob(name(spec), &package.name))
}

/// The name in `name`, `name@1.0`, `name:1.0`, `path+file:///…/name`, `path+file:///…#name@1.0`.
fn name(spec: &str) -> &str {
    let (path, fragment) = match spec.rsplit_once('#') {
        Some((path, fragment)) => (path, fragment),
        None => ("", spec.rsplit('/').next().unwrap_or(spec)),
    };
    let name = fragment.split(['@', ':']).next().unwrap_or(fragment);
    // `path#1.0`: the fragment is only a version, and the folder has the name.
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return path.rsplit('/').next().unwrap_or(path);
    }
    name
}

/// Whether a name fits a pattern in which `*` stands for anything and `?` for one character.
fn is_glob(pattern: &str, name: &str) -> bool {
    match pattern.chars().next() {
        None => name.is_empty(),
        Some('*') => {
            let mut rests = (0..=name.len()).filter_map(|at| name.get(at..));
            rests.any(|rest| is_glob(&pattern[1..], rest))
        }
        Some(first) => {
            let mut rest = name.chars();
            let fits = rest.next().is_some_and(|c| first == '?' || first == c);
            fits && is_glob(&pattern[first.len_utf8()..], rest.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_glob, name};

    #[test]
    fn a_spec_names_its_package() {
        for spec in [
            "bank",
            "bank@0.1.0",
            "bank:0.1.0",
            "path+file:///x/bank",
            "file:///x#bank@0.1.0",
            "file:///x/bank#0.1.0",
        ] {
            assert_eq!(name(spec), "bank", "{spec}");
        }
    }

    #[test]
    fn a_pattern_may_leave_things_open() {
        assert!(is_glob("ban*", "bank") && is_glob("*", "bank") && is_glob("b?nk", "bank"));
        assert!(!is_glob("ban", "bank") && !is_glob("*x", "bank") && !is_glob("bank?", "bank"));
    }
}
