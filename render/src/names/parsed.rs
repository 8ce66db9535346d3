//! The exact way to a receiver: every call of a parsed file, by where its name begins.

use std::collections::HashMap;

use proc_macro2::{LineColumn, Span};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprForLoop, ExprMethodCall, Macro, Token};

use model::site::Site;

use crate::source::file::SourceFile;

/// What each call of a file is made on.
#[derive(Default)]
pub(super) struct Receivers {
    by_place: HashMap<(u32, u32), String>,
}

impl Receivers {
    /// Those of this file; none if it does not parse.
    pub(super) fn of(file: &SourceFile) -> Self {
        let mut collector = Collector {
            file,
            found: Self::default(),
        };
        if let Ok(tree) = syn::parse_file(file.text()) {
            collector.visit_file(&tree);
        }
        collector.found
    }

    /// The receiver, or first argument, of the call whose name begins here.
    pub(super) fn at(&self, line: u32, column: u32) -> Option<String> {
        self.by_place.get(&(line, column)).cloned()
    }
}

struct Collector<'a> {
    file: &'a SourceFile,
    found: Receivers,
}

impl Collector<'_> {
    fn add(&mut self, call: Span, receiver: Span) {
        let place = site(call.start());
        let text = self
            .file
            .between(&site(receiver.start()), &site(receiver.end()));
        if let Some(text) = text {
            let key = (place.line, place.column);
            self.found.by_place.insert(key, text.to_owned());
        }
    }
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.add(call.method.span(), call.receiver.span());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let (Expr::Path(_), Some(first)) = (&*call.func, call.args.first()) {
            self.add(call.func.span(), first.span());
        }
        visit::visit_expr_call(self, call);
    }

    /// A loop calls `next` where it begins.
    fn visit_expr_for_loop(&mut self, each: &'ast ExprForLoop) {
        self.add(each.for_token.span(), each.expr.span());
        visit::visit_expr_for_loop(self, each);
    }

    /// Most macros take expressions, such as `assert_eq!(*a.lock().unwrap(), 1)`.
    fn visit_macro(&mut self, mac: &'ast Macro) {
        let arguments = mac.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
        for argument in arguments.iter().flatten() {
            self.visit_expr(argument);
        }
    }
}

/// A place of syn, whose columns begin at 0, as ours.
fn site(place: LineColumn) -> Site {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Site::new(
        "",
        number(place.line),
        number(place.column).saturating_add(1),
    )
}

#[cfg(test)]
mod tests {
    use super::Receivers;
    use crate::source::file::SourceFile;

    fn check(text: &str, line: u32, column: u32, receiver: Option<&str>) {
        let receivers = Receivers::of(&SourceFile::new(text.into()));
        assert_eq!(receivers.at(line, column).as_deref(), receiver);
    }

    #[test]
    fn receivers_are_taken_from_the_source_as_written() {
        check("fn f() { a.b[\")\"].lock(); }", 1, 19, Some("a.b[\")\"]"));
        check("fn f() { é.lock(); }", 1, 12, Some("é"));
        check("fn f() { a\n  .b\n  .lock(); }", 3, 4, Some("a\n  .b"));
    }

    #[test]
    fn functions_and_macros_are_read_too() {
        check("fn f() { Mutex::lock(&a); }", 1, 10, Some("&a"));
        check(
            "fn f() { assert_eq!(*a.lock().unwrap(), 1); }",
            1,
            24,
            Some("a"),
        );
    }

    #[test]
    fn a_loop_is_over_what_it_is_written_over() {
        check("fn f() { for a in &self.b {} }", 1, 10, Some("&self.b"));
    }

    #[test]
    fn what_does_not_parse_has_none() {
        check("fn f( { a.lock(); }", 1, 11, None);
    }
}
