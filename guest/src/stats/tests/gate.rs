//! The rules of rows, each boundary from both sides.

use super::super::gate::{Family, Gate, GateRow, Status, gate};

fn row(
    metric: &'static str,
    family: Family,
    level: &'static str,
    status: Status,
) -> GateRow<'static> {
    GateRow {
        metric,
        family,
        level,
        headline: false,
        status,
        tolerances: 2.0,
    }
}

const TTFT: [(&str, Family); 3] = [
    ("ttft_p50_ms", Family::FirstToken),
    ("ttft_p95_ms", Family::FirstToken),
    ("ttft_p99_ms", Family::FirstToken),
];

fn bad(at: usize, level: &'static str) -> GateRow<'static> {
    row(TTFT[at].0, TTFT[at].1, level, Status::Regressed)
}

#[test]
fn three_observations_are_red_only_over_two_places() {
    assert_eq!(
        gate(&[bad(0, "4"), bad(1, "4"), bad(2, "4")]),
        Gate::Localized
    );
    assert_eq!(gate(&[bad(0, "4"), bad(1, "4"), bad(0, "16")]), Gate::Many);
    let unresolved = row("ttft_p50_ms", Family::FirstToken, "8", Status::Unresolved);
    assert_eq!(gate(&[bad(0, "4"), bad(0, "16"), unresolved]), Gate::Few);
    let within = row("ttft_p50_ms", Family::FirstToken, "4", Status::Within);
    assert_eq!(gate(&[unresolved, within]), Gate::Unresolved);
    let improved = row("ttft_p50_ms", Family::FirstToken, "8", Status::Improved);
    assert_eq!(gate(&[improved]), Gate::None);
}

#[test]
fn decode_speed_of_one_level_is_one_observation() {
    let itl = row("itl_p50_ms", Family::Decode, "4", Status::Regressed);
    let user = row("tps_per_user", Family::Decode, "4", Status::Regressed);
    assert_eq!(gate(&[itl, user, bad(0, "16")]), Gate::Few);
    let elsewhere = GateRow { level: "8", ..user };
    assert_eq!(gate(&[itl, elsewhere, bad(0, "16")]), Gate::Many);
}

#[test]
fn the_headline_is_red_alone() {
    let top = GateRow {
        headline: true,
        ..row(
            "throughput_toks_per_s",
            Family::Throughput,
            "16",
            Status::Regressed,
        )
    };
    assert_eq!(gate(&[top]), Gate::Headline);
    let reds = [Gate::Headline, Gate::Severe, Gate::Many];
    assert!(reds.into_iter().all(Gate::is_red) && !Gate::Localized.is_red());
}

#[test]
fn beyond_five_tolerances_is_severe() {
    let throughput = |tolerances| GateRow {
        tolerances,
        ..row(
            "throughput_toks_per_s",
            Family::Throughput,
            "32",
            Status::Regressed,
        )
    };
    assert_eq!(gate(&[throughput(5.0)]), Gate::Few);
    assert_eq!(gate(&[throughput(5.1)]), Gate::Severe);
    let unresolved = GateRow {
        status: Status::Unresolved,
        ..throughput(9.0)
    };
    assert_eq!(gate(&[unresolved]), Gate::Unresolved);
    let far = |row: GateRow<'static>| GateRow {
        tolerances: 6.0,
        ..row
    };
    let latency = row(
        "request_latency_p50_ms",
        Family::Latency,
        "32",
        Status::Regressed,
    );
    assert_eq!(
        gate(&[far(bad(0, "32")), far(bad(1, "32"))]),
        Gate::Few,
        "one family"
    );
    assert_eq!(
        gate(&[far(bad(0, "32")), far(latency)]),
        Gate::Severe,
        "two families"
    );
    assert_eq!(
        gate(&[far(bad(0, "8")), far(latency)]),
        Gate::Few,
        "of two places"
    );
    assert_eq!(
        gate(&[bad(0, "32"), far(latency)]),
        Gate::Few,
        "one of them far beyond"
    );
}
