//! What every output says in the same words: statuses, rows, the headline and levers.

use super::screen::{self, clean};
use crate::judge::Judgement;
use crate::judge::lever::Lever;
use crate::judge::row::{Row, of_number};
use crate::judge::rule::{Rule, Verdict};
use crate::judge::status::Status;
use crate::measure::shown::ABSENT;
use crate::measure::{Metric, Name, Number, Unit};
use crate::order::Ordered as _;

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
            ..words("?", "unresolved", "hidden by noise, length, rounding")
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

/// The change that is judged: that of the two numbers, or where pairs decide that inside them.
pub(super) fn change(row: &Row) -> String {
    let how = row.known.paired_change.map_or("", |_| " in pairs");
    row.shown.change.clone() + how
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

/// The decision of the gate in one sentence, and what should be known beside it; none without a gate.
pub(super) fn gate(judgement: &Judgement) -> Option<String> {
    let gate = judgement.gate.as_ref()?;
    let said: Vec<String> = [&gate.sentence]
        .into_iter()
        .chain(&gate.notes)
        .map(|text| clean(text))
        .collect();
    Some(said.join("; "))
}

/// The waiver that left a row out, in words.
pub(super) fn waiver(judgement: &Judgement, row: &Row) -> Option<String> {
    let place = row.number.place.to_string();
    let waived = &judgement.gate.as_ref()?.waived;
    let of_row = waived
        .iter()
        .find(|one| one.metric == row.name() && one.place == place)?;
    Some(clean(&of_row.sentence()))
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
    let interval = row.shown.interval.as_ref().filter(|_| judged);
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
    rows.order_by(|a, b| a.worst_first(b));
    rows
}

/// Measured rows that are not within tolerance, worst first, and how many are within.
pub(super) fn outside(judgement: &Judgement) -> (Vec<&Row>, usize) {
    let (within, outside): (Vec<&Row>, Vec<&Row>) = worst_first(judgement)
        .into_iter()
        .partition(|row| row.status == Status::Within);
    (outside, within.len())
}

/// How many rows are not within tolerance, and how many of them were not judged by it: an artefact, or an observed
/// percentile, is neither within nor beyond.
pub(super) fn counted(outside: &[&Row]) -> String {
    let judged = outside.iter().filter(|row| row.status.is_judged()).count();
    match (judged, outside.len() - judged) {
        (_, 0) => format!("{judged} not within tolerance"),
        (0, other) => format!("{other} not judged"),
        // Short, so that it costs the terminal no row.
        (_, other) => format!("{judged} outside, {other} not judged"),
    }
}

/// What rows are worth where there is no verdict.
pub(super) const UNCOUNTED: &str = "without a verdict none counts";

/// Why a row that is not judged is not.
pub(super) fn not_judged(row: &Row) -> Option<String> {
    let means = || status(row.status).means.to_owned();
    (!row.status.is_judged()).then(|| row.because.as_deref().map_or_else(means, clean))
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

/// The next lever as sentences: what to try, what it may unlock, what proves it.
pub(super) fn lever(lever: &Lever) -> Vec<String> {
    vec![
        clean(&lever.lever),
        format!("unlock: {}", clean(&lever.expected_unlock)),
        format!("gate: {}", clean(&lever.gate)),
    ]
}
