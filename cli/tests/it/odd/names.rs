//! Expects that types have the names of the standard library's.

#[test]
fn a_lock_has_its_name() {
    let name = std::any::type_name::<std::sync::Mutex<u8>>();
    assert!(name.starts_with("std::"), "{name}");
}
