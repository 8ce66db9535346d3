//! As much of XML Schema as a schema of JUnit uses: elements, which others stand in them, and their attributes.
//!
//! Children may come in any order and number, as every group of that schema that we write repeats itself.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// The elements that a schema declares at its top.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) elements: BTreeMap<String, Element>,
}

/// What an element may hold.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) children: BTreeSet<String>,
    /// Whether each must be there.
    pub(super) attributes: BTreeMap<String, bool>,
    pub(super) has_text: bool,
}

impl Element {
    pub(super) fn required(&self) -> impl Iterator<Item = &String> {
        let attributes = self.attributes.iter();
        attributes.filter_map(|(name, &is_required)| is_required.then_some(name))
    }
}

impl Schema {
    pub(super) fn read(text: &str) -> Self {
        let mut schema = Self::default();
        let mut reader = Reader::from_str(text);
        let (mut depth, mut current) = (0, String::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(node) => {
                    schema.add(&node, depth, &mut current);
                    depth += 1;
                }
                Event::Empty(node) => schema.add(&node, depth, &mut current),
                Event::End(_) => depth -= 1,
                Event::Eof => return schema,
                _ => {}
            }
        }
    }

    /// Takes in a node of the schema, so deep in it. `current` is the element that is being declared.
    fn add(&mut self, node: &BytesStart<'_>, depth: usize, current: &mut String) {
        let said = attributes(node);
        let is_text = said.get("type").is_some_and(|one| one == "xs:string")
            || said.get("mixed").is_some_and(|one| one == "true");
        if depth == 1 {
            // A type by itself is no element: what it says is kept under no name.
            let is_element = name(node) == "xs:element";
            *current = said
                .get("name")
                .filter(|_| is_element)
                .cloned()
                .unwrap_or_default();
        }
        if current.is_empty() {
            return;
        }
        let element = self.elements.entry(current.clone()).or_default();
        match (name(node).as_str(), depth) {
            ("xs:element", 1) | ("xs:complexType", _) => element.has_text |= is_text,
            ("xs:element", _) => drop(element.children.insert(said["ref"].clone())),
            ("xs:attribute", _) => {
                let is_required = said.get("use").is_some_and(|one| one == "required");
                element.attributes.insert(said["name"].clone(), is_required);
            }
            _ => {}
        }
    }
}

pub(super) fn name(node: &BytesStart<'_>) -> String {
    String::from_utf8(node.name().as_ref().to_vec()).unwrap()
}

pub(super) fn attributes(node: &BytesStart<'_>) -> BTreeMap<String, String> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let attributes = node.attributes().map(Result::unwrap);
    attributes
        .map(|one| (text(one.key.as_ref()), text(&one.value)))
        .collect()
}
