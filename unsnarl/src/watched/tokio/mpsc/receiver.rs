//! What the receivers of bounded and of unbounded channels have in common, which is all.

macro_rules! receiver {
    ($Receiver:ident) => {
        end!(mpsc::$Receiver);

        #[doc = twin!(mpsc::$Receiver)]
        pub struct $Receiver<T> {
            inner: mpsc::$Receiver<T>,
            facts: Arc<Facts>,
            operation: Operation,
        }

        impl<T> $Receiver<T> {
            #[doc = see!("Waits for a message; `None` if there will be none.", mpsc::$Receiver, "recv")]
            #[track_caller]
            pub fn recv(&mut self) -> impl Future<Output = Option<T>> {
                let site = Location::caller();
                async move {
                    let message = on(|| self.facts.for_message(site), self.inner.recv()).await;
                    self.facts.taken(message.iter().count());
                    message
                }
            }

            #[doc = see!("Waits for messages, and takes at most so many.", mpsc::$Receiver, "recv_many")]
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
                    self.facts.taken(messages);
                    messages
                }
            }

            #[doc = see!("Takes a message if there is one.", mpsc::$Receiver, "try_recv")]
            ///
            /// # Errors
            ///
            /// If there is none, or there will be none.
            pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
                let message = self.inner.try_recv();
                self.facts.taken(message.iter().count());
                message
            }

            #[doc = see!("Blocks the thread until there is a message.", mpsc::$Receiver, "blocking_recv")]
            ///
            /// # Panics
            ///
            /// If a task of a runtime calls it.
            #[track_caller]
            pub fn blocking_recv(&mut self) -> Option<T> {
                let waiting = self.facts.block_for_message(Location::caller());
                let message = self.inner.blocking_recv();
                drop(waiting);
                self.facts.taken(message.iter().count());
                message
            }

            #[doc = see!("Polls for a message.", mpsc::$Receiver, "poll_recv")]
            pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
                let awaited = || self.facts.for_message(self.facts.created);
                let poll = |cx: &mut Context<'_>| self.inner.poll_recv(cx);
                let message = self.operation.poll(cx, awaited, poll);
                if let Poll::Ready(message) = &message {
                    self.facts.taken(message.iter().count());
                }
                message
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

    };
}
