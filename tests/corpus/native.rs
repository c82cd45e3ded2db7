//! A case through the library itself, over the file system.

use super::case::{Case, Side};
use perfbridge_guest::document::build::Options;
use perfbridge_guest::document::{self, Document, trials};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::judge::policy::{Policy, Request};
use perfbridge_guest::judge::{self, Judgement};
use perfbridge_guest::provenance::{FileDigest, Provenance};
use perfbridge_guest::render::{Layout, markdown, text};
use perfbridge_guest::sources;
use perfbridge_host::bundle::Bundle;
use std::path::Path;

/// What every host must give, byte for byte.
#[derive(PartialEq)]
pub struct Outcome {
    pub baseline: String,
    pub current: String,
    pub json: String,
    pub markdown: String,
    pub text: String,
}

fn digests(path: &Path) -> Vec<FileDigest> {
    let bundle = Bundle::open(path, &[]).expect("a directory");
    let files = bundle.hashes(&mut |_| ()).expect("hashed");
    let digest = |file: perfbridge_host::sandbox::ingest::FileDigest| FileDigest {
        path: file.path,
        size: file.size,
        sha256: file.sha256,
    };
    files.into_iter().map(digest).collect()
}

fn read_one(path: &Path, side: &Side<'_>) -> Document {
    if path.is_file() {
        let text = std::fs::read_to_string(path).expect("a document");
        return Document::parse("document", &text).unwrap_or_else(|fault| panic!("{fault}"));
    }
    let run =
        sources::read_bundle(&NativeTree::new(path)).unwrap_or_else(|fault| panic!("{fault}"));
    let profile = side.profile.map(|profile| {
        sources::read_profile(&NativeTree::new(profile)).unwrap_or_else(|fault| panic!("{fault}"))
    });
    let options = Options {
        model: side.model.map(str::to_owned),
        settings: side.pairs(),
        provenance: Provenance {
            files: digests(path),
            profile_files: side
                .profile
                .map_or_else(Vec::new, |profile| digests(profile)),
            operator: Some("operator".to_owned()),
            ..Provenance::default()
        },
        ceiling: None,
    };
    document::build(&run, profile.as_ref(), &options).unwrap_or_else(|fault| panic!("{fault}"))
}

fn read(side: &Side<'_>) -> Document {
    let read: Vec<Document> = side.paths.iter().map(|path| read_one(path, side)).collect();
    match read.as_slice() {
        [only] => only.clone(),
        several => {
            let texts: Vec<String> = several.iter().map(Document::to_json).collect();
            trials::merge(&texts).unwrap_or_else(|fault| panic!("{fault}"))
        }
    }
}

/// Judges the case.
pub fn run(case: &Case) -> (Outcome, Judgement) {
    let (baseline, current) = (read(&case.baseline()), read(&case.current()));
    let policy = Policy::new(&Request {
        headline: case.settings.headline_level.map(|level| level.to_string()),
        vary: case.settings.vary.clone(),
        observe_tails: case.observes_tails(),
        ..Request::default()
    })
    .unwrap_or_else(|fault| panic!("{fault}"));
    let judgement =
        judge::judge(&baseline, &current, &[], &policy).unwrap_or_else(|fault| panic!("{fault}"));
    let outcome = Outcome {
        baseline: baseline.to_json(),
        current: current.to_json(),
        json: judgement.to_json(),
        markdown: markdown::render(&judgement, false),
        text: text::render(&judgement, Layout::default()),
    };
    (outcome, judgement)
}
