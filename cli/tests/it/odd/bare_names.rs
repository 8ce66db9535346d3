//! No name is there unless it is asked for.
#![no_implicit_prelude]

#[::std::prelude::v1::derive(::std::fmt::Debug, ::std::default::Default)]
pub struct Till(pub ::std::sync::Mutex<u8>);

#[::core::prelude::v1::test]
fn a_till_is_empty() {
    let till = <Till as ::std::default::Default>::default();
    let ::std::result::Result::Ok(sum) = till.0.lock() else {
        ::std::unreachable!()
    };
    ::std::assert_eq!(*sum, 0);
}
