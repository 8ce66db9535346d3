//! Making a name of an expression: on one line, without what only passes the lock on, and short.

/// How many characters a name may have.
const LONGEST: usize = 40;

/// Calls that give the same lock again.
const TRANSPARENT: &[&str] = &[
    ".unwrap()",
    ".clone()",
    ".as_ref()",
    ".as_mut()",
    ".borrow()",
    ".deref()",
    ".iter()",
    ".into_iter()",
    ".try_iter()",
    ".await",
    "?",
];

/// Functions that give their argument's lock again.
const WRAPPING: &[&str] = &["Arc::clone", "Rc::clone", "Arc::as_ref", "Deref::deref"];

/// The name that an expression makes, if it is one that names something.
pub(super) fn name(expression: &str) -> Option<String> {
    let line = one_line(expression);
    let name = bare(&line);
    let is_name = name.starts_with(|c: char| c == '_' || c.is_alphabetic())
        && !["move ", "async ", "true", "false"]
            .iter()
            .any(|word| name.starts_with(word));
    is_name.then(|| short(name))
}

/// Without line breaks, and without blanks around the dots of a chain.
fn one_line(text: &str) -> String {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"));
    let mut joined = String::new();
    for word in lines.flat_map(str::split_whitespace) {
        let is_glued = word.starts_with(['.', ')', ']', '?', ','])
            || joined.ends_with(['.', '(', '['])
            || joined.is_empty();
        if !is_glued {
            joined.push(' ');
        }
        joined.push_str(word);
    }
    joined
}

/// Without borrows, dereferences, parentheses and calls around it that give the same lock again.
fn bare(text: &str) -> &str {
    let mut name = text.trim();
    loop {
        let before = name.len();
        name = name.trim_start_matches(['*', '&']).trim_start();
        name = name.strip_prefix("mut ").unwrap_or(name);
        name = TRANSPARENT
            .iter()
            .fold(name, |name, call| name.strip_suffix(call).unwrap_or(name));
        name = without_expect(name);
        name = unwrapped(name);
        if name.len() == before {
            return name;
        }
    }
}

fn without_expect(name: &str) -> &str {
    match name.rfind(".expect(\"") {
        Some(at) if name.ends_with("\")") => &name[..at],
        _ => name,
    }
}

/// What stands in the parentheses that enclose all of it.
fn unwrapped(name: &str) -> &str {
    let inner = WRAPPING
        .iter()
        .find_map(|function| name.strip_prefix(function))
        .unwrap_or(name);
    match inner
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
    {
        Some(inside) if is_balanced(inside) => inside,
        _ => name,
    }
}

fn is_balanced(text: &str) -> bool {
    let mut depth = 0_i32;
    for c in text.chars() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// At most [`LONGEST`] characters: first without the arguments of calls, then without its beginning.
fn short(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    let name = without_arguments(name);
    let count = name.chars().count();
    if count <= LONGEST {
        return name;
    }
    let tail: String = name.chars().skip(count + 1 - LONGEST).collect();
    let cut = tail.find(['.', ':']).unwrap_or(0);
    format!("…{}", &tail[cut..])
}

/// With `…` in place of what stands in the outermost parentheses.
fn without_arguments(name: &str) -> String {
    let mut depth = 0_usize;
    let mut text = String::new();
    for c in name.chars() {
        depth -= usize::from(c == ')' && depth > 0);
        match depth {
            0 => text.push(c),
            _ if text.ends_with('(') => text.push('…'),
            _ => {}
        }
        depth += usize::from(c == '(');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, name};

    fn check(expression: &str, expected: Option<&str>) {
        let found = name(expression);
        assert_eq!(found.as_deref(), expected);
        assert!(found.is_none_or(|name| name.chars().count() <= LONGEST));
    }

    #[test]
    fn long_arguments_are_left_out() {
        check(
            "STATE.get_or_init(|| Mutex::new(State::load(path).unwrap_or_default()))",
            Some("STATE.get_or_init(…)"),
        );
        check(
            "self.the_registry_of_everything().find(|entry| entry.key == key)",
            Some("….the_registry_of_everything().find(…)"),
        );
    }

    #[test]
    fn a_long_chain_keeps_its_end() {
        check(
            "self.configuration.subsystems.accounting.ledger.entries",
            Some("….subsystems.accounting.ledger.entries"),
        );
    }

    #[test]
    fn one_word_that_is_too_long_is_cut() {
        let long = "a".repeat(60);
        let cut = format!("…{}", "a".repeat(39));
        check(&long, Some(&cut));
    }

    #[test]
    fn parentheses_that_do_not_enclose_it_all_stay() {
        check("f(a).g(b)", Some("f(a).g(b)"));
        check("((a))", Some("a"));
        check("(a).b(c)", None);
    }

    #[test]
    fn literals_and_closures_name_nothing() {
        check("1", None);
        check("\"a\"", None);
        check("move || 1", None);
        check("|x| x", None);
        check("", None);
    }
}
