//! Which runs a judgement is of.

use crate::document::{Document, Numbers};
use serde::Serialize;

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// `baseline` or `current`.
    pub side: &'static str,
    /// What findings call it: the side, and the trial where it has several.
    pub name: String,
    /// The name that the tool gave it.
    pub run_id: Option<String>,
    /// SHA-256 of its bundle.
    pub bundle_sha256: Option<String>,
    /// When it began, as the tool wrote it.
    pub start_time: Option<String>,
}

/// What names a baseline: the names that its tool gave to its runs, else the hashes of their bundles, else nothing.
pub fn name(baseline: &Document) -> Option<String> {
    let runs = baseline.origins.iter();
    let of_run = |run: &crate::document::Origins| {
        let hash = run.whole.sha256.as_ref().map(|hash| {
            let short = hash.get(..HASH_DIGITS).unwrap_or(hash);
            format!("sha256:{short}")
        });
        run.whole.id.clone().or(hash)
    };
    let names: Option<Vec<String>> = runs.map(of_run).collect();
    names
        .filter(|all| !all.is_empty())
        .map(|all| all.join(", "))
}

/// Digits of a hash that tell two bundles of one registry apart.
const HASH_DIGITS: usize = 12;

/// Every run of both sides, in the order of the trials.
pub fn of(baseline: &Document, current: &Document) -> Vec<Listed> {
    let sides = [("baseline", baseline), ("current", current)];
    let of_side = |(side, document): (&'static str, &Document)| -> Vec<Listed> {
        let several = document.origins.len() > 1;
        let runs = document.origins.iter().enumerate();
        let one = |(at, run): (usize, &crate::document::Origins)| Listed {
            side,
            name: if several {
                format!("{side} trial {}", at + 1)
            } else {
                side.to_owned()
            },
            run_id: run.whole.id.clone(),
            bundle_sha256: run.whole.sha256.clone(),
            start_time: run.whole.start.clone(),
        };
        runs.map(one).collect()
    };
    sides.into_iter().flat_map(of_side).collect()
}

/// Where a smaller share of the current trials than of the baseline's has something that both sides have: how many, of how
/// many. What the baseline's trials lack as well is not lost.
pub fn fewer_have(
    [baseline, current]: [&Document; 2],
    has: &dyn Fn(&Numbers) -> bool,
) -> Option<[usize; 2]> {
    let count = |side: &Document| {
        let with = side.trials.iter().filter(|run| has(run)).count();
        // One run has what its document has.
        match side.trials.len() {
            0 => [1, 1],
            all => [with, all],
        }
    };
    let ([had, of], [have, all]) = (count(baseline), count(current));
    (have * of < had * all).then_some([have, all])
}
