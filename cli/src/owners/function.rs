//! The functions of a source file, as far as their tokens tell.

use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, Group, LineColumn, TokenStream, TokenTree};

/// How the types are called that keep a lock locked.
const GUARD: &str = "Guard";

/// A function with its body.
#[derive(Debug)]
pub(super) struct Function {
    name: String,
    start: LineColumn,
    end: LineColumn,
    /// Whether it gives a guard to its caller, by the name of what it returns.
    pub(super) returns_guard: bool,
    body: TokenStream,
}

/// The functions of a file; none, if it cannot be read.
pub(super) fn all(file: &Path) -> Vec<Function> {
    let text = fs::read_to_string(file).unwrap_or_default();
    parse(&text)
}

fn parse(text: &str) -> Vec<Function> {
    let mut found = Vec::new();
    if let Ok(tokens) = text.parse() {
        collect(tokens, &mut found);
    }
    found
}

fn collect(stream: TokenStream, found: &mut Vec<Function>) {
    let tokens: Vec<_> = stream.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) if word == "fn" => found.extend(function(&tokens[at + 1..])),
            TokenTree::Group(group) => collect(group.stream(), found),
            _ => {}
        }
    }
}

/// The function whose name these tokens begin with.
fn function(tokens: &[TokenTree]) -> Option<Function> {
    let TokenTree::Ident(name) = tokens.first()? else {
        return None;
    };
    let end = tokens.iter().position(is_end)?;
    let TokenTree::Group(body) = &tokens[end] else {
        return None;
    };
    let returned = tokens[..end]
        .windows(2)
        .position(|pair| is_punct(&pair[0], '-') && is_punct(&pair[1], '>'));
    let returned = &tokens[returned.unwrap_or(end)..end];
    Some(Function {
        name: name.to_string(),
        start: body.span_open().start(),
        end: body.span_close().end(),
        returns_guard: returned
            .iter()
            .any(|token| token.to_string().contains(GUARD)),
        body: body.stream(),
    })
}

/// The body, or the semicolon of a function without one.
fn is_end(token: &TokenTree) -> bool {
    let is_body = |group: &Group| group.delimiter() == Delimiter::Brace;
    matches!(token, TokenTree::Group(group) if is_body(group)) || is_punct(token, ';')
}

fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == c)
}

/// The innermost of these functions that has this line; with a column, from 1, also among those on one line.
pub(super) fn around(functions: &[Function], line: u32, column: u32) -> Option<&Function> {
    let place = LineColumn {
        line: line as usize,
        column: column.saturating_sub(1) as usize,
    };
    let around = functions
        .iter()
        .filter(|function| function.start <= place && place <= function.end);
    around.max_by_key(|function| function.start)
}

impl Function {
    /// Whether it is the same one.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.start == other.start
    }

    /// Whether it calls the other by its name, up to this line.
    pub(super) fn calls(&self, other: &Self, line: u32) -> bool {
        calls(self.body.clone(), &other.name, line as usize)
    }
}

fn calls(stream: TokenStream, name: &str, line: usize) -> bool {
    let tokens: Vec<_> = stream.into_iter().collect();
    let is_call = |pair: &[TokenTree]| match pair {
        [TokenTree::Ident(word), TokenTree::Group(arguments)] => {
            let is_before = word.span().start().line <= line;
            word == name && is_before && arguments.delimiter() == Delimiter::Parenthesis
        }
        _ => false,
    };
    let inner = |token: &TokenTree| match token {
        TokenTree::Group(group) => calls(group.stream(), name, line),
        _ => false,
    };
    tokens.windows(2).any(is_call) || tokens.iter().any(inner)
}

#[cfg(test)]
mod tests {
    use super::{around, parse};

    const TEXT: &str = "impl A {
    fn take(&self) -> MutexGuard<'_, u8> where Self: Sized { self.a.lock().unwrap() }
    fn both(&self) {
        let a = self.take();
        self.b.lock();
    }
    fn none(&self) -> u8;
}
fn outer() { fn inner() {} }";

    #[test]
    fn a_place_has_its_innermost_function() {
        let functions = parse(TEXT);
        let name = |line, column| around(&functions, line, column).map(|one| one.name.as_str());
        assert_eq!(name(2, 75), Some("take"));
        assert_eq!(name(5, 9), Some("both"));
        assert_eq!(name(7, 9), None);
        assert_eq!(name(9, 26), Some("inner"));
        assert_eq!(name(9, 13), Some("outer"));
    }

    #[test]
    fn guards_and_calls_are_seen() {
        let functions = parse(TEXT);
        let [take, both, ..] = &functions[..] else {
            panic!("{functions:?}")
        };
        assert!(take.returns_guard && !both.returns_guard);
        assert!(both.calls(take, 5) && both.calls(take, 4) && !both.calls(take, 3));
        assert!(!take.calls(both, 9));
    }

    #[test]
    fn what_does_not_parse_has_none() {
        assert!(parse("fn f( {").is_empty());
    }
}
