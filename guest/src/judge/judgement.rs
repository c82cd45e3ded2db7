//! The judgement as a value, and as JSON.

use super::evidence;
use super::gate::Gate;
use super::headline::Measured;
use super::identity::{Change, Identity};
use super::lever::NextLever;
use super::policy::Policy;
use super::row::Row;
use super::rule::{Rule, Verdict};
use super::tier::Tier;
use super::{past, runs};
use crate::finding::Finding;
use crate::json;
use crate::measure::Number;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The value of `schema` in a judgement.
pub const SCHEMA: &str = "perfbridge_judgement_v1";

/// Speed-of-light shares of both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpeedOfLight {
    /// Percent of the ceiling, baseline.
    pub baseline: f64,
    /// Percent of the ceiling, current.
    pub current: f64,
    /// The difference in points.
    pub delta: f64,
    /// Key of the ceiling on either side.
    pub key: [Option<String>; 2],
    /// How rigorous the ceiling is, on either side.
    pub sol_rigor: [Option<String>; 2],
}

/// Both sides of something.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sides {
    /// Of the baseline.
    pub baseline: Value,
    /// Of the current run.
    pub current: Value,
}

/// The judgement. Nothing in it depends on where or when it was computed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The answer.
    pub verdict: Verdict,
    /// The rule that gave it.
    pub rule: Rule,
    /// The rule in one sentence, with the numbers of this case.
    pub reason: String,
    /// How much it can carry: one run against one run cannot tell noise from change and is a draft.
    pub tier: Tier,
    /// What would make a draft a verdict; empty for a verdict.
    pub promote: Vec<String>,
    /// What a gate makes of it, where the policy speaks of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// The number that decides first.
    #[serde(skip)]
    pub headline: Number,
    /// The same with what was measured of it.
    #[serde(rename = "headline")]
    pub measured: Measured,
    /// All rows.
    pub rows: Vec<Row>,
    /// What was noticed, on either side and while judging.
    pub findings: Vec<Finding>,
    /// What was compared for sameness.
    pub identity: Identity,
    /// What may differ and does.
    pub changed: Vec<Change>,
    /// Quality scores of either side, where there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evals: Vec<Value>,
    /// Every run of both sides.
    pub runs: Vec<runs::Listed>,
    /// Speed-of-light shares, where both sides carry one.
    pub sol: Option<SpeedOfLight>,
    /// The earlier baselines that were given, oldest first, and which of them count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<past::Listed>,
    /// What to do.
    pub recommendation: String,
    /// What to try next.
    pub next_lever: Option<NextLever>,
    /// Full measurement context.
    pub context: Sides,
    /// Hashes and tools.
    pub provenance: Sides,
    /// How the requests of each run are spread, where per-request records were read.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub distributions: Value,
    /// What they say of the difference and of each run's steadiness; it decides nothing.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub evidence: Value,
    /// The policy by which it was judged.
    #[serde(skip)]
    pub policy: Policy,
    /// The differences of `evidence` that have an interval, by the number of their row.
    #[serde(skip)]
    pub intervals: BTreeMap<Number, evidence::Difference>,
}

impl Judgement {
    /// The judgement as JSON text, 2-space indent, one newline at the end. A log of a pipeline takes `##[` and `##vso[`
    /// anywhere for commands, so the second sign is written by its number.
    pub fn to_json(&self) -> String {
        let text = json::pretty(self, &["distributions", "evidence"]);
        match memchr::memchr(b'#', text.as_bytes()) {
            Some(_) => text.replace("##", "#\\u0023"),
            None => text,
        }
    }
}
