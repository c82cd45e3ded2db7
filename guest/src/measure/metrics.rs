//! The table of judged metrics. A new metric is one new row of [`METRICS`].
//!
//! Default tolerances are those of the `inference_perfbench_v1` specification.

use super::quantity::Quantity;

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

/// Where a metric stands in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `metrics.<concurrency>`.
    Level(Quantity),
    /// `metrics.<concurrency>`, made of errors and requests while judging.
    Errors,
    /// `server_metrics_delta`.
    Server,
    /// `kernel_class_gpu_pct.<class>`, one row a class.
    KernelClass,
    /// Top level.
    Profile,
}

/// One judged metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Name in documents, rows and on the command line.
    pub name: &'static str,
    /// Short name on the command line.
    pub short: Option<&'static str>,
    /// Unit of the number.
    pub unit: &'static str,
    /// The better direction.
    pub better: Better,
    /// How the tolerance is compared.
    pub kind: Kind,
    /// Default tolerance in the unit that users write: percent, or points.
    pub default: f64,
    /// The factor from what users write to the unit of the number: 2 points of a fraction are 0.02.
    pub per_written: f64,
    /// Where it stands.
    pub scope: Scope,
}

impl Metric {
    /// True for a time: exactly 0 is then an artefact of measuring.
    pub fn is_duration(&self) -> bool {
        self.unit == "ms"
    }

    /// True for throughput and speed per user, of which 0 in a baseline cannot be a yardstick.
    pub fn is_rate(&self) -> bool {
        self.unit.starts_with("tok/s")
    }

    /// True for throughput and latencies: without one of these that can be judged there is no verdict.
    pub fn is_performance(&self) -> bool {
        matches!(self.scope, Scope::Level(_))
    }
}

/// The throughput metric, which decides as the headline.
pub const HEADLINE: &str = "throughput_toks_per_s";

/// Name of the error-rate row.
pub const ERROR_RATE: &str = "error_rate";

/// Default tolerance of the error rate, in points.
pub const ERROR_RATE_POINTS: f64 = 1.0;

/// Name of the row that counts errors where the number of requests is not known.
pub const ERRORS: &str = "errors";

/// Name of the hit-rate metric.
pub const HIT_RATE: &str = "prefix_cache_hit_rate_post";

/// Name of the family of kernel-class metrics.
pub const KERNEL_CLASS: &str = "kernel_class_gpu_pct";

const fn level(
    name: &'static str,
    short: Option<&'static str>,
    unit: &'static str,
    better: Better,
    percent: f64,
    quantity: Quantity,
) -> Metric {
    Metric {
        name,
        short,
        unit,
        better,
        kind: Kind::Percent,
        default: percent,
        per_written: 1.0,
        scope: Scope::Level(quantity),
    }
}

const fn points(
    name: &'static str,
    short: Option<&'static str>,
    better: Better,
    default: f64,
    fraction: bool,
    scope: Scope,
) -> Metric {
    let (unit, per_written) = if fraction {
        ("fraction", 0.01)
    } else {
        ("percent", 1.0)
    };
    Metric {
        name,
        short,
        unit,
        better,
        kind: Kind::Absolute,
        default,
        per_written,
        scope,
    }
}

/// All judged metrics, in the order of the rows.
pub const METRICS: &[Metric] = &[
    level(
        HEADLINE,
        Some("tps"),
        "tok/s",
        Better::Higher,
        3.0,
        Quantity::Throughput,
    ),
    level(
        "ttft_p50_ms",
        Some("ttft"),
        "ms",
        Better::Lower,
        5.0,
        Quantity::TtftP50,
    ),
    level(
        "ttft_p95_ms",
        None,
        "ms",
        Better::Lower,
        10.0,
        Quantity::TtftP95,
    ),
    level(
        "ttft_p99_ms",
        None,
        "ms",
        Better::Lower,
        15.0,
        Quantity::TtftP99,
    ),
    level(
        "itl_p50_ms",
        Some("itl"),
        "ms",
        Better::Lower,
        3.0,
        Quantity::ItlP50,
    ),
    level(
        "tps_per_user",
        Some("user"),
        "tok/s/user",
        Better::Higher,
        3.0,
        Quantity::TpsPerUser,
    ),
    level(
        "request_latency_p50_ms",
        Some("latency"),
        "ms",
        Better::Lower,
        5.0,
        Quantity::RequestLatencyP50,
    ),
    points(
        ERROR_RATE,
        None,
        Better::Lower,
        ERROR_RATE_POINTS,
        true,
        Scope::Errors,
    ),
    Metric {
        name: ERRORS,
        short: None,
        unit: "requests",
        better: Better::Lower,
        kind: Kind::Absolute,
        default: 0.0,
        per_written: 1.0,
        scope: Scope::Errors,
    },
    points(
        HIT_RATE,
        Some("hit-rate"),
        Better::Higher,
        2.0,
        true,
        Scope::Server,
    ),
    points(
        "gpu_cache_usage_perc_peak",
        None,
        Better::Lower,
        5.0,
        true,
        Scope::Server,
    ),
    points(
        KERNEL_CLASS,
        None,
        Better::Lower,
        3.0,
        false,
        Scope::KernelClass,
    ),
    points(
        "cpu_spinpoll_pct",
        None,
        Better::Lower,
        5.0,
        false,
        Scope::Profile,
    ),
];

/// The metric of a full name; for `kernel_class_gpu_pct.<class>` the family.
pub fn find(name: &str) -> Option<&'static Metric> {
    let family = match name.split_once('.') {
        Some((_, "")) => return None,
        Some((family, _)) => family,
        None => name,
    };
    METRICS.iter().find(|metric| {
        if metric.scope == Scope::KernelClass {
            metric.name == family
        } else {
            metric.name == name
        }
    })
}

/// The metric of a full or short name.
pub fn find_written(name: &str) -> Option<&'static Metric> {
    METRICS
        .iter()
        .find(|metric| metric.short == Some(name))
        .or_else(|| find(name))
}

/// Metrics of one concurrency level, in order.
pub fn of_levels() -> impl Iterator<Item = (&'static Metric, Quantity)> {
    METRICS.iter().filter_map(|metric| match metric.scope {
        Scope::Level(quantity) => Some((metric, quantity)),
        _ => None,
    })
}
