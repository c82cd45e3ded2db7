//! verify of one verdict or one entry: the same bytes from the recorded inputs, anywhere and by anybody, or what differs.

use crate::servers::peer;
use crate::support::{Home, Ran, bundle, corpus};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub const MEASUREMENT: &str = "tinyllama-7m-perfbench-v1";

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

pub fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

pub fn value(path: &Path) -> Value {
    serde_json::from_str(&text(path)).expect("JSON")
}

/// A diff of a run against the registered baseline, with a policy file and one more option.
fn against_registry<'a>(current: &'a str, policy: &'a str, more: [&'a str; 2]) -> Vec<&'a str> {
    let words = ["diff", "--repo-root", "repo", "--model", "tinyllama-7m"];
    let words = [
        &words[..],
        &["--current", current, "--policy", policy],
        &more,
    ];
    words.concat()
}

/// A registry with three entries, and the diff bundle of a run against the newest of them, by a policy file.
pub fn judged() -> (Home, PathBuf) {
    let home = Home::with_registry();
    for name in ["aa-01", "aa-02", "base-1"] {
        home.record(&[&bundle(name)], &[]);
    }
    home.write("repo/runbooks/slow.md", "ttft_p50_ms\n");
    let policy = home.write(
        "perfbridge.toml",
        "# ours\nheadline_level = 4\n[tolerance]\nttft_p50_ms = 7\n",
    );
    let current = bundle("regressed-1");
    let words = against_registry(&current, &policy, ["--tolerance.tps", "4"]);
    assert_eq!(home.run(&words).code, 1);
    let made = home.made_diff(MEASUREMENT);
    (home, made)
}

pub fn verify(home: &Home, target: &Path, more: &[&str]) -> (i32, Value) {
    let target = target.display().to_string();
    let ran = home.run(&[&["verify", &target, "--json"], more].concat());
    let found = serde_json::from_str(&ran.stdout);
    (
        ran.code,
        found.unwrap_or_else(|_| panic!("{} {}", ran.stdout, ran.stderr)),
    )
}

/// What is not the same, as `what outcome field`.
pub fn wrong(report: &Value) -> Vec<String> {
    let checks = report["checks"].as_array().expect("checks").iter();
    let wrong = checks.filter(|check| check["outcome"] != "same");
    let said = |check: &Value| {
        let of = |key: &str| check[key].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", of("what"), of("outcome"), of("field"))
    };
    wrong.map(said).collect()
}

pub fn copied(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-r").arg(from).arg(to).status();
    assert!(done.expect("cp runs").success());
}

#[test]
fn a_verdict_names_who_judged_and_every_input_by_its_hash() {
    let (home, made) = judged();
    let replay = value(&made.join("verdict.json"))["replay"].clone();
    let hash_of = |path: &Path| json!(sha256(&fs::read(path).expect("a file")));
    assert_eq!(replay["case_sha256"], hash_of(&made.join("case.json")));
    assert_eq!(
        replay["current_sha256"],
        hash_of(&made.join("current-snapshot.json"))
    );
    assert_eq!(
        replay["policy_sha256"],
        hash_of(&home.path("perfbridge.toml"))
    );
    let entry = text(&made.join("baseline-ref.txt"));
    let snapshot = Path::new(entry.trim()).join("source-snapshot.json");
    assert_eq!(replay["baseline_sha256"], hash_of(&snapshot));
    assert_eq!(
        replay["history_sha256"].as_array().expect("hashes").len(),
        2
    );
    // The component is kept, as what it is: a component.
    let component = replay["component_sha256"].as_str().expect("a hash");
    let kept = home
        .path("repo/experiments/artifacts/perf-baseline-components")
        .join(format!("{component}.wasm"));
    let bytes = fs::read(&kept).expect("the component");
    assert_eq!(
        (&bytes[..8], sha256(&bytes).as_str()),
        (&b"\0asm\x0d\0\x01\0"[..], component)
    );
    // The policy file to the byte, and no copy of what the registry holds.
    let inputs: Vec<PathBuf> = fs::read_dir(made.join("inputs"))
        .expect("inputs")
        .map(|item| item.expect("one").path())
        .collect();
    assert_eq!(inputs.len(), 1, "{inputs:?}");
    assert_eq!(text(&inputs[0]), text(&home.path("perfbridge.toml")));
    let bare = Home::new();
    let (a, b) = (bundle("base-1"), bundle("base-2"));
    bare.ok(&["diff", &a, &b, "--out", "out"]);
    assert_eq!(
        value(&bare.path("out/verdict.json"))["replay"]["policy_sha256"],
        Value::Null
    );
}

#[test]
fn a_verdict_is_made_again_anywhere_and_by_anybody() {
    let (home, made) = judged();
    let (code, report) = verify(&home, &made, &[]);
    assert_eq!((code, &report["holds"]), (0, &json!(true)), "{report}");
    assert_eq!(
        (&report["kind"], &report["signature"]["outcome"]),
        (&json!("verdict"), &json!("not-asked"))
    );
    // By its verdict.json, with the same answer in words.
    let file = made.join("verdict.json").display().to_string();
    let words = home.ok(&["verify", &file]);
    assert!(
        words.trim_end().ends_with("differ, 0 missing") && words.contains("verdict holds: "),
        "{words}"
    );
    // The registry is copied to another place, the first is gone, and another account looks at it.
    let other = Home::new();
    copied(&home.path("repo"), &other.path("elsewhere"));
    let below = made
        .strip_prefix(home.path("repo").canonicalize().expect("a path"))
        .expect("below");
    let moved = other.path("elsewhere").join(below);
    drop(home);
    let mut command = other.command(&["verify", &moved.display().to_string(), "--json"]);
    let ran = Ran::of(
        command
            .env("USER", "auditor")
            .current_dir("/")
            .output()
            .expect("it runs"),
    );
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    // Every verdict of the registry.
    let all = other.json(&["verify", "--replay", "--json", "--repo-root", "elsewhere"]);
    assert_eq!(
        (&all["sound"], &all["replays"][0]["holds"]),
        (&json!(true), &json!(true))
    );
    let said = other.ok(&["verify", "--replay", "--repo-root", "elsewhere"]);
    assert!(
        said.starts_with("1 of 1 verdicts made again to the byte\nsound: "),
        "{said}"
    );
    let root = other.ok(&["verify", "elsewhere"]);
    assert!(root.starts_with("sound: 3 entries"), "{root}");
}

#[test]
fn a_directory_of_out_holds_all_that_it_needs() {
    let (home, _) = judged();
    let current = bundle("regressed-1");
    let words = against_registry(&current, "perfbridge.toml", ["--out", "out"]);
    home.run(&words);
    let other = Home::new();
    copied(&home.path("out"), &other.path("mailed"));
    drop(home);
    let (code, report) = verify(&other, &other.path("mailed"), &[]);
    assert_eq!(code, 0, "{report}");
    // Baseline, current run, two of the history and the policy.
    let whats: Vec<&Value> = report["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .map(|check| &check["what"])
        .collect();
    assert_eq!(
        whats,
        [
            "case",
            "baseline",
            "current run",
            "history 1",
            "history 2",
            "policy",
            "component",
            "verdict.json",
            "verdict.md"
        ]
    );
}

/// Another component of the same kind: today's with a section that says nothing behind it, so that its hash is another.
#[test]
fn the_component_that_judged_is_taken_from_the_registry() {
    let (home, made) = judged();
    let file = made.join("verdict.json");
    let components = home.path("repo/experiments/artifacts/perf-baseline-components");
    let kept = fs::read_dir(&components)
        .expect("components")
        .next()
        .expect("one")
        .expect("one")
        .path();
    let mut other = fs::read(&kept).expect("bytes");
    other.extend([0, 5, 4, b'n', b'o', b't', b'e']);
    let (mine, hash) = (
        kept.file_stem()
            .expect("a hash")
            .to_string_lossy()
            .into_owned(),
        sha256(&other),
    );
    let text = text(&file).replace(&mine, &hash);
    fs::write(&file, text).expect("written");
    let target = made.display().to_string();
    let ran = home.run(&["verify", &target]);
    ran.refused(&format!("found no component {hash}"));
    let named = home.write("other.wasm", &other);
    let wrong_one = kept.display().to_string();
    home.run(&["verify", &target, "--component", &wrong_one])
        .refused("found a component with another hash");
    assert_eq!(verify(&home, &made, &["--component", &named]).0, 0);
    fs::copy(&named, components.join(format!("{hash}.wasm"))).expect("copied");
    assert_eq!(verify(&home, &made, &[]).0, 0);
    assert_eq!(home.run(&["verify", "--repo-root", "repo"]).code, 0);
    fs::write(components.join(format!("{hash}.wasm")), b"no component").expect("written");
    home.run(&["verify", &target])
        .refused("found a component with another hash");
    let whole = home.run(&["verify", "--repo-root", "repo"]);
    assert_eq!(whole.code, 1);
    assert!(
        whole.stdout.contains("it was changed after it was kept"),
        "{}",
        whole.stdout
    );
}

#[test]
fn the_verdict_of_a_server_holds_too() {
    let home = Home::with_registry();
    let server = peer(&home);
    home.record(&[&bundle("base-1")], &[]);
    let current = bundle("regressed-1");
    let words = [
        "diff",
        "--repo-root",
        "repo",
        "--model",
        "tinyllama-7m",
        "--current",
        &current,
        "--mcp-server",
        &server,
    ];
    assert_eq!(home.run(&words).code, 1);
    let made = home.made_diff(MEASUREMENT);
    assert_eq!(verify(&home, &made, &[]).0, 0);
}

#[test]
fn an_entry_is_checked_with_what_was_said_of_it() {
    let home = Home::with_registry();
    let entry = home.record(&[&bundle("base-1")], &[]);
    let words = [
        "promote",
        "--repo-root",
        "repo",
        "--current",
        &entry,
        "--reason",
        "r",
        "--eval",
        "GPQA=0.7",
    ];
    home.ok(&words);
    let (code, report) = verify(&home, Path::new(&entry), &[]);
    assert_eq!(
        (code, &report["kind"], wrong(&report)),
        (0, &json!("entry"), vec![])
    );
    assert_eq!(report["checks"].as_array().expect("checks").len(), 2);
    home.ok(&["verify", "tinyllama-7m@baseline", "--repo-root", "repo"]);
    // The scores of a promotion are hashed as well.
    let marks = home
        .path("repo/experiments/artifacts/perf-baseline-marks/inference")
        .join(MEASUREMENT);
    let mark = fs::read_dir(&marks)
        .expect("marks")
        .next()
        .expect("one")
        .expect("one")
        .path();
    let old = text(&mark);
    fs::write(&mark, old.replace("0.7,", "0.9,")).expect("written");
    let (code, report) = verify(&home, Path::new(&entry), &[]);
    assert_eq!(
        (code, wrong(&report)),
        (1, vec!["mark differs -".to_owned()])
    );
    let whole = home.run(&["verify", "--repo-root", "repo"]);
    assert!(
        whole.code == 1
            && whole
                .stdout
                .contains("its scores are not those of their hash"),
        "{}",
        whole.stdout
    );
    fs::write(&mark, old).expect("written");
    let snapshot = Path::new(&entry).join("source-snapshot.json");
    let old = text(&snapshot);
    fs::write(&snapshot, old.replacen("\"errors\": 0", "\"errors\": 1", 1)).expect("written");
    let (code, report) = verify(&home, Path::new(&entry), &[]);
    assert_eq!(
        (code, wrong(&report)),
        (1, vec!["snapshot differs -".to_owned()])
    );
}

#[test]
fn what_is_no_verdict_is_refused() {
    let (home, made) = judged();
    let target = made.display().to_string();
    let empty = home.path("empty");
    fs::create_dir(&empty).expect("made");
    let empty = empty.display().to_string();
    home.run(&["verify", &empty])
        .refused("found neither a verdict nor an entry");
    home.run(&["verify", &empty, "--allowed-signers", "x"])
        .refused("found no verdict to have a signature");
    home.run(&["verify", "nothing@here", "--repo-root", "repo"])
        .refused("no baseline of \"nothing\" is registered");
    let printed = home.write(
        "printed/verdict.json",
        "{\"schema\": \"perfbridge_judgement_v1\"}",
    );
    home.run(&["verify", &printed])
        .refused("this verdict does not name who judged and of what");
    let broken = home.write("broken/verdict.json", "no");
    home.run(&["verify", &broken]).refused("found no JSON");
    let other = home.write("other/verdict.json", "{\"replay\": {}}");
    home.run(&["verify", &other])
        .refused("found replay in another form");
    let case = made.join("case.json");
    let old = text(&case);
    let file = made.join("verdict.json");
    let changed = text(&file).replace(&sha256(old.as_bytes()), &sha256(b"{}"));
    fs::write(&file, changed).expect("written");
    fs::write(&case, "{}").expect("written");
    home.run(&["verify", &target])
        .refused("found case.json in another form");
    assert!(corpus("data").is_dir());
}

/// A key of its own, without a passphrase, and the file of allowed signers with it.
pub fn key(home: &Home, name: &str) -> (String, String) {
    let file = home.text(name);
    let made = home
        .program("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", &file])
        .output();
    let made =
        made.expect("ssh-keygen, of the OpenSSH client (openssh-client), is needed for this test");
    assert!(made.status.success(), "{made:?}");
    let public = text(Path::new(&format!("{file}.pub")));
    let allowed = home.write(
        &format!("{name}.signers"),
        format!("{name}@example.org {public}"),
    );
    (file, allowed)
}
