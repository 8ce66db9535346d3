//! A plain function without parameters, taken apart.

use proc_macro::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

/// Attributes that the compiler or a tool reads, and that a function around the body is as good for. Every other one is
/// a macro, still to be expanded, or wants the very function, such as `track_caller`.
const INERT: &[&str] = &[
    "allow",
    "clippy",
    "cold",
    "coverage",
    "deny",
    "deprecated",
    "diagnostic",
    "doc",
    "expect",
    "export_name",
    "forbid",
    "ignore",
    "inline",
    "link_section",
    "miri",
    "must_use",
    "no_mangle",
    "optimize",
    "rust_analyzer",
    "rustfmt",
    "should_panic",
    "unsafe",
    "warn",
];

/// A plain function without parameters: `#[attributes] visibility fn name() returns { body }`.
pub(crate) struct Function {
    attributes: Vec<TokenTree>,
    visibility: Vec<TokenTree>,
    /// From `fn` to the end of the return type.
    signature: Vec<TokenTree>,
    pub(crate) name: Ident,
    body: Group,
}

impl Function {
    /// Takes an item apart, if it is such a function.
    pub(crate) fn read(item: TokenStream) -> Option<Self> {
        let mut tokens: Vec<TokenTree> = unwrapped(item).into_iter().collect();
        let body = body(tokens.pop()?)?;
        let marks = tokens.chunks(2).take_while(|mark| is_punct(&mark[0], '#'));
        let attributes = 2 * marks.count();
        let mut rest = tokens.split_off(attributes.min(tokens.len()));
        let keyword = rest.iter().position(|token| is_word(token, "fn"))?;
        let signature = rest.split_off(keyword);
        let [
            _fn,
            TokenTree::Ident(name),
            TokenTree::Group(parameters),
            ..,
        ] = &*signature
        else {
            return None;
        };
        let name = name.clone();
        let is_plain = parameters.delimiter() == Delimiter::Parenthesis
            && parameters.stream().is_empty()
            && rest.iter().all(is_visibility);
        is_plain.then(|| Self {
            attributes: tokens,
            visibility: rest,
            name,
            signature,
            body,
        })
    }

    /// Whether no attribute is left that may still change it.
    pub(crate) fn is_expanded(&self) -> bool {
        self.attribute_names()
            .all(|name| INERT.contains(&name.as_str()))
    }

    /// Whether it has an attribute of this name.
    pub(crate) fn has_attribute(&self, name: &str) -> bool {
        self.attribute_names().any(|known| known == name)
    }

    /// The first word of each attribute.
    fn attribute_names(&self) -> impl Iterator<Item = String> {
        let groups = self.attributes.iter().skip(1).step_by(2);
        groups.map(|attribute| {
            let attribute = attribute.to_string();
            let is_between = |character: char| !character.is_alphanumeric() && character != '_';
            let mut words = attribute.split(is_between);
            let name = words.find(|word| !word.is_empty());
            name.unwrap_or_default().to_owned()
        })
    }

    /// Itself without attributes and visibility, to be put in its own body. Lints of its name are left to the outer one.
    pub(crate) fn bare(&self) -> TokenStream {
        let mut inner = self.signature.clone();
        inner[1].set_span(Span::mixed_site().located_at(self.name.span()));
        inner.push(self.body.clone().into());
        inner.into_iter().collect()
    }

    /// Itself with another body.
    pub(crate) fn with_body(self, stream: TokenStream) -> TokenStream {
        let mut body = Group::new(Delimiter::Brace, stream);
        body.set_span(self.body.span());
        [
            self.attributes,
            self.visibility,
            self.signature,
            vec![body.into()],
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The attributes that the body begins with, which are the function's, and the rest of it.
    pub(crate) fn split_body(&self) -> (TokenStream, TokenStream) {
        let tokens: Vec<TokenTree> = self.body.stream().into_iter().collect();
        let marks = tokens.chunks(3).take_while(|mark| {
            mark.len() == 3 && is_punct(&mark[0], '#') && is_punct(&mark[1], '!')
        });
        let (attributes, statements) = tokens.split_at(3 * marks.count());
        let stream = |tokens: &[TokenTree]| tokens.iter().cloned().collect();
        (stream(attributes), stream(statements))
    }
}

/// What a macro by example matched arrives in an invisible group.
fn unwrapped(stream: TokenStream) -> TokenStream {
    let mut tokens = stream.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => {
            unwrapped(group.stream())
        }
        _ => stream,
    }
}

fn body(last: TokenTree) -> Option<Group> {
    match unwrapped(last.into()).into_iter().next()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident.to_string() == word)
}

/// Whether it is a part of `pub`, `pub(…)`, or a visibility that a macro by example matched.
fn is_visibility(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => {
            [Delimiter::Parenthesis, Delimiter::None].contains(&group.delimiter())
        }
        token => is_word(token, "pub"),
    }
}
