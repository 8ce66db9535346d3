//! `core::prelude`, with a `#[test]` that runs tests in sessions, and a `#[global_allocator]` that nobody watches.

/// Defines the preludes of these names.
macro_rules! preludes {
    ($($name:ident)+) => {$(
        #[doc = concat!("`core::prelude::", stringify!($name), "`, with our `#[test]` and `#[global_allocator]`.")]
        pub mod $name {
            #[doc(no_inline)]
            pub use core::prelude::$name::*;

            #[doc(no_inline)]
            pub use unsnarl_macros::{global_allocator, test};
        }
    )+};
}

preludes! { v1 rust_2015 rust_2018 rust_2021 rust_2024 }

#[doc(no_inline)]
pub use core::prelude::*;
