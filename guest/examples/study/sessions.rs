//! Sessions that differ: alternating trials judged as pairs, and as two arms.

use crate::data::Measured;
use crate::simulate::{Change, Setting, shift};
use crate::simulated::{FEW, MANY, equal, setting};
use crate::tables::{percent, table};

/// RED where nothing changed and where everything is 5 or 10 % worse.
pub fn table_of(measured: &Measured) -> String {
    let mut rows = Vec::new();
    for (session, std) in [(0.0, 0.01), (0.02, 0.01), (0.03, 0.01), (0.03, 0.02)] {
        for trials in [3, 5, 8] {
            let mut noise = equal(measured, std);
            noise.session = session;
            let mut row = vec![
                format!("sd {:.0} %, sessions {:.0} %", 100.0 * std, 100.0 * session),
                trials.to_string(),
            ];
            for (paired, as_pairs) in [(true, true), (true, false), (false, false)] {
                let of = |change, comparisons| {
                    let shift = shift(measured, change);
                    let setting = setting(measured, &noise, &shift, trials, comparisons);
                    let setting = Setting {
                        paired,
                        as_pairs,
                        ..setting
                    };
                    setting.rates()
                };
                let same = of(Change::None, MANY / 2);
                row.push(percent(same.red));
                if as_pairs {
                    row.push(percent(same.green));
                }
                for lower in [0.05, 0.10] {
                    row.push(percent(of(Change::Throughput(lower), FEW).red));
                }
            }
            rows.push(row);
        }
    }
    table(
        "Sessions that differ",
        "What a session is worth is shared by all cells of its runs. Alternating: the two runs of a pair share a session, \
         and are judged as pairs, or as two arms for comparison. One after the other: each arm is a session of its own, the \
         limit named above. RED where nothing changed (A/A), and where throughput is 5 and 10 % lower; GREEN of A/A.",
        &[
            "noise",
            "trials",
            "pairs: A/A",
            "GREEN",
            "-5 %",
            "-10 %",
            "as arms: A/A",
            "-5 %",
            "-10 %",
            "one after the other: A/A",
            "-5 %",
            "-10 %",
        ],
        &rows,
    )
}
