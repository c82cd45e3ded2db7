//! Help and version.

use crate::support::{Home, snapshot};

#[test]
fn help_of_every_command() {
    let home = Home::new();
    let mut all = String::new();
    for command in [
        "",
        "diff",
        "gate",
        "sweep",
        "policy",
        "record",
        "view",
        "ingest",
        "list",
        "show",
        "pin",
        "promote",
        "promotions",
        "report",
        "verify",
        "init",
        "explain",
        "calibrate",
        "plan",
        "history",
        "mcp",
        "doctor",
        "completions",
        "man",
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

/// Completed by the shell itself, so that what it was given is what it understands.
#[test]
fn a_shell_completes_commands_and_options() {
    let home = Home::new();
    home.write("completions", home.ok(&["completions", "bash"]));
    let completed = |typed: &str| {
        let words: Vec<&str> = typed.split(' ').collect();
        let script = format!(
            ". ./completions; COMP_WORDS=({typed}); COMP_CWORD={}; _perfbridge perfbridge '{}' '{}'; echo \"${{COMPREPLY[*]}}\"",
            words.len() - 1,
            words[words.len() - 1],
            words[words.len() - 2]
        );
        let mut shell = home.program("/bin/bash");
        let ran = shell.args(["-c", &script]).output().expect("bash");
        String::from_utf8(ran.stdout)
            .expect("text")
            .trim()
            .to_owned()
    };
    assert_eq!(completed("perfbridge rec"), "record");
    assert_eq!(completed("perfbridge diff --toler"), "--tolerance");
    for shell in ["zsh", "fish", "powershell", "elvish"] {
        assert!(
            home.ok(&["completions", shell]).contains("tolerance"),
            "{shell}"
        );
    }
}

#[test]
fn each_command_has_a_man_page() {
    let home = Home::new();
    home.ok(&["man", "pages"]);
    let page = |name: &str| {
        std::fs::read_to_string(home.path("pages").join(name))
            .unwrap_or_else(|e| panic!("{name}: {e}"))
    };
    for line in home
        .ok(&["--help"])
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
    {
        if line.is_empty() {
            break;
        }
        // A line that goes on is indented further.
        if let Some(name) = line
            .strip_prefix("  ")
            .and_then(|line| line.split(' ').next())
            && !name.is_empty()
        {
            assert!(
                page(&format!("perfbridge-{name}.1")).contains(".SH SYNOPSIS"),
                "{name}"
            );
        }
    }
    assert!(page("perfbridge.1").contains("perfbridge"));
    let blocked = home.write("file", "x");
    home.run(&["man", &blocked]).refused("cannot make");
}
