//! Threads of other code that are there when a test is over: only the operating system knows of them.

use model::finding::{Certainty, Finding, Label, Role, Severity};
use model::site::{Caller, Site};
use model::slug;

/// A thread that nobody watched start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// What the operating system calls it: at most 15 bytes.
    pub name: String,
    /// The operating system's number for it.
    pub number: u32,
    /// The system's function that it sleeps in, if that is told.
    pub waits_in: Option<String>,
}

/// The warning that tells of them. `checked` is where it was asked for that there be none.
#[must_use]
pub fn finding(strangers: &[Stranger], checked: Caller, test: Option<&str>) -> Finding {
    let message = match strangers.len() {
        1 => "a thread that other code started is left when a test is over".to_owned(),
        count => format!("{count} threads that other code started are left when a test is over"),
    };
    let mut finding = Finding::new(slug::LEAKED_THREAD, Certainty::Observed, message);
    finding.severity = Severity::Warning;
    let text = "no thread is to be left of this, nor of others meanwhile";
    finding.labels = vec![Label::new(Role::Primary, Site::from(checked), text)];
    finding.notes = strangers.iter().map(Stranger::words).collect();
    finding.notes.push(
        "it was not seen who started it: some test of this process that ran meanwhile, or what that uses"
            .to_owned(),
    );
    finding.helps =
        vec!["end what starts threads of its own with the test, such as a pool".to_owned()];
    finding.test = test.map(str::to_owned);
    finding.with_fingerprint()
}

impl Stranger {
    fn words(&self) -> String {
        let Self { name, number, .. } = self;
        match &self.waits_in {
            Some(place) => format!("thread `{name}` ({number}) waits in `{place}`"),
            None => format!("thread `{name}` ({number}) is there"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use super::{Stranger, finding};

    #[test]
    fn each_is_named_with_where_it_waits() {
        let stranger = |name: &str, waits_in: Option<&str>| Stranger {
            name: name.to_owned(),
            number: 7,
            waits_in: waits_in.map(str::to_owned),
        };
        let pool = [stranger("pool-1", Some("futex_wait")), stranger("x", None)];
        let finding = finding(&pool, Location::caller(), Some("a_test"));
        assert_eq!(
            finding.message,
            "2 threads that other code started are left when a test is over"
        );
        assert_eq!(
            finding.notes[..2],
            [
                "thread `pool-1` (7) waits in `futex_wait`",
                "thread `x` (7) is there"
            ]
        );
    }
}
