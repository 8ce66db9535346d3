//! Stands in for `unsnarl`: says whether it is switched on, and writes the report it is told to.

pub const ON: bool = cfg!(feature = "check");

/// Writes this as the report of this process.
pub fn report(json: &str) {
    if let Some(folder) = std::env::var_os("UNSNARL_REPORT_DIR").filter(|_| ON) {
        let name = format!("it-{}.json", std::process::id());
        std::fs::write(std::path::Path::new(&folder).join(name), json).unwrap();
    }
}

/// The report of a process in which nothing was found.
pub fn clean() {
    report(&process(true, ""));
}

/// A report with these findings.
pub fn process(ended: bool, findings: &str) -> String {
    format!(
        r#"{{"schema": 1, "version": "0.1.0",
            "processes": [{{"name": "it", "pid": {}, "ended": {ended}, "threads": 2, "locks": 4}}],
            "findings": [{findings}], "graph": {{"classes": [], "edges": [], "innocent": []}}}}"#,
        std::process::id()
    )
}
