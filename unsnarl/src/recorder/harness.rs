//! Whether a thread runs a test of the standard test harness: told by the symbol table of the executable.
//!
//! Naming addresses through the debug information gives the same answer some hundred milliseconds later.

use std::fs;

use object::read::elf::ElfFile64;
use object::{Object as _, ObjectKind, ObjectSymbol as _};

/// Whether one of these return addresses lies in the test harness. `None` if the symbols do not tell, or are not there.
pub(super) fn is_called_from(addresses: &[usize]) -> Option<bool> {
    let executable = fs::read("/proc/self/exe").ok()?;
    let file: ElfFile64<'_> = ElfFile64::parse(&*executable).ok()?;
    // Only an executable of the dynamic kind can be loaded anywhere.
    let start = if file.kind() == ObjectKind::Dynamic {
        start_of_executable()?
    } else {
        0
    };
    // A return address is that of the next instruction; the call is before it.
    let relative = |address: &usize| u64::try_from(address.checked_sub(start + 1)?).ok();
    let addresses: Vec<u64> = addresses.iter().filter_map(relative).collect();
    let mut is_known = false;
    for symbol in file.symbols() {
        let range = symbol.address()..symbol.address() + symbol.size();
        if addresses.iter().any(|address| range.contains(address)) {
            is_known = true;
            if symbol.name().is_ok_and(is_of_harness) {
                return Some(true);
            }
        }
    }
    is_known.then_some(false)
}

/// Where the executable was loaded.
pub(super) fn start_of_executable() -> Option<usize> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    let executable = fs::read_link("/proc/self/exe").ok()?;
    let line = maps
        .lines()
        .find(|line| line.ends_with(&*executable.to_string_lossy()))?;
    usize::from_str_radix(line.split_once('-')?.0, 16).ok()
}

/// Whether a mangled name is one of the crate `test`, in either of Rust's manglings: legacy (`_ZN4test…`) or v0, where
/// the root of a crate is `Cs`, a hash, `_`, and its name.
fn is_of_harness(name: &str) -> bool {
    name.starts_with("_ZN4test")
        || name.match_indices("_4test").any(|(place, _)| {
            let hash =
                name[..place].trim_end_matches(|character: char| character.is_ascii_alphanumeric());
            name[hash.len()..place].contains("Cs")
        })
}

#[cfg(test)]
mod tests {
    use super::is_of_harness;

    #[test]
    fn only_the_crate_test_is_the_harness() {
        for (name, expected) in [
            ("_RNvCs4TyY8BcKQ2d_4test8run_test", true),
            ("_ZN4test8run_test17h0123456789abcdefE", true),
            ("_RNvNtCs4TyY8BcKQ2d_7mycrate4test6helper", false),
            ("_ZN7mycrate4test6helper17h0123456789abcdefE", false),
            ("_RNvNtNtCsjrHSEGnQ3l9_3std6thread5spawn", false),
        ] {
            assert_eq!(is_of_harness(name), expected, "{name}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_test_knows_that_it_is_one() {
        let mut addresses = Vec::new();
        backtrace::trace(|frame| {
            addresses.push(frame.ip() as usize);
            true
        });
        assert_eq!(super::is_called_from(&addresses), Some(true));
        assert_eq!(super::is_called_from(&addresses[..2]), Some(false));
    }
}
