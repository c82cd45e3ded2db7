//! The quantities that a tool can state about one level.

/// A number that a source can state about one concurrency level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantity {
    /// Output tokens per second over the whole measured phase.
    Throughput,
    /// Time to first token, median, in milliseconds.
    TtftP50,
    /// Time to first token, 95th percentile, in milliseconds.
    TtftP95,
    /// Time to first token, 99th percentile, in milliseconds.
    TtftP99,
    /// Inter-token latency, median, in milliseconds; which quantity that is says the [`ItlDefinition`].
    ItlP50,
    /// Decode speed of one request, TTFT excluded, mean over the requests, in tokens per second.
    TpsPerUser,
    /// End-to-end latency, median, in milliseconds.
    RequestLatencyP50,
    /// Requests that failed in the measured phase.
    Errors,
    /// Requests that ended in the measured phase, failed ones included.
    Requests,
    /// Mean input length, in tokens.
    IslMean,
    /// Mean output length, in tokens.
    OslMean,
    /// Length of the measured phase, in seconds.
    BenchmarkSeconds,
}

/// Which quantity a source calls inter-token latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItlDefinition {
    /// (latency - TTFT) / (output tokens - 1), one value a request: AIPerf `inter_token_latency`, vLLM TPOT.
    TpotPerRequest,
    /// Every gap between two streamed chunks, pooled over the requests: AIPerf `inter_chunk_latency`, vLLM ITL.
    GapPooled,
}

impl ItlDefinition {
    /// Name of the definition in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            ItlDefinition::TpotPerRequest => "tpot-per-request",
            ItlDefinition::GapPooled => "gap-pooled",
        }
    }
}
