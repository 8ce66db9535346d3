//! A courier service that knows nothing of unsnarl.

use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;

#[derive(Debug, Default)]
pub struct Office {
    stamps: tokio::sync::Mutex<u32>,
    parcels: tokio::sync::Mutex<Vec<u32>>,
    log: Mutex<Vec<u32>>,
}

impl Office {
    pub async fn accept(&self, weight: u32) {
        let mut parcels = self.parcels.lock().await;
        *self.stamps.lock().await += weight;
        parcels.push(weight);
    }

    pub async fn deliver(&self) -> Option<u32> {
        let mut stamps = self.stamps.lock().await;
        let mut parcels = self.parcels.lock().await;
        *stamps = stamps.checked_sub(1)?;
        parcels.pop()
    }

    /// Keeps the log locked while it waits.
    pub async fn write_slowly(&self) {
        let mut log = self.log.lock().unwrap();
        tokio::task::yield_now().await;
        log.push(1);
    }

    pub async fn write(&self) {
        tokio::task::yield_now().await;
        self.log.lock().unwrap().push(1);
    }
}

/// Starts a courier, who comes for each call until all callers are gone.
pub fn courier(office: &Arc<Office>) -> mpsc::Sender<()> {
    let (caller, mut calls) = mpsc::channel(1);
    let office = Arc::clone(office);
    tokio::spawn(async move {
        while let Some(()) = calls.recv().await {
            tokio::select! {
                _ = office.deliver() => {}
                () = tokio::time::sleep(std::time::Duration::from_secs(60)) => {}
            }
        }
    });
    caller
}
