//! What a number of a unit can be: outside of it the file most likely means another unit.

use super::quantity::{Quantity, Sampled, Statistic};

/// TTFT and latency, in milliseconds. A network and a prefill take longer than 1 ms, and clients give up before an hour;
/// numbers of seconds or of microseconds under the name of milliseconds lie outside.
const WAITING: (f64, f64) = (1.0, 3_600_000.0);

/// Time from token to token. 0.02 ms is what remains where whole streams arrive in one read; a token every ten minutes
/// is no decoding.
const DECODING: (f64, f64) = (0.02, 600_000.0);

/// Factors to milliseconds from what a file may have meant.
const MEANT: [(&str, f64); 3] = [
    ("seconds", 1e3),
    ("microseconds", 1e-3),
    ("nanoseconds", 1e-6),
];

/// Why a number is hardly of its unit, with what it would be in the unit that may have been meant. A zero is another
/// matter.
pub fn doubt(quantity: Quantity, value: f64) -> Option<String> {
    let (least, most) = match (quantity, quantity.statistic()) {
        (_, Statistic::Quantile(Sampled::Itl, _)) | (Quantity::ItlMean, _) => DECODING,
        (_, Statistic::Quantile(..)) | (Quantity::TtftMean | Quantity::RequestLatencyMean, _) => {
            WAITING
        }
        _ => return None,
    };
    if value == 0.0 || (least..=most).contains(&value) {
        return None;
    }
    let inside = |(_, factor): &&(&str, f64)| (least..=most).contains(&(value * factor));
    let meant = MEANT.iter().find(inside).map(|(unit, factor)| {
        // Without the noise of a product.
        let written: f64 = format!("{:.6e}", value * factor).parse().unwrap_or(value);
        format!("; read as {unit} it would be {written} ms")
    });
    Some(format!(
        "has {value} ms, which is hardly of that unit: expected {least} to {most} ms{}. Nothing was converted",
        meant.unwrap_or_default()
    ))
}
