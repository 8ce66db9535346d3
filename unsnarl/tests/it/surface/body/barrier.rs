use super::sync::Barrier;
use super::sync::atomic::{AtomicUsize, Ordering};
use super::thread;

#[test]
fn nobody_goes_on_before_all_have_come() {
    const PARTIES: usize = 4;
    let barrier = Barrier::new(PARTIES);
    let [come, leaders] = [(); 2].map(|()| AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..PARTIES {
            scope.spawn(|| {
                for round in 1..=50 {
                    come.fetch_add(1, Ordering::SeqCst);
                    let result = barrier.wait();
                    leaders.fetch_add(result.is_leader().into(), Ordering::SeqCst);
                    assert_eq!(come.load(Ordering::SeqCst), round * PARTIES);
                    barrier.wait();
                }
            });
        }
    });
    assert_eq!(leaders.load(Ordering::SeqCst), 50);
}

#[test]
fn at_most_one_party_never_waits() {
    for parties in [0, 1] {
        let barrier = Barrier::new(parties);
        let result = barrier.wait();
        assert!(result.is_leader() && barrier.wait().is_leader());
        assert_eq!(
            format!("{barrier:?} {result:?}"),
            "Barrier { .. } BarrierWaitResult { is_leader: true }"
        );
    }
}
