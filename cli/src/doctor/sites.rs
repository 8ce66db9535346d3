//! The places in a source where something is made that can be watched: a light scan, that reads imports and paths.
//!
//! A path such as `Mutex::new` counts as `std`'s unless the file imports that name from another crate. What macros of the
//! file expand to is not seen, but what stands in their arguments is.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use serde::Serialize;
use syn::visit::{self, Visit};
use syn::{ItemUse, UseTree};

/// How many places there are in which a thing of each kind is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Sites {
    /// Mutexes and read-write locks.
    pub(crate) locks: usize,
    /// Condition variables and barriers.
    pub(crate) condvars: usize,
    /// Once-cells.
    pub(crate) cells: usize,
    /// Channels.
    pub(crate) channels: usize,
    /// Atomics.
    pub(crate) atomics: usize,
    /// Threads, or scopes of them.
    pub(crate) threads: usize,
}

impl Sites {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What is seen of a package.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Made of `std`'s, or of something that the crate itself stands between.
    pub(super) std: Sites,
    /// Made of `unsnarl`'s, by hand.
    pub(super) unsnarl: Sites,
    /// Whether it calls the operating system to wait, and so has locks that nobody else sees.
    pub(super) waits_by_hand: bool,
}

/// Files without any of these words have nothing to count.
const WORDS: [&str; 10] = [
    "Mutex", "RwLock", "Condvar", "Barrier", "Once", "LazyLock", "Atomic", "channel", "thread",
    "utex",
];
/// Names of system calls, and functions of systems, that wait.
const BY_HAND: [&str; 7] = [
    "SYS_futex",
    "futex_wait",
    "futex_wait_bitset",
    "WaitOnAddress",
    "NtWaitForKeyedEvent",
    "__ulock_wait",
    "pthread_mutex_lock",
];
/// What is called to make something.
const MAKERS: [&str; 4] = ["new", "default", "from", "named"];

/// Whether tests are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tests {
    /// They are, as those of the workspace.
    Built,
    /// They are not, as those of what it depends on.
    NotBuilt,
}

/// Looks through these files.
pub(super) fn scan(files: &[PathBuf], tests: Tests) -> Seen {
    let mut seen = Seen::default();
    for file in files {
        let text = fs::read_to_string(file).unwrap_or_default();
        if WORDS.iter().any(|word| text.contains(word)) {
            add(&mut seen, &text, tests);
        }
    }
    seen
}

fn add(seen: &mut Seen, text: &str, tests: Tests) {
    let Ok(mut tokens) = text.parse::<TokenStream>() else {
        return;
    };
    if tests == Tests::NotBuilt {
        tokens = without_tests(tokens);
    }
    let imports = syn::parse2(tokens.clone()).map_or_else(|_| Imports::default(), Imports::of);
    let mut paths = Vec::new();
    collect(tokens, &mut paths);
    for path in paths {
        seen.waits_by_hand |= path.iter().any(|word| BY_HAND.contains(&word.as_str()));
        let Some((count, at)) = kind(&path) else {
            continue;
        };
        match imports.root(&path[..=at]) {
            Root::Std => *count(&mut seen.std) += 1,
            Root::Unsnarl => *count(&mut seen.unsnarl) += 1,
            Root::Other => {}
        }
    }
}

/// Where a kind is counted.
type Count = fn(&mut Sites) -> &mut usize;

/// What a path makes, and which of its words says so.
fn kind(path: &[String]) -> Option<(Count, usize)> {
    let words: Vec<&str> = path.iter().map(String::as_str).collect();
    let last = words.len().checked_sub(1)?;
    let named = |at: usize| words.get(at).copied().unwrap_or_default();
    if MAKERS.contains(&named(last)) && last > 0 {
        let count: Count = match named(last - 1) {
            "Mutex" | "RwLock" | "ReentrantLock" => |sites| &mut sites.locks,
            "Condvar" | "Barrier" => |sites| &mut sites.condvars,
            "Once" | "OnceLock" | "LazyLock" => |sites| &mut sites.cells,
            "Builder" if last > 1 && named(last - 2) == "thread" => |sites| &mut sites.threads,
            name if name.starts_with("Atomic") && name.len() > 6 => |sites| &mut sites.atomics,
            _ => return None,
        };
        return Some((count, last - 1));
    }
    let before = if last > 0 { named(last - 1) } else { "" };
    let count: Count = match (before, named(last)) {
        ("mpsc", "channel" | "sync_channel") => |sites| &mut sites.channels,
        ("thread", "spawn" | "scope") => |sites| &mut sites.threads,
        _ => return None,
    };
    Some((count, last - 1))
}

/// Without what `#[cfg(test)]` stands before, up to a semicolon or with the first braces.
fn without_tests(stream: TokenStream) -> TokenStream {
    let mut tokens = stream.into_iter();
    let mut kept: Vec<TokenTree> = Vec::new();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) if is_for_tests(&kept, &group) => {
                kept.pop();
                let is_end = |token: &TokenTree| match token {
                    TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                    TokenTree::Punct(punct) => punct.as_char() == ';',
                    _ => false,
                };
                tokens.find(is_end);
            }
            TokenTree::Group(group) => {
                let inside = without_tests(group.stream());
                kept.push(Group::new(group.delimiter(), inside).into());
            }
            other => kept.push(other),
        }
    }
    kept.into_iter().collect()
}

/// Whether these are the brackets of `#[cfg(test)]`.
fn is_for_tests(before: &[TokenTree], group: &Group) -> bool {
    let is_attribute =
        matches!(before.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#');
    is_attribute && group.delimiter() == Delimiter::Bracket && {
        let text = group.stream().to_string();
        text.replace(' ', "") == "cfg(test)"
    }
}

/// All paths among these tokens: words with `::` between them, whatever stands in angle brackets left out.
fn collect(stream: TokenStream, paths: &mut Vec<Vec<String>>) {
    let mut path: Vec<String> = Vec::new();
    let (mut colons, mut depth) = (0, 0_usize);
    for token in stream {
        match token {
            TokenTree::Ident(ident) if depth == 0 => {
                if colons != 2 {
                    paths.push(std::mem::take(&mut path));
                }
                path.push(ident.to_string());
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' && depth == 0 => {
                let is_first = punct.spacing() == Spacing::Joint;
                colons = if is_first || colons == 1 {
                    colons + 1
                } else {
                    0
                };
            }
            // `Mutex::<u8>::new`: only behind `::` is it sure to be no comparison.
            TokenTree::Punct(punct) if punct.as_char() == '<' && (depth > 0 || colons == 2) => {
                (depth, colons) = (depth + 1, 0);
            }
            TokenTree::Punct(punct) if punct.as_char() == '>' && depth > 0 => depth -= 1,
            TokenTree::Group(group) => {
                collect(group.stream(), paths);
                if depth == 0 {
                    paths.push(std::mem::take(&mut path));
                    colons = 0;
                }
            }
            _ if depth > 0 => {}
            _ => {
                paths.push(std::mem::take(&mut path));
                colons = 0;
            }
        }
    }
    paths.push(path);
    paths.retain(|path| !path.is_empty());
}

/// Where a name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    Std,
    Unsnarl,
    Other,
}

/// What the imports of a file call by which name.
#[derive(Debug, Default)]
struct Imports {
    by_name: BTreeMap<String, Vec<String>>,
}

impl Imports {
    fn of(file: syn::File) -> Self {
        let mut imports = Self::default();
        imports.visit_file(&file);
        imports
    }

    /// The crate that a path begins with. Parts of the crate itself stand for `std`, as most that stand between do.
    fn root(&self, path: &[String]) -> Root {
        let name = path.first().map_or("", String::as_str);
        let mut first = name;
        // A few steps, as an import may go through another one.
        for _ in 0..4 {
            match self.by_name.get(first).and_then(|path| path.first()) {
                Some(next) if next != first => first = next,
                _ => break,
            }
        }
        let is_imported = first != name;
        match first {
            "unsnarl" => Root::Unsnarl,
            "std" | "core" | "alloc" | "crate" | "self" | "super" => Root::Std,
            // A name of this file or of a glob, and not of a crate.
            _ if !is_imported && (path.len() == 1 || is_of_std(name)) => Root::Std,
            _ => Root::Other,
        }
    }

    fn add(&mut self, tree: &UseTree, before: &[String]) {
        let with = |name: &syn::Ident| {
            let path = before.iter().cloned();
            path.chain([name.to_string()]).collect::<Vec<_>>()
        };
        match tree {
            UseTree::Path(path) => self.add(&path.tree, &with(&path.ident)),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.add(item, before)),
            UseTree::Name(name) if name.ident == "self" => {
                if let Some(last) = before.last() {
                    self.by_name.insert(last.clone(), before.to_vec());
                }
            }
            UseTree::Name(name) => {
                self.by_name
                    .insert(name.ident.to_string(), with(&name.ident));
            }
            UseTree::Rename(rename) => {
                self.by_name
                    .insert(rename.rename.to_string(), with(&rename.ident));
            }
            _ => {}
        }
    }
}

/// Modules by which a path may begin where a glob or a file has brought them in.
fn is_of_std(name: &str) -> bool {
    ["sync", "thread", "mpsc", "atomic"].contains(&name)
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.add(&item.tree, &[]);
        visit::visit_item_use(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::{Seen, Sites, Tests, add};

    fn seen(text: &str) -> Seen {
        let mut seen = Seen::default();
        add(&mut seen, text, Tests::Built);
        seen
    }

    fn check(text: &str, count: fn(&Sites) -> usize, expected: usize) {
        assert_eq!(count(&seen(text).std), expected, "{text}");
    }

    #[test]
    fn what_is_made_is_counted_and_what_is_named_is_not() {
        let locks = |sites: &Sites| sites.locks;
        check(
            "use std::sync::Mutex; static M: Mutex<u8> = Mutex::new(1);",
            locks,
            1,
        );
        check(
            "fn f() { g(std::sync::RwLock::new(Mutex::<Vec<u8>>::default())) }",
            locks,
            2,
        );
        check(
            "use std::sync::Mutex; fn f(m: &Mutex<u8>) { m.lock(); }",
            locks,
            0,
        );
        check(
            "thread_local! { static M: Mutex<u8> = const { Mutex::new(1) }; }",
            locks,
            1,
        );
    }

    #[test]
    fn every_kind_has_its_count() {
        let text = "use std::sync::{atomic::{AtomicU8, self}, mpsc, Condvar, Barrier as Gate, OnceLock, LazyLock};
            use std::thread;
            fn f() { AtomicU8::new(1); atomic::AtomicBool::new(true); mpsc::channel::<u8>(); Condvar::new();
                     OnceLock::new(); LazyLock::new(|| 1); thread::spawn(|| 1); thread::Builder::new(); }";
        let expected = Sites {
            locks: 0,
            condvars: 1,
            cells: 2,
            channels: 1,
            atomics: 2,
            threads: 2,
        };
        assert_eq!(seen(text).std, expected);
    }

    #[test]
    fn tests_of_dependencies_are_not_counted() {
        let text = "fn f() { std::sync::Mutex::new(1); }
            #[cfg(test)] mod tests { fn g() { std::sync::Mutex::new(2); } }
            #[cfg(test)] #[x] static M: M = std::sync::Mutex::new(3);
            mod m { #[cfg(test)] fn h() { std::sync::Mutex::new(4); } fn i() { std::sync::Mutex::new(5); } }";
        let count = |tests| {
            let mut seen = Seen::default();
            add(&mut seen, text, tests);
            seen.std.locks
        };
        assert_eq!((count(Tests::Built), count(Tests::NotBuilt)), (5, 2));
    }

    #[test]
    fn locks_of_other_crates_are_not_counted() {
        let locks = |sites: &Sites| sites.locks;
        check(
            "use parking_lot::Mutex; fn f() { Mutex::new(1); }",
            locks,
            0,
        );
        check(
            "fn f() { parking_lot::Mutex::new(1); tokio::sync::Mutex::new(2); }",
            locks,
            0,
        );
        check("use tokio::sync; fn f() { sync::Mutex::new(1); }", locks, 0);
        check(
            "use crate::sync::Mutex; fn f() { Mutex::new(1); }",
            locks,
            1,
        );
        check("use super::*; fn f() { Mutex::new(1); }", locks, 1);
    }

    #[test]
    fn locks_of_unsnarl_are_counted_apart() {
        let seen =
            seen("use unsnarl::sync::Mutex; fn f() { Mutex::new(1); unsnarl::thread::spawn(f); }");
        assert_eq!((seen.unsnarl.locks, seen.unsnarl.threads), (1, 1));
        assert_eq!(seen.std, Sites::default());
    }

    #[test]
    fn who_calls_the_system_to_wait_is_known() {
        assert!(seen("fn f() { libc::syscall(libc::SYS_futex, 1); }").waits_by_hand);
        assert!(!seen("fn f() { libc::getpid(); }").waits_by_hand);
    }

    #[test]
    fn what_does_not_parse_has_none() {
        assert_eq!(seen("fn f( { Mutex::new(1)"), Seen::default());
    }
}
