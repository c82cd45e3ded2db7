//! plan.

use crate::support::{Home, Ran, corpus};
use serde_json::Value;

const TWO: [&str; 5] = ["plan", "--baseline", "old", "--current", "new"];

/// By hand: A B B A, then again from the front.
#[test]
fn neighbours_are_pairs_that_turn_round() {
    let home = Home::new();
    let plan = home.json(&[&TWO[..], &["--trials", "3", "--json"]].concat());
    let dirs: Vec<&str> = plan["order"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|run| run["dir"].as_str().expect("a path"))
        .collect();
    let expected = ["old-1", "new-1", "new-2", "old-2", "old-3", "new-3"];
    assert_eq!(dirs, expected.map(|run| format!("runs/{run}")));
    let next = "perfbridge diff --baseline runs/old-1 --baseline runs/old-2 --baseline runs/old-3 --current runs/new-1 --current runs/new-2 --current runs/new-3";
    assert_eq!(plan["next_command"], next);
    let text = home.ok(&[&TWO[..], &["--trials", "3"]].concat());
    assert!(
        text.starts_with("  1  old  runs/old-1\n  2  new  runs/new-1\n"),
        "{text}"
    );
    assert!(text.ends_with(&format!("\nnext  {next}\n")), "{text}");
}

/// The script that is printed makes the runs, goes on where it was stopped, and ends with the exit code of the judgement.
#[test]
fn the_script_runs_the_plan_and_judges_it() {
    let home = Home::new();
    let copy = |name: &str| {
        let from = corpus("data/bundles").join(name);
        format!(
            "n=$(basename \"$RUN_DIR\" .part | tail -c 2); echo made $n; cp -r \"{}$n/.\" \"$RUN_DIR\"",
            from.display()
        )
    };
    let (old, new) = (copy("aa-0"), copy("slow-0"));
    let commands = ["--run-baseline", &old, "--run-current", &new];
    let script = home.ok(&[&TWO[..], &commands].concat());
    let file = home.write("trials.sh", script);
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_perfbridge"));
    let path = format!(
        "{}:/usr/bin:/bin",
        program.parent().expect("a folder").display()
    );
    let run = || {
        let mut shell = home.program("sh");
        shell.args([&file, "--json"]).env("PATH", &path);
        Ran::of(shell.output().expect("a shell"))
    };
    std::fs::create_dir_all(home.path("runs/old-2.part/half")).expect("made");
    let first = run();
    assert_eq!(first.code, 1, "{}", first.stderr);
    let judgement: Value = serde_json::from_str(&first.stdout).expect("JSON");
    assert_eq!(
        (&judgement["verdict"], &judgement["rule"]),
        (&"RED".into(), &"headline".into())
    );
    assert!(
        !home.path("runs/old-2/half").exists(),
        "what was begun is begun anew"
    );
    let again = run();
    assert_eq!(again.stdout, first.stdout);
    assert!(again.stderr.contains("runs/new-3 is there") && !again.stderr.contains("made"));
}

#[test]
fn it_refuses() {
    let home = Home::new();
    let refused = |words: &[&str], why: &str| home.run(&[&["plan"], words].concat()).refused(why);
    refused(
        &["--baseline", "a", "--current", "a"],
        "both sides are called \"a\"; expected two labels",
    );
    refused(
        &["--baseline", "a/b", "--current", "b"],
        "no name for a directory expected letters, digits",
    );
    refused(
        &["--baseline", "a", "--current", "b", "--trials", "0"],
        "0 is not in 1..=20",
    );
    refused(
        &["--baseline", "a", "--current", "b", "--run-baseline", "x"],
        "--run-current <COMMAND>",
    );
}
