//! `diff.md`.

use super::baseline::Baseline;
use super::outcome::Outcome;
use crate::python::float::six_significant;

/// As many rows as the bundle keeps.
pub const KEPT_ROWS: usize = 20;

/// The comparison for people.
pub fn markdown(baseline: &Baseline, outcome: &Outcome) -> String {
    let mut lines = head(baseline, outcome);
    lines.push(String::new());
    lines.extend(table(outcome));
    lines.push(String::new());
    let green = if outcome.direction == "two-sided" {
        "two-sided deviation"
    } else {
        "adverse change"
    };
    lines.push(format!("GREEN means no {green} exceeded tolerance."));
    lines.join("\n") + "\n"
}

fn head(baseline: &Baseline, outcome: &Outcome) -> Vec<String> {
    let tolerance = match outcome.tolerance.absolute {
        Some(absolute) => format!("absolute {}", six_significant(absolute)),
        None => format!("{}%", six_significant(outcome.tolerance.percent)),
    };
    let mut lines = vec![
        format!(
            "# Performance baseline diff: {} / {}",
            baseline.family, baseline.measurement
        ),
        String::new(),
        format!("- Direction: `{}`", outcome.direction),
        format!("- Tolerance: `{tolerance}`"),
        format!("- Verdict: **{}**", outcome.verdict()),
    ];
    if let Some(ruling) = &outcome.ruling {
        lines.push(format!(
            "- Judged per metric by rule `{}`: {}",
            ruling.rule,
            one_line(&ruling.why)
        ));
    }
    if !outcome.comparison.missing.is_empty() {
        let keys: Vec<_> = outcome
            .comparison
            .missing
            .iter()
            .map(|key| format!("`{}`", one_line(key)))
            .collect();
        lines.push(format!(
            "- Missing from the current file: {}",
            keys.join(", ")
        ));
    }
    lines
}

fn table(outcome: &Outcome) -> Vec<String> {
    let mut lines = vec![
        "| Key | Baseline | Current | Delta | Delta % | Adverse beyond tolerance |".to_owned(),
        "|---|---:|---:|---:|---:|---|".to_owned(),
    ];
    for row in outcome
        .comparison
        .sorted(&outcome.tolerance)
        .into_iter()
        .take(KEPT_ROWS)
    {
        let over = row.is_over(&outcome.tolerance, &outcome.direction);
        let percent = number(row.delta_pct(), "%");
        lines.push(format!(
            "| {} | {} | {} | {} | {percent} | {} |",
            one_line(&row.key).replace('|', "\\|"),
            number(Some(row.baseline), ""),
            number(Some(row.current), ""),
            number(Some(row.delta()), ""),
            if over { "yes" } else { "no" },
        ));
    }
    lines
}

fn number(value: Option<f64>, unit: &str) -> String {
    match value.filter(|value| value.is_finite()) {
        Some(value) => six_significant(value) + unit,
        None => "n/a".to_owned(),
    }
}

fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}
