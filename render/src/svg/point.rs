//! Points, boxes and lines of a picture.

/// A point; `x` to the right, `y` down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// A box, by its middle and its size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rect {
    pub(super) middle: Point,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A line of cubic curves: where it starts, and two control points and an end for each part.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) start: Point,
    pub(super) parts: Vec<[Point; 3]>,
}

impl Point {
    pub(super) fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    pub(super) fn moved(self, x: f64, y: f64) -> Self {
        Self::new(self.x + x, self.y + y)
    }

    pub(super) fn flipped(self) -> Self {
        Self::new(self.y, self.x)
    }
}

impl Rect {
    pub(super) fn left(&self) -> f64 {
        self.middle.x - self.width / 2.0
    }

    pub(super) fn top(&self) -> f64 {
        self.middle.y - self.height / 2.0
    }

    pub(super) fn moved(self, x: f64, y: f64) -> Self {
        Self {
            middle: self.middle.moved(x, y),
            ..self
        }
    }

    pub(super) fn flipped(self) -> Self {
        Self {
            middle: self.middle.flipped(),
            width: self.height,
            height: self.width,
        }
    }
}

impl Line {
    pub(super) fn new(start: Point) -> Self {
        Self {
            start,
            parts: Vec::new(),
        }
    }

    /// Goes straight on to a point.
    pub(super) fn straight(&mut self, end: Point) {
        let start = self.end();
        if start != end {
            self.parts.push([start, end, end]);
        }
    }

    /// Goes on to a point in a curve that leaves and arrives along `y`.
    pub(super) fn curve(&mut self, end: Point) {
        let start = self.end();
        let middle = f64::midpoint(start.y, end.y);
        let (first, second) = (Point::new(start.x, middle), Point::new(end.x, middle));
        self.parts.push([first, second, end]);
    }

    pub(super) fn end(&self) -> Point {
        self.parts.last().map_or(self.start, |part| part[2])
    }

    /// The same line from its end to its start.
    pub(super) fn reversed(&self) -> Self {
        let mut line = Self::new(self.end());
        let starts = self.parts.iter().map(|part| part[2]);
        let starts: Vec<Point> = std::iter::once(self.start).chain(starts).collect();
        for (part, &start) in self.parts.iter().zip(&starts).rev() {
            line.parts.push([part[1], part[0], start]);
        }
        line
    }

    pub(super) fn map(&self, change: impl Fn(Point) -> Point) -> Self {
        Self {
            start: change(self.start),
            parts: self.parts.iter().map(|part| part.map(&change)).collect(),
        }
    }
}
