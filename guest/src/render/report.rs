//! A document for people: what `record` prints.

use super::context;
use crate::document::Document;
use crate::measure::headline;
use crate::measure::metrics;
use crate::measure::number;
use std::fmt::Write as _;

/// The headline metrics of a document at its headline level, one line each.
pub fn headline(document: &Document) -> String {
    let levels: Vec<u32> = document.levels.keys().copied().collect();
    let Some(level) = headline::nearest_level(&levels) else {
        return String::new();
    };
    let Some(of_level) = document.levels.get(&level) else {
        return String::new();
    };
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{} at concurrency {level}", document.model);
    for (metric, _) in metrics::of_levels() {
        let value = of_level.values.get(metric.name).copied();
        let text = value.map_or_else(
            || number::UNRECORDED.to_owned(),
            |value| format!("{} {}", number::short(value), metric.unit),
        );
        let _ = writeln!(out, "  {:<24}{text}", metric.name);
    }
    let errors = of_level.errors.map_or_else(
        || number::UNRECORDED.to_owned(),
        |errors| format!("{errors}"),
    );
    let _ = writeln!(out, "  {:<24}{errors}", metrics::ERRORS);
    let described = crate::judge::context_of(document);
    let shape = context::shape(&described, &level.to_string());
    let _ = writeln!(out, "  {:<24}{shape}", "shape");
    let context = context::of(&described, &described);
    for line in &context.lines {
        let _ = writeln!(out, "  {:<24}{}", line.label, line.baseline);
    }
    let unrecorded = super::text::wrap(&context.unrecorded.join(", "), 54);
    for (at, line) in unrecorded.iter().enumerate() {
        let label = if at == 0 { number::UNRECORDED } else { "" };
        let _ = writeln!(out, "  {label:<24}{line}");
    }
    out
}
