//! Names of locks, read from the source: `self.accounts[i].lock()` locks `self.accounts[i]`.

mod binding;
mod distinct;
#[cfg(feature = "names")]
mod parsed;
mod reader;
mod scan;
mod tidy;

use model::finding::{Finding, Object};
use model::graph::Class;
use model::profile::Profile;
use model::report::Report;
use model::site::Site;

use self::distinct::Candidates;
use self::reader::Reader;
use crate::source::Sources;

/// Names every object and every class of a report that has no name yet, as far as its source can be found, after races with
/// pointers were settled by it, where sources are parsed.
pub fn resolve(report: &mut Report, sources: &Sources) {
    #[cfg(feature = "names")]
    crate::pointers::settle(report, sources);
    let mut reader = Reader::new(sources);
    for finding in &mut report.findings {
        name_objects(finding, &mut reader);
    }
    name_classes(&mut report.graph.classes, &mut reader);
    if let Some(profile) = &mut report.profile {
        name_profile(profile, &mut reader);
    }
}

/// Names every object of a finding that has no name yet, as far as its source can be found.
///
/// No two objects of the finding are left with the same name.
pub fn resolve_finding(finding: &mut Finding, sources: &Sources) {
    name_objects(finding, &mut Reader::new(sources));
}

fn name_objects(finding: &mut Finding, reader: &mut Reader<'_>) {
    let candidates = |object: &Object| match &object.name {
        Some(name) => Candidates::Given(name.clone()),
        None => {
            let created = object.created.as_ref();
            Candidates::Found(reader.names(&object.kind, &object.used, created))
        }
    };
    let candidates: Vec<Candidates> = finding.objects.iter().map(candidates).collect();
    let names = distinct::choose(&candidates);
    for (object, name) in finding.objects.iter_mut().zip(names) {
        object.name = name;
    }
}

fn name_classes(classes: &mut [Class], reader: &mut Reader<'_>) {
    let candidates = |class: &Class| match &class.name {
        Some(name) => Candidates::Given(name.clone()),
        None => {
            let used: Vec<Site> = class.used.iter().cloned().collect();
            let names = reader.names(&class.kind, &used, class.created.as_ref());
            let place = class.created.as_ref().or(class.used.as_ref());
            Candidates::Found(with_place(names, place))
        }
    };
    let candidates: Vec<Candidates> = classes.iter().map(candidates).collect();
    let names = distinct::choose(&candidates);
    for (class, name) in classes.iter_mut().zip(names) {
        class.name = name;
    }
}

/// Rows of one class have one name.
fn name_profile(profile: &mut Profile, reader: &mut Reader<'_>) {
    let locks = profile.locks.iter_mut().map(|row| &mut row.lock);
    let channels = profile.queues.iter_mut().map(|row| &mut row.channel);
    let mut objects: Vec<&mut Object> = locks.chain(channels).collect();
    let key = |object: &Object| {
        (
            object.kind.clone(),
            object.name.clone(),
            object.created.clone(),
        )
    };
    let mut known = Vec::new();
    let mut classes = Vec::new();
    let mut places = Vec::new();
    for object in &objects {
        let place = known.iter().position(|one| *one == key(object));
        places.push(place.unwrap_or_else(|| {
            let (kind, name, created) = key(object);
            let used = object.used.first().cloned();
            classes.push(Class::new(kind, name, created, used));
            known.push(key(object));
            known.len() - 1
        }));
    }
    name_classes(&mut classes, reader);
    for (object, place) in objects.iter_mut().zip(places) {
        object.name.clone_from(&classes[place].name);
    }
}

/// The names, and the first of them with its place, for a class whose name another has taken.
fn with_place(mut names: Vec<String>, place: Option<&Site>) -> Vec<String> {
    if let (Some(name), Some(site)) = (names.first(), place) {
        let file = site.file.rsplit(['/', '\\']).next().unwrap_or(&site.file);
        names.push(format!("{name} ({file}:{})", site.line));
    }
    names
}

#[cfg(test)]
mod tests {
    use std::fs;

    use model::finding::{Certainty, Finding, Object};
    use model::graph::Class;
    use model::report::Report;
    use model::site::Site;

    use super::{resolve, resolve_finding};
    use crate::source::Sources;

    const TRANSFER: &str = "\
fn transfer(from: &Mutex<u64>, to: &Mutex<u64>) {
    let a = from.lock().unwrap();
    let b = to.lock().unwrap();
    let c = cv.wait(b).unwrap();
}
";

    fn site(line: u32, column: u32) -> Site {
        Site::new("x.rs", line, column)
    }

    fn names(uses: &[&[Site]]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x.rs"), TRANSFER).unwrap();
        let mut finding = Finding::new("lock-order-cycle", Certainty::Potential, "");
        let object = |used: &&[Site]| Object::new("Mutex", None, None, used.to_vec());
        finding.objects = uses.iter().map(object).collect();
        resolve_finding(&mut finding, &Sources::with_root(folder.path()));
        finding.objects.iter().map(Object::display).collect()
    }

    #[test]
    fn objects_that_go_by_the_same_first_name_take_another() {
        let (from, to) = (site(2, 18), site(3, 16));
        assert_eq!(
            names(&[&[from.clone(), to.clone()], &[from, to]]),
            ["from", "to"]
        );
    }

    #[test]
    fn objects_with_only_one_name_are_numbered() {
        let from = site(2, 18);
        let uses = [from];
        assert_eq!(names(&[&uses, &uses]), ["from (1)", "from (2)"]);
    }

    #[test]
    fn a_condition_variable_does_not_name_the_mutex_if_anything_else_does() {
        assert_eq!(names(&[&[site(4, 16), site(3, 16)]]), ["to"]);
        assert_eq!(names(&[&[site(4, 16)]]), ["cv"]);
    }

    #[test]
    fn what_is_not_there_stays_unnamed() {
        assert_eq!(names(&[&[site(99, 1)]]), ["Mutex at x.rs:99:1"]);
    }

    #[test]
    fn classes_of_one_name_say_where_they_are_made() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x.rs"), TRANSFER).unwrap();
        let mut report = Report::new();
        let class = |line| Class::new("Mutex", None, Some(site(line, 99)), Some(site(2, 18)));
        report.graph.classes = vec![class(1), class(5)];
        resolve(&mut report, &Sources::with_root(folder.path()));
        let names: Vec<String> = report.graph.classes.iter().map(Class::display).collect();
        assert_eq!(names, ["from", "from (x.rs:5)"]);
    }
}
