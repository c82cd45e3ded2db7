//! `gate`: the baseline it finds, where it may come from, what it writes, and how it ends.

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

/// In the repository, as a job of a pipeline does it.
fn gate(home: &Home, words: &[&str]) -> Ran {
    let mut command = home.command(&[&["gate"], words].concat());
    Ran::of(
        command
            .current_dir(home.path("repo"))
            .output()
            .expect("it runs"),
    )
}

/// Verdict, option and tier that is asked for, and how that ends: one run a side is a draft.
#[test]
fn it_ends_by_what_the_policy_decides() {
    let home = Home::new();
    for (baseline, current, verdict, ends) in [
        ("base-1", "regressed-1", "RED", [1, 1, 1, 1]),
        ("base-1", "base-2", "YELLOW", [3, 0, 0, 0]),
        ("aa-01", "aa-02", "GREEN", [3, 0, 0, 0]),
        ("base-1", "base-1", "NO_VERDICT", [3, 0, 0, 3]),
    ] {
        let (baseline, current) = (bundle(baseline), bundle(current));
        let options = [
            &[][..],
            &["--inconclusive", "pass"],
            &["--inconclusive", "neutral"],
            &["--require-tier", "draft"],
        ];
        for (option, end) in options.into_iter().zip(ends) {
            let words = [&["gate", "--baseline", &baseline, &current], option].concat();
            let ran = home.run(&words);
            assert_eq!(ran.code, end, "{verdict} {option:?}: {}", ran.stdout);
            let last = ran.stdout.lines().last().expect("a verdict");
            assert!(last.contains(verdict), "{last}");
            let by_option = end == 0 && option[0] == "--inconclusive";
            assert_eq!(
                ran.stdout.contains("not judged, and"),
                by_option,
                "{}",
                ran.stdout
            );
        }
    }
    let (baseline, current) = (bundle("base-1"), bundle("base-2"));
    let words = [
        "gate",
        "--baseline",
        &baseline,
        &current,
        "--fail-on",
        "yellow",
    ];
    assert_eq!(home.run(&words).code, 1);
    // diff is what it was, whatever a policy says of gates.
    let strict = home.write(
        "strict.toml",
        "fail_on = \"yellow\"\nrequire_tier = \"verdict\"\n",
    );
    assert_eq!(
        home.run(&["diff", &baseline, &current, "--policy", &strict])
            .code,
        0
    );
}

#[test]
fn it_finds_the_baseline_of_the_run_s_model_and_writes_every_form() {
    let home = Home::with_registry();
    home.record(&[&bundle("base-1")], &[]);
    let words = [
        "--repo-root",
        ".",
        &bundle("regressed-1"),
        "--json",
        "--format",
        "junit=out/perf.xml",
        "--format",
        "markdown=out/perf.md",
    ];
    let ran = gate(&home, &words);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let judgement: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(judgement["gate"]["outcome"], "fail");
    assert_eq!(judgement["gate"]["exit"], 1);
    assert!(
        ran.stderr.contains("gate fails: RED by rule "),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("baseline: tinyllama-7m-perfbench-v1@"),
        "{}",
        ran.stderr
    );
    let written =
        |name: &str| fs::read_to_string(home.path("repo/out").join(name)).expect("written");
    assert!(written("perf.xml").contains("gate fails: RED by rule "));
    assert!(written("perf.md").contains("- **Gate:** gate fails: RED by rule "));
    // Nothing is registered by it, and no diff is kept.
    assert!(
        !home
            .path("repo/experiments/artifacts/perf-baseline-diffs/inference")
            .exists()
    );
    home.run(&["gate"]).refused("found no current run");
}

/// Never a pass, and never a baseline by itself.
#[test]
fn without_a_baseline_it_ends_with_3_and_says_what_makes_one() {
    let home = Home::with_registry();
    let current = bundle("base-1");
    let ran = gate(&home, &[&current, "--inconclusive", "pass"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert!(
        ran.says("no baseline to judge against; nothing was judged"),
        "{}",
        ran.stderr
    );
    let command = format!("perfbridge record {current} --yes");
    assert!(ran.stderr.contains(&command), "{}", ran.stderr);
    let ran = gate(&home, &[&golden("run1"), "--json"]);
    let error: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(
        (ran.code, error["error"]["exit_code"].as_u64()),
        (3, Some(3))
    );
    assert_eq!(error["error"]["code"], "no-baseline");
    let ran = gate(&home, &["--baseline", "nothing@newest", &current]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert_eq!(
        home.ok(&["list", "--repo-root", "repo"])
            .matches("2026")
            .count(),
        0
    );
    // No registry at all.
    let empty = Home::new();
    let ran = empty.run(&["gate", &current]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    // What it says makes one.
    home.ok(&["record", &current, "--yes", "--repo-root", "repo"]);
    assert_eq!(
        gate(&home, &[&bundle("base-2"), "--inconclusive", "pass"]).code,
        0
    );
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

/// A share of the ceiling that is demanded has to be known.
#[test]
fn a_missing_ceiling_is_an_error_and_no_pass() {
    let home = Home::new();
    let policy = home.write(
        "p.toml",
        "require_tier = \"draft\"\ninconclusive = \"pass\"\n[sol_pct]\nmin = 1\n",
    );
    let (baseline, current) = (bundle("aa-01"), bundle("aa-02"));
    let words = [
        "gate",
        "--baseline",
        &baseline,
        &current,
        "--policy",
        &policy,
    ];
    let ran = home.run(&words);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stdout.contains("sol_pct is demanded"), "{}", ran.stdout);
}
