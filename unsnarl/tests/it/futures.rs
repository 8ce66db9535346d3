//! Tasks: plain, and in explored runs.

use std::future::poll_fn;
use std::task::{Poll, Waker};

use unsnarl::future::{block_on, spawn, yield_now};
use unsnarl::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use unsnarl::sync::{Arc, Mutex};

#[test]
fn tasks_end_with_their_results() {
    let sum = block_on(async {
        let tasks: Vec<_> = (1..=3).map(|number| spawn(async move { number })).collect();
        let mut sum = 0;
        for task in tasks {
            yield_now().await;
            sum += task.await.unwrap();
        }
        sum
    });
    assert_eq!(sum, 6);
}

#[test]
fn a_task_that_panics_hands_that_on() {
    let task = spawn(async { std::panic::resume_unwind(Box::new("as expected")) });
    let result: Result<(), _> = block_on(task);
    assert_eq!(result.unwrap_err().downcast_ref(), Some(&"as expected"));
}

#[test]
fn a_handle_says_whether_its_task_has_ended() {
    let task = spawn(async {});
    while !task.is_finished() {
        std::thread::yield_now();
    }
    block_on(task).unwrap();
}

/// A value that one task waits for and another one sets.
#[derive(Default)]
struct Slot {
    value: AtomicUsize,
    waiting: Mutex<Option<Waker>>,
}

impl Slot {
    fn set(&self, value: usize) {
        self.value.store(value, SeqCst);
        let waiting = self.waiting.lock().unwrap().take();
        waiting.into_iter().for_each(Waker::wake);
    }

    fn look(&self) -> Poll<usize> {
        match self.value.load(SeqCst) {
            0 => Poll::Pending,
            value => Poll::Ready(value),
        }
    }

    /// Looks, and then says that it waits: the value may have come in between.
    async fn wait_carelessly(&self) -> usize {
        poll_fn(|context| {
            let seen = self.look();
            if seen.is_pending() {
                *self.waiting.lock().unwrap() = Some(context.waker().clone());
            }
            seen
        })
        .await
    }

    /// Says that it waits, and then looks.
    async fn wait(&self) -> usize {
        poll_fn(|context| {
            *self.waiting.lock().unwrap() = Some(context.waker().clone());
            self.look()
        })
        .await
    }
}

fn hand_over(is_careful: bool) {
    let slot = Arc::new(Slot::default());
    let other = Arc::clone(&slot);
    let seen = block_on(async move {
        let task = spawn(async move { other.set(7) });
        let seen = match is_careful {
            true => slot.wait().await,
            false => slot.wait_carelessly().await,
        };
        task.await.unwrap();
        seen
    });
    assert_eq!(seen, 7);
}

#[cfg(feature = "explore")]
mod explored {
    use unsnarl::{Explorer, Shown};

    use super::*;

    fn found(program: impl Fn() + Send + Sync) -> Vec<Shown> {
        let exploration = Explorer::new().schedules(300).run(&program);
        assert_eq!(exploration.obstacle, None);
        for token in exploration
            .findings()
            .iter()
            .filter_map(|shown| shown.replay.as_ref())
        {
            let again = Explorer::new().replay(token).run(&program);
            assert_eq!(again.findings().len(), 1, "{token}");
        }
        exploration.findings().to_vec()
    }

    #[test]
    fn a_wake_up_that_comes_too_early_is_lost() {
        let shown = found(|| hand_over(false));
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0].slug, "deadlock", "{}", shown[0].text);
        assert!(found(|| hand_over(true)).is_empty());
    }

    #[test]
    fn tasks_lose_updates_as_threads_do() {
        let program = |adds: fn(&AtomicUsize)| {
            move || {
                let count = Arc::new(AtomicUsize::new(0));
                let add = |_| {
                    let count = Arc::clone(&count);
                    spawn(async move { adds(&count) })
                };
                let tasks: Vec<_> = (0..2).map(add).collect();
                block_on(async {
                    for task in tasks {
                        task.await.unwrap();
                    }
                });
                assert_eq!(count.load(SeqCst), 2);
            }
        };
        let in_two_steps = |count: &AtomicUsize| count.store(count.load(SeqCst) + 1, SeqCst);
        let shown = found(program(in_two_steps));
        assert_eq!(shown[0].slug, "panic");
        let in_one = |count: &AtomicUsize| _ = count.fetch_add(1, SeqCst);
        assert!(found(program(in_one)).is_empty());
    }

    #[test]
    fn a_task_that_panics_is_heard_of_where_it_is_awaited() {
        let panics = || spawn(async { assert_eq!(1, 2, "one is not two") });
        assert!(found(|| assert!(block_on(panics()).is_err())).is_empty());
        let shown = found(|| drop(panics()));
        assert!(shown[0].text.contains("one is not two"));
    }

    #[test]
    fn tasks_that_give_way_let_others_go_on() {
        let program = || {
            let flag = Arc::new(AtomicUsize::new(0));
            let other = Arc::clone(&flag);
            let task = spawn(async move { other.store(1, SeqCst) });
            block_on(async {
                while flag.load(SeqCst) == 0 {
                    yield_now().await;
                }
                task.await.unwrap();
            });
        };
        assert!(found(program).is_empty());
    }
}

#[test]
fn a_value_is_handed_over() {
    hand_over(true);
}
