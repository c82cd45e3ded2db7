//! The highest KV cache usage and the most running requests.
//!
//! Usage is the highest of any engine, so the exports' own maxima are exact. Running requests are summed
//! over the engines of one instant; an export gives each engine's maximum but not when it was, so with
//! several busy engines it gives bounds only: the peak is at least the greatest of them (and at least the
//! sum of their means) and at most their sum.

use super::catalog::{KV_USAGE, RUNNING};
use super::resolved::{Conditions, Measured, Resolved};
use super::select::Chosen;
use super::sums::{self, Scale};
use crate::files;
use crate::finding::{Finding, FindingCode};
use crate::order::Ordered as _;
use crate::run::Labels;
use crate::run::server::{EPOCH, Export, Family, Moment, Scrape, ServerMetrics, Summary};
use std::collections::BTreeMap;

/// Fills in both peaks.
pub(super) fn resolve(
    observed: &ServerMetrics,
    chosen: &Chosen,
    conditions: &Conditions,
    scale: &Scale,
    resolved: &mut Resolved,
) {
    let exports = super::rate::best_exports(observed);
    let phases = phases(&exports, conditions);
    let series = || {
        let scrapes = observed.scrapes.iter();
        scrapes.filter(|scrape| scrape.moment == Moment::Sample)
    };
    let samples: Vec<&Scrape> = series()
        .filter(|scrape| is_inside(scrape, phases.as_deref()))
        .collect();
    let seen = Seen {
        outside: series().count() - samples.len(),
        samples,
        exports,
        chosen,
    };
    resolved.kv_usage_peak = match seen.first(KV_USAGE) {
        Some(family) => seen.usage(family, scale),
        None => Measured::missing(seen.nothing(observed, KV_USAGE)),
    };
    resolved.running_peak = match seen.first(RUNNING) {
        Some(family) => seen.running(family, &mut resolved.findings),
        None => Measured::missing(seen.nothing(observed, RUNNING)),
    };
}

/// When the measured phases were, where that is known of every place.
fn phases(exports: &[&Export], conditions: &Conditions) -> Option<Vec<(f64, f64)>> {
    let loads = &conditions.loads;
    let phase = |load| super::rate::of_load(load, loads, exports)?.phase;
    let phases: Option<Vec<_>> = loads.iter().map(phase).collect();
    phases.filter(|phases| !phases.is_empty())
}

/// A scrape between two phases, or in a warm-up, shows another load.
fn is_inside(scrape: &Scrape, phases: Option<&[(f64, f64)]>) -> bool {
    let time = scrape.time.filter(|time| *time >= EPOCH);
    let (Some(time), Some(phases)) = (time, phases) else {
        return true;
    };
    let within = |(start, end): &(f64, f64)| (*start..=*end).contains(&time);
    phases.iter().any(within)
}

struct Seen<'a> {
    samples: Vec<&'a Scrape>,
    /// How many scrapes of the series were taken outside the measured phases.
    outside: usize,
    exports: Vec<&'a Export>,
    chosen: &'a Chosen,
}

/// A number and the file that holds it.
type At<'a> = (f64, Vec<&'a str>);

impl<'a> Seen<'a> {
    fn summaries(&self, export: &'a Export, family: Family) -> impl Iterator<Item = &'a Summary> {
        let ours = move |one: &&Summary| one.family == family && self.chosen.takes(&one.labels);
        export.series.iter().filter(ours)
    }

    fn first(&self, families: &[Family]) -> Option<Family> {
        families.iter().copied().find(|family| {
            let mut samples = self.samples.iter();
            let mut exports = self.exports.iter();
            samples.any(|scrape| sums::of(scrape, *family, self.chosen).next().is_some())
                || exports
                    .any(|export| self.summaries(export, *family).any(|one| one.max.is_some()))
        })
    }

    fn nothing(&self, observed: &ServerMetrics, families: &[Family]) -> String {
        if self.outside > 0 && self.samples.is_empty() {
            return observed.missing(&format!(
                "none of the {} scrapes of the series was taken inside a measured phase, and no export holds this metric",
                self.outside
            ));
        }
        if !self.samples.is_empty() || !self.exports.is_empty() {
            return observed
                .missing("no scrape and no export holds this metric under a known name");
        }
        let in_scrape = observed.scrapes.iter().any(|scrape| {
            families
                .iter()
                .any(|family| sums::of(scrape, *family, self.chosen).next().is_some())
        });
        if in_scrape || !observed.scrapes.is_empty() {
            "two idle scrapes cannot show a peak; give a scrape series or AIPerf's server metrics export".to_owned()
        } else {
            observed.missing("the bundle holds no scrape series and no server metrics export")
        }
    }

    fn name(&self, family: Family) -> Option<String> {
        let scraped = sums::name(self.samples.iter().copied(), family);
        let mut exported = self.exports.iter().flat_map(|export| &export.series);
        scraped
            .or_else(|| {
                let one = exported.find(|one| one.family == family)?;
                Some(one.name.as_str())
            })
            .map(str::to_owned)
    }

    fn usage(&self, family: Family, scale: &Scale) -> Measured {
        let sampled = self.samples.iter().flat_map(|scrape| {
            let series = sums::of(scrape, family, self.chosen);
            series.map(|one| (one.value, scrape.file.as_str()))
        });
        let exported = self.exports.iter().flat_map(|export| {
            let series = self.summaries(export, family);
            series.filter_map(|one| Some((one.max?, export.file.as_str())))
        });
        let values = sampled
            .chain(exported)
            .filter_map(|(value, file)| Some((scale.fraction(family, value)?, vec![file])));
        match highest(values) {
            Some(peak) => self.measured(peak, family),
            None => Measured::missing("the KV cache usage gauge is -1, which means off"),
        }
    }

    fn running(&self, family: Family, findings: &mut Vec<Finding>) -> Measured {
        let instants = self.instants(family);
        let mut exact = highest(instants);
        let mut bounds: Vec<(f64, At<'_>)> = Vec::new();
        for export in &self.exports {
            let maxima = engines(self.summaries(export, family), |one| one.max);
            let means = engines(self.summaries(export, family), |one| one.avg);
            let Some(greatest) = maxima.iter().copied().reduce(f64::max) else {
                continue;
            };
            let upper: f64 = maxima.iter().sum();
            let lower = greatest.max(means.iter().sum());
            let file = vec![export.file.as_str()];
            if maxima.iter().filter(|max| **max > 0.0).count() < 2 {
                exact = highest(exact.into_iter().chain([(upper, file)]));
            } else {
                bounds.push((lower, (upper, file)));
            }
        }
        let Some((lower, (upper, file))) = bounds
            .into_iter()
            .reduce(|a, b| if b.1.0 > a.1.0 { b } else { a })
        else {
            return match exact {
                Some(peak) => self.measured(peak, family),
                None => Measured::missing("no scrape holds the running requests"),
            };
        };
        match exact {
            Some((peak, files)) if peak >= lower => self.measured((peak, files), family),
            _ => {
                findings.push(Finding::new(
                    FindingCode::PeakIsUpperBound,
                    file.first().map(|file| (*file).to_owned()),
                    format!("the export holds each engine's most running requests but not when they were: the peak of all engines is between {lower} and {upper}, and {upper} is shown"),
                ));
                self.measured((upper, file), family)
            }
        }
    }

    /// Running requests of all engines at each scrape. Servers scraped at the same second into files of
    /// the same name in different folders are one instant.
    fn instants(&self, family: Family) -> Vec<At<'a>> {
        let mut instants: BTreeMap<&str, At<'a>> = BTreeMap::new();
        for scrape in &self.samples {
            let Some(sum) = sums::sum(scrape, family, self.chosen) else {
                continue;
            };
            let key = match scrape.time {
                Some(_) => files::name(&scrape.file),
                None => &scrape.file,
            };
            let (total, files) = instants.entry(key).or_default();
            *total += sum;
            files.push(scrape.file.as_str());
        }
        instants.into_values().collect()
    }

    fn measured(&self, (value, files): At<'_>, family: Family) -> Measured {
        let mut files: Vec<String> = files.into_iter().map(str::to_owned).collect();
        files.order();
        files.dedup();
        Measured {
            value: Some(value),
            metric: self.name(family),
            files,
            reason: None,
        }
    }
}

fn engines<'a>(
    series: impl Iterator<Item = &'a Summary>,
    statistic: fn(&Summary) -> Option<f64>,
) -> Vec<f64> {
    let values: Vec<(&Labels, f64)> = series
        .filter_map(|one| Some((&one.labels, statistic(one)?)))
        .collect();
    sums::per_engine(values)
}

/// The highest value with every file that holds it.
fn highest<'a>(values: impl IntoIterator<Item = At<'a>>) -> Option<At<'a>> {
    let mut best: Option<At<'a>> = None;
    for (value, files) in values {
        match &mut best {
            Some((top, held)) if *top == value => held.extend(files),
            Some((top, _)) if *top > value => {}
            _ => best = Some((value, files)),
        }
    }
    best
}
