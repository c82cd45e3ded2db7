//! The same case through the component.

use super::case::{Case, Side};
use super::native::Outcome;
use crate::component::sandbox;
use perfbridge_host::bundle::Bundle;
use perfbridge_host::sandbox::judge::Form;
use perfbridge_host::sandbox::{Grant, Policy, Setting, ingest};
use std::path::Path;

fn read_one(path: &Path, side: &Side<'_>) -> String {
    if path.is_file() {
        let text = std::fs::read_to_string(path).expect("a document");
        let document = sandbox().check_document("document", &text);
        return document.unwrap_or_else(|failure| panic!("{failure}")).json;
    }
    let open = |path: &Path| Bundle::open(path, &[], &mut |_| ()).expect("a directory");
    let bundle = open(path);
    let mut granted = vec![Grant {
        name: "bundle".to_owned(),
        dir: bundle.dir,
    }];
    let mut options = ingest::Options {
        model: side.model.map(str::to_owned),
        settings: side
            .pairs()
            .into_iter()
            .map(|(path, value)| Setting { path, value })
            .collect(),
        folders: vec![],
        files: bundle.files,
        profile_dir: None,
        profile_files: vec![],
        ceiling: None,
        operator: Some("operator".to_owned()),
        profile_and_optimize_sha: None,
        observation: false,
    };
    if let Some(profile) = side.profile {
        let profile = open(profile);
        options.profile_dir = Some("profile".to_owned());
        options.profile_files = profile.files;
        granted.push(Grant {
            name: "profile".to_owned(),
            dir: profile.dir,
        });
    }
    let document = sandbox().read_bundle(granted, "bundle", &options);
    document.unwrap_or_else(|failure| panic!("{failure}")).json
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
