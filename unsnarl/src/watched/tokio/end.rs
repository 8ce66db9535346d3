//! What the ends of channels have in common: each holds tokio's own, as `inner`, and the channel's `facts`.

/// What every end has: `end!(mpsc::Receiver)`; `end!(watch::Receiver, T: fmt::Debug)` where only such a one can be shown.
macro_rules! end {
    ($channel:ident :: $End:ident $(, T: $Bound:path)?) => {
        /// What needs no watching.
        impl<T> Deref for $End<T> {
            type Target = $channel::$End<T>;

            fn deref(&self) -> &Self::Target {
                &self.inner
            }
        }

        impl<T $(: $Bound)?> fmt::Debug for $End<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
}

/// An end of which there may be several.
macro_rules! shared_end {
    ($channel:ident :: $End:ident $(, T: $Bound:path)?) => {
        end!($channel::$End $(, T: $Bound)?);

        impl<T> Clone for $End<T> {
            fn clone(&self) -> Self {
                Self {
                    inner: self.inner.clone(),
                    facts: Arc::clone(&self.facts),
                }
            }
        }
    };
}

/// An end that sends.
macro_rules! sending_end {
    ($channel:ident :: $Sender:ident $(, T: $Bound:path)?) => {
        shared_end!($channel::$Sender $(, T: $Bound)?);

        impl<T> Drop for $Sender<T> {
            /// Whoever sees that nobody sends any more comes after this.
            fn drop(&mut self) {
                self.facts.sending();
            }
        }
    };
}

/// An end that sends, and the same without keeping the channel open.
macro_rules! sending_ends {
    ($channel:ident :: $Sender:ident, $WeakSender:ident) => {
        sending_end!($channel::$Sender);
        shared_end!($channel::$WeakSender);

        impl<T> $Sender<T> {
            #[doc = see!("A sender that does not keep the channel open.", $channel::$Sender, "downgrade")]
            #[must_use]
            pub fn downgrade(&self) -> $WeakSender<T> {
                $WeakSender {
                    inner: self.inner.downgrade(),
                    facts: Arc::clone(&self.facts),
                }
            }
        }

        #[doc = twin!($channel::$WeakSender)]
        pub struct $WeakSender<T> {
            inner: $channel::$WeakSender<T>,
            facts: Arc<Facts>,
        }

        impl<T> $WeakSender<T> {
            #[doc = see!("The sender, if there is one still.", $channel::$WeakSender, "upgrade")]
            #[must_use]
            pub fn upgrade(&self) -> Option<$Sender<T>> {
                Some($Sender {
                    inner: self.inner.upgrade()?,
                    facts: Arc::clone(&self.facts),
                })
            }
        }
    };
}
