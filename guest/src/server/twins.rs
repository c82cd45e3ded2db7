//! One server that was scraped under two addresses counts once: a monitor by pod and one by service, a loopback and a
//! pod address.
//!
//! Two addresses are one server where the process started at the same instant, the series bear the same other labels
//! and the counts are equal but for what was counted between the two scrapes. Where no start is stated, every number
//! must be equal to the last digit. Neither makes one server of two where together they count what the client
//! received: then they are replicas that shared the load evenly.

use super::catalog;
use super::rate::{best_exports, generated_by_all};
use super::resolved::Conditions;
use crate::files;
use crate::finding::{Finding, FindingCode};
use crate::order::Keyed as _;
use crate::run::Labels;
use crate::run::server::{Export, Family, Moment, Scrape, ServerMetrics};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Labels that say where a series was scraped, and by whom.
const ADDRESS: &[&str] = &[
    "cluster",
    "container",
    "endpoint",
    "exported_instance",
    "exported_job",
    "exported_namespace",
    "exported_pod",
    "host",
    "hostname",
    "instance",
    "job",
    "monitor",
    "namespace",
    "node",
    "pod",
    "pod_name",
    "prometheus",
    "prometheus_replica",
    "service",
];

/// Of these a process has one: two values are two servers.
const DISTINCT: &[&str] = &["exported_pod", "hostname", "node", "pod", "pod_name"];

/// Clocks state the start of a process to a hundredth of a second.
const SAME_START: f64 = 0.02;

/// What may be counted between two scrapes of one moment, as a share of what was counted in the run.
const JITTER: f64 = 0.1;

/// How near the servers' sum must be to what the client received to be replicas.
const REPLICAS: f64 = 0.05;

/// Beyond so many addresses nobody names one server twice by mistake.
const MOST: usize = 64;

/// A file or group of files that is scraped at once, and an address in it.
type Address = (String, Labels);

/// What an address showed at one moment.
#[derive(Default)]
struct Sight {
    start: Option<f64>,
    /// Counters and gauges by what they are and their labels but the address; an export has four numbers of each.
    values: BTreeMap<(Family, Labels), Vec<Option<f64>>>,
}

/// Addresses of one kind of file, each with what it showed by moment.
type Sights = BTreeMap<Address, BTreeMap<String, Sight>>;

/// The metrics with each server once.
pub(super) fn once<'a>(
    observed: &'a ServerMetrics,
    conditions: &Conditions,
    findings: &mut Vec<Finding>,
) -> Cow<'a, ServerMetrics> {
    let exports = best_exports(observed);
    let mut gone: BTreeSet<Address> = BTreeSet::new();
    let kinds = [
        of_exports(&exports),
        of_scrapes(observed, false),
        of_scrapes(observed, true),
    ];
    for (at, sights) in kinds.iter().enumerate() {
        let shared = at == 0 && are_replicas(&exports, conditions);
        if !shared {
            drop_twins(sights, &mut gone, findings);
        }
    }
    if gone.is_empty() {
        return Cow::Borrowed(observed);
    }
    let mut metrics = observed.clone();
    for export in &mut metrics.exports {
        let stays = |labels: &Labels| !gone.contains(&(String::new(), labels.only(ADDRESS)));
        export.series.retain(|one| stays(&one.labels));
    }
    metrics.scrapes.retain_mut(|scrape| {
        let stream = stream(scrape).to_owned();
        let before = scrape.series.len();
        scrape
            .series
            .retain(|one| !gone.contains(&(stream.clone(), one.labels.only(ADDRESS))));
        before == 0 || !scrape.series.is_empty()
    });
    Cow::Owned(metrics)
}

fn drop_twins(sights: &Sights, gone: &mut BTreeSet<Address>, findings: &mut Vec<Finding>) {
    let all: Vec<_> = sights.iter().collect();
    for (at, (address, seen)) in all.iter().enumerate() {
        let first = all[..at]
            .iter()
            .filter(|(other, _)| !gone.contains(*other))
            .find(|(other, of_other)| {
                may_be_one(&address.1, &other.1) && are_twins(of_other, seen)
            });
        let Some((first, _)) = first else {
            continue;
        };
        gone.insert((*address).clone());
        let finding = Finding::new(
            FindingCode::SameServer,
            "server_metrics_delta".to_owned(),
            format!(
                "{} and {} are one server: the same series with the same counts. It counts once",
                named(first),
                named(address)
            ),
        );
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
}

fn named((stream, labels): &Address) -> String {
    match labels.get("endpoint") {
        Some(endpoint) if stream.is_empty() => endpoint.to_owned(),
        _ => format!("{}{labels}", stream.trim_matches('/')),
    }
}

fn may_be_one(a: &Labels, b: &Labels) -> bool {
    DISTINCT.iter().all(|key| match (a.get(key), b.get(key)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    })
}

/// Whether the servers of the exports together count what the client received.
fn are_replicas(exports: &[&Export], conditions: &Conditions) -> bool {
    let Some(received) = conditions.received() else {
        return false;
    };
    generated_by_all(exports)
        .is_some_and(|generated| (generated - received).abs() <= REPLICAS * received)
}

/// Nothing, where there is one address, as there nearly always is.
fn of_exports(exports: &[&Export]) -> Sights {
    let mut sights = Sights::new();
    let series = exports.iter().flat_map(|export| &export.series);
    let addresses: BTreeSet<Labels> = series.map(|one| one.labels.only(ADDRESS)).into_set();
    if addresses.len() < 2 || addresses.len() > MOST {
        return sights;
    }
    for export in exports {
        for one in &export.series {
            let address = (String::new(), one.labels.only(ADDRESS));
            let moments = sights.entry(address).or_default();
            let sight = moments.entry(export.file.clone()).or_default();
            match one.family {
                Family::ProcessStart => sight.start = one.max.or(sight.start),
                Family::CacheConfig => {}
                family => {
                    let numbers = vec![one.total, one.avg, one.min, one.max];
                    let key = (family, one.labels.without(ADDRESS));
                    sight.values.insert(key, numbers);
                }
            }
        }
    }
    sights
}

/// The group of a pre and a post scrape, or the folder of a series of scrapes.
fn stream(scrape: &Scrape) -> &str {
    match scrape.moment {
        Moment::Sample => files::folder(&scrape.file),
        _ => &scrape.group,
    }
}

/// Nothing, where there is one address: series of hundreds of scrapes are common, two addresses are not.
fn of_scrapes(observed: &ServerMetrics, of_series: bool) -> Sights {
    let scrapes = || {
        let ours = |one: &&Scrape| (one.moment == Moment::Sample) == of_series;
        observed.scrapes.iter().filter(ours)
    };
    let addresses: BTreeSet<(&str, Labels)> = scrapes()
        .flat_map(|scrape| {
            let of_one = |labels: &Labels| (stream(scrape), labels.only(ADDRESS));
            scrape.series.iter().map(move |one| of_one(&one.labels))
        })
        .collect();
    let mut sights = Sights::new();
    if addresses.len() < 2 || addresses.len() > MOST {
        return sights;
    }
    for scrape in scrapes() {
        let moment = match scrape.moment {
            Moment::Pre => "pre",
            Moment::Post => "post",
            Moment::Sample => files::name(&scrape.file),
        };
        for one in &scrape.series {
            let address = (stream(scrape).to_owned(), one.labels.only(ADDRESS));
            let moments = sights.entry(address).or_default();
            let sight = moments.entry(moment.to_owned()).or_default();
            match one.family {
                Family::ProcessStart => sight.start = Some(one.value),
                Family::CacheConfig => {}
                family => {
                    let key = (family, one.labels.without(ADDRESS));
                    sight.values.insert(key, vec![Some(one.value)]);
                }
            }
        }
    }
    sights
}

fn are_twins(a: &BTreeMap<String, Sight>, b: &BTreeMap<String, Sight>) -> bool {
    let common: Vec<(&Sight, &Sight)> = a
        .iter()
        .filter_map(|(moment, sight)| Some((sight, b.get(moment)?)))
        .collect();
    let same_series = |(a, b): &(&Sight, &Sight)| a.values.keys().eq(b.values.keys());
    let counted = common.iter().any(|(a, _)| !a.values.is_empty());
    if !counted || !common.iter().all(same_series) {
        return false;
    }
    let starts = || common.iter().map(|(a, b)| (a.start, b.start));
    let stated = starts().all(|(a, b)| a.is_some() && b.is_some());
    if stated {
        let same = |(a, b): (Option<f64>, Option<f64>)| {
            a.zip(b).is_some_and(|(a, b)| (a - b).abs() <= SAME_START)
        };
        starts().all(same) && is_near(&common)
    } else {
        starts().all(|(a, b)| a.is_none() && b.is_none()) && is_equal(&common)
    }
}

/// Whether every number is the same, and some server counted at all.
fn is_equal(common: &[(&Sight, &Sight)]) -> bool {
    let same = |(a, b): (&Option<f64>, &Option<f64>)| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
        (a, b) => a == b,
    };
    let mut pairs = common
        .iter()
        .flat_map(|(a, b)| a.values.values().zip(b.values.values()));
    let equal = pairs.all(|(a, b)| a.iter().zip(b).all(same));
    let some = common.iter().any(|(a, _)| {
        let mut counters = a
            .values
            .iter()
            .filter(|((of, _), _)| catalog::is_counter(*of));
        counters.any(|(_, numbers)| numbers.first().is_some_and(|total| *total > Some(0.0)))
    });
    equal && some
}

/// Whether every counter differs by little of what it counted in the run.
fn is_near(common: &[(&Sight, &Sight)]) -> bool {
    let counters: BTreeSet<&(Family, Labels)> = common
        .iter()
        .flat_map(|(a, _)| a.values.keys())
        .filter(|(family, _)| catalog::is_counter(*family))
        .into_set();
    counters.into_iter().all(|key| {
        let of = |sight: &Sight| *sight.values.get(key)?.first()?;
        let values = common.iter().filter_map(|(a, b)| Some((of(a)?, of(b)?)));
        let values: Vec<(f64, f64)> = values.collect();
        let is_export = common.iter().any(|(a, _)| {
            let numbers = a.values.get(key);
            numbers.is_some_and(|numbers| numbers.len() > 1)
        });
        if is_export {
            let sum = values
                .iter()
                .fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            return (sum.0 - sum.1).abs() <= 1.0 + JITTER * sum.0.max(sum.1);
        }
        let of_a = || values.iter().map(|(a, _)| *a);
        let (least, most) = (of_a().fold(f64::MAX, f64::min), of_a().fold(0.0, f64::max));
        let allowed = 1.0 + JITTER * (most - least).max(0.0);
        values.iter().all(|(a, b)| (a - b).abs() <= allowed)
    })
}
