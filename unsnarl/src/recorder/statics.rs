//! The statics of a program: whether a test has changed one; and, where a test runs many times, what they began with.
//!
//! Told by the symbols of the executable: a static of a crate that is neither the standard library's nor part of unsnarl.
//! One that the program's own allocator counts in does not count as changed.

use std::fs;
use std::hash::Hasher as _;
use std::hint::black_box;
use std::ops::Range;

use object::elf::PT_GNU_RELRO;
use object::read::elf::{ElfFile64, ElfSection64, ElfSymbol64, ProgramHeader as _};
use object::{
    Object as _, ObjectKind, ObjectSection as _, ObjectSymbol as _, SectionKind, SymbolKind,
};
use rustc_hash::FxHasher;

use super::harness::start_of_executable;

/// Crates whose statics are none of the test's: they begin so. Those that unsnarl is made of have tables that are filled
/// at their first use.
const NOT_THEIRS: &[&str] = &[
    "std",
    "core",
    "alloc",
    "test",
    "panic_unwind",
    "unsnarl",
    "backtrace",
    "gimli",
    "addr2line",
    "object",
    "memchr",
    "rustc_demangle",
    "corosensei",
    "compiler_builtins",
    "hashbrown",
    "adler2",
    "annotate_snippets",
    "anstyle",
    "cfg_if",
    "getopts",
    "libc",
    "miniz_oxide",
    "rustc_hash",
    "scopeguard",
    "serde_core",
    "smallvec",
    "std_detect",
    "unicode_width",
];

/// Statics larger than this together are not looked at: it would take too long.
const LIMIT: usize = 16 * 1024 * 1024;

/// What the statics of the program hold, but for those that its allocator counts in.
pub(super) struct Statics {
    places: Vec<(usize, usize)>,
    digest: u64,
    /// Whether there are such, which are not looked at.
    pub(super) has_counts: bool,
}

impl Statics {
    /// As they are now; `None` if the program does not tell.
    pub(super) fn now() -> Option<Self> {
        let all = places()?;
        let size: usize = all.iter().map(|(_, size)| size).sum();
        (size <= LIMIT).then(|| {
            let places = without_counts(&all);
            Self {
                digest: digest(&places),
                has_counts: places.len() < all.len(),
                places,
            }
        })
    }

    /// Whether they hold what they held.
    pub(super) fn are_unchanged(&self) -> bool {
        digest(&self.places) == self.digest
    }
}

/// What the statics of the program began with.
///
/// Sound only where nothing of the program has run before they are kept, and nobody uses them while they are put back.
/// Then what is kept is what the compiler has put there, which owns no memory; whatever a static has come to own
/// meanwhile is leaked, as statics never drop what they own.
#[cfg(feature = "explore")]
#[derive(Debug)]
pub(crate) struct Beginning(Vec<(usize, Box<[u8]>)>);

#[cfg(feature = "explore")]
impl Beginning {
    /// What they hold now; `None` if the program does not tell where they are.
    ///
    /// # Safety
    ///
    /// Nothing of the program has run yet, and nothing of it runs while [`put_back`](Self::put_back) is called.
    pub(crate) unsafe fn keep() -> Option<Self> {
        let keep = |(address, size): (usize, usize)| {
            let place = std::ptr::with_exposed_provenance(address);
            // SAFETY: the executable's symbols say that a static is there, and the caller that nobody writes to it.
            (
                address,
                unsafe { std::slice::from_raw_parts(place, size) }.into(),
            )
        };
        Some(Self(places()?.into_iter().map(keep).collect()))
    }

    /// Puts it back.
    pub(crate) fn put_back(&self) {
        for (address, bytes) in &self.0 {
            let place = std::ptr::with_exposed_provenance_mut::<u8>(*address);
            // SAFETY: the executable's symbols say that a static of this size is there; whoever kept this has promised
            // that nobody uses it now.
            unsafe { place.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        }
    }
}

/// Where they are, and how large.
fn places() -> Option<Vec<(usize, usize)>> {
    let executable = fs::read("/proc/self/exe").ok()?;
    let file: ElfFile64<'_> = ElfFile64::parse(&*executable).ok()?;
    let start = if file.kind() == ObjectKind::Dynamic {
        start_of_executable()?
    } else {
        0
    };
    let is_writable = |section: &ElfSection64<'_, '_>| {
        matches!(
            section.kind(),
            SectionKind::Data | SectionKind::UninitializedData
        )
    };
    let sections: Vec<_> = file
        .sections()
        .filter(is_writable)
        .map(|section| section.index())
        .collect();
    let frozen = frozen(&file);
    let is_static = |symbol: &ElfSymbol64<'_, '_>| {
        symbol.kind() == SymbolKind::Data
            && !frozen.iter().any(|range| range.contains(&symbol.address()))
            && symbol
                .section_index()
                .is_some_and(|index| sections.contains(&index))
    };
    let mut is_named = false;
    let mut places = Vec::new();
    for symbol in file.symbols().filter(is_static) {
        let Some(owner) = symbol.name().ok().and_then(crate_of) else {
            continue;
        };
        is_named = true;
        if !NOT_THEIRS.contains(&owner) && !owner.starts_with("unsnarl_") {
            let address = usize::try_from(symbol.address()).ok()?;
            places.push((start + address, usize::try_from(symbol.size()).ok()?));
        }
    }
    is_named.then_some(places)
}

/// What can be written only until the program begins, such as statics that refer to others.
fn frozen(file: &ElfFile64<'_>) -> Vec<Range<u64>> {
    let endian = file.endian();
    let headers = file.elf_program_headers().iter();
    let frozen = headers.filter(|header| header.p_type(endian) == PT_GNU_RELRO);
    frozen
        .map(|header| {
            let start = header.p_vaddr(endian);
            start..start + header.p_memsz(endian)
        })
        .collect()
}

/// Those that stay as they are when memory is taken and given back. An allocator of the program's own may count in the
/// others, and then each round changes them, whatever its test does.
fn without_counts(places: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let digests = || -> Vec<u64> {
        let each = places.iter().map(std::slice::from_ref);
        each.map(digest).collect()
    };
    let before = digests();
    let mut taken: Vec<u8> = Vec::with_capacity(64);
    black_box(&mut taken).reserve_exact(4096);
    drop(black_box((taken, vec![0_u8; 4096])));
    // More memory is taken now than before, too.
    let after = digests();
    let is_steady = before
        .iter()
        .zip(&after)
        .map(|(before, after)| before == after);
    let both = places.iter().zip(is_steady);
    both.filter_map(|(&place, is_steady)| is_steady.then_some(place))
        .collect()
}

fn digest(places: &[(usize, usize)]) -> u64 {
    let mut hasher = FxHasher::default();
    for &(address, size) in places {
        for byte in address..address + size {
            // SAFETY: the executable's symbols say that a static is there, as long as the program runs. Others may write
            // to it meanwhile, which changes the digest; a volatile read makes nothing else of it.
            hasher
                .write_u8(unsafe { std::ptr::with_exposed_provenance::<u8>(byte).read_volatile() });
        }
    }
    hasher.finish()
}

/// The crate that a mangled name is of, in either of Rust's manglings: legacy (`_ZN6mycrate…`) or v0, where the root of a
/// crate is `Cs`, a hash, `_`, and its name.
fn crate_of(name: &str) -> Option<&str> {
    if let Some(rest) = name.strip_prefix("_ZN") {
        return identifier(rest);
    }
    let rest = name.strip_prefix("_R")?;
    let root = rest.find("Cs")?;
    let (_hash, rest) = rest[root..].split_once('_')?;
    identifier(rest)
}

/// A name after its length.
fn identifier(text: &str) -> Option<&str> {
    let digits = text.find(|character: char| !character.is_ascii_digit())?;
    let length: usize = text[..digits].parse().ok()?;
    // In v0 an underscore parts a name from its length, where it begins with a digit or an underscore.
    text[digits..].get(..length)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::crate_of;

    #[test]
    fn a_name_tells_its_crate() {
        for (name, expected) in [
            ("_ZN6bank_x4LOCK17h0123456789abcdefE", Some("bank_x")),
            ("_RNvCs4TyY8BcKQ2d_4bank4LOCK", Some("bank")),
            ("_RNvNvNtCsjrHSEGnQ3l9_3std6thread5spawn4MIN", Some("std")),
            ("environ", None),
        ] {
            assert_eq!(crate_of(name), expected, "{name}");
        }
    }

    #[test]
    fn digests_tell_a_change() {
        static ONE: AtomicU8 = AtomicU8::new(0);
        let places = [(std::ptr::from_ref(&ONE).expose_provenance(), 1)];
        let before = super::digest(&places);
        assert_eq!(super::digest(&places), before);
        ONE.store(1, Ordering::SeqCst);
        assert_ne!(super::digest(&places), before);
    }

    #[test]
    #[cfg(feature = "explore")]
    fn what_a_static_began_with_can_be_put_back() {
        static ONE: AtomicU8 = AtomicU8::new(1);
        let address = std::ptr::from_ref(&ONE).expose_provenance();
        let beginning = super::Beginning(vec![(address, [1].into())]);
        ONE.store(2, Ordering::SeqCst);
        beginning.put_back();
        assert_eq!(ONE.load(Ordering::SeqCst), 1);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_statics_of_this_program_are_read() {
        let statics = super::Statics::now().unwrap();
        assert!(statics.are_unchanged());
    }
}
