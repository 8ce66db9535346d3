//! The arguments of `#[unsnarl::test(…)]`: settings of `unsnarl::Explorer`, by the names of its methods.

use proc_macro::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

/// What can be set to an expression.
const SETTINGS: &[&str] = &[
    "schedules",
    "seed",
    "jobs",
    "strategy",
    "max_steps",
    "keep_going",
    "stack_size",
    "spurious",
    "weak_failures",
    "early_timeouts",
    "failing_tries",
    "weak_memory",
    "leaks",
    "ignore_leaks_of",
    "ignore_leaks_from",
];

/// Set to a number of seconds.
const TIME: &str = "time";

/// The arguments as calls: `.seed(7).strategy("dpor")`; or an error to be compiled.
pub(crate) fn settings(arguments: TokenStream) -> Result<TokenStream, TokenStream> {
    let mut calls = TokenStream::new();
    let mut tokens = arguments.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let TokenTree::Ident(name) = token else {
            return Err(error(
                "here a name is expected, as in `seed = 7`",
                token.span(),
            ));
        };
        match tokens.next() {
            Some(TokenTree::Punct(punct)) if punct.as_char() == '=' => {}
            _ => {
                return Err(error(
                    &format!("`{name}` needs a value: `{name} = …`"),
                    name.span(),
                ));
            }
        }
        let mut value = TokenStream::new();
        for token in tokens.by_ref() {
            if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',') {
                break;
            }
            value.extend([token]);
        }
        calls.extend(call(&name, value)?);
    }
    Ok(calls)
}

fn call(name: &Ident, value: TokenStream) -> Result<TokenStream, TokenStream> {
    let word = name.to_string();
    if value.is_empty() {
        return Err(error(
            &format!("`{word}` needs a value: `{word} = …`"),
            name.span(),
        ));
    }
    let value = match &*word {
        TIME => seconds(value),
        _ if SETTINGS.contains(&&*word) => value,
        _ => {
            let known = SETTINGS.join("`, `");
            let message = format!("there is no setting `{word}`: it is one of `{known}`, `{TIME}`");
            return Err(error(&message, name.span()));
        }
    };
    let mut call: TokenStream = ".".parse().expect("a dot can be read");
    call.extend([
        TokenTree::from(name.clone()),
        TokenTree::from(Group::new(Delimiter::Parenthesis, value)),
    ]);
    Ok(call)
}

fn seconds(value: TokenStream) -> TokenStream {
    let mut duration: TokenStream = "::core::time::Duration::from_secs"
        .parse()
        .expect("a path can be read");
    duration.extend([TokenTree::from(Group::new(Delimiter::Parenthesis, value))]);
    duration
}

/// An error that the compiler shows at this place.
pub(crate) fn error(message: &str, span: Span) -> TokenStream {
    let error: TokenStream = format!("::core::compile_error! {{ {message:?} }}")
        .parse()
        .expect("a macro call can be read");
    error
        .into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect()
}
