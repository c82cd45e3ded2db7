//! The corpus: every case of `tests/data/cases` through the library, the component and the command line, which
//! must agree to the byte, and against numbers and verdicts that were worked out without this code.

#[path = "../support/component.rs"]
mod component;

mod case;
mod command;
mod exports;
mod native;
mod sandboxed;

use case::Case;
use native::Outcome;
use perfbridge_guest::judge::Judgement;
use perfbridge_guest::judge::row::Row;
use serde_json::Value;

/// Where two texts part, for a message that can be read.
fn first_difference(a: &str, b: &str) -> String {
    let mut lines = a.lines().zip(b.lines()).enumerate();
    match lines.find(|(_, (a, b))| a != b) {
        Some((at, (a, b))) => format!("line {}: {a:?} against {b:?}", at + 1),
        None => format!("{} against {} bytes", a.len(), b.len()),
    }
}

fn same(case: &Case, what: &str, a: &str, b: &str) {
    assert!(a == b, "{}: {what}: {}", case.name, first_difference(a, b));
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64()
}

fn close(found: Option<f64>, expected: Option<f64>) -> bool {
    match (found, expected) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * b.abs().max(1.0),
        (a, b) => a == b,
    }
}

fn check_row(case: &Case, row: &Row, expected: &Value) {
    let name = format!("{}: {} at {}", case.name, row.name(), row.level());
    // Numbers from full-precision exports are the tool's own digits.
    for (found, key) in [(row.baseline, "baseline"), (row.current, "current")] {
        let expected = number(&expected[key]);
        let exact = !case.name.starts_with("records");
        assert!(
            if exact {
                found == expected
            } else {
                close(found, expected)
            },
            "{name}: {key}: {found:?}, expected {expected:?}"
        );
    }
    for (found, key) in [(row.delta, "delta"), (row.delta_pct, "delta_pct")] {
        let expected = number(&expected[key]);
        assert!(
            close(found, expected),
            "{name}: {key}: {found:?}, expected {expected:?}"
        );
    }
    if let Some(status) = expected["status"].as_str() {
        let found = serde_json::to_value(row.status).expect("JSON");
        assert_eq!(found, status, "{name}");
    }
}

fn check(case: &Case, judgement: &Judgement) {
    let expected = &case.expected;
    let text = |key: &str| {
        expected[key]
            .as_str()
            .unwrap_or_else(|| panic!("{}: no {key}", case.name))
    };
    assert_eq!(
        (judgement.verdict.as_str(), judgement.rule.as_str()),
        (text("verdict"), text("rule")),
        "{}: {}",
        case.name,
        judgement.reason
    );
    assert_eq!(
        judgement.headline.place.key(),
        text("headline_level"),
        "{}",
        case.name
    );
    assert_eq!(
        judgement.tier.as_str(),
        text("tier"),
        "{}: {:?}",
        case.name,
        judgement.promote
    );
    for code in expected["findings"].as_array().expect("findings") {
        assert!(
            judgement
                .findings
                .iter()
                .any(|finding| *code == finding.code.as_str()),
            "{}: no finding {code}",
            case.name
        );
    }
    let rows = expected["rows"].as_array().expect("rows");
    assert!(!rows.is_empty(), "{}: no rows", case.name);
    let is_trials = case.settings.current.len() > 1;
    assert!(
        is_trials || rows.len() == judgement.rows.len(),
        "{}: the number of rows",
        case.name
    );
    for expected in rows {
        let is =
            |row: &&Row| expected["metric"] == *row.name() && expected["level"] == *row.level();
        let row = judgement.rows.iter().find(is);
        let row = row.unwrap_or_else(|| panic!("{}: no row {expected}", case.name));
        check_row(case, row, expected);
    }
}

/// Where request records were read, the difference of the requests is that of the row, to the 6 digits kept.
fn check_evidence(case: &Case, judgement: &Judgement) -> usize {
    let differences = judgement.evidence["differences"].as_array();
    let differences = differences.map_or(&[][..], Vec::as_slice);
    let rows = case.expected["rows"].as_array().expect("rows");
    for one in differences {
        let row = rows
            .iter()
            .find(|row| row["metric"] == one["metric"] && row["level"] == one["level"]);
        let row = row.unwrap_or_else(|| panic!("{}: no row of {one}", case.name));
        let [estimate, delta, size] = [&one["estimate"], &row["delta"], &row["baseline"]]
            .map(|value| number(value).expect("a number"));
        assert!(
            (estimate - delta).abs() <= 1e-5 * size.max(1.0),
            "{}: {one}, expected {delta}",
            case.name
        );
    }
    differences.len()
}

#[test]
fn request_records_show_up_in_the_judgement() {
    let case = Case::read(&case::folder().join("records-of-identical-runs"));
    let (_, judgement) = native::run(&case);
    assert_eq!(check_evidence(&case, &judgement), 5);
    assert!(
        judgement
            .findings
            .iter()
            .all(|one| one.code.as_str() != "DRIFT")
    );
    for one in judgement.distributions.as_array().expect("a list") {
        assert_eq!(one["baseline"]["of"], 64, "{one}");
        assert_eq!(one["current"]["n"], 64, "{one}");
    }
}

fn check_hosts(case: &Case, native: &Outcome) {
    let sandboxed = sandboxed::run(case);
    same(
        case,
        "baseline document",
        &native.baseline,
        &sandboxed.baseline,
    );
    same(
        case,
        "current document",
        &native.current,
        &sandboxed.current,
    );
    same(case, "judgement", &native.json, &sandboxed.json);
    same(case, "Markdown", &native.markdown, &sandboxed.markdown);
    same(case, "text", &native.text, &sandboxed.text);
    let output = command::run(case);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code().map(i64::from),
        case.expected["exit_code"].as_i64(),
        "{}: {stderr}",
        case.name
    );
    same(
        case,
        "command line",
        &native.json,
        &String::from_utf8_lossy(&output.stdout),
    );
}

#[test]
fn every_case_in_every_host() {
    let cases = Case::all();
    assert!(cases.len() >= 40, "only {} cases", cases.len());
    for case in &cases {
        let (outcome, judgement) = native::run(case);
        check(case, &judgement);
        check_evidence(case, &judgement);
        check_hosts(case, &outcome);
    }
}

/// Each verdict and each rule of the design decides at least one case.
#[test]
fn every_rule_has_a_case() {
    let found: std::collections::BTreeSet<String> = Case::all()
        .iter()
        .map(|case| {
            let text = |key: &str| case.expected[key].as_str().unwrap_or_default().to_owned();
            format!("{} {}", text("verdict"), text("rule"))
        })
        .collect();
    let rules = [
        "NO_VERDICT not-comparable",
        "NO_VERDICT same-run",
        "RED failed-level",
        "NO_VERDICT invalid-run",
        "NO_VERDICT nothing-comparable",
        "RED headline",
        "RED severe",
        "RED many",
        "NO_VERDICT headline-unmeasured",
        "YELLOW localized",
        "YELLOW few",
        "YELLOW unresolved",
        "YELLOW uneven",
        "YELLOW unhealthy",
        "YELLOW creep",
        "YELLOW lost",
        "GREEN none",
    ];
    for rule in rules {
        assert!(found.contains(rule), "no case ends {rule}");
    }
    assert_eq!(found.len(), rules.len(), "{found:?}");
}

#[test]
fn a_run_against_itself_has_every_delta_zero() {
    let case = Case::read(&case::folder().join("base-against-itself"));
    let (_, judgement) = native::run(&case);
    for row in &judgement.rows {
        let known = row.baseline.is_some();
        assert_eq!(
            row.delta,
            known.then_some(0.0),
            "{} at {}",
            row.name(),
            row.level()
        );
    }
}

/// The suite is small enough to clone, and no file of it names a place of the machine it came from.
#[test]
fn the_corpus_is_small() {
    fn size(path: &std::path::Path) -> u64 {
        if path.is_file() {
            return path.metadata().map_or(0, |of| of.len());
        }
        let entries = std::fs::read_dir(path).expect("readable");
        entries
            .map(|entry| size(&entry.expect("an entry").path()))
            .sum()
    }
    let bytes = size(&case::folder().join("../.."));
    assert!(
        bytes < 11 << 20,
        "tests/ holds {bytes} bytes, more than 11 MiB"
    );
}
