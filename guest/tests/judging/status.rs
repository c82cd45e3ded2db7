//! The table of statuses.

use perfbridge_guest::judge::status::Status;
use std::collections::BTreeSet;

/// Regressions first, then what was not settled or not judged, and what is as it should be last.
#[test]
fn what_needs_eyes_comes_first() {
    let mut ranked = Status::ALL.to_vec();
    ranked.sort_by_key(|status| status.rank());
    let names: Vec<&str> = ranked.iter().map(|status| status.as_str()).collect();
    assert_eq!(
        names,
        [
            "REGRESSED",
            "UNRESOLVED",
            "DEFINITION_MISMATCH",
            "UNRELIABLE",
            "OBSERVED",
            "UNMATCHED_LEVEL",
            "NULL_LEGACY_BASELINE",
            "IMPROVED",
            "WITHIN"
        ]
    );
}

#[test]
fn short_names_fit_a_column_and_differ() {
    let short: BTreeSet<&str> = Status::ALL.iter().map(|status| status.short()).collect();
    assert_eq!(short.len(), Status::ALL.len());
    assert!(short.iter().all(|name| name.len() <= 10), "{short:?}");
}

#[test]
fn judged_is_what_was_compared_with_its_tolerance() {
    let judged = Status::ALL.iter().filter(|status| status.is_judged());
    let names: Vec<&str> = judged.map(|status| status.as_str()).collect();
    assert_eq!(names, ["REGRESSED", "UNRESOLVED", "IMPROVED", "WITHIN"]);
}
