//! Generated tokens of the measured phases: as the server counts them, against what the client received.

use super::catalog::GENERATED;
use super::resolved::{Conditions, Load, Measured, Resolved};
use super::select::Chosen;
use super::sums;
use crate::files::folder;
use crate::finding::{Finding, FindingCode};
use crate::measure::level::level_in_path;
use crate::order::Ordered as _;
use crate::run::Labels;
use crate::run::server::{Export, ExportFormat, Family, ServerMetrics};
use std::collections::BTreeMap;

/// By how much of what the client received the server's count may differ.
const APART: f64 = 0.05;

/// The same where the client counts the tokens of the text anew: that gave up to 22 % more than the server had generated
/// (a model of random weights, whose text no tokenizer joins as it was), and rarely fewer.
const APART_RECOUNTED: f64 = 0.25;

/// From here on the server's count is a multiple: most of the load was somebody else's.
const MULTIPLE: f64 = 1.5;

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

/// Fills in the throughput: the increase of generated tokens over the summed time of the levels. `reset` is why no
/// increase can be taken. Says whether the server's tokens are a multiple of what the client received.
pub(super) fn resolve(
    observed: &ServerMetrics,
    chosen: &Chosen,
    conditions: &Conditions,
    reset: Option<&str>,
    resolved: &mut Resolved,
) -> bool {
    let mut is_multiple = false;
    let found = throughput(
        observed,
        chosen,
        conditions,
        reset,
        resolved,
        &mut is_multiple,
    );
    resolved.generation_tps = found.unwrap_or_else(Measured::missing);
    is_multiple
}

fn throughput(
    observed: &ServerMetrics,
    chosen: &Chosen,
    conditions: &Conditions,
    reset: Option<&str>,
    resolved: &mut Resolved,
    is_multiple: &mut bool,
) -> Result<Measured, String> {
    let exports = &best_exports(observed);
    if exports.is_empty() {
        return Err(observed.missing("the bundle holds no server metrics export of AIPerf; let AIPerf scrape the server (it does by default)"));
    }
    let family = family(exports, chosen)
        .ok_or_else(|| observed.missing("no server metrics export counts generated tokens"))?;
    if let Some(reset) = reset {
        return Err(reset.to_owned());
    }
    let loads = &conditions.loads;
    let counted: Vec<(&Load, &Export, f64)> = loads
        .iter()
        .filter_map(|load| {
            let export = of_load(load, loads, exports)?;
            Some((load, export, total(export, family, chosen)?))
        })
        .collect();
    let wrong: Vec<Finding> = counted
        .iter()
        .filter_map(|(load, _, tokens)| apart(load, *tokens))
        .collect();
    *is_multiple = exceeds_by_far(&counted) && wrong.iter().any(is_other_traffic);
    let reason = wrong.first().map(|finding| {
        let count = wrong.len();
        let rest = format!(" (and at {} more places)", count - 1);
        let place = finding.place.text().unwrap_or_default();
        let more = if count > 1 { &rest } else { "" };
        format!("{place}: {}{more}", finding.message)
    });
    resolved.findings.extend(wrong);
    if loads.is_empty() {
        return Err("the length of the measured phases is not known".to_owned());
    }
    if let Some(reason) = reason {
        return Err(reason);
    }
    if loads.len() != counted.len() {
        return Err(format!(
            "{} of {} levels have a server metrics export with generated tokens; all are needed",
            counted.len(),
            loads.len()
        ));
    }
    let seconds: Option<Vec<f64>> = loads.iter().map(|load| load.seconds).collect();
    let seconds = seconds
        .map(|all| all.iter().sum::<f64>())
        .filter(|seconds| *seconds > 0.0)
        .ok_or("the length of the measured phases is not known")?;
    let tokens: f64 = counted.iter().map(|(_, _, total)| total).sum();
    let name = counted
        .iter()
        .flat_map(|(_, export, _)| &export.series)
        .find(|one| one.family == family);
    let mut files: Vec<String> = counted
        .iter()
        .map(|(_, export, _)| export.file.clone())
        .collect();
    files.order();
    Ok(Measured {
        value: Some(tokens / seconds),
        metric: name.map(|one| one.name.clone()),
        files,
        reason: None,
    })
}

fn family(exports: &[&Export], chosen: &Chosen) -> Option<Family> {
    let counts = |family: Family| {
        let mut exports = exports.iter();
        exports.any(|export| total(export, family, chosen).is_some())
    };
    GENERATED.iter().copied().find(|family| counts(*family))
}

/// The export of a place: beside its results, named for its level, or the only one.
pub(super) fn of_load<'a>(
    load: &Load,
    loads: &[Load],
    exports: &[&'a Export],
) -> Option<&'a Export> {
    let beside = |export: &&&Export| {
        let home = home(&export.file);
        load.folders.iter().any(|folder| folder == home)
    };
    let named = |export: &&&Export| {
        let level = level_in_path(&export.file);
        level.is_some() && level == load.place.concurrency()
    };
    let only = || {
        exports
            .first()
            .filter(|_| exports.len() == 1 && loads.len() == 1)
    };
    let found = exports.iter().find(beside);
    found
        .or_else(|| exports.iter().find(named))
        .or_else(only)
        .copied()
}

/// The folder of a run; AIPerf repeats its exports for each phase in `phases/<phase>` below it.
pub fn home(file: &str) -> &str {
    split_phase(file).map_or_else(|| folder(file), |(run, _)| run)
}

/// `a/phases/warmup/x.json` is (`a`, `warmup`).
pub fn split_phase(path: &str) -> Option<(&str, &str)> {
    let (before, phase) = folder(path).rsplit_once('/')?;
    let run = if before == "phases" {
        ""
    } else {
        before.strip_suffix("/phases")?
    };
    Some((run, phase))
}

fn total(export: &Export, family: Family, chosen: &Chosen) -> Option<f64> {
    increase(export, family, &|labels| chosen.takes(labels))
}

fn increase(export: &Export, family: Family, takes: &dyn Fn(&Labels) -> bool) -> Option<f64> {
    let values: Vec<_> = export
        .series
        .iter()
        .filter(|one| one.family == family && takes(&one.labels))
        .filter_map(|one| Some((&one.labels, one.total?)))
        .collect();
    let engines = sums::per_engine(values);
    (!engines.is_empty()).then(|| engines.iter().sum())
}

/// Tokens that all servers of all exports generated, whatever their model.
pub(super) fn generated_by_all(exports: &[&Export]) -> Option<f64> {
    GENERATED.iter().find_map(|family| {
        let increases = exports
            .iter()
            .filter_map(|export| increase(export, *family, &|_| true));
        increases.reduce(|sum, one| sum + one)
    })
}

/// Whether a server that generated `tokens` was not seen whole: the client received more.
pub(super) fn is_short(received: f64, tokens: f64, is_recounted: bool) -> bool {
    let apart = if is_recounted { APART_RECOUNTED } else { APART };
    received - tokens > apart * received + 1e-9 * received
}

/// `OTHER_TRAFFIC` or `SERVER_SAMPLES_SHORT` of one place.
fn apart(load: &Load, tokens: f64) -> Option<Finding> {
    let received = load.received.filter(|received| *received > 0.0)?;
    let edge = 1e-9 * received;
    if is_short(received, tokens, load.recounted.is_some()) {
        return Some(Finding::new(
            FindingCode::ServerSamplesShort,
            load.place,
            format!(
                "the server's samples show {} generated tokens in the measured phase, the client received {} ({:.1} % fewer): the samples do not cover the phase, or show a part of the servers",
                tokens,
                text(received),
                100.0 * (received - tokens) / received
            ),
        ));
    }
    // The token that ends a request is in no text.
    let excess = tokens - received - load.recounted.unwrap_or(0.0);
    if excess <= APART * received + edge || excess <= load.failed.unwrap_or(0.0) + edge {
        return None;
    }
    let failed = match load.failed {
        Some(0.0) => "no request failed".to_owned(),
        Some(failed) => format!(
            "requests that failed or never ended account for {} at most",
            text(failed)
        ),
        None => "how many requests failed is not known".to_owned(),
    };
    Some(Finding::new(
        FindingCode::OtherTraffic,
        load.place,
        format!(
            "the server generated {} tokens in the measured phase, the client received {} ({:.2} times as many; {failed}): another load ran, or this is not the server that was measured",
            tokens,
            text(received),
            tokens / received
        ),
    ))
}

fn is_other_traffic(finding: &Finding) -> bool {
    finding.code == FindingCode::OtherTraffic
}

fn exceeds_by_far(counted: &[(&Load, &Export, f64)]) -> bool {
    let known = counted
        .iter()
        .filter_map(|(load, _, tokens)| Some((load.received?, *tokens)));
    let (received, tokens) = known.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    received > 0.0 && tokens > MULTIPLE * received
}

/// Tokens are whole; products of means are nearly so.
fn text(tokens: f64) -> String {
    format!("{tokens:.0}")
}
