//! The attributes that stand in for the preludes' `#[test]` and `#[global_allocator]` in unmodified crates; and that for
//! tests that are written to be explored.
//!
//! It works on bare tokens: every user would have to build a parser such as `syn`, and there is very little to parse.

mod allocator;
mod function;
mod wishes;

use proc_macro::{Delimiter, Group, Span, TokenStream, TokenTree};

use crate::function::Function;

/// Marks a function as a test, as the standard library's `#[test]` does, and runs its body in a session.
///
/// ```text
/// #[should_panic]                     #[should_panic]
/// #[test]                             #[the real test]
/// fn name() -> Type { body }    →     fn name() -> Type {
///                                         fn name() -> Type { body }
///                                         run("path::name", name)
///                                     }
/// ```
///
/// All tokens keep their places, so errors, lints and panics stay where they are. A macro attribute that is expanded
/// later may want to see the body, or give it variables, and some attributes want the very function: then the body stays
/// where it is, and its first statement opens the session. What is no plain function without parameters goes to the real `#[test]` as it is, which knows
/// what to say about it.
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut output = marker(arguments);
    match Function::read(item.clone()) {
        Some(function) => {
            let body = if function.is_expanded() {
                called(&function)
            } else {
                opened(&function)
            };
            output.extend(function.with_body(body));
        }
        None => output.extend(item),
    }
    output
}

/// Marks a function as a test that is explored, as `unsnarl::Explorer` would with these settings, and of which nothing must be
/// left.
///
/// ```text
/// #[unsnarl::test(seed = 7)]          #[test]
/// fn name() -> Type { body }    →     fn name() -> Type {
///                                         fn name() -> Type { body }
///                                         Session::explore("path::name", Explorer::new().leaks(true).seed(7), name)
///                                     }
/// ```
#[proc_macro_attribute]
pub fn explored(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let settings = match wishes::settings(arguments) {
        Ok(settings) => settings,
        Err(error) => return [error, item].into_iter().collect(),
    };
    let Some(function) = Function::read(item.clone()) else {
        let error = wishes::error(
            "`#[unsnarl::test]` takes a plain function without parameters",
            Span::call_site(),
        );
        return [error, item].into_iter().collect();
    };
    let passes = if function.has_attribute("should_panic") {
        "ByPanicking"
    } else {
        "ByReturning"
    };
    let mut given = code(&format!(
        "{}, ::unsnarl::Passes::{passes}, ::unsnarl::Explorer::new().leaks(true)",
        path(&function)
    ));
    given.extend(settings);
    given.extend(code(","));
    given.extend([TokenTree::from(function.name.clone())]);
    let mut body = function.bare();
    body.extend(code("::unsnarl::Session::explore"));
    body.extend([TokenTree::from(Group::new(Delimiter::Parenthesis, given))]);
    let mut output = code("#[::core::prelude::v1::test]");
    output.extend(function.with_body(body));
    output
}

/// Makes a static the global allocator, as the standard library's `#[global_allocator]` does, with nothing in it watched.
///
/// ```text
/// #[global_allocator]           static A: Type = value;
/// static A: Type = value;   →   #[the real global_allocator]
///                               static __UNSNARL_ALLOCATOR: Unwatched = Unwatched::new(&A);
/// ```
///
/// What is no static goes to the real attribute as it is, which knows what to say about it.
#[proc_macro_attribute]
pub fn global_allocator(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let name = allocator::name_of_static(&item).filter(|_| arguments.is_empty());
    let Some(name) = name else {
        let mut output = code(&format!(
            "#[::core::__unsnarl::global_allocator({arguments})]"
        ));
        output.extend(item);
        return output;
    };
    let mut output = item;
    output.extend(code(&format!(
        "#[::core::__unsnarl::global_allocator]
         static __UNSNARL_ALLOCATOR: ::core::__unsnarl::Unwatched =
             ::core::__unsnarl::Unwatched::new(&{name});"
    )));
    output
}

/// The real attribute. It takes no arguments, and says so if it gets some.
fn marker(arguments: TokenStream) -> TokenStream {
    if arguments.is_empty() {
        code("#[::core::__unsnarl::test]")
    } else {
        code(&format!("#[::core::__unsnarl::test({arguments})]"))
    }
}

/// A body that runs the function's own as a function, which can be done more than once.
fn called(function: &Function) -> TokenStream {
    let mut arguments = code(&path(function));
    arguments.extend(code(","));
    arguments.extend([TokenTree::from(function.name.clone())]);
    let mut body = function.bare();
    let run = if function.has_attribute("should_panic") {
        "run_to_panic"
    } else {
        "run"
    };
    body.extend(code(&format!("::core::__unsnarl::{run}")));
    body.extend([TokenTree::from(Group::new(
        Delimiter::Parenthesis,
        arguments,
    ))]);
    body
}

/// The function's own body, with the opening of a session before its first statement.
fn opened(function: &Function) -> TokenStream {
    let (inner_attributes, statements) = function.split_body();
    let mut body = inner_attributes;
    body.extend(code(&format!(
        "let __unsnarl_session = ::core::__unsnarl::open({});",
        path(function)
    )));
    body.extend(statements);
    body
}

/// The path of the function, with the name of its crate, as an expression.
fn path(function: &Function) -> String {
    let name = function.name.to_string();
    format!(
        "::core::concat!(::core::module_path!(), {:?})",
        format!("::{name}")
    )
}

/// This code; its places are that of the attribute.
fn code(text: &str) -> TokenStream {
    text.parse().expect("what is written here can be read")
}
