//! Shapes of lock-order graphs, without cycles, in a fixed pseudo-random order.

/// A graph and the order in which its edges appear.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) locks: u32,
    pub(crate) edges: Vec<(u32, u32)>,
}

impl Shape {
    /// Pairs of any two locks, from the earlier to the later of a hidden order.
    pub(crate) fn random(locks: u32, edges: usize) -> Self {
        let mut random = Random(1);
        let ids = random.permutation(locks);
        let mut pair = || {
            let (one, other) = (random.below(locks), random.below(locks - 1));
            let other = if other < one { other } else { other + 1 };
            (one.min(other), one.max(other))
        };
        let edges = (0..edges).map(|_| pair()).collect();
        Self { locks, edges }.renamed(&ids)
    }

    /// Like the layers of a program: few locks around everything, the others near each other in a hidden order.
    pub(crate) fn layered(locks: u32) -> Self {
        const HUBS: u32 = 16;
        const RANGE: u32 = 32;
        const SHORT_EDGES: u32 = 2;
        let mut random = Random(2);
        let ids = random.permutation(locks);
        let mut edges = Vec::new();
        for lock in HUBS..locks {
            edges.push((random.below(HUBS), lock));
            for _ in 0..SHORT_EDGES {
                let later = lock + 1 + random.below(RANGE);
                if later < locks {
                    edges.push((lock, later));
                }
            }
        }
        edges.sort_unstable();
        edges.dedup();
        random.shuffle(&mut edges);
        Self { locks, edges }.renamed(&ids)
    }

    /// The same shape, where the order of the numbers says nothing.
    fn renamed(mut self, ids: &[u32]) -> Self {
        for (from, to) in &mut self.edges {
            (*from, *to) = (ids[*from as usize], ids[*to as usize]);
        }
        self
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below a bound.
    fn below(&mut self, bound: u32) -> u32 {
        (((self.next() >> 32) * u64::from(bound)) >> 32) as u32
    }

    fn shuffle<T>(&mut self, values: &mut [T]) {
        for place in (1..values.len()).rev() {
            values.swap(place, self.below(place as u32 + 1) as usize);
        }
    }

    fn permutation(&mut self, count: u32) -> Vec<u32> {
        let mut numbers: Vec<u32> = (0..count).collect();
        self.shuffle(&mut numbers);
        numbers
    }
}
