//! Whether the current thread is in the destructor of what an `Arc` held.
//!
//! Whoever drops the last `Arc` comes after all that was done through the others. The standard library's count orders that
//! where nobody sees it, so an access from in there is never told as a race.

use std::fs;
use std::ops::Range;
#[cfg(feature = "explore")]
use std::sync::Arc;
use std::sync::{Mutex, OnceLock, PoisonError};

#[cfg(feature = "explore")]
use model::site::Caller;
use object::read::elf::{ElfFile64, ElfSymbol64};
use object::{Object as _, ObjectKind, ObjectSymbol as _, SymbolKind};
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::recorder::{backtraces, harness};

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

/// Whether a return address is in that function, where the symbols of the executable do not tell.
static KNOWN: Mutex<FxHashMap<usize, bool>> = Mutex::new(FxHashMap::with_hasher(FxBuildHasher));

/// Whether the last `Arc` of something is just being dropped.
#[cold]
pub(super) fn is_last_arc_dropped() -> bool {
    static FUNCTIONS: OnceLock<Option<Functions>> = OnceLock::new();
    let functions = FUNCTIONS.get_or_init(Functions::read).as_ref();
    let addresses = backtraces::addresses(usize::MAX);
    addresses.iter().any(|&address| {
        let told = functions.and_then(|functions| functions.drops_the_last(address));
        told.unwrap_or_else(|| is_named_so(address))
    })
}

/// The same by debug information, which is read once for each place.
fn is_named_so(address: usize) -> bool {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    *known.entry(address).or_insert_with(|| {
        let mut frames = backtraces::frames(address).into_iter();
        frames.any(|frame| frame.function.contains(DROPS_THE_LAST))
    })
}

/// Where functions of the executable are, by its symbols: debug information would take a second to read.
struct Functions {
    lowest: usize,
    highest: usize,
    /// Those that drop what the last `Arc` held.
    dropping: Vec<Range<usize>>,
}

impl Functions {
    fn read() -> Option<Self> {
        let executable = fs::read("/proc/self/exe").ok()?;
        let file: ElfFile64<'_> = ElfFile64::parse(&*executable).ok()?;
        // Only an executable of the dynamic kind can be loaded anywhere.
        let start = match file.kind() {
            ObjectKind::Dynamic => harness::start_of_executable()?,
            _ => 0,
        };
        let mut functions = Self {
            lowest: usize::MAX,
            highest: 0,
            dropping: Vec::new(),
        };
        let is_function = |symbol: &ElfSymbol64<'_, '_>| symbol.kind() == SymbolKind::Text;
        for symbol in file.symbols().filter(is_function) {
            let first = start + usize::try_from(symbol.address()).ok()?;
            let end = first + usize::try_from(symbol.size()).ok()?;
            functions.lowest = functions.lowest.min(first);
            functions.highest = functions.highest.max(end);
            if symbol
                .name()
                .is_ok_and(|name| name.contains(DROPS_THE_LAST))
            {
                functions.dropping.push(first..end);
            }
        }
        // One that has no such function has no symbols either, as far as that is to be known.
        (!functions.dropping.is_empty()).then_some(functions)
    }

    /// Whether a return address is in one of those; `None` if it is not of the executable.
    fn drops_the_last(&self, address: usize) -> Option<bool> {
        // It is that of the next instruction; the call is before it.
        let call = address.saturating_sub(1);
        let is_in = || self.dropping.iter().any(|range| range.contains(&call));
        (self.lowest..self.highest).contains(&call).then(is_in)
    }
}
