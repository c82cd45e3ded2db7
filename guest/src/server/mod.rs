//! Server metrics: what the scrapes and exports hold, and which of it answers which question.
//!
//! The sources fill [`Observed`]; [`resolve`] answers the five questions of the document, with the
//! metric and the files behind each answer, or the reason why there is none.

pub mod catalog;
pub mod config;
pub mod exposition;
mod peaks;
mod rate;
mod restart;
mod select;
mod sums;
mod window;

use crate::finding::Finding;
use catalog::Family;

pub use select::models;

/// Everything that was scraped.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Single scrapes of `/metrics`.
    pub scrapes: Vec<Scrape>,
    /// AIPerf's own summaries, one for each concurrency level.
    pub exports: Vec<Export>,
}

/// When a scrape was taken, by its file name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before the run: `*-metrics-pre.prom`, `pre.prom`.
    Pre,
    /// After the run: `*-metrics-post.prom`, `post.prom`.
    Post,
    /// Any other name: one of a series taken during the run.
    Sample,
}

/// The labels of a series, sorted by name, each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Labels(Vec<(String, String)>);

impl Labels {
    /// Sorts the labels; the error is a name that stands twice.
    pub fn new(mut labels: Vec<(String, String)>) -> Result<Self, String> {
        crate::order::sort_by(&mut labels, Ord::cmp);
        match labels.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => Err(pair[0].0.clone()),
            None => Ok(Labels(labels)),
        }
    }

    /// The value of a label.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// The same labels without some names.
    fn without(&self, keys: &[&str]) -> Self {
        self.filtered(|key| !keys.contains(&key))
    }

    /// The labels of the given names only.
    fn only(&self, keys: &[&str]) -> Self {
        self.filtered(|key| keys.contains(&key))
    }

    fn filtered(&self, keep: impl Fn(&str) -> bool) -> Self {
        Labels(
            self.0
                .iter()
                .filter(|(key, _)| keep(key))
                .cloned()
                .collect(),
        )
    }

    /// The served model that the series is about. Triton calls the label `model`.
    fn model(&self) -> Option<&str> {
        self.get("model_name").or_else(|| self.get("model"))
    }
}

impl std::fmt::Display for Labels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        let list: Vec<String> = self
            .0
            .iter()
            .map(|(key, value)| format!("{key}=\"{}\"", shorten(value)))
            .collect();
        write!(f, "{{{}}}", list.join(","))
    }
}

/// One value of a kept metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What it is.
    pub family: Family,
    /// Its name as the file spells it.
    pub name: String,
    /// Its labels.
    pub labels: Labels,
    /// Its value; -1 of a [`catalog::Kind::Fraction`] means "off".
    pub value: f64,
}

/// One scrape of `/metrics`, reduced to the kept metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct Scrape {
    /// The file, relative to the bundle.
    pub file: String,
    /// When it was taken.
    pub moment: Moment,
    /// The folder and what the file name says before `-metrics-pre`: the same for a pre and its post.
    pub group: String,
    /// The model in the file name, `<model>-metrics-pre.prom`.
    pub prefix: Option<String>,
    /// Seconds since 1970, where the file name is that number.
    pub time: Option<f64>,
    /// The kept metrics.
    pub series: Vec<Series>,
    /// `blocks` or `tokens`, where the help text of vLLM's `gpu_prefix_cache_queries` says so.
    pub gpu_prefix_unit: Option<&'static str>,
}

/// Which of AIPerf's two exports was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// `server_metrics_export.json`: full precision.
    Json,
    /// `server_metrics_export.csv`: four decimals.
    Csv,
}

/// One series of an export: statistics over the measured phase.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// What it is.
    pub family: Family,
    /// Its name as the file spells it.
    pub name: String,
    /// Its labels, with the scraped endpoint as `endpoint`.
    pub labels: Labels,
    /// Lowest value of a gauge.
    pub min: Option<f64>,
    /// Mean over time of a gauge.
    pub avg: Option<f64>,
    /// Highest value of a gauge.
    pub max: Option<f64>,
    /// Increase of a counter; negative when the server restarted.
    pub total: Option<f64>,
}

/// AIPerf's summary of the server metrics of one level.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// The file, relative to the bundle.
    pub file: String,
    /// Which export it is.
    pub format: ExportFormat,
    /// The kept metrics.
    pub series: Vec<Summary>,
}

/// What the resolver cannot know from the metrics alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conditions {
    /// The served model in question; needed only where the bundle holds scrapes of several.
    pub model: Option<String>,
    /// Measured time of all levels together, in seconds.
    pub benchmark_seconds: Option<f64>,
    /// How many concurrency levels that time covers; an export that is missing for one of them would
    /// make the generation throughput too low.
    pub levels: Option<usize>,
    /// Whether the configuration says that prefix caching is off.
    pub prefix_caching_off: bool,
}

/// One answer, with the metric and the files that gave it, or the reason why there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// The number; rates and usages are fractions 0..1.
    pub value: Option<f64>,
    /// Name of the metric that won.
    pub metric: Option<String>,
    /// The files it was taken from, sorted; for a peak, those that hold the peak.
    pub files: Vec<String>,
    /// Why there is no number.
    pub reason: Option<String>,
}

impl Measured {
    /// No number, because of `reason`.
    fn missing(reason: impl Into<String>) -> Self {
        Measured {
            reason: Some(reason.into()),
            ..Measured::default()
        }
    }
}

/// The five server numbers of the document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resolved {
    /// Lifetime hit rate at the pre scrape.
    pub hit_rate_pre: Measured,
    /// Hit rate between the pre and the post scrape.
    pub hit_rate_post: Measured,
    /// `tokens`, `blocks` or `gauge`.
    pub hit_rate_definition: Option<String>,
    /// Highest KV cache usage seen.
    pub kv_usage_peak: Measured,
    /// Most requests running at once.
    pub running_peak: Measured,
    /// Generated tokens per second of the measured phases.
    pub generation_tps: Measured,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// Answers the five questions for one model.
pub fn resolve(observed: &Observed, conditions: &Conditions) -> Resolved {
    let mut resolved = Resolved::default();
    if observed.scrapes.is_empty() && observed.exports.is_empty() {
        let none = Measured::missing("the bundle holds no server metrics");
        return all(resolved, &none);
    }
    let chosen = match select::choose(observed, conditions, &mut resolved.findings) {
        Ok(chosen) => chosen,
        Err(reason) => return all(resolved, &Measured::missing(reason)),
    };
    let scale = sums::Scale::new(observed, &mut resolved.findings);
    window::hit_rates(observed, &chosen, conditions, &scale, &mut resolved);
    peaks::resolve(observed, &chosen, &scale, &mut resolved);
    rate::resolve(observed, &chosen, conditions, &mut resolved);
    resolved
}

fn all(mut resolved: Resolved, measured: &Measured) -> Resolved {
    for field in [
        &mut resolved.hit_rate_pre,
        &mut resolved.hit_rate_post,
        &mut resolved.kv_usage_peak,
        &mut resolved.running_peak,
        &mut resolved.generation_tps,
    ] {
        *field = measured.clone();
    }
    resolved
}

/// At most 60 characters of a text that comes from a file, for messages.
pub(crate) fn shorten(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text[..end].escape_debug()),
        None => text.escape_debug().to_string(),
    }
}
