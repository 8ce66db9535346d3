//! What explored runs leave behind, where it is asked that it be nothing.

use std::cell::RefCell;

use unsnarl::leak::check_none;
use unsnarl::sync::{Arc, Mutex, MutexGuard, mpsc};
use unsnarl::{Explorer, thread};

/// The slugs of what is found.
fn found(explorer: Explorer, program: impl Fn() + Send + Sync) -> Vec<String> {
    let exploration = explorer.schedules(50).run(program);
    let slugs = exploration.findings().iter().map(|shown| &shown.slug);
    slugs.cloned().collect()
}

fn checked() -> Explorer {
    Explorer::new().leaks(true)
}

/// A thread that waits for a sender that nobody drops.
fn leave_a_thread(name: &str) {
    let (end, is_over) = mpsc::channel::<()>();
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(move || is_over.recv()).unwrap();
    std::mem::forget(end);
}

#[test]
fn a_thread_that_waits_when_the_test_is_over_is_found_and_shown_again() {
    let exploration = checked().schedules(50).run(|| leave_a_thread("waits"));
    let shown = &exploration.findings()[0];
    assert_eq!(shown.slug, "leaked-thread");
    for words in [
        "thread `waits` outlives its test",
        "thread `waits` is started here",
        "explored_leaks.rs",
    ] {
        assert!(shown.text.contains(words), "{words}: {}", shown.text);
    }
    let token = shown.replay.as_deref().unwrap();
    let again = found(checked().replay(token), || leave_a_thread("waits"));
    assert_eq!(again, ["leaked-thread"]);
}

/// Whether the helper is told to end depends on who comes first.
#[test]
fn a_leak_of_some_schedules_is_found() {
    let program = || {
        let job = Arc::new(Mutex::new(None));
        let (sender, receiver) = mpsc::channel::<()>();
        let taken = Arc::clone(&job);
        thread::spawn(move || {
            let end = taken.lock().unwrap().take();
            drop::<Option<mpsc::Sender<()>>>(end);
            let _ = receiver.recv();
        });
        // Too late, if the helper has looked already.
        *job.lock().unwrap() = Some(sender);
        std::mem::forget(job);
    };
    assert_eq!(found(checked(), program), ["leaked-thread"]);
}

#[test]
fn threads_that_end_by_themselves_are_no_leak() {
    let program = || {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || sender.send(1));
        thread::spawn(move || while receiver.recv().is_ok() {});
    };
    assert_eq!(found(checked(), program), [""; 0]);
}

#[test]
fn a_guard_that_is_never_dropped_is_found() {
    let by_another = || {
        let lock = Arc::new(Mutex::new(0));
        let other = Arc::clone(&lock);
        let forgets = move || std::mem::forget(other.lock().unwrap());
        thread::spawn(forgets).join().unwrap();
        std::mem::forget(lock);
    };
    assert_eq!(found(checked(), by_another), ["leaked-guard"]);
    let by_itself = || {
        let lock = Box::leak(Box::new(Mutex::new(0)));
        std::mem::forget(lock.lock().unwrap());
    };
    assert_eq!(found(checked(), by_itself), ["leaked-guard"]);
    let while_it_is_there = || {
        let lock = Mutex::new(0);
        let _none = check_none();
        std::mem::forget(lock.lock().unwrap());
    };
    assert_eq!(found(Explorer::new(), while_it_is_there), ["leaked-guard"]);
}

#[test]
fn guards_in_thread_locals_and_of_locks_that_are_gone_are_no_leak() {
    static SHELF: Mutex<u32> = Mutex::new(0);
    unsnarl::thread_local! {
        static OWN: RefCell<Vec<MutexGuard<'static, u32>>> = const { RefCell::new(Vec::new()) };
    }
    let program = || {
        OWN.with_borrow_mut(|own| own.push(SHELF.lock().unwrap()));
        let lock = Mutex::new(0);
        std::mem::forget(lock.lock().unwrap());
    };
    assert_eq!(found(checked(), program), [""; 0]);
}

#[test]
fn nothing_is_found_that_is_not_asked_for() {
    assert_eq!(found(Explorer::new(), || leave_a_thread("waits")), [""; 0]);
    let by_name = checked().ignore_leaks_of("pool-*");
    assert_eq!(found(by_name, || leave_a_thread("pool-1")), [""; 0]);
    let by_file = checked().ignore_leaks_from("it/explored_leaks.rs");
    assert_eq!(found(by_file, || leave_a_thread("waits")), [""; 0]);
}

#[test]
fn a_program_asks_by_itself() {
    let program = || {
        leave_a_thread("before");
        let none = check_none();
        leave_a_thread("meanwhile");
        drop(none);
        leave_a_thread("after");
    };
    let exploration = Explorer::new().schedules(50).run(program);
    let shown: Vec<_> = exploration.findings().iter().collect();
    assert!(
        shown[0].message.contains("`meanwhile` outlives"),
        "{}",
        shown[0].text
    );
    assert_eq!(shown.len(), 1);
}

/// A panic is told, and not what it left behind.
#[test]
fn a_test_that_panics_is_not_looked_at() {
    let program = || {
        leave_a_thread("waits");
        panic!("its own");
    };
    assert_eq!(found(checked(), program), ["panic"]);
}
