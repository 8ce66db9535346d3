//! Plates: the text of a class, and how much room it takes.

use model::site::Site;

use crate::chart::Node;

/// How many characters a line of a plate has at most.
const LONGEST: usize = 42;

/// How wide a character of the first and second line is: a little more than monospaced fonts have.
const WIDTHS: [f64; 2] = [7.9, 6.8];

/// The room around the text.
const PADDING: f64 = 12.0;

/// How high every plate is.
pub(super) const HEIGHT: f64 = 44.0;

/// What stands in the box of a class.
pub(super) struct Plate {
    pub(super) name: String,
    pub(super) place: String,
    pub(super) width: f64,
}

impl Plate {
    pub(super) fn new(node: &Node<'_>) -> Self {
        let class = node.class;
        let site = class.created.as_ref().or(class.used.as_ref());
        let place = site.map(short_place);
        let (name, place) = match (&class.name, place) {
            (Some(name), Some(place)) => (name, format!("{} · {place}", class.kind)),
            (Some(name), None) => (name, class.kind.clone()),
            (None, place) => (&class.kind, place.unwrap_or_default()),
        };
        let (name, place) = (cut(name), cut(&place));
        let width = width(&name, WIDTHS[0]).max(width(&place, WIDTHS[1])) + 2.0 * PADDING;
        Self { name, place, width }
    }
}

/// The last two parts of the path, and the line.
fn short_place(site: &Site) -> String {
    let parts: Vec<&str> = site.file.rsplit(['/', '\\']).take(2).collect();
    let parts: Vec<&str> = parts.into_iter().rev().collect();
    format!("{}:{}", parts.join("/"), site.line)
}

/// The end of a text that is too long.
fn cut(text: &str) -> String {
    let count = text.chars().count();
    if count <= LONGEST {
        return text.to_owned();
    }
    let tail: String = text.chars().skip(count + 1 - LONGEST).collect();
    format!("…{tail}")
}

/// How wide a text is in characters of this width.
pub(super) fn width(text: &str, character: f64) -> f64 {
    let cells: u32 = text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum();
    f64::from(cells) * character
}

/// Whether a character takes two cells: roughly, East Asian scripts and pictures.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ffe6}' | '\u{1f300}'..='\u{3fffd}')
}
