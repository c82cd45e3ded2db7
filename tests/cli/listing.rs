//! What people choose an entry by, and what they may call it: list, labels, roles, slugs that are cut.

use crate::support::{Home, bundle};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: [&str; 2] = ["--repo-root", "repo"];

fn with_root<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [words, &ROOT[..]].concat()
}

fn slug(entry: &str) -> &str {
    entry.rsplit('/').next().expect("a slug")
}

/// The rows of the table, by the name in their last column, as cells.
fn listed(home: &Home) -> BTreeMap<String, Vec<String>> {
    let text = home.ok(&with_root(&["list"]));
    let cells = |line: &str| -> Vec<String> {
        let cells = line.split("  ").map(str::trim);
        cells
            .filter(|cell| !cell.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let mut lines = text.lines();
    let head = cells(lines.next().expect("a head"));
    assert_eq!(head, ["MODEL", "HEADLINE", "LABEL", "AGE", "ROLE", "ENTRY"]);
    let rows = lines.map(cells);
    rows.map(|row| (row.last().expect("a name").clone(), row))
        .collect()
}

/// Every file below a directory with its bytes.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for item in fs::read_dir(dir).expect("a directory") {
        let path = item.expect("an item").path();
        if path.is_dir() {
            found.append(&mut files(&path));
        } else {
            let bytes = fs::read(&path).expect("bytes");
            found.insert(path, bytes);
        }
    }
    found
}

#[test]
fn list_shows_model_headline_label_age_and_role() {
    let home = Home::with_registry();
    let first = home.record(&[&bundle("base-1")], &["--notes", "GPQA=0.31 | x"]);
    let second = home.record(&[&bundle("base-2")], &["--label", "v0.32 golden"]);
    let seen = home.record(&[&bundle("aa-01")], &["--observe"]);
    let rows = listed(&home);
    assert_eq!(rows.len(), 3);
    let row = |name: String| rows[&name][..5].to_vec();
    // The throughput at concurrency 16 of AIPerf's own export: 259.79394365725085.
    let first_name = format!("tinyllama-7m@{}", slug(&first));
    let shown = row(first_name.clone());
    assert_eq!(
        [&shown[0], &shown[1], &shown[2], &shown[4]],
        ["tinyllama-7m", "c16 259.8 tok/s", "GPQA=0.31 | x", "-"]
    );
    assert!(
        shown[3].ends_with(" s") || shown[3].ends_with(" min"),
        "{shown:?}"
    );
    let second_name = format!("tinyllama-7m@{}", slug(&second));
    let shown = row(second_name.clone());
    assert_eq!([&shown[2], &shown[4]], ["v0.32 golden", "newest"]);
    let observed = format!("tinyllama-7m-perfbench-v1-observations@{}", slug(&seen));
    assert_eq!(row(observed)[4], "observation");
    // The headline of show is that of list: both are the component's words.
    let summary = home.ok(&with_root(&["show", &second_name]));
    let headline = &row(second_name)[1];
    let value = headline.strip_prefix("c16 ").expect("its place");
    assert!(
        summary.contains(&format!("throughput_toks_per_s   {value}\n")),
        "{summary}"
    );
    let json = home.json(&with_root(&["list", "tinyllama-7m", "--json"]));
    let told = &json["entries"][0];
    assert_eq!(
        (
            &told["model"],
            &told["headline"],
            &told["label"],
            &told["roles"]
        ),
        (
            &json!("tinyllama-7m"),
            &json!("c16 259.8 tok/s"),
            &Value::Null,
            &json!([])
        )
    );
    assert_eq!(json["entries"][1]["label"], "v0.32 golden");
}

#[test]
fn an_entry_of_another_tool_is_listed_with_its_value() {
    let kept = crate::support::corpus("data/golden/registry")
        .display()
        .to_string();
    let text = Home::new().ok(&["list", "--repo-root", &kept]);
    let of = |name: &str| {
        text.lines()
            .find(|line| line.contains(name))
            .expect("a line")
    };
    assert!(text.lines().all(|line| !line.ends_with(' ')), "{text}");
    // `value` and `unit` of its baseline.json.
    let json = Home::new().json(&["list", "--json", "--repo-root", &kept]);
    let mut entries = json["entries"].as_array().expect("entries").iter();
    let scalar = entries
        .find(|entry| entry["baseline"]["value"].is_number())
        .expect("a scalar entry");
    let line = of(scalar["slug"].as_str().expect("a slug"));
    let value = scalar["baseline"]["value"].to_string();
    assert!(line.contains(value.trim_end_matches(".0")), "{line}");
}

#[test]
fn a_pinned_entry_stands_for_its_model_and_nothing_is_changed() {
    let home = Home::with_registry();
    let first = home.record(&[&bundle("base-1")], &[]);
    let second = home.record(&[&bundle("base-2")], &[]);
    let kept = home.path("repo/experiments/artifacts/perf-baselines");
    let before = files(&kept);
    let taken = |more: &[&str]| {
        let current = bundle("regressed-1");
        let words = ["diff", "--json", "--model", "tinyllama-7m", &current];
        let ran = home.run(&with_root(&[&words[..], more].concat()));
        let judged: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        (judged["headline"]["baseline"].clone(), ran.stderr)
    };
    let at_16 = |entry: &str| {
        let text = fs::read_to_string(Path::new(entry).join("source-snapshot.json"));
        let document: Value = serde_json::from_str(&text.expect("text")).expect("JSON");
        document["metrics"]["16"]["throughput_toks_per_s"].clone()
    };
    assert_eq!(taken(&[]).0, at_16(&second));
    let pinned = home.json(&with_root(&[
        "pin",
        &format!("tinyllama-7m@{}", slug(&first)),
        "--json",
    ]));
    assert_eq!(
        (&pinned["slug"], &pinned["role"], &pinned["released"]),
        (&json!(slug(&first)), &json!("baseline"), &json!(false))
    );
    let (headline, said) = taken(&[]);
    assert_eq!(headline, at_16(&first));
    let note = format!(
        "note: pinned: {} (the newest is {})",
        slug(&first),
        slug(&second)
    );
    assert!(said.contains(&note), "{said}");
    assert_eq!(
        listed(&home)[&format!("tinyllama-7m@{}", slug(&first))][4],
        "baseline"
    );
    // Pinned anew, and released: each is one more file, and no other is touched.
    let marks = home.path("repo/experiments/artifacts/perf-baseline-marks");
    let one = files(&marks);
    home.ok(&with_root(&[
        "pin",
        &format!("tinyllama-7m@{}", slug(&second)),
    ]));
    assert_eq!(taken(&[]).0, at_16(&second));
    home.ok(&with_root(&["pin", &first]));
    assert_eq!(taken(&[]).0, at_16(&first));
    let said = home.ok(&with_root(&["pin", &first, "--release"]));
    assert!(said.ends_with("released    baseline\n"), "{said}");
    assert_eq!(taken(&[]).0, at_16(&second));
    let four = files(&marks);
    assert_eq!((one.len(), four.len()), (1, 4));
    assert!(
        one.iter()
            .all(|(path, bytes)| four.get(path) == Some(bytes))
    );
    assert_eq!(files(&kept), before);
    home.ok(&with_root(&["verify"]));
}

#[test]
fn a_slug_may_be_cut_and_a_role_or_a_label_may_stand_for_it() {
    let home = Home::with_registry();
    let first = home.record(&[&bundle("base-1")], &["--label", "v0.32"]);
    let second = home.record(&[&bundle("base-2")], &[]);
    home.ok(&with_root(&["pin", &second, "--role", "golden"]));
    let common = slug(&first)
        .bytes()
        .zip(slug(&second).bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let (cut, both) = (&slug(&first)[..=common], &slug(&first)[..common]);
    let shown = |name: &str| {
        let shown = home.json(&with_root(&["show", name, "--json"]));
        shown["entry"]["slug"].as_str().expect("a slug").to_owned()
    };
    for name in [
        format!("tinyllama-7m@{cut}"),
        format!("inference/tinyllama-7m-perfbench-v1@{cut}"),
        "tinyllama-7m@v0.32".to_owned(),
        cut.to_owned(),
    ] {
        assert_eq!(shown(&name), slug(&first), "{name}");
    }
    assert_eq!(shown("tinyllama-7m@golden"), slug(&second));
    home.run(&with_root(&["show", &format!("tinyllama-7m@{both}")]))
        .refused(&format!(
            "2 slugs begin with {both:?}; expected more of one: "
        ));
    home.run(&with_root(&["show", "tinyllama-7m@silver"]))
        .refused(
            "no entry of tinyllama-7m-perfbench-v1 is called \"silver\"; there are: golden, v0.32.",
        );
    // As both sides of a diff, and as a path.
    let folder = Path::new(&first)
        .parent()
        .expect("a folder")
        .display()
        .to_string();
    for baseline in [format!("tinyllama-7m@{cut}"), format!("{folder}/{cut}")] {
        let words = ["diff", &baseline, "tinyllama-7m@golden", "--json"];
        let ran = home.run(&with_root(&words));
        let judged: Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        // AIPerf's own throughputs at 16 in base-1 and base-2.
        assert_eq!(judged["headline"]["baseline"], 259.793_943_657_250_85);
        assert_ne!(judged["headline"]["current"], 259.793_943_657_250_85);
    }
}

#[test]
fn a_near_miss_is_answered_with_a_suggestion() {
    let home = Home::with_registry();
    home.record(&[&bundle("base-1")], &[]);
    home.record(&[&bundle("aa-01")], &["--observe"]);
    for name in ["tinylama-7m", "TinyLlama-7B", "tinyllama7m"] {
        let ran = home.run(&with_root(&["diff", "--model", name, &bundle("base-2")]));
        let words = format!("no baseline of {name:?} is registered");
        ran.refused(&words);
        ran.refused("did you mean \"tinyllama-7m\"? There are: tinyllama-7m. Make one");
    }
    let far = home.run(&with_root(&["show", "kimi"]));
    far.refused("there are: tinyllama-7m. Make one with perfbridge record");
}

#[test]
fn marks_that_cannot_be_are_refused() {
    let home = Home::with_registry();
    let entry = home.record(&[&bundle("base-1")], &[]);
    for (option, value, words) in [
        ("--role", "a/b", "role must be one safe path segment"),
        ("--role", "2026", "role must begin with a letter"),
        (
            "--label",
            " ",
            "label must be one line of 1 to 60 characters",
        ),
        (
            "--label",
            "a\nb",
            "label must be one line of 1 to 60 characters",
        ),
    ] {
        home.run(&with_root(&["pin", &entry, option, value]))
            .refused(words);
    }
    assert!(
        !home
            .path("repo/experiments/artifacts/perf-baseline-marks")
            .exists()
    );
    // A file that is no mark counts for nothing and is named.
    home.ok(&with_root(&["pin", &entry]));
    let marks =
        "repo/experiments/artifacts/perf-baseline-marks/inference/tinyllama-7m-perfbench-v1";
    home.write(&format!("{marks}/99990101T000000000000Z.json"), "{}");
    let ran = home.run(&with_root(&["list"]));
    assert!(
        ran.stderr
            .contains("99990101T000000000000Z.json: no mark: missing field"),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.contains("  baseline  "), "{}", ran.stdout);
}
