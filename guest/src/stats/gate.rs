//! From rows to a verdict: the judge's rules that rest on tolerances and noise, once more, for studies of many
//! thousand comparisons. `guest/tests` holds it against the judge itself.

use super::cell::{Adverse, Resolution, Tolerance};

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Beyond tolerance for the worse, and not inside known noise.
    Regressed,
    /// Beyond tolerance for the worse, but inside the noise.
    Unresolved,
    /// Beyond tolerance for the better.
    Improved,
    /// The rest.
    Within,
}

/// Status of a row. With unknown noise the tolerance alone decides.
pub fn status(delta: f64, tolerance: Tolerance, adverse: Adverse, noise: Resolution) -> Status {
    let opposite = match adverse {
        Adverse::Up => Adverse::Down,
        Adverse::Down => Adverse::Up,
    };
    if tolerance.exceeded(delta, adverse) {
        match noise {
            Resolution::InsideNoise => Status::Unresolved,
            Resolution::BeyondNoise | Resolution::Unknown => Status::Regressed,
        }
    } else if tolerance.exceeded(delta, opposite) && noise != Resolution::InsideNoise {
        Status::Improved
    } else {
        Status::Within
    }
}

/// What a metric is a sign of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Output of all requests together.
    Throughput,
    /// Time to the first token, of any percentile.
    FirstToken,
    /// Time from token to token, and its reciprocal as a user sees it: one observation.
    Decode,
    /// Whole requests.
    Latency,
    /// Anything else.
    Other,
}

/// Changes beyond so many default tolerances are severe.
const SEVERE: f64 = 5.0;

/// A row as the gate sees it.
#[derive(Clone, Copy, Debug)]
pub struct GateRow<'a> {
    /// Name of the metric.
    pub metric: &'a str,
    /// What it is a sign of.
    pub family: Family,
    /// The level it belongs to.
    pub level: &'a str,
    /// Whether it is the headline.
    pub headline: bool,
    /// What it says.
    pub status: Status,
    /// The change for the worse in default tolerances.
    pub tolerances: f64,
}

impl GateRow<'_> {
    /// Whether two rows are one observation.
    fn is_same_observation(&self, other: &GateRow) -> bool {
        let decode = self.family == Family::Decode && other.family == Family::Decode;
        self.level == other.level && (decode || self.metric == other.metric)
    }

    fn is_severe(&self) -> bool {
        self.status == Status::Regressed && self.tolerances > SEVERE + 1e-9 * SEVERE
    }
}

/// The rule that applies first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// RED: the headline is regressed.
    Headline,
    /// RED: throughput or two of the three latency families of a place are far beyond tolerance.
    Severe,
    /// RED: three or more observations are regressed, not all of one place.
    Many,
    /// YELLOW: three or more observations are regressed, all of one place.
    Localized,
    /// YELLOW: one or two observations are regressed.
    Few,
    /// YELLOW: a row is beyond tolerance but inside the noise.
    Unresolved,
    /// GREEN as far as rows go.
    None,
}

impl Gate {
    /// Whether the gate fails.
    pub fn is_red(self) -> bool {
        matches!(self, Gate::Headline | Gate::Severe | Gate::Many)
    }
}

/// First rule that applies to the rows.
pub fn gate(rows: &[GateRow]) -> Gate {
    let mut observed: Vec<&GateRow> = Vec::new();
    for row in rows.iter().filter(|row| row.status == Status::Regressed) {
        if !observed.iter().any(|seen| seen.is_same_observation(row)) {
            observed.push(row);
        }
    }
    let spread = observed.iter().any(|row| row.level != observed[0].level);
    let headline = rows
        .iter()
        .any(|row| row.headline && row.status == Status::Regressed);
    match observed.len() {
        _ if headline => Gate::Headline,
        1.. if rows.iter().any(|row| is_severe_at(rows, row.level)) => Gate::Severe,
        3.. if spread => Gate::Many,
        3.. => Gate::Localized,
        1.. => Gate::Few,
        _ if rows.iter().any(|row| row.status == Status::Unresolved) => Gate::Unresolved,
        _ => Gate::None,
    }
}

/// Whether throughput, or two of the three latency families, are severely regressed at a place.
fn is_severe_at(rows: &[GateRow], level: &str) -> bool {
    let severe = |family: Family| {
        let mut of_level = rows.iter().filter(|row| row.level == level);
        of_level.any(|row| row.family == family && row.is_severe())
    };
    let families = [Family::FirstToken, Family::Decode, Family::Latency];
    let latencies = families.into_iter().filter(|family| severe(*family));
    severe(Family::Throughput) || latencies.count() >= 2
}
