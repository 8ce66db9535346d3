//! The choices that followed from one step, each with the option it took: what depth-first search does with them.

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Forks {
    /// How many options there are, and which was taken.
    path: Vec<(usize, usize)>,
    depth: usize,
}

impl Forks {
    /// The step is taken again.
    pub(super) fn begin(&mut self) {
        self.depth = 0;
    }

    /// The option of the next choice.
    pub(super) fn choose(&mut self, count: usize) -> usize {
        if self.depth == self.path.len() {
            self.path.push((count, 0));
        }
        let (_, option) = self.path[self.depth];
        self.depth += 1;
        // In a program that is not deterministic, there may be fewer options than last time.
        option.min(count - 1)
    }

    /// There were no more choices than those.
    pub(super) fn end(&mut self) {
        self.path.truncate(self.depth);
    }

    /// Goes on to the next combination of options. `false` if there is none.
    pub(super) fn advance(&mut self) -> bool {
        while let Some((count, option)) = self.path.last_mut() {
            *option += 1;
            if option < count {
                return true;
            }
            self.path.pop();
        }
        false
    }
}
