use std::collections::HashSet;

use super::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const MOMENT: Duration = Duration::from_millis(5);

#[test]
fn moments_are_compared_and_reckoned_with() {
    let start = Instant::now();
    let mut later = start + MOMENT;
    assert!(later > start && later - start == MOMENT);
    assert_eq!(later.duration_since(start), MOMENT);
    assert_eq!(start.duration_since(later), Duration::ZERO);
    assert_eq!(start.checked_duration_since(later), None);
    assert_eq!(start.saturating_duration_since(later), Duration::ZERO);
    later -= MOMENT;
    assert_eq!(HashSet::from([start]).get(&later), Some(&start));
    later += MOMENT;
    assert_eq!(later - MOMENT, start);
    assert_eq!(later.checked_sub(MOMENT), Some(start));
    assert_eq!(start.checked_add(MOMENT), Some(later));
    assert_eq!(start.checked_add(Duration::MAX), None);
    assert!(format!("{start:?}").contains("Instant"));
}

#[test]
fn time_passes() {
    let start = Instant::now();
    super::thread::sleep(MOMENT);
    assert!(start.elapsed() >= MOMENT);
    assert!(SystemTime::now() > UNIX_EPOCH);
}
