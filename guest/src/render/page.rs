//! What the page says beside the numbers: sentences that no record of the judgement holds, and the order of the rows.

use super::entries::json;
use super::{answer, told};
use crate::judge::Judgement;
use crate::judge::verdict::Verdict;

/// Renders `{verdict, headline, changed, unmeasured, uncounted, order}` as JSON: texts, of which `unmeasured` and `uncounted` are empty
/// where there is nothing to say, and in `order` the position in the list of rows of each that either side
/// measured, worst first.
pub fn render(judgement: &Judgement) -> String {
    let place_of = |number| {
        let mut rows = judgement.rows.iter();
        rows.position(|row| row.number == number)
    };
    let order: Vec<String> = told::worst_first(judgement)
        .iter()
        .filter_map(|row| Some(place_of(row.number.clone())?.to_string()))
        .collect();
    let unmeasured = told::unmeasured(judgement).map_or_else(String::new, |missing| {
        format!("not measured on either side: {missing}")
    });
    let uncounted = match judgement.verdict {
        Verdict::NoVerdict => told::UNCOUNTED,
        _ => "",
    };
    format!(
        r#"{{"verdict":{},"headline":{},"changed":{},"unmeasured":{},"uncounted":{},"order":[{}]}}"#,
        json(judgement.verdict.as_str()),
        json(&told::headline(judgement).sentence()),
        json(&answer::changed(judgement)),
        json(&unmeasured),
        json(uncounted),
        order.join(",")
    ) + "\n"
}
