//! The other forms in which the result of a run is wanted, beside what is shown: files for CI systems.

use std::env;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use model::report::Report;
use render::formats::{self, FORMATS, Format};
use render::options::Options;
use render::source::Sources;

use crate::args::MessageFormat;
use crate::error::Error;
use crate::output;
use crate::shell::Shell;

/// A form of the result, and where it goes.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    format: &'static Format,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    /// A file of ours: `report.xml` and the like, beside `report.json`.
    Beside,
    /// This file, in the place of what was there.
    File(PathBuf),
    /// This file, after what is there.
    EndOf(PathBuf),
    Stdout,
}

/// Reads `FORMAT` or `FORMAT=FILE`.
pub(crate) fn parse(text: &str) -> Result<Form, String> {
    let (name, file) = match text.split_once('=') {
        Some((name, file)) => (name, Some(file)),
        None => (text, None),
    };
    let Some(format) = formats::find(name) else {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        return Err(format!("it is one of {}", names.join(", ")));
    };
    let place = match file {
        Some("") => return Err("there is no file after `=`".to_owned()),
        Some(file) => Place::File(file.into()),
        // Annotations are read from what a job prints.
        None if name == "github" => Place::Stdout,
        None => Place::Beside,
    };
    Ok(Form { format, place })
}

/// The forms that were asked for, and those that the surroundings ask for: on GitHub Actions annotations on stdout,
/// where that is read by people, and a job summary.
pub(crate) fn with_surroundings(mut forms: Vec<Form>, shown: MessageFormat) -> Vec<Form> {
    let is_on_github = env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    if !is_on_github {
        return forms;
    }
    let summary = env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
    let summary = summary.map(|path| ("markdown", Place::EndOf(path.into())));
    let annotations = (shown == MessageFormat::Human).then_some(("github", Place::Stdout));
    for (name, place) in summary.into_iter().chain(annotations) {
        let is_asked_for = forms.iter().any(|form| form.format.name == name);
        if let (Some(format), false) = (formats::find(name), is_asked_for) {
            forms.push(Form { format, place });
        }
    }
    forms
}

/// Writes a report in each of these forms. `latest` is where the report itself is kept.
pub(crate) fn write(
    forms: &[Form],
    report: &Report,
    root: &Path,
    latest: &Path,
    shell: Shell,
) -> Result<(), Error> {
    let options = Options::new(Sources::with_root(root));
    let write = |form: &Form| {
        let text = (form.format.render)(report, &options);
        match &form.place {
            Place::Beside => output::write(&latest.with_extension(form.format.extension), &text),
            Place::File(path) => output::write(path, &text),
            Place::EndOf(path) => append(path, &text),
            Place::Stdout => shell.result(&text),
        }
    };
    // One that cannot be written is no reason to leave out the others.
    let written: Vec<Result<(), Error>> = forms.iter().map(write).collect();
    written.into_iter().collect()
}

fn append(path: &Path, text: &str) -> Result<(), Error> {
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(Error::write(path))
}

#[cfg(test)]
mod tests {
    use model::report::Report;

    use super::{parse, write};
    use crate::shell::{Shell, Verbosity};

    #[test]
    fn a_form_goes_where_it_is_told_or_beside_the_report() {
        let folder = tempfile::tempdir().unwrap();
        let latest = folder.path().join("report.json");
        let named = folder.path().join("a=b.sarif");
        let forms = [
            parse("junit").unwrap(),
            parse(&format!("sarif={}", named.display())).unwrap(),
        ];
        let shell = Shell::new(Verbosity::Quiet, None);
        write(&forms, &Report::new(), folder.path(), &latest, shell).unwrap();
        assert!(folder.path().join("report.xml").is_file());
        assert!(named.is_file());
    }

    #[test]
    fn what_cannot_be_written_does_not_keep_back_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let latest = folder.path().join("report.json");
        let nowhere = folder.path().join("none/a.xml");
        let forms = [
            parse(&format!("junit={}", nowhere.display())).unwrap(),
            parse("sarif").unwrap(),
        ];
        let shell = Shell::new(Verbosity::Quiet, None);
        let written = write(&forms, &Report::new(), folder.path(), &latest, shell);
        assert!(written.unwrap_err().full().contains("none/a.xml"));
        assert!(folder.path().join("report.sarif").is_file());
    }

    #[test]
    fn what_is_no_form_is_refused() {
        assert!(parse("xml").unwrap_err().contains("junit"));
        assert!(parse("junit=").unwrap_err().contains("no file"));
    }
}
