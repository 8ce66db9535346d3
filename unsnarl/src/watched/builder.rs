//! `std::thread::Builder`, watched.

use std::fmt;
use std::io;

use stress::fault::Fault;

use super::life::{living, start};
use super::scope::{Scope, ScopedJoinHandle};
use super::thread::JoinHandle;
use crate::recorder::noise;
use crate::recorder::threads::Child;

/// The watched form of [`std::thread::Builder`].
#[must_use = "must eventually spawn the thread"]
pub struct Builder {
    inner: std::thread::Builder,
    name: Option<String>,
}

impl Builder {
    /// A builder with the defaults of the standard library. See [`std::thread::Builder::new`].
    #[allow(
        clippy::new_without_default,
        reason = "the standard library's has none either"
    )]
    pub fn new() -> Self {
        Self {
            inner: std::thread::Builder::new(),
            name: None,
        }
    }

    /// Names the thread. See [`std::thread::Builder::name`].
    pub fn name(self, name: String) -> Self {
        Self {
            inner: self.inner.name(name.clone()),
            name: Some(name),
        }
    }

    /// Sets the size of its stack in bytes. See [`std::thread::Builder::stack_size`].
    pub fn stack_size(self, size: usize) -> Self {
        Self {
            inner: self.inner.stack_size(size),
            ..self
        }
    }

    /// Starts the thread. See [`std::thread::Builder::spawn`].
    ///
    /// # Errors
    ///
    /// If the operating system cannot start it.
    ///
    /// # Panics
    ///
    /// If the name has a null byte.
    #[track_caller]
    pub fn spawn<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let Self { inner, name } = self;
        controlled! { return JoinHandle::under_control(name.as_deref(), f); }
        refuse_if_struck()?;
        let spawn = |child: &Child| inner.spawn(living(child.clone(), f));
        start(name.as_deref(), spawn, JoinHandle::new)
    }

    /// Starts the thread without the bound `'static`. See [`std::thread::Builder::spawn_unchecked`].
    ///
    /// # Safety
    ///
    /// The thread must end before what it borrows does.
    ///
    /// # Errors
    ///
    /// If the operating system cannot start it.
    #[track_caller]
    pub unsafe fn spawn_unchecked<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send,
        T: Send,
    {
        let Self { inner, name } = self;
        controlled! { return JoinHandle::under_control(name.as_deref(), f); }
        refuse_if_struck()?;
        // SAFETY: the caller keeps the same promise that the standard library asks for.
        let spawn = |child: &Child| unsafe { inner.spawn_unchecked(living(child.clone(), f)) };
        start(name.as_deref(), spawn, JoinHandle::new)
    }

    /// Starts the thread in a scope. See [`std::thread::Builder::spawn_scoped`].
    ///
    /// # Errors
    ///
    /// If the operating system cannot start it.
    #[track_caller]
    pub fn spawn_scoped<'scope, 'env, F, T>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        f: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let Self { inner, name } = self;
        refuse_if_struck()?;
        scope.start(inner, name.as_deref(), f)
    }
}

/// Fails as the operating system does when it has no room for another thread, if that fault strikes here.
fn refuse_if_struck() -> io::Result<()> {
    if noise::fails(Fault::Spawn) {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    Ok(())
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
