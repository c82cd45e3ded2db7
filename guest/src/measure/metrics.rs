//! The table of judged metrics. A new metric is one row of [`METRICS`], beside the row of its quantity.
//!
//! Default tolerances are those of the `inference_perfbench_v1` specification.

use super::quantity::{Quantity, Stands};
use super::unit::Unit;

/// Which direction is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More is better: throughput, hit rate.
    Higher,
    /// Less is better: latencies, errors, overhead.
    Lower,
}

impl Better {
    /// The direction in words, as rows carry it.
    pub fn as_str(self) -> &'static str {
        match self {
            Better::Higher => "higher-is-better",
            Better::Lower => "lower-is-better",
        }
    }

    /// In one word, for tables.
    pub fn word(self) -> &'static str {
        match self {
            Better::Higher => "higher",
            Better::Lower => "lower",
        }
    }

    /// A change made so that above 0 is worse.
    pub fn adverse(self, change: f64) -> f64 {
        match self {
            Better::Higher => -change,
            Better::Lower => change,
        }
    }
}

/// How a tolerance is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Percent of the baseline.
    Percent,
    /// In the unit of the metric itself.
    Absolute,
}

impl Kind {
    /// The kind as rows carry it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Percent => "percent",
            Kind::Absolute => "absolute",
        }
    }
}

/// What a metric is a sign of. Metrics of one family tell of one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Output of all requests together.
    Throughput,
    /// Waiting for the first token.
    FirstToken,
    /// Time from token to token.
    Decode,
    /// Decode speed as a user sees it: the reciprocal of [`Family::Decode`].
    UserSpeed,
    /// Whole requests.
    Latency,
    /// Requests that met their SLOs.
    Goodput,
    /// Failing requests.
    Errors,
    /// Hits in the prefix cache.
    CacheHits,
    /// Room in the KV cache.
    CacheUsage,
    /// Where the GPU's time goes.
    Kernels,
    /// Where the CPU's time goes.
    SpinPoll,
}

/// One judged metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric {
    /// What is judged; it has the name, the unit and the place.
    pub quantity: Quantity,
    /// Short name in policies.
    pub short: Option<&'static str>,
    /// What prose calls it.
    pub words: &'static str,
    /// What it is a sign of.
    pub family: Family,
    /// The better direction.
    pub better: Better,
    /// How the tolerance is compared.
    pub kind: Kind,
    /// Default tolerance in the unit that users write: percent, or points.
    pub default: f64,
    /// Whether it says nothing where whole streams arrived in one read: the first token came with the last one.
    pub of_streams: bool,
}

impl Metric {
    /// Name in documents, rows and policies.
    pub fn name(&self) -> &'static str {
        self.quantity.name()
    }

    /// Unit of the number.
    pub fn unit(&self) -> Unit {
        self.quantity.unit()
    }

    /// The default tolerance in the unit of the number: percent, or the metric's own.
    pub fn default_tolerance(&self) -> f64 {
        self.default * self.per_written()
    }

    /// The factor from what users write to the unit of the number: 2 points of a fraction are 0.02.
    pub fn per_written(&self) -> f64 {
        match self.kind {
            Kind::Percent => 1.0,
            Kind::Absolute => self.unit().per_written(),
        }
    }

    /// True for throughput and latencies: without one of these that can be judged there is no verdict.
    pub fn is_performance(&self) -> bool {
        self.quantity.stands() == Stands::Cell && self.family != Family::Errors
    }

    /// The metric of a quantity.
    pub fn of(quantity: Quantity) -> Option<&'static Metric> {
        METRICS.iter().find(|metric| metric.quantity == quantity)
    }

    /// The metric of a full or a short name.
    pub fn written(name: &str) -> Option<&'static Metric> {
        let is_short = |metric: &&Metric| metric.short == Some(name);
        let short = METRICS.iter().find(is_short);
        short.or_else(|| METRICS.iter().find(|metric| metric.name() == name))
    }
}

/// Throughput, which decides as the headline.
pub const HEADLINE: Quantity = Quantity::Throughput;

/// The share of failed requests that is worth a word, and the default tolerance of the error rate, in points.
pub const ERROR_RATE_POINTS: f64 = 1.0;

const fn higher(quantity: Quantity, words: &'static str, family: Family, default: f64) -> Metric {
    Metric {
        quantity,
        short: None,
        words,
        family,
        better: Better::Higher,
        kind: Kind::Percent,
        default,
        of_streams: false,
    }
}

const fn lower(quantity: Quantity, words: &'static str, family: Family, default: f64) -> Metric {
    Metric {
        better: Better::Lower,
        ..higher(quantity, words, family, default)
    }
}

impl Metric {
    const fn short(self, short: &'static str) -> Self {
        Metric {
            short: Some(short),
            ..self
        }
    }

    /// Compared in points, or in the unit itself.
    const fn absolute(self) -> Self {
        Metric {
            kind: Kind::Absolute,
            ..self
        }
    }

    const fn of_streams(self) -> Self {
        Metric {
            of_streams: true,
            ..self
        }
    }
}

use Quantity as Q;

/// All judged metrics, in the order of the rows.
#[rustfmt::skip]
pub const METRICS: &[Metric] = &[
    higher(Q::Throughput, "throughput", Family::Throughput, 3.0).short("tps"),
    lower(Q::TtftP50, "TTFT p50", Family::FirstToken, 5.0).short("ttft").of_streams(),
    lower(Q::TtftP95, "TTFT p95", Family::FirstToken, 10.0).of_streams(),
    lower(Q::TtftP99, "TTFT p99", Family::FirstToken, 15.0).of_streams(),
    lower(Q::ItlP50, "ITL p50", Family::Decode, 3.0).short("itl").of_streams(),
    higher(Q::TpsPerUser, "tok/s/user", Family::UserSpeed, 3.0).short("user").of_streams(),
    lower(Q::RequestLatencyP50, "request latency p50", Family::Latency, 5.0).short("latency"),
    higher(Q::Goodput, "goodput", Family::Goodput, 3.0).short("goodput"),
    lower(Q::ErrorRate, "error rate", Family::Errors, ERROR_RATE_POINTS).absolute(),
    lower(Q::Errors, "errors", Family::Errors, 1.0).absolute(),
    higher(Q::HitRatePost, "prefix cache hit rate", Family::CacheHits, 2.0).absolute().short("hit-rate"),
    lower(Q::CacheUsagePeak, "KV cache peak", Family::CacheUsage, 5.0).absolute(),
    lower(Q::KernelClass, "kernel class", Family::Kernels, 3.0).absolute(),
    lower(Q::SpinPoll, "spin-poll share", Family::SpinPoll, 5.0).absolute(),
];

/// The metrics of throughput and latencies, in order.
pub fn of_cells() -> impl Iterator<Item = &'static Metric> {
    METRICS.iter().filter(|metric| metric.is_performance())
}
