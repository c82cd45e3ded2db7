//! The cases of `tests/data/cases`, judged by the library.

use perfbridge_guest::document::build::{Options, build};
use perfbridge_guest::document::{Document, trials};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::judge::policy::{Policy, Request};
use perfbridge_guest::judge::{Judgement, judge};
use perfbridge_guest::sources::{read_bundle, read_profile};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A case: its name, and what comes out of it.
pub struct Case {
    pub name: String,
    pub judgement: Judgement,
}

/// Every case, judged once.
pub fn all() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(judged_cases)
}

fn judged_cases() -> Vec<Case> {
    let folder = folder();
    let entries = std::fs::read_dir(&folder).expect("tests/data/cases");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().join("case.toml").exists())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert!(names.len() > 50, "{}", names.len());
    names.iter().map(|name| case(name)).collect()
}

/// One case.
pub fn case(name: &str) -> Case {
    let text = std::fs::read_to_string(folder().join(name).join("case.toml")).expect("case.toml");
    // Its values are written alike in TOML and in JSON.
    let settings: BTreeMap<&str, Value> = text
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, value)| (key, serde_json::from_str(value).expect("a value")))
        .collect();
    let judgement = judged(&settings);
    Case {
        name: name.to_owned(),
        judgement,
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/cases")
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |item: &Value| item.as_str().expect("a text").to_owned();
    list.iter().map(text).collect()
}

fn judged(settings: &BTreeMap<&str, Value>) -> Judgement {
    let text = |key: &str| settings.get(key).and_then(Value::as_str);
    let level = settings.get("headline_level").and_then(Value::as_u64);
    let policy = Policy::new(&Request {
        headline: level.map(|level| level.to_string()),
        vary: texts(settings.get("vary")),
        observe_tails: text("tails") == Some("observe"),
        ..Request::default()
    });
    let set: Vec<(String, String)> = texts(settings.get("set"))
        .iter()
        .map(|pair| pair.split_once('=').expect("FIELD=VALUE"))
        .map(|(field, value)| (field.to_owned(), value.to_owned()))
        .collect();
    let side = |key: &str, profile: &str, settings_of: &[(String, String)]| {
        let read = |path: &String| read(path, text(profile), text("model"), settings_of);
        let read: Vec<Document> = texts(settings.get(key)).iter().map(read).collect();
        match read.as_slice() {
            [only] => only.clone(),
            several => {
                let texts: Vec<String> = several.iter().map(Document::to_json).collect();
                trials::merge(&texts).unwrap_or_else(|fault| panic!("{fault}"))
            }
        }
    };
    let baseline = side("baseline", "baseline_profile", &[]);
    let current = side("current", "profile", &set);
    judge(&baseline, &current, &[], &policy.expect("a policy"))
        .unwrap_or_else(|fault| panic!("{fault}"))
}

fn read(
    path: &str,
    profile: Option<&str>,
    model: Option<&str>,
    set: &[(String, String)],
) -> Document {
    let path = folder().join(path);
    if path.is_file() {
        let text = std::fs::read_to_string(&path).expect("a document");
        return Document::parse("document", &text).unwrap_or_else(|fault| panic!("{fault}"));
    }
    let run = read_bundle(&NativeTree::new(path)).unwrap_or_else(|fault| panic!("{fault}"));
    let profile = profile.map(|profile| {
        read_profile(&NativeTree::new(folder().join(profile)))
            .unwrap_or_else(|fault| panic!("{fault}"))
    });
    let options = Options {
        model: model.map(str::to_owned),
        settings: set.to_vec(),
        ..Options::default()
    };
    build(&run, profile.as_ref(), &options).unwrap_or_else(|fault| panic!("{fault}"))
}
