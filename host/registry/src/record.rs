//! `record`: a new, immutable entry.

use crate::desk::{Desk, Done, signed};
use crate::durable::Disk;
use crate::paths::{resolve, text_of};
use crate::python::argparse::Parsed;
use crate::python::json::{Value, dict, pretty};
use crate::refusal::Refusal;
use crate::slot::Slot;
use crate::snapshot::{self, Survey};
use crate::verb::Verb;
use crate::{clock, index, kept_secrets, layout, schema};
use std::path::{Path, PathBuf};

pub(crate) fn record(desk: &Desk, args: &Parsed) -> Result<Done, Refusal> {
    let root = desk.grants.root_for(args.nonempty("--repo-root"))?;
    if desk.grants.read_only {
        return Err(Refusal::new(
            "this registry is read-only here: record needs the right to write perf-baselines",
        ));
    }
    let source = find_source(desk, args)?;
    let value = args.float("--value");
    if value.is_some_and(|value| !value.is_finite()) {
        return Err(Refusal::new("--value must be a finite number"));
    }
    let schema = match args.nonempty("--schema") {
        Some(text) => Some(schema::check(
            &source,
            &desk.grants.locate_input("--schema", text)?,
        )?),
        None => None,
    };
    let baselines = layout::baselines(&root);
    refuse_containing(&source, &resolve(&baselines))?;
    let family = args.text("--family").unwrap_or_default();
    // A directory with a value is evidence of that value, whatever else it holds.
    let survey = match value {
        None => desk.survey("--source", &source, family, &root)?,
        Some(_) => snapshot::survey("--source", &source)?,
    };
    let slug_time = desk.surroundings.now();
    let facts = Facts::of(desk, &root, &source, schema.as_deref())?;
    let measurement = args.text("--measurement").unwrap_or_default();
    let dir = layout::measurement(&baselines, family, measurement)?;
    refuse_containing(&source, &dir)?;
    text_of(&dir)?;

    let disk = Disk(desk.surroundings.as_ref());
    let slot = Slot::stage(disk, "an entry", &dir, slug_time)?;
    let sha256 = fill(&disk, slot.path(), &survey, args, &facts)?;
    let (entry, mut warnings) = publish(&disk, slot, &dir)?;
    warnings += &kept_secrets::warning(&survey);
    let slug = snapshot::file_name(&entry)?;
    Ok(Done {
        payload: signed(
            Verb::Record,
            [
                ("entry_dir", text_of(&entry)?.into()),
                (
                    "baseline_json",
                    text_of(&entry.join("baseline.json"))?.into(),
                ),
                ("slug", slug.into()),
                ("source_sha256", sha256.into()),
                ("registered_at_utc", facts.registered_at.into()),
                (
                    "direction",
                    args.text("--direction").unwrap_or_default().into(),
                ),
            ],
        ),
        warnings,
    })
}

/// What an entry records besides the options.
struct Facts {
    registered_at: String,
    user: String,
    hostname: String,
    uname: String,
    sha: Option<String>,
    source: String,
    schema: Option<String>,
}

impl Facts {
    fn of(desk: &Desk, root: &Path, source: &Path, schema: Option<&Path>) -> Result<Self, Refusal> {
        Ok(Self {
            registered_at: clock::iso(desk.surroundings.now()),
            user: desk
                .grants
                .user
                .clone()
                .unwrap_or_else(|| "(unknown)".to_owned()),
            hostname: desk.surroundings.hostname(),
            uname: desk.surroundings.uname(),
            sha: desk.surroundings.git_sha(root),
            source: text_of(source)?,
            schema: schema.map(text_of).transpose()?,
        })
    }
}

fn find_source(desk: &Desk, args: &Parsed) -> Result<PathBuf, Refusal> {
    let text = args.text("--source").unwrap_or_default();
    if text.is_empty() {
        return Err(Refusal::new(
            "--source is empty: name the file or the directory to register",
        ));
    }
    let source = desk.grants.locate_input("--source", text)?;
    if source.exists() {
        return Ok(source);
    }
    Err(Refusal::new(format!(
        "--source does not exist: {}",
        source.display()
    )))
}

/// A copy of a directory into itself would have no end.
fn refuse_containing(source: &Path, target: &Path) -> Result<(), Refusal> {
    if target.starts_with(source) {
        return Err(Refusal::new(format!(
            "--source contains the registry it would be copied into: {} contains {}",
            source.display(),
            target.display()
        )));
    }
    Ok(())
}

/// Writes everything an entry consists of; returns the hash of its snapshot.
fn fill(
    disk: &Disk<'_>,
    dir: &Path,
    survey: &Survey,
    args: &Parsed,
    facts: &Facts,
) -> Result<String, Refusal> {
    let mut batch = disk.batch();
    let sha256 = snapshot::copy(disk, &mut batch, survey, dir, "source-snapshot")?;
    let files = [
        (
            "baseline.json",
            pretty(&baseline_json(args, facts, &sha256)) + "\n",
        ),
        ("SOURCE.md", source_md(args, facts, &sha256)),
    ];
    for (name, text) in files {
        batch.write_new(&dir.join(name), text.as_bytes())?;
    }
    batch.flush()?;
    Ok(sha256)
}

/// Gives the entry its name and its row. From the rename on the entry exists: what goes wrong with the index
/// afterwards is a warning, and the next writer adds the row.
fn publish(disk: &Disk<'_>, slot: Slot<'_>, dir: &Path) -> Result<(PathBuf, String), Refusal> {
    // An index that nobody can read is found out before the entry exists.
    index::read(dir)?;
    let entry = slot.publish()?;
    let warning = match index::complete(disk, dir) {
        Ok(()) => String::new(),
        Err(e) => format!(
            "WARNING: the entry is recorded, its row is not: {e}; the next record adds it\n"
        ),
    };
    Ok((entry, warning))
}

fn baseline_json(args: &Parsed, facts: &Facts, sha256: &str) -> Value {
    let text = |name: &str| args.text(name).unwrap_or_default().to_owned();
    dict([
        ("direction", text("--direction").into()),
        ("family", text("--family").into()),
        ("measurement", text("--measurement").into()),
        ("notes", text("--notes").into()),
        ("profile_and_optimize_sha", facts.sha.clone().into()),
        ("registered_at_utc", facts.registered_at.clone().into()),
        (
            "registered_by",
            dict([("operator_user", facts.user.clone().into())]),
        ),
        ("schema_path", facts.schema.clone().into()),
        ("source_path", facts.source.clone().into()),
        ("source_sha256", sha256.into()),
        ("unit", args.text("--unit").map(str::to_owned).into()),
        ("value", args.float("--value").into()),
        (
            "workstation",
            dict([
                ("hostname", facts.hostname.clone().into()),
                ("uname", facts.uname.clone().into()),
            ]),
        ),
    ])
}

fn source_md(args: &Parsed, facts: &Facts, sha256: &str) -> String {
    let text = |name: &str| args.text(name).unwrap_or_default();
    let revision: String = facts
        .sha
        .as_deref()
        .unwrap_or("(unknown)")
        .chars()
        .take(12)
        .collect();
    let notes = args.nonempty("--notes").unwrap_or("_(none)_");
    format!(
        "# SOURCE: perf-baseline {family} / {measurement}\n\
         \n\
         **Registered at (UTC):** `{at}`\n\
         **Registered by:** `{user}` on `{host}`\n\
         **profile-and-optimize SHA at registration:** `{revision}`\n\
         \n\
         ## Source\n\
         \n\
         - Path at registration time: `{source}`\n\
         - SHA-256: `{sha256}`\n\
         - A canonical snapshot of the source is stored next to this file as\n  \
           `source-snapshot.<ext>` (or `source-snapshot/` if the source was a directory).\n\
         \n\
         ## Notes\n\
         \n\
         {notes}\n\
         \n\
         ## Attribution\n\
         \n\
         This file records the operator account and host for audit. It does not infer\n\
         individual ownership or organizational affiliation.\n",
        family = text("--family"),
        measurement = text("--measurement"),
        at = facts.registered_at,
        user = facts.user,
        host = facts.hostname,
        source = facts.source,
    )
}
