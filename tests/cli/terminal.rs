//! On a terminal: the one question before something is written, colour, tables, progress.

use crate::support::{Home, bundle, golden};
use std::fs;
use std::path::Path;
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
            shown.contains("error: not confirmed\n  nothing was written"),
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

#[test]
fn ingest_shows_on_a_terminal_what_is_in_the_directory() {
    let home = Home::new();
    let run = bundle("base-1");
    let (shown, code) = on_terminal(&home, "", &["ingest", &run], &[]);
    assert_eq!(code, 0, "{shown}");
    let cells = |file: &str| -> Vec<String> {
        let line = shown.lines().find(|line| line.starts_with(file));
        let line = line.unwrap_or_else(|| panic!("{file}: {shown}"));
        let cells = line
            .split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty());
        cells.map(str::to_owned).collect()
    };
    // Sizes as the file system has them.
    for level in [1, 4, 8, 16, 32] {
        let file = format!("aiperf-c{level}/profile_export_aiperf.json");
        let size = fs::metadata(Path::new(&run).join(&file))
            .expect("a file")
            .len();
        let row = cells(&file);
        assert_eq!(
            row[..3],
            [
                file,
                format!("{} KiB", size / 1024),
                "aiperf-json".to_owned()
            ]
        );
        assert!(
            row[3].ends_with(&format!(" numbers of c{level}")),
            "{row:?}"
        );
    }
    assert_eq!(cells("FILE"), ["FILE", "SIZE", "READ AS", "GIVES"]);
    assert!(cells("tinyllama-7m-metrics-post.prom")[3].ends_with(" of server"));
    // Scrapes that gave nothing stand in one line: as many as the folder has, but for those that did.
    let scrapes = fs::read_dir(Path::new(&run).join("metrics-samples"))
        .expect("a folder")
        .count();
    let named = shown
        .lines()
        .filter(|line| line.starts_with("metrics-samples/1"));
    let rest = scrapes - named.count();
    assert!(
        shown.contains(&format!("metrics-samples/ ({rest} files)")),
        "{shown}"
    );
    assert!(shown.contains("places  c1, c4, c8, c16, c32"), "{shown}");
    assert!(
        shown.contains("throughput_toks_per_s   259.8 tok/s"),
        "{shown}"
    );
    // JSON where it was asked for.
    let (shown, _) = on_terminal(&home, "", &["ingest", &run, "--json", "-q"], &[]);
    assert_eq!(shown.trim(), home.ok(&["ingest", &run]).trim());
}

#[test]
fn a_terminal_is_told_what_a_command_is_at_that_takes_longer_than_a_second() {
    let home = Home::new();
    let base = golden("run1");
    // A document that comes late: whoever writes it waits until the line has been shown.
    for (more, waits) in [(&[][..], "judging 1 s"), (&["-q"][..], "")] {
        let words = [&["diff", base.as_str(), "-"], more].concat();
        let (shown, code) = on_terminal(&home, waits, &words, &[("DOCUMENT", &base)]);
        assert_eq!(code, 3, "{shown}");
        assert_eq!(
            shown.contains("judging 1 s"),
            !waits.is_empty(),
            "{shown:?}"
        );
        let last = shown.lines().last().unwrap_or_default();
        assert!(
            last.contains("NO_VERDICT") && !last.contains("judging"),
            "{shown:?}"
        );
    }
}
