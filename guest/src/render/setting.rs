//! What was measured on what, in few words: the context of a judgement and what changed in it.

use super::context;
use super::screen::{self, clean};
use super::told::runs;
use crate::fields;
use crate::judge::Judgement;
use crate::judge::identity::Change;
use crate::judge::row::of_number;
use crate::measure::shown::UNRECORDED;
use crate::measure::{Place, Quantity};
use crate::order::Keyed as _;
use serde_json::Value;
use std::collections::BTreeSet;

/// The levels and rates of either side, ascending.
pub(super) fn cells_of(judgement: &Judgement) -> BTreeSet<Place> {
    let places = judgement.rows.iter().map(|row| row.number.place);
    places.filter(|place| place.is_cell()).into_set()
}

/// What changed, one item a field: first what belongs to the identity.
pub(super) fn changed(judgement: &Judgement) -> Vec<String> {
    let sides = [&judgement.context.baseline, &judgement.context.current];
    let context = context::of(sides[0], sides[1]);
    let identity = |name: &String| match context.lines.iter().find(|line| line.label == name) {
        Some(line) => clean(&format!("{name} {} -> {}", line.baseline, line.current)),
        None => clean(name),
    };
    let of_identity = &judgement.identity;
    let varied = of_identity
        .varied
        .iter()
        .map(|name| identity(name) + " (declared)");
    let one = |change: &Change| {
        let path = change.field.as_str();
        let name = fields::find(path).map_or(path, |field| field.name());
        let values = [&change.baseline, &change.current].map(|value| match value {
            Value::Null => UNRECORDED.to_owned(),
            value => clean(&fields::plain(value)),
        });
        format!("{} {}", clean(name), values.join(" -> "))
    };
    let mismatched = of_identity.mismatched.iter().map(identity);
    let others = judgement.changed.iter().map(one);
    mismatched.chain(varied).chain(others).collect()
}

/// Where nothing changed.
pub(super) const UNCHANGED: &str = "nothing that is recorded";

/// What of the context fits one line: of both sides where they differ, without what nobody recorded.
pub(super) fn context_line(judgement: &Judgement) -> (Vec<String>, String) {
    const SAID: [(&str, &str); 10] = [
        ("model", ""),
        ("hardware", ""),
        ("quantization", ""),
        ("tensor_parallel_size", "TP "),
        ("dataset", ""),
        ("lengths", "ISL/OSL "),
        ("serving_engine", ""),
        ("vllm_version", "vLLM "),
        ("delivery", "by "),
        ("regime", ""),
    ];
    let sides = [&judgement.context.baseline, &judgement.context.current];
    let context = context::of(sides[0], sides[1]);
    let lengths = sides.map(|side| lengths(side, judgement.headline.place));
    let mut items = Vec::new();
    let of_vllm = context
        .lines
        .iter()
        .any(|line| line.label == "vllm_version");
    for (label, lead) in SAID {
        // The version names the engine already.
        if label == "serving_engine" && of_vllm {
            continue;
        }
        let line = context.lines.iter().find(|line| line.label == label);
        let values = match line {
            Some(line) => [line.baseline.clone(), line.current.clone()],
            None if label == "lengths" => lengths.clone(),
            None => continue,
        };
        let [a, b] = values.map(|value| screen::clip(&clean(&value), 30));
        match a == b {
            true if a == UNRECORDED => {}
            true => items.push(format!("{lead}{a}")),
            false => items.push(format!("{lead}{a} -> {b}")),
        }
    }
    let row = of_number(&judgement.rows, &judgement.headline);
    let mut last = runs(judgement, row);
    if changed(judgement).is_empty() {
        last += ", no known change";
    }
    if !context.unrecorded.is_empty() {
        last += &format!(", +{} unrecorded", context.unrecorded.len());
    }
    (items, last)
}

/// Mean lengths of inputs and outputs at a place: `1000/100`.
fn lengths(side: &Value, place: Place) -> String {
    let of_place = &side["levels"][place.key()];
    let mean = |quantity: Quantity| of_place[quantity.name()].as_f64();
    match [Quantity::IslMean, Quantity::OslMean].map(mean) {
        [None, None] => UNRECORDED.to_owned(),
        means => {
            let text = |mean: Option<f64>| {
                mean.map_or_else(|| "?".to_owned(), |mean| format!("{mean:.0}"))
            };
            means.map(text).join("/")
        }
    }
}
