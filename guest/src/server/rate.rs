//! Generated tokens per second of the measured phases.

use super::catalog::GENERATED;
use super::resolved::{Conditions, Measured, Resolved};
use super::select::Chosen;
use super::sums;
use crate::files::folder;
use crate::finding::{Finding, FindingCode};
use crate::run::server::{Export, ExportFormat, Family, ServerMetrics, Summary};
use std::collections::BTreeMap;

/// One export for each folder: the JSON where it is there, since the CSV holds the same rounded.
pub(super) fn best_exports(observed: &ServerMetrics) -> Vec<&Export> {
    let mut best: BTreeMap<&str, &Export> = BTreeMap::new();
    for export in &observed.exports {
        let kept = best.entry(folder(&export.file)).or_insert(export);
        if export.format == ExportFormat::Json {
            *kept = export;
        }
    }
    best.into_values().collect()
}

/// Fills in the throughput: the increase of generated tokens over the summed time of the levels.
pub(super) fn resolve(
    observed: &ServerMetrics,
    chosen: &Chosen,
    conditions: &Conditions,
    resolved: &mut Resolved,
) {
    let exports = best_exports(observed);
    resolved.generation_tps = match throughput(&exports, chosen, conditions, &mut resolved.findings)
    {
        Ok(measured) => measured,
        Err(reason) => Measured::missing(reason),
    };
}

fn throughput(
    exports: &[&Export],
    chosen: &Chosen,
    conditions: &Conditions,
    findings: &mut Vec<Finding>,
) -> Result<Measured, String> {
    let family = GENERATED
        .iter()
        .find(|family| {
            exports
                .iter()
                .any(|export| total(export, **family, chosen).is_some())
        })
        .ok_or_else(|| nothing(exports))?;
    if let Some(message) = exports
        .iter()
        .find_map(|export| restarted(export, *family, chosen))
    {
        findings.push(Finding::new(
            FindingCode::CounterReset,
            "server_metrics_delta.avg_generation_throughput_toks_per_s".to_owned(),
            &*message,
        ));
        return Err(message);
    }
    let counted: Vec<(&&Export, f64)> = exports
        .iter()
        .filter_map(|export| Some((export, total(export, *family, chosen)?)))
        .collect();
    if let Some(levels) = conditions.levels
        && levels != counted.len()
    {
        return Err(format!(
            "{} of {levels} levels have a server metrics export with generated tokens; all are needed",
            counted.len()
        ));
    }
    let seconds = conditions
        .benchmark_seconds
        .filter(|seconds| *seconds > 0.0)
        .ok_or("the length of the measured phases is not known")?;
    let tokens: f64 = counted.iter().map(|(_, total)| total).sum();
    let name = counted
        .iter()
        .flat_map(|(export, _)| &export.series)
        .find(|one| one.family == *family);
    Ok(Measured {
        value: Some(tokens / seconds),
        metric: name.map(|one| one.name.clone()),
        files: counted
            .iter()
            .map(|(export, _)| export.file.clone())
            .collect(),
        reason: None,
    })
}

fn nothing(exports: &[&Export]) -> String {
    if exports.is_empty() {
        "the bundle holds no server metrics export of AIPerf; let AIPerf scrape the server (it does by default)".to_owned()
    } else {
        "no server metrics export counts generated tokens".to_owned()
    }
}

fn total(export: &Export, family: Family, chosen: &Chosen) -> Option<f64> {
    let ours = |one: &&Summary| one.family == family && chosen.takes(&one.labels);
    let values: Vec<_> = export
        .series
        .iter()
        .filter(ours)
        .filter_map(|one| Some((&one.labels, one.total?)))
        .collect();
    let engines = sums::per_engine(values);
    (!engines.is_empty()).then(|| engines.iter().sum())
}

/// Says so when the server restarted within the measured phase of a level.
fn restarted(export: &Export, family: Family, chosen: &Chosen) -> Option<String> {
    let mut ours = export.series.iter().filter(|one| chosen.takes(&one.labels));
    ours.find_map(|one| {
        let start = one.family == Family::ProcessStart;
        let (min, max) = (one.min.unwrap_or(0.0), one.max.unwrap_or(0.0));
        if start && max - min > 1.0 {
            return Some(format!(
                "the server restarted during a measured phase: {} went from {min} to {max} in {}",
                one.name, export.file
            ));
        }
        let total = one
            .total
            .filter(|total| *total < 0.0 && one.family == family)?;
        Some(format!(
            "the server restarted during a measured phase: {}{} grew by {total} in {}",
            one.name, one.labels, export.file
        ))
    })
}
