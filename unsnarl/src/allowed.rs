//! What a test may leave behind.

/// What a test may leave behind: threads of these names, and what was started or taken in these files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Allowed {
    names: Vec<String>,
    files: Vec<String>,
}

impl Allowed {
    /// Threads of this name; a `*` at the end stands for any rest.
    pub(crate) fn name(&mut self, name: &str) {
        self.names.push(name.to_owned());
    }

    /// What was started or taken in a file whose name ends so.
    pub(crate) fn file(&mut self, file: &str) {
        self.files.push(file.to_owned());
    }

    /// Whether a thread of this name, or its doings in this file, are among them.
    #[cfg(feature = "observe")]
    pub(crate) fn includes(&self, thread: &str, file: &str) -> bool {
        let is_named = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => thread.starts_with(start),
            None => thread == pattern,
        };
        self.names.iter().any(is_named) || self.files.iter().any(|end| file.ends_with(end.as_str()))
    }
}
