//! Painting: the picture of a layout, with title and legend.

use std::fmt::Write;

use super::layout::Layout;
use super::packing::layout;
use super::plate::{self, Plate};
use super::point::{Line, Point, Rect};
use super::selection::Selection;
use crate::chart::{Arrow, Chart, Node, Verdict};
use crate::words;

/// The room around everything.
const MARGIN: f64 = 28.0;

/// The room for the title above and the legend below the graph.
const TITLE: f64 = 44.0;
const LEGEND: f64 = 58.0;

/// The least width: that of the legend.
const LEAST: f64 = 640.0;

/// The looks of orders, one row each, as the legend shows them.
const LOOKS: &[Look] = &[
    Look {
        verdict: Verdict::Guilty,
        name: "guilty",
        meaning: "cycle, can deadlock",
        colour: "#c62828",
        style: "stroke-width=\"2.6\"",
    },
    Look {
        verdict: Verdict::Innocent,
        name: "innocent",
        meaning: "cycle, innocent",
        colour: "#3f6fb0",
        style: "stroke-width=\"1.6\" stroke-dasharray=\"6 4\"",
    },
    Look {
        verdict: Verdict::Plain,
        name: "plain",
        meaning: "order",
        colour: "#7a8290",
        style: "stroke-width=\"1.2\"",
    },
];

/// How an order is drawn.
struct Look {
    verdict: Verdict,
    name: &'static str,
    meaning: &'static str,
    colour: &'static str,
    style: &'static str,
}

/// How wide a character of the note below the legend is.
const NOTE_CHARACTER: f64 = 7.4;

const FONT: &str =
    "ui-monospace, 'DejaVu Sans Mono', 'Liberation Mono', Menlo, Consolas, monospace";

/// The picture of the selected part of a chart.
pub(super) fn picture(chart: &Chart<'_>, selection: &Selection) -> String {
    let plates: Vec<Plate> = nodes(chart, selection).map(Plate::new).collect();
    let sizes: Vec<(f64, f64)> = plates
        .iter()
        .map(|one| (one.width, plate::HEIGHT))
        .collect();
    let layout = layout(&sizes, &ends(chart, selection));
    let note = note(selection.left_out(chart));
    let width = layout
        .width
        .max(LEAST)
        .max(plate::width(&note, NOTE_CHARACTER))
        + 2.0 * MARGIN;
    let height = layout.height + TITLE + LEGEND + 2.0 * MARGIN;
    let mut svg = frame(width, height);
    title(&mut svg, chart);
    graph(&mut svg, chart, selection, &layout, &plates);
    legend(&mut svg, height, &note);
    svg.push_str("</svg>\n");
    svg
}

fn nodes<'a>(chart: &'a Chart<'a>, selection: &'a Selection) -> impl Iterator<Item = &'a Node<'a>> {
    selection.nodes.iter().map(|&node| &chart.nodes[node])
}

fn arrows<'a>(
    chart: &'a Chart<'a>,
    selection: &'a Selection,
) -> impl Iterator<Item = &'a Arrow<'a>> {
    selection.arrows.iter().map(|&arrow| &chart.arrows[arrow])
}

/// The ends of the selected orders, as places in the selection.
fn ends(chart: &Chart<'_>, selection: &Selection) -> Vec<(usize, usize)> {
    let place = |class: &usize| {
        let place = selection.nodes.binary_search(class);
        place.expect("both ends of a selected order are selected")
    };
    arrows(chart, selection)
        .map(|arrow| (place(&arrow.edge.from), place(&arrow.edge.to)))
        .collect()
}

fn frame(width: f64, height: f64) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" font-family=\"{FONT}\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fcfcfa\"/>\n<defs>\n"
    );
    for look in LOOKS {
        let _ = writeln!(
            svg,
            "<marker id=\"{}\" markerUnits=\"userSpaceOnUse\" markerWidth=\"11\" markerHeight=\"9\" refX=\"10\" \
             refY=\"4.5\" orient=\"auto\"><path d=\"M0,0.5 L10.5,4.5 L0,8.5 z\" fill=\"{}\"/></marker>",
            look.name, look.colour
        );
    }
    svg.push_str("</defs>\n");
    svg
}

fn title(svg: &mut String, chart: &Chart<'_>) {
    let text = match chart.arrows.len() {
        0 => "no lock was taken while another was held".to_owned(),
        _ => format!(
            "lock order: {} between {}",
            words::count(words::length(&chart.arrows), "order", "orders"),
            words::count(
                words::length(&chart.nodes),
                "class of locks",
                "classes of locks"
            ),
        ),
    };
    let place = Point::new(MARGIN, MARGIN + 8.0);
    push_text(svg, place, 15, "#20242c", "font-weight=\"bold\"", &text);
}

fn graph(
    svg: &mut String,
    chart: &Chart<'_>,
    selection: &Selection,
    layout: &Layout,
    plates: &[Plate],
) {
    let _ = writeln!(
        svg,
        "<g transform=\"translate({MARGIN} {})\">",
        MARGIN + TITLE
    );
    // What matters most is drawn last, on top.
    let mut order: Vec<(&Arrow<'_>, &Line)> = arrows(chart, selection).zip(&layout.lines).collect();
    order.sort_by_key(|(arrow, _)| arrow.verdict);
    for (arrow, line) in order {
        push_arrow(svg, chart, arrow, line);
    }
    for ((node, rect), plate) in nodes(chart, selection).zip(&layout.boxes).zip(plates) {
        push_node(svg, node, rect, plate);
    }
    svg.push_str("</g>\n");
}

fn push_node(svg: &mut String, node: &Node<'_>, rect: &Rect, plate: &Plate) {
    let look = look(node.verdict);
    let (fill, text) = match node.verdict {
        Verdict::Guilty => ("#fdecea", look.colour),
        _ => ("#ffffff", "#20242c"),
    };
    let _ = writeln!(
        svg,
        "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"6\" fill=\"{fill}\" stroke=\"{}\" \
         stroke-width=\"1.4\"/>",
        rect.left(),
        rect.top(),
        rect.width,
        rect.height,
        look.colour
    );
    let middle = "text-anchor=\"middle\"";
    push_text(
        svg,
        rect.middle.moved(0.0, -3.0),
        13,
        text,
        middle,
        &plate.name,
    );
    push_text(
        svg,
        rect.middle.moved(0.0, 13.0),
        11,
        "#667080",
        middle,
        &plate.place,
    );
}

fn look(verdict: Verdict) -> &'static Look {
    let look = LOOKS.iter().find(|look| look.verdict == verdict);
    look.expect("every verdict has a look")
}

fn push_arrow(svg: &mut String, chart: &Chart<'_>, arrow: &Arrow<'_>, line: &Line) {
    let _ = writeln!(
        svg,
        "<path d=\"{}\" {}><title>{}</title></path>",
        path(line),
        stroke(look(arrow.verdict)),
        escape(&tip(chart, arrow))
    );
}

fn stroke(look: &Look) -> String {
    format!(
        "fill=\"none\" stroke=\"{}\" {} marker-end=\"url(#{})\"",
        look.colour, look.style, look.name
    )
}

fn path(line: &Line) -> String {
    let mut path = format!("M{:.1},{:.1}", line.start.x, line.start.y);
    for [first, second, end] in &line.parts {
        let _ = write!(
            path,
            " C{:.1},{:.1} {:.1},{:.1} {:.1},{:.1}",
            first.x, first.y, second.x, second.y, end.x, end.y
        );
    }
    path
}

/// What a viewer shows when the mouse rests on an order.
fn tip(chart: &Chart<'_>, arrow: &Arrow<'_>) -> String {
    let name = |class: usize| &chart.nodes[class].name;
    let mut tip = format!("{} → {}", name(arrow.edge.from), name(arrow.edge.to));
    if let Some(one) = arrow.edge.occurrences.first() {
        let _ = write!(tip, "\nholds {}\nasks at {}", one.held, one.acquired);
    }
    tip
}

/// What stands below the legend.
fn note(left_out: Option<String>) -> String {
    let note = "an arrow leads from the lock held to the lock asked for";
    let cut = left_out.map_or_else(String::new, |cut| format!("; {cut}"));
    format!("{note}{cut}")
}

fn legend(svg: &mut String, height: f64, note: &str) {
    let y = height - MARGIN - 22.0;
    let mut x = MARGIN;
    for look in LOOKS {
        let _ = writeln!(svg, "<path d=\"M{x:.1},{y:.1} h34\" {}/>", stroke(look));
        let place = Point::new(x + 42.0, y + 4.0);
        push_text(svg, place, 12, "#404652", "", look.meaning);
        x += 200.0;
    }
    let place = Point::new(MARGIN, y + 26.0);
    push_text(svg, place, 12, "#667080", "", note);
}

fn push_text(svg: &mut String, place: Point, size: u32, colour: &str, style: &str, text: &str) {
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"{size}\" fill=\"{colour}\" {style}>{}</text>",
        place.x,
        place.y,
        escape(text)
    );
}

/// Text as XML wants it; control characters, which it forbids, become a replacement character.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push(c),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
