//! The facade is tokio's: the same tests run on both, with the feature `check` off and on. All of them are correct programs,
//! so nothing may be found in them.

#[expect(
    clippy::duplicate_mod,
    reason = "the tests see tokio here, and the facade below"
)]
#[path = "surface"]
mod of_tokio {
    use ::tokio;

    mod body;
}

#[path = "surface"]
mod of_unsnarl {
    use unsnarl::tokio;

    mod body;
}

/// With the feature off, the names are those of tokio's very types.
#[cfg(not(feature = "observe"))]
#[test]
fn off_means_off() {
    use unsnarl::tokio::{runtime, sync, task};
    let _: tokio::sync::Mutex<u8> = sync::Mutex::new(1);
    let _: tokio::sync::RwLock<u8> = sync::RwLock::new(1);
    let _: tokio::sync::Semaphore = sync::Semaphore::new(1);
    let _: tokio::sync::Notify = sync::Notify::new();
    let _: (
        tokio::sync::mpsc::Sender<u8>,
        tokio::sync::mpsc::Receiver<u8>,
    ) = sync::mpsc::channel(1);
    let _: tokio::task::JoinSet<u8> = task::JoinSet::new();
    let _: tokio::runtime::Builder = runtime::Builder::new_current_thread();
}
