//! Where the threads of a process are that takes too long: asked of each, and named with the program's debug information.

use std::fs;
use std::path::Path;

use addr2line::Loader;
use model::finding::Frame;
use model::site::Site;

/// The calls that a thread is in, as addresses, innermost first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    /// The operating system's number of the thread.
    pub thread: u32,
    /// Addresses in the file of the program, innermost first; calls elsewhere are left out.
    pub calls: Vec<u64>,
}

/// The stacks that the threads of a process have written to this folder.
pub(crate) fn read(folder: &Path, process: u32, program: &Path) -> Vec<Stack> {
    let bytes = fs::read(folder.join(format!("stacks-{process}"))).unwrap_or_default();
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap_or_default();
    match extent(&maps, program) {
        Some(extent) => parse(&bytes, extent),
        None => Vec::new(),
    }
}

/// From where to where the program's file is loaded.
fn extent(maps: &str, program: &Path) -> Option<(u64, u64)> {
    let program = program.canonicalize().ok()?;
    let program = program.to_str()?;
    let mut ranges = maps
        .lines()
        .filter(|line| line.ends_with(program))
        .filter_map(|line| {
            let (start, end) = line.split(' ').next()?.split_once('-')?;
            let number = |text| u64::from_str_radix(text, 16).ok();
            Some((number(start)?, number(end)?))
        });
    let (start, end) = ranges.next()?;
    Some((start, ranges.next_back().map_or(end, |(_, end)| end)))
}

/// Words of the machine: a thread's number, how many calls, and these.
fn parse(bytes: &[u8], (start, end): (u64, u64)) -> Vec<Stack> {
    let words = bytes.chunks_exact(size_of::<usize>());
    let words: Vec<u64> = words
        .map(|word| {
            word.iter()
                .rev()
                .fold(0, |number, &byte| number << 8 | u64::from(byte))
        })
        .collect();
    let mut stacks = Vec::new();
    let mut rest = words.as_slice();
    while let [thread, length, calls @ ..] = rest {
        let length = usize::try_from(*length)
            .unwrap_or(usize::MAX)
            .min(calls.len());
        let inside = calls[..length]
            .iter()
            .filter(|call| (start..end).contains(call));
        stacks.push(Stack {
            thread: u32::try_from(*thread).unwrap_or_default(),
            calls: inside.map(|call| call - start).collect(),
        });
        rest = &calls[length..];
    }
    stacks
}

/// Names the calls of a program.
pub struct Names(Option<Loader>);

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Names").field(&self.0.is_some()).finish()
    }
}

/// Functions that are not the user's begin so, maybe after a `<`.
const NOT_THEIRS: &[&str] = &[
    "std::",
    "core::",
    "alloc::",
    "test::",
    "unsnarl::",
    "unsnarl_",
    "backtrace::",
    "__rust",
    "_start",
    "main",
];

/// The standard library's files, as the compiler names them in any program.
const COMPILERS: &str = "/rustc/";

/// What the compiler makes of a test executable's `main`.
const MAIN: &str = "::main";

impl Names {
    /// Those of the program in this file.
    #[must_use]
    pub fn of(program: &Path) -> Self {
        Self(Loader::new(program).ok())
    }

    /// The calls of a stack by name, innermost first, from the first one in the user's own code to the last. Files below
    /// `root` are named as seen from there.
    #[must_use]
    pub fn frames(&self, stack: &Stack, root: &Path) -> Vec<Frame> {
        let frames: Vec<Frame> = stack
            .calls
            .iter()
            .flat_map(|&call| self.frames_at(call, root))
            .collect();
        let is_theirs = |frame: &Frame| {
            let site = frame.site.as_ref();
            site.is_some_and(|site| !site.file.starts_with(COMPILERS)) && is_theirs(&frame.function)
        };
        let first = frames.iter().position(is_theirs);
        let last = frames.iter().rposition(is_theirs);
        match (first, last) {
            (Some(first), Some(last)) => frames[first..=last].to_vec(),
            _ => Vec::new(),
        }
    }

    fn frames_at(&self, call: u64, root: &Path) -> Vec<Frame> {
        let mut named = Vec::new();
        // The address is that of the next instruction; the call is before it.
        let found = self
            .0
            .as_ref()
            .and_then(|loader| loader.find_frames(call.saturating_sub(1)).ok());
        let Some(mut found) = found else { return named };
        while let Ok(Some(frame)) = found.next() {
            let function = frame
                .function
                .as_ref()
                .and_then(|name| name.demangle().ok());
            let site = frame.location.and_then(|place| {
                let file = Path::new(place.file?);
                let file = file.strip_prefix(root).unwrap_or(file);
                Some(Site::new(
                    file.to_string_lossy(),
                    place.line?,
                    place.column.unwrap_or(1).max(1),
                ))
            });
            let function =
                function.map_or_else(|| "?".to_owned(), |name| without_hash(&name).to_owned());
            named.push(Frame::new(function, site));
        }
        named
    }
}

fn is_theirs(function: &str) -> bool {
    let start = function.trim_start_matches(['<', '&']);
    !function.ends_with(MAIN) && !NOT_THEIRS.iter().any(|prefix| start.starts_with(prefix))
}

/// A name in the old mangling ends with a hash.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 => name,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::{Stack, extent, parse};

    #[test]
    fn stacks_are_read_as_they_are_written_and_cut_ones_as_far_as_they_go() {
        let words: [usize; 9] = [7, 3, 0x1010, 0x9999, 0x1020, 8, 9, 0x1030, 0x1040];
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let stack = |thread, calls: &[u64]| Stack {
            thread,
            calls: calls.to_vec(),
        };
        let read = parse(&bytes, (0x1000, 0x2000));
        assert_eq!(read, [stack(7, &[0x10, 0x20]), stack(8, &[0x30, 0x40])]);
        assert_eq!(parse(&[], (0, 1)), []);
    }

    #[test]
    fn a_program_reaches_from_its_first_part_to_its_last() {
        let program = std::env::current_exe().unwrap().canonicalize().unwrap();
        let name = program.display();
        let maps = format!(
            "1000-2000 r--p 0 x {name}\n2000-5000 r-xp 0 x {name}\n7000-8000 r-xp 0 x /lib/x.so\n"
        );
        assert_eq!(extent(&maps, &program), Some((0x1000, 0x5000)));
        assert_eq!(extent("", &program), None);
    }
}
