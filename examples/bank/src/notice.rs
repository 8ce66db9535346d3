//! Notices to customers, and the postman who delivers them.

use unsnarl::sync::mpsc::Receiver;
use unsnarl::sync::{Arc, Mutex};
use unsnarl::thread::{self, JoinHandle};

/// Something that a customer should know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notice {
    /// The owner of the account.
    pub to: String,
    /// What happened.
    pub text: String,
}

/// Delivers notices in the background until the bank closes.
#[derive(Debug)]
pub struct Postman {
    delivered: Arc<Mutex<Vec<Notice>>>,
    round: JoinHandle<()>,
}

impl Notice {
    pub(crate) fn new(to: &str, text: String) -> Self {
        Self {
            to: to.to_owned(),
            text,
        }
    }
}

impl Postman {
    /// Starts to deliver what comes in.
    #[must_use]
    pub fn start(notices: Receiver<Notice>) -> Self {
        let delivered = Arc::<Mutex<Vec<Notice>>>::default();
        let letter_boxes = Arc::clone(&delivered);
        let round = thread::spawn(move || {
            for notice in notices {
                letter_boxes.lock().unwrap().push(notice);
            }
        });
        Self { delivered, round }
    }

    /// Waits for the end of the round, which comes when the bank has closed, and returns what was delivered.
    ///
    /// # Panics
    ///
    /// If the postman did.
    #[must_use]
    pub fn finish(self) -> Vec<Notice> {
        self.round
            .join()
            .expect("the postman does nothing that could fail");
        std::mem::take(&mut *self.delivered.lock().unwrap())
    }
}
