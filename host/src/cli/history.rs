//! `history`.

use super::args::HistoryArgs;
use super::baseline::{check_model, of_entry};
use super::curves::Curves;
use super::forms::put;
use super::naming::measurement_of;
use super::output::Output;
use crate::error::Result;
use crate::exit::Exit;
use crate::registry::{self, FAMILY};
use crate::sandbox::{Sandbox, judge};
use perfbridge_registry::Registry;

/// So many of the newest entries are read; the component searches no more for change points.
const MOST: usize = 400;

/// Prints one number over the registered baselines of a measurement.
pub fn history(sandbox: &Sandbox, args: &HistoryArgs, output: &Output) -> Result<Exit> {
    let root = registry::root(args.root.repo_root.as_deref())?;
    let name = args.model.as_ref().or(args.measurement.as_ref());
    // The parser asks for one of the two.
    let name = name.map_or("", String::as_str);
    let measurement = measurement_of(&root, name)?;
    let listing = Registry::open(&root).with_observations(FAMILY, &measurement)?;
    for unfinished in &listing.unfinished {
        output.say(&format!(
            "note: left out: {}: {}",
            unfinished.dir.display(),
            unfinished.why
        ));
    }
    let skipped = listing.entries.len().saturating_sub(MOST);
    if skipped > 0 {
        output.say(&format!(
            "note: {skipped} older entries are left out; {MOST} are shown"
        ));
    }
    let mut entries = Vec::new();
    let mut newest = None;
    for entry in listing.entries.into_iter().skip(skipped) {
        let (slug, dir) = (entry.slug.clone(), entry.dir.clone());
        let stamp = entry.baseline.registered_at_utc.clone();
        match of_entry(sandbox, entry, None) {
            Ok(read) => {
                entries.push(judge::Entry {
                    slug,
                    stamp: stamp.unwrap_or_else(|| "(unknown)".to_owned()),
                    json: read.document.json.clone(),
                });
                newest = Some(read);
            }
            Err(error) if error.exit == Exit::Usage => {
                output.say(&format!("note: left out: {}: {error}", dir.display()));
            }
            Err(error) => return Err(error),
        }
    }
    if let (Some(newest), Some(model)) = (&newest, &args.model) {
        check_model(newest, model)?;
    }
    let series = sandbox.history(&entries, args.metric.as_deref(), args.level.as_deref())?;
    let is_of_one = args.metric.is_some() || args.level.is_some() || args.root.json;
    let curves = match !is_of_one || args.html.is_some() {
        true => Some(Curves::of(sandbox, &entries)?),
        false => None,
    };
    if let (Some(file), Some(curves)) = (&args.html, &curves) {
        put(
            file,
            &curves.page(newest.as_ref().map_or("", |newest| &newest.document.model)),
        )?;
        output.say(&format!("written: {}", file.display()));
    }
    match curves {
        _ if args.root.json => output.data(&series.json)?,
        Some(curves) if !is_of_one => {
            output.data(&format!("{}\n{}", curves.text(shows_blocks()), series.text))?;
        }
        _ => output.data(&series.text)?,
    }
    Ok(Exit::Pass)
}

/// Whether the locale says that a terminal shows more than ASCII.
fn shows_blocks() -> bool {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let named = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    let named = named.unwrap_or_default().to_lowercase();
    named.contains("utf-8") || named.contains("utf8")
}
