//! On a terminal: the one question before something is written, and colour.

use crate::support::{Home, golden};
use std::process::Command;

/// What the terminal showed, and the exit code.
fn on_terminal(
    home: &Home,
    answer: &str,
    words: &[&str],
    environment: &[(&str, &str)],
) -> (String, i32) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/cli/terminal.py");
    // The program and its surroundings as the other tests set them, with a terminal in between.
    let inner = home.command(words);
    let mut command = Command::new("python3");
    command
        .arg(script)
        .arg(answer)
        .arg(inner.get_program())
        .args(inner.get_args());
    command.env_clear().current_dir(home.path(""));
    command.envs(
        inner
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    command
        .env("TERM", "xterm-256color")
        .envs(environment.iter().copied());
    let output = command
        .output()
        .expect("python3 is needed for the tests of the terminal");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let (shown, code) = text
        .trim_end()
        .rsplit_once("\nexit ")
        .unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    (shown.to_owned(), code.parse().expect("a code"))
}

fn entries(home: &Home) -> usize {
    let listed = home.json(&["list", "--json", "--repo-root", "repo"]);
    listed["entries"].as_array().expect("entries").len()
}

#[test]
fn record_asks_once_and_shows_what_it_will_do() {
    let home = Home::with_registry();
    let source = golden("run1");
    let words = ["record", "--source", &source, "--repo-root", "repo"];
    for no in ["n", "no", "\u{4}", "x", " "] {
        let (shown, code) = on_terminal(&home, no, &words, &[]);
        assert_eq!(code, 2, "{shown}");
        assert!(
            shown.contains("not confirmed; nothing was written"),
            "{shown}"
        );
        assert_eq!(entries(&home), 0);
    }
    for (at, yes) in ["y", "YES"].into_iter().enumerate() {
        let (shown, code) = on_terminal(&home, yes, &words, &[]);
        assert_eq!(code, 0, "{shown}");
        assert_eq!(shown.matches("Continue? [y/N]").count(), 1);
        assert!(
            shown.contains("To be registered as inference/tiny-llama-perfbench-v1 below"),
            "{shown}"
        );
        assert!(
            shown.contains("throughput_toks_per_s   742.9 tok/s"),
            "{shown}"
        );
        assert!(shown.contains("tolerance"), "{shown}");
        assert_eq!(entries(&home), at + 1);
    }
    let (shown, code) = on_terminal(&home, "", &[&words[..], &["--yes"]].concat(), &[]);
    assert!(code == 0 && !shown.contains("Continue?"), "{shown}");
}

/// It changes no baseline, so there is nothing to confirm.
#[test]
fn diff_asks_nothing() {
    let home = Home::with_registry();
    let entry = home.record(&[&golden("run1")], &[]);
    let current = golden("run2");
    let (shown, code) = on_terminal(&home, "", &["diff", &entry, &current], &[]);
    assert!(
        code == 0 && shown.contains("GREEN") && !shown.contains("Continue?"),
        "{shown}"
    );
    // The verdict is the last line, and where the rest is stands above the text.
    let last = shown.trim_end().lines().last().unwrap_or_default();
    assert!(last.contains("GREEN"), "{shown}");
    assert!(shown.contains("all levers: --all"), "{shown}");
    let (shown, _) = on_terminal(&home, "", &["diff", &entry, &current, "--all"], &[]);
    assert!(!shown.contains("all levers: --all"), "{shown}");
    assert!(
        home.path("repo/experiments/artifacts/perf-baseline-diffs")
            .exists()
    );
}

#[test]
fn colour_on_a_terminal_unless_it_is_not_wanted() {
    let home = Home::new();
    let (base, current) = (golden("run1"), golden("run2"));
    let words = ["diff", "--baseline", &base, "--current", &current];
    let coloured = |environment: &[(&str, &str)]| {
        let (shown, code) = on_terminal(&home, "", &words, environment);
        assert_eq!(code, 0, "{shown}");
        shown.contains('\u{1b}')
    };
    assert!(coloured(&[]));
    assert!(!coloured(&[("NO_COLOR", "1")]));
    assert!(coloured(&[("NO_COLOR", "")]));
    assert!(!coloured(&[("TERM", "dumb")]));
    assert!(!coloured(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
    let (shown, _) = on_terminal(&home, "", &[&words[..], &["--json"]].concat(), &[]);
    assert!(!shown.contains('\u{1b}'));
}
