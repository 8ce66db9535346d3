//! Whether a trace can have happened: what the engines take for granted.

use std::collections::VecDeque;

use crate::error::{Error, ErrorKind};
use crate::event::{Event, Op};
use crate::std_format::Dictionary;
use crate::table::at;

/// What is known of threads and locks so far.
#[derive(Debug, Default)]
pub struct Discipline {
    threads: Vec<Life>,
    locks: Vec<Lock>,
    /// Per channel, how many messages are under way.
    channels: Vec<u64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Life {
    #[default]
    Unknown,
    /// Started by another, or at work.
    Begun,
    /// Has said that it ends.
    Ended,
    /// Seen to have ended.
    Joined,
}

#[derive(Debug, Default)]
struct Lock {
    /// Who has it alone, and how often over: some languages' locks are reentrant.
    owner: Option<(u32, u32)>,
    /// Those who have it together.
    readers: VecDeque<u32>,
}

/// Whether engines should see an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matters {
    /// They should.
    Yes,
    /// It takes again, or gives back once, a lock that the thread keeps.
    No,
}

impl Discipline {
    /// Takes in an event.
    ///
    /// # Errors
    ///
    /// If it cannot have happened after those before it.
    #[inline]
    pub fn observe(&mut self, event: &Event, names: &Dictionary) -> Result<Matters, Error> {
        let judged = self.live(event).and_then(|()| self.judge(event));
        judged.map_err(|fault| {
            let what = fault.words(event, names);
            Error::new(event.line, ErrorKind::Impossible(what))
        })
    }

    #[inline]
    fn live(&mut self, event: &Event) -> Result<(), Fault> {
        let life = at(&mut self.threads, event.thread);
        match *life {
            Life::Begun => Ok(()),
            Life::Unknown => {
                *life = Life::Begun;
                Ok(())
            }
            Life::Ended | Life::Joined => Err(Fault::AfterEnd),
        }
    }

    #[inline]
    fn judge(&mut self, event: &Event) -> Result<Matters, Fault> {
        let thread = event.thread;
        match event.op {
            Op::Acquire(lock) | Op::AcquireTry(lock) => at(&mut self.locks, lock).acquire(thread),
            Op::Release(lock) => at(&mut self.locks, lock).release(thread),
            Op::AcquireShared(lock) => at(&mut self.locks, lock).acquire_shared(thread),
            Op::ReleaseShared(lock) => at(&mut self.locks, lock).release_shared(thread),
            Op::Fork(child) => self.fork(child),
            Op::Join(child) => self.join(thread, child),
            Op::End => {
                *at(&mut self.threads, thread) = Life::Ended;
                Ok(Matters::Yes)
            }
            Op::Send(channel) => {
                *at(&mut self.channels, channel) += 1;
                Ok(Matters::Yes)
            }
            Op::Receive(channel) => {
                let under_way = at(&mut self.channels, channel);
                *under_way = under_way.checked_sub(1).ok_or(Fault::NoMessage)?;
                Ok(Matters::Yes)
            }
            _ => Ok(Matters::Yes),
        }
    }

    fn fork(&mut self, child: u32) -> Result<Matters, Fault> {
        let life = at(&mut self.threads, child);
        if *life != Life::Unknown {
            return Err(Fault::StartedLate);
        }
        *life = Life::Begun;
        Ok(Matters::Yes)
    }

    fn join(&mut self, thread: u32, child: u32) -> Result<Matters, Fault> {
        if thread == child {
            return Err(Fault::JoinsItself);
        }
        *at(&mut self.threads, child) = Life::Joined;
        Ok(Matters::Yes)
    }
}

impl Lock {
    #[inline]
    fn acquire(&mut self, thread: u32) -> Result<Matters, Fault> {
        match &mut self.owner {
            Some((owner, depth)) if *owner == thread => {
                *depth += 1;
                Ok(Matters::No)
            }
            Some((owner, _)) => Err(Fault::HeldBy(*owner)),
            None => match self.readers.front() {
                Some(&reader) => Err(Fault::HeldBy(reader)),
                None => {
                    self.owner = Some((thread, 1));
                    Ok(Matters::Yes)
                }
            },
        }
    }

    #[inline]
    fn release(&mut self, thread: u32) -> Result<Matters, Fault> {
        match &mut self.owner {
            Some((owner, depth)) if *owner == thread => {
                *depth -= 1;
                if *depth > 0 {
                    return Ok(Matters::No);
                }
                self.owner = None;
                Ok(Matters::Yes)
            }
            Some((owner, _)) => Err(Fault::HeldBy(*owner)),
            None => Err(Fault::NotHeld),
        }
    }

    fn acquire_shared(&mut self, thread: u32) -> Result<Matters, Fault> {
        if let Some((owner, _)) = self.owner {
            return Err(Fault::HeldBy(owner));
        }
        let matters = if self.readers.contains(&thread) {
            Matters::No
        } else {
            Matters::Yes
        };
        self.readers.push_back(thread);
        Ok(matters)
    }

    fn release_shared(&mut self, thread: u32) -> Result<Matters, Fault> {
        let place = self.readers.iter().position(|&reader| reader == thread);
        self.readers.remove(place.ok_or(Fault::NotHeld)?);
        Ok(if self.readers.contains(&thread) {
            Matters::No
        } else {
            Matters::Yes
        })
    }
}

/// What cannot have happened.
#[derive(Debug)]
enum Fault {
    AfterEnd,
    HeldBy(u32),
    NotHeld,
    StartedLate,
    JoinsItself,
    NoMessage,
}

impl Fault {
    fn words(&self, event: &Event, names: &Dictionary) -> String {
        let thread = names.threads.name(event.thread);
        let object = match event.op {
            Op::Acquire(lock)
            | Op::AcquireTry(lock)
            | Op::Release(lock)
            | Op::AcquireShared(lock)
            | Op::ReleaseShared(lock) => names.locks.name(lock),
            Op::Fork(child) | Op::Join(child) => names.threads.name(child),
            _ => String::new(),
        };
        match self {
            Self::AfterEnd => format!("thread `{thread}` acts after its end"),
            Self::HeldBy(owner) => {
                let owner = names.threads.name(*owner);
                let does = match event.op {
                    Op::Release(_) => "releases",
                    _ => "acquires",
                };
                format!("thread `{thread}` {does} lock `{object}`, which thread `{owner}` holds")
            }
            Self::NotHeld => {
                format!("thread `{thread}` releases lock `{object}`, which it does not hold")
            }
            Self::StartedLate => {
                format!("thread `{thread}` starts thread `{object}`, which has begun before")
            }
            Self::JoinsItself => format!("thread `{thread}` joins itself"),
            Self::NoMessage => {
                format!("thread `{thread}` receives a message that nobody has sent")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::Discipline;
    use crate::notation;
    use crate::std_format::StdReader;

    fn check(trace: &str, expected: &Expect) {
        let text = notation::lines(trace);
        let mut reader = StdReader::new(text.as_bytes());
        let mut discipline = Discipline::default();
        let mut said = String::from("fine");
        while let Some(event) = reader.next_event().unwrap() {
            if let Err(error) = discipline.observe(&event, reader.names()) {
                said = error.to_string();
                break;
            }
        }
        expected.assert_eq(&said);
    }

    #[test]
    fn what_can_happen_is_fine() {
        let fine = expect!["fine"];
        check("t1: acq(a) acq(b) rel(a) rel(b)", &fine);
        check("t1: acq(a) acq(a) rel(a) rel(a); t2: acq(a)", &fine);
        check(
            "t1: acqr(a); t2: acqr(a) relr(a); t1: relr(a) acq(a)",
            &fine,
        );
        check("t1: fork(t2); t2: begin w(x) end; t1: join(t2)", &fine);
        check("t1: send(c); t2: recv(c)", &fine);
    }

    #[test]
    fn what_cannot_happen_is_said() {
        check(
            "t1: acq(a); t2: acq(a)",
            &expect!["line 2: thread `t2` acquires lock `a`, which thread `t1` holds"],
        );
        check(
            "t1: acqr(a); t2: acq(a)",
            &expect!["line 2: thread `t2` acquires lock `a`, which thread `t1` holds"],
        );
        check(
            "t1: acq(a); t2: rel(a)",
            &expect!["line 2: thread `t2` releases lock `a`, which thread `t1` holds"],
        );
        check(
            "t1: acq(a) rel(a) rel(a)",
            &expect!["line 3: thread `t1` releases lock `a`, which it does not hold"],
        );
        check(
            "t1: relr(a)",
            &expect!["line 1: thread `t1` releases lock `a`, which it does not hold"],
        );
        check(
            "t2: w(x); t1: fork(t2)",
            &expect!["line 2: thread `t1` starts thread `t2`, which has begun before"],
        );
        check(
            "t1: fork(t2); t1: join(t2); t2: w(x)",
            &expect!["line 3: thread `t2` acts after its end"],
        );
        check(
            "t1: end w(x)",
            &expect!["line 2: thread `t1` acts after its end"],
        );
        check("t1: join(t1)", &expect!["line 1: thread `t1` joins itself"]);
        check(
            "t1: recv(c)",
            &expect!["line 1: thread `t1` receives a message that nobody has sent"],
        );
    }
}
