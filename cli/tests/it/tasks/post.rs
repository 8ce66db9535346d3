//! A post office.

use std::sync::Arc;

use unsnarl::tokio;
use unsnarl::tokio::sync::{mpsc, Mutex};

#[derive(Debug, Default)]
pub struct Office {
    stamps: Mutex<u32>,
    parcels: Mutex<Vec<u32>>,
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
