//! What `diff` judges and `explain` explains: two sides and a policy.

use super::args::CaseArgs;
use super::baseline::{self, Baseline};
use super::evals;
use super::inputs::{self, Reading};
use super::output::Output;
use super::policy;
use super::runs::Input;
use crate::error::Result;
use crate::kept::Past;
use crate::policy_file::PolicyFile;
use crate::registry;
use crate::sandbox::{Case, Policy, Sandbox, ingest};
use std::path::{Path, PathBuf};

/// Both sides as they were read, and the policy.
pub struct Sides {
    /// The baseline.
    pub baseline: Baseline,
    /// The document of the current run.
    pub current: ingest::Document,
    /// Earlier baselines.
    pub history: Past,
    /// By which they are judged.
    pub policy: Policy,
    /// The text of the policy file, where one is used.
    pub policy_text: Option<String>,
    /// The policy file, if there is one.
    pub file: Option<PathBuf>,
}

impl Sides {
    /// What the component judges.
    pub fn case(&self) -> Case<'_> {
        Case {
            baseline: &self.baseline.document.json,
            current: &self.current.json,
            history: &self.history.documents,
            policy: &self.policy,
        }
    }
}

/// Reads what is judged; `root` is the registry that was named.
pub fn read(
    sandbox: &Sandbox,
    args: &CaseArgs,
    root: Option<&Path>,
    output: &Output,
) -> Result<Sides> {
    let file = policy::read(args.policy.as_deref(), output)?;
    checked(sandbox, args, root, file.as_ref(), output)
}

/// Reads what is judged, beside a policy file that was read.
pub fn checked(
    sandbox: &Sandbox,
    args: &CaseArgs,
    root: Option<&Path>,
    file: Option<&PolicyFile>,
    output: &Output,
) -> Result<Sides> {
    let policy = policy::typed(args, file);
    // A typing error is found before anything is read.
    policy::check(sandbox, &policy, file)?;
    let sides = sides(sandbox, args, root, policy, output)?;
    Ok(Sides {
        policy_text: file.map(|file| file.text().to_owned()),
        file: file.map(|file| file.path.clone()),
        ..sides
    })
}

/// Reads both sides, with a policy that was checked.
pub fn sides(
    sandbox: &Sandbox,
    args: &CaseArgs,
    root: Option<&Path>,
    policy: Policy,
    output: &Output,
) -> Result<Sides> {
    let baseline = baseline::find(sandbox, args, root, output)?;
    let reading = Reading {
        root_sha: baseline.root.as_deref().and_then(registry::revision),
        ..Reading::of(args.model.as_deref(), &args.additions)
    };
    let read_one = |run: &Input| baseline::read_current(sandbox, run, &reading, root, output);
    let scores = evals::typed(&args.evals)?;
    let current = inputs::read_all(sandbox, &args.current, read_one)?;
    let current = evals::pair(sandbox, current, &scores)?;
    let history = baseline.history(sandbox, output)?;
    Ok(Sides {
        baseline,
        current,
        history,
        policy,
        policy_text: None,
        file: None,
    })
}
