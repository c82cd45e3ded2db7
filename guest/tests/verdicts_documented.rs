//! `docs/verdicts.md` is the tables of verdicts, rules, statuses, tiers and faults, row for row.

use perfbridge_guest::fault::{Code, Sub};
use perfbridge_guest::judge::gate::Outcome;
use perfbridge_guest::judge::rule::{Rule, Verdict};
use perfbridge_guest::judge::status::Status;
use perfbridge_guest::judge::tier::Tier;
use std::path::Path;

/// The cells of the table below a heading of the page, without its two lines of head.
fn table(heading: &str) -> Vec<Vec<String>> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/verdicts.md");
    let page = std::fs::read_to_string(page).expect("docs/verdicts.md");
    let (_, section) = page
        .split_once(&format!("\n## {heading}\n"))
        .unwrap_or_else(|| panic!("no section {heading}"));
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter_map(|line| {
        let row = line.strip_prefix("| ")?.strip_suffix(" |")?;
        Some(row.split(" | ").map(str::to_owned).collect())
    });
    rows.skip(1).collect()
}

fn code(name: &str) -> String {
    format!("`{name}`")
}

#[test]
fn verdicts_and_their_exit_codes() {
    let exits = ["0", "0; 1 where yellow is to fail", "1", "3"];
    let expected: Vec<_> = Verdict::ALL
        .iter()
        .zip(exits)
        .map(|(one, exit)| {
            [
                code(one.as_str()),
                exit.to_owned(),
                one.meaning().to_owned(),
            ]
        })
        .collect();
    assert_eq!(table("Verdicts"), expected);
}

#[test]
fn rules_in_the_order_in_which_they_are_asked() {
    let expected: Vec<_> = Rule::ALL
        .iter()
        .enumerate()
        .map(|(at, rule)| {
            [
                (at + 1).to_string(),
                code(rule.verdict().as_str()),
                code(rule.as_str()),
                rule.meaning().to_owned(),
            ]
        })
        .collect();
    assert_eq!(table("Rules"), expected);
}

#[test]
fn statuses() {
    let expected: Vec<_> = Status::ALL
        .iter()
        .map(|one| [code(one.as_str()), one.meaning().to_owned()])
        .collect();
    assert_eq!(table("Statuses of rows"), expected);
}

#[test]
fn tiers() {
    let expected: Vec<_> = Tier::ALL
        .iter()
        .map(|one| [code(one.as_str()), one.meaning().to_owned()])
        .collect();
    assert_eq!(table("Tiers"), expected);
}

#[test]
fn fault_codes() {
    let expected: Vec<_> = Code::ALL
        .iter()
        .map(|one| [code(one.as_str()), one.meaning().to_owned()])
        .collect();
    assert_eq!(table("Fault codes"), expected);
}

#[test]
fn causes_of_faults() {
    let expected: Vec<_> = Sub::ALL
        .iter()
        .map(|one| {
            [
                code(one.as_str()),
                code(one.code().as_str()),
                one.meaning().to_owned(),
            ]
        })
        .collect();
    assert_eq!(table("Causes of faults"), expected);
}

#[test]
fn outcomes_of_a_gate() {
    let expected: Vec<_> = Outcome::ALL
        .iter()
        .map(|one| [code(one.as_str()), one.meaning().to_owned()])
        .collect();
    assert_eq!(table("Gates"), expected);
}
