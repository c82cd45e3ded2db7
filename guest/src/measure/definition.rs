//! Which quantity a number is, where tools use one name for several.

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
    GapPooled = "gap-pooled", "every gap between two streamed chunks, pooled over the requests: AIPerf `inter_chunk_latency`, vLLM ITL";
    Tokens = "tokens", "hits over lookups, counted in tokens";
    Blocks = "blocks", "hits over lookups, counted in blocks of the KV cache";
    Gauge = "gauge", "what the server itself calls its hit rate";
}
