//! The name of what is made at a site: `let a = Arc::new(Mutex::new(0))` makes `a`.

use crate::source::file::is_identifier;

/// Words that may stand before a name that is bound.
const BINDERS: &[&str] = &["let ", "mut ", "static ", "const ", "pub ", "ref "];

/// The name that the value made at this byte is bound to, on the same line.
pub(super) fn name(text: &str, at: usize) -> Option<&str> {
    let line = &text[..at];
    let line = &line[line.rfind('\n').map_or(0, |at| at + 1)..];
    let before = outside_calls(line.trim_end());
    match before.strip_suffix('=') {
        Some(left) => bound(left),
        None => field(before.strip_suffix(':')?),
    }
}

/// Without the beginnings of calls such as `Arc::new(` at its end.
fn outside_calls(text: &str) -> &str {
    let mut rest = text;
    while let Some(inner) = rest.strip_suffix('(') {
        rest = inner.trim_end_matches(|c| is_identifier(c) || c == ':');
        rest = rest.trim_end();
    }
    rest
}

fn bound(left: &str) -> Option<&str> {
    let mut name = left.trim();
    while let Some(rest) = BINDERS.iter().find_map(|word| name.strip_prefix(word)) {
        name = rest.trim_start();
    }
    let name = name.split(':').next()?.trim();
    Some(name).filter(|name| !name.is_empty() && name.chars().all(is_identifier))
}

fn field(left: &str) -> Option<&str> {
    let start = left.trim_end_matches(is_identifier).len();
    Some(&left[start..]).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::name;

    fn check(marked: &str, expected: Option<&str>) {
        let at = marked.find('^').unwrap();
        assert_eq!(name(&marked.replace('^', ""), at), expected, "{marked}");
    }

    #[test]
    fn bindings_statics_and_fields_name_what_they_hold() {
        check("let a = ^Mutex::new(0);", Some("a"));
        check(
            "    let mut a: Arc<_> = Arc::new(^Mutex::new(0));",
            Some("a"),
        );
        check("pub static LOG: Mutex<u8> = ^Mutex::new(0);", Some("LOG"));
        check("Bank { accounts: ^Mutex::new(0)", Some("accounts"));
        check("self.a = ^Mutex::new(0)", None);
        check("push(^Mutex::new(0))", None);
        check("^Mutex::new(0)", None);
        check("vec![^Mutex::new(0)]", None);
    }
}
