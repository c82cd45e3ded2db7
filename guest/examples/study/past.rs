//! Histories with steps, drifts and bad entries.

use crate::data::Measured;
use crate::simulate::{Change, Fault, Setting, shift};
use crate::simulated::{FEW, equal, setting};
use crate::tables::{percent, table};
use perfbridge_guest::stats::history::stationary;
use perfbridge_guest::stats::rng::Rng;
use perfbridge_guest::stats::scale::Placed;
use perfbridge_guest::stats::summary::{median, std};

/// Makes a median absolute deviation a standard deviation of normal values.
const MAD: f64 = 1.482_602_218_505_602;

/// Estimates of one run's standard deviation, and RED of one run against one.
pub fn table_of(measured: &Measured) -> String {
    let cases = [
        ("6 entries, nothing", 6, Fault::None),
        ("12 entries, nothing", 12, Fault::None),
        ("6 entries, two 20 % slower", 6, Fault::TwoBad(0.2)),
        ("12 entries, two 20 % slower", 12, Fault::TwoBad(0.2)),
        ("6 entries, the older half 10 % slower", 6, Fault::Step(0.1)),
        (
            "12 entries, the older half 10 % slower",
            12,
            Fault::Step(0.1),
        ),
        (
            "6 entries, each 2 % faster than the last",
            6,
            Fault::Drift(0.02),
        ),
        (
            "12 entries, each 1 % faster than the last",
            12,
            Fault::Drift(0.01),
        ),
    ];
    let noise = equal(measured, 0.01);
    let mut rows = Vec::new();
    for (name, history, fault) in cases {
        let of = |change: Change| {
            let shift = shift(measured, change);
            let setting = setting(measured, &noise, &shift, 1, FEW);
            let setting = Setting {
                history,
                fault,
                ..setting
            };
            (setting.rates(), estimates(&setting))
        };
        let ((same, estimates), (worse, _)) = (of(Change::None), of(Change::Everything(0.15)));
        let mut row = vec![name.to_owned()];
        row.extend(estimates.map(|estimate| match estimate.is_nan() {
            true => "unknown".to_owned(),
            false => format!("{:.1} %", 100.0 * estimate),
        }));
        row.extend([same.known, same.red, same.bare_red, worse.red].map(percent));
        rows.push(row);
    }
    table(
        "Histories with steps, drifts and bad entries",
        "One run against one, noise of 1 % in every cell. What four scales make of the headline's history, in the median of \
         all comparisons: its standard deviation, its median absolute deviation, its successive differences (von Neumann), and \
         ours; how often the noise is known from it; RED where nothing changed, by ours and by the bare tolerances, and RED \
         where everything is 15 % worse.",
        &[
            "history",
            "sd",
            "MAD",
            "differences",
            "ours",
            "known",
            "A/A",
            "bare",
            "-15 %",
        ],
        &rows,
    )
}

/// Medians of four scales over the comparisons of a setting, where each is known.
fn estimates(setting: &Setting) -> [f64; 4] {
    let mut rng = Rng::new(20_261_125);
    let mut found: [Vec<f64>; 4] = Default::default();
    for _ in 0..setting.comparisons / 5 {
        let cells = setting.cells(&mut rng);
        let Some(cell) = cells.iter().find(|cell| cell.headline) else {
            continue;
        };
        let log = |value: &f64| libm::log(*value);
        let values: Vec<f64> = cell.history.iter().flatten().map(log).collect();
        let centre = median(&values).unwrap_or_default();
        let away: Vec<f64> = values.iter().map(|value| (value - centre).abs()).collect();
        let steps: f64 = values
            .windows(2)
            .map(|w| (w[1] - w[0]) * (w[1] - w[0]))
            .sum();
        let placed: Vec<Placed> = values
            .iter()
            .enumerate()
            .map(|(run, value)| Placed { run, value: *value })
            .collect();
        let newest = cell.baseline[0].as_ref().map(log).unwrap_or_default();
        found[0].extend(std(&values));
        found[1].extend(median(&away).map(|away| MAD * away));
        found[2].push((0.5 * steps / (values.len() as f64 - 1.0)).sqrt());
        let ours = stationary(&placed, newest, 1e-6);
        found[3].extend(ours.map(|ours| (ours.squares / ours.df).sqrt()));
    }
    found.map(|values| median(&values).unwrap_or(f64::NAN))
}
