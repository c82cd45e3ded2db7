//! Checking a whole registry: every hash, every row, every directory.

use crate::entries::{self, Registry, find_snapshot, is_sha256};
use crate::index::{self, Line};
use crate::problems::{Kind, Report};
use crate::python::json::{self, Value};
use crate::refusal::Refusal;
use crate::{audit, layout, names, snapshot};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Checks everything below a root.
pub fn verify(root: &Path) -> Report {
    let mut report = Report::default();
    for (top, check) in [
        (
            layout::baselines(root),
            check_measurement as fn(&mut Report, &Path, &Path),
        ),
        (layout::diffs(root), check_diffs),
    ] {
        for family in children(&mut report, &top) {
            for measurement in children(&mut report, &family) {
                check(&mut report, root, &measurement);
            }
        }
    }
    audit::marks(&mut report, root);
    audit::components(&mut report, root);
    report
}

/// The directories with a safe name; leftovers are reported on the way.
fn children(report: &mut Report, dir: &Path) -> Vec<PathBuf> {
    leftovers(report, dir);
    match entries::subdirectories(dir) {
        Ok(names) => names.iter().map(|name| dir.join(name)).collect(),
        Err(refusal) => {
            report.add(Kind::Unreadable, show(dir), refusal.message);
            Vec::new()
        }
    }
}

fn leftovers(report: &mut Report, dir: &Path) {
    let Ok(items) = fs::read_dir(dir) else { return };
    let mut names: Vec<_> = items
        .flatten()
        .filter_map(|item| item.file_name().into_string().ok())
        .collect();
    names.sort();
    for name in names.iter().filter(|name| names::is_partial(name)) {
        report.add(
            Kind::Leftover,
            show(&dir.join(name)),
            "left behind by a writer that was killed, or still being written; nothing reads it. Remove it when no writer \
             is running",
        );
    }
}

fn check_measurement(report: &mut Report, root: &Path, dir: &Path) {
    leftovers(report, dir);
    let name = |path: &Path| {
        path.file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    let (family, measurement) = (dir.parent().map(name).unwrap_or_default(), name(dir));
    match Registry::open(root).entries_of(&family, &measurement) {
        Err(refusal) => report.add(Kind::Unreadable, show(dir), refusal.message),
        Ok(listing) => {
            for unfinished in listing.unfinished {
                report.add(Kind::UnfinishedEntry, show(&unfinished.dir), unfinished.why);
            }
            let slugs: BTreeSet<_> = listing
                .entries
                .iter()
                .map(|entry| entry.slug.as_str())
                .collect();
            check_index(report, dir, &slugs);
            for entry in &listing.entries {
                report.entries += 1;
                check_entry(report, entry);
            }
        }
    }
}

fn check_entry(report: &mut Report, entry: &entries::Entry) {
    let place = show(&entry.dir);
    for (stated, by_directory, what) in [
        (&entry.baseline.family, &entry.family, "family"),
        (
            &entry.baseline.measurement,
            &entry.measurement,
            "measurement",
        ),
    ] {
        if stated.as_ref() != Some(by_directory) {
            let stated = stated.as_deref().unwrap_or("none");
            report.add(
                Kind::Metadata,
                &place,
                format!("baseline.json states {what} {stated}, the directory says {by_directory}"),
            );
        }
    }
    if !entry.dir.join("SOURCE.md").is_file() {
        report.add(Kind::MissingFile, &place, "SOURCE.md is missing");
    }
    check_snapshot(
        report,
        &entry.dir,
        "source-snapshot",
        entry.baseline.source_sha256.as_deref(),
    );
}

fn check_snapshot(report: &mut Report, dir: &Path, stem: &str, stated: Option<&str>) {
    let Some(stated) = stated.filter(|text| is_sha256(text)) else {
        return report.add(
            Kind::Metadata,
            show(dir),
            format!("no SHA-256 is stated for the {stem}"),
        );
    };
    let Some(path) = find_snapshot(dir, stem) else {
        return report.add(
            Kind::MissingSnapshot,
            show(dir),
            format!("the {stem} is missing"),
        );
    };
    let hashed = snapshot::survey("snapshot", &path).and_then(|survey| snapshot::hash(&survey));
    match hashed {
        Err(Refusal { message, .. }) => report.add(Kind::Unreadable, show(&path), message),
        Ok(found) if !found.eq_ignore_ascii_case(stated) => {
            let message = format!(
                "its SHA-256 is {found}, stated is {stated}: it was changed after it was written"
            );
            report.add(Kind::EditedSnapshot, show(&path), message);
        }
        Ok(_) => {}
    }
}

fn check_index(report: &mut Report, dir: &Path, slugs: &BTreeSet<&str>) {
    let path = show(&dir.join("INDEX.md"));
    let text = match index::read(dir) {
        Ok(text) => text.unwrap_or_default(),
        Err(refusal) => return report.add(Kind::Unreadable, path, refusal.message),
    };
    let mut seen = BTreeSet::new();
    for (number, line) in text.lines().enumerate() {
        let place = format!("{path}:{}", number + 1);
        match index::read_line(line) {
            Line::Head => {}
            Line::Malformed => {
                // A row of an entry with a pipe in its notes looks broken and loses nothing.
                let linked = index::linked_slug(line).is_some_and(|slug| slugs.contains(slug));
                let kind = if linked {
                    Kind::BrokenRow
                } else {
                    Kind::MalformedRow
                };
                report.add(kind, place, "this line is no row of the table");
            }
            Line::Row(slug) => {
                report.rows += 1;
                if !slugs.contains(slug.as_str()) {
                    report.add(
                        Kind::RowWithoutEntry,
                        &place,
                        format!("there is no usable entry {slug}"),
                    );
                }
                if !seen.insert(slug.clone()) {
                    report.add(
                        Kind::DuplicateRow,
                        place,
                        format!("entry {slug} has a row already"),
                    );
                }
            }
        }
    }
    let known = index::known(&text);
    for slug in slugs.iter().filter(|slug| !known.contains(**slug)) {
        let message =
            format!("entry {slug} has no row; the next record into this measurement adds it");
        report.add(Kind::MissingRow, &path, message);
    }
}

fn check_diffs(report: &mut Report, root: &Path, dir: &Path) {
    for bundle in children(report, dir) {
        report.diffs += 1;
        leftovers(report, &bundle);
        if let Err(refusal) = check_diff(report, root, &bundle) {
            report.add(Kind::Metadata, show(&bundle), refusal.message);
        }
    }
}

fn check_diff(report: &mut Report, root: &Path, dir: &Path) -> Result<(), Refusal> {
    let path = dir.join("diff.json");
    let diff = json::parse(&entries::read_text(&path)?).map_err(|e| {
        Refusal::new(format!(
            "diff.json is not valid JSON: {}: {e}",
            path.display()
        ))
    })?;
    if !dir.join("diff.md").is_file() {
        report.add(Kind::MissingFile, show(dir), "diff.md is missing");
    }
    let text = |key: &str| diff.get(key).and_then(Value::as_str);
    check_snapshot(
        report,
        dir,
        "current-snapshot",
        text("current_source_sha256"),
    );
    let reference = entries::read_text(&dir.join("baseline-ref.txt"))?;
    let reference = reference.trim_end_matches('\n');
    if text("baseline_dir") != Some(reference) {
        let named = text("baseline_dir").unwrap_or("nothing");
        let message = format!("baseline-ref.txt names {reference}, diff.json names {named}");
        report.add(Kind::BaselineReference, show(dir), message);
    }
    let Some(baseline) = find_baseline(root, reference) else {
        let message = format!("the baseline is gone: {reference}");
        report.add(Kind::BaselineReference, show(dir), message);
        return Ok(());
    };
    let stated = entries::read_baseline(&baseline)?.source_sha256;
    if stated.as_deref() != text("baseline_source_sha256") {
        let message = format!(
            "the baseline states the SHA-256 {}, diff.json {}",
            stated.as_deref().unwrap_or("none"),
            text("baseline_source_sha256").unwrap_or("none")
        );
        report.add(Kind::BaselineReference, show(dir), message);
    }
    Ok(())
}

/// The baseline a bundle names, or the entry of that name here: the path is absolute, and registries are moved.
fn find_baseline(root: &Path, reference: &str) -> Option<PathBuf> {
    let named = PathBuf::from(reference);
    let below: PathBuf = {
        let mut last: Vec<_> = named.iter().rev().take(3).collect();
        last.reverse();
        last.iter().collect()
    };
    let here = layout::baselines(root).join(below);
    [named, here]
        .into_iter()
        .find(|dir| dir.join("baseline.json").is_file())
}

fn show(path: &Path) -> String {
    path.display().to_string()
}
