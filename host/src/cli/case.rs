//! What `diff` judges and `explain` explains: two sides and a policy.

use super::args::CaseArgs;
use super::baseline::{self, Baseline};
use super::inputs::{self, Reading};
use super::output::Output;
use super::policy;
use super::runs::Input;
use crate::error::Result;
use crate::kept::Past;
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
    let policy = policy::typed(args, file.as_ref());
    // A typing error is found before anything is read.
    policy::check(sandbox, &policy, file.as_ref())?;
    Ok(Sides {
        file: file.map(|file| file.path),
        ..sides(sandbox, args, root, policy, output)?
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
    let current = inputs::read_all(sandbox, &args.current, read_one)?;
    let history = baseline.history(sandbox, output)?;
    Ok(Sides {
        baseline,
        current,
        history,
        policy,
        file: None,
    })
}
