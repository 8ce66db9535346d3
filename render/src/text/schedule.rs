//! The schedule that led to a finding: one line for each step, one column for each thread.

use model::finding::{Finding, Step};

/// The steps as a table; `None` if there are none.
pub(super) fn table(finding: &Finding) -> Option<String> {
    let steps = &finding.schedule;
    let mut threads: Vec<&str> = Vec::new();
    for step in steps {
        if !threads.contains(&&*step.thread) {
            threads.push(&step.thread);
        }
    }
    let texts: Vec<String> = steps.iter().map(|step| finding.fill(&step.text)).collect();
    let heads: Vec<String> = threads.iter().map(|thread| head(thread)).collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let columns = threads.iter().zip(&heads);
    let widths: Vec<usize> = columns
        .map(|(thread, head)| width(thread, head, steps, &texts))
        .collect();
    let mut table = "the schedule that shows it, what threads share only:\n".to_owned();
    table.push_str(line(&heads, &widths, "").trim_end());
    for (step, text) in steps.iter().zip(&texts) {
        let is_its = |thread: &&str| **thread == *step.thread;
        let cells: Vec<&str> = threads
            .iter()
            .map(|thread| if is_its(thread) { &**text } else { "" })
            .collect();
        table.push('\n');
        table.push_str(&line(&cells, &widths, &step.site.to_string()));
    }
    (!steps.is_empty()).then_some(table)
}

/// What stands above the column of a thread: its name, or that it is the thread of this number.
fn head(thread: &str) -> String {
    let is_number = thread.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        format!("thread {thread}")
    } else {
        thread.to_owned()
    }
}

/// How wide the column of a thread is.
fn width(thread: &str, head: &str, steps: &[Step], texts: &[String]) -> usize {
    let own = steps
        .iter()
        .zip(texts)
        .filter(|(step, _)| step.thread == thread);
    let lengths = own.map(|(_, text)| text.chars().count());
    lengths.max().unwrap_or(0).max(head.chars().count())
}

fn line(cells: &[&str], widths: &[usize], site: &str) -> String {
    let padded: Vec<String> = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("{cell:width$}"))
        .collect();
    format!("{}  {site}", padded.join(" │ "))
}

#[cfg(test)]
mod tests {
    use model::finding::{Certainty, Finding, Object, Step};
    use model::site::Site;

    use super::table;

    #[test]
    fn each_thread_has_its_column() {
        let mut finding = Finding::new("panic", Certainty::Observed, "it panics");
        finding.objects = vec![Object::new("atomic", Some("hits".into()), None, vec![])];
        let step =
            |thread: &str, line, text: &str| Step::new(thread, Site::new("a.rs", line, 1), text);
        finding.schedule = vec![
            step("main", 3, "reads {0}"),
            step("1", 3, "writes {0}"),
            step("main", 4, "writes {0}"),
        ];
        let expected = "\
the schedule that shows it, what threads share only:
main          │ thread 1
reads `hits`  │                a.rs:3:1
              │ writes `hits`  a.rs:3:1
writes `hits` │                a.rs:4:1";
        assert_eq!(table(&finding).as_deref(), Some(expected));
    }

    #[test]
    fn without_steps_there_is_no_table() {
        let finding = Finding::new("panic", Certainty::Observed, "it panics");
        assert_eq!(table(&finding), None);
    }
}
