//! `pin`: says which entry has a role, or what an entry is called. Entries are never changed.

use super::args::PinArgs;
use super::naming;
use super::output::Output;
use crate::error::Result;
use crate::exit::Exit;
use crate::registry;
use perfbridge_registry::{Entry, Grants, Registry, Said, read_entry};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Gives an entry a role, or takes the role back, and gives it a label.
pub fn pin(args: &PinArgs, output: &Output) -> Result<Exit> {
    let root = registry::root(args.root.repo_root.as_deref())?;
    let path = Path::new(&args.entry);
    let entry = match path.join("baseline.json").is_file() {
        true => read_entry(path)?,
        false => naming::entry(&root, &args.entry, output)?,
    };
    // A label alone changes no role.
    let role = (args.label.is_none() || args.role.is_some() || args.release).then(|| {
        let role = args.role.clone();
        role.unwrap_or_else(|| perfbridge_registry::BASELINE_ROLE.to_owned())
    });
    let mut files = Vec::new();
    if let Some(label) = &args.label {
        files.push(say(&root, &entry, Said::Label(label.clone()))?);
    }
    if let Some(role) = &role {
        let said = match args.release {
            true => Said::Released(role.clone()),
            false => Said::Role(role.clone()),
        };
        files.push(say(&root, &entry, said)?);
    }
    if output.json() {
        output.value(&json!({
            "schema": "perfbridge_pin_v1",
            "family": entry.family,
            "measurement": entry.measurement,
            "slug": entry.slug,
            "label": args.label,
            "role": role,
            "released": args.release,
            "files": files,
        }))?;
        return Ok(Exit::Pass);
    }
    let mut text = format!(
        "entry       {}/{}@{}\n",
        entry.family, entry.measurement, entry.slug
    );
    for (what, said) in [("label", args.label.as_ref()), ("role", role.as_ref())] {
        if let Some(said) = said {
            let now = match what {
                "role" if args.release => "released",
                what => what,
            };
            text.push_str(&format!("{now:<12}{said}\n"));
        }
    }
    output.data(&text)?;
    Ok(Exit::Pass)
}

/// Writes a mark, as the account of the environment.
pub fn say(root: &Path, entry: &Entry, said: Said) -> Result<PathBuf> {
    let grants = Grants::new(root, registry::cwd()?);
    Ok(Registry::open(root).mark(entry, said, grants.user.as_deref())?)
}
