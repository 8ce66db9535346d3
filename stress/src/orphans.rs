//! Test processes that a campaign has left behind, because it was killed itself.

use std::path::Path;

use crate::system;

/// Ends the processes whose reports would go below this folder, which is nobody's now. Known on Linux only.
pub fn end(folder: &Path) {
    let mark = format!("{}=", crate::campaign::REPORT_DIR);
    for process in system::processes() {
        let is_one = system::environment(process).is_some_and(|environment| {
            environment
                .split(|&byte| byte == 0)
                .filter_map(|variable| variable.strip_prefix(mark.as_bytes()))
                .any(|value| system::path(value).is_some_and(|path| path.starts_with(folder)))
        });
        if is_one {
            system::kill(process);
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Child, Command};

    use super::end;

    fn sleeper(folder: &str) -> Child {
        let mut command = Command::new("sleep");
        command.arg("600").env(crate::campaign::REPORT_DIR, folder);
        command.spawn().unwrap()
    }

    #[test]
    fn those_of_this_folder_are_ended_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("runs/worker-0");
        let beside = folder.path().join("runs-of-others/worker-0");
        let mut ours = sleeper(below.to_str().unwrap());
        let mut others = sleeper(beside.to_str().unwrap());
        end(&folder.path().join("runs"));
        assert_eq!(ours.wait().unwrap().signal(), Some(9));
        let lives = others.try_wait().unwrap().is_none();
        others.kill().unwrap();
        others.wait().unwrap();
        assert!(lives);
    }
}
