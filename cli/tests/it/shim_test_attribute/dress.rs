//! Attributes that come with `#[test]`.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// Turns an asynchronous function into a test, as runtimes do.
#[proc_macro_attribute]
pub fn eventually(_: TokenStream, item: TokenStream) -> TokenStream {
    let item: TokenStream = item
        .into_iter()
        .filter(|token| token.to_string() != "async")
        .collect();
    let mut test: TokenStream = "#[::core::prelude::v1::test]".parse().unwrap();
    test.extend(around("let body = async move", item, "; crate::finish(body)"));
    test
}

/// Gives the body a variable.
#[proc_macro_attribute]
pub fn seven(_: TokenStream, item: TokenStream) -> TokenStream {
    around("let seven = 7;", item, "")
}

fn around(before: &str, item: TokenStream, after: &str) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    let body = tokens.pop().unwrap();
    let mut statements: TokenStream = before.parse().unwrap();
    statements.extend([body]);
    statements.extend(after.parse::<TokenStream>().unwrap());
    tokens.push(Group::new(Delimiter::Brace, statements).into());
    tokens.into_iter().collect()
}
