//! Which runs of the tool a document is made of: what trials are named, paired and told apart by.

use super::cell::Cell;
use crate::json::{put, word};
use crate::measure::Place;
use crate::order::Keyed as _;
use crate::run::{Origin, origin::OTHERS};
use crate::stats::clock;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The keys of an origin in a cell.
pub(super) const ORIGIN: [&str; 3] = ["run_id", "start_time", "result_sha256"];

/// The keys of the run as a whole in `trials.runs[].run`.
const WHOLE: [&str; 3] = ["id", "start", "sha256"];

/// The key of the places in `trials.runs[].run`.
const PLACES: &str = "places";

/// One run, as a whole and place by place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// The id where all places share one, the earliest start, and the hash of the bundle.
    pub whole: Origin,
    /// By place; the hash is that of the place's result file.
    pub places: BTreeMap<Place, Origin>,
}

impl Origins {
    /// Of a document of one run.
    pub(super) fn of_run(
        places: &BTreeMap<Place, Cell>,
        bundle_sha256: Option<&str>,
        captured_at: Option<&str>,
    ) -> Self {
        let cells = places.iter().filter(|(place, _)| place.is_cell());
        let places: BTreeMap<Place, Origin> = cells
            .map(|(place, cell)| (*place, cell.origin.clone()))
            .into_map();
        let mut ids = places.values().map(|origin| origin.id.clone());
        let first = ids.next().flatten();
        let id = ids.all(|other| other == first).then_some(first).flatten();
        let starts = places.values().filter_map(|origin| origin.start.as_deref());
        let first_of = |first, start| match clock::is_earlier(start, first) {
            true => start,
            false => first,
        };
        let start = starts.reduce(first_of).or(captured_at);
        Origins {
            whole: Origin {
                id,
                start: start.map(str::to_owned),
                sha256: bundle_sha256.map(str::to_owned),
                ..Origin::default()
            },
            places,
        }
    }

    /// The object of a trial.
    pub(super) fn to_json(&self) -> Value {
        let mut map = Map::new();
        write(&mut map, &self.whole, WHOLE);
        let mut places = Map::new();
        for (place, origin) in &self.places {
            let mut of_place = Map::new();
            write(&mut of_place, origin, ORIGIN);
            put(&mut places, &place.key(), of_place.into());
        }
        put(&mut map, PLACES, places.into());
        map.into()
    }

    /// The runs of the object of a trial.
    pub(super) fn of_json(value: &Value) -> Option<Self> {
        let mut places = BTreeMap::new();
        let whole = value.as_object()?;
        for (key, place) in whole.get(PLACES).and_then(Value::as_object)? {
            let origin = Origin::of_json(place.as_object()?, ORIGIN);
            places.insert(Place::of_key(key)?, origin);
        }
        Some(Origins {
            whole: Origin::of_json(whole, WHOLE),
            places,
        })
    }
}

/// Writes an origin under three keys, and its further files where there are any.
pub(super) fn write(map: &mut Map<String, Value>, origin: &Origin, names: [&str; 3]) {
    let values = [&origin.id, &origin.start, &origin.sha256];
    for (name, value) in names.iter().zip(values) {
        put(map, name, word(value.as_deref()));
    }
    if !origin.others.is_empty() {
        put(map, OTHERS, origin.others.clone().into());
    }
}
