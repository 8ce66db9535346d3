use std::sync::mpsc;
use std::thread;

#[test]
fn what_nobody_receives_is_dropped() {
    let (sender, receiver) = futures::sync::mpsc::unbounded::<mpsc::Sender<()>>();
    let (answer, answered) = mpsc::channel();
    let drops = thread::spawn(move || drop(receiver));
    if sender.unbounded_send(answer).is_ok() {
        assert!(answered.recv().is_err());
    }
    drops.join().unwrap();
}
