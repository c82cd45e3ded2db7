//! The number that decides first, and where it is taken.

use super::policy::Policy;
use super::row::{Row, of_number};
use crate::document::Document;
use crate::fault::{Fault, Result, Sub};
use crate::finding::{Finding, FindingCode};
use crate::measure::headline::CANONICAL_LEVEL;
use crate::measure::{Number, Place};
use serde::Serialize;

/// The headline as a judgement says it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// Its metric.
    pub metric: String,
    /// Its place.
    pub level: String,
    /// The baseline's number.
    pub baseline: Option<f64>,
    /// The current number.
    pub current: Option<f64>,
    /// The change in percent.
    pub delta_pct: Option<f64>,
}

impl Measured {
    /// The headline among the rows.
    pub fn of(headline: &Number, rows: &[Row]) -> Self {
        let row = of_number(rows, headline);
        Measured {
            metric: headline.name.to_string(),
            level: headline.place.key(),
            baseline: row.and_then(|row| row.baseline),
            current: row.and_then(|row| row.current),
            delta_pct: row.and_then(|row| row.delta_pct),
        }
    }
}

/// Where the headline is taken: where it was asked for, else where the baseline says.
///
/// Faults: a place that the baseline does not have.
pub fn place(baseline: &Document, policy: &Policy) -> Result<Place> {
    let Some(asked) = policy.headline else {
        return Ok(baseline.headline());
    };
    if baseline.cell_places().any(|place| place == asked) {
        return Ok(asked);
    }
    let have: Vec<String> = baseline
        .cell_places()
        .map(|place| place.to_string())
        .collect();
    Err(Fault::because(
        Sub::HeadlineUnknown,
        format!(
            "the headline is asked for at {asked}, but the baseline has only {}",
            have.join(", ")
        ),
    ))
}

/// Another place than the canonical one that nobody asked for.
pub fn moved(place: Place, policy: &Policy) -> Option<Finding> {
    let canonical = Place::Level(CANONICAL_LEVEL);
    let message = match place {
        _ if place == canonical || policy.headline.is_some() => return None,
        Place::Level(level) => format!(
            "the baseline has no concurrency 16; the headline is taken at c{level}, its nearest level"
        ),
        place => format!(
            "the baseline has no concurrency; the headline is taken at {place}, the highest rate that it reached, or its lowest"
        ),
    };
    Some(Finding::new(FindingCode::HeadlineMoved, place, message))
}
