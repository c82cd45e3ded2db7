//! What every output says in the same words: statuses, rows, the headline, findings of one kind, and the context.

use super::context;
use super::screen::{self, clean};
use crate::fields;
use crate::finding::{Finding, FindingCode, Severity, Where};
use crate::judge::Judgement;
use crate::judge::identity::Change;
use crate::judge::row::{Row, of_number};
use crate::judge::rule::{Rule, Verdict};
use crate::judge::status::Status;
use crate::measure::shown::{self, ABSENT, UNRECORDED};
use crate::measure::{Metric, Name, Number, Place, Quantity, Unit};
use serde_json::Value;
use std::collections::BTreeSet;

/// A status in plain words.
pub(super) struct Words {
    /// Beside each colour, so that colour is never alone.
    pub symbol: &'static str,
    /// What it is called.
    pub word: &'static str,
    /// What that means, for a legend.
    pub means: &'static str,
    /// How a terminal paints it.
    pub paint: &'static str,
    /// What GitHub shows for it, which has no colours for text.
    pub mark: &'static str,
}

pub(super) fn status(status: Status) -> Words {
    let words = |symbol, word, means| Words {
        symbol,
        word,
        means,
        paint: screen::DIM,
        mark: "⚪",
    };
    match status {
        Status::Regressed => Words {
            paint: screen::RED,
            mark: "🔴",
            ..words("✕", "regressed", "worse beyond tolerance")
        },
        Status::Unresolved => Words {
            paint: screen::YELLOW,
            mark: "🟡",
            ..words("?", "unresolved", "blurred by noise or output length")
        },
        Status::Improved => Words {
            paint: screen::GREEN,
            mark: "🟢",
            ..words("✓", "improved", "better beyond tolerance")
        },
        Status::Within => Words {
            paint: screen::PLAIN,
            ..words("=", "within", "neither worse nor better beyond tolerance")
        },
        Status::NullLegacyBaseline => words("–", "no value", "not measured on one side"),
        Status::UnmatchedLevel => words("∅", "one side only", "place of one run"),
        Status::DefinitionMismatch => words("≠", "definitions differ", "two quantities, one name"),
        Status::Unreliable => words("~", "unreliable", "an artefact of measuring"),
        Status::Observed => words("○", "observed", "too few requests, does not count"),
    }
}

/// Symbol, colour of a terminal and mark of a verdict.
pub(super) fn verdict(verdict: Verdict) -> (&'static str, &'static str, &'static str) {
    match verdict {
        Verdict::Green => ("✓", screen::GREEN, "🟢"),
        Verdict::Yellow => ("!", screen::YELLOW, "🟡"),
        Verdict::Red => ("✕", screen::RED, "🔴"),
        Verdict::NoVerdict => ("–", screen::MAGENTA, "⚪"),
    }
}

/// What prose calls a number: the words of its metric, for kernel classes with the class.
pub(super) fn name(number: &Number) -> String {
    match (&number.name, number.name.metric()) {
        (Name::Class(class), Some(metric)) => format!("{} {}", metric.words, clean(class)),
        (_, Some(metric)) => metric.words.to_owned(),
        (name, None) => clean(&name.to_string()),
    }
}

/// A text of `shown` with its unit, which shares have already.
pub(super) fn with_unit(text: &str, metric: &Metric) -> String {
    match metric.unit() {
        _ if text == ABSENT => "no value".to_owned(),
        Unit::Fraction | Unit::Percent => text.to_owned(),
        unit => format!("{text} {}", unit.as_str()),
    }
}

/// Both numbers of a row: `742.9 -> 500.0 tok/s`.
pub(super) fn values(row: &Row) -> String {
    let both = row.baseline.is_some() && row.current.is_some();
    let before = if both {
        row.shown.baseline.clone()
    } else {
        with_unit(&row.shown.baseline, row.metric)
    };
    format!("{before} -> {}", with_unit(&row.shown.current, row.metric))
}

/// The change that is judged: that of the two numbers, and where pairs decide that inside them.
pub(super) fn change(row: &Row) -> String {
    let paired = row.known.paired_change;
    let paired = paired.map(|change| shown::of_change(row.metric, change));
    let paired = paired.map_or_else(String::new, |change| format!(" (pairs {change})"));
    row.shown.change.clone() + &paired
}

/// The 99 % interval of the change, where trials or history give one.
pub(super) fn interval(row: &Row) -> Option<String> {
    let interval = row.known.interval?;
    Some(shown::interval(row.metric, interval))
}

/// Runs behind a row: `n=3+3`.
pub(super) fn runs(judgement: &Judgement, row: Option<&Row>) -> String {
    let all = |side: &str| {
        let of_side = judgement.runs.iter().filter(|run| run.side == side);
        of_side.count()
    };
    let [a, b] = match row.and_then(|row| row.known.trials) {
        Some(arms) => [arms.baseline.n, arms.current.n],
        None => ["baseline", "current"].map(all),
    };
    format!("n={a}+{b}")
}

/// The verdict, the rule that gave it and how much it can carry: `RED by rule headline (DRAFT)`. Where there is no
/// verdict there is nothing to carry.
pub(super) fn answer(judgement: &Judgement) -> String {
    let verdict = judgement.verdict.as_str();
    let rule = match judgement.rule {
        Rule::None => String::new(),
        rule => format!(" by rule {}", rule.as_str()),
    };
    match judgement.verdict {
        Verdict::NoVerdict => format!("{verdict}{rule}"),
        _ => format!("{verdict}{rule} ({})", judgement.tier.as_str()),
    }
}

/// The headline in one sentence, and its change alone.
pub(super) struct Headline {
    /// Place and metric: `c16 throughput`.
    pub what: String,
    /// Both numbers: `742.9 -> 500.0 tok/s`.
    pub values: String,
    /// The change, or why there is none.
    pub change: String,
    /// The tolerance, where the change is judged against it.
    pub tolerance: String,
    /// The number of runs, and the interval of the change.
    pub rest: String,
}

pub(super) fn headline(judgement: &Judgement) -> Headline {
    let number = &judgement.headline;
    let what = format!("{} {}", number.place, name(number));
    let row = of_number(&judgement.rows, number);
    let n = runs(judgement, row);
    let Some(row) = row else {
        return Headline {
            what,
            values: "no value -> no value".to_owned(),
            change: "not judged".to_owned(),
            tolerance: String::new(),
            rest: n,
        };
    };
    let counts = judgement.verdict != Verdict::NoVerdict;
    let judged = row.status.is_judged() && counts;
    let change = match (row.delta.is_some(), row.status.is_judged()) {
        (false, _) => "not judged".to_owned(),
        (true, true) if counts => change(row),
        (true, true) => format!("{}, does not count", row.shown.change),
        (true, false) => format!("{}, not judged", row.shown.change),
    };
    let interval = interval(row).filter(|_| judged);
    let interval = interval.map(|interval| format!(", 99 % CI {interval}"));
    let tolerance = match judged {
        true => format!(" (tolerance {})", row.shown.tolerance),
        false => String::new(),
    };
    Headline {
        what,
        values: values(row),
        change,
        tolerance,
        rest: n + &interval.unwrap_or_default(),
    }
}

impl Headline {
    /// `c16 throughput 742.9 -> 500.0 tok/s, -32.7 % (tolerance 3 %), n=1+1`.
    pub fn sentence(&self) -> String {
        format!(
            "{} {}, {}{}, {}",
            self.what, self.values, self.change, self.tolerance, self.rest
        )
    }
}

/// Whether anything was measured of a row.
pub(super) fn is_measured(row: &Row) -> bool {
    row.baseline.is_some() || row.current.is_some()
}

/// Measured rows, worst first.
pub(super) fn worst_first(judgement: &Judgement) -> Vec<&Row> {
    let measured = judgement.rows.iter().filter(|row| is_measured(row));
    let mut rows: Vec<&Row> = measured.collect();
    rows.sort_by(|a, b| a.worst_first(b));
    rows
}

/// Measured rows that are not within tolerance, worst first, and how many are within.
pub(super) fn outside(judgement: &Judgement) -> (Vec<&Row>, usize) {
    let (within, outside): (Vec<&Row>, Vec<&Row>) = worst_first(judgement)
        .into_iter()
        .partition(|row| row.status == Status::Within);
    (outside, within.len())
}

/// What rows are worth where there is no verdict.
pub(super) const UNCOUNTED: &str = "without a verdict none counts";

/// Why a row that is not judged is not.
pub(super) fn not_judged(row: &Row) -> Option<String> {
    let means = || status(row.status).means.to_owned();
    (!row.status.is_judged()).then(|| row.because.as_deref().map_or_else(means, clean))
}

/// `no finding`, `1 finding`, `2 findings`.
pub(super) fn findings(judgement: &Judgement) -> String {
    match judgement.findings.len() {
        0 => "no finding".to_owned(),
        1 => "1 finding".to_owned(),
        several => format!("{several} findings"),
    }
}

/// What was measured on neither side.
pub(super) fn unmeasured(judgement: &Judgement) -> Option<String> {
    let missing = judgement.rows.iter().filter(|row| !is_measured(row));
    let names: Vec<String> = missing
        .map(|row| format!("{} {}", row.number.place, name(&row.number)))
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// What a verdict needs, without what to do about it.
pub(super) fn needed(judgement: &Judgement) -> Vec<String> {
    let needed = |text: &String| {
        let text = clean(text);
        let needed = text.split_once("; ").map(|(needed, _)| needed.to_owned());
        needed.unwrap_or(text)
    };
    judgement.promote.iter().map(needed).collect()
}

/// The first items, and how many more there are; `None` where there are none.
pub(super) fn listed(items: &[String], most: usize) -> Option<String> {
    let mut shown: Vec<String> = items.iter().take(most).cloned().collect();
    if items.len() > most {
        shown.push(format!("+{} more", items.len() - most));
    }
    (!shown.is_empty()).then(|| shown.join("; "))
}

/// Where the two sides are no one measurement: each field with both values.
pub(super) fn mismatches(judgement: &Judgement) -> Vec<String> {
    if judgement.rule != Rule::NotComparable {
        return Vec::new();
    }
    let kinds = kinds(judgement).into_iter();
    let mismatches = kinds.filter(|kind| kind.is(FindingCode::IdentityMismatch));
    mismatches.flat_map(|kind| kind.messages()).collect()
}

/// Findings of one code.
pub(super) struct Kind<'a> {
    pub code: &'a str,
    pub severity: Severity,
    /// In the order in which they were found.
    pub findings: Vec<&'a Finding>,
}

/// The findings by kind, most serious first.
pub(super) fn kinds(judgement: &Judgement) -> Vec<Kind<'_>> {
    let mut kinds: Vec<Kind> = Vec::new();
    for finding in &judgement.findings {
        let code = finding.code.as_str();
        match kinds.iter_mut().find(|kind| kind.code == code) {
            Some(kind) => kind.findings.push(finding),
            None => kinds.push(Kind {
                code,
                severity: finding.severity,
                findings: vec![finding],
            }),
        }
    }
    let weight = |severity| match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Info => 2,
    };
    kinds.sort_by_key(|kind| weight(kind.severity));
    kinds
}

impl Kind<'_> {
    fn is(&self, code: FindingCode) -> bool {
        self.findings.iter().any(|finding| finding.code == code)
    }

    /// How many there are, unless it is one.
    pub fn count(&self) -> String {
        match self.findings.len() {
            1 => String::new(),
            several => format!(" ({several})"),
        }
    }

    /// Code, number and messages.
    pub fn sentence(&self) -> String {
        let messages = self.messages().join("; ");
        format!("{}{} {messages}", clean(self.code), self.count())
    }

    /// Each message once, behind the places of which it speaks.
    pub fn messages(&self) -> Vec<String> {
        let mut told: Vec<(&str, Vec<String>)> = Vec::new();
        for finding in &self.findings {
            let place = place(&finding.place);
            match told
                .iter_mut()
                .find(|(message, _)| *message == finding.message)
            {
                Some((_, places)) => places.extend(place),
                None => told.push((&finding.message, place.into_iter().collect())),
            }
        }
        let sentence = |(message, places): (&str, Vec<String>)| match places.len() {
            0 => clean(message),
            _ => clean(&format!("{}: {message}", places.join(", "))),
        };
        told.into_iter().map(sentence).collect()
    }
}

/// What a finding is about, with the words of the rows where it is about numbers.
fn place(of: &Where) -> Option<String> {
    match of {
        Where::Number(number) => Some(format!("{} {}", number.place, name(number))),
        Where::Cell(place) => Some(place.to_string()),
        other => other.text(),
    }
}

/// The levels and rates of either side, ascending.
pub(super) fn cells_of(judgement: &Judgement) -> BTreeSet<Place> {
    let places = judgement.rows.iter().map(|row| row.number.place);
    places.filter(|place| place.is_cell()).collect()
}

/// What changed, one item a field: first what belongs to the identity.
pub(super) fn changed(judgement: &Judgement) -> Vec<String> {
    let sides = [&judgement.context.baseline, &judgement.context.current];
    let context = context::of(sides[0], sides[1]);
    let identity = |name: &String| match context.lines.iter().find(|line| line.label == name) {
        Some(line) => clean(&format!("{name} {} -> {}", line.baseline, line.current)),
        None => clean(name),
    };
    let of_identity = &judgement.identity;
    let varied = of_identity
        .varied
        .iter()
        .map(|name| identity(name) + " (declared)");
    let one = |change: &Change| {
        let path = change.field.as_str();
        let name = fields::find(path).map_or(path, |field| field.name());
        let values = [&change.baseline, &change.current].map(|value| match value {
            Value::Null => UNRECORDED.to_owned(),
            value => clean(&fields::plain(value)),
        });
        format!("{} {}", clean(name), values.join(" -> "))
    };
    let mismatched = of_identity.mismatched.iter().map(identity);
    let others = judgement.changed.iter().map(one);
    mismatched.chain(varied).chain(others).collect()
}

/// Where nothing changed.
pub(super) const UNCHANGED: &str = "nothing that is recorded";

/// What of the context fits one line: of both sides where they differ, without what nobody recorded.
pub(super) fn context_line(judgement: &Judgement) -> (Vec<String>, String) {
    const SAID: [(&str, &str); 10] = [
        ("model", ""),
        ("hardware", ""),
        ("quantization", ""),
        ("tensor_parallel_size", "TP "),
        ("dataset", ""),
        ("lengths", "ISL/OSL "),
        ("serving_engine", ""),
        ("vllm_version", "vLLM "),
        ("delivery", "by "),
        ("regime", ""),
    ];
    let sides = [&judgement.context.baseline, &judgement.context.current];
    let context = context::of(sides[0], sides[1]);
    let lengths = sides.map(|side| lengths(side, judgement.headline.place));
    let mut items = Vec::new();
    let of_vllm = context
        .lines
        .iter()
        .any(|line| line.label == "vllm_version");
    for (label, lead) in SAID {
        // The version names the engine already.
        if label == "serving_engine" && of_vllm {
            continue;
        }
        let line = context.lines.iter().find(|line| line.label == label);
        let values = match line {
            Some(line) => [line.baseline.clone(), line.current.clone()],
            None if label == "lengths" => lengths.clone(),
            None => continue,
        };
        let [a, b] = values.map(|value| screen::clip(&clean(&value), 30));
        match a == b {
            true if a == UNRECORDED => {}
            true => items.push(format!("{lead}{a}")),
            false => items.push(format!("{lead}{a} -> {b}")),
        }
    }
    let row = of_number(&judgement.rows, &judgement.headline);
    let mut last = runs(judgement, row);
    if changed(judgement).is_empty() {
        last += ", no known change";
    }
    if !context.unrecorded.is_empty() {
        last += &format!(", +{} unrecorded", context.unrecorded.len());
    }
    (items, last)
}

/// Mean lengths of inputs and outputs at a place: `1000/100`.
fn lengths(side: &Value, place: Place) -> String {
    let of_place = &side["levels"][place.key()];
    let mean = |quantity: Quantity| of_place[quantity.name()].as_f64();
    match [Quantity::IslMean, Quantity::OslMean].map(mean) {
        [None, None] => UNRECORDED.to_owned(),
        means => {
            let text = |mean: Option<f64>| {
                mean.map_or_else(|| "?".to_owned(), |mean| format!("{mean:.0}"))
            };
            means.map(text).join("/")
        }
    }
}

/// The next lever as sentences: what to try, what it may unlock, what proves it.
pub(super) fn lever(lever: &crate::judge::lever::Lever) -> Vec<String> {
    vec![
        clean(&lever.lever),
        format!("unlock: {}", clean(&lever.expected_unlock)),
        format!("gate: {}", clean(&lever.gate)),
    ]
}
