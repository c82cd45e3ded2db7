//! The share of the hardware's ceiling that a run reaches.

use crate::fault::{Code, Fault, Result};
use crate::measure::metrics;
use serde_json::{Map, Value};

/// A speed-of-light ceiling: the most that the hardware could give, from the operator's file.
#[derive(Clone, Debug, PartialEq)]
pub struct Ceiling {
    /// Its key in the operator's file.
    pub key: String,
    /// The ceiling in output tokens per second.
    pub peak_toks_per_s: f64,
    /// `L1` to `L4`, where the file says it.
    pub rigor: Option<String>,
}

/// `sol_pct` is the throughput at the headline level as a share of the operator's ceiling, which is
/// frozen in the document so that a later edit of the file changes nothing.
pub(super) fn insert(map: &mut Map<String, Value>, ceiling: &Ceiling) -> Result<()> {
    let levels: Vec<u32> = map["metrics"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(level, _)| level.parse().ok())
        .collect();
    let headline = crate::measure::headline::nearest_level(&levels)
        .map(|level| level.to_string())
        .unwrap_or_default();
    let throughput = map["metrics"][&headline][metrics::HEADLINE].as_f64();
    let Some(throughput) = throughput else {
        return Err(Fault::new(
            Code::NotUnderstood,
            format!(
                "--sol-key asks for %SoL, but the run has no throughput at its headline level {headline}"
            ),
        ));
    };
    if let Some(Value::Object(context)) = map.get_mut("context") {
        context.insert(
            "sol_pct".into(),
            (100.0 * throughput / ceiling.peak_toks_per_s).into(),
        );
        context.insert("sol_key".into(), ceiling.key.clone().into());
        context.insert("sol_peak".into(), ceiling.peak_toks_per_s.into());
        context.insert("sol_unit".into(), "tok/s".into());
        if let Some(rigor) = &ceiling.rigor {
            context.insert("sol_rigor".into(), rigor.clone().into());
        }
    }
    Ok(())
}
