//! The rows as CSV after RFC 4180, each with the verdict: for spreadsheets and data frames.

use super::entries::model;
use super::screen::clean;
use super::told;
use crate::judge::Judgement;
use serde_json::Value;

const HEADER: &str = "model,metric,place,unit,direction,baseline,current,delta,delta_pct,tolerance,tolerance_kind,tolerance_origin,status,explanation,verdict,rule,tier";

/// Renders every row, those without numbers too. Numbers are as in the JSON; an absent one is empty.
pub fn render(judgement: &Judgement, _: super::Layout) -> String {
    let model = text(&model(judgement));
    let mut out = HEADER.to_owned();
    if judgement.gate.is_some() {
        out += ",gate,waiver";
    }
    for row in &judgement.rows {
        let metric = row.metric;
        out += "\r\n";
        out += &model;
        put(&mut out, &text(&row.name()));
        put(&mut out, &text(&row.number.place.to_string()));
        put(&mut out, metric.unit().as_str());
        put(&mut out, metric.better.as_str());
        let tolerance = Some(row.tolerance);
        for value in [
            row.baseline,
            row.current,
            row.delta,
            row.delta_pct,
            tolerance,
        ] {
            let value = value.map_or_else(String::new, |value| Value::from(value).to_string());
            put(&mut out, &value);
        }
        put(&mut out, metric.kind.as_str());
        put(&mut out, row.applied.origin.as_str());
        put(&mut out, row.status.as_str());
        put(&mut out, &text(&row.explanation));
        put(&mut out, judgement.verdict.as_str());
        put(&mut out, judgement.rule.as_str());
        put(&mut out, judgement.tier.as_str());
        if let Some(gate) = &judgement.gate {
            let waiver = told::waiver(judgement, row).unwrap_or_default();
            put(&mut out, gate.outcome.as_str());
            put(&mut out, &text(&waiver));
        }
    }
    out + "\r\n"
}

/// One cell more of a row.
fn put(out: &mut String, cell: &str) {
    out.push(',');
    out.push_str(cell);
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
