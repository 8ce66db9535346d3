//! Rounds: runs of a test in one process, one after the other, each under a plan of its own. Starting a process takes
//! longer than most tests.
//!
//! A campaign names the plans in [`VARIABLE`]; the process does one after the other as long as a round leaves nothing
//! behind, and keeps for each of them a [`Round`] in a file of [`file_name`].

use std::fmt;
use std::str::FromStr;

use crate::plan::Plan;

/// The variable that names the plans.
pub const VARIABLE: &str = "UNSNARL_ROUNDS";

/// Words of 64 bits in a map of orders.
pub const ORDERS: usize = 64;

/// How many bytes a round takes in the file.
const LENGTH: usize = 8 * (2 + ORDERS);

/// The file in which a process keeps its rounds, in the folder of its report.
#[must_use]
pub fn file_name(process: u32) -> String {
    format!("rounds-{process}")
}

/// The plans of a process, and who asks for them: what the process starts in its turn is not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The number of the process that runs the campaign.
    pub campaign: u32,
    /// One for each round.
    pub plans: Vec<Plan>,
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.campaign)?;
        self.plans.iter().try_for_each(|plan| write!(f, " {plan}"))
    }
}

impl FromStr for Wish {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut words = text.split(' ');
        let campaign = words.next().and_then(|word| word.parse().ok()).ok_or(())?;
        let plans = words.map(|word| word.parse().map_err(drop));
        Ok(Self {
            campaign,
            plans: plans.collect::<Result<_, _>>()?,
        })
    }
}

/// How a round went that came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// How long it took, in microseconds.
    pub micros: u64,
    /// Whether it left everything as it was, so that another one can follow.
    pub is_clean: bool,
    /// Whether the program's allocator counts in statics, so that a round does not find them as it would in a process of
    /// its own. Known of a test's first process only.
    pub has_counts: bool,
    /// The orders of threads that it has shown, as a map of bits.
    pub orders: [u64; ORDERS],
}

impl Round {
    /// As it is kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let marks = u64::from(self.is_clean) | u64::from(self.has_counts) << 1;
        let head = [self.micros, marks];
        let words = head.iter().chain(&self.orders);
        words.flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Those that a file holds; one that is cut off is left out.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Vec<Self> {
        bytes.chunks_exact(LENGTH).map(Self::of).collect()
    }

    fn of(bytes: &[u8]) -> Self {
        let word = |place: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[8 * place..8 * place + 8]);
            u64::from_le_bytes(word)
        };
        Self {
            micros: word(0),
            is_clean: word(1) & 1 != 0,
            has_counts: word(1) & 2 != 0,
            orders: std::array::from_fn(|place| word(2 + place)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ORDERS, Round, Wish};

    #[test]
    fn a_wish_comes_back_from_its_words() {
        let wish = Wish {
            campaign: 7,
            plans: ["plain:0", "sleeps:4+faults"]
                .map(|word| word.parse().unwrap())
                .into(),
        };
        assert_eq!(wish.to_string().parse(), Ok(wish));
        for text in ["", "x plain:0", "7 naps:1"] {
            assert!(text.parse::<Wish>().is_err(), "{text}");
        }
    }

    #[test]
    fn rounds_come_back_and_a_cut_one_is_left_out() {
        let round = |micros| Round {
            micros,
            is_clean: micros % 2 == 0,
            has_counts: micros == 3,
            orders: [micros; ORDERS],
        };
        let mut bytes: Vec<u8> = [3, 4]
            .into_iter()
            .flat_map(|micros| round(micros).to_bytes())
            .collect();
        assert_eq!(Round::read(&bytes), [round(3), round(4)]);
        bytes.pop();
        assert_eq!(Round::read(&bytes), [round(3)]);
    }
}
