//! Every error message, with its exit code, as text and as JSON.

use crate::support::{Home, assert_first_line_is_short, snapshot};

/// Adds what a command said to the snapshot. Nothing may go to stdout.
pub fn say(home: &Home, all: &mut String, words: &[&str]) {
    let ran = home.run(words);
    let line = home.masked(&words.join(" "));
    assert_eq!(ran.stdout, "", "{line}");
    assert_eq!(ran.code, 2, "{line}: {}", ran.stderr);
    assert_first_line_is_short(&ran.stderr);
    all.push_str(&format!(
        "$ perfbridge {line}\n{}\n",
        home.masked(&ran.stderr)
    ));
}

#[test]
fn usage() {
    let (home, mut all) = (Home::new(), String::new());
    let commands: [&[&str]; 27] = [
        &["frobnicate"],
        &["record", "--yes"],
        &["ingest"],
        &["diff", "--current", "x"],
        &["diff", "--baseline", "x"],
        &["diff"],
        &["diff", "x"],
        &["diff", "--model", "x"],
        &["diff", "-", "-"],
        &["diff", "x", "y", "-q", "-v"],
        &["show"],
        &["view", "--baseline-profile", "p"],
        &["view", "x", "--profile", "p"],
        &["ingest", "--source", "x", "--frob"],
        &["--timeout", "0", "list"],
        &["--memory", "5000", "list"],
        &[
            "diff",
            "--baseline",
            "a",
            "--current",
            "b",
            "--json",
            "--format",
            "text",
        ],
        &[
            "diff",
            "--baseline",
            "a",
            "--current",
            "b",
            "--format",
            "xml",
        ],
        &[
            "diff",
            "--baseline",
            "a",
            "--current",
            "b",
            "--tails",
            "hide",
        ],
        &[
            "diff",
            "--baseline",
            "a",
            "--current",
            "b",
            "--headline-level",
            "x",
        ],
        &["ingest", "--source", "x", "--sol-key", "k"],
        &[
            "diff",
            "--baseline",
            "a",
            "--current",
            "b",
            "--tolerance.tp",
            "5",
        ],
        &[
            "diff",
            "--baseline",
            "a",
            "--current",
            "b",
            "--tolerance.ttft",
        ],
        &[
            "diff",
            "--baseline",
            "a",
            "--current",
            "b",
            "--tolerance.ttft",
            "-1",
        ],
        &[
            "diff",
            "--baseline",
            "a",
            "--current",
            "b",
            "--tolerance.hit-rate=2%",
        ],
        &[
            "diff",
            "--baseline",
            "a",
            "--current",
            "b",
            "--vary",
            "quantisation",
        ],
        &[
            "diff",
            "--baseline",
            "a",
            "--current",
            "b",
            "--headline-level",
            "0",
        ],
    ];
    for words in commands {
        say(&home, &mut all, words);
    }
    snapshot("errors-usage.txt", &all);
}

#[test]
fn no_command_prints_help_and_fails() {
    let ran = Home::new().run(&[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("Usage: perfbridge"), "{}", ran.stderr);
}

#[test]
fn policy_files() {
    let (home, mut all) = (Home::new(), String::new());
    let files = [
        ("syntax.toml", "headline_level = \n"),
        ("key.toml", "headline_level = 4\ntolerances = 3\n"),
        ("type.toml", "vary = 3\n"),
        ("metric.toml", "[tolerance]\ntp = 3\n"),
        ("value.toml", "[tolerance]\nttft = true\n"),
        (
            "negative.toml",
            "[tolerance.kernel_class_gpu_pct]\nfp8_bmm = -3\n",
        ),
        ("vary.toml", "vary = [\"nothing\"]\n"),
    ];
    say(
        &home,
        &mut all,
        &[
            "diff",
            "--baseline",
            "a",
            "--current",
            "b",
            "--policy",
            "missing.toml",
        ],
    );
    for (name, text) in files {
        home.write(name, text);
        say(
            &home,
            &mut all,
            &[
                "diff",
                "--baseline",
                "a",
                "--current",
                "b",
                "--policy",
                name,
            ],
        );
    }
    snapshot("errors-policy.txt", &all);
}

/// With `--json` the same error is data: one object with code, message, place and exit code.
#[test]
fn errors_as_json() {
    let home = Home::new();
    for words in [
        &["ingest", "--source", "missing", "--json"][..],
        &["list", "--json"],
        &[
            "diff",
            "--baseline",
            "a",
            "--current",
            "b",
            "--vary",
            "x",
            "--json",
        ],
        &[
            "diff",
            "--baseline",
            "a",
            "--current",
            "b",
            "--vary",
            "x",
            "--format",
            "json",
        ],
    ] {
        let ran = home.run(words);
        assert_eq!(ran.code, 2);
        let error: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(error["schema"], "perfbridge_error_v1");
        assert_eq!(error["error"]["exit_code"], 2);
        let message = error["error"]["message"].as_str().expect("a message");
        assert!(ran.says(message), "{words:?}: {}", ran.stderr);
    }
}
