//! How much a judgement can carry: `DRAFT` or `VERDICT`.

use super::rows::{Row, Status};
use crate::document::Document;
use crate::fields;
use crate::finding::{Finding, FindingCode};
use crate::measure::metrics;
use serde_json::Value;

/// Trials an arm from which on noise is known.
pub const TRIALS: usize = 3;

/// What keeps a judgement from being a verdict; empty for a verdict.
pub fn missing(
    baseline: &Document,
    current: &Document,
    rows: &[Row],
    headline_level: u32,
    findings: &[Finding],
) -> Vec<String> {
    let mut missing = Vec::new();
    for (name, side) in [("baseline", baseline), ("current run", current)] {
        let have = side.trials.len().max(1);
        if have < TRIALS {
            missing.push(format!(
                "at least {TRIALS} trials of the {name} (it has {have}); repeat --{} for each run",
                option(name)
            ));
        }
    }
    if !same_node(baseline, current) {
        missing.push("the same node or cohort on both sides: state --set context.same_node=true, or deployment.cluster on both".to_owned());
    }
    let one_sided = findings
        .iter()
        .filter(|finding| finding.code == FindingCode::IdentityUnknown);
    let fields: Vec<&str> = one_sided
        .filter_map(|finding| finding.place.as_deref())
        .collect();
    if !fields.is_empty() {
        missing.push(format!(
            "a context that is known on both sides: {}",
            fields.join(", ")
        ));
    }
    let incomplete: Vec<&str> = findings
        .iter()
        .filter(|finding| {
            matches!(
                finding.code,
                FindingCode::RequestsMissing | FindingCode::DurationShort
            )
        })
        .filter_map(|finding| finding.place.as_deref())
        .collect();
    if !incomplete.is_empty() {
        missing.push(format!(
            "runs that send all their planned requests and last their planned time: {}",
            incomplete.join(", ")
        ));
    }
    let level = headline_level.to_string();
    let headline = rows
        .iter()
        .find(|row| row.metric == metrics::HEADLINE && row.level == level);
    match headline.and_then(|row| Some((row, row.known.noise.as_ref()?))) {
        Some((row, noise)) if noise.relative_floor < row.tolerance => {}
        Some((row, noise)) => missing.push(format!(
            "a noise floor of the headline below its tolerance ({:.2} % against {} %): more trials, or a quieter machine",
            noise.relative_floor, row.tolerance
        )),
        None => missing.push("a known noise of the headline".to_owned()),
    }
    let decided = |row: &&Row| {
        matches!(
            row.status,
            Status::Regressed | Status::Unresolved | Status::Within
        )
    };
    let low: Vec<String> = findings
        .iter()
        .filter(|finding| finding.code == FindingCode::LowSamples)
        .filter_map(|finding| finding.place.clone())
        .filter(|place| {
            rows.iter()
                .filter(decided)
                .any(|row| *place == format!("metrics.{}.{}", row.level, row.metric))
        })
        .collect();
    if !low.is_empty() {
        missing.push(format!(
            "enough requests for the percentiles quoted, or --tails observe: {}",
            low.join(", ")
        ));
    }
    missing
}

fn option(name: &str) -> &str {
    if name == "baseline" {
        "baseline"
    } else {
        "current"
    }
}

fn same_node(baseline: &Document, current: &Document) -> bool {
    let of = |side: &Document, path: &str| fields::get(&side.map, path).cloned();
    let stated = |side: &Document| of(side, "context.same_node") == Some(Value::Bool(true));
    let clusters = [baseline, current].map(|side| of(side, "deployment.cluster"));
    stated(current) || matches!(&clusters, [Some(a), Some(b)] if fields::same(a, b))
}
