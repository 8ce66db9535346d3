//! A profile as tables: what the program did with its time, and where.

mod chart;
mod percentiles;
mod table;

use model::profile::{Blocked, Histogram, Line, LockUse, Place, Population, Profile, Queue, Time};
use model::site::Site;

use self::percentiles::percentiles;
use self::table::{Side, Table};

/// How many rows of a table are shown.
const MOST: usize = 20;

/// The tables of a profile as text, those that have no rows left out.
#[must_use]
pub fn text(profile: &Profile) -> String {
    tables(profile).iter().map(Table::text).collect()
}

/// The tables of a profile as Markdown, those that have no rows left out.
#[cfg(feature = "ci")]
pub(crate) fn markdown(profile: &Profile) -> String {
    tables(profile).iter().map(Table::markdown).collect()
}

fn tables(profile: &Profile) -> Vec<Table> {
    let all = [
        locks(&profile.locks),
        blocked(&profile.blocked),
        over_time(&profile.populations),
        places(&profile.places),
        queues(&profile.queues),
        lines(&profile.lines),
    ];
    all.into_iter().filter(|table| !table.is_empty()).collect()
}

/// A table of the first of these, each made a row, whose columns are these.
fn table<T>(
    title: &'static str,
    columns: &'static [(&'static str, Side)],
    all: &[T],
    row: impl Fn(&T) -> Vec<String>,
) -> Table {
    let rows = all.iter().take(MOST).map(row).collect();
    Table::new(title, columns, rows, all.len().saturating_sub(MOST))
}

fn locks(all: &[LockUse]) -> Table {
    const COLUMNS: &[(&str, Side)] = &[
        ("lock", Side::Left),
        ("acquired at", Side::Left),
        ("times", Side::Right),
        ("contended", Side::Right),
        ("wait p50", Side::Right),
        ("p99", Side::Right),
        ("max", Side::Right),
        ("hold p50", Side::Right),
        ("p99", Side::Right),
        ("max", Side::Right),
    ];
    table("locks, the most waited for first", COLUMNS, all, |row| {
        let shared = if row.shared { " (read)" } else { "" };
        let start = [
            row.lock.display() + shared,
            place(&row.site),
            row.acquired.to_string(),
            percent(row.contended, row.acquired),
        ];
        let (wait, hold) = (times(&row.wait), times(&row.hold));
        start.into_iter().chain(wait).chain(hold).collect()
    })
}

fn blocked(all: &[Blocked]) -> Table {
    const COLUMNS: &[(&str, Side)] = &[
        ("blocked at", Side::Left),
        ("by", Side::Left),
        ("on", Side::Left),
        ("times", Side::Right),
        ("in all", Side::Right),
        ("p50", Side::Right),
        ("p99", Side::Right),
        ("max", Side::Right),
    ];
    table("blocked, the longest first", COLUMNS, all, |row| {
        let start = [
            place(&row.site),
            row.why.word().to_owned(),
            row.kind.clone(),
            row.time.count.to_string(),
            Time(row.time.sum).to_string(),
        ];
        start.into_iter().chain(times(&row.time)).collect()
    })
}

fn over_time(all: &[Population]) -> Table {
    const COLUMNS: &[(&str, Side)] = &[
        ("process", Side::Left),
        ("watched", Side::Right),
        ("of", Side::Left),
        ("most", Side::Right),
        ("over time", Side::Left),
    ];
    let mut busiest: Vec<(&Population, &str, &[u64])> = all
        .iter()
        .flat_map(|one| [(one, "threads", &*one.threads), (one, "tasks", &*one.tasks)])
        .filter(|(_, _, slots)| slots.iter().any(|&most| most > 0))
        .collect();
    let most = |slots: &[u64]| slots.iter().copied().max().unwrap_or(0);
    busiest.sort_by_key(|(_, _, slots)| u64::MAX - most(slots));
    table(
        "threads and tasks over time",
        COLUMNS,
        &busiest,
        |&(one, what, slots)| {
            vec![
                format!("{} ({})", one.process, one.pid),
                Time(one.time).to_string(),
                what.to_owned(),
                most(slots).to_string(),
                chart::line(slots),
            ]
        },
    )
}

fn places(all: &[Place]) -> Table {
    const COLUMNS: &[(&str, Side)] = &[
        ("started at", Side::Left),
        ("of", Side::Left),
        ("started", Side::Right),
        ("most at once", Side::Right),
        ("left at the end", Side::Right),
    ];
    table("threads and tasks by place", COLUMNS, all, |row| {
        let site = row.site.as_ref();
        vec![
            site.map_or_else(|| "not seen".to_owned(), place),
            if row.tasks { "tasks" } else { "threads" }.to_owned(),
            row.started.to_string(),
            row.most.to_string(),
            row.left.to_string(),
        ]
    })
}

fn queues(all: &[Queue]) -> Table {
    const COLUMNS: &[(&str, Side)] = &[
        ("made at", Side::Left),
        ("room", Side::Right),
        ("channels", Side::Right),
        ("put in", Side::Right),
        ("taken out", Side::Right),
        ("depth p50", Side::Right),
        ("p99", Side::Right),
        ("max", Side::Right),
    ];
    table("channels, the deepest first", COLUMNS, all, |row| {
        let made = row.channel.created.as_ref();
        let bound = row.bound.map(|bound| bound.to_string());
        let name = row.channel.name.as_ref();
        let start = [
            made.map(place).or(name.cloned()).unwrap_or_default(),
            bound.unwrap_or_else(|| "any".to_owned()),
            row.channels.to_string(),
            row.put.to_string(),
            row.taken.to_string(),
        ];
        let depth = percentiles(&row.depth).map(|depth| depth.to_string());
        start.into_iter().chain(depth).collect()
    })
}

fn lines(all: &[Line]) -> Table {
    const COLUMNS: &[(&str, Side)] = &[
        ("written at", Side::Left),
        ("of", Side::Left),
        ("threads", Side::Right),
        ("writes", Side::Right),
        ("during", Side::Right),
    ];
    table(
        "lines of memory that several threads write",
        COLUMNS,
        all,
        |row| {
            let sites: Vec<String> = row.sites.iter().take(3).map(place).collect();
            vec![
                sites.join(", "),
                if row.apart {
                    "different atomics"
                } else {
                    "one atomic"
                }
                .to_owned(),
                row.threads.to_string(),
                row.writes.to_string(),
                Time(row.time).to_string(),
            ]
        },
    )
}

/// The middle, the one in a hundred, and the longest; nothing where there was none.
fn times(histogram: &Histogram) -> [String; 3] {
    if histogram.count == 0 {
        return [const { String::new() }; 3];
    }
    percentiles(histogram).map(|time| Time(time).to_string())
}

/// Whole percent, of which there are few where there is one.
fn percent(part: u64, whole: u64) -> String {
    let percent = u128::from(part) * 100 / u128::from(whole.max(1));
    match percent {
        0 if part > 0 => "< 1 %".to_owned(),
        _ => format!("{percent} %"),
    }
}

/// A place; of a file far away only the end of its path.
fn place(site: &Site) -> String {
    const KEPT: usize = 4;
    let parts: Vec<&str> = site.file.split(['/', '\\']).collect();
    let is_far = parts.len() > KEPT && (site.file.starts_with('/') || site.file.contains(":\\"));
    let file = if is_far {
        parts[parts.len() - KEPT..].join("/")
    } else {
        site.file.clone()
    };
    format!("{file}:{}:{}", site.line, site.column)
}

#[cfg(test)]
mod tests {
    use model::profile::{Histogram, LockUse, Place, Profile};
    use model::site::Site;

    use super::{MOST, percent, place, text};

    #[test]
    fn an_empty_profile_has_no_tables() {
        assert_eq!(text(&Profile::new()), "");
    }

    #[test]
    fn rows_that_are_too_many_are_counted() {
        let mut profile = Profile::new();
        profile.places = vec![Place::new(None, false); MOST + 2];
        let text = text(&profile);
        assert!(text.contains("and 2 more"), "{text}");
        assert_eq!(text.matches("not seen").count(), MOST);
    }

    #[test]
    fn files_far_away_are_cut_to_their_end() {
        let far = Site::new("/home/me/.cargo/registry/src/x/rayon-1.0/src/job.rs", 3, 7);
        assert_eq!(place(&far), "x/rayon-1.0/src/job.rs:3:7");
        let near = Site::new("src/job.rs", 3, 7);
        assert_eq!(place(&near), "src/job.rs:3:7");
    }

    #[test]
    fn a_share_is_never_nothing_where_there_is_some() {
        assert_eq!(percent(0, 7), "0 %");
        assert_eq!(percent(1, 1_000), "< 1 %");
        assert_eq!(percent(u64::MAX, u64::MAX), "100 %");
    }

    #[test]
    fn a_lock_that_nobody_waited_for_has_no_waits() {
        let mut row = LockUse::default();
        row.acquired = 3;
        row.hold = Histogram::new(3_000, 1_000, [(1_000, 3)]);
        let mut profile = Profile::new();
        profile.locks = vec![row];
        let text = text(&profile);
        assert_eq!(text.matches("1.00 µs").count(), 3, "{text}");
    }
}
