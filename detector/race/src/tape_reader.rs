//! The binary format of recorded traces: reading. The format is described in [`crate::tape`].

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::io::{self, ErrorKind as Io, Read, Seek, SeekFrom};

use rustc_hash::FxHashMap;

use crate::error::{Error, ErrorKind};
use crate::event::{Event, Op};
use crate::source::Source;
use crate::std_format::Dictionary;
use crate::tape::{MAGIC, NAME, ORDERINGS, VERSION, checksum};

/// A block longer than this was not written by us.
const LARGEST: u32 = 1 << 26;

/// Reads the events of all threads in their order. It keeps one block of each thread.
#[derive(Debug)]
pub struct TapeReader<R> {
    input: R,
    names: Dictionary,
    keys: Keys,
    lanes: Vec<Lane>,
    /// Lanes by the place of their next event.
    next: BinaryHeap<Reverse<(u64, usize)>>,
    /// The place of the next event.
    place: u64,
    /// Where and why the blocks end before the file does.
    damage: Option<Error>,
}

/// The blocks of one thread, and the events of the one that is read.
#[derive(Debug, Default)]
struct Lane {
    blocks: VecDeque<u64>,
    events: VecDeque<Event>,
}

/// Keys as numbers from 0, by kind.
#[derive(Debug, Default)]
struct Keys {
    threads: FxHashMap<u64, u32>,
    values: FxHashMap<u64, u32>,
    locks: FxHashMap<u64, u32>,
    atomics: FxHashMap<u64, u32>,
    channels: FxHashMap<u64, u32>,
    meetings: FxHashMap<u64, u32>,
}

fn number(keys: &mut FxHashMap<u64, u32>, key: u64) -> u32 {
    let next = u32::try_from(keys.len()).unwrap_or(u32::MAX);
    *keys.entry(key).or_insert(next)
}

impl<R: Read + Seek> TapeReader<R> {
    /// A reader at the beginning of a file. It looks through the whole file once, for what blocks there are.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is no trace of a version that is known.
    pub fn new(mut input: R) -> Result<Self, Error> {
        let mut head = [0; MAGIC.len() + 1];
        let read = input.read_exact(&mut head);
        if read.is_err() || !head.starts_with(MAGIC) {
            return Err(Error::at_offset(0, ErrorKind::NoTape));
        }
        let version = head[MAGIC.len()];
        if version != VERSION {
            return Err(Error::at_offset(0, ErrorKind::Version(version)));
        }
        let mut reader = Self {
            input,
            names: Dictionary::default(),
            keys: Keys::default(),
            lanes: Vec::new(),
            next: BinaryHeap::new(),
            place: 0,
            damage: None,
        };
        reader.damage = reader.look_through(head.len() as u64).err();
        for lane in 0..reader.lanes.len() {
            reader.refill(lane)?;
        }
        Ok(reader)
    }

    fn look_through(&mut self, mut offset: u64) -> Result<(), Error> {
        while let Some(body) = read_block(&mut self.input, offset)? {
            let mut bytes = Bytes::new(&body, offset);
            let thread = number(&mut self.keys.threads, bytes.number()?) as usize;
            if self.lanes.len() <= thread {
                self.lanes.resize_with(thread + 1, Lane::default);
            }
            while let Some(record) = bytes.record()? {
                if let Record::Name { kind, key, name } = record {
                    self.name(kind, key, name);
                }
            }
            self.lanes[thread].blocks.push_back(offset);
            offset += 8 + body.len() as u64;
        }
        Ok(())
    }

    fn name(&mut self, kind: u64, key: u64, name: &[u8]) {
        let (names, keys) = (&mut self.names, &mut self.keys);
        match kind {
            0 => names.threads.set(number(&mut keys.threads, key), name),
            1 => names.values.set(number(&mut keys.values, key), name),
            2 => names.locks.set(number(&mut keys.locks, key), name),
            3 => names
                .sites
                .set(u32::try_from(key).unwrap_or(u32::MAX), name),
            // What else has names does not matter here.
            _ => {}
        }
    }

    /// Reads the next block of a thread that has events.
    fn refill(&mut self, lane: usize) -> Result<(), Error> {
        while self.lanes[lane].events.is_empty() {
            let Some(offset) = self.lanes[lane].blocks.pop_front() else {
                return Ok(());
            };
            let body = read_block(&mut self.input, offset)?.unwrap_or_default();
            let mut bytes = Bytes::new(&body, offset);
            let thread = number(&mut self.keys.threads, bytes.number()?);
            let mut place = 0;
            while let Some(record) = bytes.record()? {
                if let Record::Event(event) = record {
                    place += event.after;
                    let op = self.keys.op(&event);
                    let op = op.ok_or_else(|| bytes.wrong())?;
                    let event = Event::new(thread, op, event.site, place);
                    self.lanes[lane].events.push_back(event);
                }
            }
        }
        let first = self.lanes[lane].events.front();
        if let Some(first) = first {
            self.next.push(Reverse((first.line, lane)));
        }
        Ok(())
    }
}

impl<R: Read + Seek> Source for TapeReader<R> {
    fn next_event(&mut self) -> Result<Option<Event>, Error> {
        let Some(Reverse((place, lane))) = self.next.pop() else {
            return self.damage.take().map_or(Ok(None), Err);
        };
        if place != self.place {
            let damage = self.damage.take();
            return Err(damage.unwrap_or_else(|| Error::at_event(self.place, ErrorKind::Missing)));
        }
        self.place += 1;
        let event = self.lanes[lane].events.pop_front();
        match self.lanes[lane].events.front() {
            Some(next) => self.next.push(Reverse((next.line, lane))),
            None => self.refill(lane)?,
        }
        Ok(event.map(|event| Event {
            line: event.line + 1,
            ..event
        }))
    }

    fn names(&self) -> &Dictionary {
        &self.names
    }

    fn is_partial(&self) -> bool {
        true
    }
}

/// The body of the block at this offset; `None` at the end of the file.
fn read_block<R: Read + Seek>(input: &mut R, offset: u64) -> Result<Option<Vec<u8>>, Error> {
    let failed = |source: io::Error| match source.kind() {
        Io::UnexpectedEof => Error::at_offset(offset, ErrorKind::CutOff),
        _ => Error::at_offset(offset, ErrorKind::Read(source)),
    };
    input.seek(SeekFrom::Start(offset)).map_err(failed)?;
    let mut head = Vec::new();
    input.take(8).read_to_end(&mut head).map_err(failed)?;
    if head.is_empty() {
        return Ok(None);
    }
    let Ok(head) = <[u8; 8]>::try_from(head) else {
        return Err(Error::at_offset(offset, ErrorKind::CutOff));
    };
    let [a, b, c, d, e, f, g, h] = head;
    let (length, sum) = (
        u32::from_le_bytes([a, b, c, d]),
        u32::from_le_bytes([e, f, g, h]),
    );
    if length > LARGEST {
        return Err(Error::at_offset(offset, ErrorKind::Garbled));
    }
    let mut body = vec![0; length as usize];
    input.read_exact(&mut body).map_err(failed)?;
    if checksum(&body) != sum {
        return Err(Error::at_offset(offset, ErrorKind::Garbled));
    }
    Ok(Some(body))
}

/// What stands in a block.
enum Record<'a> {
    Name { kind: u64, key: u64, name: &'a [u8] },
    Event(Written),
}

/// An event as it was written.
struct Written {
    code: u8,
    after: u64,
    key: u64,
    order: usize,
    site: u32,
}

impl Keys {
    /// The operation; `None` if there is none of this code.
    fn op(&mut self, event: &Written) -> Option<Op> {
        let key = event.key;
        let order = *ORDERINGS.get(event.order)?;
        Some(match event.code {
            1 => Op::Read(number(&mut self.values, key)),
            2 => Op::Write(number(&mut self.values, key)),
            3 => Op::Acquire(number(&mut self.locks, key)),
            4 => Op::Release(number(&mut self.locks, key)),
            5 => Op::AcquireShared(number(&mut self.locks, key)),
            6 => Op::ReleaseShared(number(&mut self.locks, key)),
            7 => Op::Fork(number(&mut self.threads, key)),
            8 => Op::Join(number(&mut self.threads, key)),
            9 => Op::Begin,
            10 => Op::End,
            11 => Op::Load(number(&mut self.atomics, key), order),
            12 => Op::Store(number(&mut self.atomics, key), order),
            13 => Op::Update(number(&mut self.atomics, key), order),
            14 => Op::Fence(order),
            15 => Op::Send(number(&mut self.channels, key)),
            16 => Op::Receive(number(&mut self.channels, key)),
            17 => Op::Arrive(number(&mut self.meetings, key)),
            18 => Op::Leave(number(&mut self.meetings, key)),
            19 => Op::AcquireTry(number(&mut self.locks, key)),
            _ => return None,
        })
    }
}

/// The body of a block, as far as it is not read.
struct Bytes<'a> {
    rest: &'a [u8],
    offset: u64,
}

impl<'a> Bytes<'a> {
    fn new(rest: &'a [u8], offset: u64) -> Self {
        Self { rest, offset }
    }

    fn wrong(&self) -> Error {
        Error::at_offset(self.offset, ErrorKind::Garbled)
    }

    fn byte(&mut self) -> Result<u8, Error> {
        let (&byte, rest) = self.rest.split_first().ok_or_else(|| self.wrong())?;
        self.rest = rest;
        Ok(byte)
    }

    fn number(&mut self) -> Result<u64, Error> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(self.wrong())
    }

    fn record(&mut self) -> Result<Option<Record<'a>>, Error> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let code = self.byte()?;
        if code == NAME {
            let (kind, key, length) = (self.number()?, self.number()?, self.number()?);
            let name = usize::try_from(length)
                .ok()
                .and_then(|length| self.rest.split_at_checked(length));
            let (name, rest) = name.ok_or_else(|| self.wrong())?;
            self.rest = rest;
            return Ok(Some(Record::Name { kind, key, name }));
        }
        let after = self.number()?;
        let has_key = !matches!(code, 9 | 10 | 14);
        let key = if has_key { self.number()? } else { 0 };
        let order = if matches!(code, 11..=14) {
            self.number()?
        } else {
            0
        };
        let site = self.number()?;
        Ok(Some(Record::Event(Written {
            code,
            after,
            key,
            order: usize::try_from(order).unwrap_or(usize::MAX),
            site: u32::try_from(site).unwrap_or(u32::MAX),
        })))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use expect_test::{Expect, expect};
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

    use super::TapeReader;
    use crate::event::{Event, Op};
    use crate::made::traces;
    use crate::source::Source;
    use crate::tape::{Block, Kind, MAGIC, VERSION, parts};

    /// A file with the events, a block each `size` events of a thread.
    fn file(events: &[Event], size: usize) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        let mut blocks: Vec<(Block, usize)> =
            (0..8).map(|thread| (Block::new(thread), 0)).collect();
        for (place, event) in (0..).zip(events) {
            let (block, count) = &mut blocks[event.thread as usize];
            block.event(place, event.op, None, event.site);
            *count += 1;
            if *count % size == 0 {
                bytes.extend(block.take());
            }
        }
        let rest = blocks.iter_mut().filter(|(block, _)| !block.is_empty());
        bytes.extend(rest.flat_map(|(block, _)| block.take()));
        bytes
    }

    /// The events, and why there are no more.
    fn read(bytes: Vec<u8>) -> (Vec<Event>, Option<String>) {
        let mut reader = match TapeReader::new(Cursor::new(bytes)) {
            Ok(reader) => reader,
            Err(error) => return (Vec::new(), Some(error.to_string())),
        };
        let mut events = Vec::new();
        loop {
            match reader.next_event() {
                Ok(Some(event)) => events.push(event),
                Ok(None) => return (events, None),
                Err(error) => return (events, Some(error.to_string())),
            }
        }
    }

    fn two_threads() -> Vec<Event> {
        let event = |thread, op| Event::new(thread, op, 0, 0);
        vec![
            event(0, Op::Write(0)),
            event(1, Op::Write(1)),
            event(0, Op::Write(0)),
            event(1, Op::Read(1)),
        ]
    }

    fn check(bytes: Vec<u8>, expected: &Expect) {
        let (events, error) = read(bytes);
        let error = error.unwrap_or_else(|| "whole".to_owned());
        expected.assert_eq(&format!("{} events, {error}", events.len()));
    }

    #[test]
    fn a_file_that_is_cut_off_is_read_as_far_as_it_goes() {
        let whole = file(&two_threads(), 1);
        check(whole.clone(), &expect!["4 events, whole"]);
        check(
            whole[..whole.len() - 1].to_vec(),
            &expect!["3 events, offset 54: the file is cut off in the middle of this block"],
        );
        check(
            whole[..20].to_vec(),
            &expect!["0 events, offset 15: the file is cut off in the middle of this block"],
        );
        check(
            whole[..7].to_vec(),
            &expect!["0 events, offset 0: not a trace"],
        );
    }

    #[test]
    fn a_block_that_was_changed_is_told() {
        let mut bytes = file(&two_threads(), 1);
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        check(
            bytes,
            &expect!["3 events, offset 54: this block was damaged"],
        );
        let mut bytes = file(&two_threads(), 1);
        bytes[15..19].copy_from_slice(&u32::MAX.to_le_bytes());
        check(
            bytes,
            &expect!["0 events, offset 15: this block was damaged"],
        );
        let mut bytes = file(&two_threads(), 1);
        bytes[MAGIC.len()] = 9;
        check(
            bytes,
            &expect![
                "0 events, offset 0: a trace of version 9, which this version of unsnarl does not know"
            ],
        );
    }

    #[test]
    fn events_that_were_never_written_are_missed() {
        // The last two blocks are of the first and the second thread: the first is left out.
        let mut bytes = file(&two_threads(), 1);
        bytes.drain(41..54);
        check(
            bytes,
            &expect![
                "2 events, event 3: it and maybe later ones are missing: their thread did not write them"
            ],
        );
    }

    #[test]
    fn names_and_large_keys_are_read() {
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        let mut block = Block::new(7);
        let key = u64::MAX - 1;
        block.event(
            0,
            Op::Load(0, std::sync::atomic::Ordering::Acquire),
            Some(key),
            300,
        );
        block.name(Kind::Thread, 7, "worker");
        block.name(Kind::Site, 300, "a.rs:1:2");
        bytes.extend(block.take());
        let mut reader = TapeReader::new(Cursor::new(bytes)).unwrap();
        let event = reader.next_event().unwrap().unwrap();
        assert_eq!(event.op, Op::Load(0, std::sync::atomic::Ordering::Acquire));
        assert_eq!(reader.names().threads.name(event.thread), "worker");
        assert_eq!(reader.names().sites.name(event.site), "a.rs:1:2");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn what_was_written_is_read(events in traces(4, 40), size in 1_usize..8) {
            let (read, error) = read(file(&events, size));
            prop_assert_eq!(error, None);
            prop_assert_eq!(read.len(), events.len());
            for (read, event) in read.iter().zip(&events) {
                // Keys get other numbers.
                prop_assert_eq!(parts(read.op).0, parts(event.op).0);
                prop_assert_eq!(read.site, event.site);
            }
        }

        #[test]
        fn any_damage_leaves_a_beginning(events in traces(3, 20), at in 0_usize..400, to in 0_u8..) {
            let mut bytes = file(&events, 3);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = to;
            }
            let (read, _) = read(bytes);
            prop_assert!(read.len() <= events.len());
            for (read, event) in read.iter().zip(&events) {
                prop_assert_eq!(read.site, event.site);
            }
        }
    }
}
