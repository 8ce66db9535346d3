//! Labels: the marked source lines of a finding, file by file.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{Annotation, AnnotationKind, Element, Origin, Snippet};
use model::finding::{Finding, Label, Role};

use crate::source::Sources;
use crate::source::file::SourceFile;

/// One file of a finding, with the labels in it.
pub(super) struct Marked<'a> {
    path: &'a str,
    file: Arc<SourceFile>,
    marks: Vec<Mark>,
}

struct Mark {
    role: Role,
    span: Range<usize>,
    text: String,
}

/// The labels whose source is there, by file in order of appearance, and those whose source is not.
pub(super) fn split<'a>(
    finding: &'a Finding,
    sources: &Sources,
) -> (Vec<Marked<'a>>, Vec<&'a Label>) {
    let mut files: Vec<Marked<'a>> = Vec::new();
    let mut missing = Vec::new();
    for label in by_role(finding) {
        match sources.file_at(&label.site) {
            Some(file) => add(&mut files, file, label, finding),
            None => missing.push(label),
        }
    }
    (files, missing)
}

/// Primary labels first, so that the file of the first of them is shown first.
fn by_role(finding: &Finding) -> impl Iterator<Item = &Label> {
    let with = |primary| {
        let is_wanted = move |label: &&Label| (label.role == Role::Primary) == primary;
        finding.labels.iter().filter(is_wanted)
    };
    with(true).chain(with(false))
}

fn add<'a>(
    files: &mut Vec<Marked<'a>>,
    file: Arc<SourceFile>,
    label: &'a Label,
    finding: &Finding,
) {
    let Some(span) = file.token(&label.site) else {
        return;
    };
    let mark = Mark {
        role: label.role,
        span,
        text: finding.fill(&label.text),
    };
    match files
        .iter_mut()
        .find(|marked| marked.path == label.site.file)
    {
        Some(marked) if marked.has(&mark) => {}
        Some(marked) => marked.marks.push(mark),
        None => files.push(Marked {
            path: &label.site.file,
            file,
            marks: vec![mark],
        }),
    }
}

impl Marked<'_> {
    fn has(&self, mark: &Mark) -> bool {
        self.marks
            .iter()
            .any(|known| known.span == mark.span && known.text == mark.text)
    }

    fn element(&self) -> Element<'_> {
        Snippet::source(self.file.text())
            .path(self.path)
            .annotations(self.marks.iter().map(Mark::annotation))
            .into()
    }
}

impl Mark {
    fn annotation(&self) -> Annotation<'_> {
        let kind = match self.role {
            Role::Primary => AnnotationKind::Primary,
            _ => AnnotationKind::Context,
        };
        let text = Some(self.text.as_str()).filter(|text| !text.is_empty());
        kind.span(self.span.clone()).label(text)
    }
}

/// The marked files; where there is none, the place of the first label.
pub(super) fn elements<'a>(marked: &'a [Marked<'_>], missing: &'a [&Label]) -> Vec<Element<'a>> {
    if !marked.is_empty() {
        return marked.iter().map(Marked::element).collect();
    }
    let first = missing.first().map(|label| origin(label).into());
    first.into_iter().collect()
}

fn origin(label: &Label) -> Origin<'_> {
    Origin::path(label.site.file.as_str())
        .line(label.site.line as usize)
        .char_column(label.site.column as usize)
}
