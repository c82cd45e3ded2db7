//! The rows as CSV after RFC 4180, each with the verdict: for spreadsheets and data frames.

use super::entries::model;
use super::screen::clean;
use super::told;
use crate::judge::Judgement;
use serde_json::Value;

const HEADER: &str = "model,metric,place,unit,direction,baseline,current,delta,delta_pct,tolerance,tolerance_kind,tolerance_origin,status,explanation,verdict,rule,tier";

/// Renders every row, those without numbers too. Numbers are as in the JSON; an absent one is empty.
pub fn render(judgement: &Judgement, _: super::Layout) -> String {
    let mut out = HEADER.to_owned();
    if judgement.gate.is_some() {
        out += ",gate,waiver";
    }
    out += "\r\n";
    let number =
        |value: Option<f64>| value.map_or_else(String::new, |value| Value::from(value).to_string());
    for row in &judgement.rows {
        let cells = [
            text(&model(judgement)),
            text(&row.name()),
            text(&row.number.place.to_string()),
            row.metric.unit().as_str().to_owned(),
            row.metric.better.as_str().to_owned(),
            number(row.baseline),
            number(row.current),
            number(row.delta),
            number(row.delta_pct),
            number(Some(row.tolerance)),
            row.metric.kind.as_str().to_owned(),
            row.applied.origin.as_str().to_owned(),
            row.status.as_str().to_owned(),
            text(&row.explanation),
            judgement.verdict.as_str().to_owned(),
            judgement.rule.as_str().to_owned(),
            judgement.tier.as_str().to_owned(),
        ];
        out += &cells.join(",");
        if let Some(gate) = &judgement.gate {
            let waiver = told::waiver(judgement, row).unwrap_or_default();
            out += &format!(",{},{}", gate.outcome.as_str(), text(&waiver));
        }
        out += "\r\n";
    }
    out
}

/// A text that a spreadsheet takes for text: none that it would compute, and in quotes where it holds a sign of CSV.
fn text(text: &str) -> String {
    let mut safe = clean(text);
    if safe.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        safe.insert(0, '\'');
    }
    match safe.contains([',', '"']) {
        true => format!("\"{}\"", safe.replace('"', "\"\"")),
        false => safe,
    }
}
