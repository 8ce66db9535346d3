//! Operations that are cancelled half-way.
//!
//! A future can be dropped at any of its awaits: by `select!`, a timeout, an abort. What it had done by then stays done.

use std::future::poll_fn;
use std::panic::Location;
use std::pin::pin;
use std::task::Poll;

#[cfg(feature = "observe")]
use crate::recorder::cancellations;
#[cfg(feature = "observe")]
use crate::recorder::noise;
#[cfg(feature = "observe")]
use stress::fault::Fault;

/// Runs an operation again and again, and cancels it at its first await, at its second, and so on until it gets to its end.
/// Each time the invariant must hold afterwards.
///
/// `attempt` makes what the operation works on anew, and returns the operation and the invariant: a future that says whether
/// all is well, such as that no message is lost. Operations of `unsnarl::tokio` are suspended once each, also where
/// they could go on at once, as tokio may do whenever it likes; others count where they are suspended.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// let balance = AtomicU32::new(0);
/// let checked = unsnarl::cancel::at_every_await(|| {
///     balance.store(100, Ordering::SeqCst);
///     let pay = async { balance.fetch_sub(30, Ordering::SeqCst) };
///     (pay, async { [70, 100].contains(&balance.load(Ordering::SeqCst)) })
/// });
/// # fn run(future: impl Future) {
/// #     let waker = std::task::Waker::noop();
/// #     let _ = std::pin::pin!(future).poll(&mut std::task::Context::from_waker(waker));
/// # }
/// # run(checked);
/// ```
///
/// With the feature `check` off, the operation only runs to its end, once.
///
/// # Panics
///
/// If the invariant does not hold. That is a finding, `cancelled-mid-operation`, with the await at which the operation was
/// cancelled.
#[track_caller]
pub fn at_every_await<O, I>(mut attempt: impl FnMut() -> (O, I)) -> impl Future<Output = ()>
where
    O: Future,
    I: Future<Output = bool>,
{
    let asked = Location::caller();
    async move {
        #[cfg_attr(
            not(feature = "observe"),
            expect(clippy::never_loop, reason = "only what is watched is cancelled")
        )]
        for awaits in 1_u64.. {
            let (operation, invariant) = attempt();
            let stop = up_to(operation, awaits).await;
            let holds = invariant.await;
            match stop {
                Stop::End => {
                    assert!(holds, "unsnarl: the invariant at {asked} does not hold");
                    return;
                }
                #[cfg(feature = "observe")]
                Stop::Await(place) if !holds => {
                    panic!("unsnarl: {}", cancellations::tell(awaits, place, asked));
                }
                #[cfg(feature = "observe")]
                Stop::Await(_) => {}
            }
        }
    }
}

/// How far an operation came.
enum Stop {
    /// To its end.
    End,
    /// To an await, which is known if it is that of a watched operation.
    #[cfg(feature = "observe")]
    Await(Option<model::site::Caller>),
}

/// Runs an operation up to one of its awaits, and drops it there.
#[cfg_attr(
    not(feature = "observe"),
    expect(unused_variables, reason = "only what is watched is cancelled")
)]
async fn up_to<O: Future>(operation: O, awaits: u64) -> Stop {
    let mut operation = pin!(operation);
    #[cfg(feature = "observe")]
    let mut count = 0;
    poll_fn(|cx| {
        #[cfg(feature = "observe")]
        let polled = cancellations::suspending(|| operation.as_mut().poll(cx));
        #[cfg(not(feature = "observe"))]
        let polled = operation.as_mut().poll(cx);
        if polled.is_ready() {
            return Poll::Ready(Stop::End);
        }
        #[cfg(feature = "observe")]
        {
            count += 1;
            if count == awaits {
                return Poll::Ready(Stop::Await(cancellations::place()));
            }
        }
        Poll::Pending
    })
    .await
}

/// Awaits a future that the program is ready to cancel. Where faults are asked for (`cargo unsnarl stress --faults`), it may be
/// dropped at one of its awaits; then this is `None`.
///
/// Wherever the program has `select!` or a timeout around a future, this says the same without waiting for the right
/// moment.
pub async fn maybe<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        #[cfg(feature = "observe")]
        Poll::Pending if noise::fails(Fault::Cancel) => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    })
    .await
}
