//! The finding that a chain makes.

use model::event::Mode;
use model::finding::{Certainty, Finding, Label, Object, Role, Step};
use model::id::LockId;
use model::kind::Kind;
use model::slug::LOCK_ORDER_CYCLE;

use crate::order::Found;
use crate::order::chain::Link;
use crate::order::merged::split;
use crate::order::occurrence::{Actor, Lock, Write};
use crate::order::web::Web;

/// How many locks that keep nobody apart a finding mentions.
const GATES: usize = 2;

/// Tells a chain.
pub(crate) fn found(web: &Web, links: &[Link<'_>]) -> Found {
    let mut finding = Finding::new(LOCK_ORDER_CYCLE, Certainty::Potential, message(links.len()));
    finding.objects = objects(links);
    // Threads may be numbered differently in another run, and the fingerprint must not depend on it.
    finding.labels = labels(links, |_| "a thread".to_owned());
    let mut finding = finding.with_fingerprint();
    finding.labels = labels(links, |actor| format!("thread `{}`", actor.who.thread));
    finding.notes = notes(web, links, &mut finding.objects);
    finding.helps = helps(links);
    finding.steps = steps(links);
    finding.test = common_test(links);
    Found {
        finding,
        backtraces: backtraces(links),
    }
}
