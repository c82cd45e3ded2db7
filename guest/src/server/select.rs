//! Which scrapes and series belong to the model in question.

use super::resolved::Conditions;
use crate::finding::{Finding, FindingCode};
use crate::run::server::{Moment, Scrape, ServerMetrics};
use crate::run::{Labels, each_model};
use std::collections::{BTreeMap, BTreeSet};

/// The model that was chosen; `None` where the metrics name no model at all.
pub(super) struct Chosen {
    model: Option<String>,
    /// Whether the metrics name no other model, so that a series without a model is about this one.
    alone: bool,
}

impl Chosen {
    /// Whether a series is about the model.
    pub(super) fn takes(&self, labels: &Labels) -> bool {
        match (labels.model(), &self.model) {
            (Some(label), Some(model)) => label == model,
            (Some(_), None) => true,
            (None, _) => true,
        }
    }

    /// Whether a scrape is about the model.
    pub(super) fn takes_scrape(&self, scrape: &Scrape) -> bool {
        let named = scrape
            .series
            .iter()
            .any(|series| series.labels.model().is_some() && self.takes(&series.labels));
        named || self.alone || (scrape.prefix.is_some() && scrape.prefix == self.model)
    }
}

/// A pre scrape and a post scrape of the same server.
pub(super) struct Pair<'a> {
    pub(super) pre: Option<&'a Scrape>,
    pub(super) post: Option<&'a Scrape>,
}

/// The served models that the metrics speak of: the labels of the series, and the file name of a pre
/// and post scrape where no series has such a label. Sorted, each once.
pub fn models(observed: &ServerMetrics) -> Vec<String> {
    let mut models = BTreeSet::new();
    let mut groups: BTreeMap<&str, (Option<&str>, bool)> = BTreeMap::new();
    for scrape in &observed.scrapes {
        let labels: Vec<&str> = scrape
            .series
            .iter()
            .filter_map(|series| series.labels.model())
            .collect();
        if scrape.moment != Moment::Sample && !scrape.series.is_empty() {
            let group = groups.entry(&scrape.group).or_default();
            group.0 = scrape.prefix.as_deref();
            group.1 |= !labels.is_empty();
        }
        models.extend(labels.into_iter().map(str::to_owned));
    }
    for export in &observed.exports {
        let labels = export.series.iter().filter_map(|one| one.labels.model());
        models.extend(labels.map(str::to_owned));
    }
    let unlabelled = groups.values().filter(|(_, labelled)| !labelled);
    models.extend(unlabelled.filter_map(|(prefix, _)| prefix.map(str::to_owned)));
    models.into_iter().collect()
}

/// Chooses the model; the error is the reason why none can be chosen.
pub(super) fn choose(
    observed: &ServerMetrics,
    conditions: &Conditions,
    findings: &mut Vec<Finding>,
) -> Result<Chosen, String> {
    let models = models(observed);
    let wanted = conditions.model.as_deref();
    let model = match (models.as_slice(), wanted) {
        ([], _) => None,
        (_, Some(wanted)) if models.iter().any(|model| model == wanted) => Some(wanted.to_owned()),
        (labels, Some(wanted)) if each_model(wanted).count() > 1 => {
            return Err(format!(
                "the run is of several models ({wanted}), and each series of the server metrics of one ({})",
                labels.join(", ")
            ));
        }
        ([only], None) => Some(only.clone()),
        ([only], Some(wanted)) => {
            findings.push(Finding::new(
                FindingCode::ServerModelName,
                None,
                format!(
                    "the server metrics are those of `{only}` and the run is of `{wanted}`; taken for the same, since no other model is in the metrics"
                ),
            ));
            Some(only.clone())
        }
        (several, None) => {
            return Err(format!(
                "the server metrics are of several models ({}); choose one of them",
                several.join(", ")
            ));
        }
        (several, Some(wanted)) => {
            return Err(format!(
                "the server metrics are of {} and not of `{wanted}`; choose one of them",
                several.join(", ")
            ));
        }
    };
    Ok(Chosen {
        model,
        alone: models.len() < 2,
    })
}

/// The pre and post scrapes of the model by server; the error names two scrapes for one moment.
pub(super) fn pairs<'a>(
    observed: &'a ServerMetrics,
    chosen: &Chosen,
) -> Result<Vec<Pair<'a>>, String> {
    let mut pairs: BTreeMap<&str, Pair<'a>> = BTreeMap::new();
    for scrape in &observed.scrapes {
        if scrape.moment == Moment::Sample {
            continue;
        }
        let pair = pairs.entry(&scrape.group).or_insert(Pair {
            pre: None,
            post: None,
        });
        let place = match scrape.moment {
            Moment::Pre => &mut pair.pre,
            _ => &mut pair.post,
        };
        if let Some(first) = place.replace(scrape) {
            return Err(format!(
                "{} and {} are scrapes of the same moment; keep one of them",
                first.file, scrape.file
            ));
        }
    }
    let ours = |pair: &Pair<'_>| {
        let both = [pair.pre, pair.post];
        let kept = both
            .iter()
            .flatten()
            .any(|scrape| !scrape.series.is_empty());
        kept && both
            .iter()
            .flatten()
            .any(|scrape| chosen.takes_scrape(scrape))
    };
    Ok(pairs.into_values().filter(ours).collect())
}
