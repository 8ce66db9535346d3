//! Columns of the results: a peer, or one way to run it.

/// Who a figure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Std,
    ParkingLot,
    ParkingLotDetecting,
    TracingMutex,
    TracingMutexBacktrace,
    Deloxide,
    Unsnarl,
    UnsnarlBacktrace,
    UnsnarlEngine,
}

/// Every column, in the order of the tables: its word in files, and its heading.
pub(crate) const COLUMNS: &[(Column, &str, &str)] = &[
    (Column::Std, "std", "std"),
    (Column::ParkingLot, "parking_lot", "parking_lot"),
    (
        Column::ParkingLotDetecting,
        "parking_lot_detecting",
        "parking_lot, `deadlock_detection`",
    ),
    (Column::TracingMutex, "tracing_mutex", "tracing-mutex"),
    (
        Column::TracingMutexBacktrace,
        "tracing_mutex_backtrace",
        "tracing-mutex, backtraces",
    ),
    (Column::Deloxide, "deloxide", "deloxide, `lock-order-graph`"),
    (
        Column::UnsnarlEngine,
        "unsnarl_engine",
        "unsnarl, engine alone",
    ),
    (Column::Unsnarl, "unsnarl", "unsnarl"),
    (
        Column::UnsnarlBacktrace,
        "unsnarl_backtrace",
        "unsnarl, backtraces",
    ),
];

impl Column {
    /// Its word in files of figures.
    pub(crate) fn word(self) -> &'static str {
        let row = COLUMNS.iter().find(|(column, ..)| *column == self);
        row.map(|(_, word, _)| *word)
            .expect("every column is in the table")
    }

    /// The column of a word.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        let row = COLUMNS.iter().find(|(_, known, _)| *known == word);
        row.map(|(column, ..)| *column)
    }
}
