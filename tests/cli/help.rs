//! Help and version.

use crate::support::{Home, snapshot};

#[test]
fn help_of_every_command() {
    let home = Home::new();
    let mut all = String::new();
    for command in [
        "",
        "ingest",
        "record",
        "diff",
        "list",
        "show",
        "report",
        "verify",
        "init",
        "explain",
        "calibrate",
        "plan",
        "history",
        "view",
    ] {
        let words: Vec<&str> = [command, "--help"]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect();
        let ran = home.run(&words);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{command}");
        for line in ran.stdout.lines() {
            assert!(line.chars().count() <= 100, "{command}: {line}");
        }
        all.push_str(&format!(
            "$ perfbridge {}\n{}\n",
            words.join(" "),
            ran.stdout
        ));
    }
    snapshot("help.txt", &all);
}

#[test]
fn exit_codes_are_part_of_the_help() {
    let text = Home::new().ok(&["--help"]);
    for line in [
        "0   pass",
        "1   gate failed",
        "2   usage",
        "3   no verdict",
        "70  internal error",
    ] {
        assert!(text.contains(line), "{line}");
    }
}

#[test]
fn version() {
    assert_eq!(
        Home::new().ok(&["--version"]),
        format!("perfbridge {}\n", env!("CARGO_PKG_VERSION"))
    );
}
