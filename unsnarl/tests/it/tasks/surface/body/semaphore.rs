//! `Semaphore`.

use std::sync::Arc;

use super::{is_send_and_sync, tokio};
use tokio::sync::{
    AcquireError, OwnedSemaphorePermit, Semaphore, SemaphorePermit, TryAcquireError,
};

static IN_A_STATIC: Semaphore = Semaphore::const_new(1);

#[tokio::test]
async fn permits_come_back() {
    let semaphore = Semaphore::new(3);
    is_send_and_sync(&semaphore);
    let mut two: SemaphorePermit<'_> = semaphore.acquire_many(2).await.unwrap();
    assert_eq!((two.num_permits(), semaphore.available_permits()), (2, 1));
    assert!(matches!(
        semaphore.try_acquire_many(2),
        Err(TryAcquireError::NoPermits)
    ));
    let one = two.split(1).unwrap();
    assert!(two.split(2).is_none());
    two.merge(one);
    two.forget();
    assert_eq!(semaphore.available_permits(), 1);
    semaphore.add_permits(2);
    drop(semaphore.try_acquire().unwrap());
    assert_eq!(semaphore.forget_permits(1), 1);
    assert_eq!(semaphore.available_permits(), 2);
    semaphore.close();
    let closed: AcquireError = semaphore.acquire().await.unwrap_err();
    assert_eq!(closed.to_string(), "semaphore closed");
    assert!(semaphore.is_closed());
    drop(IN_A_STATIC.acquire().await.unwrap());
}

#[tokio::test]
async fn owned_permits_travel() {
    let semaphore = Arc::new(Semaphore::new(1));
    let permit: OwnedSemaphorePermit = Arc::clone(&semaphore).acquire_owned().await.unwrap();
    assert!(Arc::ptr_eq(permit.semaphore(), &semaphore));
    assert!(Arc::clone(&semaphore).try_acquire_owned().is_err());
    let giver = tokio::spawn(async move { drop(permit) });
    let again = Arc::clone(&semaphore).acquire_many_owned(1).await.unwrap();
    giver.await.unwrap();
    assert_eq!(again.num_permits(), 1);
}

#[test]
fn threads_may_block_on_it() {
    let semaphore = Semaphore::new(1);
    drop(semaphore.blocking_acquire().unwrap());
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
#[should_panic(expected = "different semaphore")]
fn permits_of_two_semaphores_do_not_merge() {
    let (one, other) = (Semaphore::new(1), Semaphore::new(1));
    let mut permit = one.try_acquire().unwrap();
    permit.merge(other.try_acquire().unwrap());
}
