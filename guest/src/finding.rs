//! What was noticed beside the numbers: the one table of findings.
//!
//! A new finding is one row of the table below; `docs/findings.md` is checked against it.

mod place;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use place::Where;

/// How much a finding weighs. It never decides a verdict by itself; the rules name the codes that do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// A number may not mean what it seems to mean.
    Warning,
    /// Numbers are missing or cannot be used.
    Error,
}

/// When a finding is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// While a bundle is read; such a finding stands in the document.
    Reading,
    /// While two documents are compared.
    Comparing,
}

/// One row of the table of findings.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Stable name in capitals.
    pub name: &'static str,
    /// The weight.
    pub severity: Severity,
    /// When it is made.
    pub stage: Stage,
    /// What was seen, for the manual.
    pub seen: &'static str,
    /// What it changes, for the manual.
    pub effect: &'static str,
}

/// Makes the enum and its table of the same rows, so that neither can lack one of the other's.
macro_rules! findings {
    ($($variant:ident = $name:literal, $severity:ident, $stage:ident, $seen:literal, $effect:literal;)*) => {
        /// What was noticed, by its stable name.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum FindingCode {
            $(#[doc = $seen] $variant,)*
            /// A code of another version, read from a document; it is kept and means nothing here.
            Foreign(String),
        }

        impl FindingCode {
            /// Every code that this version makes, in the order of the manual.
            pub const ALL: &[FindingCode] = &[$(FindingCode::$variant,)*];

            /// The row of the table; none for a code of another version.
            pub fn row(&self) -> Option<Row> {
                match self {
                    $(FindingCode::$variant => Some(Row {
                        name: $name,
                        severity: Severity::$severity,
                        stage: Stage::$stage,
                        seen: $seen,
                        effect: $effect,
                    }),)*
                    FindingCode::Foreign(_) => None,
                }
            }

            /// The stable name, for instance `SOURCES_DISAGREE`.
            pub fn as_str(&self) -> &str {
                match self {
                    $(FindingCode::$variant => $name,)*
                    FindingCode::Foreign(name) => name,
                }
            }

            /// The code of a stable name.
            pub fn of(name: &str) -> Self {
                match name {
                    $($name => FindingCode::$variant,)*
                    other => FindingCode::Foreign(other.to_owned()),
                }
            }
        }
    };
}

findings! {
    SourcesDisagree = "SOURCES_DISAGREE", Warning, Reading,
        "two files give different numbers for one metric of a level, beyond rounding",
        "the better source is used; by more than the tolerance of a judged number the judgement stays a `DRAFT`";
    LevelNameDisagrees = "LEVEL_NAME_DISAGREES", Warning, Reading,
        "the name of a folder or file says another concurrency than its content",
        "the content counts";
    LevelAborted = "LEVEL_ABORTED", Warning, Reading,
        "a console log in which AIPerf failed before it measured, or request records without a line of the measured phase, beside levels that were measured",
        "the level is missing: `YELLOW lost` or `NO_VERDICT headline-unmeasured` against a baseline that has it, also where one trial of several lacks it";
    LogWithoutFooter = "LOG_WITHOUT_FOOTER", Warning, Reading,
        "a console log that ends after its table",
        "model and concurrency come from elsewhere";
    AiperfExitErrors = "AIPERF_EXIT_ERRORS", Warning, Reading,
        "AIPerf ended the measured phase and then printed errors",
        "none";
    IncompleteRun = "INCOMPLETE_RUN", Warning, Reading,
        "AIPerf says that the run was cancelled or cut short",
        "`YELLOW lost` where it is the current run";
    RequestsMissing = "REQUESTS_MISSING", Warning, Reading,
        "more than 1 % of the planned requests of a level never ended, neither well nor with an error; not for runs that a time or a number of sessions ends",
        "the judgement stays a `DRAFT`";
    DurationShort = "DURATION_SHORT", Warning, Reading,
        "a phase that only a time was to end lasted less than 95 % of it, two median latencies allowed for",
        "the judgement stays a `DRAFT`";
    ClockOdd = "CLOCK_ODD", Warning, Reading,
        "request records that end before they start, start before their credit was issued, or end more than 60 s before one on an earlier line started; a request that is there again, to the nanosecond (copies of one file that were joined)",
        "none";
    StartsApart = "STARTS_APART", Warning, Reading,
        "places of one bundle that began more than a day apart: a result of an earlier run was left in the directory",
        "the judgement stays a `DRAFT`";
    ScrapesDiffer = "SCRAPES_DIFFER", Warning, Reading,
        "pre and post scrape are not of the same servers, or of another process than AIPerf's export of the run",
        "increases are null";
    ScrapesSwapped = "SCRAPES_SWAPPED", Warning, Reading,
        "one and the same server process, and its counters are lower in the post scrape than in the pre scrape",
        "increases are null";
    CounterReset = "COUNTER_RESET", Error, Reading,
        "a server started again during the run",
        "increases are null; of the current run alone `YELLOW unhealthy`";
    NotAScrape = "NOT_A_SCRAPE", Warning, Reading,
        "a file that is named as a scrape and is something else: an HTML page, JSON, gzip data, the text of an error, nothing",
        "the server's numbers are made without it, most of them null";
    SameServer = "SAME_SERVER", Info, Reading,
        "one server under two addresses: the same start, model and engines, and the same counts",
        "it counts once";
    OtherTraffic = "OTHER_TRAFFIC", Warning, Reading,
        "the server generated over 5 % more tokens in a measured phase than the client received, and more than failed requests can account for",
        "the server's throughput is null, its hit rate too where it is a multiple; the judgement stays a `DRAFT`; in the baseline a `GREEN` becomes `YELLOW unhealthy`";
    ServerSamplesShort = "SERVER_SAMPLES_SHORT", Warning, Reading,
        "the server's samples show over 5 % fewer generated tokens than the client received",
        "the server's rates that rest on them are null";
    PrefixCacheOff = "PREFIX_CACHE_OFF", Info, Reading,
        "no lookup in the prefix cache, and the configuration says that it is off",
        "the hit rate is null";
    UnitConverted = "UNIT_CONVERTED", Info, Reading,
        "a usage or rate above 1",
        "taken for percent and divided by 100";
    PeakIsUpperBound = "PEAK_IS_UPPER_BOUND", Info, Reading,
        "several engines whose peaks have no time",
        "the sum of the peaks is shown";
    ServerModelName = "SERVER_MODEL_NAME", Info, Reading,
        "the server's metrics name another model than the run",
        "taken for the same";
    ServerConfigDiffers = "SERVER_CONFIG_DIFFERS", Warning, Reading,
        "two `cache_config_info` with different values",
        "the first is kept; of a field of the identity the judgement stays a `DRAFT`";
    ContextDisagrees = "CONTEXT_DISAGREES", Warning, Reading,
        "two files state one field of the context differently",
        "the first in order of trust is used; of a field of the identity the judgement stays a `DRAFT`";
    ProfileEmpty = "PROFILE_EMPTY", Warning, Reading,
        "a profile without rows, or with a part of the kernels",
        "no shares, or shares of the listed kernels";
    ProfileCut = "PROFILE_CUT", Warning, Reading,
        "a profile without rows, or with a part of the kernels",
        "no shares, or shares of the listed kernels";
    ProfileLimited = "PROFILE_LIMITED", Warning, Reading,
        "a profile without rows, or with a part of the kernels",
        "no shares, or shares of the listed kernels";
    ProfileNotUsed = "PROFILE_NOT_USED", Info, Reading,
        "a profile beside a more exact one, of something else, or in a form that is not read",
        "not used";
    RateNotReached = "RATE_NOT_REACHED", Warning, Reading,
        "requests were sent at less than 95 % of the offered rate, beyond chance where arrivals are random",
        "on the baseline's side alone its latencies are not judged; on both only throughput is";
    ResultLeftOut = "RESULT_LEFT_OUT", Warning, Reading,
        "a result that says at no place it was measured, or a result of a tool that is not read, beside usable ones",
        "it is left out";
    ModelNotServed = "MODEL_NOT_SERVED", Warning, Reading,
        "the saved answer of /v1/models does not list the model of the run",
        "the judgement stays a `DRAFT`";
    UnitDoubtful = "UNIT_DOUBTFUL", Warning, Reading,
        "a number outside of any plausible band for its unit, with what it would be in another one: TTFT or latency under 1 ms or over 1 hour, ITL under 0.02 ms or over 1 hour; 500 to 2000 times what the baseline has, or as small a part of it; shares of kernels that sum to less than 1.5 %. Nothing is converted",
        "the row is not judged";
    TrialsDiffer = "TRIALS_DIFFER", Warning, Reading,
        "trials of one side that differ in a field that is not part of the identity, their regime too",
        "the judgement stays a `DRAFT`";
    IdentityMismatch = "IDENTITY_MISMATCH", Error, Comparing,
        "the two runs did not measure the same thing",
        "`NO_VERDICT not-comparable`";
    IdentityVaried = "IDENTITY_VARIED", Info, Comparing,
        "the same, declared as varied",
        "none";
    IdentityUnknown = "IDENTITY_UNKNOWN", Warning, Comparing,
        "a field that only one side states",
        "the judgement stays a `DRAFT`";
    HeadlineMoved = "HEADLINE_MOVED", Info, Comparing,
        "the baseline has no concurrency 16",
        "its nearest level is the headline";
    UnmatchedLevel = "UNMATCHED_LEVEL", Warning, Comparing,
        "a level on one side only",
        "`YELLOW lost` where the baseline had it";
    LostMeasurement = "LOST_MEASUREMENT", Warning, Comparing,
        "a usable number of the baseline that the current run has not, or only as another quantity or as an artefact, or that a smaller share of its trials has than of the baseline's",
        "`YELLOW lost`";
    ImplausibleZero = "IMPLAUSIBLE_ZERO", Warning, Comparing,
        "a duration of 0, or no throughput in the baseline",
        "the row is not judged";
    CoalescedStreams = "COALESCED_STREAMS", Warning, Comparing,
        "streams that arrived whole or in bursts: a median ITL of 0, or three quarters of the gaps between chunks practically 0 behind a late first token",
        "ITL and tok/s per user of the place are not judged; TTFT is not where the baseline is affected";
    PartialSample = "PARTIAL_SAMPLE", Warning, Comparing,
        "a statistic that rests on less than 90 % of the successful requests",
        "the row is not judged";
    OutputLengthDrift = "OUTPUT_LENGTH_DRIFT", Warning, Comparing,
        "mean output lengths more than 1 % apart",
        "a throughput or latency row that the difference explains is `UNRESOLVED`; beyond 5 % it is an `IDENTITY_MISMATCH`, unless more than 1 % of the requests failed";
    RequestsFailed = "REQUESTS_FAILED", Warning, Comparing,
        "more than 1 % of the requests of a common level failed, on either side",
        "the row `error_rate`; above 10 % in the current run `RED failed-level` or `YELLOW unhealthy`";
    NotSteady = "NOT_STEADY", Warning, Comparing,
        "fewer requests than twice the concurrency",
        "none";
    Drift = "DRIFT", Warning, Comparing,
        "first and last third of a run's requests at a level differ by 5 % or more in a median, beyond chance (`evidence.drift`)",
        "none";
    LowSamples = "LOW_SAMPLES", Warning, Comparing,
        "a percentile that its number of requests cannot carry",
        "the judgement stays a `DRAFT`, or the row is not judged, where the policy only observes tails";
    NoiseAboveTolerance = "NOISE_ABOVE_TOLERANCE", Warning, Comparing,
        "identical runs differ by more than the tolerance",
        "the advice of a `GREEN` names the rows, and promises nothing of them";
    TrialSlow = "TRIAL_SLOW", Warning, Comparing,
        "a current trial whose headline is beyond tolerance and outside of what the baseline's trials predict for one run, although the median is not",
        "`YELLOW uneven`";
    Ratchet = "RATCHET", Warning, Comparing,
        "the headline is beyond tolerance and beyond the noise against the best of the last ten baselines of the same identity",
        "`YELLOW creep`";
    TrialLeftOut = "TRIAL_LEFT_OUT", Warning, Comparing,
        "a trial that is an outlier among the trials of both sides",
        "left out of the noise and of the rank test; the median holds it";
    SessionsApart = "SESSIONS_APART", Warning, Comparing,
        "the nearest runs of the two sides began more than an hour apart, they are no pairs, and fewer than five earlier baselines count",
        "the judgement stays a `DRAFT`";
    SameRun = "SAME_RUN", Error, Comparing,
        "a place whose result is of one and the same run on both sides: a result file that both have, or the same run id, or the same start and numbers; a profile of which both sides hold a file",
        "the place is not judged and counts as lost (a profile does not); at the headline, or at every common place, `NO_VERDICT same-run`";
    Implausible = "IMPLAUSIBLE", Error, Comparing,
        "numbers of a place that contradict each other, with both sides of the equation",
        "throughput and latencies of the place are not judged; at the headline `NO_VERDICT invalid-run`";
    RunInvalid = "RUN_INVALID", Error, Comparing,
        "the benchmark tool itself declares the run, or a place of it, invalid",
        "as `IMPLAUSIBLE`; of a whole run `NO_VERDICT invalid-run`";
    ConcurrencyNotReached = "CONCURRENCY_NOT_REACHED", Warning, Comparing,
        "less than a third of the concurrency was in flight on average: hung requests, delays between turns, too few prompts",
        "the judgement stays a `DRAFT`";
    ImpossibleNumbers = "IMPOSSIBLE_NUMBERS", Error, Comparing,
        "numbers of a place that no run gives together: a p95 or p99 of TTFT over a quarter below a lower percentile, a request latency over a quarter below the TTFT, tokens a second of outputs without a token or of no request; in one of several trials also a duration of 0, in the baseline a speed of 0, or an equation that does not hold",
        "the judgement stays a `DRAFT`";
    SameNumbers = "SAME_NUMBERS", Warning, Comparing,
        "a run of either side, or two trials of one side, whose throughput and latencies agree in every digit at every place, or at one place of which both have a name, under another name; or in all digits that both have, of five numbers with four digits at least: a copy, as far as anybody can tell",
        "the judgement stays a `DRAFT`";
    RequestsDiffer = "REQUESTS_DIFFER", Warning, Comparing,
        "one side ran more than twice as many requests at a place as the other, a run",
        "none";
    DefinitionUnknown = "DEFINITION_UNKNOWN", Warning, Comparing,
        "only one side says which quantity a number is",
        "none";
    ProfileLost = "PROFILE_LOST", Warning, Comparing,
        "the baseline has a profile and the current run has none",
        "none";
    NotCompared = "NOT_COMPARED", Info, Comparing,
        "numbers that only the current run has",
        "none";
    OneMoreError = "ONE_MORE_ERROR", Info, Comparing,
        "one request more failed than in the baseline",
        "none; two more are `REGRESSED`";
    InputLengthDrift = "INPUT_LENGTH_DRIFT", Warning, Comparing,
        "mean input lengths more than 1 % apart",
        "none; beyond 5 % it is an `IDENTITY_MISMATCH`, unless more than 1 % of the requests failed";
    RegimeDiffers = "REGIME_DIFFERS", Warning, Comparing,
        "one run started with a warm prefix cache, the other with a cold one",
        "the judgement stays a `DRAFT`";
    ToleranceWidened = "TOLERANCE_WIDENED", Warning, Comparing,
        "a tolerance above its default",
        "none; the noise floor of the tier is measured against the default";
    ColdStart = "COLD_START", Warning, Comparing,
        "the first requests of the current run, as many as the concurrency, were far slower than the rest, by mean and median, and a tenth or more of its loss in the mean, and those of the baseline were not",
        "none; it leads the advice";
    QualityScores = "QUALITY_SCORES", Info, Comparing,
        "every quality score that either side was registered with, of both sides",
        "none";
    QualityDiffers = "QUALITY_DIFFERS", Warning, Comparing,
        "a quality score rose or fell by more than its error, or by a point of a hundred where none is known",
        "none; it stands among what changed and at the end of the advice";
    QualityNotCompared = "QUALITY_NOT_COMPARED", Warning, Comparing,
        "both sides have a score of one benchmark, of another metric, version, number of examples or scale (a fraction and a percentage)",
        "none; the two are not compared";
    BaselineIsNewer = "BASELINE_IS_NEWER", Warning, Comparing,
        "all runs of the baseline were captured after all current ones",
        "the judgement stays a `DRAFT`";
    BaselineOld = "BASELINE_OLD", Warning, Comparing,
        "all runs of the baseline were captured so many days before all current ones; 30, or what the policy says",
        "the judgement stays a `DRAFT`";
}

impl Serialize for FindingCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for FindingCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| FindingCode::of(&name))
    }
}

/// The first finding of a code.
pub fn first(findings: &[Finding], code: FindingCode) -> Option<&Finding> {
    findings.iter().find(|finding| finding.code == code)
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable name in capitals, for instance `SOURCES_DISAGREE`.
    pub code: FindingCode,
    /// The weight.
    pub severity: Severity,
    /// What was seen, with its numbers.
    pub message: String,
    /// File, level or metric, relative to the input; null when it is about the whole.
    #[serde(rename = "where")]
    pub place: Where,
}

impl Finding {
    /// A finding about something, with the weight that the table gives it.
    pub fn new(code: FindingCode, place: impl Into<Where>, message: impl Into<String>) -> Self {
        Finding {
            severity: code.row().map_or(Severity::Info, |row| row.severity),
            code,
            message: message.into(),
            place: place.into(),
        }
    }
}
