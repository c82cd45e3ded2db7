//! One number of many series: engines summed, copies of the same number counted once.

use super::catalog::{CATALOG, MetricType};
use super::select::Chosen;
use crate::finding::{Finding, FindingCode};
use crate::order::Keyed as _;
use crate::run::Labels;
use crate::run::server::{Family, Scrape, Series, ServerMetrics};
use std::collections::BTreeMap;

/// SGLang's tensor and pipeline ranks of one scheduler each report the scheduler's whole number.
const RANKS: &[&str] = &["tp_rank", "pp_rank", "moe_ep_rank"];
/// SGLang splits by these labels and can add a row beside the parts: `priority=""` is their sum,
/// `cache_source="total"` is a fallback that stands for the parts where they are not known.
const SPLITS: &[(&str, &str, Prefer)] = &[
    ("cache_source", "total", Prefer::Parts),
    ("priority", "", Prefer::Whole),
];

#[derive(Clone, Copy)]
enum Prefer {
    Parts,
    Whole,
}

/// The series of a family in a scrape that are about the model.
pub(super) fn of<'a>(
    scrape: &'a Scrape,
    family: Family,
    chosen: &'a Chosen,
) -> impl Iterator<Item = &'a Series> {
    scrape
        .series
        .iter()
        .filter(move |series| series.family == family && chosen.takes(&series.labels))
}

/// One value for each engine: the greatest of its ranks, the sum of its parts or its whole.
pub(super) fn per_engine<'a>(values: impl IntoIterator<Item = (&'a Labels, f64)>) -> Vec<f64> {
    let mut ranks: BTreeMap<Labels, f64> = BTreeMap::new();
    for (labels, value) in values {
        let best = ranks.entry(labels.without(RANKS)).or_insert(value);
        *best = best.max(value);
    }
    for (split, whole, prefer) in SPLITS {
        ranks = join(ranks, split, whole, *prefer);
    }
    ranks.into_values().collect()
}

fn join(
    parts: BTreeMap<Labels, f64>,
    split: &str,
    whole: &str,
    prefer: Prefer,
) -> BTreeMap<Labels, f64> {
    let mut joined: BTreeMap<Labels, (Option<f64>, Option<f64>)> = BTreeMap::new();
    for (labels, value) in parts {
        let is_whole = labels.get(split).unwrap_or(whole) == whole;
        let (total, sum) = joined.entry(labels.without(&[split])).or_default();
        let place = if is_whole { total } else { sum };
        *place = Some(place.unwrap_or(0.0) + value);
    }
    joined
        .into_iter()
        .map(|(labels, (total, sum))| {
            let value = match prefer {
                Prefer::Parts => sum.or(total),
                Prefer::Whole => total.or(sum),
            };
            (labels, value.unwrap_or(0.0))
        })
        .into_map()
}

/// Sum over the engines of one scrape; `None` when the family is not in it.
pub(super) fn sum(scrape: &Scrape, family: Family, chosen: &Chosen) -> Option<f64> {
    let series = of(scrape, family, chosen).map(|one| (&one.labels, one.value));
    let engines = per_engine(series);
    (!engines.is_empty()).then(|| engines.iter().sum())
}

/// The first name under which a family stands in any of the scrapes.
pub(super) fn name<'a>(
    scrapes: impl IntoIterator<Item = &'a Scrape>,
    family: Family,
) -> Option<&'a str> {
    scrapes
        .into_iter()
        .flat_map(|scrape| &scrape.series)
        .find(|series| series.family == family)
        .map(|series| series.name.as_str())
}

/// Which fractions are stated as percentages.
pub(super) struct Scale {
    percent: Vec<Family>,
}

impl Scale {
    /// A fraction above 1 cannot be, so a family with such a value anywhere is in percent everywhere.
    pub(super) fn new(observed: &ServerMetrics, findings: &mut Vec<Finding>) -> Self {
        let scraped = observed.scrapes.iter().flat_map(|scrape| {
            let series = scrape.series.iter();
            series.map(|one| (one.family, one.name.as_str(), one.value, &scrape.file))
        });
        let exported = observed.exports.iter().flat_map(|export| {
            let series = export.series.iter();
            series.filter_map(|one| Some((one.family, one.name.as_str(), one.max?, &export.file)))
        });
        // The step above 1 allows for rounding in the exporter.
        let above: Vec<_> = scraped
            .chain(exported)
            .filter(|(family, _, value, _)| is_fraction(*family) && *value > 1.0 + 1e-6)
            .collect();
        let mut percent: Vec<Family> = Vec::new();
        for (family, name, value, file) in above {
            if !percent.contains(&family) {
                percent.push(family);
                findings.push(Finding::new(
                    FindingCode::UnitConverted,
                    file.clone(),
                    format!("{name} is {value}, above 1, so its values are taken for percent and divided by 100"),
                ));
            }
        }
        Scale { percent }
    }

    /// The value as a fraction 0..1; `None` for -1, which means "off".
    pub(super) fn fraction(&self, family: Family, value: f64) -> Option<f64> {
        if value < 0.0 {
            None
        } else if self.percent.contains(&family) {
            Some(value / 100.0)
        } else {
            Some(value.min(1.0))
        }
    }
}

fn is_fraction(family: Family) -> bool {
    CATALOG
        .iter()
        .any(|entry| entry.family == family && entry.metric_type == MetricType::Fraction)
}
