//! The binary format of recorded traces, version 1: writing.
//!
//! A file is [`MAGIC`], a byte with the version, and blocks. A block is the length of its body and a checksum, four bytes
//! each, the lowest first, and the body: the number of a thread, and records of that thread alone. All numbers in a body
//! are written seven bits a byte, the lowest first, with the eighth bit set on all bytes but the last.
//!
//! | record | is followed by |
//! |---|---|
//! | 0, a name | the kind of thing (a row of [`Kind`]), its key, the length of the name, the name in UTF-8 |
//! | 1 – 19, an event | how many places in the run it comes after the event before it in the block; its operand, if it has one; its ordering, if it has one; its site |
//!
//! Values that locks protect have keys beyond 32 bits: that of the lock, and a bit.
//!
//! Each event of the run has a place, from 0 and without gaps, whatever thread it is of. So a reader knows the order of all
//! events, and sees when some are missing because their thread could not write them any more. A name may stand anywhere.

use std::sync::atomic::Ordering;

use crate::event::Op;

/// What a file begins with.
pub const MAGIC: &[u8] = b"unsnarl trace\n";

/// The version of the format that is written, and the only one that can be read.
pub const VERSION: u8 = 1;

/// What has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A thread.
    Thread = 0,
    /// A value.
    Value = 1,
    /// A lock.
    Lock = 2,
    /// A place in the source: `file:line:column`.
    Site = 3,
}

/// The first byte of a name.
pub(crate) const NAME: u8 = 0;

/// How an event's operation is written: its byte, its operand, and its ordering.
pub(crate) fn parts(op: Op) -> (u8, Option<u64>, Option<Ordering>) {
    let with = |code, operand: u32| (code, Some(u64::from(operand)), None);
    match op {
        Op::Read(value) => with(1, value),
        Op::Write(value) => with(2, value),
        Op::Acquire(lock) => with(3, lock),
        Op::Release(lock) => with(4, lock),
        Op::AcquireShared(lock) => with(5, lock),
        Op::ReleaseShared(lock) => with(6, lock),
        Op::Fork(child) => with(7, child),
        Op::Join(child) => with(8, child),
        Op::Begin => (9, None, None),
        Op::End => (10, None, None),
        Op::Load(atomic, order) => (11, Some(u64::from(atomic)), Some(order)),
        Op::Store(atomic, order) => (12, Some(u64::from(atomic)), Some(order)),
        Op::Update(atomic, order) => (13, Some(u64::from(atomic)), Some(order)),
        Op::Fence(order) => (14, None, Some(order)),
        Op::Send(channel) => with(15, channel),
        Op::Receive(channel) => with(16, channel),
        Op::Arrive(meeting) => with(17, meeting),
        Op::Leave(meeting) => with(18, meeting),
        Op::AcquireTry(lock) => with(19, lock),
    }
}

/// The orderings, by the number that they are written as.
pub(crate) const ORDERINGS: [Ordering; 5] = [
    Ordering::Relaxed,
    Ordering::Acquire,
    Ordering::Release,
    Ordering::AcqRel,
    Ordering::SeqCst,
];

/// What one thread has recorded and not written yet.
#[derive(Debug)]
pub struct Block {
    thread: u64,
    body: Vec<u8>,
    last: u64,
}

impl Block {
    /// An empty block of this thread.
    #[must_use]
    pub fn new(thread: u64) -> Self {
        Self {
            thread,
            body: Vec::new(),
            last: 0,
        }
    }

    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.body.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// Adds an event, which has this place in the run. Atomics may have any number for a key, so it is apart.
    pub fn event(&mut self, place: u64, op: Op, key: Option<u64>, site: u32) {
        self.begin();
        let (code, operand, order) = parts(op);
        self.body.push(code);
        self.number(place - self.last);
        self.last = place;
        if let Some(operand) = operand {
            self.number(key.unwrap_or(operand));
        }
        if let Some(order) = order {
            let number = ORDERINGS.iter().position(|&known| known == order);
            self.number(number.unwrap_or(ORDERINGS.len() - 1) as u64);
        }
        self.number(u64::from(site));
    }

    /// Adds the name of a thing.
    pub fn name(&mut self, kind: Kind, key: u64, name: &str) {
        self.begin();
        self.body.push(NAME);
        self.number(kind as u64);
        self.number(key);
        self.number(name.len() as u64);
        self.body.extend_from_slice(name.as_bytes());
    }

    /// The block as it is to be written; what remains is empty.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        let body = std::mem::take(&mut self.body);
        self.last = 0;
        let length = u32::try_from(body.len()).expect("a block is written long before 4 GB");
        let mut bytes = Vec::with_capacity(body.len() + 8);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&checksum(&body).to_le_bytes());
        bytes.extend_from_slice(&body);
        bytes
    }

    fn begin(&mut self) {
        if self.body.is_empty() {
            self.number(self.thread);
        }
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.body.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.body.push(number as u8);
    }
}

/// The 32-bit FNV-1a hash.
pub(crate) fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, &byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
