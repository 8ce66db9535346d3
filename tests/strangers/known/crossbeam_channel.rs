use std::thread;

use crossbeam_channel::unbounded;

#[test]
fn a_channel_is_dropped_once() {
    let (sender, receiver) = unbounded();
    let threads = [1, 2].map(|number| {
        let sender = sender.clone();
        thread::spawn(move || drop(sender.send(number)))
    });
    drop(receiver);
    threads.map(|thread| thread.join().unwrap());
}
