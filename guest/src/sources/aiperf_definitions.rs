//! Which quantities AIPerf's numbers are.

use crate::measure::Definition;
use crate::measure::definition::OUTPUT_TOKENS;
use crate::run::LevelResult;

/// What every result of AIPerf is: one ITL a request, the speed of a user made of it, latency to the last byte.
pub(super) fn define(result: &mut LevelResult) {
    result.define("itl_p50_ms", Definition::TpotPerRequest);
    result.define("tps_per_user", Definition::TpotPerRequest);
    result.define("request_latency_p50_ms", Definition::StreamEnd);
}

/// What can grow at the beginning of a phase, by its options of so many seconds and by the keys of the phase.
pub(super) const RAMPS: &[(&str, [&str; 2])] = &[
    (
        "concurrency",
        ["concurrency_ramp_duration", "concurrency_ramp"],
    ),
    (
        "prefill concurrency",
        ["prefill_concurrency_ramp_duration", "prefill_ramp"],
    ),
    ("rate", ["request_rate_ramp_duration", "rate_ramp"]),
];

/// Several ramps in one text.
pub(super) fn joined(ramps: impl Iterator<Item = String>) -> Option<String> {
    ramps.reduce(|all, one| format!("{all}; {one}"))
}

/// Whether a word of a command line switches an option on.
pub(super) fn switches_on(word: &str, option: &str) -> bool {
    match word.split_once('=') {
        None => word == option,
        Some((name, value)) => name == option && value.eq_ignore_ascii_case("true"),
    }
}

/// What the options of the run make of it, where they are known.
pub(super) fn define_by_options(
    result: &mut LevelResult,
    server_counts_tokens: bool,
    usage_per_chunk: bool,
) {
    result.define(
        OUTPUT_TOKENS,
        if server_counts_tokens {
            Definition::ServerUsage
        } else {
            Definition::ClientTokenizer
        },
    );
    if usage_per_chunk {
        result.define("itl_p50_ms", Definition::UsageChunks);
        result.define("tps_per_user", Definition::UsageChunks);
    }
}
