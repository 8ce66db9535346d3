//! A procedural macro whose own tests take locks: they run where it runs, with the real `std`.

use proc_macro::TokenStream;

#[proc_macro]
pub fn nothing(_: TokenStream) -> TokenStream {
    TokenStream::new()
}

#[test]
fn a_lock() {
    assert_eq!(*std::sync::Mutex::new(1).lock().unwrap(), 1);
}
