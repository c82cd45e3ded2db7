//! The share of the hardware's ceiling that a run reaches.

use crate::fault::{Fault, Result, Sub};
use crate::measure::{Place, headline, metrics, place};
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
    let levels = map[place::LEVELS].as_object().into_iter().flatten();
    let places = levels.filter_map(|(level, _)| Place::of_level_key(level));
    let headline = headline::choose(places, &|_| false)
        .map(Place::key)
        .unwrap_or_default();
    let throughput = map[place::LEVELS][&headline][metrics::HEADLINE.name()].as_f64();
    let Some(throughput) = throughput else {
        return Err(Fault::because(
            Sub::CeilingUnmeasured,
            format!(
                "a ceiling asks for %SoL, but the run has no throughput at its headline level {headline}"
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
