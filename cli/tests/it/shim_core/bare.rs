//! A crate without the standard library.
#![no_std]

extern crate alloc;

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt::{self, Write};
use core::hint::spin_loop;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};

pub static COUNT: AtomicUsize = AtomicUsize::new(7);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bare {
    pub value: u8,
}

#[derive(Debug, Default)]
pub struct Flag(pub AtomicBool);

impl Flag {
    pub fn wait(&self) {
        while !self.0.load(Ordering::Relaxed) {
            spin_loop();
        }
        fence(Ordering::Acquire);
    }
}

pub fn count() -> &'static AtomicUsize {
    &COUNT
}

pub fn shared() -> Arc<Box<AtomicUsize>> {
    Arc::new(Box::new(AtomicUsize::new(1)))
}

pub fn say(to: &mut impl Write, bare: Bare) -> fmt::Result {
    assert!(matches!(bare, Bare { .. }), "never {}", 1);
    core::debug_assert_ne!(bare.value, 255);
    core::write!(to, "{bare:?}")
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::sync::Mutex;
    use std::string::String;

    #[test]
    fn it_says_what_it_is() {
        let text = Mutex::new(String::new());
        super::say(&mut *text.lock().unwrap(), super::Bare::default()).unwrap();
        assert_eq!(text.into_inner().unwrap(), "Bare { value: 0 }");
    }
}
