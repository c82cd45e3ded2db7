//! How much a judgement can carry.

use super::failures::{self, SICK_ERROR_RATE};
use super::reliability::SIDES;
use super::row::{Row, beyond, of_number};
use super::status::Status;
use crate::document::{Cell, Document};
use crate::fields;
use crate::finding::{self, Finding, FindingCode, Where};
use crate::measure::metrics::Kind;
use crate::measure::validity::{Weight, weight};
use crate::measure::{Number, Quantity};
use crate::order::Ordered as _;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Makes the tiers and their texts of the same rows.
macro_rules! tiers {
    ($($variant:ident = $name:literal, $meaning:literal;)*) => {
        /// How much a judgement can carry.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Tier {
            $(#[doc = $meaning] $variant,)*
        }

        impl Tier {
            /// Every tier.
            pub const ALL: &[Tier] = &[$(Tier::$variant,)*];

            /// The tier as it is printed.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Tier::$variant => $name,)*
                }
            }

            /// What it means, for the manual.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Tier::$variant => $meaning,)*
                }
            }
        }
    };
}

tiers! {
    Draft = "DRAFT",
        "something is missing that a verdict needs; one run against one run cannot tell noise from change";
    Verdict = "VERDICT",
        "at least three trials a side, of one benchmark tool, on one node or cohort, a context that both sides know, one regime, one session or a known history, a server that served nobody else, runs that ended as planned, files of one run that agree within the tolerances, a baseline that is neither newer nor old, enough requests for the percentiles, and a noise floor of the headline below its default tolerance";
}

impl Serialize for Tier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Trials an arm from which on noise is known.
pub const TRIALS: usize = 3;

/// What keeps a judgement from being a verdict; empty for a verdict.
pub fn missing(
    baseline: &Document,
    current: &Document,
    rows: &[Row],
    headline: &Number,
    findings: &[Finding],
    trials: u32,
) -> Vec<String> {
    let mut missing = Vec::new();
    for (name, side) in SIDES.iter().zip([baseline, current]) {
        let have = side.run_count();
        if have < TRIALS {
            missing.push(format!(
                "at least {trials} trials of the {name} (it has {have}); give each run of it"
            ));
        }
    }
    if !same_node(baseline, current) {
        missing.push("the same node or cohort on both sides: state context.same_node=true, or deployment.cluster on both".to_owned());
    }
    if let [Some(of_baseline), Some(of_current)] = [baseline, current].map(tool)
        && !of_baseline.eq_ignore_ascii_case(of_current)
    {
        missing.push(format!(
            "one benchmark tool on both sides: the baseline is of {of_baseline}, the current run of {of_current}"
        ));
    }
    let places = |codes: &[FindingCode]| -> Vec<String> {
        let named = findings
            .iter()
            .filter(|finding| codes.contains(&finding.code));
        named.filter_map(|finding| finding.place.text()).collect()
    };
    let fields = places(&[FindingCode::IdentityUnknown]);
    if !fields.is_empty() {
        missing.push(format!(
            "a context that is known on both sides: {}",
            fields.join(", ")
        ));
    }
    let unknown = on_neither_side(baseline, current);
    if !unknown.is_empty() {
        missing.push(format!(
            "a context that says {}: neither side states it",
            unknown.join(" and ")
        ));
    }
    let incomplete = places(&[FindingCode::RequestsMissing, FindingCode::DurationShort]);
    if !incomplete.is_empty() {
        missing.push(format!(
            "runs that send all their planned requests and last their planned time: {}",
            incomplete.join(", ")
        ));
    }
    let differing = places(&[FindingCode::TrialsDiffer]);
    if !differing.is_empty() {
        missing.push(format!(
            "trials of one configuration on each side, which differ in: {}",
            differing.join(", ")
        ));
    }
    let disagreeing = sources_disagree(rows, [baseline, current]);
    if !disagreeing.is_empty() {
        missing.push(format!(
            "files of one run that agree within the tolerances: {}",
            disagreeing.join(", ")
        ));
    }
    missing.extend(setting(baseline, current, findings));
    missing.extend(noise(rows, headline));
    let low = low_samples(rows, findings);
    if !low.is_empty() {
        missing.push(format!(
            "enough requests for the percentiles quoted, or percentiles that are only observed: {}",
            low.join(", ")
        ));
    }
    missing
}

/// The tool that measured, without its version.
fn tool(side: &Document) -> Option<&str> {
    let named = fields::get(&side.map, "provenance.tool")?.as_str()?;
    let is_version = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    match named.rsplit_once(' ') {
        Some((name, version)) if is_version(version) => Some(name),
        _ => Some(named),
    }
}

/// Without these two sides may well have measured different things.
const NEEDED: [&str; 2] = ["context.hardware", "deployment.quantization"];

fn on_neither_side(baseline: &Document, current: &Document) -> Vec<&'static str> {
    let unknown = |path: &&str| {
        let sides = [baseline, current];
        sides
            .iter()
            .all(|side| fields::get(&side.map, path).is_none())
    };
    NEEDED.into_iter().filter(unknown).collect()
}

/// What was not as a comparison needs it, although every number may be right.
fn setting(baseline: &Document, current: &Document, findings: &[Finding]) -> Vec<String> {
    let needs = [
        (
            FindingCode::SessionsApart,
            "trials of the two sides that alternate within an hour, or five earlier baselines of this configuration",
        ),
        (
            FindingCode::StartsApart,
            "runs whose places were all measured in one session",
        ),
        (
            FindingCode::RegimeDiffers,
            "the same regime on both sides: both warm or both cold",
        ),
        (
            FindingCode::ModelNotServed,
            "the answer of the server that was measured: the one that is there does not list the model",
        ),
        (
            FindingCode::OtherTraffic,
            "a server that serves this benchmark alone",
        ),
        (
            FindingCode::ConcurrencyNotReached,
            "a load that reaches its concurrency",
        ),
        (
            FindingCode::ImpossibleNumbers,
            "numbers that can be true beside each other",
        ),
        (
            FindingCode::SameNumbers,
            "two runs that differ in more than their name",
        ),
        (
            FindingCode::BaselineIsNewer,
            "a baseline that was measured before the current run",
        ),
        (
            FindingCode::BaselineOld,
            "a baseline that is not so old: record a new one",
        ),
    ];
    let found = |(code, needed): (FindingCode, &str)| {
        finding::first(findings, code).map(|_| needed.to_owned())
    };
    let mut missing: Vec<String> = needs.into_iter().filter_map(found).collect();
    let sick = baseline.cells().filter_map(|(place, cell)| {
        let rate = cell.error_rate().filter(|rate| *rate > SICK_ERROR_RATE)?;
        Some(format!("{} {:.1} %", place.words(), 100.0 * rate))
    });
    let sick: Vec<String> = sick.collect();
    if !sick.is_empty() {
        missing.push(format!(
            "a baseline of which at most 10 % failed or never ended: {}",
            sick.join(", ")
        ));
    }
    for (name, side) in SIDES.iter().zip([baseline, current]) {
        let cells = side.cells().flat_map(|(_, cell)| &cell.validity);
        let said = side.validity.iter().chain(cells);
        let mut drafts: Vec<&str> = said
            .filter(|statement| matches!(weight(statement), Weight::Draft | Weight::CutShort))
            .map(String::as_str)
            .collect();
        drafts.order();
        drafts.dedup();
        if !drafts.is_empty() {
            missing.push(format!(
                "a {name} that the benchmark tool does not call incomplete: {}",
                drafts.join("; ")
            ));
        }
    }
    missing
}

/// Judged numbers of which two files of a run differ by more than the tolerance, or nobody knows by how much: one of the
/// files is of another run.
fn sources_disagree(rows: &[Row], sides: [&Document; 2]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, side) in SIDES.iter().zip(sides) {
        let is_far = |number: &Number| {
            // A row of the error rate is made of the errors.
            let of_errors = || {
                let mut here = rows.iter().filter(|row| row.number.place == number.place);
                let is_of_errors = number.name.is(Quantity::Errors);
                here.find(|row| is_of_errors && failures::is_of_errors(row))
            };
            let row = of_number(rows, number).or_else(of_errors);
            let Some(row) = row.filter(|row| row.status.is_judged()) else {
                return false;
            };
            let by = side.disagrees_by(number);
            let of = match row.metric.kind {
                Kind::Percent => side.number(number).map(|value| value / 100.0),
                Kind::Absolute if row.number == *number => Some(1.0),
                Kind::Absolute => {
                    let all = side.cell(number.place).and_then(Cell::expected);
                    all.map(|all| all / side.run_count() as f64)
                }
            };
            let change = by.zip(of).map(|(by, of)| by / of);
            change.is_none_or(|change| beyond(change, row.tolerance))
        };
        let mut numbers: Vec<Number> = side.disagreeing().filter(is_far).collect();
        numbers.order();
        numbers.dedup();
        found.extend(
            numbers
                .iter()
                .map(|number| format!("{} of the {name}", number.path())),
        );
    }
    found
}

/// A noise of the headline that is known and below its default tolerance.
fn noise(rows: &[Row], headline: &Number) -> Option<String> {
    match of_number(rows, headline).and_then(|row| Some((row, row.known.noise.as_ref()?))) {
        Some((row, noise)) if noise.relative_floor < row.metric.default_tolerance() => None,
        Some((row, noise)) => Some(format!(
            "a noise floor of the headline below its default tolerance ({:.2} % against {} %): more trials, or a quieter machine",
            noise.relative_floor,
            row.metric.default_tolerance()
        )),
        None => Some("a known noise of the headline".to_owned()),
    }
}

/// Percentiles that count in the verdict although their requests cannot carry them.
fn low_samples(rows: &[Row], findings: &[Finding]) -> Vec<String> {
    let decided = |row: &&Row| {
        matches!(
            row.status,
            Status::Regressed | Status::Unresolved | Status::Within
        )
    };
    let counts = |number: &Number| {
        let mut decided = rows.iter().filter(decided);
        decided.any(|row| row.number == *number)
    };
    let low = findings
        .iter()
        .filter(|finding| finding.code == FindingCode::LowSamples);
    let number = |finding: &Finding| match &finding.place {
        Where::Number(number) if counts(number) => Some(number.path()),
        _ => None,
    };
    low.filter_map(number).collect()
}

fn same_node(baseline: &Document, current: &Document) -> bool {
    let of = |side: &Document, path: &str| fields::get(&side.map, path).cloned();
    let stated = |side: &Document| of(side, "context.same_node") == Some(Value::Bool(true));
    let clusters = [baseline, current].map(|side| of(side, "deployment.cluster"));
    stated(current) || matches!(&clusters, [Some(a), Some(b)] if fields::same(a, b))
}
