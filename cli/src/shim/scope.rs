//! Which packages get our crate in the place of `std`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Which packages get our crate in the place of `std`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Scope {
    /// The folders of the workspace's own packages.
    pub(crate) members: BTreeSet<PathBuf>,
    /// Which others do, by name; all, if there is no list.
    pub(crate) others: Option<BTreeSet<String>>,
    /// Which do not, by name.
    pub(crate) excluded: BTreeSet<String>,
    /// Which cannot, as they have to agree with others that do not; by folder.
    pub(crate) apart: BTreeSet<PathBuf>,
}

/// Whether a package gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It does.
    Inside,
    /// It was not asked for.
    NotAsked,
    /// The settings say no.
    Excluded,
    /// It has to agree with others that do not.
    Apart,
}

impl Scope {
    /// Where a package of this name in this folder is.
    pub(crate) fn place(&self, name: &str, folder: &Path) -> Place {
        let is_asked = |others: &BTreeSet<String>| others.contains(name);
        if self.excluded.contains(name) {
            Place::Excluded
        } else if self.apart.contains(folder) {
            Place::Apart
        } else if self.members.contains(folder) || self.others.as_ref().is_none_or(is_asked) {
            Place::Inside
        } else {
            Place::NotAsked
        }
    }

    /// What the user chose, in a text that is the same for the same choice.
    pub(crate) fn choice(&self) -> String {
        format!("{:?} {:?} {:?}", self.others, self.excluded, self.apart)
    }

    /// Whether nothing was chosen, and nothing had to be.
    pub(crate) fn is_plain(&self) -> bool {
        let has_others = self
            .others
            .as_ref()
            .is_some_and(|others| !others.is_empty());
        !has_others && self.excluded.is_empty() && self.apart.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{Place, Scope};

    fn place(others: Option<&str>, excluded: &str, name: &str) -> Place {
        let scope = Scope {
            members: BTreeSet::from(["/here".into()]),
            others: others.map(|name| BTreeSet::from([name.to_owned()])),
            excluded: BTreeSet::from([excluded.to_owned()]),
            apart: BTreeSet::from(["/apart".into()]),
        };
        scope.place(name, Path::new(&format!("/{name}")))
    }

    #[test]
    fn without_a_list_all_do_but_those_that_are_left_out() {
        assert_eq!(place(None, "b", "a"), Place::Inside);
        assert_eq!(place(None, "b", "b"), Place::Excluded);
        assert_eq!(place(None, "here", "here"), Place::Excluded);
        assert_eq!(place(None, "b", "apart"), Place::Apart);
    }

    #[test]
    fn with_a_list_others_than_the_workspaces_are_asked_for() {
        assert_eq!(place(Some("a"), "b", "a"), Place::Inside);
        assert_eq!(place(Some("a"), "b", "here"), Place::Inside);
        assert_eq!(place(Some("a"), "b", "c"), Place::NotAsked);
    }
}
