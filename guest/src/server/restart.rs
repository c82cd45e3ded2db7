//! Whether the scrapes are of one server that lived through the run.
//!
//! Two negative increases make a plausible ratio, so every single series is checked.

use super::catalog::{engine, is_counter};
use super::rate::best_exports;
use super::select::{Chosen, Pair};
use crate::files::folder;
use crate::finding::{Finding, FindingCode};
use crate::order::{Keyed as _, Ordered as _};
use crate::run::Labels;
use crate::run::server::{Export, Family, Moment, Scrape, Series, ServerMetrics};
use std::collections::{BTreeMap, BTreeSet};

/// Labels that say which process counted.
const PLACES: &[&str] = &[
    "instance",
    "pod",
    "pod_name",
    "host",
    "hostname",
    "namespace",
    "endpoint",
    "engine",
    "engine_index",
    "dp_rank",
    "worker_id",
    "replica",
];

/// Two starts of one process differ by rounding only, two processes by more than this, in seconds.
const START_TOLERANCE: f64 = 1.0;

/// How many changes a message names.
const NAMED: usize = 6;

/// Reports a restart, and scrapes of different servers; the answer is why no increase can be taken.
pub(super) fn check(
    observed: &ServerMetrics,
    pairs: &[Pair<'_>],
    chosen: &Chosen,
    findings: &mut Vec<Finding>,
) -> Option<String> {
    let mut steps: Vec<(&Scrape, &Scrape)> = pairs
        .iter()
        .filter_map(|pair| Some((pair.pre?, pair.post?)))
        .collect();
    let swapped: Vec<String> = steps
        .extract_if(.., |(pre, post)| are_swapped(pre, post, chosen))
        .map(|(pre, post)| format!("{} is later than {}", pre.file, post.file))
        .collect();
    let differ: Vec<String> = steps
        .iter()
        .flat_map(|(pre, post)| differences(pre, post, chosen))
        .collect();
    steps.extend(samples(observed, chosen));
    let fell: Vec<String> = steps
        .iter()
        .flat_map(|(before, after)| falls(before, after, chosen))
        .collect();
    let mut reason = None;
    if !swapped.is_empty() {
        let message = format!(
            "the scrapes bear each other's names: {}, since the server did not start again and no counter in it is higher",
            list(&swapped)
        );
        reason = Some("the pre scrape was taken after the post scrape".to_owned());
        findings.push(Finding::new(FindingCode::ScrapesSwapped, None, message));
    }
    if !differ.is_empty() {
        let message = format!(
            "the pre and the post scrape are not of the same servers: {}",
            list(&differ)
        );
        reason = Some(message.clone());
        findings.push(Finding::new(FindingCode::ScrapesDiffer, None, message));
    }
    if !fell.is_empty() {
        let message = format!("the server restarted during the run: {}", list(&fell));
        reason = Some("the server restarted during the run, so its counters began anew".to_owned());
        findings.push(reset(message));
    }
    reason
}

/// Why the pre and post scrapes are of another process than the exports: no engine that was scraped started when one
/// started that an export saw. A gateway that is scraped by one of both has a start of its own, and of several engines
/// one of both may have scraped fewer.
pub(super) fn foreign(
    observed: &ServerMetrics,
    pairs: &[Pair<'_>],
    chosen: &Chosen,
) -> Option<String> {
    let is_start = |family| family == Family::ProcessStart;
    let both = pairs.iter().flat_map(|pair| [pair.pre, pair.post]);
    let of_engine = |scrape: &&Scrape| scrape.series.iter().any(|one| engine(one.family).is_some());
    let scraped: Vec<(f64, &str)> = both
        .flatten()
        .filter(of_engine)
        .flat_map(|scrape| scrape.series.iter().map(|one| (one, scrape.file.as_str())))
        .filter(|(one, _)| is_start(one.family) && chosen.takes(&one.labels))
        .map(|(one, file)| (one.value, file))
        .collect();
    let mut exported: Vec<(f64, &str)> = Vec::new();
    for export in best_exports(observed) {
        let at = |labels: &Labels| labels.only(&["endpoint"]);
        let ours = || export.series.iter().filter(|one| chosen.takes(&one.labels));
        let engines = ours().filter(|one| engine(one.family).is_some());
        let engines: BTreeSet<Labels> = engines.map(|one| at(&one.labels)).into_set();
        let starts =
            ours().filter(|one| is_start(one.family) && engines.contains(&at(&one.labels)));
        let starts = starts.flat_map(|one| [one.min, one.max]).flatten();
        exported.extend(starts.map(|start| (start, export.file.as_str())));
    }
    let (first, other) = (scraped.first()?, exported.first()?);
    let is_one = |(start, _): &(f64, &str)| {
        let mut exported = exported.iter();
        exported.any(|(other, _)| (start - other).abs() <= START_TOLERANCE)
    };
    (!scraped.iter().any(is_one)).then(|| {
        format!(
            "the scrapes are of another server process than the export: it started at {} in {} and at {} in {}",
            first.0, first.1, other.0, other.1
        )
    })
}

/// A restart that AIPerf's exports show: within a measured phase, or between two of them.
pub(super) fn of_exports(observed: &ServerMetrics, chosen: &Chosen) -> Option<String> {
    let exports = best_exports(observed);
    let mut found: Vec<String> = exports
        .iter()
        .flat_map(|export| within(export, chosen))
        .collect();
    let reason = if found.is_empty() {
        found = between(&exports, chosen);
        "the server restarted between the measured phases"
    } else {
        "the server restarted during a measured phase"
    };
    (!found.is_empty()).then(|| format!("{reason}: {}", list(&found)))
}

/// The finding of a restart.
pub(super) fn reset(message: impl Into<String>) -> Finding {
    let place = "server_metrics_delta".to_owned();
    Finding::new(FindingCode::CounterReset, place, message)
}

/// Every series is looked at: engines that went on counting hide the one that began anew in their sum.
fn within(export: &Export, chosen: &Chosen) -> Vec<String> {
    let ours = export.series.iter().filter(|one| chosen.takes(&one.labels));
    let said = ours.filter_map(|one| {
        if one.family == Family::ProcessStart {
            let (min, max) = one.min.zip(one.max)?;
            return (max - min > START_TOLERANCE)
                .then(|| format!("{} went from {min} to {max} in {}", one.name, export.file));
        }
        let fell = one
            .total
            .filter(|total| *total < 0.0 && is_counter(one.family))?;
        Some(format!(
            "{}{} grew by {fell} in {}",
            one.name, one.labels, export.file
        ))
    });
    said.collect()
}

/// Starts of the process at one address in different phases.
fn between(exports: &[&Export], chosen: &Chosen) -> Vec<String> {
    let mut starts: BTreeMap<&Labels, (f64, &str)> = BTreeMap::new();
    let mut found = Vec::new();
    for export in exports {
        let ours = export.series.iter().filter(|one| chosen.takes(&one.labels));
        for one in ours.filter(|one| one.family == Family::ProcessStart) {
            let Some(start) = one.max else { continue };
            let (first, file) = *starts.entry(&one.labels).or_insert((start, &export.file));
            if (first - start).abs() > START_TOLERANCE {
                found.push(format!(
                    "{} is {first} in {file} and {start} in {}",
                    one.name, export.file
                ));
            }
        }
    }
    found
}

fn list(items: &[String]) -> String {
    let mut named: Vec<&str> = items.iter().take(NAMED).map(String::as_str).collect();
    let rest = format!("and {} more", items.len().saturating_sub(NAMED));
    if items.len() > NAMED {
        named.push(&rest);
    }
    named.join("; ")
}

/// Neighbours in time within each folder of samples. Samples and pre/post scrapes are not compared:
/// a series may have begun before the pre scrape.
fn samples<'a>(observed: &'a ServerMetrics, chosen: &Chosen) -> Vec<(&'a Scrape, &'a Scrape)> {
    let mut folders: BTreeMap<&str, Vec<(f64, &Scrape)>> = BTreeMap::new();
    for scrape in &observed.scrapes {
        if scrape.moment == Moment::Sample
            && chosen.takes_scrape(scrape)
            && let Some(time) = scrape.time
        {
            let list = folders.entry(folder(&scrape.file)).or_default();
            list.push((time, scrape));
        }
    }
    let mut steps = Vec::new();
    for list in folders.values_mut() {
        list.order_by(|a, b| a.0.total_cmp(&b.0));
        steps.extend(list.windows(2).map(|pair| (pair[0].1, pair[1].1)));
    }
    steps
}

fn keyed<'a>(scrape: &'a Scrape, chosen: &Chosen) -> BTreeMap<(Family, &'a Labels), &'a Series> {
    scrape
        .series
        .iter()
        .filter(|series| is_counter(series.family) || series.family == Family::ProcessStart)
        .filter(|series| chosen.takes(&series.labels))
        .map(|series| ((series.family, &series.labels), series))
        .into_map()
}

/// Whether the pre scrape is later than the post scrape.
pub(super) fn is_swapped(pair: &Pair<'_>, chosen: &Chosen) -> bool {
    let both = pair.pre.zip(pair.post);
    both.is_some_and(|(pre, post)| are_swapped(pre, post, chosen))
}

/// Whether the pre scrape is the later one: one and the same process, and counters fell and none rose.
fn are_swapped(pre: &Scrape, post: &Scrape, chosen: &Chosen) -> bool {
    let after = keyed(post, chosen);
    let (mut same_process, mut fell) = (false, false);
    for (key, first) in keyed(pre, chosen) {
        let Some(second) = after.get(&key) else {
            continue;
        };
        let change = second.value - first.value;
        match key.0 {
            Family::ProcessStart if change.abs() <= START_TOLERANCE => same_process = true,
            Family::ProcessStart => return false,
            _ if change > 0.0 => return false,
            _ => fell |= change < 0.0,
        }
    }
    same_process && fell
}

fn falls(before: &Scrape, after: &Scrape, chosen: &Chosen) -> Vec<String> {
    let later = keyed(after, chosen);
    let mut found = Vec::new();
    for (key, first) in keyed(before, chosen) {
        let Some(second) = later.get(&key) else {
            continue;
        };
        let (from, to) = (first.value, second.value);
        let restarted = match key.0 {
            Family::ProcessStart => (to - from).abs() > START_TOLERANCE,
            _ => to < from,
        };
        if restarted {
            found.push(format!(
                "{}{} went from {from} to {to} ({} to {})",
                first.name, first.labels, before.file, after.file
            ));
        }
    }
    found
}

/// Counters that are gone, and servers that are on one side only. A family that is not there before the
/// run at all has not counted yet and is no difference.
fn differences(pre: &Scrape, post: &Scrape, chosen: &Chosen) -> Vec<String> {
    let (before, after) = (keyed(pre, chosen), keyed(post, chosen));
    let mut found = Vec::new();
    for ((family, labels), series) in &before {
        if is_counter(*family) && !after.contains_key(&(*family, *labels)) {
            found.push(format!(
                "{}{labels} is {} in {} and missing in {}",
                series.name, series.value, pre.file, post.file
            ));
        }
    }
    for ((family, labels), series) in &after {
        if !is_counter(*family) {
            continue;
        }
        let places: BTreeSet<Labels> = before
            .keys()
            .filter(|(other, _)| other == family)
            .map(|(_, labels)| labels.only(PLACES))
            .into_set();
        if !places.is_empty() && !places.contains(&labels.only(PLACES)) {
            found.push(format!(
                "{}{labels} is {} in {} and its server is missing in {}",
                series.name, series.value, post.file, pre.file
            ));
        }
    }
    found
}
