//! What else a test leaves behind: locks that stay held, permits that are not given back, channels with an end that is
//! still there.

use model::event::Mode;
use model::finding::{Certainty, Finding, Label, Object, Role};
use model::kind::Kind;
use model::site::{Caller, Origin, Site};
use model::slug;

use crate::order::Who;

/// Something that a test has taken or made, and that is still there when it is over.
#[derive(Clone, Debug)]
pub struct Remnant {
    /// Whose it is.
    pub who: Who,
    /// What it is.
    pub what: What,
    /// The kind of its object.
    pub kind: Kind,
    /// The class of its object.
    pub origin: Origin,
    /// Where it was taken, or made.
    pub site: Caller,
}

/// What is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A guard that belongs to a thread, which will never give it back.
    Guard(Mode),
    /// A guard that may have gone anywhere.
    LooseGuard(Mode),
    /// Permits of a semaphore.
    Permits(usize),
    /// Ends of a channel.
    Channel(Ends),
}

/// Which ends of a channel are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// One that sends.
    Sender,
    /// The one that receives.
    Receiver,
    /// Both sides.
    Both,
    /// Nobody knows.
    Some,
}

impl Remnant {
    /// The finding that tells of it. `checked` is where it was asked for.
    #[must_use]
    pub fn finding(&self, checked: Caller) -> Finding {
        let mut finding = self.told(&self.who, checked);
        let nameless = self.told(&self.who.without_number(), checked);
        finding.fingerprint = nameless.with_fingerprint().fingerprint;
        finding
    }

    fn told(&self, who: &Who, checked: Caller) -> Finding {
        let mut finding = Finding::new(self.what.slug(), Certainty::Observed, self.message(who));
        let (name, created) = match self.origin {
            Origin::Named(name) => (Some(name.to_owned()), None),
            Origin::Created(caller) => (None, Some(Site::from(caller))),
        };
        let site = Site::from(self.site);
        let object = Object::new(self.kind.word(), name, created, vec![site.clone()]);
        finding.objects = vec![object];
        let (done, rest) = (self.what.done(), self.what.rest());
        let done = format!("{} {done} here{rest}", who.words());
        let asked = format!("no {} is to be left of this", self.what.noun());
        finding.labels = vec![
            Label::new(Role::Primary, site, done),
            Label::new(Role::Secondary, Site::from(checked), asked),
        ];
        finding.notes = vec![self.what.note().to_owned()];
        finding.helps = vec![self.what.help().to_owned()];
        finding.test = who.test_name().map(str::to_owned);
        finding
    }

    fn message(&self, who: &Who) -> String {
        match self.what {
            What::Guard(_) => format!("{} never gives {{0}} back", who.words()),
            What::LooseGuard(_) => "{0} is still held when its test is over".to_owned(),
            What::Permits(1) => "a permit of {0} is not given back".to_owned(),
            What::Permits(count) => format!("{count} permits of {{0}} are not given back"),
            What::Channel(ends) => format!("{} left of {{0}} when its test is over", ends.words()),
        }
    }
}

impl Ends {
    fn words(self) -> &'static str {
        match self {
            Self::Sender => "a sender is",
            Self::Receiver => "the receiver is",
            Self::Both => "both ends are",
            Self::Some => "an end is",
        }
    }
}

impl What {
    fn slug(self) -> &'static str {
        match self {
            Self::Guard(_) | Self::LooseGuard(_) => slug::LEAKED_GUARD,
            Self::Permits(_) => slug::LEAKED_PERMIT,
            Self::Channel(_) => slug::LEAKED_CHANNEL,
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Guard(Mode::Shared) | Self::LooseGuard(Mode::Shared) => "locks {0} to read",
            Self::Guard(_) | Self::LooseGuard(_) => "locks {0}",
            Self::Permits(_) => "takes it",
            Self::Channel(_) => "makes {0}",
        }
    }

    /// What is said beside it. The findings of a test are told apart by it too.
    fn rest(self) -> String {
        match self {
            Self::Channel(ends) => format!(", and {} left", ends.words()),
            _ => String::new(),
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Guard(_) | Self::LooseGuard(_) => "guard",
            Self::Permits(_) => "permit",
            Self::Channel(_) => "channel",
        }
    }

    fn note(self) -> &'static str {
        match self {
            Self::Guard(_) => {
                "its guard was forgotten, or is kept in a thread-local or a cycle; no other thread can drop it"
            }
            Self::LooseGuard(_) | Self::Permits(_) | Self::Channel(_) => {
                "the test is over, and so are all its threads and tasks: it was forgotten, lies in a cycle, or is kept in \
                 a static"
            }
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Guard(_) | Self::LooseGuard(_) => {
                "drop the guard; to give data away for ever, leak the data and not the guard"
            }
            Self::Permits(_) => "drop permits where they are no longer needed, on every path",
            Self::Channel(_) => {
                "drop the ends of a channel with whoever uses them; look for a cycle of `Arc`s that holds one"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;
    use std::sync::Arc;

    use model::event::Mode;
    use model::kind::Kind;
    use model::site::Origin;

    use super::{Ends, Remnant, What};
    use crate::order::Who;

    fn finding(what: What, kind: Kind) -> model::finding::Finding {
        let site = Location::caller();
        let remnant = Remnant {
            who: Who::new(Arc::from("worker"), Arc::from("a_test")),
            what,
            kind,
            origin: Origin::Named("ledger"),
            site,
        };
        remnant.finding(site)
    }

    #[test]
    fn who_never_gives_a_lock_back_is_named_with_the_place() {
        let finding = finding(What::Guard(Mode::Exclusive), Kind::Mutex);
        assert_eq!(finding.slug, "leaked-guard");
        assert_eq!(finding.message, "thread `worker` never gives {0} back");
        assert_eq!(finding.labels[0].text, "thread `worker` locks {0} here");
        assert_eq!(finding.test.as_deref(), Some("a_test"));
    }

    #[test]
    fn what_is_left_of_a_channel_tells_findings_apart() {
        let fingerprint = |ends| finding(What::Channel(ends), Kind::Channel).fingerprint;
        assert_ne!(fingerprint(Ends::Sender), fingerprint(Ends::Receiver));
    }
}
