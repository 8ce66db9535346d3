//! Which orders of threads the runs of a test have shown together.

use std::fs;
use std::path::Path;

/// A map of bits; each run brings its own.
#[derive(Clone, Debug, Default)]
pub struct Orders(Vec<u8>);

impl Orders {
    /// The orders that the processes of a run have left in this folder.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let mut orders = Self::default();
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let is_ours = entry.file_name().to_string_lossy().starts_with("orders-");
            if let (true, Ok(bytes)) = (is_ours, fs::read(entry.path())) {
                orders.take_in(&Self(bytes));
            }
        }
        orders
    }

    /// The orders of a map.
    #[must_use]
    pub fn of(words: &[u64]) -> Self {
        Self(words.iter().flat_map(|word| word.to_le_bytes()).collect())
    }

    /// Adds the orders of a run. Returns how many of them are new.
    pub fn take_in(&mut self, run: &Self) -> u32 {
        if self.0.len() < run.0.len() {
            self.0.resize(run.0.len(), 0);
        }
        let mut new = 0;
        for (known, seen) in self.0.iter_mut().zip(&run.0) {
            new += (seen & !*known).count_ones();
            *known |= seen;
        }
        new
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.0.iter().map(|byte| byte.count_ones()).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Orders;

    #[test]
    fn only_what_is_new_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("orders-1"), [0b11, 0]).unwrap();
        fs::write(folder.path().join("orders-2"), [0b10, 1]).unwrap();
        fs::write(folder.path().join("it-1.json"), "{}").unwrap();
        let run = Orders::read(folder.path());
        assert_eq!(run.count(), 3);
        let mut all = Orders::default();
        assert_eq!(all.take_in(&run), 3);
        assert_eq!(all.take_in(&run), 0);
    }
}
