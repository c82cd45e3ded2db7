//! A document for people: what `record` prints.

use super::context;
use crate::document::Document;
use crate::measure::{Quantity, metrics, shown};
use std::fmt::Write as _;

/// The headline metrics of a document at its headline level, one line each.
pub fn headline(document: &Document) -> String {
    let place = document.headline();
    let Some(cell) = document.cell(place) else {
        return String::new();
    };
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{} at {}", document.model, place.words());
    let recorded = |text: Option<String>| text.unwrap_or_else(|| shown::UNRECORDED.to_owned());
    for metric in metrics::of_cells() {
        let value = cell.get(metric.quantity);
        if value.is_none() && metric.quantity.is_asked_for() {
            continue;
        }
        let unit = metric.unit().as_str();
        let text = recorded(value.map(|value| format!("{} {unit}", shown::short(value))));
        let _ = writeln!(out, "  {:<24}{text}", metric.name());
    }
    let errors = recorded(cell.get(Quantity::Errors).map(|errors| errors.to_string()));
    let _ = writeln!(out, "  {:<24}{errors}", Quantity::Errors.name());
    let described = crate::judge::context_of(document);
    let shape = context::shape(&described, place);
    let _ = writeln!(out, "  {:<24}{shape}", "shape");
    let context = context::of(&described, &described);
    for line in &context.lines {
        let _ = writeln!(out, "  {:<24}{}", line.label, line.baseline);
    }
    let unrecorded = super::screen::wrap(&context.unrecorded.join(", "), 54);
    for (at, line) in unrecorded.iter().enumerate() {
        let label = if at == 0 { shown::UNRECORDED } else { "" };
        let _ = writeln!(out, "  {label:<24}{line}");
    }
    out
}
