use core::time::Duration;
use std::sync::{mpsc, Mutex};
use std::thread;

/// Readers that fetch pages while they hold the lock of all of them.
fn read_all() {
    let pages = Mutex::new(Vec::new());
    let (done, wait) = mpsc::channel();
    thread::scope(|scope| {
        for reader in 0..4 {
            let (pages, done) = (&pages, done.clone());
            scope.spawn(move || {
                for page in 0..5 {
                    let mut fetched = pages.lock().unwrap();
                    thread::sleep(Duration::from_millis(2));
                    fetched.push((reader, page));
                }
                done.send(reader).unwrap();
            });
        }
        drop(done);
        assert_eq!(wait.iter().count(), 4);
    });
}

fn main() {
    read_all();
    if ::std::env::args().nth(1).as_deref() == Some("fail") {
        ::std::process::exit(1);
    }
}

#[test]
fn all_are_read() {
    read_all();
}
