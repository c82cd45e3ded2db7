//! The result of one table.

use super::footer::Footer;
use super::phase::Phase;
use crate::fault::{Fault, Result};
use crate::finding::{Finding, FindingCode};
use crate::measure::Quantity;
use crate::run::{Format, LevelResult, Planned, Reading};
use crate::sources::aiperf_definitions;
use crate::sources::aiperf_labels::Collector;

/// One result table with what stands around it.
pub(super) struct Measured {
    pub(super) line: u64,
    pub(super) rows: Collector,
    pub(super) phase: Option<Phase>,
    pub(super) footer: Footer,
}

/// The result of one table with what stands around it.
pub(super) fn of(
    format: &'static Format,
    file: &str,
    is_log: bool,
    measured: Measured,
    findings: &mut Vec<Finding>,
) -> Result<LevelResult> {
    let Measured {
        line,
        mut rows,
        phase,
        footer,
    } = measured;
    if let Some(fault) = footer.cut(file) {
        return Err(fault);
    }
    if is_log && !footer.is_there() {
        findings.push(Finding::new(
            FindingCode::LogWithoutFooter,
            file.to_owned(),
            "the log has no `CLI Command` after its table: it ends early, so model and concurrency are not known from it",
        ));
    }
    let mut result = LevelResult::new(format, file);
    aiperf_definitions::define(&mut result);
    (result.load, result.place) = footer.load();
    if let (Some(server), Some(chunk)) = (
        footer.flag("--use-server-token-count"),
        footer.flag("--per-chunk-usage"),
    ) {
        aiperf_definitions::define_by_options(&mut result, server, chunk);
    }
    result.cancels = footer.orders_cancellation();
    result.model = footer.model();
    result.planned = footer.planned();
    result.slo = footer.slo();
    result.complete = !footer.cancelled();
    if footer.cancelled() {
        result.validity.push("was_cancelled: true".to_owned());
    }
    if let Some(seconds) = footer.seconds() {
        rows.add(Quantity::BenchmarkSeconds, seconds);
    }
    if let Some(phase) = phase {
        add_phase(file, line, &mut rows, &phase)?;
    }
    let succeeded = rows.succeeded();
    rows.finish(file, &mut result)?;
    if let Some(Planned::Requests(planned)) = result.planned {
        result.push(
            Quantity::RequestsPlanned,
            Reading::printed(planned as f64, 0),
        );
    }
    if result.cancels {
        // How many of the failed requests were cancelled by order is not printed.
        let is_count = |of: Quantity| [Quantity::Errors, Quantity::Requests].contains(&of);
        result.readings.retain(|(of, _)| !is_count(*of));
        if let Some(good) = succeeded {
            result.push(Quantity::Requests, Reading::only_successes(good));
        }
    }
    Ok(result)
}

/// The counts of the phase line stand in for rows that older versions do not print.
fn add_phase(file: &str, line: u64, rows: &mut Collector, phase: &Phase) -> Result<()> {
    let count = |number: u64| Reading::printed(number as f64, 0);
    match rows.get(Quantity::Requests) {
        Some(all) if all.value != phase.completed as f64 => Err(Fault::damaged(format!(
            "found {} completed requests in the table and {} in the line `Phase profiling … complete`; expected the same number. Keep one run in a log",
            all.value, phase.completed
        ))
        .at_line(file, line)),
        _ => {
            let agrees = rows.succeeded().is_none_or(|good| good + phase.errors as f64 == phase.completed as f64);
            if agrees {
                rows.add(Quantity::Requests, count(phase.completed));
                rows.add(Quantity::Errors, count(phase.errors));
            }
            Ok(())
        }
    }
}
