//! Features of a package that its use of `unsnarl` hangs on, as its source has them: `#[cfg(feature = "…")]`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::Package;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::lead::{self, UNSNARL};
use crate::sources;

/// Where code that uses `unsnarl` hangs on a feature: the file, and the line of the attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The file.
    pub(crate) file: PathBuf,
    /// The line, from 1.
    pub(crate) line: usize,
}

/// The features of a package that its use of `unsnarl` hangs on, each with the first place that shows it.
pub(super) fn find(package: &Package) -> BTreeMap<String, Place> {
    let names: Vec<String> = lead::tested(package)
        .filter(|dependency| dependency.name == UNSNARL)
        .map(|dependency| lead::key(dependency).replace('-', "_"))
        .collect();
    let mut guards = BTreeMap::new();
    let folder = package.manifest_path.parent().filter(|_| !names.is_empty());
    let files = folder.map(|folder| sources::rust_files(folder.as_std_path()));
    for file in files.into_iter().flatten() {
        let names = &names;
        for (feature, line) in in_file(&file, names) {
            if package.features.contains_key(&feature) {
                let file = file.clone();
                guards.entry(feature).or_insert(Place { file, line });
            }
        }
    }
    guards
}

fn in_file(file: &Path, names: &[String]) -> Vec<(String, usize)> {
    let tokens = tokens(file).filter(|tokens| {
        // Most files have no such attribute at all.
        tokens.to_string().contains("cfg")
    });
    let mut found = Vec::new();
    let mut scan = Scan { file, names };
    if let Some(tokens) = tokens {
        scan.stream(tokens, &mut found);
    }
    found
}

fn tokens(file: &Path) -> Option<TokenStream> {
    fs::read_to_string(file).ok()?.parse().ok()
}

/// A walk over the tokens of a file.
struct Scan<'a> {
    file: &'a Path,
    names: &'a [String],
}

impl Scan<'_> {
    /// Adds the features that guard a use in these tokens, with their lines.
    fn stream(&mut self, stream: TokenStream, found: &mut Vec<(String, usize)>) {
        let tokens: Vec<_> = stream.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            let TokenTree::Group(group) = token else {
                continue;
            };
            match attribute(&tokens[..at], group) {
                Some(features) => {
                    let is_inner = is_punct(at.checked_sub(1).map(|at| &tokens[at]), '!');
                    let rest = &tokens[at + 1..];
                    let guarded = if is_inner { rest } else { item(rest) };
                    if self.uses(guarded) {
                        let line = group.span_open().start().line;
                        found.extend(features.into_iter().map(|feature| (feature, line)));
                    }
                }
                None => self.stream(group.stream(), found),
            }
        }
    }

    /// Whether this code, or the file of the module that it declares, names `unsnarl`.
    fn uses(&self, tokens: &[TokenTree]) -> bool {
        let is_here = tokens.iter().any(|token| self.names_it(token));
        is_here || module(tokens).is_some_and(|name| self.module_uses(&name))
    }

    fn names_it(&self, token: &TokenTree) -> bool {
        match token {
            TokenTree::Ident(ident) => self.names.iter().any(|name| ident == name),
            TokenTree::Group(group) => group
                .stream()
                .into_iter()
                .any(|token| self.names_it(&token)),
            _ => false,
        }
    }

    fn module_uses(&self, name: &str) -> bool {
        let (folder, stem) = (self.file.parent(), self.file.file_stem());
        let below = folder.zip(stem).map(|(folder, stem)| folder.join(stem));
        let folders = [folder.map(Path::to_owned), below];
        let files = folders.into_iter().flatten().flat_map(|folder| {
            [
                folder.join(format!("{name}.rs")),
                folder.join(name).join("mod.rs"),
            ]
        });
        files
            .filter_map(|file| tokens(&file))
            .flatten()
            .any(|token| self.names_it(&token))
    }
}

/// The features in `#[cfg(…)]`, of which these brackets are a part. One that must be off is none.
fn attribute(before: &[TokenTree], group: &Group) -> Option<Vec<String>> {
    let before = match before {
        [rest @ .., last] if is_punct(Some(last), '!') => rest,
        all => all,
    };
    let is_attribute = group.delimiter() == Delimiter::Bracket && is_punct(before.last(), '#');
    let inside: Vec<_> = group.stream().into_iter().collect();
    match &inside[..] {
        [TokenTree::Ident(cfg), TokenTree::Group(condition)] if is_attribute && cfg == "cfg" => {
            let mut features = Vec::new();
            collect(condition.stream(), &mut features);
            Some(features)
        }
        _ => None,
    }
}

fn collect(condition: TokenStream, features: &mut Vec<String>) {
    let tokens: Vec<_> = condition.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match (&tokens[..at], token) {
            ([.., TokenTree::Ident(feature), TokenTree::Punct(_)], TokenTree::Literal(literal))
                if feature == "feature" =>
            {
                features.push(literal.to_string().trim_matches('"').to_owned());
            }
            ([.., TokenTree::Ident(not)], TokenTree::Group(_)) if not == "not" => {}
            (_, TokenTree::Group(group)) => collect(group.stream(), features),
            _ => {}
        }
    }
}

/// What an attribute stands before: up to a semicolon, or with the first braces.
fn item(tokens: &[TokenTree]) -> &[TokenTree] {
    // Other attributes of the same thing have neither.
    let end = tokens.iter().position(|token| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        other => is_punct(Some(other), ';'),
    });
    // `use a::{b};` goes on behind its braces, but has been seen by then.
    &tokens[..end.map_or(tokens.len(), |end| end + 1)]
}

/// The module in `mod name;`.
fn module(tokens: &[TokenTree]) -> Option<String> {
    match tokens {
        [.., TokenTree::Ident(keyword), TokenTree::Ident(name), last]
            if keyword == "mod" && is_punct(Some(last), ';') =>
        {
            Some(name.to_string())
        }
        _ => None,
    }
}

fn is_punct(token: Option<&TokenTree>, c: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == c)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::in_file;

    fn check(text: &str, expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lib.rs");
        fs::write(folder.path().join("watched.rs"), "pub use unsnarl::sync;").unwrap();
        fs::write(&file, text).unwrap();
        let found = in_file(&file, &["unsnarl".to_owned()]);
        let features: Vec<_> = found.iter().map(|(feature, _)| feature.as_str()).collect();
        assert_eq!(features, expected, "{text}");
    }

    #[test]
    fn a_guarded_import_is_found() {
        check(
            "#[cfg(feature = \"a\")] use unsnarl::sync::{Mutex};",
            &["a"],
        );
        check(
            "#[cfg(all(test, feature = \"a\"))] #[x] pub mod m { mod n { use unsnarl::sync; } }",
            &["a"],
        );
        check(
            "#![cfg(feature = \"a\")]\nfn f() {}\nfn g() { unsnarl::f() }",
            &["a"],
        );
        check("fn f() { #[cfg(feature = \"a\")] unsnarl::f(); }", &["a"]);
    }

    #[test]
    fn a_guarded_module_is_found_in_its_file() {
        check("#[cfg(feature = \"a\")] mod watched;", &["a"]);
        check("#[cfg(feature = \"a\")] mod other;", &[]);
    }

    #[test]
    fn what_must_be_off_or_guards_something_else_is_no_guard() {
        check("#[cfg(not(feature = \"a\"))] use unsnarl::sync;", &[]);
        check("#[cfg(feature = \"a\")] fn f() {} use unsnarl::sync;", &[]);
        check(
            "#[cfg(feature = \"a\")] use std::sync; use unsnarl::x;",
            &[],
        );
    }

    #[test]
    fn what_does_not_parse_has_none() {
        check("#[cfg(feature = \"a\")] use unsnarl::{", &[]);
    }
}
