//! Checks of what stands beside entries and bundles: marks, and the components that judged.

use crate::entries::{self, Registry, is_sha256};
use crate::layout;
use crate::marks::Mark;
use crate::problems::{Kind, Report};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// Every mark can be read, and what was promoted is there with the hash that it had then.
pub(crate) fn marks(report: &mut Report, root: &Path) {
    let top = layout::marks(root);
    for family in below(&top) {
        for measurement in below(&top.join(&family)) {
            match Registry::open(root).marks(&family, &measurement) {
                Err(refusal) => report.add(Kind::Unreadable, shown(&top), refusal.message),
                Ok(marks) => {
                    for unreadable in marks.unreadable {
                        report.add(Kind::Mark, shown(&unreadable.dir), unreadable.why);
                    }
                    for mark in marks.log.iter() {
                        promoted(report, root, (&family, &measurement), mark);
                    }
                }
            }
        }
    }
}

fn promoted(report: &mut Report, root: &Path, (family, measurement): (&str, &str), mark: &Mark) {
    let Some(promotion) = &mark.promotion else {
        return;
    };
    let why = match Registry::open(root).entry(family, measurement, &mark.slug) {
        Err(refusal) => refusal.message,
        Ok(entry) if !promotion.is_of(&entry) => format!(
            "it promoted the SHA-256 {}, the entry states {}",
            promotion.source_sha256,
            entry.baseline.source_sha256.as_deref().unwrap_or("none")
        ),
        Ok(_) => return,
    };
    report.add(Kind::Mark, shown(&mark.file), why);
}

/// Every kept component is the one of its name.
pub(crate) fn components(report: &mut Report, root: &Path) {
    let dir = layout::components(root);
    let Ok(items) = fs::read_dir(&dir) else {
        return;
    };
    let mut files: Vec<PathBuf> = items.flatten().map(|item| item.path()).collect();
    files.sort();
    for path in files {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        if !is_sha256(&stem) {
            continue;
        }
        match fs::read(&path) {
            Err(error) => report.add(Kind::Unreadable, shown(&path), error.to_string()),
            Ok(bytes) => {
                let found = hex(&Sha256::digest(bytes));
                if found != *stem {
                    let why = format!("its SHA-256 is {found}: it was changed after it was kept");
                    report.add(Kind::Component, shown(&path), why);
                }
            }
        }
    }
}

fn below(dir: &Path) -> Vec<String> {
    entries::subdirectories(dir).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
