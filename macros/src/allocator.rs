//! A static that is the global allocator.

use proc_macro::{Ident, TokenStream, TokenTree};

/// The name of a static, after its attributes.
pub(crate) fn name_of_static(item: &TokenStream) -> Option<Ident> {
    let mut tokens = item.clone().into_iter();
    tokens.find(|token| matches!(token, TokenTree::Ident(word) if word.to_string() == "static"))?;
    match tokens.next()? {
        TokenTree::Ident(name) => Some(name),
        _ => None,
    }
}
