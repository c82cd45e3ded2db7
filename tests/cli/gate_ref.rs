//! `gate --baseline-ref`: what of a git ref counts, and that nothing of a pull request does.

use crate::gate::gate;
use crate::support::{Home, Ran, bundle, golden};
use serde_json::Value;
use std::fs;
use std::process::Output;

fn git(home: &Home, words: &[&str]) -> Output {
    let mut command = home.program("git");
    let who = ["-c", "user.name=a", "-c", "user.email=a@b", "-C", "repo"];
    let ran = command.args(who).args(words).output().expect("git runs");
    assert!(ran.status.success(), "{words:?}: {ran:?}");
    ran
}

/// A repository at `repo` whose branch `main` has a registry with the baseline `base-1`, and a policy.
fn repository(policy: &str) -> Home {
    let home = Home::with_registry();
    home.record(&[&bundle("base-1")], &[]);
    home.write("repo/perfbridge.toml", policy);
    git(&home, &["init", "--quiet", "--initial-branch=main"]);
    git(&home, &["add", "--all", "--force"]);
    git(&home, &["commit", "--quiet", "--message=m"]);
    git(&home, &["checkout", "--quiet", "-b", "pr"]);
    home
}

/// A pull request brings a slow baseline, a pin and a wide policy of its own: none of them counts.
#[test]
fn a_pull_request_cannot_bring_its_own() {
    let home = repository("baseline_max_age_days = 14\n");
    let slow = bundle("regressed-1");
    home.record(&[&slow], &[]);
    home.write(
        "repo/perfbridge.toml",
        "require_tier = \"draft\"\n[tolerance]\ntps = 1000\nttft = 100000\n",
    );
    git(&home, &["add", "--all", "--force"]);
    git(&home, &["commit", "--quiet", "--message=pr"]);
    let own = gate(&home, &[&slow]);
    assert_eq!(
        own.code, 3,
        "its own baseline is this very run: {}",
        own.stdout
    );
    let ran = gate(&home, &[&slow, "--baseline-ref", "main"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stdout.contains("(tolerance 3 %)"), "{}", ran.stdout);
    let policy =
        "policy: main:perfbridge.toml; the one of the working tree differs and does not count\n";
    assert!(ran.stderr.contains(policy), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("baseline: tinyllama-7m-perfbench-v1@"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains(" of main\n"), "{}", ran.stderr);
    // Only as a name: a path would be one of the pull request.
    let named = gate(
        &home,
        &[
            "--baseline",
            "tinyllama-7m",
            &slow,
            "--baseline-ref",
            "main",
        ],
    );
    assert_eq!(named.code, 1, "{}", named.stderr);
    let path = gate(
        &home,
        &["--baseline", &slow, &slow, "--baseline-ref", "main"],
    );
    path.refused("expected a name in the registry of the ref");
    let two = [
        "--baseline",
        "a",
        "--baseline",
        "b",
        &slow,
        "--baseline-ref",
        "main",
    ];
    gate(&home, &two).refused("found several --baseline beside --baseline-ref");
    let beside = gate(
        &home,
        &[&slow, "--baseline-ref", "main", "--policy", "none"],
    );
    assert!(!beside.stderr.contains("policy:"), "{}", beside.stderr);
    let missing = gate(
        &home,
        &[
            &slow,
            "--baseline-ref",
            "main",
            "--policy",
            "ci/strict.toml",
        ],
    );
    missing.refused("there is no such policy file in the ref");
    assert!(
        missing.stderr.contains("main:ci/strict.toml"),
        "{}",
        missing.stderr
    );
    let outside = gate(
        &home,
        &[
            &slow,
            "--baseline-ref",
            "main",
            "--policy",
            "../strict.toml",
        ],
    );
    outside.refused("this is outside of the repository");
}

#[test]
fn a_policy_that_the_ref_does_not_have_does_not_count() {
    let home = repository("");
    git(&home, &["rm", "--quiet", "perfbridge.toml"]);
    git(&home, &["commit", "--quiet", "--message=without"]);
    home.write("repo/perfbridge.toml", "[tolerance]\ntps = 1000\n");
    let ran = gate(&home, &[&bundle("regressed-1"), "--baseline-ref", "HEAD"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let said = "policy: none in HEAD; the perfbridge.toml of the working tree does not count";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    // One that is wrong is wrong at its line of the ref.
    git(&home, &["add", "--force", "perfbridge.toml"]);
    home.write("repo/perfbridge.toml", "[tolerance]\ntp = 3\n");
    git(&home, &["commit", "--quiet", "--all", "--message=wrong"]);
    let ran = gate(&home, &[&bundle("regressed-1"), "--baseline-ref", "HEAD"]);
    ran.refused("there is no metric \"tp\"");
    assert!(
        ran.stderr.contains("HEAD:perfbridge.toml:2: tolerance.tp"),
        "{}",
        ran.stderr
    );
}

#[test]
fn refs_that_are_none_are_refused() {
    let home = repository("");
    let current = bundle("regressed-1");
    for name in [
        "--upload-pack=touch x",
        "-x",
        "",
        "a b",
        "main:x",
        "^main",
        "a\nb",
    ] {
        let option = format!("--baseline-ref={name}");
        gate(&home, &[&current, &option]).refused("as a git ref; expected the name of a branch");
    }
    let unknown = gate(&home, &[&current, "--baseline-ref", "origin/main"]);
    unknown.refused("there is no commit origin/main in this clone; fetch it first");
    let outside = home.run(&["gate", &current, "--baseline-ref", "main"]);
    outside.refused("there is no git repository");
    let mut without = home.command(&["gate", &current, "--baseline-ref", "main"]);
    let without = without
        .env("PATH", home.path("tmp"))
        .current_dir(home.path("repo"));
    Ran::of(without.output().expect("it runs")).refused("cannot start git");
    assert!(!home.path("repo/x").exists());
}

/// What a ref holds is hostile too; messages name the ref and never where it was put down.
#[test]
fn what_a_ref_holds_is_only_read() {
    let home = repository("");
    let baselines = "experiments/artifacts/perf-baselines/inference";
    let current = bundle("regressed-1");
    let at_ref = [&current[..], "--baseline-ref", "HEAD"];
    // Hooks and filters of the repository run nothing.
    home.write("repo/.gitattributes", "* filter=evil\n");
    git(&home, &["config", "filter.evil.smudge", "touch smudged"]);
    home.write("repo/.git/hooks/post-checkout", "#!/bin/sh\ntouch hooked\n");
    assert_eq!(gate(&home, &at_ref).code, 1);
    assert!(!home.path("repo/smudged").exists() && !home.path("repo/hooked").exists());
    // An entry that was edited is refused as everywhere.
    let entries = home
        .path("repo")
        .join(baselines)
        .join("tinyllama-7m-perfbench-v1");
    let entry = fs::read_dir(&entries).expect("entries").flatten();
    let entry = entry
        .map(|item| item.path())
        .find(|path| path.is_dir())
        .expect("an entry");
    let snapshot = entry.join("source-snapshot.json");
    let text = fs::read_to_string(&snapshot).expect("text");
    let rights = fs::metadata(&snapshot).expect("there").permissions();
    fs::remove_file(&snapshot).expect("removed");
    fs::write(&snapshot, text.replacen("\"requests\"", "\"request\"", 1)).expect("written");
    fs::set_permissions(&snapshot, rights).expect("set");
    git(&home, &["add", "--all", "--force"]);
    git(&home, &["commit", "--quiet", "--message=edited"]);
    let ran = gate(&home, &at_ref);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("HEAD:experiments/artifacts/"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("/tmp"), "{}", ran.stderr);
    // A link could lead anywhere.
    std::os::unix::fs::symlink("/etc", entries.join("link")).expect("made");
    git(&home, &["add", "--all", "--force"]);
    git(&home, &["commit", "--quiet", "--message=link"]);
    let ran = gate(&home, &at_ref);
    ran.refused("found a symbolic link; expected the plain files of a registry");
    assert!(
        ran.stderr
            .contains(&format!("HEAD:{baselines}/tinyllama-7m-perfbench-v1/link")),
        "{}",
        ran.stderr
    );
    // Nothing stays behind.
    let left = fs::read_dir(home.path("tmp")).expect("there").count();
    assert_eq!(left, 0);
}

/// A registry without the model, and no registry at all, are no baseline there.
#[test]
fn a_ref_without_a_baseline_ends_with_3() {
    let home = repository("");
    let ran = gate(&home, &[&golden("run1"), "--baseline-ref", "main"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("and commit it to main"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("/tmp/"), "{}", ran.stderr);
    git(&home, &["rm", "-r", "--quiet", "--cached", "experiments"]);
    git(&home, &["commit", "--quiet", "--message=none"]);
    let ran = gate(&home, &[&bundle("base-2"), "--baseline-ref", "HEAD"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
}

/// What lists nothing without a file gets one that is in the repository and stays where it is.
#[test]
fn results_stand_at_a_file_of_the_repository() {
    let home = repository("min_effect = 1\n");
    let at = |words: &[&str]| {
        let forms = [
            "--format",
            "sarif=out/r.sarif",
            "--format",
            "gitlab=out/q.json",
        ];
        let ran = gate(
            &home,
            &[&[&bundle("regressed-1")[..]], words, &forms].concat(),
        );
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        let read = |name: &str| -> Value {
            let text = fs::read_to_string(home.path("repo").join(name)).expect(name);
            serde_json::from_str(&text).expect("JSON")
        };
        let sarif = read("out/r.sarif");
        let location = &sarif["runs"][0]["results"][0]["locations"][0];
        let uri = location["physicalLocation"]["artifactLocation"]["uri"].clone();
        let quality = read("out/q.json");
        let path = quality[0]["location"]["path"].as_str().expect("a path");
        assert_eq!(path.replace(' ', "%20"), uri.as_str().expect("a path"));
        uri.as_str().expect("a path").to_owned()
    };
    let index = "experiments/artifacts/perf-baselines/inference/tinyllama-7m-perfbench-v1/INDEX.md";
    assert!(home.path("repo").join(index).is_file());
    for words in [&[][..], &["--baseline-ref", "main"]] {
        assert_eq!(at(words), "perfbridge.toml");
        let none = [words, &["--policy", "none"]].concat();
        assert_eq!(at(&none), index);
    }
    // A policy that the pull request removed is none that can be linked to.
    fs::remove_file(home.path("repo/perfbridge.toml")).expect("removed");
    assert_eq!(at(&["--baseline-ref", "main"]), index);
    let outside = bundle("base-1");
    let outside = ["--baseline", &outside, "--policy", "none"];
    assert_eq!(at(&outside), "verdict.json");
    let json = [&outside[..], &["--format", "json=out/made here/j.json"]].concat();
    assert_eq!(at(&json), "out/made here/j.json".replace(' ', "%20"));
    let beside = [&outside[..], &["--format", "json=../j.json"]].concat();
    assert_eq!(at(&beside), "verdict.json");
}
