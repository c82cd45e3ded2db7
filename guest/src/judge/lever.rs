//! The next lever: what to try, what it may unlock, and the gate that proves or refutes it.
//!
//! What explains the change comes first. Then one table of rules, each with its source: a rule speaks when its
//! condition holds for the rows. Trials come last, so that a result never ends without a frontier.

use super::causes::{Cause, Cost};
use super::policy::Policy;
use super::row::{Row, of_number};
use super::rule::Verdict;
use super::settle::Settle;
use super::status::Status;
use super::tolerance::in_words;
use crate::document::Document;
use crate::fields;
use crate::measure::metrics::Family;
use crate::measure::{Metric, Name, Number, Place, Quantity, Unit, shown};
use serde::Serialize;

/// One lever.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lever {
    /// What to try.
    pub lever: String,
    /// Direction and rough size.
    pub expected_unlock: String,
    /// What trying it takes.
    pub cost: Cost,
    /// The measurement that proves or refutes it.
    pub gate: String,
    /// Why it is named here.
    pub because: String,
    /// Where the rule comes from.
    pub source: String,
}

/// The lever to pull next and the ranked rest.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NextLever {
    /// The first.
    #[serde(flatten)]
    pub first: Lever,
    /// The others, most worth first.
    pub frontier: Vec<Lever>,
}

/// What the rules look at.
pub struct Signs<'a> {
    /// All rows.
    pub rows: &'a [Row],
    /// The number that decides first.
    pub headline: &'a Number,
    /// The answer.
    pub verdict: Verdict,
    /// What explains the change, first cause first.
    pub causes: &'a [Cause],
    /// The advice on trials.
    pub settle: &'a Settle,
    /// The fewer runs of the two sides.
    pub runs: usize,
    /// The current side.
    pub current: &'a Document,
    /// The tolerances in force.
    pub policy: &'a Policy,
}

struct Rule {
    lever: &'static str,
    cost: Cost,
    unlock: fn(&Signs<'_>) -> String,
    gate: fn(&Signs<'_>) -> String,
    source: &'static str,
    because: fn(&Signs<'_>) -> Option<String>,
}

/// Rules of equal value, the most valuable first: requests that fail, what explains a loss, what is known to be left on
/// the table. Among equals the cheaper ones come first.
const RULES: [&[Rule]; 3] = [FAILURES, LOSSES, GAINS];

const FAILURES: &[Rule] = &[Rule {
    lever: "find why requests fail at the level with the most errors",
    cost: Cost::Hours,
    unlock: |_| {
        "throughput counts only successful requests: as many percent as requests fail".to_owned()
    },
    gate: |signs| {
        format!(
            "error_rate of that level back within {} of the baseline",
            signs.tolerance(Quantity::ErrorRate)
        )
    },
    source: "AIPerf computes latencies over successful requests only",
    because: |signs| {
        signs
            .regressed(Family::Errors)
            .map(|row| format!("{} regressed", in_words(&row.number)))
    },
}];

const LOSSES: &[Rule] = &[
    Rule {
        lever: "keep sessions on one replica (--connection-reuse-strategy sticky-user-sessions)",
        cost: Cost::Minutes,
        unlock: |_| "TTFT down by about the share of prefill that the lost hits cost".to_owned(),
        gate: |signs| {
            format!(
                "prefix_cache_hit_rate_post back within {}, {}",
                signs.tolerance(Quantity::HitRatePost),
                signs.within(Quantity::TtftP50)
            )
        },
        source: "specification, Phase 5; vLLM documentation, automatic prefix caching",
        because: |signs| {
            signs
                .regressed(Family::CacheHits)
                .map(|row| format!("hit rate {} points", points(row)))
        },
    },
    Rule {
        lever: "turn prefix caching on (--enable-prefix-caching)",
        cost: Cost::Minutes,
        unlock: |_| "TTFT down by up to the shared share of the prompt".to_owned(),
        gate: |signs| {
            format!(
                "prefix_cache_hit_rate_post above 0 and TTFT p50 improved beyond {}",
                signs.tolerance(Quantity::TtftP50)
            )
        },
        source: "vLLM documentation, automatic prefix caching",
        because: |signs| {
            let caching = fields::get(&signs.current.map, "context.prefix_caching")?;
            (fields::plain(caching) == "off")
                .then(|| "the current run served with prefix caching off".to_owned())
        },
    },
    Rule {
        lever: "block instead of spinning in the shared-memory broadcast (VLLM_USE_SHM_BROADCAST_BLOCKING=1)",
        cost: Cost::Minutes,
        unlock: |signs| {
            format!(
                "CPU samples in the spin-poll path down by more than {}",
                signs.tolerance(Quantity::SpinPoll)
            )
        },
        gate: |signs| {
            format!(
                "cpu_spinpoll_pct within {} of the baseline",
                signs.tolerance(Quantity::SpinPoll)
            )
        },
        source: "specification, rationale of cpu_spinpoll_pct",
        because: |signs| {
            signs
                .regressed(Family::SpinPoll)
                .map(|row| format!("spin-poll share {} points", points(row)))
        },
    },
    Rule {
        lever: "look for cohort contention: vllm:num_requests_running over the window of the run, on the same node",
        cost: Cost::Minutes,
        unlock: |_| "the whole loss, if another load ran beside the benchmark".to_owned(),
        gate: |signs| {
            format!(
                "throughput at the headline level within {} on a quiet node",
                signs.tolerance(Quantity::Throughput)
            )
        },
        source: "specification, Phase 5",
        because: |signs| {
            signs
                .regressed(Family::Throughput)
                .map(|row| format!("throughput at {} {}", row.place(), percent(row)))
        },
    },
    Rule {
        lever: "raise --max-num-batched-tokens, or look at queue depth and chunked prefill",
        cost: Cost::Minutes,
        unlock: |_| "TTFT down by the time that requests wait for a prefill slot".to_owned(),
        gate: |signs| {
            format!(
                "{} and {}",
                signs.within(Quantity::TtftP50),
                signs.within(Quantity::TtftP95)
            )
        },
        source: "specification, Phase 5; vLLM documentation, optimization and tuning",
        because: |signs| {
            signs
                .regressed(Family::FirstToken)
                .map(|row| format!("{} {}", in_words(&row.number), percent(row)))
        },
    },
    Rule {
        lever: "compare decode: CUDA graph mode, attention backend and speculative decoding of both runs",
        cost: Cost::Hours,
        unlock: |_| "ITL down and tok/s/user up by the same percentage".to_owned(),
        gate: |signs| {
            let [itl, user] = [Quantity::ItlP50, Quantity::TpsPerUser];
            if signs.tolerance(itl) == signs.tolerance(user) {
                format!("ITL p50 and tok/s/user within {}", signs.tolerance(itl))
            } else {
                format!("{} and {}", signs.within(itl), signs.within(user))
            }
        },
        source: "ITL is decode-bound: specification, tolerance table",
        because: |signs| {
            let row = signs
                .regressed(Family::Decode)
                .or_else(|| signs.regressed(Family::UserSpeed))?;
            Some(format!("{} {}", in_words(&row.number), percent(row)))
        },
    },
    Rule {
        lever: "profile the kernel class whose share of GPU time rose most",
        cost: Cost::Days,
        unlock: |_| "up to the points that the share rose by".to_owned(),
        gate: |signs| {
            let tolerance = match signs.regressed(Family::Kernels) {
                Some(row) => shown::tolerance_in_words(row.metric, row.tolerance),
                None => signs.tolerance(Quantity::KernelClass),
            };
            format!("its kernel_class_gpu_pct row within {tolerance}")
        },
        source: "specification, rationale of kernel_class_gpu_pct",
        because: |signs| {
            let row = signs.regressed(Family::Kernels)?;
            Some(format!("{} {} points", row.name(), points(row)))
        },
    },
];

const GAINS: &[Rule] = &[
    Rule {
        lever: "try speculative decoding (eagle3 or mtp, where the model has a draft head)",
        cost: Cost::Hours,
        unlock: |_| {
            "tok/s/user up, by the mean number of accepted tokens a step, at low concurrency"
                .to_owned()
        },
        gate: |signs| {
            format!(
                "tps_per_user improved beyond {} at the lowest level with throughput at the headline within {}",
                signs.tolerance(Quantity::TpsPerUser),
                signs.tolerance(Quantity::Throughput)
            )
        },
        source: "vLLM documentation, speculative decoding",
        because: |signs| {
            // Nothing is decoded where there are no output tokens.
            signs.current.number(signs.headline)?;
            let stated = fields::get(&signs.current.map, "deployment.speculative_decoding")
                .map(fields::plain);
            match stated.as_deref() {
                Some("none") => {
                    Some("the current run served without speculative decoding".to_owned())
                }
                Some(_) => None,
                None => Some("speculative decoding is unrecorded".to_owned()),
            }
        },
    },
    Rule {
        lever: "sweep --max-num-seqs and --max-num-batched-tokens around today's values",
        cost: Cost::Hours,
        unlock: |_| {
            "throughput at saturation up until the KV cache is full or ITL leaves its tolerance"
                .to_owned()
        },
        gate: |signs| {
            format!(
                "throughput at the highest level improved beyond {} with {}",
                signs.tolerance(Quantity::Throughput),
                signs.within(Quantity::ItlP50)
            )
        },
        source: "vLLM documentation, optimization and tuning",
        because: |signs| {
            let peak = Number::new(Quantity::CacheUsagePeak, Place::Server);
            match signs.current.number(&peak) {
                Some(peak) if peak < 0.9 => {
                    Some(format!("the KV cache peaked at {:.0} %", 100.0 * peak))
                }
                Some(_) => None,
                None => Some("the KV cache peak is unrecorded".to_owned()),
            }
        },
    },
];

impl Signs<'_> {
    /// The worst regression of a family.
    fn regressed(&self, family: Family) -> Option<&Row> {
        let of_family = |row: &&Row| row.metric.family == family;
        let regressed = self.rows.iter().filter(of_family);
        regressed
            .filter(|row| row.status == Status::Regressed)
            .max_by(|a, b| a.badness().total_cmp(&b.badness()))
    }

    /// The gate of a cause is the row that lost most, else the headline.
    fn of_cause(&self, cause: &Cause) -> Lever {
        let regressed = self
            .rows
            .iter()
            .filter(|row| row.status == Status::Regressed);
        let worst = regressed.max_by(|a, b| a.badness().total_cmp(&b.badness()));
        let gate = match worst.or_else(|| of_number(self.rows, self.headline)) {
            Some(row) => format!(
                "{} at {} within {} of the baseline",
                row.name(),
                row.number.place,
                shown::tolerance_in_words(row.metric, row.tolerance)
            ),
            None => "the same question, answered again".to_owned(),
        };
        Lever {
            lever: cause.lever.to_owned(),
            expected_unlock: cause.unlock.to_owned(),
            cost: cause.cost,
            gate,
            because: cause.seen.clone(),
            source: cause.source.to_owned(),
        }
    }

    /// More trials, by the number that every other text gives.
    fn of_trials(&self) -> Lever {
        let runs = match self.runs {
            1 => "one run a side".to_owned(),
            runs => format!("{runs} runs a side"),
        };
        let because = format!("{} rests on {runs}", self.verdict.as_str());
        let (lever, unlock) = self.settle.lever(self.runs);
        Lever {
            lever,
            expected_unlock: format!("none by itself: {unlock}"),
            cost: Cost::Hours,
            gate: "the same verdict on the medians of the trials".to_owned(),
            because,
            source: "docs/noise.md".to_owned(),
        }
    }

    /// The tolerance in force, in words.
    fn tolerance(&self, quantity: Quantity) -> String {
        let tolerance = |metric| {
            let place = self.headline.place;
            let of_metric = |row: &&Row| row.number.name == Name::Of(quantity);
            let mut rows = self.rows.iter().filter(of_metric);
            // A cell's is that of the headline's place; the server's and the profile's stand once.
            let row = rows.find(|row| row.number.place == place || !row.number.place.is_cell());
            let in_force = row.map(|row| row.tolerance);
            let of_name = || self.policy.tolerance(metric, &Name::Of(quantity));
            shown::tolerance_in_words(metric, in_force.unwrap_or_else(of_name))
        };
        Metric::of(quantity).map_or_else(|| "its tolerance".to_owned(), tolerance)
    }

    /// `ITL p50 within 3 %`.
    fn within(&self, quantity: Quantity) -> String {
        let words = Metric::of(quantity).map_or(quantity.name(), |metric| metric.words);
        format!("{words} within {}", self.tolerance(quantity))
    }
}

/// The change in percent, signed.
fn percent(row: &Row) -> String {
    row.delta_pct.map_or_else(String::new, shown::percent)
}

/// The change in points, signed.
fn points(row: &Row) -> String {
    let factor = match row.metric.unit() {
        Unit::Fraction => 100.0,
        _ => 1.0,
    };
    row.delta
        .map_or_else(String::new, |delta| format!("{:+.1}", factor * delta))
}

/// The levers for a judgement; never empty, since more trials always are one.
pub fn next(signs: &Signs<'_>) -> Option<NextLever> {
    let causes = signs.causes.iter().map(|cause| signs.of_cause(cause));
    let rules = RULES.into_iter().flatten().filter_map(|rule| {
        (rule.because)(signs).map(|because| Lever {
            lever: rule.lever.to_owned(),
            expected_unlock: (rule.unlock)(signs),
            cost: rule.cost,
            gate: (rule.gate)(signs),
            because,
            source: rule.source.to_owned(),
        })
    });
    let mut levers = causes.chain(rules).chain([signs.of_trials()]);
    let first = levers.next()?;
    Some(NextLever {
        first,
        frontier: levers.collect(),
    })
}
