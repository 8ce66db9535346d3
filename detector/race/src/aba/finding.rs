//! The ABA problem in words.

use model::finding::{Certainty, Finding, Label, Object, Role};
use model::site::Site;
use model::slug;

/// The finding about an exchange here, by this thread, of a value that had changed and changed back.
///
/// `back` is the last change, by that thread, and `link` the read of what the exchange put in the value's place.
#[must_use]
pub fn aba((thread, exchange): (&str, Site), (other, back): (&str, Site), link: Site) -> Finding {
    let message = format!(
        "thread `{thread}` exchanges {{0}}, which had changed and changed back since it was read, for a value that is old by now"
    );
    let mut finding = Finding::new(slug::ABA, Certainty::Observed, message);
    let label = |role, site: &Site, text: String| Label::new(role, site.clone(), text);
    finding.labels = vec![
        label(
            Role::Primary,
            &exchange,
            format!("thread `{thread}` exchanges {{0}} here"),
        ),
        label(
            Role::Secondary,
            &link,
            format!("thread `{thread}` has read the new value from {{1}} here"),
        ),
        label(
            Role::Secondary,
            &back,
            format!("thread `{other}` changes {{0}} back here, after it has changed {{1}}"),
        ),
    ];
    finding
        .notes
        .push("{1} holds another value by now, which this exchange drops".to_owned());
    finding.helps.push(
        "exchange {0} together with a version that grows with each change, or keep what it stands for from being used again while a thread looks at it"
            .to_owned(),
    );
    finding.objects = vec![
        Object::new("atomic", None, None, vec![exchange]),
        Object::new("atomic", None, None, vec![link]),
    ];
    finding.with_fingerprint()
}
