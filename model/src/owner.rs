//! Owners: whose a place in the source is.

use std::fmt;

use crate::record::{record, word};

word! {
    /// Whose a place in the source is.
    pub enum Whose {
        /// Nobody has found out.
        #[default]
        Unknown = "unknown",
        /// The user's: it is in a package of the workspace.
        Workspace = "workspace",
        /// Somebody else's: it is in a package that the workspace depends on.
        Dependency = "dependency",
        /// The standard library's.
        Std = "std",
    }
}

record! {
    /// Whose a place in the source is, and in which package.
    ///
    /// The test process does not know; the command line asks cargo.
    #[derive(PartialOrd, Ord)]
    pub struct Owner {
        /// Whose it is.
        pub whose: Whose,
        /// The package, where there is one.
        pub package: Option<String>,
        /// Its version.
        pub version: Option<String>,
    }
}

impl Owner {
    /// The standard library.
    #[must_use]
    pub fn std() -> Self {
        Self {
            whose: Whose::Std,
            ..Self::default()
        }
    }

    /// A package of the workspace, or of another.
    #[must_use]
    pub fn package(whose: Whose, name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            whose,
            package: Some(name.into()),
            version: Some(version.into()),
        }
    }
}

/// `the dependency shelf 0.1.0`, and the like.
impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.whose {
            Whose::Workspace => "the workspace",
            Whose::Dependency => "the dependency",
            Whose::Std => "the standard library",
            Whose::Unknown => "an unknown package",
        })?;
        for word in [&self.package, &self.version].into_iter().flatten() {
            write!(f, " {word}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Owner, Whose};

    #[test]
    fn an_owner_reads_like_a_name() {
        let package = Owner::package(Whose::Dependency, "shelf", "0.1.0");
        assert_eq!(package.to_string(), "the dependency shelf 0.1.0");
        assert_eq!(Owner::std().to_string(), "the standard library");
    }
}
