//! Pictures: nothing overlaps, nothing sticks out, nothing takes long.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use model::finding::{Certainty, Finding, Object};
use model::graph::{Class, Edge, Innocent};
use model::report::Report;
use model::site::Site;
use unsnarl_render::{dot, svg};

/// A small random number generator (xorshift), so that the graphs are the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

const WORDS: &[&str] = &[
    "self.accounts",
    "ledger",
    "self.pool.inner",
    "CONFIG",
    "cache.shards[i]",
    "log",
    "self.state",
    "registry.entries",
    "q",
    "connections",
];

/// A graph like those of programs: most orders follow one order, some do not.
pub(crate) fn random(seed: u64, nodes: usize, edges: usize) -> Report {
    let mut random = Random(seed * 7919 + 13);
    let mut report = Report::new();
    let class = |number: usize| {
        let name = format!("{}_{number}", WORDS[number % WORDS.len()]);
        let line = u32::try_from(number).unwrap();
        Class::new(
            "Mutex",
            Some(name),
            Some(Site::new("src/bank.rs", line, 9)),
            None,
        )
    };
    report.graph.classes = (0..nodes).map(class).collect();
    let mut known = HashSet::new();
    for _ in 0..edges {
        let (a, b) = (random.below(nodes), random.below(nodes));
        let is_against = random.below(15) == 0;
        let (from, to) = if is_against {
            (a.max(b), a.min(b))
        } else {
            (a.min(b), a.max(b))
        };
        if known.insert((from, to)) {
            report.graph.edges.push(Edge::new(from, to));
        }
    }
    report
}

/// Left, top, right, bottom of the boxes, after the background; and the size of the picture.
fn boxes(svg: &str) -> (Vec<[f64; 4]>, f64, f64) {
    let number = |line: &str, name: &str| -> f64 {
        let rest = line.split(&format!(" {name}=\"")).nth(1).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let offset = svg.split("<g transform=\"translate(").nth(1).unwrap();
    let (x, rest) = offset.split_once(' ').unwrap();
    let y: f64 = rest.split(')').next().unwrap().parse().unwrap();
    let x: f64 = x.parse().unwrap();
    let boxes = svg
        .lines()
        .filter(|line| line.starts_with("<rect x="))
        .map(|line| {
            let (left, top) = (number(line, "x") + x, number(line, "y") + y);
            [
                left,
                top,
                left + number(line, "width"),
                top + number(line, "height"),
            ]
        });
    let head = svg.lines().next().unwrap();
    (
        boxes.collect(),
        number(head, "width"),
        number(head, "height"),
    )
}

fn check(report: &Report, nodes: usize) {
    let svg = svg::graph(report);
    let (boxes, width, height) = boxes(&svg);
    assert_eq!(boxes.len(), nodes);
    for (number, a) in boxes.iter().enumerate() {
        assert!(
            a[0] >= 0.0 && a[1] >= 0.0 && a[2] <= width && a[3] <= height,
            "{a:?}"
        );
        for b in &boxes[..number] {
            let is_apart = a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
            assert!(is_apart, "{a:?} {b:?}\n{svg}");
        }
    }
    check_lines(&svg, &boxes, width, height);
}

/// No line runs through a box, and none leaves the picture.
fn check_lines(svg: &str, boxes: &[[f64; 4]], width: f64, height: f64) {
    let offset = (28.0, 72.0);
    for line in svg
        .lines()
        .filter(|line| line.starts_with("<path d=\"M") && line.contains("<title>"))
    {
        let path = line.split('"').nth(1).unwrap();
        for [x, y] in points(path).map(|[x, y]| [x + offset.0, y + offset.1]) {
            assert!(x >= 0.0 && y >= 0.0 && x <= width && y <= height, "{line}");
            let hit = boxes
                .iter()
                .find(|a| x > a[0] + 0.2 && x < a[2] - 0.2 && y > a[1] + 0.2 && y < a[3] - 0.2);
            assert!(hit.is_none(), "{x} {y} in {hit:?}: {line}\n{svg}");
        }
    }
}

/// Points along a path of cubic curves.
fn points(path: &str) -> impl Iterator<Item = [f64; 2]> {
    let numbers: Vec<f64> = path
        .split(|c: char| !c.is_ascii_digit() && c != '.' && c != '-')
        .filter_map(|text| text.parse().ok())
        .collect();
    let corners: Vec<[f64; 2]> = numbers.chunks(2).map(|pair| [pair[0], pair[1]]).collect();
    let parts: Vec<[[f64; 2]; 4]> = (0..corners.len() / 3)
        .map(|part| [0, 1, 2, 3].map(|at| corners[part * 3 + at]))
        .collect();
    parts.into_iter().flat_map(|part| {
        (0..=20).map(move |step| {
            let t = f64::from(step) / 20.0;
            let s = 1.0 - t;
            let weights = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
            [0, 1].map(|axis| (0..4).map(|at| weights[at] * part[at][axis]).sum())
        })
    })
}

#[test]
fn no_boxes_of_random_graphs_overlap_and_no_line_runs_through_one() {
    for seed in 1..200 {
        let nodes = 1 + Random(seed * 104_729).below(30);
        let edges = Random(seed * 1_299_709).below(2 * nodes + 1);
        check(&random(seed, nodes, edges), nodes);
    }
}

#[test]
fn dense_graphs_are_drawn_in_time() {
    let start = Instant::now();
    check(&random(1, 30, 400), 30);
    check(&random(2, 60, 150), 60);
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn nothing_one_lock_and_a_lock_with_itself_are_drawn() {
    check(&Report::new(), 0);
    check(&random(1, 1, 0), 1);
    let mut report = random(1, 1, 0);
    report.graph.edges = vec![Edge::new(0, 0)];
    check(&report, 1);
    assert!(svg::graph(&Report::new()).contains("no lock was taken while another was held"));
}

#[test]
fn a_hundred_thousand_orders_are_cut_and_the_picture_says_so() {
    let report = random(3, 1000, 100_000);
    let start = Instant::now();
    let svg = svg::graph(&report);
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
    assert!(svg.contains("drawn: 60 of 1000 classes, "));
    check(&report, 60);
    assert!(dot::graph(&report).lines().count() > report.graph.edges.len());
}

#[test]
fn names_from_anywhere_keep_the_picture_well_formed() {
    let mut report = random(1, 3, 4);
    report.graph.classes[0].name = Some("<a href=\"x\">&'\u{1}\u{1b}[31m".into());
    report.graph.classes[1].name = Some("鍵".repeat(60));
    let svg = svg::graph(&report);
    assert!(svg.contains("&lt;a href=&quot;x&quot;&gt;&amp;"));
    assert!(!svg.contains('\u{1b}'));
    check(&report, 3);
}

/// Writes pictures to look at: `LOOK=folder cargo test -p unsnarl-render --all-features pictures`.
#[test]
fn pictures_to_look_at() {
    let Ok(folder) = std::env::var("LOOK") else {
        return;
    };
    for (seed, nodes, edges) in [
        (1, 30, 45),
        (2, 30, 70),
        (3, 12, 14),
        (4, 80, 240),
        (6, 30, 100),
        (5, 30, 29),
    ] {
        let report = with_cycles(random(seed, nodes, edges));
        let path = format!("{folder}/{nodes}-{edges}.svg");
        std::fs::write(path, svg::graph(&report)).unwrap();
    }
}

/// With a finding and an innocent cycle for orders that run against the others.
fn with_cycles(mut report: Report) -> Report {
    let against: Vec<(usize, usize)> = report
        .graph
        .edges
        .iter()
        .filter(|edge| edge.from > edge.to)
        .map(|edge| (edge.from, edge.to))
        .collect();
    let mut finding = Finding::new("lock-order-cycle", Certainty::Potential, "");
    for (number, &(from, to)) in against.iter().enumerate() {
        report.graph.edges.push(Edge::new(to, from));
        if number % 2 == 1 {
            report
                .graph
                .innocent
                .push(Innocent::new(vec![from, to], "", vec![]));
        } else if number == 0 {
            let name = |class: usize| report.graph.classes[class].name.clone();
            finding.objects = [from, to]
                .map(|class| Object::new("Mutex", name(class), None, vec![]))
                .to_vec();
        }
    }
    report.findings.push(finding);
    report
}
