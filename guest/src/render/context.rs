//! The full measurement context of both sides, so that no number stands bare.

use crate::fields::{self, FIELDS};
use crate::measure::shown::{self, UNRECORDED};
use crate::measure::{Place, Quantity};
use serde_json::Value;

/// One line of context: a label and the value of each side.
pub(super) struct Line {
    pub label: &'static str,
    pub baseline: String,
    pub current: String,
}

/// All context fields of both sides, those that nobody recorded on either side gathered at the end.
pub(super) struct Context {
    pub lines: Vec<Line>,
    pub unrecorded: Vec<&'static str>,
}

pub(super) fn of(baseline: &Value, current: &Value) -> Context {
    let mut context = Context {
        lines: Vec::new(),
        unrecorded: Vec::new(),
    };
    for field in FIELDS {
        let [a, b] = [baseline, current].map(|side| {
            side.as_object()
                .and_then(|map| fields::get(map, field.path))
        });
        if a.is_none() && b.is_none() {
            if !field.rare {
                context.unrecorded.push(field.name());
            }
            continue;
        }
        let text =
            |value: Option<&Value>| value.map_or_else(|| UNRECORDED.to_owned(), fields::plain);
        context.lines.push(Line {
            label: field.name(),
            baseline: text(a),
            current: text(b),
        });
    }
    context
}

/// The exact shape of one cell's numbers: requests and mean lengths, each as it was measured.
pub(super) fn shape(side: &Value, place: Place) -> String {
    let of_place = &side["levels"][place.key()];
    let number = |quantity: Quantity| match of_place[quantity.name()].as_f64() {
        Some(value) if value.fract() == 0.0 => format!("{value:.0}"),
        Some(value) => shown::short(value),
        None => UNRECORDED.to_owned(),
    };
    format!(
        "ISL {} / OSL {} tokens, {} requests, {} failed",
        number(Quantity::IslMean),
        number(Quantity::OslMean),
        number(Quantity::Requests),
        number(Quantity::Errors)
    )
}
