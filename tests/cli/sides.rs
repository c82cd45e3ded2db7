//! How the sides of a diff are named, what is said besides, and the page that is made later.

use crate::support::{Home, Ran, bundle, corpus, golden};
use std::fs;

/// What was judged with options is judged with positions alike, and what is on stdin as what is in a file.
#[test]
fn sides_are_named_by_position_by_option_or_on_stdin() {
    let home = Home::new();
    let document = |name: &str| home.write(name, home.ok(&["ingest", &bundle(name)]));
    let (baseline, current) = (document("base-1"), document("regressed-1"));
    let by_option = home.run(&["diff", "--baseline", &baseline, "--current", &current]);
    assert_eq!(by_option.code, 1, "{}", by_option.stderr);
    let same = |ran: &Ran| assert_eq!((ran.code, &ran.stdout), (1, &by_option.stdout));
    same(&home.run(&["diff", &baseline, &current]));
    same(&home.run(&["diff", "--baseline", &baseline, &current]));
    for sides in [["-", &current], [&baseline, "-"]] {
        let file = if sides[0] == "-" { &baseline } else { &current };
        let mut command = home.command(&["diff", sides[0], sides[1]]);
        command.stdin(fs::File::open(file).expect("readable"));
        same(&Ran::of(command.output().expect("it runs")));
    }
}

#[test]
fn several_current_runs_are_trials_however_they_are_named() {
    let home = Home::new();
    let runs = ["aa-01", "aa-02", "aa-03", "aa-04"].map(bundle);
    let [baseline, rest @ ..] = &runs;
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    let sides = [&["diff", "--json", baseline][..], &rest].concat();
    let positions = home.run(&sides);
    let sides = [
        &["diff", "--json", "--baseline", baseline, "--current"][..],
        &rest,
    ]
    .concat();
    let listed = home.run(&sides);
    assert_eq!(positions.stdout, listed.stdout);
    let judged: serde_json::Value = serde_json::from_str(&positions.stdout).expect("JSON");
    let runs = judged["runs"].as_array().expect("a list");
    let of = |side: &str| runs.iter().filter(|run| run["side"] == side).count();
    assert_eq!((of("baseline"), of("current")), (1, 3));
}

#[test]
fn quiet_says_only_errors_and_verbose_what_was_read() {
    let home = Home::with_registry();
    let entry = home.record(&[&bundle("base-1")], &[]);
    let words = ["diff", &entry, &bundle("base-2")];
    let ran = home.run(&[&words[..], &["-q"]].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let ran = home.run(&[&words[..], &["-v"]].concat());
    let told = format!("read {}: ", bundle("base-2"));
    assert!(ran.stderr.contains(&told), "{}", ran.stderr);
    assert!(ran.stderr.contains("model tinyllama-7m"), "{}", ran.stderr);
    let ran = home.run(&["diff", "-q", &entry, "nowhere"]);
    assert!(
        ran.code == 2 && ran.stderr.starts_with("error: "),
        "{}",
        ran.stderr
    );
}

#[test]
fn colour_is_as_the_option_says() {
    let home = Home::new();
    let (baseline, current) = (golden("run1"), golden("run2"));
    let coloured = |when: &[&str], variables: &[(&str, &str)]| {
        let mut command = home.command(&[&["diff", &baseline, &current], when].concat());
        command.envs(variables.iter().copied());
        Ran::of(command.output().expect("it runs"))
            .stdout
            .contains('\u{1b}')
    };
    assert!(!coloured(&[], &[]));
    assert!(coloured(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(coloured(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[], &[("CLICOLOR_FORCE", "0")]));
    assert!(!coloured(&["--color=never"], &[("CLICOLOR_FORCE", "1")]));
}

/// The page is made when it is asked for, of what the diff left, and says what that says.
#[test]
fn report_makes_the_page_of_a_bundle_of_a_diff() {
    let home = Home::with_registry();
    home.record(&[&bundle("base-1")], &[]);
    let entry = home.record(&[&bundle("base-1")], &[]);
    let words = [
        "diff",
        &entry,
        &bundle("regressed-1"),
        "--tolerance.ttft",
        "7",
        "--out",
        "kept",
    ];
    assert_eq!(home.run(&words).code, 1);
    let made = home.made_diff("tinyllama-7m-perfbench-v1");
    let at = made.display().to_string();
    assert!(!made.join("report.html").exists() && home.path("kept/report.html").exists());
    // A later baseline does not change what was judged.
    home.record(&[&bundle("base-1")], &[]);
    let ran = home.run(&["report", &at]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let page = fs::read_to_string(made.join("report.html")).expect("written");
    assert!(page.contains(r#"{"metric":"ttft","value":"7","origin":"command-line"}"#));
    let kept = fs::read_to_string(made.join("verdict.json")).expect("written");
    fs::write(made.join("verdict.json"), kept.replacen("RED", "GREEN", 1)).expect("written");
    home.run(&["report", &at])
        .refused("found a judgement (GREEN) that is not the one of the same inputs today (RED)");
    fs::write(made.join("case.json"), "{}").expect("written");
    home.run(&["report", &at])
        .refused("found case.json in another form");
    let unnamed = fs::read_to_string(home.path("kept/case.json")).expect("written");
    fs::write(made.join("case.json"), unnamed.replace("inference/", "")).expect("written");
    home.run(&["report", &at])
        .refused("expected FAMILY/MEASUREMENT@SLUG");
    home.run(&["report", "kept"])
        .refused("found no baseline-ref.txt; expected a diff bundle");
}

/// A tool that writes one file is read from that file, and what lies beside it is not.
#[test]
fn a_result_file_is_read_alone() {
    let home = Home::new();
    let folder = corpus("data/tools/vllm-bench-0.32.0/detailed");
    let mut files = fs::read_dir(&folder)
        .expect("a folder")
        .map(|item| item.expect("a file").path());
    let file = files
        .find(|path| path.extension().is_some_and(|end| end == "json"))
        .expect("a result");
    let bytes = fs::read(&file).expect("readable");
    let alone = home.write("runs/result.json", &bytes);
    home.write("runs/other.json", "{\"not\": \"a result\"}");
    let own: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    for name in [alone.as_str(), "runs/result.json"] {
        let document = home.json(&["ingest", name, "--set", "context.hardware=B200"]);
        let level = document["metrics"]
            .as_object()
            .and_then(|levels| levels.values().next());
        let level = level.expect("a level");
        assert_eq!(level["throughput_toks_per_s"], own["output_throughput"]);
        assert_eq!(level["ttft_p50_ms"], own["median_ttft_ms"]);
        let read = document["provenance"]["files"].as_array().expect("a list");
        assert_eq!(
            (read.len(), &read[0]["path"]),
            (1, &serde_json::json!("result.json"))
        );
        assert_eq!(document["context"]["hardware"], "B200");
    }
    home.run(&["ingest", "runs/other.json"])
        .refused("other.json");
    let log = home.write("runs/notes.txt", "nothing here");
    home.run(&["ingest", &log]).refused("expected a JSON value");
}
