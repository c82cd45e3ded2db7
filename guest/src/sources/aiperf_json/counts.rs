//! Requests that ended, failed, were cancelled because that was ordered, and were planned.

use super::echo::Echo;
use crate::measure::Quantity;
use crate::run::{LevelResult, Planned, Reading};
use serde_json::{Map, Value};

/// What AIPerf calls a request that it cancelled itself.
const CANCELLED: &str = "RequestCancellationError";

/// Completes the counts of a result.
///
/// The export leaves `error_request_count` out when there were none, and older versions have no
/// `completed_request_count`; `request_count` holds the successful ones only. Nothing failed where `error_summary`
/// counts the failures and has none; without it nobody counted.
pub(super) fn settle(
    result: &mut LevelResult,
    succeeded: Option<f64>,
    map: &Map<String, Value>,
    echo: &Echo<'_>,
) {
    let counted = map.get("error_summary").and_then(Value::as_array);
    let summed = counted.map(|items| sum(items, |_| true));
    let count = |result: &LevelResult, of| result.get(of).map(|reading| reading.value);
    let completed = count(result, Quantity::Requests);
    let errors = count(result, Quantity::Errors).or(match (completed, succeeded) {
        (Some(completed), Some(succeeded)) => Some(completed - succeeded),
        // A run that was cut short may have lost what it counted.
        (None, Some(_)) if result.complete => summed,
        // Without a success there is no `request_count`.
        (_, None) if summed.is_some_and(|summed| summed > 0.0) => summed,
        _ => None,
    });
    let errors = errors.filter(|errors| *errors >= 0.0);
    let ended = completed.or(match (succeeded, errors) {
        (Some(succeeded), Some(errors)) => Some(succeeded + errors),
        (None, Some(errors)) => Some(errors),
        _ => None,
    });
    let ordered = echo.orders_cancellation();
    let of_order = |item: &Value| {
        let details = item.get("error_details").unwrap_or(item);
        details.get("type").and_then(Value::as_str) == Some(CANCELLED)
    };
    let cancelled = counted
        .filter(|_| ordered)
        .map(|items| sum(items, of_order));
    let cancelled = cancelled
        .unwrap_or_default()
        .min(errors.unwrap_or_default());
    if counted.is_some() {
        put(result, Quantity::Cancelled, Some(cancelled));
    }
    result.cancels = ordered;
    put(
        result,
        Quantity::Errors,
        errors.map(|errors| errors - cancelled),
    );
    put(
        result,
        Quantity::Requests,
        ended.map(|ended| ended - cancelled),
    );
    if let (None, Some(succeeded)) = (ended, succeeded) {
        result.push(Quantity::Requests, Reading::only_successes(succeeded));
    }
    if let Some(Planned::Requests(planned)) = result.planned {
        put(result, Quantity::RequestsPlanned, Some(planned as f64));
    }
}

fn put(result: &mut LevelResult, quantity: Quantity, value: Option<f64>) {
    result.readings.retain(|(which, _)| *which != quantity);
    if let Some(value) = value {
        result.push(quantity, Reading::exact(value));
    }
}

/// `error_summary` has one item for each kind of error.
fn sum(items: &[Value], wanted: impl Fn(&Value) -> bool) -> f64 {
    let of_item = |item: &Value| item.get("count").and_then(Value::as_f64);
    items
        .iter()
        .filter(|item| wanted(item))
        .filter_map(of_item)
        // The sum of nothing is -0 in Rust.
        .fold(0.0, |sum, count| sum + count)
}
