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
    ran.refused("found the key \"tolerances\", which does not exist here");
    ran.refused("perfbridge.toml:1");
}

#[test]
fn check_says_whether_a_file_is_a_policy() {
    let home = Home::new();
    let good = home.write(
        "good.toml",
        "fail_on = \"yellow\"\n[[rule]]\nmetric = \"ttft\"\ntolerance = 4\n",
    );
    assert_eq!(
        home.ok(&["policy", "check", &good]),
        format!("{good}: a policy\n")
    );
    let json = home.json(&["policy", "check", &good, "--json"]);
    assert_eq!(json["policy"]["rule"][0]["metric"], "ttft");
    let wrong = home.write("wrong.toml", "[[rule]]\nmetric = \"ttft\"\ntolerence = 4\n");
    let ran = home.run(&["policy", "check", &wrong]);
    ran.refused("found the key \"tolerence\", which does not exist here");
    ran.refused("Did you mean tolerance?");
    ran.refused(&format!("{wrong}:3: rule[1].tolerence"));
    home.run(&["policy", "check"])
        .refused("there is no perfbridge.toml here or above");
    home.write("perfbridge.toml", "ratchet = true\n");
    assert!(
        home.ok(&["policy", "check"])
            .ends_with("perfbridge.toml: a policy\n")
    );
    let large = home.write("large.toml", "#".repeat((1 << 20) + 1));
    home.run(&["policy", "check", &large])
        .refused("it is larger than 1 MiB");
}

/// The example of the manual is one that works, whole and for a document.
#[test]
fn the_example_of_the_manual_is_a_policy() {
    let home = Home::new();
    let page =
        std::fs::read_to_string(crate::support::corpus("../docs/policy.md")).expect("the page");
    let (_, example) = page.split_once("```toml\n").expect("an example");
    let (example, _) = example.split_once("```").expect("its end");
    let policy = home.write("example.toml", example);
    home.ok(&["policy", "check", &policy]);
    let words = [
        "policy",
        "explain",
        &bundle("base-1"),
        "--policy",
        &policy,
        "--json",
    ];
    let said = home.json(&words);
    let row = |metric: &str, place: &str| {
        let rows = said["rows"].as_array().expect("rows");
        let found = rows
            .iter()
            .find(|row| row["metric"] == metric && row["place"] == place);
        let row = found.expect("the row");
        [&row["tolerance"], &row["source"]].map(|text| text.as_str().expect("text").to_owned())
    };
    assert_eq!(row("ttft_p95_ms", "c16"), ["12 %", "policy"]);
    assert_eq!(row("ttft_p50_ms", "c32"), ["8 %", "policy"]);
    assert_eq!(row("ttft_p50_ms", "c16"), ["5 %", "default"]);
    assert_eq!(
        row("prefix_cache_hit_rate_post", "server"),
        ["3 pt", "policy"]
    );
    // Its rule is of another model.
    assert_eq!(said["rules_without_a_row"], serde_json::json!([]));
    assert_eq!(said["demands"]["ratchet"], true);
    assert_eq!(said["demands"]["sol_pct"]["max_loss"].as_f64(), Some(2.0));
}

#[test]
fn explain_says_what_applies_to_each_row() {
    let home = Home::new();
    let policy = home.write(
        "p.toml",
        "[[rule]]\nmetric = \"ttft\"\nplace = \"c16\"\ntolerance = 700\n[[rule]]\nmetric = \"ttft\"\nplace = \"c64\"\ntolerance = 3\n\
         [[waiver]]\nmetric = \"tps\"\nplace = \"c16\"\nreason = \"r\"\nowner = \"ada\"\nexpires = 2027-01-31\n",
    );
    let (baseline, current) = (bundle("base-1"), bundle("regressed-1"));
    let words = [
        "policy",
        "explain",
        &baseline,
        &current,
        "--policy",
        &policy,
        "--tolerance.itl",
        "7",
    ];
    let text = home.ok(&words);
    let line = |begin: [&str; 2]| {
        let found = text.lines().find(|line| {
            let words: Vec<&str> = line.split_whitespace().take(2).collect();
            words == begin
        });
        let line = found.unwrap_or_else(|| panic!("{begin:?}: {text}"));
        line.split_whitespace()
            .skip(2)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(line(["c16", "ttft_p50_ms"]), "700 % policy, rule 1 -");
    assert_eq!(line(["c8", "ttft_p50_ms"]), "5 % default -");
    assert_eq!(line(["c8", "itl_p50_ms"]), "7 % command-line -");
    assert_eq!(line(["c16", "throughput_toks_per_s"]), "3 % default 1");
    assert!(text.contains("\nrule 2 applies to no row\n"), "{text}");
    assert!(
        text.contains("\nwaiver 1: throughput_toks_per_s at c16 by ada until 2027-01-31: r\n"),
        "{text}"
    );
    let plain = home.ok(&["policy", "explain", &baseline, "--policy", "none"]);
    assert!(plain.ends_with("\nnothing is said of a gate\n"), "{plain}");
    home.run(&["policy", "explain"])
        .refused("found no run; expected perfbridge policy explain RUN");
}
