//! Names as numbers, in the order in which they appear.

use rustc_hash::FxHashMap;

/// Names of one kind of thing.
#[derive(Debug, Default)]
pub struct Names {
    order: Vec<Box<[u8]>>,
    known: FxHashMap<Box<[u8]>, u32>,
}

impl Names {
    /// The number of a name, from 0; a new one gets the next.
    #[inline]
    pub fn number(&mut self, name: &[u8]) -> u32 {
        match self.known.get(name) {
            Some(&number) => number,
            None => self.add(name),
        }
    }

    /// Gives a number its name.
    pub fn set(&mut self, number: u32, name: &[u8]) {
        /// More than any trace has: a number beyond it is a mistake.
        const MOST: usize = 1 << 28;
        let number = number as usize;
        if number >= MOST {
            return;
        }
        if self.order.len() <= number {
            self.order.resize(number + 1, Box::default());
        }
        self.order[number] = name.into();
    }

    /// The name of a number; empty if it has none.
    #[must_use]
    pub fn name(&self, number: u32) -> String {
        let name = self.order.get(number as usize);
        name.map_or_else(String::new, |name| {
            String::from_utf8_lossy(name).into_owned()
        })
    }

    /// How many names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    #[cold]
    fn add(&mut self, name: &[u8]) -> u32 {
        let number =
            u32::try_from(self.order.len()).expect("a trace names fewer than 4 billion things");
        self.order.push(name.into());
        self.known.insert(name.into(), number);
        number
    }
}
