//! Components of released contracts: their bytes stay, and today's host runs them.

use perfbridge_host::bundle::{Bundle, sha256};
use perfbridge_host::sandbox::judge::Form;
use perfbridge_host::sandbox::{Case, Failure, Hashes, Limits, Policy, Sandbox, Verdict, ingest};
use std::path::{Path, PathBuf};

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests")
}

fn sandbox() -> Sandbox {
    let component = std::fs::read(tests().join("data/frozen/0.1.0.wasm")).expect("the component");
    Sandbox::new(&component, &[], Limits::default()).expect("it loads")
}

fn policy() -> Policy {
    Policy {
        tolerances: vec![],
        headline: None,
        vary: vec![],
        file: None,
        choices: vec![],
        observe_tails: false,
        baseline_max_age_days: None,
    }
}

fn read(sandbox: &Sandbox, bundle: &str) -> ingest::Document {
    let path = tests().join("data/bundles").join(bundle);
    let bundle = Bundle::open(&path, &[]).expect("a bundle");
    let hashes = Hashes {
        files: bundle.hashes(&mut |_| ()).expect("hashed"),
        of_profile: vec![],
    };
    let read = |hashes: Result<&Hashes, &'static str>| {
        let granted = vec![bundle.grant("bundle").expect("granted")];
        let options = crate::probe::options();
        let read = sandbox.read_unhashed(granted, "bundle", &options, &|| hashes);
        read.unwrap_or_else(|failure| panic!("{failure}"))
    };
    assert_eq!(read(Err("no hashes")).err(), Some("no hashes"));
    let document = read(Ok(&hashes)).expect("a document");
    assert!(document.json.contains(&hashes.files[0].sha256));
    document
}

/// The hashes were written when the versions were released.
#[test]
fn the_bytes_of_a_released_component_stay() {
    let frozen = tests().join("data/frozen");
    let mut seen = 0;
    for entry in std::fs::read_dir(&frozen).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|end| end != "wasm") {
            continue;
        }
        let stated = std::fs::read_to_string(path.with_extension("wasm.sha256")).expect("its hash");
        let bytes = std::fs::read(&path).expect("its bytes");
        let name = path.file_name().expect("a name").to_string_lossy();
        assert_eq!(stated.trim_end(), format!("{}  {name}", sha256(&bytes)));
        seen += 1;
    }
    assert!(seen >= 1, "no frozen component");
}

/// The verdict that the corpus states for these two bundles, by rules that have not changed since.
#[test]
fn contract_0_1_reads_and_judges() {
    let sandbox = sandbox();
    let (baseline, current) = (read(&sandbox, "base-1"), read(&sandbox, "regressed-1"));
    assert_eq!(baseline.places, ["1", "4", "8", "16", "32"]);
    assert_eq!(baseline.headline, "16");
    let case = Case {
        baseline: &baseline.json,
        current: &current.json,
        history: &[],
        policy: &policy(),
    };
    let forms = ["json", "text", "markdown", "markdown-explained"].map(Form::named);
    let judged = sandbox.judge(&case, &forms);
    let judged = judged.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!((judged.verdict, &*judged.rule), (Verdict::Red, "headline"));
    assert_eq!(
        (&*judged.headline.metric, &*judged.headline.place),
        ("throughput_toks_per_s", "c16")
    );
    let row = &judged.rows[0];
    assert_eq!((&*row.metric, &*row.place), ("throughput_toks_per_s", "c1"));
    assert_eq!(row.delta_pct, Some(-38.46749710212106));
    let [json, text, markdown, explained] = <[String; 4]>::try_from(judged.texts).expect("texts");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["verdict"], "RED");
    assert!(text.contains("RED") && markdown.contains("RED"));
    assert!(explained.len() > markdown.len());
    let names: Vec<String> = sandbox
        .forms()
        .unwrap_or_else(|failure| panic!("{failure}"))
        .into_iter()
        .map(|form| form.name)
        .collect();
    assert_eq!(names, ["json", "text", "markdown", "markdown-explained"]);
}

#[test]
fn what_contract_0_1_lacks_is_said() {
    let sandbox = sandbox();
    let refused = |failure: Failure| match failure {
        Failure::Fault(fault) => fault.message,
        other => panic!("{other}"),
    };
    let found = sandbox.judge_directories(vec![], &[], &[], &policy());
    assert_eq!(
        refused(found.expect_err("it has none")),
        "found a component of contract 0.1, which has no judge-directories; expected one of 0.2. Use the component of this release"
    );
    let case = Case {
        baseline: "{}",
        current: "{}",
        history: &[],
        policy: &Policy {
            headline: Some("5/s".to_owned()),
            ..policy()
        },
    };
    let found = sandbox.judge(&case, &[]).expect_err("no such place then");
    assert!(refused(found).contains("has no headline at \"5/s\""));
}
