//! The table of crates whose own tests are run.

/// How long the tests of a crate take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// Seconds, to build and to run: part of every change's checks.
    Small,
    /// More than that.
    Large,
}

/// A crate of the registry, and what is known of its tests.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) size: Size,
    /// Which tests: arguments for `cargo test`.
    pub(crate) arguments: &'static [&'static str],
    /// Tests that do not end the same way each time they run, with the reason.
    pub(crate) shaky: &'static [(&'static str, &'static str)],
    /// What is found in it.
    pub(crate) findings: &'static [Known],
}

/// A finding that somebody has looked at.
#[derive(Debug)]
pub(crate) struct Known {
    /// Its kind.
    pub(crate) slug: &'static str,
    /// The end of the path of a file that it points to.
    pub(crate) file: &'static str,
    /// Why it is there.
    #[expect(dead_code, reason = "for who reads the table")]
    pub(crate) why: &'static str,
}

const fn large(name: &'static str, version: &'static str) -> Suite {
    Suite {
        name,
        version,
        size: Size::Large,
        arguments: &["--lib", "--tests"],
        shaky: &[],
        findings: &[],
    }
}

const fn small(name: &'static str, version: &'static str) -> Suite {
    Suite {
        size: Size::Small,
        ..large(name, version)
    }
}

/// Why a test with a clock in it may fail.
const LATE: &str = "fails if the system wakes it a few milliseconds late, with us and without";

/// Every suite.
pub(crate) const SUITES: &[Suite] = &[
    large("arc-swap", "1.9.3"),
    small("async-channel", "2.5.0"),
    large("async-executor", "1.14.1"),
    large("async-lock", "3.5.0"),
    large("bb8", "0.9.1"),
    large("blocking", "1.7.0"),
    small("bus", "2.4.1"),
    Suite {
        shaky: &[(
            "select2::main",
            "counts the bytes that the whole program allocates, while other tests run",
        )],
        ..large("crossbeam-channel", "0.5.17")
    },
    large("crossbeam-deque", "0.8.8"),
    large("crossbeam-utils", "0.8.23"),
    large("dashmap", "6.2.1"),
    Suite {
        shaky: &[(
            "add_timeout",
            "gives a task 10 ms, which a busy machine may need for something else",
        )],
        ..large("deadpool", "0.13.1")
    },
    large("event-listener", "5.4.2"),
    Suite {
        shaky: &[
            ("recv_deadline", LATE),
            ("recv_timeout", LATE),
            ("send_timeout", LATE),
        ],
        ..large("flume", "0.12.0")
    },
    large("governor", "0.10.4"),
    Suite {
        findings: &[Known {
            slug: "lock-class-cycle",
            file: "src/multi.rs",
            why: "tests of one thread each hold a private lock while they ask a bar for its place, the library takes \
                  the two the other way round: true by class, and nobody else can take them so",
        }],
        ..large("indicatif", "0.18.6")
    },
    large("lru", "0.19.0"),
    Suite {
        arguments: &["--lib", "--tests", "--features", "sync,future"],
        ..large("moka", "0.12.16")
    },
    large("once_cell", "1.21.4"),
    large("parking_lot", "0.12.5"),
    Suite {
        shaky: &[
            (
                "test::events",
                "expects one connection's release to be told before the next one is made, by another thread",
            ),
            (
                "test::test_max_lifetime",
                "looks after just the time in which the reaper comes round twice",
            ),
        ],
        ..large("r2d2", "0.8.10")
    },
    large("rayon-core", "1.13.0"),
    large("scheduled-thread-pool", "0.2.8"),
    large("sharded-slab", "0.1.7"),
    small("thread_local", "1.1.10"),
    Suite {
        shaky: &[(
            "test::test_multi_join",
            "expects that jobs just given to a pool have not ended yet",
        )],
        ..large("threadpool", "1.8.1")
    },
    Suite {
        arguments: &[
            "--lib",
            "--test",
            "sync_*",
            "--test",
            "rt_*",
            "--features",
            "full,test-util",
        ],
        ..large("tokio", "1.54.1")
    },
];
