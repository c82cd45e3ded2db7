//! The policy: a TOML file, and the command line which wins over it.

use super::args::{CaseArgs, Tails};
use super::output::Output;
use super::tolerances;
use crate::error::{Error, Result};
use crate::registry;
use crate::sandbox::{Policy, Tolerance, ToleranceOrigin};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A place as it is typed in TOML: `16` or `"c16"`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Place {
    Concurrency(u32),
    Text(String),
}

impl Place {
    fn text(self) -> String {
        match self {
            Place::Concurrency(level) => level.to_string(),
            Place::Text(text) => text,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    headline_level: Option<Place>,
    #[serde(default)]
    vary: Vec<String>,
    #[serde(default)]
    observe_tails: bool,
    baseline_max_age_days: Option<f64>,
    #[serde(default)]
    tolerance: toml::Table,
}

/// The file that is looked for where none is named, in the working directory and upwards.
const FILE: &str = "perfbridge.toml";
/// What `--policy` names to have none.
const NONE: &str = "none";

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

/// What the command line asks for; whether metrics, values and names exist decides the component.
pub fn of(args: &CaseArgs, output: &Output) -> Result<Policy> {
    let mut policy = of_file(args.policy.as_deref(), output)?;
    let typed = args.tolerances.iter().map(|pair| tolerances::split(pair));
    let typed = typed.map(|pair| tolerance(pair, ToleranceOrigin::CommandLine));
    policy.tolerances.extend(typed);
    policy.vary.extend(args.vary.iter().cloned());
    policy.headline = args.headline_level.clone().or(policy.headline);
    policy.observe_tails |= args.tails == Tails::Observe;
    Ok(policy)
}

/// What the policy file that was named, or found, asks for.
///
/// # Errors
/// A file that cannot be read, or is no policy.
pub fn of_file(named: Option<&Path>, output: &Output) -> Result<Policy> {
    let file = match file(named, output)? {
        Some(path) => read(&path)?,
        None => File::default(),
    };
    let set = flatten(&file.tolerance).into_iter();
    Ok(Policy {
        tolerances: set
            .map(|pair| tolerance(pair, ToleranceOrigin::Policy))
            .collect(),
        headline: file.headline_level.map(Place::text),
        vary: file.vary,
        observe_tails: file.observe_tails,
        baseline_max_age_days: file.baseline_max_age_days,
    })
}

fn tolerance((metric, value): (String, String), origin: ToleranceOrigin) -> Tolerance {
    Tolerance {
        metric,
        value,
        origin,
    }
}

fn read(path: &Path) -> Result<File> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::io("read the policy", path, &error))?;
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| 1 + text[..span.start].matches('\n').count());
        let place = line.map_or_else(|| path.display().to_string(), |line| format!("{}:{line}", path.display()));
        Error {
            place: Some(place),
            ..Error::usage(format!(
                "found a policy that cannot be read; {}; expected TOML with headline_level, vary, observe_tails, baseline_max_age_days and a [tolerance] table",
                error.message()
            ))
        }
    })
}

/// `[tolerance]` may nest: `kernel_class_gpu_pct.fp8_bmm = 4` is a table in TOML.
fn flatten(table: &toml::Table) -> Vec<(String, String)> {
    let mut flat = Vec::new();
    for (key, value) in table {
        match value {
            toml::Value::Table(inner) => {
                let inner = flatten(inner).into_iter();
                flat.extend(inner.map(|(name, value)| (format!("{key}.{name}"), value)));
            }
            toml::Value::String(text) => flat.push((key.clone(), text.clone())),
            other => flat.push((key.clone(), other.to_string())),
        }
    }
    flat
}
