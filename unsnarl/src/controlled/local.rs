//! Values of which each thread of an execution has its own.

use std::any::Any;
use std::ptr::NonNull;

use super::current::with;

/// The values of one thread, by their keys, in the order in which they were made.
#[derive(Default)]
pub(super) struct Locals(Vec<(usize, Box<dyn Any>)>);

impl Locals {
    fn find<T: 'static>(&mut self, key: usize) -> Option<NonNull<T>> {
        let (_, value) = self.0.iter_mut().find(|(known, _)| *known == key)?;
        value.downcast_mut().map(NonNull::from)
    }
}

/// The running thread's value of a key; the first use makes it. It stays in its place until the thread has ended.
pub(crate) fn value<T: 'static>(key: usize, init: fn() -> T) -> NonNull<T> {
    if let Some(known) = with(|execution| execution.running().locals.find(key)) {
        return known;
    }
    // This is the program's code, and may use other keys, or this one.
    let mut value = Box::new(init());
    let place = NonNull::from(&mut *value);
    let replaced = with(|execution| {
        let locals = &mut execution.running().locals;
        let known = locals.0.iter().position(|(known, _)| *known == key);
        let replaced = known.map(|place| locals.0.remove(place));
        locals.0.push((key, value));
        replaced
    });
    drop(replaced);
    place
}

/// Drops the values of the running thread, which ends.
pub(super) fn drop_all() {
    while let Some(value) = with(|execution| {
        let locals = &mut execution.running().locals;
        (!locals.0.is_empty()).then(|| locals.0.remove(0))
    }) {
        drop(value);
    }
}
