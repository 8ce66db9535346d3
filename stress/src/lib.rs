//! The stress half of unsnarl: noise in a test process, and campaigns of many such processes.
//!
//! Noise is a pure function: a [`plan`](plan::Plan), which is a [`policy`] and a seed, says for every
//! [`point`](point::Point) of a run what disturbs it. So the same plan disturbs the same places again, as far as the
//! threads come by them in the same numbers.

#[cfg(feature = "campaign")]
pub mod bandit;
#[cfg(feature = "campaign")]
pub mod campaign;
#[cfg(feature = "campaign")]
pub mod child;
#[cfg(feature = "campaign")]
pub mod ending;
#[cfg(feature = "campaign")]
pub mod history;
#[cfg(feature = "campaign")]
pub mod orders;
#[cfg(feature = "campaign")]
pub mod orphans;
#[cfg(feature = "campaign")]
pub mod rate;
#[cfg(feature = "campaign")]
pub mod replays;
#[cfg(feature = "campaign")]
pub mod schedule;
#[cfg(feature = "campaign")]
pub mod shard;
#[cfg(feature = "campaign")]
pub mod stacks;
#[cfg(feature = "campaign")]
mod standstill;
#[cfg(feature = "campaign")]
pub mod subject;
#[cfg(feature = "campaign")]
mod system;
#[cfg(feature = "campaign")]
pub mod tally;

pub mod dump;
pub mod fault;
pub mod mix;
pub mod plan;
pub mod point;
pub mod policy;
pub mod rounds;
