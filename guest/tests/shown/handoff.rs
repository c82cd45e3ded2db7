//! `HANDOFF.md`: the levers, and what an earlier one knows of them.

use super::{cases, shown};
use perfbridge_guest::render::handoff::take_over;
use perfbridge_guest::text::markdown_cells;

/// The cells of the rows of levers.
fn rows(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().filter(|line| line.starts_with('|'));
    lines.skip(2).map(markdown_cells).collect()
}

#[test]
fn every_lever_of_the_judgement_is_a_row_and_open() {
    for case in cases::all() {
        let text = shown(&case.judgement, "handoff", 80);
        let rows = rows(&text);
        let next = case.judgement.next_lever.as_ref();
        let levers = next.map_or(0, |next| 1 + next.frontier.len());
        assert_eq!(rows.len(), levers, "{}\n{text}", case.name);
        for row in &rows {
            assert_eq!(row.len(), 7, "{text}");
            assert!(
                ["minutes", "hours", "days"].contains(&row[2].as_str()),
                "{text}"
            );
            assert_eq!(row[5..], ["open", ""], "{text}");
        }
        let model = case.judgement.context.current["model"].as_str();
        let title = format!("# Frontier: {}", model.expect("a model"));
        assert_eq!(text.lines().next(), Some(title.as_str()));
        assert!(text.contains(case.judgement.verdict.as_str()), "{text}");
    }
}

const HEAD: &str = "# Frontier: m\n\n| Lever | Why here | Cost | Expected unlock | Gate | Status | Outcome |\n|---|---|---|---|---|---|---|\n";

#[test]
fn what_somebody_wrote_is_taken_over() {
    let today = format!(
        "{HEAD}| pin \\| route | hits fell | minutes | TTFT | ttft within 10 % | open | |\n| more trials | one run | hours | a verdict | 3 trials | open | |\n"
    );
    let earlier = format!(
        "Notes of the week.\n{HEAD}| more trials | other reason | hours | a verdict | 3 trials | open | |\n\
         | pin \\| route | it was so | minutes | TTFT | within 10 % | refuted | TTFT p50 +0.1 % \\| n=5 |\n\
         | eagle3 | unrecorded | hours | speed | tps | tried | +18 % at c1 |\n\
         | fp8 KV | by hand | days | room | peak | open | waits for a build |\n\
         | sweep | peak 60 % | hours | more | tok/s | open | |\n| too | short |\n"
    );
    // The row of today keeps its reason and its gate; what nobody wrote into is gone, and so is the note.
    let expected = format!(
        "{HEAD}| pin \\| route | hits fell | minutes | TTFT | ttft within 10 % | refuted | TTFT p50 +0.1 % \\| n=5 |\n\
         | more trials | one run | hours | a verdict | 3 trials | open | |\n\
         | eagle3 | unrecorded | hours | speed | tps | tried | +18 % at c1 |\n\
         | fp8 KV | by hand | days | room | peak | open | waits for a build |\n"
    );
    let taken = take_over(&today, &earlier);
    assert_eq!(taken, expected);
    // The next one has all of it again, and so on for ever.
    assert_eq!(take_over(&today, &taken), expected);
    assert_eq!(take_over(&expected, &expected), expected);
    assert_eq!(take_over(&today, ""), today);
    // An editor that draws tables anew makes no lever of the head and the line below it.
    let wider = earlier
        .replace("| Lever |", "| Lever     |")
        .replace("|---|---|", "|:-----|---|");
    assert_eq!(take_over(&today, &wider), expected);
}
