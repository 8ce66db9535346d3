//! The guards of asynchronous locks: a claim, and where the value is.

/// Defines a guard: its name, parameters, what it points to, and what it keeps of its lock. `Send` and `Sync` are as tokio's.
macro_rules! guard {
    (
        $(#[$doc:meta])*
        $name:ident<[$($define:tt)*], [$($bound:tt)*], [$($arg:tt)*]> -> $target:ident, $lock:ty,
        Send [$($send:tt)*], Sync [$($sync:tt)*]
    ) => {
        $(#[$doc])*
        #[must_use = "if unused the lock will immediately unlock"]
        pub struct $name<$($define)*> {
            /// Where the value is, for as long as the claim lasts.
            value: std::ptr::NonNull<$target>,
            claim: crate::watched::tokio::claim::Claim<$lock>,
            /// Like a reference that may write.
            marker: std::marker::PhantomData<*mut $target>,
        }

        // SAFETY: the guard is as good as the references to lock and value that it stands for; bounds as in tokio.
        unsafe impl<$($bound)*> Send for $name<$($arg)*> where $($send)* {}
        // SAFETY: as above.
        unsafe impl<$($bound)*> Sync for $name<$($arg)*> where $($sync)* {}

        impl<$($bound)*> $name<$($arg)*> {
            fn with(value: std::ptr::NonNull<$target>, claim: crate::watched::tokio::claim::Claim<$lock>) -> Self {
                Self { value, claim, marker: std::marker::PhantomData }
            }
        }

        impl<$($bound)*> std::ops::Deref for $name<$($arg)*> {
            type Target = $target;

            fn deref(&self) -> &$target {
                // SAFETY: the claim keeps writers out, or everybody else if this is one, and the lock alive.
                unsafe { self.value.as_ref() }
            }
        }

        impl<$($bound)*> std::fmt::Debug for $name<$($arg)*>
        where
            $target: std::fmt::Debug,
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&**self, f)
            }
        }

        impl<$($bound)*> std::fmt::Display for $name<$($arg)*>
        where
            $target: std::fmt::Display,
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&**self, f)
            }
        }
    };
}
pub(crate) use guard;

/// Lets guards write.
macro_rules! writable {
    ($([$($bound:tt)*] $name:ty;)*) => {$(
        impl<$($bound)*> std::ops::DerefMut for $name {
            fn deref_mut(&mut self) -> &mut Self::Target {
                // SAFETY: the claim keeps everybody else out, and the lock alive.
                unsafe { self.value.as_mut() }
            }
        }
    )*};
}
pub(crate) use writable;

/// Defines `map` and `try_map` of a guard: to a part of the value, under a guard of another kind.
macro_rules! mappable {
    (
        [$($bound:tt)*] $name:ty, $target:ident, $to:ident => $mapped:ty,
        $map:ident, $try_map:ident $(, $mut:ident)?
    ) => {
        impl<$($bound)*> $name {
            /// A guard of a part of the value.
            pub fn $map<F, $to: ?Sized>(this: Self, f: F) -> $mapped
            where
                F: FnOnce(&$($mut)? $target) -> &$($mut)? $to,
            {
                #[allow(unused_mut, reason = "for those that may write")]
                let mut this = this;
                let value = std::ptr::NonNull::from(f(&$($mut)? *this));
                <$mapped>::with(value, this.claim.into())
            }

            /// A guard of a part of the value, if there is one.
            ///
            /// # Errors
            ///
            /// If there is none; the error is this guard.
            pub fn $try_map<F, $to: ?Sized>(this: Self, f: F) -> Result<$mapped, Self>
            where
                F: FnOnce(&$($mut)? $target) -> Option<&$($mut)? $to>,
            {
                #[allow(unused_mut, reason = "for those that may write")]
                let mut this = this;
                let value = f(&$($mut)? *this).map(std::ptr::NonNull::from);
                match value {
                    Some(value) => Ok(<$mapped>::with(value, this.claim.into())),
                    None => Err(this),
                }
            }
        }
    };
}
pub(crate) use mappable;
