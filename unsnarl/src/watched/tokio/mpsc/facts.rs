//! What the ends of a channel share.

use lockgraph::wait::need::{Deed, Need};
use lockgraph::wait::remnant::Ends;
use model::kind::Kind;
use model::site::Caller;
use stress::point::Deed as Act;

use crate::recorder::leaks::belongings::Belonging;
use crate::recorder::seats::Poke;
use crate::recorder::tasks::suspension::Await;
use crate::recorder::waits::{self, Waiting};
use crate::watched::meter::Meter;
use crate::watched::tag::Tag;

/// A channel. Each direction of waiting has its own identity.
pub(in crate::watched::tokio) struct Facts {
    messages: Tag,
    room: Tag,
    pub(in crate::watched::tokio) created: Caller,
    /// It is the test's that made it.
    _belonging: Belonging,
    /// How many messages there are.
    pub(super) meter: Meter,
}

impl Facts {
    pub(in crate::watched::tokio) fn new(created: Caller) -> Self {
        Self::with_room(created, None)
    }

    /// Of a channel with room for so many messages, or any number.
    pub(super) fn with_room(created: Caller, bound: Option<usize>) -> Self {
        Self {
            messages: Tag::new(Kind::Channel, created),
            room: Tag::new(Kind::Channel, created),
            created,
            _belonging: Belonging::channel(created, Ends::Some),
            meter: Meter::new(created, bound),
        }
    }

    /// A message, or the end of all messages, is about to be sent.
    pub(in crate::watched::tokio) fn sending(&self) {
        self.messages.disturb(Act::Give);
        self.messages.giving();
    }

    /// A message, or the end of all, was received.
    pub(in crate::watched::tokio) fn received(&self) {
        self.messages.received();
        self.room.giving();
    }

    /// So many messages, or with none the end of all, were received.
    pub(super) fn taken(&self, messages: usize) {
        self.received();
        self.meter.take(messages);
    }

    /// A message was sent: who made room for it did so before.
    pub(in crate::watched::tokio) fn sent(&self) {
        self.room.received();
    }

    /// The same, where it may not have been sent after all.
    pub(super) fn sent_if(&self, is_in: bool) {
        self.sent();
        if is_in {
            self.meter.put();
        }
    }

    /// A wait for a message.
    pub(in crate::watched::tokio) fn for_message(&self, site: Caller) -> Await {
        Await {
            target: self.messages.target(),
            need: Need::Anyone(Deed::Send),
            site,
        }
    }

    /// A wait for room.
    pub(in crate::watched::tokio) fn for_room(&self, site: Caller) -> Await {
        Await {
            target: self.room.target(),
            need: Need::Anyone(Deed::Receive),
            site,
        }
    }

    /// The thread is about to block until there is a message.
    #[track_caller]
    pub(in crate::watched::tokio) fn block_for_message(&self, site: Caller) -> Waiting {
        let Await { target, need, .. } = self.for_message(site);
        waits::wait(target, need, site, Poke::Never)
    }
}
