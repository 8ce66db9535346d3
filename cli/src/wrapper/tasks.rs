//! A crate of ours in the place of tokio: built here, against the tokio that cargo gives to a crate of the workspace, and
//! once for each.
//!
//! ```text
//! <what the wrapper has to say>/tokio/<key>/lock        who builds has it
//! <what the wrapper has to say>/tokio/<key>/src/        the sources, as they lie in a crate
//! <what the wrapper has to say>/tokio/<key>/error       why it cannot be built
//! <what the wrapper has to say>/tokio/lib/libunsnarl_tokio-<key>.rlib
//! ```

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::attempt::Attempt;
use super::call::Call;
use super::complaint::Complaint;
use crate::shim::digest::digest;
use crate::shim::plan::Plan;
use crate::shim::tokio::assemble;

/// The crates that the twins are made of, and how their libraries begin.
const PARTS: [(&str, &str); 4] = [
    ("unsnarl", "libunsnarl-"),
    ("lockgraph", "libunsnarl_lockgraph-"),
    ("model", "libunsnarl_model-"),
    ("stress", "libunsnarl_stress-"),
];

/// What became of building it.
#[derive(Debug)]
pub(super) enum Stand {
    /// The crate asks for no tokio, or nobody asked for this.
    Unneeded,
    /// This is it.
    In {
        /// The tokio that it stands in for, as cargo gave it.
        given: OsString,
        /// The library.
        library: PathBuf,
    },
    /// It cannot be built against this tokio, and why.
    Fails(String),
}

/// Builds it for this call of the compiler, or finds it built.
pub(super) fn stand_in(call: &Call, plan: &Plan) -> io::Result<Stand> {
    let Some(sources) = &plan.tasks else {
        return Ok(Stand::Unneeded);
    };
    let Some((given, tokio)) = call.tokio() else {
        return Ok(Stand::Unneeded);
    };
    let key = digest(tokio.with_extension("").as_os_str().as_encoded_bytes());
    let folder = plan.said.join("tokio").join(&key);
    fs::create_dir_all(&folder)?;
    fs::create_dir_all(plan.stand_ins_for_tokio())?;
    let lock = File::create(folder.join("lock"))?;
    // Where files cannot be locked, the same is built twice.
    let _ = lock.lock();
    let library = plan.stand_ins_for_tokio();
    let library = library.join(format!("libunsnarl_tokio-{key}.rlib"));
    let failed = folder.join("error");
    if let Ok(error) = fs::read_to_string(&failed) {
        return Ok(Stand::Fails(error));
    }
    if is_older(&library, &tokio) {
        assemble(sources, &folder.join("src"))?;
        let attempt = Attempt::make(&mut compile(call, plan, &folder, &key, &tokio)?)?;
        if !attempt.status.success() {
            let error = Complaint::read(&attempt.held).first();
            fs::write(failed, &error)?;
            return Ok(Stand::Fails(error));
        }
    }
    Ok(Stand::In { given, library })
}

/// Whether a library is not there, or from before the other one was built.
fn is_older(library: &Path, than: &Path) -> bool {
    let time = |path: &Path| fs::metadata(path).and_then(|data| data.modified());
    match (time(library), time(than)) {
        (Ok(library), Ok(than)) => library < than,
        _ => true,
    }
}

/// The call of the compiler that builds it: against the real `std`, for the platform of the crate that asks.
fn compile(
    call: &Call,
    plan: &Plan,
    folder: &Path,
    key: &str,
    tokio: &Path,
) -> io::Result<Command> {
    let mut command = Command::new(call.compiler());
    command
        .args(["--crate-name", "unsnarl_tokio", "--crate-type", "lib"])
        .args(["--edition", "2024", "--cap-lints", "allow"])
        .args(["--emit", "link", "--error-format", "json"])
        .args(["-C", "opt-level=2", "-C", "embed-bitcode=yes"])
        .args(["--cfg", "feature=\"observe\"", "--cfg", "feature=\"tokio\""])
        .args(["-C", &format!("metadata={key}")])
        .args(["-C", &format!("extra-filename=-{key}")])
        .args(["--target", &plan.target])
        .args(call.searched())
        .args(plan.linking());
    for (name, start) in PARTS {
        command.args(["--extern".into(), given(name, &part(plan, start)?)]);
    }
    command
        .args(["--extern".into(), given("tokio", tokio)])
        .arg("--out-dir")
        .arg(plan.stand_ins_for_tokio())
        .arg(folder.join("src/lib.rs"));
    Ok(command)
}

/// The library of ours whose name begins so.
fn part(plan: &Plan, start: &str) -> io::Result<PathBuf> {
    for folder in &plan.dependencies {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
            if name.starts_with(start) && name.ends_with(".rlib") {
                return Ok(path);
            }
        }
    }
    Err(io::Error::other(format!("no library `{start}…` of ours")))
}

/// What `--extern` is given.
fn given(name: &str, library: &Path) -> OsString {
    let mut given = OsString::from(format!("{name}="));
    given.push(library);
    given
}
