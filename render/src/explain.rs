//! What the kinds of bug mean, for `cargo unsnarl explain`.

use model::slug::{SLUGS, Slug};

/// How wide a line of an explanation may be.
const WIDTH: usize = 80;

/// One kind of bug: what it means, what happens, what usually cures it.
///
/// ```
/// # use unsnarl_render as render;
/// let slug = model::slug::find("deadlock").unwrap();
/// assert!(render::explain::slug(slug).starts_with("deadlock: "));
/// ```
#[must_use]
pub fn slug(slug: &Slug) -> String {
    format!(
        "{}: {}\n\n{}\n\nhelp: {}\n",
        slug.name,
        slug.meaning,
        wrap(slug.explanation, WIDTH),
        wrap(slug.cure, WIDTH - "help: ".len()).replace('\n', "\n      "),
    )
}

/// Every kind of bug with its meaning, a line each.
#[must_use]
pub fn all() -> String {
    let width = SLUGS.iter().map(|slug| slug.name.len()).max().unwrap_or(0);
    SLUGS
        .iter()
        .map(|slug| format!("{:width$}  {}\n", slug.name, slug.meaning))
        .collect()
}

/// Fills lines anew; an empty line separates paragraphs.
fn wrap(text: &str, width: usize) -> String {
    let paragraphs: Vec<String> = text.split("\n\n").map(|one| fill(one, width)).collect();
    paragraphs.join("\n\n")
}

fn fill(paragraph: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in paragraph.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use model::slug::SLUGS;

    use super::{WIDTH, all, slug};

    #[test]
    fn every_kind_of_bug_is_explained_within_the_width() {
        for row in SLUGS {
            let text = slug(row);
            let first = text.lines().next().unwrap().len();
            assert!(
                text.lines()
                    .all(|line| line.chars().count() <= WIDTH.max(first))
            );
            assert!(text.contains("\nhelp: "), "{text}");
            assert!(all().contains(row.meaning));
        }
    }
}
