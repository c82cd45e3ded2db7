//! `diff`: exit codes, forms of the answer, where it is written.

use crate::support::{Home, bundle, golden, snapshot};
use serde_json::Value;
use std::fs;

fn changed(home: &Home, name: &str, pairs: &[(&str, &str)]) -> String {
    let mut text = fs::read_to_string(golden("run1")).expect("text");
    for (from, to) in pairs {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    home.write(name, text)
}

#[test]
fn exit_codes_follow_the_verdict() {
    let home = Home::new();
    let base = golden("run1");
    let green = golden("run2");
    let yellow = changed(&home, "yellow.json", &[("68.5", "90.5")]);
    let red = changed(&home, "red.json", &[("742.9", "500.0")]);
    let none = changed(&home, "none.json", &[("BF16", "FP8")]);
    for (current, verdict, code, strict) in [
        (&green, "GREEN", 0, 0),
        (&yellow, "YELLOW", 0, 1),
        (&red, "RED", 1, 1),
        (&none, "NO_VERDICT", 3, 3),
    ] {
        let words = ["diff", "--baseline", &base, "--current", current, "--json"];
        let ran = home.run(&words);
        assert_eq!(ran.code, code, "{verdict}: {}", ran.stderr);
        let judgement: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(judgement["verdict"], verdict);
        assert_eq!(judgement["tier"], "DRAFT");
        let ran = home.run(&[&words[..], &["--fail-on", "yellow"]].concat());
        assert_eq!(ran.code, strict, "{verdict}");
        // A draft is never enough where a verdict is asked for, and it still says what it is: RED fails, as in a gate.
        let ran = home.run(&[&words[..], &["--require-tier", "verdict"]].concat());
        assert_eq!(ran.code, if code == 1 { 1 } else { 3 }, "{verdict}");
        assert!(ran.stderr.contains("this is a draft"), "{}", ran.stderr);
        assert!(
            ran.stderr.contains("at least 3 trials of the baseline"),
            "{}",
            ran.stderr
        );
        assert!(ran.stdout.contains(verdict));
    }
}

#[test]
fn trials_of_real_runs() {
    let home = Home::new();
    // With all that a verdict has to know of them, as documents.
    let stated = |name: String| {
        let mut words = vec!["ingest", "--source"];
        let run = bundle(&name);
        words.push(&run);
        for field in [
            "context.same_node=true",
            "context.hardware=CPU, 2 cores",
            "deployment.quantization=none",
        ] {
            words.extend(["--set", field]);
        }
        home.write(&format!("{name}.json"), home.ok(&words))
    };
    let names = |kind: &str, numbers: [u8; 3]| numbers.map(|n| stated(format!("{kind}-0{n}")));
    let diff = |baseline: &[String], current: &[String], more: &[&str]| {
        let mut words = vec!["diff"];
        words.extend(baseline.iter().flat_map(|path| ["--baseline", path]));
        words.extend(current.iter().flat_map(|path| ["--current", path]));
        words.extend(more);
        home.run(&words)
    };
    let (first, second, slow) = (
        names("aa", [1, 2, 3]),
        names("aa", [4, 5, 6]),
        names("slow", [1, 2, 3]),
    );
    assert_eq!(diff(&first, &second, &[]).code, 0);
    assert_eq!(diff(&second, &first, &[]).code, 0);
    let sure = ["--tails", "observe", "--require-tier", "verdict"];
    for baseline in [&first, &second] {
        assert_eq!(diff(baseline, &slow, &[]).code, 1);
    }
    let ran = diff(&second, &slow, &sure);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let last = ran.stdout.lines().last().unwrap_or_default();
    assert!(
        last.starts_with("✕ RED by rule headline (VERDICT): "),
        "{}",
        ran.stdout
    );
    // One run of each: only a draft, which is no pass, and a RED one fails.
    let ran = diff(&first[..1], &slow[..1], &sure);
    assert!(ran.stdout.contains("RED"), "{}", ran.stdout);
    assert_eq!(ran.code, 1);
    assert_eq!(diff(&first[..1], &second[..1], &sure).code, 3);
}

/// The two runs began 79 s apart, which is 0.00091 days.
#[test]
fn how_old_a_baseline_may_be_stands_in_the_policy() {
    let home = Home::new();
    let (baseline, current) = (bundle("aa-01"), bundle("slow-01"));
    for (days, is_old) in [("0.0009", true), ("0.001", false)] {
        let policy = home.write("policy.toml", format!("baseline_max_age_days = {days}\n"));
        let words = [
            "diff",
            "--json",
            "--baseline",
            &baseline,
            "--current",
            &current,
            "--policy",
            &policy,
        ];
        let judgement: Value = serde_json::from_str(&home.run(&words).stdout).expect("JSON");
        let findings = judgement["findings"].as_array().expect("findings");
        let found = findings.iter().any(|one| one["code"] == "BASELINE_OLD");
        assert_eq!(found, is_old, "{days}");
    }
    let policy = home.write("policy.toml", "baseline_max_age_days = -1\n");
    let words = [
        "diff",
        "--baseline",
        &baseline,
        "--current",
        &current,
        "--policy",
        &policy,
    ];
    home.run(&words).refused("baseline_max_age_days");
}

#[test]
fn tolerances_from_the_command_line_and_a_policy() {
    let home = Home::new();
    let base = golden("run1");
    let worse = changed(&home, "worse.json", &[("68.5", "73.98")]); // +8 %
    let policy = home.write(
        "policy.toml",
        "headline_level = 64\nvary = [\"quantization\"]\nobserve_tails = true\n\n[tolerance]\nttft = 9\n\"hit-rate\" = \"3\"\nkernel_class_gpu_pct = { fp8_bmm = 4 }\n",
    );
    let row = |more: &[&str]| {
        let words = [
            &["diff", "--baseline", &base, "--current", &worse, "--json"],
            more,
        ]
        .concat();
        let judgement = home.json(&words);
        let rows = judgement["rows"].as_array().expect("rows").clone();
        let row = rows
            .into_iter()
            .find(|row| row["metric"] == "ttft_p50_ms" && row["level"] == "16");
        let row = row.expect("the row");
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        (
            text("status"),
            text("tolerance_origin"),
            judgement["headline"]["level"].as_str().map(str::to_owned),
        )
    };
    let of = |status: &str, origin: &str, level: &str| {
        (status.to_owned(), origin.to_owned(), Some(level.to_owned()))
    };
    assert_eq!(row(&[]), of("REGRESSED", "default", "16"));
    for words in [
        &["--tolerance.ttft", "8"][..],
        &["--tolerance.ttft=8%"],
        &["--tolerance", "ttft=8"],
        &["--tolerance.ttft_p50_ms", "8.0%"],
        &["--tolerance.ttft", "1", "--tolerance.ttft", "8"],
    ] {
        assert_eq!(row(words), of("WITHIN", "command-line", "16"), "{words:?}");
    }
    assert_eq!(row(&["--policy", &policy]), of("WITHIN", "policy", "64"));
    assert_eq!(
        row(&[
            "--policy",
            &policy,
            "--tolerance.ttft",
            "1",
            "--headline-level",
            "4"
        ]),
        of("REGRESSED", "command-line", "4")
    );
}

#[test]
fn text_markdown_and_json_are_one_judgement() {
    let home = Home::new();
    let red = changed(&home, "red.json", &[("742.9", "500.0"), ("68.5", "90.5")]);
    let words = ["diff", "--baseline", &golden("run1"), "--current", &red];
    let form = |format: &[&str]| {
        let ran = home.run(&[&words[..], format].concat());
        assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
        ran.stdout
    };
    let text = form(&[]);
    assert_eq!(text, form(&["--format", "text"]));
    snapshot("diff-red.txt", &text);
    snapshot("diff-red.md", &form(&["--format", "markdown"]));
    assert_eq!(form(&["--json"]), form(&["--format", "json"]));
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'));
    // Behind the context the worst rows, and last the verdict.
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() <= 12, "{text}");
    let mut rows = lines.iter().filter(|line| line.starts_with("✕ regressed "));
    assert!(
        rows.next().is_some_and(|row| row.contains(" throughput ")),
        "{text}"
    );
    let last = lines.last().copied().unwrap_or_default();
    assert!(
        last.starts_with("✕ RED by rule headline (DRAFT): "),
        "{text}"
    );
    let narrow = home
        .command(&words)
        .env("COLUMNS", "60")
        .output()
        .expect("it runs");
    assert!(narrow.stdout != text.as_bytes());
}

#[test]
fn the_judgement_is_written_where_asked() {
    let home = Home::new();
    let words = [
        "diff",
        "--baseline",
        &golden("run1"),
        "--current",
        &golden("run2"),
        "--json",
        "--out",
        "made/here",
    ];
    let ran = home.run(&words);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(
        fs::read_to_string(home.path("made/here/verdict.json")).expect("written"),
        ran.stdout
    );
    let markdown = fs::read_to_string(home.path("made/here/verdict.md")).expect("written");
    assert!(
        markdown.contains("**GREEN** by rule `none` (DRAFT)"),
        "{markdown}"
    );
    assert!(ran.stderr.contains("written: made/here"), "{}", ran.stderr);
    // What somebody wrote into it stays when the judgement is written anew.
    let handoff = fs::read_to_string(home.path("made/here/HANDOFF.md")).expect("written");
    let tried = handoff.replacen("| open | |", "| refuted | tps +0.1 % |", 1);
    assert_ne!(tried, handoff);
    fs::write(home.path("made/here/HANDOFF.md"), &tried).expect("writable");
    assert_eq!(home.run(&words).code, 0);
    let again = fs::read_to_string(home.path("made/here/HANDOFF.md")).expect("written");
    assert_eq!(again, tried);
    let blocked = home.write("file", "x");
    let ran = home.run(&[&words[..7], &[blocked.as_str()]].concat());
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("cannot make"), "{}", ran.stderr);
}

/// Off a terminal nobody is asked, with or without --yes, and nothing waits for an answer.
#[test]
fn diff_never_asks_off_a_terminal() {
    let home = Home::with_registry();
    let (entry, current) = (home.record(&[&golden("run1")], &[]), golden("run2"));
    for more in [&[][..], &["--yes"]] {
        let words = [&["diff", "--baseline", &entry, "--current", &current], more].concat();
        let ran = home.run(&words);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(!ran.stderr.contains("Continue?"), "{}", ran.stderr);
    }
}

/// What belongs to a bundle cannot be silently dropped for something that is finished.
#[test]
fn settings_for_a_finished_document_are_refused() {
    let home = Home::with_registry();
    let entry = home.record(&[&golden("run1")], &[]);
    let (baseline, document, profile) = (golden("run1"), golden("run2"), bundle("nsys-before"));
    for current in [&entry, &document] {
        for more in [
            &["--set", "context.hardware=B200"][..],
            &["--profile", &profile],
        ] {
            let words = [
                &["diff", "--baseline", &baseline, "--current", current],
                more,
            ]
            .concat();
            home.run(&words)
                .refused("this is a finished document, which is never changed");
        }
    }
}

#[test]
fn files_are_written_where_their_bare_names_say() {
    let home = Home::new();
    let (baseline, current) = (bundle("base-1"), bundle("base-2"));
    let words = ["diff", "--baseline", &baseline, "--current", &current];
    home.ok(&[&words[..], &["--html", "report.html", "--out", "kept"]].concat());
    let page = std::fs::read_to_string(home.path("report.html")).expect("written");
    assert!(page.starts_with("<!doctype html>"), "{}", &page[..40]);
    assert!(home.path("kept/verdict.json").is_file());
}
