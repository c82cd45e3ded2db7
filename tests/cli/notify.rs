//! `gate --notify`: what a program is given, when it is started, and that nothing it does changes how the gate ends.

use crate::support::{Home, Ran, bundle};
use serde_json::{Value, json};
use std::fs;
use std::time::{Duration, Instant};

/// A gate of two bundles: RED for `regressed-1`, GREEN for `aa-06`.
fn gate(home: &Home, current: &str, words: &[&str]) -> Ran {
    let baseline = match current.starts_with("aa-") {
        true => "aa-02",
        false => "base-1",
    };
    let sides = ["gate", "--baseline", &bundle(baseline), &bundle(current)];
    home.run(&[&sides, words].concat())
}

/// How often the program of a test was started since the last time.
fn started(home: &Home) -> usize {
    let path = home.path("started");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let _ = fs::remove_file(path);
    text.lines().count()
}

const COUNT: &str = "echo >> started";

#[test]
fn a_program_gets_the_line_and_the_judgement() {
    let home = Home::new();
    let words = r#"cat > 'got it.json'; printf '%s\n' "$PERFBRIDGE_LINE" > line; echo "$PERFBRIDGE_VERDICT $PERFBRIDGE_OUTCOME $PERFBRIDGE_COMPONENT" > words; echo said; ls report.md"#;
    let ran = gate(
        &home,
        "regressed-1",
        &[
            "--json",
            "--format",
            "line=expected.txt",
            "--format",
            "markdown=report.md",
            "--notify",
            words,
        ],
    );
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let read = |name: &str| fs::read_to_string(home.path(name)).expect(name);
    assert_eq!(read("got it.json"), ran.stdout);
    assert_eq!(read("line"), read("expected.txt"));
    assert!(
        read("line").starts_with("RED (DRAFT) by rule "),
        "{}",
        read("line")
    );
    let said = read("words");
    let said: Vec<&str> = said.split_whitespace().collect();
    assert_eq!(said[..2], ["RED", "fail"]);
    let component = said[2];
    assert_eq!(component.len(), 64);
    assert!(
        component.chars().all(|c| c.is_ascii_hexdigit()),
        "{component}"
    );
    // What it prints disturbs no data, and what was written is there for it.
    assert!(ran.stderr.contains("said\nreport.md\n"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    assert_eq!(fs::read_dir(home.path("tmp")).expect("there").count(), 0);
}

#[test]
fn whatever_it_does_the_gate_ends_as_it_decided() {
    let home = Home::new();
    let hangs = "tail -f /dev/null & echo $! > child; tail -f /dev/null";
    for (command, warning) in [
        ("true", None),
        (
            "exit 3",
            Some("the program of --notify ended with exit code 3"),
        ),
        (
            "kill -9 $$",
            Some("the program of --notify was ended by signal 9"),
        ),
        (
            "no-such-program",
            Some("the program of --notify ended with exit code 127"),
        ),
        (
            hangs,
            Some("the program of --notify did not end within 1 s and was stopped"),
        ),
    ] {
        for (current, words, code) in [
            ("regressed-1", &[][..], 1),
            ("aa-06", &["--require-tier", "draft"], 0),
            ("aa-06", &[], 3),
        ] {
            let notify = ["--notify", command, "--notify-timeout", "1"];
            let ran = gate(&home, current, &[words, &notify].concat());
            assert_eq!(ran.code, code, "{command}: {}", ran.stderr);
            let said =
                warning.map(|text| format!("warning: {text}; the gate ends as it decided\n"));
            match said {
                Some(said) => assert!(ran.stderr.contains(&said), "{command}: {}", ran.stderr),
                None => assert!(!ran.stderr.contains("warning"), "{command}: {}", ran.stderr),
            }
        }
    }
    // What it started ends too: it is gone, or a corpse that nobody fetched.
    let child = fs::read_to_string(home.path("child")).expect("a number");
    let stat = format!("/proc/{}/stat", child.trim());
    let runs = || fs::read_to_string(&stat).is_ok_and(|text| !text.contains(") Z "));
    let deadline = Instant::now() + Duration::from_secs(30);
    while runs() {
        assert!(Instant::now() < deadline, "it still runs");
        std::thread::yield_now();
    }
    let mut without = home.command(&[
        "gate",
        "--baseline",
        &bundle("base-1"),
        &bundle("regressed-1"),
    ]);
    let without = without
        .args(["--notify", "true"])
        .env("PATH", home.path("tmp"));
    let ran = Ran::of(without.output().expect("it runs"));
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr
            .contains("warning: the program of --notify cannot be started"),
        "{}",
        ran.stderr
    );
}

#[test]
fn on_change_the_state_says_what_was_decided() {
    let home = Home::new();
    let on = |current: &str, command: &str, more: &[&str]| {
        let words = [
            "--notify",
            command,
            "--notify-on",
            "change",
            "--notify-state",
            "kept/state.json",
        ];
        let ran = gate(&home, current, &[&words, more].concat());
        (started(&home), ran.stderr)
    };
    // Without a state everything is new.
    assert_eq!(on("regressed-1", COUNT, &[]).0, 1);
    assert_eq!(on("regressed-1", COUNT, &[]).0, 0);
    // The tier or the outcome alone is a change too.
    assert_eq!(on("aa-06", COUNT, &[]).0, 1);
    assert_eq!(on("aa-06", COUNT, &[]).0, 0);
    assert_eq!(on("aa-06", COUNT, &["--require-tier", "draft"]).0, 1);
    let state = || -> Value {
        let text = fs::read_to_string(home.path("kept/state.json")).expect("a state");
        serde_json::from_str(&text).expect("JSON")
    };
    let decided = |text: &str| json!({"schema": "perfbridge_notified_v1", "gates": {"tinyllama-7m-perfbench-v1": text}});
    assert_eq!(state(), decided("GREEN DRAFT pass"));
    // Who was not told is told by the next gate.
    let failing = format!("{COUNT}; exit 1");
    assert_eq!(on("regressed-1", &failing, &[]).0, 1);
    assert_eq!(state(), decided("GREEN DRAFT pass"));
    assert_eq!(on("regressed-1", COUNT, &[]).0, 1);
    assert_eq!(state(), decided("RED DRAFT fail"));
    // Other measurements stay.
    let two = json!({"schema": "perfbridge_notified_v1", "gates": {"a-perfbench-v1": "GREEN VERDICT pass"}});
    home.write("kept/state.json", two.to_string());
    assert_eq!(on("regressed-1", COUNT, &[]).0, 1);
    assert_eq!(state()["gates"]["a-perfbench-v1"], "GREEN VERDICT pass");
    assert_eq!(
        state()["gates"]["tinyllama-7m-perfbench-v1"],
        "RED DRAFT fail"
    );
    // A file that is none stays what it is, and nobody is left out.
    for text in [
        "[tolerance]\ntps = 3\n",
        "{\"schema\":\"perfbridge_notified_v2\",\"gates\":{}}",
        "{\"gates\":{}}",
    ] {
        home.write("kept/state.json", text);
        let (count, said) = on("regressed-1", COUNT, &[]);
        assert_eq!(count, 1);
        let warning = "warning: kept/state.json: found another file than a state of --notify, which stays as it is";
        assert!(said.contains(warning), "{said}");
        assert_eq!(
            fs::read_to_string(home.path("kept/state.json")).expect("there"),
            text
        );
    }
    fs::remove_file(home.path("kept/state.json")).expect("removed");
    fs::create_dir(home.path("kept/state.json")).expect("made");
    let (count, said) = on("regressed-1", COUNT, &[]);
    assert_eq!(count, 1);
    assert!(said.contains("cannot read the state of --notify"), "{said}");
}

#[test]
fn on_red_only_what_is_red_or_fails() {
    let home = Home::new();
    let expired = home.write(
        "expired.toml",
        "require_tier = \"draft\"\n[[waiver]]\nmetric = \"tps\"\nplace = \"c1\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2026-01-31\n",
    );
    let on = |current: &str, more: &[&str]| {
        gate(
            &home,
            current,
            &[&["--notify", COUNT, "--notify-on", "red"], more].concat(),
        );
        started(&home)
    };
    assert_eq!(on("regressed-1", &[]), 1);
    assert_eq!(on("aa-06", &[]), 0);
    assert_eq!(on("aa-06", &["--require-tier", "draft"]), 0);
    assert_eq!(on("aa-06", &["--policy", &expired]), 1);
}

#[test]
fn who_is_told_stands_on_the_command_line_alone() {
    let home = Home::new();
    for text in ["notify = \"echo >> started\"\n", "notify_on = \"red\"\n"] {
        let policy = home.write("p.toml", text);
        let ran = gate(&home, "regressed-1", &["--policy", &policy]);
        ran.refused("found the key \"notify");
    }
    // Nothing was judged, and nobody is told.
    let ran = home.run(&["gate", &bundle("base-1"), "--notify", COUNT]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert_eq!(started(&home), 0);
    for (words, said) in [
        (
            &["--notify-on", "red"][..],
            "nobody to notify; expected --notify COMMAND too",
        ),
        (
            &["--notify-state", "s"],
            "nobody to notify; expected --notify COMMAND too",
        ),
        (&["--notify", " "], "found an empty --notify"),
        (
            &["--notify", COUNT, "--notify-on", "change"],
            "expected --notify-state FILE",
        ),
        (
            &["--notify", COUNT, "--notify-state", "s"],
            "which only --notify-on change reads",
        ),
    ] {
        gate(&home, "regressed-1", words).refused(said);
        assert_eq!(started(&home), 0);
    }
}
