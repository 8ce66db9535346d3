//! Edition 2018.
#![allow(array_into_iter, non_fmt_panics)]

use std::sync::{Mutex, RwLock};

pub fn both(r#async: &Mutex<u8>, other: &RwLock<[u8; 2]>) -> u16 {
    let sum = u16::from(*r#async.lock().unwrap());
    // By reference: arrays had no `into_iter` of their own.
    other.read().unwrap().into_iter().fold(sum, |sum, &n| sum + u16::from(n))
}

#[cfg(test)]
use std::convert::TryFrom;

#[test]
fn all_are_added() {
    let sum = both(&Mutex::new(1), &RwLock::new([2, 3]));
    assert_eq!(u8::try_from(sum), Ok(6));
    assert!(std::panic::catch_unwind(|| panic!("{}")).is_err());
}
