//! The table of quantities: every number of a document that has a name of its own. A new one is one row.

use super::unit::Unit;

/// What is kept of each request, and what a percentile of requests is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampled {
    /// Time to first token.
    Ttft,
    /// Inter-token latency of one request.
    Itl,
    /// End-to-end latency.
    Latency,
}

impl Sampled {
    /// All of them, in the order of a document.
    pub const ALL: [Sampled; 3] = [Sampled::Ttft, Sampled::Itl, Sampled::Latency];

    /// The name of the list in a document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Sampled::Ttft => "ttft_ms",
            Sampled::Itl => "itl_ms",
            Sampled::Latency => "request_latency_ms",
        }
    }
}

/// How a number comes from the requests of its phase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// A sum over the time of the phase.
    PerSecond,
    /// A quantile, 0..1.
    Quantile(Sampled, f64),
    /// An arithmetic mean.
    Mean,
    /// A number of requests.
    Count,
    /// It does not come from requests.
    Other,
}

/// Where a quantity stands in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// In the cell of a concurrency or a request rate.
    Cell,
    /// In no document: a row of a cell has it, made of others while judging.
    Judged,
    /// In no document: it is used while one is made.
    Making,
    /// In `server_metrics_delta`.
    Server,
    /// In `kernel_class_gpu_pct`, one number a class.
    Class,
    /// At top level.
    Top,
}

/// One row of the table of quantities.
#[derive(Clone, Copy, Debug)]
struct Row {
    name: &'static str,
    stands: Stands,
    unit: Unit,
    statistic: Statistic,
    meaning: &'static str,
}

/// Makes the enum and its table of the same rows.
macro_rules! quantities {
    ($($variant:ident = $name:literal, $stands:ident, $unit:ident, $statistic:expr, $meaning:literal;)*) => {
        /// A number of a document, in the order in which a document lists them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Quantity {
            $(#[doc = $meaning] $variant,)*
        }

        impl Quantity {
            /// Every quantity, in the order of the document.
            pub const ALL: &[Quantity] = &[$(Quantity::$variant,)*];

            fn row(self) -> Row {
                match self {
                    $(Quantity::$variant => Row {
                        name: $name,
                        stands: Stands::$stands,
                        unit: Unit::$unit,
                        statistic: $statistic,
                        meaning: $meaning,
                    },)*
                }
            }
        }
    };
}

use Sampled::{Itl, Latency, Ttft};
use Statistic::{Count, Mean, Other, PerSecond, Quantile};

quantities! {
    Throughput = "throughput_toks_per_s", Cell, TokensPerSecond, PerSecond,
        "Output tokens per second of all requests together, over the whole measured phase.";
    TtftP50 = "ttft_p50_ms", Cell, Milliseconds, Quantile(Ttft, 0.5), "Time to first token, median.";
    TtftP95 = "ttft_p95_ms", Cell, Milliseconds, Quantile(Ttft, 0.95), "Time to first token, 95th percentile.";
    TtftP99 = "ttft_p99_ms", Cell, Milliseconds, Quantile(Ttft, 0.99), "Time to first token, 99th percentile.";
    ItlP50 = "itl_p50_ms", Cell, Milliseconds, Quantile(Itl, 0.5),
        "Inter-token latency, median; `definitions` says which quantity that is.";
    TpsPerUser = "tps_per_user", Cell, TokensPerSecondAndUser, Mean,
        "Decode speed of one request, TTFT excluded, mean over the requests.";
    RequestLatencyP50 = "request_latency_p50_ms", Cell, Milliseconds, Quantile(Latency, 0.5),
        "End-to-end latency, median.";
    Errors = "errors", Cell, Requests, Count, "Requests that failed in the measured phase.";
    Requests = "requests", Cell, Requests, Count,
        "Requests that ended in the measured phase, failed ones included.";
    RequestsPlanned = "requests_planned", Cell, Requests, Count,
        "Requests that the measured phase was to send; null where a time ends it.";
    Cancelled = "cancelled", Cell, Requests, Count,
        "Requests cancelled because the operator ordered it: neither requests nor errors.";
    IslMean = "isl_mean", Cell, Tokens, Mean, "Mean input length.";
    OslMean = "osl_mean", Cell, Tokens, Mean, "Mean output length.";
    RequestRate = "requests_per_s", Cell, RequestsPerSecond, PerSecond, "Successful requests per second.";
    RequestLatencyMean = "request_latency_mean_ms", Cell, Milliseconds, Mean, "End-to-end latency, mean.";
    TtftMean = "ttft_mean_ms", Cell, Milliseconds, Mean, "Time to first token, mean.";
    ItlMean = "itl_mean_ms", Cell, Milliseconds, Mean,
        "Inter-token latency, mean over the requests; `definitions` says which quantity that is.";
    ChunkGapMean = "chunk_gap_mean_ms", Cell, Milliseconds, Other,
        "Time between two streamed chunks, mean over all gaps: AIPerf `inter_chunk_latency`.";
    ChunkGapP75 = "chunk_gap_p75_ms", Cell, Milliseconds, Other, "Time between two streamed chunks, 75th percentile.";
    SentRate = "sent_per_s", Cell, RequestsPerSecond, Other,
        "Requests a second over the time in which requests were sent, where a rate was offered.";
    Goodput = "goodput_per_s", Cell, RequestsPerSecond, Other,
        "Requests per second that met all of the stated SLOs, which `slo` says.";
    ErrorRate = "error_rate", Judged, Fraction, Other, "Failed requests over all that ended.";
    BenchmarkSeconds = "benchmark_seconds", Making, Seconds, Other, "Length of the measured phase.";
    HitRatePre = "prefix_cache_hit_rate_pre", Server, Fraction, Other,
        "Hit rate of the prefix cache up to the pre scrape.";
    HitRatePost = "prefix_cache_hit_rate_post", Server, Fraction, Other,
        "Hit rate of the prefix cache between the pre and the post scrape.";
    CacheUsagePeak = "gpu_cache_usage_perc_peak", Server, Fraction, Other, "Highest usage of the KV cache.";
    RunningPeak = "num_requests_running_peak", Server, Requests, Other, "Most requests running at once.";
    GenerationThroughput = "avg_generation_throughput_toks_per_s", Server, TokensPerSecond, Other,
        "Generated tokens per second of the measured phases, as the server counts them.";
    KernelClass = "kernel_class_gpu_pct", Class, Percent, Other, "Share of the GPU time of one class of kernels.";
    SpinPoll = "cpu_spinpoll_pct", Top, Percent, Other, "Share of CPU samples in the spin-poll path.";
}

impl Quantity {
    /// Name in documents, rows and policies.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Where it stands.
    pub fn stands(self) -> Stands {
        self.row().stands
    }

    /// Its unit.
    pub fn unit(self) -> Unit {
        self.row().unit
    }

    /// How it comes from requests.
    pub fn statistic(self) -> Statistic {
        self.row().statistic
    }

    /// What it is, for the manual.
    pub fn meaning(self) -> &'static str {
        self.row().meaning
    }

    /// Whether a tool has it where it was asked for alone: then it is in no document of other runs, not even as null.
    pub fn is_asked_for(self) -> bool {
        self == Quantity::Goodput
    }

    /// The quantity of a name.
    pub fn of(name: &str) -> Option<Self> {
        Quantity::ALL.iter().copied().find(|one| one.name() == name)
    }

    /// The quantities that stand in one section, in the order of the document.
    pub fn standing(stands: Stands) -> impl Iterator<Item = Quantity> {
        let all = Quantity::ALL.iter().copied();
        all.filter(move |one| one.stands() == stands)
    }
}
