//! The ready-made jobs in `ci/`: each of their parts runs as it stands there, knows which part it is, leaves what the job
//! keeps, and finds together with the others what one campaign finds alone.
//!
//! What the crate's tests do depends on the noise of a run alone, and so is the same wherever that run is done.

mod schedulers;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use yaml_rust2::{Yaml, YamlLoader};

use crate::support::{Answer, answer, clean, command, manifest, shared, stub, write};

const SEED: &str = "7";
const RUNS: &str = "24";

/// The ready-made jobs, as they are.
fn ready_made() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ci")
}

/// A crate with the ready-made jobs in it.
fn crate_of(name: &str) -> TempDir {
    let dependency = format!("[dependencies]\nunsnarl = {{ {} }}\n[workspace]", stub());
    let tests = include_str!("jobs/harbour.rs");
    let files = [
        ("Cargo.toml", &*manifest("harbour", &dependency)),
        ("src/lib.rs", ""),
        ("tests/it.rs", tests),
    ];
    let folder = shared(name, &files);
    for file in fs::read_dir(ready_made()).unwrap().map(Result::unwrap) {
        let name = Path::new("ci").join(file.file_name());
        write(
            &folder.path().join(name),
            &fs::read_to_string(file.path()).unwrap(),
        );
    }
    folder
}

/// What a campaign, or all its parts, came to: the fingerprints, and the hits of each test.
#[derive(Debug, PartialEq, Eq)]
struct Sum {
    fingerprints: BTreeSet<String>,
    hits: BTreeMap<String, u64>,
}

impl Sum {
    fn of(report: &Value) -> Self {
        let list = |key: &str| report[key].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            fingerprints: list("findings")
                .map(|one| text(&one["fingerprint"]))
                .collect(),
            hits: list("tests")
                .map(|test| (text(&test["name"]), test["hits"].as_u64().unwrap()))
                .collect(),
        }
    }

    /// That of one campaign in this crate.
    fn alone(dir: &Path) -> Self {
        let reports = tempfile::tempdir().unwrap();
        let line = format!("stress --runs {RUNS} --seed {SEED}");
        let mut command = command(dir, &line);
        answer(command.env("UNSNARL_REPORT_DIR", reports.path())).check(1, &["seed 7"]);
        let sum = Self::of(&read(&reports.path().join("latest/report.json")));
        assert_eq!(sum.fingerprints.len(), 2, "{sum:?}");
        sum
    }

    /// That of the reports in the folders of this one, merged.
    fn merged(dir: &Path, reports: &Path, parts: usize) -> Self {
        let mut command = command(dir, "report merge -o all.json");
        let folders = fs::read_dir(reports)
            .unwrap()
            .map(|one| one.unwrap().path());
        let files: Vec<PathBuf> = folders.map(|one| one.join("latest/report.json")).collect();
        assert_eq!(files.len(), parts);
        answer(command.args(files)).check(0, &[]);
        Self::of(&read(&dir.join("all.json")))
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A part of a job: what it runs, with which variables, and what the job keeps of its target folder.
struct Part {
    script: String,
    variables: Vec<(String, String)>,
    kept: Vec<String>,
}

/// `bash` in this folder, with `cargo unsnarl` as it is.
fn bash(dir: &Path) -> std::process::Command {
    let mut bash = clean("bash", dir);
    let ours = Path::new(env!("CARGO_BIN_EXE_cargo-unsnarl"))
        .parent()
        .unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = [ours.to_owned()]
        .into_iter()
        .chain(std::env::split_paths(&path));
    bash.env("PATH", std::env::join_paths(folders).unwrap())
        .env("UNSNARL_SEED", SEED)
        .env("UNSNARL_RUNS", RUNS);
    bash
}

impl Part {
    fn run(&self, dir: &Path, reports: &Path) -> Answer {
        let mut bash = bash(dir);
        // Where it keeps its reports, and builds, is the test's, after the job has said it.
        bash.envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env("UNSNARL_REPORT_DIR", reports)
            .args(["-euc", &self.script]);
        answer(&mut bash)
    }
}

/// A part has ended as one does, whether or not there was something to find in it.
fn ended(answer: &Answer, said: &str) {
    let has_found = answer.stdout.contains("error[");
    answer.check(i32::from(has_found), &[said, "seed 7"]);
}

/// Runs the parts of a job, one after the other.
fn check(name: &str, parts: &[Part]) {
    let folder = crate_of(name);
    let reports = tempfile::tempdir().unwrap();
    for (number, part) in (1..).zip(parts) {
        let place = reports.path().join(number.to_string());
        let said = format!("shard {number}/{}", parts.len());
        ended(&part.run(folder.path(), &place), &said);
        for kept in &part.kept {
            let kept = kept.strip_prefix("target/unsnarl/").unwrap();
            assert!(place.join(kept).exists(), "{kept}");
        }
    }
    let merged = Sum::merged(folder.path(), reports.path(), parts.len());
    assert_eq!(merged, Sum::alone(folder.path()));
}

fn yaml(file: &str) -> Yaml {
    let text = fs::read_to_string(ready_made().join(file)).unwrap();
    let documents = YamlLoader::load_from_str(&text).unwrap();
    let [document] = documents.try_into().unwrap();
    document
}

fn list(value: &Yaml) -> impl Iterator<Item = &Yaml> {
    value.as_vec().unwrap().iter()
}

fn text(value: &Yaml) -> String {
    match value {
        Yaml::Integer(number) => number.to_string(),
        _ => value.as_str().unwrap().to_owned(),
    }
}

fn number(value: &Yaml) -> usize {
    text(value).parse().unwrap()
}

fn pairs(value: &Yaml) -> Vec<(String, String)> {
    let pairs = value.as_hash().unwrap().iter();
    pairs
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}

/// The last command of a job; what comes before it gets the command `cargo unsnarl`.
fn last<'a>(commands: impl Iterator<Item = &'a Yaml>) -> String {
    let commands: Vec<String> = commands.map(text).collect();
    let (last, before) = commands.split_last().unwrap();
    assert_eq!(
        before,
        ["cargo install --git \"$UNSNARL_GIT\" cargo-unsnarl"]
    );
    last.clone()
}

#[test]
fn github_shares_a_campaign_by_its_matrix() {
    let job = &yaml("github.yml")["jobs"]["stress"];
    let steps = || list(&job["steps"]);
    for step in steps() {
        assert!(
            step["run"].is_badvalue() != step["uses"].is_badvalue(),
            "{step:?}"
        );
    }
    let script = last(
        steps()
            .map(|step| &step["run"])
            .filter(|run| !run.is_badvalue()),
    );
    let upload = steps().find(|step| {
        step["uses"]
            .as_str()
            .is_some_and(|uses| uses.contains("upload-sarif"))
    });
    let kept = text(&upload.unwrap()["with"]["sarif_file"]);
    let part = |shard: &Yaml| {
        let fill = |value: String| match value.as_str() {
            "${{ matrix.shard }}" => text(shard),
            "${{ github.run_number }}" => SEED.to_owned(),
            "${{ vars.UNSNARL_GIT }}" => String::new(),
            _ => panic!("{value}"),
        };
        let variables = pairs(&job["env"]).into_iter();
        Part {
            script: script.clone(),
            variables: variables.map(|(name, value)| (name, fill(value))).collect(),
            kept: vec![kept.clone()],
        }
    };
    let parts: Vec<Part> = list(&job["strategy"]["matrix"]["shard"])
        .map(part)
        .collect();
    check("github", &parts);
}

#[test]
fn gitlab_shares_a_campaign_by_its_parallel_jobs() {
    let job = &yaml("gitlab.yml")["stress"];
    let count = number(&job["parallel"]);
    let artifacts = &job["artifacts"];
    let kept = list(&artifacts["paths"]).chain([&artifacts["reports"]["junit"]]);
    let kept: Vec<String> = kept.map(text).collect();
    assert_eq!(
        pairs(&job["variables"]),
        [("UNSNARL_SEED".to_owned(), "$CI_PIPELINE_IID".to_owned())]
    );
    let part = |index: usize| Part {
        script: last(list(&job["script"])),
        variables: vec![
            ("CI_NODE_INDEX".into(), index.to_string()),
            ("CI_NODE_TOTAL".into(), count.to_string()),
        ],
        kept: kept.clone(),
    };
    let parts: Vec<Part> = (1..=count).map(part).collect();
    check("gitlab", &parts);
}

#[test]
fn kubernetes_shares_a_campaign_by_its_indices() {
    let job = yaml("kubernetes.yaml");
    let spec = &job["spec"];
    assert_eq!(
        (text(&job["apiVersion"]), text(&job["kind"])),
        ("batch/v1".into(), "Job".into())
    );
    assert_eq!(text(&spec["completionMode"]), "Indexed");
    // What `backoffLimitPerIndex` asks for.
    assert_eq!(text(&spec["template"]["spec"]["restartPolicy"]), "Never");
    let count = number(&spec["completions"]);
    let container = &spec["template"]["spec"]["containers"][0];
    let script: Vec<String> = list(&container["command"]).map(text).collect();
    let mount = text(&container["volumeMounts"][0]["mountPath"]);
    let part = |index: usize| {
        let value = |one: &Yaml| match text(&one["name"]).as_str() {
            "JOB_COMPLETION_INDEX" => index.to_string(),
            "UNSNARL_SEED" => SEED.to_owned(),
            "UNSNARL_REPORT_DIR" => {
                assert_eq!(
                    text(&one["value"]),
                    format!("{mount}/$(JOB_COMPLETION_INDEX)")
                );
                String::new()
            }
            _ => text(&one["value"]),
        };
        Part {
            script: script.join(" "),
            variables: list(&container["env"])
                .map(|one| (text(&one["name"]), value(one)))
                .collect(),
            kept: Vec::new(),
        }
    };
    let parts: Vec<Part> = (0..count).map(part).collect();
    check("kubernetes", &parts);
}

/// Slurm by its variables alone; `schedulers` has the real one.
#[test]
fn slurm_shares_a_campaign_by_its_array() {
    let folder = crate_of("slurm");
    let alone = Sum::alone(folder.path());
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("e2e/slurm");
    for (index, number) in [4, 6, 8].into_iter().zip(1..) {
        let mut bash = bash(folder.path());
        bash.env("SLURM_ARRAY_TASK_ID", index.to_string())
            .env("SLURM_ARRAY_TASK_MIN", "4")
            .env("SLURM_ARRAY_TASK_MAX", "8")
            .env("SLURM_ARRAY_TASK_STEP", "2")
            .env("SLURM_ARRAY_TASK_COUNT", "3")
            .env("CARGO_TARGET_DIR", &target)
            .arg("ci/slurm.sbatch");
        ended(&answer(&mut bash), &format!("shard {number}/3"));
    }
    let reports = folder.path().join("reports");
    assert_eq!(Sum::merged(folder.path(), &reports, 3), alone);
}
