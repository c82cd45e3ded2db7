//! The Markdown of a pull request.

use super::{cases, headline, headline_numbers, outside, shown};
use perfbridge_guest::judge::rule::Verdict;
use perfbridge_guest::text::markdown_cells;

/// Characters that GitHub's comment, 780 px wide, gives to the text of five cells: some 6.7 px each, and 26 px of padding a
/// cell. A reason in the last cell may be broken between words, and no other cell needs to be.
const ROOM: usize = 97;

/// What stands before the fold.
fn screen(text: &str) -> &str {
    text.split_once("<details>").expect("a fold").0
}

/// The cells of the rows of the table before the fold.
fn table(text: &str) -> Vec<Vec<String>> {
    let lines = screen(text).lines().filter(|line| line.starts_with('|'));
    lines.map(markdown_cells).collect()
}

#[test]
fn at_most_eight_rows_of_five_cells_fit_the_comment() {
    for case in cases::all() {
        let text = shown(&case.judgement, "markdown", 80);
        let table = table(&text);
        let outside = outside(&case.judgement).len();
        let rows = table.len().saturating_sub(2);
        assert_eq!(rows, outside.min(8), "{}\n{text}", case.name);
        assert!(table.iter().all(|cells| cells.len() == 5), "{text}");
        let in_words = |cell: &String| !cell.contains('(');
        let widest = |at: usize| {
            let whole = table.iter().map(|cells| &cells[at]);
            let whole = whole.filter(|cell| at < 4 || !in_words(cell));
            let of_column = whole.map(|cell| cell.chars().count());
            of_column.max().unwrap_or_default()
        };
        let width: usize = (0..5).map(widest).sum();
        assert!(width <= ROOM, "{}: {width}\n{}", case.name, screen(&text));
        let reasons = table.iter().skip(2).map(|cells| &cells[4]);
        let mut reasons = reasons.filter(|cell| in_words(cell));
        assert!(reasons.all(|reason| reason.chars().count() <= 28), "{text}");
        let said = match outside {
            0 => "rows are within tolerance".to_owned(),
            9.. => format!("{} more below; ", outside - 8),
            _ => "within tolerance".to_owned(),
        };
        assert!(screen(&text).contains(&said), "{}", screen(&text));
        assert!(screen(&text).lines().count() <= 28, "{}", screen(&text));
    }
}

#[test]
fn the_first_sentence_is_the_verdict_with_both_numbers() {
    for case in cases::all() {
        let judgement = &case.judgement;
        let text = shown(judgement, "markdown", 80);
        let mark = match judgement.verdict {
            Verdict::Green => "🟢",
            Verdict::Yellow => "🟡",
            Verdict::Red => "🔴",
            Verdict::NoVerdict => "⚪",
        };
        let begin = format!(
            "{mark} **{}** by rule `{}`",
            judgement.verdict.as_str(),
            judgement.rule.as_str()
        );
        let first = text.lines().nth(2).expect("a sentence");
        assert!(first.starts_with(&begin), "{first}");
        for number in headline_numbers(judgement) {
            assert!(first.contains(&number), "{}: {number}: {first}", case.name);
        }
        for label in ["Changed", "Why", "Advice", "Next", "Context"] {
            assert!(
                screen(&text).contains(&format!("- **{label}:** ")),
                "{text}"
            );
        }
    }
}

/// Without a verdict no row has a colour, and the reason has its values.
#[test]
fn without_a_verdict_rows_are_grey() {
    let mut seen = 0;
    for case in cases::all() {
        if case.judgement.verdict != Verdict::NoVerdict {
            continue;
        }
        let text = shown(&case.judgement, "markdown", 80);
        for cells in table(&text).iter().skip(2) {
            seen += 1;
            assert!(cells[0].starts_with('⚪'), "{cells:?}");
        }
        assert!(
            screen(&text).contains("without a verdict none counts"),
            "{text}"
        );
    }
    assert!(seen > 8, "{seen}");
    let text = shown(
        &cases::case("rule-not-comparable").judgement,
        "markdown",
        80,
    );
    let values = "  - deployment.quantization: baseline BF16, current NVFP4; ";
    assert!(screen(&text).contains(values), "{text}");
}

/// What could not be judged says why in place of a change.
#[test]
fn rows_that_are_not_judged_say_why() {
    for case in cases::all() {
        let text = shown(&case.judgement, "markdown", 80);
        let mut worst = outside(&case.judgement);
        worst.sort_by(|a, b| a.worst_first(b));
        for (cells, row) in table(&text).iter().skip(2).zip(worst) {
            match row.status.is_judged() {
                true => assert!(cells[4].starts_with(&row.shown.change), "{cells:?}"),
                false => assert!(cells[4].len() > 5 && !cells[4].contains('('), "{cells:?}"),
            }
        }
    }
}

#[test]
fn the_fold_has_the_rest() {
    for case in cases::all() {
        let judgement = &case.judgement;
        let text = shown(judgement, "markdown", 80);
        assert_eq!(text.matches("<details>").count(), 1);
        assert!(text.ends_with("\n\n</details>\n"), "{text}");
        let (_, fold) = text.split_once("<details>").expect("a fold");
        for row in &judgement.rows {
            let measured = row.baseline.is_some() || row.current.is_some();
            let cell = format!("| {} | {} |", row.number.place, row.name());
            assert_eq!(fold.contains(&cell), measured, "{}: {cell}", case.name);
        }
        for heading in ["Rows, worst first", "Context of every number", "Levers"] {
            assert!(fold.contains(heading), "{fold}");
        }
        for finding in &judgement.findings {
            assert!(
                fold.contains(&format!("- `{}`", finding.code.as_str())),
                "{fold}"
            );
        }
        if headline(judgement).is_some_and(|row| row.known.trials.is_some()) {
            assert!(fold.contains("mean "), "{fold}");
        }
    }
}
