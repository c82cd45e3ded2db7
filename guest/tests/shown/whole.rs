//! The whole text for a terminal.

use super::{WIDTHS, cases, headline_numbers, shown, words};
use perfbridge_guest::judge::status::Status;
use std::collections::BTreeSet;

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn it_holds_every_row_finding_lever_and_sentence_in_the_width() {
    for case in cases::all() {
        let judgement = &case.judgement;
        for width in WIDTHS {
            let text = shown(judgement, "text-all", width);
            for line in text.lines() {
                assert!(line.chars().count() <= width, "{}: {line}", case.name);
            }
            let flat = flat(&text);
            let next = judgement.next_lever.as_ref().expect("a lever");
            let levers = [&next.first].into_iter().chain(&next.frontier);
            let levers =
                levers.flat_map(|lever| [&lever.lever, &lever.expected_unlock, &lever.gate]);
            let costs = [&next.first].into_iter().chain(&next.frontier);
            for lever in costs {
                let cost = format!("takes {}; because:", lever.cost.as_str());
                assert!(flat.contains(&cost), "{}: {cost}", case.name);
            }
            let sentences = [&judgement.reason, &judgement.recommendation];
            let findings = judgement.findings.iter().map(|finding| &finding.message);
            let all = sentences
                .into_iter()
                .chain(&judgement.promote)
                .chain(levers)
                .chain(findings);
            // A word that is longer than a line is broken: compared without blanks.
            let without_blanks = flat.replace(' ', "");
            for sentence in all {
                let wanted: String = sentence.split_whitespace().collect();
                assert!(
                    without_blanks.contains(&wanted),
                    "{}: {sentence}\n{text}",
                    case.name
                );
            }
            for row in judgement.rows.iter().filter(|row| row.status.is_judged()) {
                assert!(flat.contains(&row.shown.change), "{}", case.name);
                assert!(
                    flat.contains(&format!("tolerance {}", row.shown.tolerance)),
                    "{text}"
                );
            }
            for number in headline_numbers(judgement) {
                assert!(flat.contains(&number));
            }
        }
    }
}

/// It ends as the short text does.
#[test]
fn it_ends_with_the_same_verdict() {
    for case in cases::all() {
        for width in WIDTHS {
            let [short, whole] =
                ["text", "text-all"].map(|name| shown(&case.judgement, name, width));
            assert_eq!(short.lines().last(), whole.lines().last(), "{}", case.name);
        }
    }
}

#[test]
fn its_legend_has_the_statuses_that_appear() {
    for case in cases::all() {
        let text = shown(&case.judgement, "text-all", 120);
        let measured = case.judgement.rows.iter();
        let measured = measured.filter(|row| row.baseline.is_some() || row.current.is_some());
        let statuses: Vec<Status> = measured.map(|row| row.status).collect();
        let wanted: BTreeSet<&str> = statuses.into_iter().map(words).collect();
        let legend = text.lines().filter_map(|line| line.strip_prefix("Legend "));
        let legend: Vec<&str> = legend
            .filter_map(|line| Some(line.split_once(" = ")?.0))
            .collect();
        // The symbol of what is within is the sign itself.
        let found: BTreeSet<&str> = legend.iter().copied().collect();
        assert_eq!(found.len(), legend.len(), "{text}");
        assert_eq!(found, wanted, "{}\n{text}", case.name);
    }
}

/// Mean and standard deviation as the statistics module of Python gives them for the three bundles of each side.
#[test]
fn trials_show_their_number_mean_deviation_and_interval() {
    let judgement = cases::case("slow-triple").judgement;
    let text = flat(&shown(&judgement, "text-all", 120));
    let row = "n=3+3, mean 249.2 ± 2.975 -> 212.6 ± 2.706 tok/s, inside pairs -14.5 %, 99 % CI ";
    assert!(text.contains(row), "{text}");
}
