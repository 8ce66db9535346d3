//! What is said of every twin: whose it is, and where to read more.

/// What a method does, and where to read more.
macro_rules! see {
    ($does:expr, $module:ident :: $Type:ident, $name:expr) => {
        see!(@ $does, concat!("tokio::sync::", stringify!($module), "::", stringify!($Type), "::", $name))
    };
    ($does:expr, $Type:ident, $name:expr) => {
        see!(@ $does, concat!("tokio::sync::", stringify!($Type), "::", $name))
    };
    (@ $does:expr, $path:expr) => {
        concat!($does, " See [`", $path, "`](::", $path, ").")
    };
}

/// Whose twin a type is.
macro_rules! twin {
    ($module:ident :: $Type:ident) => {
        twin!(@ concat!("tokio::sync::", stringify!($module), "::", stringify!($Type)))
    };
    ($Type:ident) => {
        twin!(@ concat!("tokio::sync::", stringify!($Type)))
    };
    (@ $path:expr) => {
        concat!("The watched form of [`", $path, "`](::", $path, ").")
    };
}
