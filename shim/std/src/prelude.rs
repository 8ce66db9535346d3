//! `std::prelude`, with our `#[test]` and `#[global_allocator]` (see that of `core`), and with our `thread_local!`.

/// Defines the preludes of these names.
macro_rules! preludes {
    ($($name:ident)+) => {$(
        #[doc = concat!("`std::prelude::", stringify!($name), "`, with our `#[test]` and `#[global_allocator]`.")]
        pub mod $name {
            #[doc(no_inline)]
            pub use std::prelude::$name::*;

            #[doc(no_inline)]
            pub use unsnarl_core::prelude::$name::{global_allocator, test};
            #[doc(no_inline)]
            pub use unsnarl::thread_local;
        }
    )+};
}

preludes! { v1 rust_2015 rust_2018 rust_2021 rust_2024 }

#[doc(no_inline)]
pub use std::prelude::*;
