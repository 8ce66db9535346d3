//! What tokio's cells that are set once have in common.

/// A cell that is set once: `once!(SetOnce, SetOnceError, "If …; the error has the value.")`, and when setting it fails.
macro_rules! once {
    ($Cell:ident, $SetError:ident, $fails:expr) => {
        #[doc = twin!($Cell)]
        pub struct $Cell<T> {
            tag: Tag,
            inner: ::tokio::sync::$Cell<T>,
        }

        impl<T> $Cell<T> {
            #[doc = see!("An empty cell.", $Cell, "new")]
            #[must_use]
            #[track_caller]
            pub fn new() -> Self {
                Self::const_new()
            }

            #[doc = see!("An empty cell, in a constant.", $Cell, "const_new")]
            #[must_use]
            #[track_caller]
            pub const fn const_new() -> Self {
                Self {
                    tag: Tag::new(Kind::OnceLock, Location::caller()),
                    inner: ::tokio::sync::$Cell::const_new(),
                }
            }

            #[doc = see!("A cell with this value, if there is one.", $Cell, "new_with")]
            #[must_use]
            #[track_caller]
            pub fn new_with(value: Option<T>) -> Self {
                Self {
                    tag: Tag::new(Kind::OnceLock, Location::caller()),
                    inner: ::tokio::sync::$Cell::new_with(value),
                }
            }

            #[doc = see!("A cell with this value, in a constant.", $Cell, "const_new_with")]
            #[must_use]
            #[track_caller]
            pub const fn const_new_with(value: T) -> Self {
                Self {
                    tag: Tag::new(Kind::OnceLock, Location::caller()),
                    inner: ::tokio::sync::$Cell::const_new_with(value),
                }
            }

            #[doc = see!("Whether it has a value.", $Cell, "initialized")]
            pub fn initialized(&self) -> bool {
                let is_there = self.inner.initialized();
                self.tag.received();
                is_there
            }

            #[doc = see!("The value, if it has one.", $Cell, "get")]
            pub fn get(&self) -> Option<&T> {
                let value = self.inner.get();
                self.tag.received();
                value
            }

            #[doc = see!("Gives it a value.", $Cell, "set")]
            ///
            /// # Errors
            ///
            #[doc = $fails]
            pub fn set(&self, value: T) -> Result<(), $SetError<T>> {
                self.tag.giving();
                self.inner.set(value)
            }

            #[doc = see!("The value, without the cell.", $Cell, "into_inner")]
            pub fn into_inner(self) -> Option<T> {
                self.inner.into_inner()
            }
        }

        impl<T> Default for $Cell<T> {
            #[track_caller]
            fn default() -> Self {
                Self::new()
            }
        }

        impl<T> From<T> for $Cell<T> {
            #[track_caller]
            fn from(value: T) -> Self {
                Self::const_new_with(value)
            }
        }

        impl<T: Clone> Clone for $Cell<T> {
            #[track_caller]
            fn clone(&self) -> Self {
                Self::new_with(self.get().cloned())
            }
        }

        impl<T: PartialEq> PartialEq for $Cell<T> {
            fn eq(&self, other: &Self) -> bool {
                self.get() == other.get()
            }
        }

        impl<T: Eq> Eq for $Cell<T> {}

        impl<T: fmt::Debug> fmt::Debug for $Cell<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
}
