//! What the ends of bounded and of unbounded channels have in common.

/// What a method does, and where to read more.
macro_rules! see {
    ($does:expr, $End:ident, $name:expr) => {
        concat!(
            $does,
            " See [`tokio::sync::mpsc::",
            stringify!($End),
            "::",
            $name,
            "`](::tokio::sync::mpsc::",
            stringify!($End),
            "::",
            $name,
            ")."
        )
    };
}

/// Whose twin a type is.
macro_rules! twin {
    ($End:ident) => {
        concat!(
            "The watched form of [`tokio::sync::mpsc::",
            stringify!($End),
            "`](::tokio::sync::mpsc::",
            stringify!($End),
            ")."
        )
    };
}

/// Defines the receiver of a channel and its weak sender, and what its sender has as well: `ends!(Sender, WeakSender, Receiver)`.
macro_rules! ends {
    ($Sender:ident, $WeakSender:ident, $Receiver:ident) => {
        impl<T> $Sender<T> {
            #[doc = see!("A sender that does not keep the channel open.", $Sender, "downgrade")]
            pub fn downgrade(&self) -> $WeakSender<T> {
                $WeakSender {
                    inner: self.inner.downgrade(),
                    facts: Arc::clone(&self.facts),
                }
            }
        }

        /// What needs no watching: `is_closed`, `capacity`, `same_channel`, …
        impl<T> Deref for $Sender<T> {
            type Target = mpsc::$Sender<T>;

            fn deref(&self) -> &Self::Target {
                &self.inner
            }
        }

        impl<T> Clone for $Sender<T> {
            fn clone(&self) -> Self {
                Self {
                    inner: self.inner.clone(),
                    facts: Arc::clone(&self.facts),
                }
            }
        }

        impl<T> Drop for $Sender<T> {
            /// Whoever sees that nobody sends any more comes after this.
            fn drop(&mut self) {
                self.facts.sending();
            }
        }

        impl<T> fmt::Debug for $Sender<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }

        #[doc = twin!($WeakSender)]
        pub struct $WeakSender<T> {
            inner: mpsc::$WeakSender<T>,
            facts: Arc<Facts>,
        }

        impl<T> $WeakSender<T> {
            #[doc = see!("The sender, if there is one still.", $WeakSender, "upgrade")]
            pub fn upgrade(&self) -> Option<$Sender<T>> {
                Some($Sender {
                    inner: self.inner.upgrade()?,
                    facts: Arc::clone(&self.facts),
                })
            }
        }

        /// What needs no watching.
        impl<T> Deref for $WeakSender<T> {
            type Target = mpsc::$WeakSender<T>;

            fn deref(&self) -> &Self::Target {
                &self.inner
            }
        }

        impl<T> Clone for $WeakSender<T> {
            fn clone(&self) -> Self {
                Self {
                    inner: self.inner.clone(),
                    facts: Arc::clone(&self.facts),
                }
            }
        }

        impl<T> fmt::Debug for $WeakSender<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }

        #[doc = twin!($Receiver)]
        pub struct $Receiver<T> {
            inner: mpsc::$Receiver<T>,
            facts: Arc<Facts>,
            operation: Operation,
        }

        impl<T> $Receiver<T> {
            #[doc = see!("Waits for a message; `None` if there will be none.", $Receiver, "recv")]
            #[track_caller]
            pub fn recv(&mut self) -> impl Future<Output = Option<T>> {
                let site = Location::caller();
                async move {
                    let message = on(|| self.facts.for_message(site), self.inner.recv()).await;
                    self.facts.received();
                    message
                }
            }

            #[doc = see!("Waits for messages, and takes at most so many.", $Receiver, "recv_many")]
            #[track_caller]
            pub fn recv_many(
                &mut self,
                buffer: &mut Vec<T>,
                limit: usize,
            ) -> impl Future<Output = usize> {
                let site = Location::caller();
                async move {
                    let receive = self.inner.recv_many(buffer, limit);
                    let messages = on(|| self.facts.for_message(site), receive).await;
                    self.facts.received();
                    messages
                }
            }

            #[doc = see!("Takes a message if there is one.", $Receiver, "try_recv")]
            ///
            /// # Errors
            ///
            /// If there is none, or there will be none.
            pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
                let message = self.inner.try_recv();
                self.facts.received();
                message
            }

            #[doc = see!("Blocks the thread until there is a message.", $Receiver, "blocking_recv")]
            ///
            /// # Panics
            ///
            /// If a task of a runtime calls it.
            #[track_caller]
            pub fn blocking_recv(&mut self) -> Option<T> {
                let waiting = self.facts.block_for_message(Location::caller());
                let message = self.inner.blocking_recv();
                drop(waiting);
                self.facts.received();
                message
            }

            #[doc = see!("Polls for a message.", $Receiver, "poll_recv")]
            pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
                let awaited = || self.facts.for_message(self.facts.created);
                let poll = |cx: &mut Context<'_>| self.inner.poll_recv(cx);
                let message = self.operation.poll(cx, awaited, poll);
                if message.is_ready() {
                    self.facts.received();
                }
                message
            }
        }

        /// What needs no watching: `close`, `len`, `is_closed`, …
        impl<T> Deref for $Receiver<T> {
            type Target = mpsc::$Receiver<T>;

            fn deref(&self) -> &Self::Target {
                &self.inner
            }
        }

        impl<T> DerefMut for $Receiver<T> {
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.inner
            }
        }

        impl<T> Drop for $Receiver<T> {
            /// Whoever sees that nobody receives comes after this.
            fn drop(&mut self) {
                self.facts.received();
            }
        }

        impl<T> fmt::Debug for $Receiver<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
}
