//! What the sources found in one bundle: the step between bytes on disk and the document.
//!
//! Nothing here is chosen or merged yet. Every number keeps the file and the format it came from;
//! [`crate::document`] picks the best source and says where two disagree.

pub mod first_wave;
mod format;
mod labels;
pub mod origin;
pub mod profile;
pub mod requests;
mod scrape_lines;
pub mod server;

use crate::fault::Fault;
use crate::finding::Finding;
use crate::measure::definition::TOPICS;
pub use crate::measure::{Definition, Load, Place, Quantity};
use crate::stats::clock;
use serde_json::Value;

pub use first_wave::{FirstWave, Sent};
pub use format::{Format, Speaker, States};
pub use labels::Labels;
pub use origin::Origin;
pub use profile::Profiles;
pub use requests::RequestSamples;
pub use scrape_lines::{Is, ScrapeLine, ScrapeLines};
pub use server::ServerMetrics;

/// Half a unit of the last printed digit, as a share of a number, from which on rounding is told.
const COARSE: f64 = 0.005;

/// One number of one source, converted to the unit of its [`Quantity`].
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The number; finite, never negative.
    pub value: f64,
    /// Digits after the point as printed, below 0 where the last one is of tens or more (`0.3` s are 300 ms); `None`
    /// where the source has full precision.
    pub decimals: Option<i32>,
    /// How many requests the statistic rests on, where the source says so.
    pub samples: Option<u64>,
    /// How it was computed here, where the file holds only what it is computed from.
    pub method: Option<&'static str>,
    /// Near what the tool itself says and not equal to it.
    pub is_near: bool,
}

impl Reading {
    /// A number of full precision.
    pub fn exact(value: f64) -> Self {
        Reading {
            value,
            decimals: None,
            samples: None,
            method: None,
            is_near: false,
        }
    }

    /// Requests that ended where nobody counted the failed ones: at least the successful.
    pub fn only_successes(succeeded: f64) -> Self {
        Reading {
            method: Some("successful requests; failed ones are not counted in this file"),
            is_near: true,
            ..Reading::exact(succeeded)
        }
    }

    /// Half a unit of the last digit that was printed.
    pub fn half_unit(&self) -> Option<f64> {
        Some(0.5 * 10_f64.powi(-self.decimals?))
    }

    /// The same where it matters: more than 0.5 % of the number, of which less than three digits were printed.
    pub fn rounding(&self) -> Option<f64> {
        self.half_unit().filter(|half| *half > COARSE * self.value)
    }

    /// A number that was printed with `decimals` digits after the point.
    pub fn printed(value: f64, decimals: i32) -> Self {
        Reading {
            decimals: Some(decimals),
            ..Reading::exact(value)
        }
    }
}

/// What one source says about one place: a concurrency, or a rate of requests.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelResult {
    /// The format it was read from.
    pub format: &'static Format,
    /// The file, relative to the bundle.
    pub file: String,
    /// The line on which it begins, where the file holds several results.
    pub line: Option<u64>,
    /// The place that the file itself states.
    pub place: Option<Place>,
    /// The served model name that the file itself states.
    pub model: Option<String>,
    /// The numbers; a quantity that the source does not have is missing.
    pub readings: Vec<(Quantity, Reading)>,
    /// Which quantity its numbers are, by name of a [`crate::measure::Topic`]; what is not known is missing.
    pub definitions: Vec<(&'static str, Definition)>,
    /// How load was put on the server, where the file says so.
    pub load: Option<Load>,
    /// What made the load another one while it was measured; then the result is of no one place.
    pub varies: Option<&'static str>,
    /// The name that the tool gave its run.
    pub run_id: Option<String>,
    /// When the measured phase began, as the tool wrote it.
    pub start_time: Option<String>,
    /// Requests that were to be sent before the measured phase, where the file says so.
    pub warmup_requests: Option<u64>,
    /// What the tool says against this result, each as `NAME: VALUE`.
    pub validity: Vec<String>,
    /// The SLOs that its goodput counts by, in the form of [`crate::measure::slo`]; null where the file states none.
    pub slo: Value,
    /// When its requests were sent, where the source has them one by one.
    pub sent: Option<Sent>,
    /// False when the tool says that the run was cancelled or cut short.
    pub complete: bool,
    /// Whether the operator ordered requests to be cancelled: what other files count as failed holds those too.
    pub cancels: bool,
    /// What was to end the measured phase, where it was one thing.
    pub planned: Option<Planned>,
    /// Some of its requests, where the source has them one by one.
    pub requests: Option<RequestSamples>,
}

/// The one thing that was to end a measured phase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Planned {
    /// A number of requests.
    Requests(u64),
    /// A time, in seconds.
    Seconds(f64),
}

impl LevelResult {
    /// An empty result of a file.
    pub fn new(format: &'static Format, file: &str) -> Self {
        LevelResult {
            format,
            file: file.to_owned(),
            line: None,
            place: None,
            model: None,
            readings: Vec::new(),
            definitions: Vec::new(),
            load: None,
            varies: None,
            run_id: None,
            start_time: None,
            warmup_requests: None,
            validity: Vec::new(),
            slo: Value::Null,
            sent: None,
            complete: true,
            cancels: false,
            planned: None,
            requests: None,
        }
    }

    /// The number of a quantity.
    pub fn get(&self, quantity: Quantity) -> Option<&Reading> {
        self.readings
            .iter()
            .find(|(which, _)| *which == quantity)
            .map(|(_, reading)| reading)
    }

    /// Which quantity the numbers of a topic are.
    pub fn definition(&self, topic: &str) -> Option<Definition> {
        let mut all = self.definitions.iter();
        all.find(|(name, _)| *name == topic).map(|(_, is)| *is)
    }

    /// Says which quantity the numbers of a topic are. What the table of topics does not offer is passed over.
    pub fn define(&mut self, topic: &str, is: Definition) {
        let offered = TOPICS
            .iter()
            .find(|of| of.name == topic && of.values.contains(&is));
        if let Some(topic) = offered {
            self.definitions.retain(|(name, _)| *name != topic.name);
            self.definitions.push((topic.name, is));
        }
    }

    /// Adds a number.
    pub fn push(&mut self, quantity: Quantity, reading: Reading) {
        self.readings.push((quantity, reading));
    }
}

/// One field of the context as somebody states it.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Dotted path in the document, for instance `deployment.tensor_parallel_size` or `context.hardware`.
    pub field: String,
    /// The value, in the type that the document holds.
    pub value: Value,
    /// Who says so.
    pub speaker: Speaker,
    /// The file, relative to the bundle; `a setting` for the operator's.
    pub file: String,
    /// The served model that it is about, where the file has several; `None` is the whole bundle.
    pub model: Option<String>,
}

/// A file that has no result because its run stopped before it measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Aborted {
    /// The file, relative to the bundle.
    pub file: String,
    /// What it says; the fault of a bundle that has no other result.
    pub fault: Fault,
}

/// Whether two names are of one model: a server that was given no name for it calls it by the path of its files, of
/// which a run may name the end.
pub fn names_one_model(a: &str, b: &str) -> bool {
    let ends_with = |path: &str, end: &str| {
        let before = path.strip_suffix(end);
        !end.is_empty() && before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
    };
    let [a, b] = [a, b].map(|name| name.trim_end_matches('/'));
    ends_with(a, b) || ends_with(b, a)
}

/// What a server said that it served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The file, relative to the bundle.
    pub file: String,
    /// The names of its models.
    pub models: Vec<String>,
}

/// Everything that the sources found in one bundle.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// The formats that it was read by, in the order of preference: of two that state one number the earlier counts.
    pub formats: Vec<&'static Format>,
    /// One item for each result of a file: a file can hold several, of different levels and models.
    pub results: Vec<LevelResult>,
    /// What is said about the context, in the order in which it was read.
    pub statements: Vec<Statement>,
    /// Server metrics: scrapes and exports.
    pub server: ServerMetrics,
    /// The lines of the scrape that was read last.
    pub scrape_lines: ScrapeLines,
    /// Kernel tables and CPU samples.
    pub profile: Profiles,
    /// What was noticed while reading.
    pub findings: Vec<Finding>,
    /// Files of runs that stopped before they measured.
    pub aborted: Vec<Aborted>,
    /// Files that a source read, relative to the bundle.
    pub files_read: Vec<String>,
    /// Earliest start of a measured phase, as the tool wrote it.
    pub captured_at: Option<String>,
    /// The command lines of the tool, without secrets and without where they wrote.
    pub commands: Vec<String>,
    /// Saved answers of `/v1/models`.
    pub served: Vec<Served>,
    /// What the tool says against the whole run, each as `NAME: VALUE`.
    pub validity: Vec<String>,
    /// Name and version of the benchmark tool, for instance `AIPerf 0.13.0`.
    pub tool: Option<String>,
}

impl Run {
    /// Adds what a file of a format states about the context.
    pub fn state(&mut self, format: &Format, field: &str, value: impl Into<Value>, file: &str) {
        self.statements.push(Statement {
            field: field.to_owned(),
            value: value.into(),
            speaker: format.speaker,
            file: file.to_owned(),
            model: None,
        });
    }

    /// Takes the start of a measured phase: the run was captured at the earliest.
    pub fn began(&mut self, start: &str) {
        let earliest = |known: &String| clock::is_earlier(start, known);
        if self.captured_at.as_ref().is_none_or(earliest) {
            self.captured_at = Some(start.to_owned());
        }
    }

    /// The place of a format in the order of preference, the best first.
    pub fn rank(&self, format: &Format) -> usize {
        let mut formats = self.formats.iter();
        let found = formats.position(|other| other.name == format.name);
        found.unwrap_or(self.formats.len())
    }
}
