//! Durations on the command line.

use std::time::Duration;

/// What a unit is in milliseconds.
const UNITS: &[(&str, u64)] = &[
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("", 1_000),
];

/// Reads `90`, `90s`, `1.5m`, `2h`, `500ms`.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let end = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = UNITS.iter().find(|(name, _)| *name == unit);
    let duration = unit.and_then(|(_, millis)| {
        let number: f64 = number.trim().parse().ok()?;
        let seconds = number * Duration::from_millis(*millis).as_secs_f64();
        Duration::try_from_secs_f64(seconds).ok()
    });
    match duration {
        Some(duration) if duration > Duration::ZERO => Ok(duration),
        _ => Err("it is a number with `s`, `m`, `h` or `ms`, as in `90s`".to_owned()),
    }
}

/// In the largest unit that reads well.
pub(crate) fn short(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        _ if seconds < 1.0 => format!("{} ms", duration.as_millis()),
        _ if seconds < 10.0 => format!("{seconds:.1} s"),
        _ if seconds < 120.0 => format!("{seconds:.0} s"),
        _ => format!("{:.0} min", seconds / 60.0),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{parse, short};

    #[test]
    fn units_are_known_and_seconds_are_meant() {
        for (text, millis) in [
            ("90", 90_000),
            ("90s", 90_000),
            ("1.5m", 90_000),
            ("2h", 7_200_000),
            ("500ms", 500),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "s", "0", "-5s", "5d", "inf", "nan", "1e300h"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_duration_is_short() {
        let texts = [20, 1_500, 45_000, 600_000].map(|millis| short(Duration::from_millis(millis)));
        assert_eq!(texts, ["20 ms", "1.5 s", "45 s", "10 min"]);
    }
}
