//! What the sources found in one bundle: the step between bytes on disk and the document.
//!
//! Nothing here is chosen or merged yet. Every number keeps the file and the format it came from;
//! [`crate::document`] picks the best source and says where two disagree.

use crate::fault::Fault;
use crate::finding::Finding;
pub use crate::measure::{Definition as ItlDefinition, Quantity};
use crate::requests::RequestSamples;
use serde_json::Value;

/// The formats that state numbers of a level, best first: the order in which a number is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// `profile_export_aiperf.json`: full precision.
    AiperfJson,
    /// `profile_export_aiperf.csv`: two decimals.
    AiperfCsv,
    /// `profile_export.jsonl`: one record a request; statistics are computed from them.
    AiperfRecords,
    /// `aiperf-c<N>.log`, `profile_export_console.txt`: two decimals, no p95.
    AiperfConsole,
    /// `perf-bench-report-*.md`: rounded by hand.
    Report,
}

impl Format {
    /// Name of the format in documents and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::AiperfJson => "aiperf-json",
            Format::AiperfCsv => "aiperf-csv",
            Format::AiperfRecords => "aiperf-records",
            Format::AiperfConsole => "aiperf-console",
            Format::Report => "report-markdown",
        }
    }
}

/// One number of one source, converted to the unit of its [`Quantity`].
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The number; finite, never negative.
    pub value: f64,
    /// Digits after the point as printed; `None` where the source has full precision.
    pub decimals: Option<u32>,
    /// How many requests the statistic rests on, where the source says so.
    pub samples: Option<u64>,
}

impl Reading {
    /// A number of full precision.
    pub fn exact(value: f64) -> Self {
        Reading {
            value,
            decimals: None,
            samples: None,
        }
    }

    /// A number that was printed with `decimals` digits after the point.
    pub fn printed(value: f64, decimals: u32) -> Self {
        Reading {
            value,
            decimals: Some(decimals),
            samples: None,
        }
    }
}

/// What one source says about one concurrency level.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelResult {
    /// The format it was read from.
    pub format: Format,
    /// The file, relative to the bundle.
    pub file: String,
    /// The concurrency that the file itself states.
    pub stated_level: Option<u32>,
    /// The served model name that the file itself states.
    pub model: Option<String>,
    /// The numbers; a quantity that the source does not have is missing.
    pub readings: Vec<(Quantity, Reading)>,
    /// Which quantity [`Quantity::ItlP50`] is.
    pub itl: ItlDefinition,
    /// False when the tool says that the run was cancelled or cut short.
    pub complete: bool,
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
    pub fn new(format: Format, file: &str) -> Self {
        LevelResult {
            format,
            file: file.to_owned(),
            stated_level: None,
            model: None,
            readings: Vec::new(),
            itl: ItlDefinition::TpotPerRequest,
            complete: true,
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

    /// Adds a number.
    pub fn push(&mut self, quantity: Quantity, reading: Reading) {
        self.readings.push((quantity, reading));
    }
}

/// Who states a field of the context; earlier ones win over later ones, except that [`Origin::Set`] wins over all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The operator's setting.
    Set,
    /// The configuration that AIPerf echoes in its export.
    AiperfEcho,
    /// Labels of vLLM's `cache_config_info`.
    ServerLabels,
    /// The lists of the Markdown report.
    Report,
}

/// One field of the context as somebody states it.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Dotted path in the document, for instance `deployment.tensor_parallel_size` or `context.hardware`.
    pub field: String,
    /// The value, in the type that the document holds.
    pub value: Value,
    /// Who says so.
    pub origin: Origin,
    /// The file, relative to the bundle; `a setting` for the operator's.
    pub file: String,
    /// The served model that it is about, where the file has several; `None` is the whole bundle.
    pub model: Option<String>,
}

/// A console log that has no result because its run stopped before it measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Aborted {
    /// The file, relative to the bundle.
    pub file: String,
    /// What the log says; the fault of a bundle that has no other result.
    pub fault: Fault,
}

/// Everything that the sources found in one bundle.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// One item for each source and level.
    pub results: Vec<LevelResult>,
    /// The served model names of the reports' sections, in order.
    pub statements: Vec<Statement>,
    /// Server metrics: scrapes and exports.
    pub server: crate::server::Observed,
    /// Kernel tables and CPU samples.
    pub profile: crate::profile::Observed,
    /// What was noticed while reading.
    pub findings: Vec<Finding>,
    /// Console logs of runs that stopped before they measured.
    pub aborted: Vec<Aborted>,
    /// Files that a source read, relative to the bundle.
    pub files_read: Vec<String>,
    /// Earliest start of a measured phase, as the tool wrote it.
    pub captured_at: Option<String>,
    /// Name and version of the benchmark tool, for instance `AIPerf 0.13.0`.
    pub tool: Option<String>,
}

impl Run {
    /// Adds a statement about the context.
    pub fn state(&mut self, field: &str, value: impl Into<Value>, origin: Origin, file: &str) {
        self.statements.push(Statement {
            field: field.to_owned(),
            value: value.into(),
            origin,
            file: file.to_owned(),
            model: None,
        });
    }
}
