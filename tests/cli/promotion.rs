//! promote, promotions and `plan --again`: what becomes the baseline of record, what is said of it, and what never changes.

use crate::support::{Home, Ran, bundle, golden};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const MODEL: &str = "tinyllama-7m";
const MEASUREMENT: &str = "tinyllama-7m-perfbench-v1";
const ROOT: [&str; 2] = ["--repo-root", "repo"];

fn promote(home: &Home, current: &[&str], more: &[&str]) -> Ran {
    let mut words = vec!["promote", "--json", "--current"];
    words.extend(current);
    words.extend(ROOT);
    words.extend(more);
    home.run(&words)
}

fn promoted(home: &Home, current: &str, more: &[&str]) -> Value {
    let ran = promote(home, &[current], more);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(report["promoted"], true);
    report
}

fn moves(home: &Home, more: &[&str]) -> Vec<Value> {
    let words = [&["promotions", "--json"], &ROOT[..], more].concat();
    let listed = home.json(&words);
    listed["promotions"].as_array().expect("a list").clone()
}

/// Every file below the registry with its bytes.
fn files(home: &Home) -> BTreeMap<PathBuf, Vec<u8>> {
    fn below(dir: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for item in fs::read_dir(dir).expect("a directory") {
            let path = item.expect("readable").path();
            match path.is_dir() {
                true => below(&path, found),
                false => {
                    let bytes = fs::read(&path).expect("readable");
                    found.insert(path, bytes);
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    below(&home.path("repo"), &mut found);
    found
}

/// Nothing that was there is gone or has other bytes; to the index rows are added.
fn nothing_lost(before: &BTreeMap<PathBuf, Vec<u8>>, home: &Home) {
    let after = files(home);
    for (path, bytes) in before {
        let now = after
            .get(path)
            .unwrap_or_else(|| panic!("{path:?} is gone"));
        match path.ends_with("INDEX.md") {
            true => assert!(now.starts_with(bytes), "{path:?}"),
            false => assert_eq!(now, bytes, "{path:?} was changed"),
        }
    }
}

#[test]
fn a_run_becomes_the_baseline_of_record() {
    let home = Home::with_registry();
    let more = [
        "--model",
        MODEL,
        "--reason",
        "the first one",
        "--eval",
        "GPQA=0.71",
    ];
    let first = promoted(&home, &bundle("base-1"), &more);
    assert_eq!(first["replaces"], Value::Null);
    assert_eq!(first["against"], Value::Null);
    assert_eq!(first["evals"][0]["value"], 0.71);
    let slug = first["slug"].as_str().expect("a slug");
    // The scores are in the document, which is hashed.
    let entry = Path::new(first["entry_dir"].as_str().expect("a path"));
    let document = fs::read_to_string(entry.join("source-snapshot.json")).expect("a document");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(document["evals"][0]["task"], "GPQA");
    let listed = home.json(&[&["list", "--json"], &ROOT[..]].concat());
    assert_eq!(listed["entries"][0]["roles"], json!(["baseline"]));

    let before = files(&home);
    let second = promoted(&home, &bundle("base-2"), &["--reason", "a newer engine"]);
    nothing_lost(&before, &home);
    assert_eq!(second["replaces"], slug);
    // As diff judges the two.
    let (one, two) = (bundle("base-1"), bundle("base-2"));
    let judged = home.json(&["diff", &one, &two, "--json"]);
    for key in ["verdict", "rule", "tier"] {
        assert_eq!(second["against"][key], judged[key], "{key}");
    }
    // The verdict is kept, and holds.
    let kept = home
        .path("repo")
        .join(second["against"]["bundle"].as_str().expect("a bundle"));
    home.ok(&["verify", &kept.display().to_string()]);
    // Newer entries do not move it.
    home.record(&[&bundle("aa-01")], &[]);
    let shown = home.json(&[&["show", MODEL, "--json"], &ROOT[..]].concat());
    assert_eq!(shown["entry"]["slug"], second["slug"]);

    let log = moves(&home, &[]);
    let told = |at: usize, key: &str| log[at][key].clone();
    assert_eq!(log.len(), 2);
    assert_eq!(
        (told(0, "reason"), told(1, "reason")),
        (json!("the first one"), json!("a newer engine"))
    );
    assert_eq!(
        (told(0, "operator"), told(1, "replaces")),
        (json!("operator"), json!(slug))
    );
    assert_eq!(told(0, "evals")[0]["task"], "GPQA");
    let text = home.ok(&[&["promotions", MODEL], &ROOT[..]].concat());
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("WHEN"), "{text}");
    assert!(
        lines[1].contains("operator") && lines[1].ends_with("the first one; GPQA 0.71 (stated)"),
        "{text}"
    );
    assert!(
        lines[2].contains(slug) && lines[2].ends_with("a newer engine"),
        "{text}"
    );
}

#[test]
fn later_diffs_print_the_scores_of_both_sides() {
    let home = Home::with_registry();
    promoted(
        &home,
        &bundle("base-1"),
        &["--reason", "r", "--eval", "GPQA=0.71"],
    );
    let (slow, registry) = (bundle("regressed-1"), ROOT);
    let words = [
        &[
            "diff",
            "--model",
            MODEL,
            "--current",
            &slow,
            "--eval",
            "GPQA=0.74",
        ],
        &registry[..],
    ]
    .concat();
    let ran = home.run(&[&words[..], &["--json"]].concat());
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let judged: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let eval = &judged["evals"][0];
    assert_eq!(
        (&eval["baseline"], &eval["current"], &eval["reading"]),
        (&json!(0.71), &json!(0.74), &json!("gain"))
    );
    let said = "Quality rose (GPQA 0.71 -> 0.74): the regression may be its price";
    assert!(
        judged["recommendation"]
            .as_str()
            .expect("advice")
            .contains(said)
    );
    let text = home.run(&[&words[..], &["--all"]].concat()).stdout;
    assert!(text.contains("evals.GPQA 0.71 -> 0.74"), "{text}");
    let markdown = home
        .run(&[&words[..], &["--format", "markdown"]].concat())
        .stdout;
    assert!(
        markdown.contains("GPQA 0.71 -&gt; 0.74") || markdown.contains("GPQA 0.71 -> 0.74"),
        "{markdown}"
    );
    // The other way round: faster for less.
    let fast = bundle("improved-1");
    let words = [
        &[
            "diff",
            "--model",
            MODEL,
            "--current",
            &fast,
            "--eval",
            "GPQA=0.60",
            "--json",
        ],
        &registry[..],
    ]
    .concat();
    let judged: Value = serde_json::from_str(&home.run(&words).stdout).expect("JSON");
    assert!(
        judged["recommendation"]
            .as_str()
            .expect("advice")
            .contains("do not promote for speed alone"),
        "{}",
        judged["recommendation"]
    );
    // A percentage is not compared with a fraction in silence.
    let words = [
        &[
            "diff",
            "--model",
            MODEL,
            "--current",
            &slow,
            "--eval",
            "GPQA=74%",
            "--json",
        ],
        &registry[..],
    ]
    .concat();
    let judged: Value = serde_json::from_str(&home.run(&words).stdout).expect("JSON");
    assert_eq!(judged["evals"][0]["reading"], "not-compared");
}

/// As the specification writes them, and as another server registered them: in the notes of the entry alone.
#[test]
fn scores_in_notes_count() {
    let home = Home::with_registry();
    let notes = "GPQA=0.71. MMLU-Pro=0.83";
    let entry = home.record(&[&golden("run1")], &["--notes", notes]);
    let snapshot =
        fs::read_to_string(Path::new(&entry).join("source-snapshot.json")).expect("a document");
    let document: Value = serde_json::from_str(&snapshot).expect("JSON");
    let tasks: Vec<&Value> = document["evals"]
        .as_array()
        .expect("scores")
        .iter()
        .map(|one| &one["task"])
        .collect();
    assert_eq!(tasks, ["GPQA", "MMLU-Pro"]);

    let other = Home::with_registry();
    let entry = other.record(&[&golden("run1")], &[]);
    let path = Path::new(&entry).join("baseline.json");
    let text = fs::read_to_string(&path).expect("text");
    fs::write(
        &path,
        text.replace("\"notes\": \"\"", &format!("\"notes\": \"{notes}\"")),
    )
    .expect("written");
    let current = golden("run2");
    let ran = other.run(&[
        "diff",
        "--baseline",
        &entry,
        "--current",
        &current,
        "--eval",
        "MMLU-Pro=0.85",
        "--json",
    ]);
    let judged: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    let readings: Vec<&Value> = judged["evals"]
        .as_array()
        .expect("scores")
        .iter()
        .map(|one| &one["reading"])
        .collect();
    assert_eq!(readings, ["gain", "one-sided"], "{}", judged["evals"]);
}

#[test]
fn an_entry_is_promoted_as_it_is_and_keeps_its_scores() {
    let home = Home::with_registry();
    let entry = home.record(&[&bundle("base-1")], &["--eval", "GPQA=0.71"]);
    let slug = Path::new(&entry)
        .file_name()
        .expect("a slug")
        .to_string_lossy()
        .into_owned();
    let results = home.write(
        "results_2026.json",
        r#"{"results": {"ifeval": {"prompt_level_strict_acc,none": 0.8, "prompt_level_strict_acc_stderr,none": 0.017}}, "versions": {"ifeval": 4.0}, "n-shot": {"ifeval": 0}}"#,
    );
    let before = files(&home);
    let report = promoted(
        &home,
        &format!("{MODEL}@{}", &slug[..15]),
        &["--reason", "r", "--eval", &results],
    );
    nothing_lost(&before, &home);
    assert_eq!(report["slug"], slug.as_str());
    let tasks: Vec<&Value> = report["evals"]
        .as_array()
        .expect("scores")
        .iter()
        .map(|one| &one["task"])
        .collect();
    assert_eq!(tasks, ["GPQA", "ifeval"]);
    let words = [
        "diff",
        "--baseline",
        &entry,
        "--current",
        &bundle("base-2"),
        "--json",
    ];
    let judged = home.json(&words);
    let tasks: Vec<&Value> = judged["evals"]
        .as_array()
        .expect("scores")
        .iter()
        .map(|one| &one["task"])
        .collect();
    assert_eq!(tasks, ["GPQA", "ifeval"]);
    // What was judged is kept beside the verdict, since the entry holds less.
    let made = home.made_diff(MEASUREMENT);
    home.ok(&["verify", &made.display().to_string()]);
    assert_eq!(
        fs::read_dir(made.join("inputs")).expect("inputs").count(),
        1
    );
    // A score of the entry is not said to be another one later.
    let ran = promote(&home, &[&entry], &["--reason", "r", "--eval", "GPQA=0.75"]);
    ran.refused_as_json("found two scores of GPQA: 0.71 (stated) and 0.75 (stated)");
}

trait Refused {
    fn refused_as_json(&self, words: &str);
}

impl Refused for Ran {
    fn refused_as_json(&self, words: &str) {
        assert_eq!(self.code, 2, "{} {}", self.stdout, self.stderr);
        let error: Value = serde_json::from_str(&self.stdout).expect("JSON");
        let message = error["error"]["message"].as_str().expect("a message");
        assert!(message.contains(words), "{words:?} is not in {message:?}");
    }
}

#[test]
fn a_ratchet_only_goes_forward() {
    let home = Home::with_registry();
    let ratchet = ["--reason", "r", "--ratchet"];
    // Whatever comes first would be taken.
    let ran = promote(&home, &[&bundle("base-1")], &ratchet);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(
        ran.stdout
            .contains("--ratchet found nothing to go forward from"),
        "{}",
        ran.stdout
    );
    let first: Vec<String> = (1..=3).map(|n| bundle(&format!("aa-0{n}"))).collect();
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    let ran = promote(&home, &first, &["--reason", "first"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let stands = || {
        let shown =
            home.json(&[&["show", &format!("{MODEL}@baseline"), "--json"], &ROOT[..]].concat());
        shown["entry"]["slug"].as_str().expect("a slug").to_owned()
    };
    let slug = stands();
    // Worse is refused with 1, nothing is registered and no role moves.
    let before = files(&home);
    let ran = promote(&home, &[&bundle("regressed-1")], &ratchet);
    assert_eq!(ran.code, 1, "{} {}", ran.stdout, ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(
        (&report["promoted"], &report["against"]["verdict"]),
        (&json!(false), &json!("RED"))
    );
    assert!(
        ran.stderr.contains("not promoted: RED by rule "),
        "{}",
        ran.stderr
    );
    nothing_lost(&before, &home);
    assert_eq!(stands(), slug);
    assert_eq!(moves(&home, &[]).len(), 1);
    // One run is a draft, with what it lacks.
    let ran = promote(&home, &[&bundle("aa-06")], &ratchet);
    assert_eq!(ran.code, 3, "{} {}", ran.stdout, ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert!(!report["missing"].as_array().expect("a list").is_empty());
    assert!(
        ran.stderr.contains("this is a draft; a verdict needs:"),
        "{}",
        ran.stderr
    );
    // Nothing can be said of a run against itself.
    let ran = promote(&home, &first, &ratchet);
    assert_eq!(ran.code, 3, "{} {}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("NO_VERDICT"), "{}", ran.stdout);
    assert_eq!((stands(), moves(&home, &[]).len()), (slug, 1));
}

/// Aliases are roles: each has its own history, and every command that takes an entry takes them.
#[test]
fn an_alias_moves_and_keeps_its_history() {
    let home = Home::with_registry();
    let one = home.record(&[&bundle("base-1")], &[]);
    let two = home.record(&[&bundle("base-2")], &[]);
    promoted(&home, &one, &["--role", "staging", "--reason", "try it"]);
    promoted(
        &home,
        &one,
        &["--role", "production", "--reason", "it held"],
    );
    let before = files(&home);
    let moved = promoted(&home, &two, &["--role", "production", "--reason", "newer"]);
    nothing_lost(&before, &home);
    let slug = |entry: &str| {
        Path::new(entry)
            .file_name()
            .expect("a slug")
            .to_string_lossy()
            .into_owned()
    };
    assert_eq!(moved["replaces"], slug(&one).as_str());
    let production = format!("{MODEL}@production");
    let staging = format!("{MODEL}@staging");
    let at = |name: &str| {
        home.json(&[&["show", name, "--json"], &ROOT[..]].concat())["entry"]["slug"].clone()
    };
    assert_eq!(
        (at(&production), at(&staging)),
        (json!(slug(&two)), json!(slug(&one)))
    );
    // Neither is the baseline that --model takes.
    assert_eq!(at(MODEL), slug(&two).as_str());
    let log = moves(&home, &["--role", "production"]);
    let reasons: Vec<&Value> = log.iter().map(|one| &one["reason"]).collect();
    assert_eq!(reasons, ["it held", "newer"]);
    let against = [
        &[
            "diff",
            "--baseline",
            &staging,
            "--current",
            &production,
            "--json",
        ],
        &ROOT[..],
    ]
    .concat();
    let against = home.json(&against);
    assert_eq!(against["verdict"], "YELLOW");
    for words in [
        vec!["plan", "--again", &production],
        vec!["verify", &production],
        vec![
            "gate",
            "--baseline",
            &staging,
            &production,
            "--require-tier",
            "draft",
        ],
    ] {
        home.ok(&[&words[..], &ROOT[..]].concat());
    }
    home.ok(&[
        &["pin", &production, "--role", "production", "--release"],
        &ROOT[..],
    ]
    .concat());
    let log = moves(&home, &["--role", "production"]);
    assert_eq!((log.len(), &log[2]["released"]), (3, &json!(true)));
    let gone = home.run(&[&["show", &production], &ROOT[..]].concat());
    gone.refused("is called \"production\"");
}

#[test]
fn what_cannot_be_promoted_is_refused_before_anything_is_written() {
    let home = Home::with_registry();
    let entry = home.record(&[&bundle("base-1")], &[]);
    let observed = home.record(&[&bundle("base-2")], &["--observe"]);
    let elsewhere = Home::with_registry();
    let other = elsewhere.record(&[&bundle("base-1")], &[]);
    let wrong = home.write("wrong.json", "{\"results\": {}}");
    let run = bundle("base-2");
    let before = files(&home);
    for (current, more, words) in [
        (
            run.as_str(),
            &["--reason", " "][..],
            "--reason must be one line",
        ),
        (&run, &["--reason", "a\nb"], "--reason must be one line"),
        (&observed, &["--reason", "r"], "found an observation"),
        (
            &other,
            &["--reason", "r"],
            "found an entry of another registry",
        ),
        (
            &entry,
            &["--reason", "r", "--notes", "n"],
            "--notes are kept with a new entry",
        ),
        (
            &entry,
            &["--reason", "r", "--set", "context.hardware=B200"],
            "which is never changed",
        ),
        (
            &entry,
            &["--reason", "r", "--model", "kimi"],
            "this baseline is of the model",
        ),
        (&run, &["--reason", "r", "--model", "kimi"], "kimi"),
        (
            &run,
            &["--reason", "r", "--eval", "GPQA"],
            "which is no file; expected NAME=NUMBER",
        ),
        (
            &run,
            &["--reason", "r", "--eval", "GPQA=good"],
            "found the score \"GPQA=good\"",
        ),
        (&run, &["--reason", "r", "--eval", &wrong], "found no score"),
        (
            &run,
            &["--reason", "r", "--role", "1st"],
            "role must begin with a letter",
        ),
        (
            "nothing@here",
            &["--reason", "r"],
            "no baseline of \"nothing\" is registered",
        ),
    ] {
        promote(&home, &[current], more).refused_as_json(words);
        assert!(files(&home) == before, "{words}");
    }
    home.run(&["promotions", "--repo-root", "nowhere"]);
    let none = Home::with_registry();
    let ran = none.run(&[&["promotions"], &ROOT[..]].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert!(
        ran.stderr.contains("nothing was promoted"),
        "{}",
        ran.stderr
    );
}

/// AIPerf's own export holds the command; expected is what stands there, without the place that it wrote to.
#[test]
fn a_baseline_is_measured_anew_by_its_own_command() {
    let home = Home::with_registry();
    let source = bundle("base-1");
    home.record(&[&source], &[]);
    let mut expected: Vec<String> = Vec::new();
    for level in [
        "aiperf-c1",
        "aiperf-c16",
        "aiperf-c32",
        "aiperf-c4",
        "aiperf-c8",
    ] {
        let file = Path::new(&source)
            .join(level)
            .join("profile_export_aiperf.json");
        let export: Value =
            serde_json::from_str(&fs::read_to_string(file).expect("an export")).expect("JSON");
        let command = export["run_info"]["cli_command"]
            .as_str()
            .or(export["input_config"]["cli_command"].as_str());
        let (kept, _) = command
            .expect("a command")
            .split_once(" --artifact-dir ")
            .expect("its last option");
        expected.push(kept.to_owned());
    }
    let plan = home.json(
        &[
            &["plan", "--again", MODEL, "--trials", "2", "--json"],
            &ROOT[..],
        ]
        .concat(),
    );
    let mut found: Vec<String> =
        serde_json::from_value(plan["again"]["commands"].clone()).expect("texts");
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(plan["order"].as_array().expect("runs").len(), 2);
    assert_eq!(plan["again"]["model"], MODEL);

    // The script calls it once a level and run, and ends by promoting what was measured.
    let script = home.ok(&[&["plan", "--again", MODEL, "--trials", "2"], &ROOT[..]].concat());
    let file = home.write("again.sh", &script);
    let fake = home.write(
        "bin/aiperf",
        format!("#!/bin/sh\nfor last; do :; done\nfrom=aiperf-c$(echo \"$*\" | sed 's/.*--concurrency \\([0-9]*\\) .*/\\1/')\nmkdir -p \"$last\"\ncp -r \"{source}/$from/.\" \"$last\"\n"),
    );
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).expect("executable");
    let program = Path::new(env!("CARGO_BIN_EXE_perfbridge"))
        .parent()
        .expect("a folder");
    let mut command = home.program("/bin/sh");
    let path = format!("{}:{}:/usr/bin:/bin", home.text("bin"), program.display());
    // Two copies of one run are refused as trials, which shows that both were made and handed over.
    let ran = Ran::of(
        command
            .env("PATH", path)
            .args([&file, "--repo-root", "repo"])
            .output()
            .expect("it runs"),
    );
    assert!(
        home.path("runs/again-1/aiperf-1").is_dir() && home.path("runs/again-2/aiperf-2").is_dir()
    );
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("again-1") && ran.stderr.contains("one run"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_cannot_be_measured_anew_is_refused() {
    let home = Home::with_registry();
    home.record(&[&golden("run1")], &[]);
    let plain = home.run(&[&["plan", "--again", "tiny-llama"], &ROOT[..]].concat());
    plain.refused("found no command line in this entry");
    let document = home.ok(&["ingest", &bundle("base-1")]);
    let mut document: Value = serde_json::from_str(&document).expect("JSON");
    document["provenance"]["commands"] = json!(["aiperf profile; rm -rf ~"]);
    document["model"] = json!("other");
    let file = home.write("other.json", document.to_string());
    home.record(&[&file], &[]);
    let ran = home.run(&[&["plan", "--again", "other"], &ROOT[..]].concat());
    ran.refused("found a command line with shell syntax");
    home.run(&["plan"]).refused("--baseline");
}
