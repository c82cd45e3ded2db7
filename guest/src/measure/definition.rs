//! Which quantity a number is, where tools use one name for several.

use super::quantity::Quantity;

/// Makes the definitions and their texts of the same rows.
macro_rules! definitions {
    ($($variant:ident = $name:literal, $meaning:literal;)*) => {
        /// One of several quantities of one name. Numbers of different definitions are never compared.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Definition {
            $(#[doc = $meaning] $variant,)*
        }

        impl Definition {
            /// Every definition.
            pub const ALL: &[Definition] = &[$(Definition::$variant,)*];

            /// Name of the definition in documents.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Definition::$variant => $name,)*
                }
            }

            /// What it means, for the manual.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Definition::$variant => $meaning,)*
                }
            }

            /// The definition of a name.
            pub fn of(name: &str) -> Option<Self> {
                Definition::ALL.iter().copied().find(|one| one.as_str() == name)
            }
        }
    };
}

definitions! {
    TpotPerRequest = "tpot-per-request", "(latency - TTFT) / (output tokens - 1), one value a request: AIPerf `inter_token_latency`, vLLM TPOT";
    TpotByToken = "tpot-by-token", "(last token - first token) / (output tokens - 1), each request counted once for each token of it: GuideLLM `inter_token_latency_ms`";
    GapPooled = "gap-pooled", "every gap between two streamed chunks, pooled over the requests: AIPerf `inter_chunk_latency`, vLLM ITL";
    TpotWithTtft = "tpot-with-ttft", "latency / output tokens, TTFT included, one value a request: LLMPerf";
    Chunks = "chunks", "counted in streamed chunks, each taken for one token";
    UsageChunks = "usage-chunks", "(latency - TTFT) / (output tokens - tokens of the first chunk), one value a request: AIPerf under `--per-chunk-usage`";
    ServerUsage = "server-usage", "output tokens as the server's `usage` says them";
    ClientTokenizer = "client-tokenizer", "output tokens as the client's tokenizer counts the text";
    Tokens = "tokens", "hits over lookups, counted in tokens";
    Blocks = "blocks", "hits over lookups, counted in blocks of the KV cache";
    Gauge = "gauge", "what the server itself calls its hit rate";
    StreamEnd = "stream-end", "from sending a request to the last byte of its answer";
    FirstByte = "first-byte", "from sending a request to the first byte of its answer";
    Mixed = "mixed", "of several definitions, one at one level and another at the next: compared with nothing";
}

/// One name of `definitions`: what it says of which numbers.
#[derive(Clone, Copy, Debug)]
pub struct Topic {
    /// The key in `definitions`.
    pub name: &'static str,
    /// What the name can stand for.
    pub values: &'static [Definition],
    /// The numbers that are of it: a definition says nothing about any other.
    pub covers: &'static [Quantity],
}

use Definition as D;
use Quantity as Q;

/// Who counted the output tokens.
pub const OUTPUT_TOKENS: &str = "output_tokens";

/// All names of `definitions`, in the order of the document.
pub const TOPICS: &[Topic] = &[
    Topic {
        name: "itl_p50_ms",
        values: &[
            D::TpotPerRequest,
            D::TpotByToken,
            D::GapPooled,
            D::TpotWithTtft,
            D::Chunks,
            D::UsageChunks,
            D::Mixed,
        ],
        covers: &[Q::ItlP50, Q::ItlMean],
    },
    // AIPerf makes the speed of a user of the inter-token latency of a request: it is of the same divisor.
    Topic {
        name: "tps_per_user",
        values: &[
            D::TpotPerRequest,
            D::TpotWithTtft,
            D::Chunks,
            D::UsageChunks,
            D::Mixed,
        ],
        covers: &[Q::TpsPerUser],
    },
    Topic {
        name: OUTPUT_TOKENS,
        values: &[D::ServerUsage, D::ClientTokenizer, D::Chunks, D::Mixed],
        covers: &[Q::Throughput, Q::TpsPerUser],
    },
    Topic {
        name: "request_latency_p50_ms",
        values: &[D::StreamEnd, D::FirstByte, D::Mixed],
        covers: &[Q::RequestLatencyP50, Q::RequestLatencyMean],
    },
    Topic {
        name: "prefix_cache_hit_rate_post",
        values: &[D::Tokens, D::Blocks, D::Gauge],
        covers: &[Q::HitRatePost],
    },
];

impl Topic {
    /// The topic of a key of `definitions`.
    pub fn of(name: &str) -> Option<&'static Topic> {
        TOPICS.iter().find(|topic| topic.name == name)
    }

    /// What can be said of a quantity.
    pub fn covering(quantity: Quantity) -> impl Iterator<Item = &'static Topic> {
        let covers = move |topic: &&Topic| topic.covers.contains(&quantity);
        TOPICS.iter().filter(covers)
    }
}
