//! Directories of several runs: real ones, and made ones of which a summary can say something else than what is there.

use perfbridge_guest::fault::{Fault, Result};
use perfbridge_guest::files::MemoryTree;
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::sources::runs::{FoundRun, find_runs};
use serde_json::{Value, json};

pub const OF_RUNS: &str = "profile_export_aiperf_aggregate.json";
pub const OF_SWEEP: &str = "profile_export_aiperf_sweep.json";

pub fn corpus(name: &str) -> NativeTree {
    NativeTree::new(format!(
        "{}/../tests/data/bundles/{name}",
        env!("CARGO_MANIFEST_DIR")
    ))
}

/// Files by path; a result is one that is never read here.
#[derive(Clone, Default)]
pub struct Made(pub Vec<(String, String)>);

impl Made {
    pub fn result(mut self, folder: &str) -> Made {
        let path = format!("{folder}/profile_export_aiperf.json");
        self.0.push((path, "never read".to_owned()));
        self
    }

    pub fn results(self, folders: &[&str]) -> Made {
        folders
            .iter()
            .fold(self, |made, folder| made.result(folder))
    }

    pub fn file(mut self, path: &str, value: &Value) -> Made {
        self.0.retain(|(other, _)| other != path);
        self.0.push((path.to_owned(), value.to_string()));
        self
    }

    pub fn without(mut self, part: &str) -> Made {
        self.0.retain(|(path, _)| !path.contains(part));
        self
    }

    pub fn tree(&self) -> MemoryTree {
        MemoryTree::new(self.0.iter().cloned())
    }

    pub fn runs(&self) -> Result<Vec<FoundRun>> {
        find_runs(&self.tree())
    }

    pub fn refusal(&self) -> Fault {
        self.runs().expect_err("refused")
    }
}

pub fn aggregate(runs: u64) -> Value {
    json!({"metadata": {"num_profile_runs": runs, "num_successful_runs": runs, "failed_runs": []}, "metrics": {}})
}

pub fn sweep(parameters: &[&str], combinations: u64) -> Value {
    let listed: Vec<Value> = parameters
        .iter()
        .map(|name| json!({"name": name, "values": [4, 16]}))
        .collect();
    json!({"metadata": {"sweep_parameters": listed, "num_combinations": combinations}})
}

/// `--num-profile-runs 3`.
pub fn repeated() -> Made {
    Made::default()
        .results(&[
            "profile_runs/run_0001",
            "profile_runs/run_0002",
            "profile_runs/run_0003",
        ])
        .file(&format!("aggregate/{OF_RUNS}"), &aggregate(3))
}

/// `--concurrency 4,16 --num-profile-runs 2`, each value repeated.
pub fn of_levels() -> Made {
    let mut made = Made::default();
    for level in ["concurrency_16", "concurrency_4"] {
        for run in ["trial_0001", "trial_0002"] {
            made = made.result(&format!("{level}/profile_runs/{run}"));
        }
        made = made.file(&format!("{level}/aggregate/{OF_RUNS}"), &aggregate(2));
    }
    made.file(
        &format!("sweep_aggregate/{OF_SWEEP}"),
        &sweep(&["concurrency"], 2),
    )
}

/// A whole directory below the one that was asked about.
pub fn whole(dirs: &[&str]) -> Vec<FoundRun> {
    let run = |dir: &&str| FoundRun {
        name: (*dir).to_owned(),
        dir: (*dir).to_owned(),
        folders: vec![],
    };
    dirs.iter().map(run).collect()
}

pub fn one() -> Vec<FoundRun> {
    whole(&[""])
}
