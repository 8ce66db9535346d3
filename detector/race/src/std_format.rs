//! The text format STD of the RAPID tools, one event a line, with operations of our own beside theirs.
//!
//! ```text
//! T0|w(x)|12
//! ```
//!
//! | operation | meaning |
//! |---|---|
//! | `r(x)` `w(x)` | reads, writes value `x` |
//! | `acq(l)` `rel(l)` | has got lock `l`, gives it back |
//! | `fork(T)` `join(T)` | starts thread `T`, has seen it end |
//! | `begin` `end` | the thread begins, ends |
//! | `dummy` | nothing |
//! | `try(l)` | has got lock `l` by trying, and would not have waited for it |
//! | `acqr(l)` `relr(l)` | has got lock `l` together with other readers, gives it back |
//! | `load(a,O)` `store(a,O)` `rmw(a,O)` | reads, writes, reads and writes atomic `a` with ordering `O`: `rlx`, `acq`, `rel`, `acqrel`, `sc` |
//! | `fence(O)` | a fence |
//! | `send(c)` `recv(c)` | sends, receives the next message of channel `c` |
//! | `arrive(b)` `leave(b)` | arrives at a meeting of threads, leaves it |

use std::io::BufRead;
use std::sync::atomic::Ordering;

use crate::error::{Error, ErrorKind};
use crate::event::{Event, Op};
use crate::names::Names;

/// The names in a trace.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Dictionary {
    /// Threads.
    pub threads: Names,
    /// Values.
    pub values: Names,
    /// Locks.
    pub locks: Names,
    /// Places in the source.
    pub sites: Names,
    atomics: Names,
    channels: Names,
    meetings: Names,
}

/// Reads events, one after the other.
#[derive(Debug)]
pub struct StdReader<R> {
    input: R,
    line: Vec<u8>,
    number: u64,
    names: Dictionary,
}

impl<R: BufRead> StdReader<R> {
    /// A reader at the beginning of a trace.
    #[must_use]
    pub fn new(input: R) -> Self {
        Self {
            input,
            line: Vec::new(),
            number: 0,
            names: Dictionary::default(),
        }
    }

    /// The next event; `None` at the end.
    ///
    /// # Errors
    ///
    /// If the next line is no event. What comes after it is not known to make sense.
    #[inline]
    pub fn next_event(&mut self) -> Result<Option<Event>, Error> {
        loop {
            self.line.clear();
            self.number += 1;
            let read = self.input.read_until(b'\n', &mut self.line);
            let read = read.map_err(|source| Error::new(self.number, ErrorKind::Read(source)))?;
            if read == 0 {
                return Ok(None);
            }
            let line = trim(&self.line);
            if line.is_empty() {
                continue;
            }
            match parse(line, self.number, &mut self.names) {
                Ok(Some(event)) => return Ok(Some(event)),
                Ok(None) => {}
                Err(_) if !self.line.ends_with(b"\n") => {
                    return Err(Error::new(self.number, ErrorKind::Truncated));
                }
                Err(kind) => return Err(Error::new(self.number, kind)),
            }
        }
    }

    /// The number of the line read last, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.number
    }

    /// The names read.
    #[must_use]
    pub fn into_names(self) -> Dictionary {
        self.names
    }

    /// The names read so far.
    #[must_use]
    pub fn names(&self) -> &Dictionary {
        &self.names
    }
}

#[inline]
fn trim(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.trim_ascii()
}

#[inline]
fn parse(line: &[u8], number: u64, names: &mut Dictionary) -> Result<Option<Event>, ErrorKind> {
    let (thread, rest) = split(line, b'|').ok_or(ErrorKind::Shape)?;
    let bar = rest.iter().rposition(|&byte| byte == b'|');
    let (operation, site) = rest.split_at(bar.ok_or(ErrorKind::Shape)?);
    let thread = thread.trim_ascii();
    if thread.is_empty() {
        return Err(ErrorKind::Shape);
    }
    let (name, operand) = split_operand(operation.trim_ascii())?;
    let Some(op) = parse_op(name, operand, names)? else {
        return Ok(None);
    };
    let thread = names.threads.number(thread);
    let site = names.sites.number(site[1..].trim_ascii());
    Ok(Some(Event::new(thread, op, site, number)))
}

#[inline]
fn split(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = bytes.iter().position(|&byte| byte == at)?;
    Some((&bytes[..place], &bytes[place + 1..]))
}

/// `name(operand)` or `name`.
#[inline]
fn split_operand(operation: &[u8]) -> Result<(&[u8], &[u8]), ErrorKind> {
    match split(operation, b'(') {
        None => Ok((operation, &[])),
        Some((name, rest)) => match rest.strip_suffix(b")") {
            Some(operand) => Ok((name, operand)),
            None => Err(ErrorKind::Shape),
        },
    }
}

fn parse_op(name: &[u8], operand: &[u8], names: &mut Dictionary) -> Result<Option<Op>, ErrorKind> {
    let needs_none = matches!(name, b"begin" | b"end" | b"dummy");
    if operand.is_empty() && !needs_none && KNOWN.contains(&name) {
        return Err(ErrorKind::NoOperand(text(name)));
    }
    Ok(Some(match name {
        b"r" => Op::Read(names.values.number(operand)),
        b"w" => Op::Write(names.values.number(operand)),
        b"acq" => Op::Acquire(names.locks.number(operand)),
        b"try" => Op::AcquireTry(names.locks.number(operand)),
        b"rel" => Op::Release(names.locks.number(operand)),
        b"fork" => Op::Fork(names.threads.number(operand)),
        b"join" => Op::Join(names.threads.number(operand)),
        b"begin" => Op::Begin,
        b"end" => Op::End,
        b"dummy" => return Ok(None),
        b"acqr" => Op::AcquireShared(names.locks.number(operand)),
        b"relr" => Op::ReleaseShared(names.locks.number(operand)),
        b"load" => with_order(operand, names, Op::Load)?,
        b"store" => with_order(operand, names, Op::Store)?,
        b"rmw" => with_order(operand, names, Op::Update)?,
        b"fence" => Op::Fence(order(operand)?),
        b"send" => Op::Send(names.channels.number(operand)),
        b"recv" => Op::Receive(names.channels.number(operand)),
        b"arrive" => Op::Arrive(names.meetings.number(operand)),
        b"leave" => Op::Leave(names.meetings.number(operand)),
        _ => return Err(ErrorKind::UnknownOperation(text(name))),
    }))
}

/// The operations that need an operand.
const KNOWN: &[&[u8]] = &[
    b"r", b"w", b"acq", b"rel", b"fork", b"join", b"acqr", b"relr", b"load", b"store", b"rmw",
    b"fence", b"try", b"send", b"recv", b"arrive", b"leave",
];

/// `atomic,ordering`.
fn with_order(
    operand: &[u8],
    names: &mut Dictionary,
    op: fn(u32, Ordering) -> Op,
) -> Result<Op, ErrorKind> {
    let comma = operand.iter().rposition(|&byte| byte == b',');
    let comma = comma.ok_or_else(|| ErrorKind::UnknownOrdering(String::new()))?;
    let order = order(&operand[comma + 1..])?;
    Ok(op(
        names.atomics.number(operand[..comma].trim_ascii()),
        order,
    ))
}

fn order(name: &[u8]) -> Result<Ordering, ErrorKind> {
    Ok(match name.trim_ascii() {
        b"rlx" => Ordering::Relaxed,
        b"acq" => Ordering::Acquire,
        b"rel" => Ordering::Release,
        b"acqrel" => Ordering::AcqRel,
        b"sc" => Ordering::SeqCst,
        _ => return Err(ErrorKind::UnknownOrdering(text(name))),
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::StdReader;

    /// What the reader says, one line each; the last is the error, if any.
    fn check(text: &str, expected: &Expect) {
        let mut reader = StdReader::new(text.as_bytes());
        let mut said = Vec::new();
        loop {
            match reader.next_event() {
                Ok(Some(event)) => {
                    let thread = reader.names().threads.name(event.thread);
                    let site = reader.names().sites.name(event.site);
                    said.push(format!("{thread} {:?} {site}", event.op));
                }
                Ok(None) => break,
                Err(error) => {
                    said.push(error.to_string());
                    break;
                }
            }
        }
        expected.assert_eq(&said.join("\n"));
    }

    #[test]
    fn every_operation_is_read() {
        check(
            "T0|w(V2.3[0])|12\nT1|r(V2.3[0])|a.rs:3\r\n\n T0|fork(T1)|1\nT0|begin|\nT0|dummy(9)|1\nT0|load(a,acq)|7",
            &expect![[r"
                T0 Write(0) 12
                T1 Read(0) a.rs:3
                T0 Fork(1) 1
                T0 Begin 
                T0 Load(0, Acquire) 7"]],
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        check(
            "T0|w(x)|1\nT0|swap(x)|2\n",
            &expect![[r"
            T0 Write(0) 1
            line 2: unknown operation `swap`"]],
        );
        check(
            "T0;w(x);1\n",
            &expect!["line 1: not of the form `thread|operation(operand)|location`"],
        );
        check(
            "T0|w(x|1\n",
            &expect!["line 1: not of the form `thread|operation(operand)|location`"],
        );
        check(
            "|w(x)|1\n",
            &expect!["line 1: not of the form `thread|operation(operand)|location`"],
        );
        check("T0|w|1\n", &expect!["line 1: `w` needs an operand: `w(…)`"]);
        check(
            "T0|load(a,weak)|1\n",
            &expect!["line 1: unknown memory ordering `weak`"],
        );
        check(
            "T0|w(x)|1\nT0|acq(",
            &expect![[r"
            T0 Write(0) 1
            line 2: the trace is cut off in the middle of this line"]],
        );
        check(
            "T0|w(x)|1\n\0\u{1}\u{2}\n",
            &expect![[r"
            T0 Write(0) 1
            line 2: not of the form `thread|operation(operand)|location`"]],
        );
    }
}
