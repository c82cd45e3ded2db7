//! The answer for language models, and that outputs agree.

use super::{cases, headline_numbers, not_within, shown};
use perfbridge_guest::judge::rule::Verdict;
use perfbridge_guest::render::answer::MOST;

#[test]
fn every_answer_is_at_most_a_kibibyte_and_whole() {
    for case in cases::all() {
        let judgement = &case.judgement;
        let text = shown(judgement, "answer", 80);
        assert!(
            text.len() <= MOST && MOST == 1024,
            "{}: {}",
            case.name,
            text.len()
        );
        let begin = format!(
            "{} {} ({}): ",
            judgement.verdict.as_str(),
            judgement.rule.as_str(),
            judgement.tier.as_str()
        );
        assert!(text.starts_with(&begin), "{text}");
        for label in ["\nchanged", "\nheadline: ", "\nadvice: ", "\nrest: "] {
            assert_eq!(text.matches(label).count(), 1, "{label}\n{text}");
        }
        for number in headline_numbers(judgement) {
            assert!(text.contains(&number), "{}: {number}\n{text}", case.name);
        }
        let rest = format!("rest: {}, ", not_within(judgement));
        assert!(text.contains(&rest), "{text}");
        let rows = text
            .lines()
            .filter(|line| line.contains("tolerance ") && line.contains("):"));
        assert!(rows.count() <= 5 + 1, "{text}");
    }
}

/// Reason, advice and headline are the same words in the whole text, the comment, the JSON and, as far as it goes, the
/// answer; no output promises what the tier does not carry.
#[test]
fn no_output_contradicts_another() {
    let flat = |text: &str| -> String { text.split_whitespace().collect() };
    for case in cases::all() {
        let judgement = &case.judgement;
        let json: serde_json::Value = serde_json::from_str(&judgement.to_json()).expect("JSON");
        let whole = flat(&shown(judgement, "text-all", 120));
        let comment = flat(
            &shown(judgement, "markdown", 80)
                .replace("&gt;", ">")
                .replace("\\_", "_"),
        );
        let answer = flat(&shown(judgement, "answer", 80));
        for key in ["reason", "recommendation"] {
            let sentence = flat(json[key].as_str().expect("a sentence"));
            assert!(whole.contains(&sentence), "{}: {key}", case.name);
            let escaped = sentence.replace('[', "\\[").replace(']', "\\]");
            assert!(
                comment.contains(&escaped),
                "{}: {key}: {escaped}",
                case.name
            );
            let begin: String = sentence.chars().take(60).collect();
            assert!(answer.contains(&begin), "{}: {key}", case.name);
        }
        let safe = json["tier"] == "VERDICT" && judgement.verdict == Verdict::Green;
        for text in [&whole, &comment, &answer] {
            assert_eq!(text.contains("Safetopromote"), safe, "{}", case.name);
        }
    }
}
