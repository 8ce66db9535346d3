//! Numbers that look random and are the same every time.

/// A number in which every bit depends on every bit of both, after the finaliser of SplitMix64 (Steele, Lea and Flood,
/// "Fast splittable pseudorandom number generators", OOPSLA 2014).
#[must_use]
pub const fn mix(a: u64, b: u64) -> u64 {
    let mut z = a ^ b.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The same for a text.
#[must_use]
pub fn mix_text(seed: u64, text: &str) -> u64 {
    text.bytes()
        .fold(seed, |seed, byte| mix(seed, u64::from(byte)))
}

/// Draws numbers, one after the other, from one that looks random.
#[derive(Clone, Copy, Debug)]
pub struct Draw(u64);

impl Draw {
    /// Draws from this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next_number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0, 0)
    }

    /// A number below `limit`; 0 if there is none.
    pub fn below(&mut self, limit: u64) -> u64 {
        let wide = u128::from(self.next_number()) * u128::from(limit);
        u64::try_from(wide >> 64).unwrap_or_default()
    }

    /// Whether something happens that happens `times` in `of` times.
    pub fn happens(&mut self, times: u64, of: u64) -> bool {
        self.below(of) < times
    }

    /// A number from `low` to below `low << doublings`, each doubling as likely as the other: as many short ones as long.
    pub fn doubling(&mut self, low: u64, doublings: u32) -> u64 {
        let power = self.below(u64::from(doublings));
        let base = low << power;
        base + self.below(base)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Draw;

    proptest! {
        #[test]
        fn drawn_numbers_stay_in_their_range(seed: u64, limit in 1_u64.., low in 1_u64..1_000_000) {
            let mut draw = Draw::new(seed);
            prop_assert!(draw.below(limit) < limit);
            let number = draw.doubling(low, 8);
            prop_assert!((low..low << 8).contains(&number));
        }
    }

    #[test]
    fn likelihoods_are_kept() {
        let mut draw = Draw::new(1);
        let times = (0..10_000).filter(|_| draw.happens(1, 4)).count();
        assert!((2_300..2_700).contains(&times), "{times}");
    }
}
