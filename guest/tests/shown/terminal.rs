//! The text for a terminal: twelve lines that end with the verdict.

use super::{WIDTHS, WORDS, cases, headline, headline_numbers, not_within, outside, shown, words};
use perfbridge_guest::judge::rule::{Rule, Verdict};
use perfbridge_guest::judge::status::Status;
use perfbridge_guest::render::text::MOST;
use perfbridge_guest::render::{Layout, form};
use std::collections::BTreeSet;

/// The rows of a text: the lines that begin with a status.
fn rows(text: &str) -> Vec<(&'static str, String)> {
    let row = |line: &str| {
        let (_, words) = WORDS.iter().find(|(_, words)| {
            let symbol = words.split(' ').next().expect("a symbol");
            line.strip_prefix(symbol)
                .is_some_and(|rest| rest.starts_with(' '))
        })?;
        Some((*words, line.to_owned()))
    };
    // The verdict begins with a symbol too, and is the last.
    let lines: Vec<&str> = text.lines().collect();
    lines[..lines.len() - 1]
        .iter()
        .filter_map(|line| row(line))
        .collect()
}

/// A section with the lines below its label.
fn section(text: &str, label: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with(label));
    let first = lines.next()?.strip_prefix(label)?.trim().to_owned();
    let more = lines.take_while(|line| line.starts_with("         "));
    Some(more.fold(first, |text, line| text + " " + line.trim()))
}

#[test]
fn every_case_fits_twelve_lines_and_the_width() {
    for case in cases::all() {
        for width in WIDTHS {
            let text = shown(&case.judgement, "text", width);
            let count = text.lines().count();
            assert!(
                count <= MOST && MOST == 12,
                "{}: {count} lines\n{text}",
                case.name
            );
            for line in text.lines() {
                let wide = line.chars().count();
                assert!(wide <= width, "{}: {wide} of {width}: {line}", case.name);
                assert_eq!(line, line.trim_end(), "{}", case.name);
                assert!(!line.is_empty(), "{}\n{text}", case.name);
            }
        }
    }
}

/// The verdict, its rule and its tier stand in the last line; the numbers of the headline there and in those above.
#[test]
fn the_last_line_is_the_verdict() {
    for case in cases::all() {
        let judgement = &case.judgement;
        let symbol = match judgement.verdict {
            Verdict::Green => "✓",
            Verdict::Yellow => "!",
            Verdict::Red => "✕",
            Verdict::NoVerdict => "–",
        };
        let rule = match judgement.rule {
            Rule::None => String::new(),
            rule => format!(" by rule {}", rule.as_str()),
        };
        let tier = match judgement.verdict {
            Verdict::NoVerdict => String::new(),
            _ => format!(" ({})", judgement.tier.as_str()),
        };
        let begin = format!(
            "{symbol} {}{rule}{tier}: {} throughput",
            judgement.verdict.as_str(),
            judgement.headline.place
        );
        for width in WIDTHS {
            let text = shown(judgement, "text", width);
            let last = text.lines().last().expect("a line");
            assert!(last.starts_with(&begin), "{}: {last}", case.name);
            let from = text
                .find("\nHeadline ")
                .unwrap_or_else(|| text.find(last).unwrap_or(0));
            let end = text[from..].replace("\n        ", "");
            for number in headline_numbers(judgement) {
                assert!(end.contains(&number), "{}: {number}: {end}", case.name);
            }
            if headline(judgement).is_some_and(|row| row.delta.is_some()) && width >= 80 {
                assert!(end.contains("n="), "{end}");
            }
        }
    }
}

/// Each status that rows show is explained once, and no other.
#[test]
fn the_legend_has_the_statuses_that_appear() {
    let mut seen = BTreeSet::new();
    for case in cases::all() {
        for width in WIDTHS {
            let text = shown(&case.judgement, "text", width);
            let shown: BTreeSet<&str> = rows(&text).iter().map(|(words, _)| *words).collect();
            let legend = section(&text, "Rows ").unwrap_or_default();
            let explained: BTreeSet<&str> = WORDS
                .iter()
                .map(|(_, words)| *words)
                .filter(|words| legend.contains(&format!("{words} = ")))
                .collect();
            assert_eq!(shown, explained, "{} at {width}\n{text}", case.name);
            seen.extend(shown);
        }
    }
    assert!(seen.len() >= 5, "{seen:?}");
}

/// Rows are those that are not within tolerance, worst first; what there is no room for is counted, and so are the rest.
#[test]
fn rows_are_the_worst_and_the_rest_is_counted() {
    for case in cases::all() {
        let judgement = &case.judgement;
        let mut worst = outside(judgement);
        worst.sort_by(|a, b| a.worst_first(b));
        let measured = judgement.rows.iter();
        let within = measured.filter(|row| row.status == Status::Within).count();
        for width in WIDTHS {
            let text = shown(judgement, "text", width);
            let rows = rows(&text);
            for ((found, line), row) in rows.iter().zip(&worst) {
                assert_eq!(*found, words(row.status), "{line}");
                let place = format!(" {} ", row.number.place);
                assert!(line.contains(&place), "{}: {line}", case.name);
                if row.status.is_judged() {
                    assert!(line.contains(&row.shown.change), "{}: {line}", case.name);
                    assert!(line.contains(row.metric.words), "{}: {line}", case.name);
                }
            }
            let Some(counted) = section(&text, "Rows ") else {
                assert_eq!(judgement.verdict, Verdict::NoVerdict, "{text}");
                continue;
            };
            let more = worst.len() - rows.len();
            let wanted = match (rows.len(), more) {
                (0, 0) => format!("all {within} within tolerance"),
                (0, _) => format!("{}; {within} within", not_within(judgement)),
                (_, 0) => format!("{within} within tolerance"),
                _ => format!("+{more} more; {within} within tolerance"),
            };
            assert!(counted.starts_with(&wanted), "{text}");
        }
    }
}

/// A regression, or a row in doubt, is never only counted.
#[test]
fn what_is_wrong_is_shown() {
    for case in cases::all() {
        let judgement = &case.judgement;
        let wrong = outside(judgement);
        let counts = matches!(judgement.verdict, Verdict::Yellow | Verdict::Red);
        if wrong.is_empty() || !counts {
            continue;
        }
        for width in WIDTHS {
            let text = shown(judgement, "text", width);
            assert!(!rows(&text).is_empty(), "{} at {width}\n{text}", case.name);
        }
    }
}

/// What, how it was measured, what changed, why, and what next: each has its line.
#[test]
fn cause_and_next_step_have_a_line() {
    for case in cases::all() {
        let judgement = &case.judgement;
        for width in WIDTHS {
            let text = shown(judgement, "text", width);
            let context = section(&text, "Context").expect("the context");
            let model = judgement.context.current["model"]
                .as_str()
                .expect("a model");
            assert!(context.starts_with(model), "{context}");
            assert!(context.contains("n="), "{context}");
            let identity = &judgement.identity;
            let same = identity.mismatched.is_empty() && identity.varied.is_empty();
            match same && judgement.changed.is_empty() {
                true => assert!(context.contains("no known change"), "{context}"),
                false => assert!(section(&text, "Changed").is_some(), "{text}"),
            }
            let next = judgement.next_lever.as_ref().expect("a lever");
            let lever = section(&text, "Next").expect("the next lever");
            let first = next.first.lever.split(' ').next().expect("a word");
            assert!(lever.starts_with(first), "{lever}");
            assert!(
                lever.contains("; unlock: ") && lever.contains("; gate: "),
                "{lever}"
            );
            let says_why = !matches!(judgement.rule, Rule::Headline | Rule::None);
            assert_eq!(
                section(&text, "Why").is_some(),
                says_why,
                "{}\n{text}",
                case.name
            );
            // What a regression lacks comes after its rows, and what has no verdict lacks none.
            let draft = !judgement.promote.is_empty();
            let lacks = section(&text, "Lacks").is_some();
            match judgement.verdict {
                Verdict::Green | Verdict::Yellow => assert_eq!(lacks, draft, "{text}"),
                Verdict::Red => assert!(draft || !lacks, "{text}"),
                Verdict::NoVerdict => assert!(!lacks, "{text}"),
            }
            if judgement.verdict == Verdict::Green {
                let advice = section(&text, "Advice").expect("advice");
                let begin: String = judgement.recommendation.chars().take(39).collect();
                assert!(advice.starts_with(&begin), "{advice}");
            }
            let rows = section(&text, "Rows").unwrap_or_default();
            let found = section(&text, "Findings").is_some() || rows.contains(" finding");
            assert_eq!(
                found,
                !judgement.findings.is_empty(),
                "{}\n{text}",
                case.name
            );
        }
    }
}

/// In the width that fits it, a text says the whole reason and advice.
#[test]
fn a_safe_run_says_so() {
    let judgement = cases::case("triple-that-is-safe").judgement;
    for width in WIDTHS {
        let text = shown(&judgement, "text", width);
        assert!(text.contains("✓ GREEN (VERDICT): c16 throughput"), "{text}");
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains("Safe to promote."), "{text}");
        // Medians and interval as numpy gives them from the three documents of each side.
        assert!(
            flat.contains("742.9 -> 744.4 tok/s") && flat.contains("n=3+3"),
            "{text}"
        );
    }
}

#[test]
fn an_identity_that_differs_is_said_with_both_values() {
    let judgement = cases::case("rule-not-comparable").judgement;
    for width in WIDTHS {
        let text = shown(&judgement, "text", width);
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            flat.contains("deployment.quantization: baseline BF16, current NVFP4"),
            "{text}"
        );
        assert!(flat.contains("BF16 -> NVFP4"), "{text}");
    }
}

/// Colour adds codes around words and changes none of them.
#[test]
fn colour_changes_no_word() {
    for case in cases::all() {
        for name in ["text", "text-all"] {
            let form = form(name).expect("a form");
            let layout = Layout {
                width: 80,
                colour: true,
            };
            let text = (form.render)(&case.judgement, layout);
            assert!(text.contains("\u{1b}["), "{}", case.name);
            let plain = perfbridge_guest::text::strip_ansi(&text);
            assert_eq!(plain, shown(&case.judgement, name, 80), "{}", case.name);
        }
    }
}
