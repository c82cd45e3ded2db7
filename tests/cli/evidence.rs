//! verify of one verdict or one entry: the same bytes from the recorded inputs, anywhere and by anybody, or what differs.

use crate::servers::peer;
use crate::support::{Home, Ran, bundle, corpus};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MEASUREMENT: &str = "tinyllama-7m-perfbench-v1";

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

fn value(path: &Path) -> Value {
    serde_json::from_str(&text(path)).expect("JSON")
}

/// A registry with three entries, and the diff bundle of a run against the newest of them, by a policy file.
fn judged() -> (Home, PathBuf) {
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
    let words = [
        "diff",
        "--repo-root",
        "repo",
        "--model",
        "tinyllama-7m",
        "--current",
        &current,
        "--policy",
        &policy,
        "--tolerance.tps",
        "4",
    ];
    assert_eq!(home.run(&words).code, 1);
    let made = home.made_diff(MEASUREMENT);
    (home, made)
}

fn verify(home: &Home, target: &Path, more: &[&str]) -> (i32, Value) {
    let target = target.display().to_string();
    let ran = home.run(&[&["verify", &target, "--json"], more].concat());
    let found = serde_json::from_str(&ran.stdout);
    (
        ran.code,
        found.unwrap_or_else(|_| panic!("{} {}", ran.stdout, ran.stderr)),
    )
}

/// What is not the same, as `what outcome field`.
fn wrong(report: &Value) -> Vec<String> {
    let checks = report["checks"].as_array().expect("checks").iter();
    let wrong = checks.filter(|check| check["outcome"] != "same");
    let said = |check: &Value| {
        let of = |key: &str| check[key].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", of("what"), of("outcome"), of("field"))
    };
    wrong.map(said).collect()
}

fn copied(from: &Path, to: &Path) {
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
    let words = [
        "diff",
        "--repo-root",
        "repo",
        "--model",
        "tinyllama-7m",
        "--current",
        &current,
        "--policy",
        "perfbridge.toml",
        "--out",
        "out",
    ];
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

#[test]
fn what_was_tampered_with_is_named() {
    let (home, made) = judged();
    let replace = |file: &Path, from: &str, to: &str| {
        let old = text(file);
        assert!(old.contains(from), "{from} is not in {file:?}");
        fs::write(file, old.replacen(from, to, 1)).expect("written");
        old
    };
    let entry = PathBuf::from(text(&made.join("baseline-ref.txt")).trim());
    let case = value(&made.join("case.json"));
    let past = case["history"][0]
        .as_str()
        .expect("a name")
        .rsplit_once('@')
        .expect("a slug")
        .1;
    let past = entry.with_file_name(past);
    let policy = fs::read_dir(made.join("inputs"))
        .expect("inputs")
        .next()
        .expect("one")
        .expect("one")
        .path();
    for (file, from, to, expected) in [
        (
            made.join("verdict.json"),
            "\"verdict\": \"RED\"",
            "\"verdict\": \"GREEN\"",
            &["diff.json differs verdict", "verdict.json differs verdict"][..],
        ),
        (
            made.join("verdict.json"),
            "\"delta_pct\": -",
            "\"delta_pct\": ",
            &["verdict.json differs headline.delta_pct"],
        ),
        (
            made.join("verdict.md"),
            "**RED**",
            "**GREEN**",
            &["verdict.md differs line 3"],
        ),
        (
            made.join("current-snapshot.json"),
            "\"errors\": 0",
            "\"errors\": 1",
            &["current run differs -"],
        ),
        (
            made.join("case.json"),
            "\"history\"",
            " \"history\"",
            &["case differs -"],
        ),
        (
            entry.join("source-snapshot.json"),
            "\"errors\": 0",
            "\"errors\": 1",
            &["baseline differs -", "snapshot of the entry differs -"],
        ),
        (
            past.join("source-snapshot.json"),
            "\"errors\": 0",
            "\"errors\": 1",
            &["history 1 differs -"],
        ),
        (policy.clone(), "7", "8", &["policy differs -"]),
        (
            made.join("diff.json"),
            "\"verdict\": \"RED\"",
            "\"verdict\": \"GREEN\"",
            &["diff.json differs verdict"],
        ),
    ] {
        let old = replace(&file, from, to);
        let (code, report) = verify(&home, &made, &[]);
        let found = wrong(&report);
        assert_eq!(code, 1, "{file:?} {report}");
        for one in expected {
            assert!(
                found.iter().any(|found| found == one),
                "{file:?}: {one:?} is not in {found:?}"
            );
        }
        fs::write(&file, &old).expect("written");
    }
    // Which hash was expected and which was found.
    let snapshot = made.join("current-snapshot.json");
    let old = replace(&snapshot, "\"errors\": 0", "\"errors\": 1");
    let (_, report) = verify(&home, &made, &[]);
    let check = report["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .find(|check| check["what"] == "current run")
        .expect("it")
        .clone();
    assert_eq!(
        (check["expected"].as_str(), check["found"].as_str()),
        (
            Some(sha256(old.as_bytes()).as_str()),
            Some(sha256(text(&snapshot).as_bytes()).as_str())
        )
    );
    let said = home.run(&["verify", &made.display().to_string()]);
    assert!(
        said.stdout.contains("DIFFERS  current run: ")
            && said.stdout.contains("verdict does NOT hold"),
        "{}",
        said.stdout
    );
    fs::write(&snapshot, &old).expect("written");
    // What is gone is another thing than what was changed.
    for (file, what) in [
        (snapshot, "current run missing -"),
        (policy, "policy missing -"),
        (made.join("verdict.md"), "words missing -"),
        (past.join("source-snapshot.json"), "history 1 missing -"),
    ] {
        let bytes = fs::read(&file).expect("a file");
        fs::remove_file(&file).expect("removed");
        let (code, report) = verify(&home, &made, &[]);
        assert_eq!(
            (code, wrong(&report)),
            (2, vec![what.to_owned()]),
            "{report}"
        );
        fs::write(&file, bytes).expect("written");
    }
    assert_eq!(verify(&home, &made, &[]).0, 0);
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
fn key(home: &Home, name: &str) -> (String, String) {
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

#[test]
fn verdicts_are_signed_and_signatures_checked() {
    let (home, made) = judged();
    let target = made.display().to_string();
    let ((ada, by_ada), (_, by_bob)) = (key(&home, "ada"), key(&home, "bob"));
    let outcome = |allowed: &str, more: &[&str]| {
        let (code, report) = verify(
            &home,
            &made,
            &[&["--allowed-signers", allowed], more].concat(),
        );
        (
            code,
            report["signature"]["outcome"]
                .as_str()
                .expect("a text")
                .to_owned(),
            report["signature"]["words"]
                .as_str()
                .expect("a text")
                .to_owned(),
        )
    };
    // Without a signature it holds, but not for who demands one.
    let (code, found, words) = outcome(&by_ada, &[]);
    assert_eq!((code, found.as_str()), (1, "missing"), "{words}");
    let signed = home.run(&["verify", &target, "--sign-key", &ada]);
    assert_eq!(signed.code, 0, "{}", signed.stderr);
    assert!(text(&made.join("verdict.json.sig")).starts_with("-----BEGIN SSH SIGNATURE-----"));
    assert_eq!(
        outcome(&by_ada, &[]),
        (0, "good".to_owned(), "by ada@example.org".to_owned())
    );
    assert_eq!(outcome(&by_ada, &["--signer", "ada@example.org"]).0, 0);
    // Another's key, and another's name.
    let (code, found, words) = outcome(&by_bob, &[]);
    assert_eq!((code, found.as_str()), (1, "wrong"), "{words}");
    let (code, found, words) = outcome(&by_ada, &["--signer", "bob@example.org"]);
    assert_eq!((code, found.as_str()), (1, "wrong"), "{words}");
    // ssh-keygen itself takes it, and nobody signs it a second time.
    let again = home.run(&["verify", &target, "--sign-key", &ada]);
    assert!(
        again.code == 2 && again.says("found a signature; expected none"),
        "{}",
        again.stderr
    );
    let file = made.join("verdict.json");
    let mut check = home.program("ssh-keygen");
    check.args([
        "-Y",
        "verify",
        "-f",
        &by_ada,
        "-I",
        "ada@example.org",
        "-n",
        "perfbridge-verdict",
        "-s",
    ]);
    let check = check
        .arg(made.join("verdict.json.sig"))
        .stdin(fs::File::open(&file).expect("a file"))
        .output();
    assert!(check.expect("it runs").status.success());
    // One byte of the verdict: neither the signature nor the judgement holds.
    let old = text(&file);
    fs::write(
        &file,
        old.replace("\"verdict\": \"RED\"", "\"verdict\": \"RAD\""),
    )
    .expect("written");
    let (code, found, words) = outcome(&by_ada, &[]);
    assert_eq!((code, found.as_str()), (1, "wrong"), "{words}");
    let refused = home.run(&["verify", &target, "--sign-key", &ada]);
    assert!(
        refused.code == 1 && refused.stderr.contains("not signed: it does not hold"),
        "{}",
        refused.stderr
    );
    // A signature of another namespace is none of a verdict.
    fs::write(&file, &old).expect("written");
    fs::remove_file(made.join("verdict.json.sig")).expect("removed");
    let file = file.display().to_string();
    let other = home
        .program("ssh-keygen")
        .args(["-Y", "sign", "-f", &ada, "-n", "file", &file])
        .output()
        .expect("it runs");
    assert!(other.status.success());
    assert_eq!(outcome(&by_ada, &[]).1, "wrong");
}

#[test]
fn diff_signs_what_it_writes() {
    let home = Home::new();
    let (key, allowed) = key(&home, "ada");
    let (a, b) = (bundle("base-1"), bundle("base-2"));
    let words = ["diff", &a, &b, "--sign-key", &key];
    home.run(&words)
        .refused("--sign-key is given and no verdict is written");
    for _ in 0..2 {
        // Written anew, it is signed anew.
        let ran = home.run(&[&words[..], &["--out", "out"]].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stderr.contains("signed: "), "{}", ran.stderr);
        home.ok(&["verify", "out", "--allowed-signers", &allowed]);
    }
    let none = home.run(&["diff", &a, &b, "--out", "out", "--sign-key", &allowed]);
    assert!(
        none.code == 2 && none.says("ssh-keygen made no signature"),
        "{}",
        none.stderr
    );
    home.run(&["verify", "out", "--allowed-signers", "nowhere"])
        .refused("nowhere");
    let mut command = home.command(&["verify", "out", "--allowed-signers", &allowed]);
    let without = Ran::of(command.env("PATH", "/nowhere").output().expect("it runs"));
    without.refused("found no ssh-keygen on the PATH");
}
