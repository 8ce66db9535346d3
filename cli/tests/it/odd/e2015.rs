//! Edition 2015, with what later ones have done away with.
#![allow(bare_trait_objects, anonymous_parameters, deprecated)]
#![cfg_attr(test, deny(unused_imports))]

#[macro_use]
extern crate core;

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, Once, ONCE_INIT};

static START: Once = ONCE_INIT;

pub trait Job {
    fn run(self: Box<Self>, u8) -> Result<u8, ()>;
}

pub struct Twice(pub Arc<Mutex<u8>>);

impl Job for Twice {
    fn run(self: Box<Self>, add: u8) -> Result<u8, ()> {
        let async = try!(self.0.lock().map_err(|_| ()));
        Ok(*async + 2 * add)
    }
}

pub fn run(job: Box<Job + Send>) -> u8 {
    START.call_once(|| {});
    let (sender, receiver) = channel();
    ::std::thread::spawn(move || sender.send(job.run(1)).unwrap());
    receiver.recv().unwrap().unwrap()
}

#[test]
fn it_runs() {
    assert_eq!(run(Box::new(Twice(Arc::new(Mutex::new(3))))), 5);
}
