//! What one call says of the access that it begins: `with` and `with_mut` by their names, `get` by what is written around it.

use model::site::Site;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, ExprCall, File, Local, Macro, Pat, Token, UnOp};

/// What is done to a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It is read.
    Reads,
    /// It is written, or made a `&mut` of.
    Writes,
    /// It is one of the two.
    Touches,
    /// Nothing there, or something later.
    Unknown,
}

impl Use {
    /// What to say after the place.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Reads => ", and reads it",
            Self::Writes => ", and writes to it",
            Self::Touches => ", and uses it",
            Self::Unknown => "",
        }
    }
}

/// What the call says whose name begins here; `None` if there is none.
pub(super) fn find(file: &File, site: &Site) -> Option<Use> {
    let mut finder = Finder::new(site);
    finder.visit_file(file);
    finder.found
}

struct Finder<'ast, 'a> {
    site: &'a Site,
    /// The expressions around the one that is looked at, the innermost last.
    around: Vec<&'ast Expr>,
    found: Option<Use>,
}

impl<'a> Finder<'_, 'a> {
    fn new(site: &'a Site) -> Self {
        Self {
            site,
            around: Vec::new(),
            found: None,
        }
    }

    fn is_here(&self, name: &syn::Ident) -> bool {
        let start = name.span().start();
        (start.line, start.column + 1) == (self.site.line as usize, self.site.column as usize)
    }

    fn is_path_here(&self, path: &syn::Path) -> bool {
        path.segments
            .first()
            .is_some_and(|first| self.is_here(&first.ident))
    }

    /// The name of the call, if it is the one.
    fn name(&self, call: &Expr) -> Option<String> {
        match call {
            Expr::MethodCall(call) if self.is_here(&call.method) => Some(call.method.to_string()),
            Expr::Call(call) => match &*call.func {
                Expr::Path(path) if self.is_path_here(&path.path) => last_name(call),
                _ => None,
            },
            _ => None,
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'ast, '_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        if self.found.is_some() {
            return;
        }
        match self.name(expr).as_deref() {
            Some("with") => self.found = Some(Use::Reads),
            Some("with_mut") => self.found = Some(Use::Writes),
            Some("get") => self.found = Some(pointer(expr, &self.around)),
            _ => {
                self.around.push(expr);
                visit::visit_expr(self, expr);
                self.around.pop();
            }
        }
    }

    /// A pattern may borrow what it takes apart.
    fn visit_local(&mut self, local: &'ast Local) {
        visit::visit_local(self, local);
        let is_plain = match &local.pat {
            Pat::Ident(name) => name.by_ref.is_none(),
            Pat::Type(typed) => matches!(&*typed.pat, Pat::Ident(name) if name.by_ref.is_none()),
            Pat::Wild(_) => true,
            _ => false,
        };
        let is_direct = local.init.as_ref().is_some_and(|init| is_place(&init.expr));
        if self.found == Some(Use::Reads) && is_direct && !is_plain {
            self.found = Some(Use::Touches);
        }
    }

    /// Most macros take expressions, such as `assert_eq!(unsafe { *cell.get() }, 1)`.
    fn visit_macro(&mut self, mac: &'ast Macro) {
        let arguments = mac.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
        for argument in arguments.iter().flatten() {
            let mut inner = Finder::new(self.site);
            inner.visit_expr(argument);
            self.found = self.found.or(inner.found);
        }
    }
}

/// Whether it stands for a place and not for a value: `let ref mut a = *p` borrows it.
fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => is_place(&inner.expr),
        Expr::Field(field) => is_place(&field.base),
        Expr::Index(index) => is_place(&index.expr),
        Expr::Unary(unary) => matches!(unary.op, UnOp::Deref(_)),
        _ => false,
    }
}

/// What is done with a pointer, inside these expressions.
fn pointer(call: &Expr, around: &[&Expr]) -> Use {
    let mut inner = call;
    for (number, &outer) in around.iter().enumerate().rev() {
        match outer {
            Expr::Paren(_) | Expr::Group(_) | Expr::Cast(_) => {}
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => {
                return place(outer, &around[..number]);
            }
            Expr::MethodCall(call) if is(&call.receiver, inner) => {
                match call.method.to_string().as_str() {
                    "cast" | "cast_mut" | "cast_const" => {}
                    name => return operation(name, 0),
                }
            }
            Expr::Call(call) => {
                let argument = call.args.iter().position(|argument| is(argument, inner));
                let name = last_name(call).unwrap_or_default();
                return operation(&name, argument.unwrap_or(usize::MAX));
            }
            _ => return Use::Unknown,
        }
        inner = outer;
    }
    Use::Unknown
}

/// What the operation of this name on pointers does to its argument of this number.
fn operation(name: &str, argument: usize) -> Use {
    match (name, argument) {
        ("read" | "read_volatile" | "read_unaligned", 0) => Use::Reads,
        ("write" | "write_volatile" | "write_unaligned" | "write_bytes", 0)
        | ("replace" | "drop_in_place", 0)
        | ("swap", 0 | 1) => Use::Writes,
        _ => Use::Unknown,
    }
}

/// What is done to a place that a pointer stands for.
fn place(place: &Expr, around: &[&Expr]) -> Use {
    let mut inner = place;
    for &outer in around.iter().rev() {
        match outer {
            Expr::Paren(_) | Expr::Group(_) | Expr::Field(_) => {}
            Expr::Index(index) if is(&index.expr, inner) => {}
            Expr::Reference(reference) if reference.mutability.is_some() => return Use::Writes,
            Expr::RawAddr(_) => return Use::Unknown,
            Expr::Assign(assign) if is(&assign.left, inner) => return Use::Writes,
            Expr::Binary(binary) if is(&binary.left, inner) && assigns(&binary.op) => {
                return Use::Writes;
            }
            // It may be borrowed, in either way.
            Expr::MethodCall(call) if is(&call.receiver, inner) => return Use::Touches,
            Expr::Match(matched) if is(&matched.expr, inner) => return Use::Touches,
            Expr::Let(_) => return Use::Touches,
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => return Use::Touches,
            _ => return Use::Reads,
        }
        inner = outer;
    }
    Use::Reads
}

fn is(one: &Expr, other: &Expr) -> bool {
    std::ptr::eq(one, other)
}

fn assigns(op: &BinOp) -> bool {
    use BinOp::{
        AddAssign, BitAndAssign, BitOrAssign, BitXorAssign, DivAssign, MulAssign, RemAssign,
        ShlAssign, ShrAssign, SubAssign,
    };
    matches!(
        op,
        AddAssign(_)
            | SubAssign(_)
            | MulAssign(_)
            | DivAssign(_)
            | RemAssign(_)
            | BitXorAssign(_)
            | BitAndAssign(_)
            | BitOrAssign(_)
            | ShlAssign(_)
            | ShrAssign(_)
    )
}

/// The last name of the path that is called.
fn last_name(call: &ExprCall) -> Option<String> {
    match &*call.func {
        Expr::Path(path) => Some(path.path.segments.last()?.ident.to_string()),
        _ => None,
    }
}
