//! From rows to a verdict: the part of the judge's rules that rests on tolerances and noise.

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
    } else if tolerance.exceeded(delta, opposite) {
        Status::Improved
    } else {
        Status::Within
    }
}

/// A row as the gate sees it.
#[derive(Clone, Copy, Debug)]
pub struct GateRow<'a> {
    /// The level it belongs to.
    pub level: &'a str,
    /// Whether it is the headline.
    pub headline: bool,
    /// What it says.
    pub status: Status,
}

/// The rule that applies first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// RED: the headline is regressed.
    Headline,
    /// RED: three or more rows are regressed, not all of one level.
    Many,
    /// YELLOW: three or more rows are regressed, all of one level.
    Localized,
    /// YELLOW: one or two rows are regressed.
    Few,
    /// YELLOW: a row is beyond tolerance but inside the noise.
    Unresolved,
    /// GREEN as far as rows go.
    None,
}

impl Gate {
    /// Whether the gate fails.
    pub fn is_red(self) -> bool {
        matches!(self, Gate::Headline | Gate::Many)
    }
}

/// First rule that applies to the rows.
pub fn gate(rows: &[GateRow]) -> Gate {
    let regressed: Vec<&GateRow> = rows
        .iter()
        .filter(|row| row.status == Status::Regressed)
        .collect();
    let spread = regressed.iter().any(|row| row.level != regressed[0].level);
    match regressed.len() {
        _ if regressed.iter().any(|row| row.headline) => Gate::Headline,
        3.. if spread => Gate::Many,
        3.. => Gate::Localized,
        1.. => Gate::Few,
        _ if rows.iter().any(|row| row.status == Status::Unresolved) => Gate::Unresolved,
        _ => Gate::None,
    }
}
