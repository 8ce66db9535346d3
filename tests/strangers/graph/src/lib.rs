//! Nothing of its own: what it depends on is what is built.

/// So that there is something to watch.
#[test]
fn a_lock_is_watched() {
    assert_eq!(*std::sync::Mutex::new(1).lock().unwrap(), 1);
}
