//! What is known of a result beside its statistics: which run it is of, and its requests one by one.

use crate::support::{changed, document, of_files, text};
use perfbridge_guest::measure::{Place, Quantity};

const V02: &str = "01-aiperf-02-records-wrapper/run1";
const V010: &str = "02-aiperf-010-real-5090-c16/c16";
const EXPORT: &str = "profile_export_aiperf.json";

/// The hash of the result file, its run and its start stand in the cell.
#[test]
fn a_result_is_known_by_its_run() {
    let export = text(V010, EXPORT);
    let document = of_files(&[("c16/profile_export_aiperf.json", export)]).expect("read");
    let cell = document.cell(Place::Level(16)).expect("level 16");
    assert_eq!(cell.origin.id.as_deref(), Some("108f93f90b09"));
    assert_eq!(
        cell.origin.start.as_deref(),
        Some("2026-07-03T05:21:36.274997")
    );
    let files = document.map["provenance"]["files"]
        .as_array()
        .expect("files");
    assert_eq!(cell.origin.sha256.as_deref(), files[0]["sha256"].as_str());
    assert_eq!(cell.origin.sha256.as_ref().map(String::len), Some(64));
}

/// AIPerf names its runs from 0.5 on; there in the echo.
#[test]
fn the_name_of_a_run_in_an_older_echo() {
    let older = changed(V02, EXPORT, |export| {
        export["input_config"]["benchmark_id"] = "657b39a2".into();
    });
    let document = of_files(&[("profile_export_aiperf.json", older)]).expect("read");
    let cell = document.cell(Place::Level(100)).expect("level 100");
    assert_eq!(cell.origin.id.as_deref(), Some("657b39a2"));
}

/// Worked out from the request records: 4 of 64 requests by their start, and the others.
#[test]
fn the_first_wave_against_the_rest() {
    let case = "09-cold-first-wave";
    let wave = |side: &str| {
        let document = document(&format!("{case}/{side}"));
        let cell = document.cell(Place::Level(4)).expect("level 4");
        assert!(cell.get(Quantity::TtftMean).is_some());
        cell.first_wave.clone().expect("a first wave")
    };
    let (baseline, current) = (wave("baseline"), wave("current"));
    for (wave, warmup) in [(&baseline, 4), (&current, 2)] {
        assert_eq!(wave.warmup_requests, Some(warmup));
        assert_eq!((wave.first.requests, wave.rest.requests), (4, 60));
    }
    let by_hand = |side: &str, first: bool| {
        let lines = text(&format!("{case}/{side}/aiperf-c4"), "profile_export.jsonl");
        let mut all: Vec<(u64, f64)> = Vec::new();
        for line in lines.lines() {
            let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
            if record["metadata"]["benchmark_phase"] == "profiling" {
                let start = record["metadata"]["request_start_ns"]
                    .as_u64()
                    .expect("a start");
                let ttft = record["metrics"]["time_to_first_token"]["value"].as_f64();
                all.push((start, ttft.expect("a TTFT")));
            }
        }
        all.sort_by_key(|(start, _)| *start);
        let part = if first { &all[..4] } else { &all[4..] };
        let mut ttft: Vec<f64> = part.iter().map(|(_, ttft)| *ttft).collect();
        ttft.sort_by(f64::total_cmp);
        let half = ttft.len() / 2;
        ttft[half - 1] + (ttft[half] - ttft[half - 1]) * 0.5
    };
    for (side, wave) in [("baseline", &baseline), ("current", &current)] {
        assert_eq!(wave.first.ttft_p50, Some(by_hand(side, true)), "{side}");
        assert_eq!(wave.rest.ttft_p50, Some(by_hand(side, false)), "{side}");
    }
    assert!(current.first.latency_p50 > Some(16_000.0) && current.rest.latency_p50 < Some(6_000.0));
}
