//! The same case through the component.

use super::case::{Case, Side};
use super::native::Outcome;
use crate::component::sandbox;
use perfbridge_host::bundle::Bundle;
use perfbridge_host::sandbox::judge::Form;
use perfbridge_host::sandbox::{Hashes, Policy, Setting, ingest};
use std::convert::Infallible;
use std::path::Path;

fn read_one(path: &Path, side: &Side<'_>) -> String {
    if path.is_file() {
        let text = std::fs::read_to_string(path).expect("a document");
        let document = sandbox().check_document("document", &text);
        return document.unwrap_or_else(|failure| panic!("{failure}")).json;
    }
    let bundle = open(path);
    let profile = side.profile.as_ref().map(|path| open(path));
    let hashed = |bundle: &Bundle<'_>| bundle.hashes(&mut |_| ()).expect("hashed");
    let hashes = Hashes {
        files: hashed(&bundle),
        of_profile: profile.as_ref().map(hashed).unwrap_or_default(),
    };
    let granted = || {
        let profile = profile.iter().map(|profile| profile.grant("profile"));
        let bundle = std::iter::once(bundle.grant("bundle"));
        bundle.chain(profile).map(|grant| grant.expect("granted"))
    };
    let options = ingest::Options {
        model: side.model.map(str::to_owned),
        settings: side
            .pairs()
            .into_iter()
            .map(|(path, value)| Setting { path, value })
            .collect(),
        folders: vec![],
        files: hashes.files.clone(),
        profile_dir: profile.is_some().then(|| "profile".to_owned()),
        profile_files: hashes.of_profile.clone(),
        ceiling: None,
        operator: Some("operator".to_owned()),
        profile_and_optimize_sha: None,
        observation: false,
    };
    let document = sandbox().read_bundle(granted().collect(), "bundle", &options);
    let document = document.unwrap_or_else(|failure| panic!("{failure}")).json;
    // The same with the hashes afterwards.
    let unhashed = ingest::Options {
        files: vec![],
        profile_files: vec![],
        ..options
    };
    let hashes = || Ok::<_, Infallible>(&hashes);
    let read = sandbox().read_unhashed(granted().collect(), "bundle", &unhashed, &hashes);
    let Ok(later) = read.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(later.json == document, "{}", path.display());
    document
}

fn open(path: &Path) -> Bundle<'_> {
    Bundle::open(path, &[]).expect("a directory")
}

fn read(side: &Side<'_>) -> String {
    let read: Vec<String> = side.paths.iter().map(|path| read_one(path, side)).collect();
    let merged = sandbox().merge_trials(&read);
    merged.unwrap_or_else(|failure| panic!("{failure}")).json
}

/// Judges the case.
pub fn run(case: &Case) -> Outcome {
    let (baseline, current) = (read(&case.baseline()), read(&case.current()));
    let policy = Policy {
        tolerances: vec![],
        headline: case.settings.headline_level.map(|level| level.to_string()),
        vary: case.settings.vary.clone(),
        file: None,
        choices: vec![],
        observe_tails: case.observes_tails(),
        baseline_max_age_days: None,
    };
    let judged = perfbridge_host::sandbox::Case {
        baseline: &baseline,
        current: &current,
        history: &[],
        policy: &policy,
    };
    let judgement = sandbox()
        .judge(&judged, &["json", "markdown", "text"].map(Form::named))
        .unwrap_or_else(|failure| panic!("{failure}"));
    let [json, markdown, text] =
        <[String; 3]>::try_from(judgement.texts).expect("a text for each form");
    Outcome {
        json,
        markdown,
        text,
        baseline,
        current,
    }
}
