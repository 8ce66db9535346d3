//! Whether the current thread is in the destructor of what an `Arc` held.
//!
//! Whoever drops the last `Arc` comes after all that was done through the others. The standard library's count orders that
//! where nobody sees it, so an access from in there is never told as a race.

#[cfg(feature = "explore")]
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};

#[cfg(feature = "explore")]
use model::site::Caller;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::recorder::backtraces;

/// A chain of calls, as far as it can be told without a look at the stack: by the thread, which is the same in every
/// execution, the place of the innermost call, and how deep in the stack that is.
#[cfg(feature = "explore")]
pub(crate) type Chain = (u64, Caller, usize);

/// Chains of calls of one program, and whether they come from the destructor of what an `Arc` held.
#[cfg(feature = "explore")]
pub(crate) type Chains = Arc<Mutex<FxHashMap<Chain, bool>>>;

/// As [`is_last_arc_dropped`], which is asked once for each chain.
#[cfg(feature = "explore")]
pub(super) fn is_in(chains: &Chains, chain: Chain) -> bool {
    let mut chains = chains.lock().unwrap_or_else(PoisonError::into_inner);
    *chains.entry(chain).or_insert_with(is_last_arc_dropped)
}

/// The function of the standard library that destroys the value. It is never inlined.
const DROPS_THE_LAST: &str = "drop_slow";

/// Whether a return address is in that function.
static KNOWN: Mutex<FxHashMap<usize, bool>> = Mutex::new(FxHashMap::with_hasher(FxBuildHasher));

/// Whether the last `Arc` of something is just being dropped. Reads debug information, once for each place.
#[cold]
pub(super) fn is_last_arc_dropped() -> bool {
    let addresses = backtraces::addresses(usize::MAX);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    addresses.iter().any(|&address| {
        *known.entry(address).or_insert_with(|| {
            let mut frames = backtraces::frames(address).into_iter();
            frames.any(|frame| frame.function.contains(DROPS_THE_LAST))
        })
    })
}
