//! The policy file that is found: `perfbridge.toml` in the working directory, or above it.

use crate::support::{Home, bundle};
use std::path::Path;

/// Judges in `dir`; gives the text of the row's tolerance, and what was said.
fn explained(home: &Home, dir: &Path, more: &[&str]) -> (String, String) {
    let (baseline, current) = (bundle("base-1"), bundle("regressed-1"));
    let words = [
        "explain",
        "ttft@c16",
        "--baseline",
        &baseline,
        "--current",
        &current,
    ];
    let mut command = home.command(&[&words[..], more].concat());
    let ran = crate::support::Ran::of(command.current_dir(dir).output().expect("it runs"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    (ran.stdout, ran.stderr)
}

#[test]
fn it_is_found_upwards_said_and_can_be_left_out() {
    let home = Home::new();
    home.write("project/perfbridge.toml", "[tolerance]\nttft = 700\n");
    home.write("project/deep/down/x", "");
    let default = "beyond the tolerance of 5 % (default).\n";
    let here = home.path("project").canonicalize().expect("a directory");
    let said = format!(
        "policy: {} (--policy none leaves it out)\n",
        here.join("perfbridge.toml").display()
    );
    for dir in ["project", "project/deep/down"] {
        let (text, stderr) = explained(&home, &home.path(dir), &[]);
        assert!(
            text.ends_with("within the tolerance of 700 % (policy).\n"),
            "{text}"
        );
        assert!(stderr.contains(&said), "{stderr}");
        let (text, stderr) = explained(&home, &home.path(dir), &["--policy", "none"]);
        assert!(
            text.ends_with(default) && !stderr.contains("policy"),
            "{text}{stderr}"
        );
    }
    // The nearest counts, one that is named wins, and the command line wins over both.
    home.write("project/deep/perfbridge.toml", "[tolerance]\nttft = 800\n");
    let named = home.write("other.toml", "[tolerance]\nttft = 900\n");
    let deep = home.path("project/deep/down");
    for (more, tolerance) in [
        (&[][..], "800 % (policy)"),
        (&["--policy", &named][..], "900 % (policy)"),
        (&["--tolerance.ttft", "950"][..], "950 % (command-line)"),
    ] {
        let (text, _) = explained(&home, &deep, more);
        assert!(text.contains(tolerance), "{text}");
    }
    let (text, stderr) = explained(&home, &home.path(""), &[]);
    assert!(
        text.ends_with(default) && !stderr.contains("policy"),
        "{text}{stderr}"
    );
}

#[test]
fn one_that_cannot_be_read_stops_the_command() {
    let home = Home::new();
    home.write("perfbridge.toml", "[tolerances]\n");
    let ran = home.run(&["diff", &bundle("base-1"), &bundle("base-2")]);
    ran.refused("found a policy that cannot be read");
    ran.refused("perfbridge.toml:1");
}
