//! The policy: a TOML file, and the command line which wins over it.

use super::args::{CaseArgs, Tails};
use super::output::Output;
use super::tolerances;
use crate::error::{Error, Result};
use crate::policy_file::PolicyFile;
use crate::registry;
use crate::sandbox::{Policy, Sandbox, Tolerance, ToleranceOrigin};
use std::path::{Path, PathBuf};

/// The file that is looked for where none is named, in the working directory and upwards.
pub const FILE: &str = "perfbridge.toml";
/// What `--policy` names to have none.
pub const NONE: &str = "none";

/// The policy file that was named, or found; it is said which.
fn file(named: Option<&Path>, output: &Output) -> Result<Option<PathBuf>> {
    match named {
        Some(path) if path.as_os_str() == NONE => Ok(None),
        Some(path) => Ok(Some(path.to_owned())),
        None => {
            let cwd = registry::cwd()?;
            let mut candidates = cwd.ancestors().map(|dir| dir.join(FILE));
            let found = candidates.find(|path| path.is_file());
            if let Some(path) = &found {
                let path = path.display();
                output.say(&format!("policy: {path} (--policy none leaves it out)"));
            }
            Ok(found)
        }
    }
}

/// Reads the policy file that was named, or found.
///
/// # Errors
/// One that cannot be read.
pub fn read(named: Option<&Path>, output: &Output) -> Result<Option<PolicyFile>> {
    let found = file(named, output)?;
    found.map(|path| PolicyFile::read(&path)).transpose()
}

/// The policy of a file alone.
pub fn of(file: Option<&PolicyFile>) -> Policy {
    Policy {
        file: file.map(|file| file.json.clone()),
        choices: Vec::new(),
        tolerances: Vec::new(),
        headline: None,
        vary: Vec::new(),
        observe_tails: false,
        baseline_max_age_days: None,
    }
}

/// What the command line asks for beside a policy file.
pub fn typed(args: &CaseArgs, file: Option<&PolicyFile>) -> Policy {
    let typed = args.tolerances.iter().map(|pair| tolerances::split(pair));
    Policy {
        tolerances: typed
            .map(|(metric, value)| Tolerance {
                metric,
                value,
                origin: ToleranceOrigin::CommandLine,
            })
            .collect(),
        headline: args.headline_level.clone(),
        vary: args.vary.clone(),
        observe_tails: args.tails == Tails::Observe,
        ..of(file)
    }
}

/// Has the component check a policy: whether keys, metrics, values and names exist.
///
/// # Errors
/// What it refuses, at its line of the file.
pub fn check(sandbox: &Sandbox, policy: &Policy, file: Option<&PolicyFile>) -> Result<()> {
    let checked = sandbox.check_policy(policy).map_err(Error::from);
    checked.map_err(|error| match file {
        Some(file) => file.placed(error),
        None => error,
    })
}
