//! The light way to a receiver: a scan of the text around the site, without a parser.

use crate::source::file::{is_identifier, path_length};

/// How far back an expression may begin.
const REACH: usize = 2000;

/// Words that end an expression on its left.
const KEYWORDS: &[&str] = &[
    "as", "break", "dyn", "else", "if", "in", "let", "loop", "match", "move", "mut", "ref",
    "return", "unsafe", "while", "yield",
];

/// What the call at this byte is made on: the receiver of a method, else the first argument, else what a loop is over,
/// else the place itself.
pub(super) fn receiver(text: &str, at: usize) -> Option<String> {
    if let Some(head) = text[at..].strip_prefix("for ") {
        return looped_over(head).map(str::to_owned);
    }
    let before = skip_blank(&text[..at]);
    match before.strip_suffix('.') {
        Some(rest) if !rest.ends_with('.') => expression_before(rest).map(str::to_owned),
        _ => operand(&text[at..]).map(str::to_owned),
    }
}

/// The expression in the head of a loop, from its pattern on.
fn looped_over(head: &str) -> Option<&str> {
    let (_, rest) = head.split_once(" in ")?;
    let (expression, _) = rest.split_once('{')?;
    Some(expression.trim())
}

/// The operand of a function call, a `*`, or a place that is read at once.
fn operand(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['*', '&']);
    let rest = &text[path_length(text)..];
    match rest.chars().next() {
        Some('(') => argument(&rest[1..]),
        Some('!') | None => None,
        _ => place(text),
    }
}

/// The first argument in an argument list that begins here.
fn argument(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().take(REACH) {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' | ',' if depth == 0 => return Some(text[..at].trim()),
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// A path and its fields, up to the method that is called on it.
fn place(text: &str) -> Option<&str> {
    let mut end = path_length(text);
    while let Some(rest) = text[end..].strip_prefix('.') {
        let length = path_length(rest);
        if length == 0 || rest[length..].starts_with(['(', ':']) {
            break;
        }
        end += 1 + length;
    }
    Some(&text[..end]).filter(|place| !place.is_empty())
}

/// The longest chain of names, calls and indices that ends a text.
fn expression_before(text: &str) -> Option<&str> {
    let text = skip_blank(text);
    let mut rest = text;
    loop {
        rest = operand_before(rest)?;
        let before = skip_blank(rest);
        let Some(link) = strip_link(before) else {
            break;
        };
        rest = link;
    }
    Some(text[rest.len()..].trim()).filter(|text| !text.is_empty())
}

/// Without the `.` or `::` that links an operand to what stands before it.
fn strip_link(text: &str) -> Option<&str> {
    let field = text.strip_suffix('.').filter(|rest| !rest.ends_with('.'));
    field.or_else(|| text.strip_suffix("::"))
}

/// Without the name, call, index or group at its end.
fn operand_before(text: &str) -> Option<&str> {
    let mut rest = skip_blank(text).trim_end_matches('?');
    while rest.ends_with([')', ']']) {
        rest = skip_blank(group_before(rest)?).trim_end_matches('?');
        rest = rest.strip_suffix('!').unwrap_or(rest);
    }
    let name = rest.trim_end_matches(is_identifier);
    let is_keyword = KEYWORDS.contains(&&rest[name.len()..]);
    let end = if is_keyword { rest } else { name };
    Some(end).filter(|end| end.len() < text.len())
}

/// Without the balanced brackets at its end.
fn group_before(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().rev().take(REACH) {
        match c {
            ')' | ']' | '}' => depth += 1,
            '(' | '[' | '{' if depth == 1 => return Some(&text[..at]),
            '(' | '[' | '{' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Without blanks and whole-line comments at its end.
fn skip_blank(text: &str) -> &str {
    let mut rest = text.trim_end();
    loop {
        let start = rest.rfind('\n').map_or(0, |at| at + 1);
        if !rest[start..].trim_start().starts_with("//") {
            return rest;
        }
        rest = rest[..start].trim_end();
    }
}

#[cfg(test)]
mod tests {
    use super::receiver;
    use crate::names::tidy;

    /// The site is marked with `^`.
    fn check(marked: &str, name: Option<&str>) {
        let at = marked.find('^').unwrap();
        let text = marked.replace('^', "");
        let found = receiver(&text, at).and_then(|text| tidy::name(&text));
        assert_eq!(found.as_deref(), name, "{marked}");
    }

    #[test]
    fn a_chain_of_fields_calls_and_indices_is_the_receiver() {
        check(
            "let a = self.accounts[i].^lock().unwrap();",
            Some("self.accounts[i]"),
        );
        check("x.^lock()", Some("x"));
        check(
            "if let Ok(g) = self.pool().^try_lock() {",
            Some("self.pool()"),
        );
        check("a.b(f(1, (2)))[3].c.^lock()", Some("a.b(f(1, (2)))[3].c"));
        check("return x.^lock();", Some("x"));
        check("for g in rx.^iter()", Some("rx"));
        check("crate::state::GLOBAL.^lock()", Some("crate::state::GLOBAL"));
        check("x.0.^lock()", Some("x.0"));
    }

    #[test]
    fn what_only_passes_the_lock_on_is_left_out() {
        check("(*self.inner).^lock()", Some("self.inner"));
        check("(&**a).^lock()", Some("a"));
        check("weak.upgrade().unwrap().^lock()", Some("weak.upgrade()"));
        check(
            "weak.upgrade().expect(\"gone\").^lock()",
            Some("weak.upgrade()"),
        );
        check("get(x)?.^lock()", Some("get(x)"));
        check("Arc::clone(&shared).^lock()", Some("shared"));
        check("shared.clone().^lock()", Some("shared"));
    }

    #[test]
    fn a_chain_may_span_lines_and_comments() {
        check(
            "let g = self\n    .accounts\n    // the first\n    .^lock()",
            Some("self.accounts"),
        );
        check(
            "self.map\n    .get(&key)\n    .unwrap()\n    .^lock()",
            Some("self.map.get(&key)"),
        );
    }

    #[test]
    fn a_function_names_its_first_argument() {
        check("^Mutex::lock(&x).unwrap()", Some("x"));
        check("^lock(&mut self.a[f(1)], 2)", Some("self.a[f(1)]"));
        check("^thread::spawn(move || 1)", None);
        check("^scope(|s| 1)", None);
        check("^now()", None);
        check("^vec![1]", None);
    }

    #[test]
    fn a_place_that_is_read_names_itself() {
        check("let n = ^CONFIG.len();", Some("CONFIG"));
        check("let n = ^self.config.len();", Some("self.config"));
        check("let n = ^*CONFIG;", Some("CONFIG"));
    }

    #[test]
    fn a_loop_names_what_it_is_over() {
        check("^for m in inbox {", Some("inbox"));
        check("^for (a, b) in &self.jobs.rx {", Some("self.jobs.rx"));
        check("^for m in rx.iter() {", Some("rx"));
    }

    #[test]
    fn a_condition_variable_is_the_receiver_of_its_wait() {
        check("let g = cv.^wait(guard).unwrap();", Some("cv"));
        check(
            "let g = self.cv.^wait_while(guard, |x| *x)",
            Some("self.cv"),
        );
    }

    #[test]
    fn what_cannot_be_read_has_no_name() {
        check("^", None);
        check(".^lock()", None);
        check(")).^lock()", None);
        check("\"x\".^lock()", None);
        check("1..^lock()", None);
        check("unsafe { &X }.^lock()", None);
    }
}
