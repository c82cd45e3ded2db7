//! How load was put on the server: closed loops, rates, users, schedules.

use crate::support::{changed, document, holds, of_files, of_finding, refused, text};
use perfbridge_guest::document::Document;
use perfbridge_guest::files::MemoryTree;
use perfbridge_guest::judge::judge;
use perfbridge_guest::judge::policy::{Policy, Request};
use perfbridge_guest::measure::{Load, LoadKind, Place};
use serde_json::{Value, json};

const RATE: &str = "04-aiperf-request-rate-mode/r0.8";
const CLOSED: &str = "02-aiperf-010-real-5090-c16/c16";
const EXPORT: &str = "profile_export_aiperf.json";

fn place(text: &str) -> Place {
    text.parse().expect("a place")
}

/// AIPerf 0.10 at 0.8 requests a second, a Poisson process: 96 requests took 180.8 s; 96 / 0.8 s and a mean latency of
/// 31.25 s would have been 151.3 s. 0.8 * 151.25376 / 180.84853 is 0.6691.
#[test]
fn a_rate_is_a_place_of_its_own() {
    let document = document("04-aiperf-request-rate-mode");
    assert_eq!(document.cell_places().collect::<Vec<_>>(), [place("0.8/s")]);
    assert_eq!(document.map["metrics"], json!({}));
    holds(
        &document,
        "0.8/s",
        &[
            ("throughput_toks_per_s", Some(358.18924745378746)),
            ("ttft_p50_ms", Some(19134.674790999998)),
            ("itl_p50_ms", Some(18.41078137218881)),
            ("request_latency_p50_ms", Some(28148.551134499998)),
            ("requests_per_s", Some(0.5308309573553305)),
            ("requests", Some(96.0)),
            ("errors", Some(0.0)),
        ],
    );
    let cell = document.cell(place("0.8/s")).expect("the rate");
    let expected = Load {
        request_rate: Some(0.8),
        burstiness: Some(1.0),
        ..Load::new(LoadKind::Rate)
    };
    assert_eq!(cell.load, Some(expected));
    let sent = document.map["metrics_by_request_rate"]["0.8"]["sent_per_s"].as_f64();
    assert!((sent.expect("a rate") - 0.66908).abs() < 1e-4, "{sent:?}");
    let said = of_finding(&document, "RATE_NOT_REACHED");
    assert_eq!(said.len(), 1);
    assert!(
        said[0]
            .message
            .starts_with("offered 0.8 requests/s, achieved 0.669 (16.4 % short"),
        "{said:?}"
    );
    assert!(document.missed_its_rate(place("0.8/s")));
    // Beside a closed loop neither is lost.
    let closed = text(CLOSED, EXPORT);
    let beside = |closed: String| {
        of_files(&[
            ("r0.8/profile_export_aiperf.json", text(RATE, EXPORT)),
            ("c16/profile_export_aiperf.json", closed),
        ])
    };
    let both = beside(closed.replace("nvfp4_agent.jsonl", "nvfp4_coding.jsonl"));
    let places: Vec<Place> = both.expect("read").cell_places().collect();
    assert_eq!(places, [place("c16"), place("0.8/s")]);
    // Two data sets are two workloads.
    let fault = beside(closed).expect_err("two data sets");
    assert_eq!(
        fault.to_string(),
        "r0.8/profile_export_aiperf.json: found a result of the data set \"datasets/aiperf/nvfp4_coding.jsonl\", and in c16/profile_export_aiperf.json one of \"datasets/aiperf/nvfp4_agent.jsonl\"; expected one workload. Give the results of each on their own"
    );
    // The name of a folder does not make a level of it.
    let named = of_files(&[("aiperf-c8/profile_export_aiperf.json", text(RATE, EXPORT))]);
    let named = named.expect("read");
    assert_eq!(named.cell_places().collect::<Vec<_>>(), [place("0.8/s")]);
}

/// 100 requests at 5 a second and a latency of 1 s are to take 21 s.
#[test]
fn a_rate_is_reached_within_5_percent() {
    let took = |seconds: f64| {
        let text = changed(RATE, EXPORT, |export| {
            export["input_config"]["phases"][1]["rate"] = 5.into();
            export["input_config"]["phases"][1]["requests"] = 100.into();
            export["request_count"]["avg"] = 100.into();
            export["request_latency"]["avg"] = 1000.into();
            export["benchmark_duration"]["avg"] = seconds.into();
        });
        let document = of_files(&[("profile_export_aiperf.json", text)]).expect("read");
        document.missed_its_rate(place("5/s"))
    };
    assert!(!took(21.0) && !took(20.0));
    assert!(!took(21.0 / 0.9501));
    assert!(took(21.0 / 0.9499));
}

/// With records the times of sending decide: 20 requests, one each 0.25 s or 0.2 s, at an offered 5 a second.
#[test]
fn the_times_of_sending_decide_where_they_are_known() {
    let offered = changed(RATE, EXPORT, |export| {
        export["input_config"]["phases"][1]["rate"] = 5.into();
        export["input_config"]["phases"][1]["type"] = "constant".into();
    });
    let sent_each = |gap: u64| {
        let line = |at: u64| {
            let start = 1_790_000_000_000_000_000 + at * gap;
            let end = start + 900_000_000;
            format!(
                "{{\"metadata\": {{\"benchmark_phase\": \"profiling\", \"request_start_ns\": {start}, \"request_end_ns\": {end}}}, \"metrics\": {{\"request_latency\": {{\"value\": 900.0, \"unit\": \"ms\"}}}}}}\n"
            )
        };
        let records: String = (0..20).map(line).collect();
        let files = [
            ("r/profile_export_aiperf.json", offered.clone()),
            ("r/profile_export.jsonl", records),
        ];
        of_files(&files).unwrap_or_else(|fault| panic!("{fault}"))
    };
    let kept = sent_each(200_000_000);
    assert!(!kept.missed_its_rate(place("5/s")));
    let slow = sent_each(250_000_000);
    // 20 requests in 19 gaps of 0.25 s.
    holds(&slow, "5/s", &[("sent_per_s", Some(20.0 / 4.75))]);
    assert!(slow.missed_its_rate(place("5/s")));
    let cell = slow.cell(place("5/s")).expect("the rate");
    let load = cell.load.as_ref().expect("a load");
    assert_eq!(
        (load.burstiness, load.schedule.as_deref()),
        (None, Some("constant"))
    );
    assert!(cell.first_wave.is_none(), "there is no concurrency");
}

/// What the echo of each version says of each kind of load, and where the result belongs.
#[test]
fn every_kind_of_load_is_told() {
    let of = |config: Value| {
        let text = changed(CLOSED, EXPORT, |export| {
            let echo = export["input_config"].as_object_mut().expect("an echo");
            echo.remove("phases");
            echo.extend(config.as_object().expect("an object").clone());
        });
        of_files(&[("run/profile_export_aiperf.json", text)])
            .unwrap_or_else(|fault| panic!("{config}: {fault}"))
    };
    let phase = |value: Value| json!({"phases": [value]});
    for (config, at, kind, concurrency, burstiness) in [
        (
            phase(json!({"name": "profiling", "type": "concurrency", "concurrency": 8})),
            "8",
            "closed",
            Some(8),
            None,
        ),
        (
            phase(json!({"name": "profiling", "type": "concurrency", "concurrency": [8]})),
            "8",
            "closed",
            Some(8),
            None,
        ),
        (
            phase(json!({"name": "profiling", "type": "poisson", "rate": 2.5, "concurrency": 40})),
            "2.5/s",
            "rate",
            Some(40),
            Some(1.0),
        ),
        (
            phase(json!({"name": "profiling", "type": "gamma", "rate": 2, "smoothness": 0.5})),
            "2/s",
            "rate",
            None,
            Some(0.5),
        ),
        (
            phase(json!({"name": "profiling", "type": "user_centric", "rate": 3.0, "users": 15})),
            "3/s",
            "user-centric",
            Some(15),
            None,
        ),
        (
            json!({"loadgen": {"concurrency": 100, "request_rate_mode": "concurrency_burst"}}),
            "100",
            "closed",
            Some(100),
            None,
        ),
        (
            json!({"loadgen": {"request_rate": 4.0, "arrival_pattern": "poisson", "request_count": 96}}),
            "4/s",
            "rate",
            None,
            Some(1.0),
        ),
    ] {
        let document = of(config.clone());
        assert_eq!(
            document.cell_places().collect::<Vec<_>>(),
            [place(at)],
            "{config}"
        );
        let load = document
            .cell(place(at))
            .and_then(|cell| cell.load.clone())
            .expect("a load");
        assert_eq!(load.kind.as_str(), kind, "{config}");
        assert_eq!(
            (load.concurrency, load.burstiness),
            (concurrency, burstiness),
            "{config}"
        );
    }
}

/// A trace has neither a concurrency nor a rate: alone it is an error that says so, beside others it is left out.
#[test]
fn a_schedule_has_no_place() {
    let schedule = changed(CLOSED, EXPORT, |export| {
        export["input_config"]["phases"][1] =
            json!({"name": "profiling", "kind": "profiling", "type": "fixed_schedule"});
    });
    let path = "aiperf-c16/profile_export_aiperf.json";
    let fault = refused(&MemoryTree::new([(path, schedule.as_bytes())]));
    assert!(
        fault.message.starts_with(
            "found a run of a fixed schedule; expected one with a concurrency or a request rate"
        ),
        "{fault}"
    );
    let beside = of_files(&[
        (path, schedule),
        ("c16/profile_export_aiperf.json", text(CLOSED, EXPORT)),
    ]);
    let beside = beside.expect("read");
    let said = of_finding(&beside, "RESULT_LEFT_OUT");
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].place.text().as_deref(), Some(path));
    assert!(said[0].message.ends_with("It is left out"), "{said:?}");
}

/// Nor has what lies beside it, whatever concurrency a folder or a command line names: there it is a limit.
#[test]
fn nothing_gives_a_schedule_a_place() {
    let schedule = changed(CLOSED, EXPORT, |export| {
        export["input_config"]["phases"][1] =
            json!({"name": "profiling", "kind": "profiling", "type": "fixed_schedule"});
    });
    let csv = text(
        "03-aiperf-csv-empty-gpu-section",
        "aiperf-c8/profile_export_aiperf.csv",
    );
    let fault = refused(&MemoryTree::new([
        ("aiperf-c8/profile_export_aiperf.json", schedule.as_bytes()),
        ("aiperf-c8/profile_export_aiperf.csv", csv.as_bytes()),
    ]));
    let expected =
        "found a run of a fixed schedule; expected one with a concurrency or a request rate";
    assert!(fault.message.starts_with(expected), "{fault}");
}

/// A CSV export alone says no level: alone an error, beside usable results left out.
#[test]
fn one_result_without_a_place_beside_usable_ones_is_left_out() {
    let csv = text(
        "03-aiperf-csv-empty-gpu-section",
        "aiperf-c8/profile_export_aiperf.csv",
    );
    let path = "other/profile_export_aiperf.csv";
    let files = [
        (path, csv),
        ("c16/profile_export_aiperf.json", text(CLOSED, EXPORT)),
    ];
    let document = of_files(&files).expect("read");
    assert_eq!(document.cell_places().collect::<Vec<_>>(), [place("16")]);
    let said = of_finding(&document, "RESULT_LEFT_OUT");
    assert_eq!(said[0].place.text().as_deref(), Some(path));
    assert!(
        said[0]
            .message
            .starts_with("cannot tell the concurrency of this result"),
        "{said:?}"
    );
}

#[test]
fn a_rate_that_is_none_is_refused_with_its_field() {
    for (rate, found) in [
        (json!(0), "0"),
        (json!(-1), "-1"),
        (json!("fast"), "\"fast\""),
    ] {
        let text = changed(RATE, EXPORT, |export| {
            export["input_config"]["phases"][1]["rate"] = rate;
        });
        let fault = refused(&MemoryTree::new([(
            "profile_export_aiperf.json",
            text.as_bytes(),
        )]));
        assert_eq!(
            fault.message,
            format!("found a request rate of {found}; expected a finite number above 0")
        );
        assert!(
            fault
                .place
                .is_some_and(|place| place.contains("profile_export_aiperf.json:"))
        );
    }
}

/// A ramp leads to the place and is part of its load: of 0, null or missing it is none.
#[test]
fn a_ramp_is_part_of_the_load() {
    let of = |phase: Value| {
        let text = changed(CLOSED, EXPORT, |export| {
            let echo = export["input_config"].as_object_mut().expect("an echo");
            echo.remove("phases");
            match phase.get("kind") {
                Some(_) => echo.insert("phases".to_owned(), json!([phase])),
                None => echo.insert("loadgen".to_owned(), phase),
            };
        });
        of_files(&[("run/profile_export_aiperf.json", text)]).expect("read")
    };
    let base =
        json!({"name": "profiling", "kind": "profiling", "type": "concurrency", "concurrency": 16});
    let with = |more: Value| {
        let mut phase = base.clone();
        let own = phase.as_object_mut().expect("a phase");
        own.extend(more.as_object().expect("an object").clone());
        of(phase)
    };
    let rate = json!({"type": "poisson", "rate": 8.0, "rate_ramp": {"duration": 30.0, "strategy": "linear"}});
    let limit = json!({"prefill_ramp": 4, "concurrency_ramp": {"duration": 2.5, "strategy": "exponential"}});
    for (made, at, ramp) in [
        (
            with(json!({"concurrency_ramp": {"duration": 30.0}})),
            "16",
            "concurrency over 30 s",
        ),
        (with(rate), "8/s", "rate over 30 s"),
        (
            with(limit),
            "16",
            "concurrency over 2.5 s, exponential; prefill concurrency over 4 s",
        ),
        (
            of(json!({"concurrency": 16, "concurrency_ramp_duration": 30})),
            "16",
            "concurrency over 30 s",
        ),
    ] {
        assert_eq!(made.cell_places().collect::<Vec<_>>(), [place(at)]);
        let load = made.cell(place(at)).and_then(|cell| cell.load.clone());
        assert_eq!(load.expect("a load").ramp.as_deref(), Some(ramp));
    }
    for none in [
        json!({}),
        json!({"concurrency_ramp": null}),
        json!({"concurrency_ramp": 0}),
        json!({"concurrency_ramp": {"duration": null}, "rate_ramp": {"duration": 0.0}}),
    ] {
        assert_eq!(
            with(none).map["metrics"]["16"]["load"],
            json!({"kind": "closed", "concurrency": 16, "request_rate": null, "burstiness": null, "schedule": null})
        );
    }
    // A slower start is no slower server.
    let ramp = |seconds: u64| with(json!({"concurrency_ramp": {"duration": seconds}}));
    let identity = |baseline: &Document, current: &Document, vary: &[&str]| {
        let request = Request {
            vary: vary.iter().map(|name| (*name).to_owned()).collect(),
            ..Request::default()
        };
        let policy = Policy::new(&request).expect("a policy");
        let judged = judge(baseline, current, &[], &policy).expect("judged");
        (judged.rule.as_str().to_owned(), judged.identity)
    };
    let steady = with(json!({}));
    for (baseline, current) in [
        (&steady, &ramp(30)),
        (&ramp(30), &steady),
        (&ramp(30), &ramp(60)),
    ] {
        let (rule, found) = identity(baseline, current, &[]);
        assert_eq!(rule, "not-comparable");
        assert_eq!(found.mismatched, ["load"]);
        assert_eq!(identity(baseline, current, &["load"]).1.varied, ["load"]);
    }
    let (_, found) = identity(&ramp(30), &ramp(30), &[]);
    assert!(found.matched.iter().any(|name| name == "load"));
}
