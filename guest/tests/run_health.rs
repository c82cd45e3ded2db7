//! Findings about runs that did not go as they should: requests that never came back, clocks that jump,
//! scrapes under each other's names. Real files with one thing changed.

mod support;

use perfbridge_guest::document::{Document, Options, build};
use perfbridge_guest::files::MemoryTree;
use perfbridge_guest::judge::judge;
use perfbridge_guest::judge::policy::Policy;
use perfbridge_guest::measure::{Number, Place, Quantity};
use perfbridge_guest::sources::read_bundle;
use serde_json::{Value, json};
use support::{files, findings};

const EXPORT: &str = "aiperf-c16/profile_export_aiperf.json";

fn made(files: &[(String, String)]) -> Document {
    let bytes = files
        .iter()
        .map(|(path, text)| (path.clone(), text.clone().into_bytes()));
    let run = read_bundle(&MemoryTree::new(bytes)).unwrap_or_else(|fault| panic!("{fault}"));
    let options = Options {
        model: Some("tinyllama-7m".to_owned()),
        ..Options::default()
    };
    build(&run, None, &options).unwrap_or_else(|fault| panic!("{fault}"))
}

/// The bundle with one file changed.
fn with(name: &str, path: &str, change: impl Fn(&str) -> String) -> Document {
    let mut files = files(name);
    let found = files.iter_mut().find(|(at, _)| at == path);
    let (_, text) = found.expect("a file of the bundle");
    *text = change(text);
    made(&files)
}

/// An export of `ended` requests whose configuration echo is changed.
fn export(ended: u64, change: impl Fn(&mut Value)) -> Document {
    with("aa-01", EXPORT, |text| {
        let mut export: Value = serde_json::from_str(text).expect("JSON");
        export["request_count"]["avg"] = json!(ended);
        export["completed_request_count"]["avg"] = json!(ended);
        change(&mut export["input_config"]);
        export.to_string()
    })
}

fn planned(requests: u64) -> impl Fn(&mut Value) {
    move |config| config["phases"][1]["requests"] = json!(requests)
}

#[test]
fn requests_that_never_came_back_are_counted() {
    assert_eq!(
        findings(&made(&files("aa-01")).findings, "REQUESTS_MISSING").len(),
        0
    );
    // 1 of 100 is 1 %, and not more; 2 of 100 and 13 of 1000 are.
    for (ended, of, said) in [
        (99, 100, None),
        (
            98,
            100,
            Some("98 of 100 planned requests ended (2.0 % are missing"),
        ),
        (
            987,
            1000,
            Some("987 of 1000 planned requests ended (1.3 % are missing"),
        ),
        (101, 100, None),
        (
            0,
            100,
            Some("0 of 100 planned requests ended (100.0 % are missing"),
        ),
    ] {
        let document = export(ended, planned(of));
        let found = findings(&document.findings, "REQUESTS_MISSING");
        assert_eq!(found.len(), usize::from(said.is_some()), "{ended} of {of}");
        if let Some(said) = said {
            assert!(found[0].starts_with(said), "{found:?}");
            assert!(found[0].contains(EXPORT), "{found:?}");
            let place = document.findings[0].place.text();
            assert_eq!(place.as_deref(), Some("metrics.16.requests"));
        }
    }
}

/// Failed requests ended too. A run that a time or a number of sessions ends has no planned count.
#[test]
fn only_a_planned_count_can_be_missed() {
    let none = |document: &Document| findings(&document.findings, "REQUESTS_MISSING").is_empty();
    for other in ["duration", "sessions"] {
        let document = export(50, |config| {
            planned(100)(config);
            config["phases"][1][other] = json!(30);
        });
        assert!(none(&document), "{other}");
    }
    let unplanned = |config: &mut Value| {
        let phase = config["phases"][1].as_object_mut().expect("a phase");
        phase.remove("requests");
    };
    assert!(none(&export(50, unplanned)));
    // Of 64 requests 47 failed, and none is missing.
    assert!(none(&made(&files("errors-1"))));
    // The layout of older versions.
    let older = |config: &mut Value| {
        config["phases"] = Value::Null;
        config["loadgen"] = json!({"concurrency": 16, "request_count": 100});
    };
    assert!(!none(&export(90, older)));
    let timed = |config: &mut Value| {
        older(config);
        config["loadgen"]["benchmark_duration"] = json!(60.0);
    };
    assert!(none(&export(90, timed)));
}

#[test]
fn the_command_line_in_the_log_says_what_was_planned() {
    let log = |count: &str| {
        with("base-1-console", "aiperf-c16.log", |text| {
            assert!(
                text.contains("--request-count 32"),
                "the command is on one line"
            );
            text.replace("--request-count 32", count)
        })
    };
    let found = |count: &str| findings(&log(count).findings, "REQUESTS_MISSING");
    assert_eq!(found("--request-count 32").len(), 0);
    for option in ["--request-count 40", "--num-requests=40"] {
        let said = found(option);
        assert!(
            said[0].starts_with(
                "32 of 40 planned requests ended (20.0 % are missing; planned: aiperf-c16.log"
            ),
            "{said:?}"
        );
    }
    assert_eq!(found("--request-count 40 --benchmark-duration 60").len(), 0);
}

/// The phase of aa-01 lasted 8.198 s, its median latency is 2.0765 s: 8.198 + 2 * 2.0765 is 95 % of 13.001 s.
#[test]
fn a_phase_that_ended_before_its_time_is_told() {
    let timed = |seconds: Value| {
        export(64, |config| {
            let phase = config["phases"][1].as_object_mut().expect("a phase");
            phase.remove("requests");
            phase.insert("duration".to_owned(), seconds.clone());
        })
    };
    let found = |seconds: Value| findings(&timed(seconds).findings, "DURATION_SHORT");
    for enough in [json!(5), json!(8.2), json!(13), Value::Null] {
        assert_eq!(found(enough.clone()).len(), 0, "{enough}");
    }
    let said = found(json!(13.1));
    let expected = "the measured phase was to last 13.1 s and lasted 8.2 s (planned: aiperf-c16/profile_export_aiperf.json";
    assert!(said[0].starts_with(expected), "{said:?}");
    // Whichever comes first ends it.
    let both = export(64, |config| {
        config["phases"][1]["duration"] = json!(60);
    });
    assert!(findings(&both.findings, "DURATION_SHORT").is_empty());
    let baseline = made(&files("aa-01"));
    let judgement = judge(&baseline, &timed(json!(60)), &[], &Policy::default()).expect("judged");
    let wanted = "runs that send all their planned requests and last their planned time: current: metrics.16";
    assert!(
        judgement.promote.iter().any(|one| one == wanted),
        "{:?}",
        judgement.promote
    );
}

/// 3.94 s of the log and twice a median latency of 1.935 s are 95 % of 8.22 s.
#[test]
fn the_command_line_in_the_log_says_how_long_it_was_to_last() {
    let found = |options: &str| {
        let document = with("base-1-console", "aiperf-c16.log", |text| {
            text.replace("--request-count 32", options)
        });
        findings(&document.findings, "DURATION_SHORT")
    };
    assert_eq!(found("--benchmark-duration 8").len(), 0);
    assert_eq!(found("--benchmark-duration 60 --num-sessions 5").len(), 0);
    let said = found("--benchmark-duration=8.5");
    assert!(
        said[0].starts_with("the measured phase was to last 8.5 s and lasted 3.9 s"),
        "{said:?}"
    );
}

/// What never ended counts as failed: 36 of 100 are no pass, and the run is told to be incomplete.
#[test]
fn a_run_with_missing_requests_is_no_pass() {
    let mut baseline = made(&files("aa-01"));
    // The same numbers of another run.
    baseline.origins.clear();
    baseline.map.insert("another_run".to_owned(), true.into());
    let current = with("aa-01", EXPORT, |text| {
        let mut export: Value = serde_json::from_str(text).expect("JSON");
        planned(100)(&mut export["input_config"]);
        export.to_string()
    });
    let judgement = judge(&baseline, &current, &[], &Policy::default()).expect("judged");
    assert_eq!(
        (judgement.rule.as_str(), judgement.tier.as_str()),
        ("failed-level", "DRAFT")
    );
    let place = "current: metrics.16.requests";
    let finding = judgement
        .findings
        .iter()
        .find(|finding| finding.code.as_str() == "REQUESTS_MISSING")
        .expect("told");
    assert_eq!(finding.place.text().as_deref(), Some(place));
    let wanted =
        format!("runs that send all their planned requests and last their planned time: {place}");
    assert!(
        judgement.promote.contains(&wanted),
        "{:?}",
        judgement.promote
    );
}

/// The records of a level with the times of one line changed; times are `credit`, `start` and `end`.
fn records(line: usize, change: impl Fn(&mut [u64; 3])) -> Document {
    const KEYS: [&str; 3] = ["credit_issued_ns", "request_start_ns", "request_end_ns"];
    with("base-1-records", "aiperf-c4/profile_export.jsonl", |text| {
        let edited = text.lines().enumerate().map(|(at, text)| {
            let mut record: Value = serde_json::from_str(text).expect("a record");
            let mut times = KEYS.map(|key| record["metadata"][key].as_u64().expect("a time"));
            if at + 1 == line {
                change(&mut times);
            }
            for (key, time) in KEYS.iter().zip(times) {
                record["metadata"][key] = json!(time);
            }
            record.to_string() + "\n"
        });
        edited.collect()
    })
}

#[test]
fn times_that_contradict_each_other_are_counted() {
    const MINUTE: u64 = 60_000_000_000;
    let found = |document: &Document| {
        let all = document.findings.iter();
        let odd = all.filter(|finding| finding.code.as_str() == "CLOCK_ODD");
        odd.map(|finding| (finding.place.text(), finding.message.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(found(&records(0, |_| ())), []);
    assert_eq!(found(&made(&files("errors-1-records"))), []);
    // 4 requests of the warm-up come first, 32 are measured.
    type Change = fn(&mut [u64; 3]);
    let cases: [(Change, &str); 3] = [
        (
            |times| times.swap(1, 2),
            "of 32 request records 1 end before they start, 0 start before their credit was issued and 0 end more than 60 s",
        ),
        (
            |times| times[0] = times[1] + 1,
            "of 32 request records 0 end before they start, 1 start before their credit was issued and 0 end more than 60 s",
        ),
        (
            |times| times.iter_mut().for_each(|time| *time -= 2 * MINUTE),
            "of 32 request records 0 end before they start, 0 start before their credit was issued and 1 end more than 60 s",
        ),
    ];
    for (change, said) in cases {
        let found = found(&records(20, change));
        assert_eq!(found.len(), 1);
        let (place, message) = &found[0];
        assert_eq!(place.as_deref(), Some("aiperf-c4/profile_export.jsonl:20"));
        assert!(message.starts_with(said), "{message}");
        assert!(message.contains("the first is on line 20"), "{message}");
    }
    // A second is the disorder of several writers.
    let second = |times: &mut [u64; 3]| times.iter_mut().for_each(|time| *time -= MINUTE / 60);
    assert_eq!(found(&records(20, second)), []);
    // The times of the warm-up are not measured.
    assert_eq!(found(&records(1, |times| times.swap(1, 2))), []);
}

/// The same process on both sides and every counter lower in the later scrape: the names are the wrong way round.
#[test]
fn scrapes_under_each_others_names_are_told_from_a_restart() {
    let mut swapped = files("base-1");
    for (path, _) in &mut swapped {
        *path = match path.as_str() {
            "tinyllama-7m-metrics-pre.prom" => "tinyllama-7m-metrics-post.prom".to_owned(),
            "tinyllama-7m-metrics-post.prom" => "tinyllama-7m-metrics-pre.prom".to_owned(),
            other => other.to_owned(),
        };
    }
    let document = made(&swapped);
    assert_eq!(
        findings(&document.findings, "SCRAPES_SWAPPED"),
        [
            "the scrapes bear each other's names: tinyllama-7m-metrics-pre.prom is later than tinyllama-7m-metrics-post.prom, since the server did not start again and no counter in it is higher"
        ]
    );
    assert!(findings(&document.findings, "COUNTER_RESET").is_empty());
    let hit_rate = Number::new(Quantity::HitRatePost, Place::Server);
    assert_eq!(document.number(&hit_rate), None);
    let reason = &document.map["sources"]["server"]["prefix_cache_hit_rate_post"]["reason"];
    assert_eq!(reason, "the pre scrape was taken after the post scrape");
    assert!(findings(&made(&files("base-1")).findings, "SCRAPES_SWAPPED").is_empty());
    // The server of this run was really started again.
    let restarted = made(&files("errors-1"));
    assert!(findings(&restarted.findings, "SCRAPES_SWAPPED").is_empty());
    assert_eq!(findings(&restarted.findings, "COUNTER_RESET").len(), 1);
}

/// AIPerf's own counts of `errors-1`: 0, 9, 8, 47 and 60 failed; the 8 were cancelled because that was ordered. A base
/// run lost none.
#[test]
fn failed_requests_are_told_with_their_share() {
    let (base, errors) = (made(&files("base-1")), made(&files("errors-1")));
    let of = |baseline: &Document, current: &Document| {
        let judgement = judge(baseline, current, &[], &Policy::default()).expect("judged");
        findings(&judgement.findings, "REQUESTS_FAILED")
    };
    assert_eq!(of(&base, &base).len(), 0);
    let told = of(&base, &errors);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told[1].starts_with(
            "47 of 64 requests of the current run failed (73.4 %): latencies are those of the others"
        ),
        "{told:?}"
    );
    assert_eq!(of(&errors, &errors).len(), 6, "both sides");
    // 1 of 100 is 1 %, and not more.
    for (failed, requests, count) in [(1, 100, 0), (2, 100, 1), (1, 99, 1)] {
        let current = with("aa-01", EXPORT, |text| {
            let mut export: Value = serde_json::from_str(text).expect("JSON");
            export["completed_request_count"] = json!({"unit": "requests", "avg": requests});
            export["request_count"]["avg"] = json!(requests - failed);
            export["error_request_count"] = json!({"unit": "requests", "avg": failed});
            export.to_string()
        });
        let told = of(&made(&files("aa-01")), &current);
        assert_eq!(told.len(), count, "{failed} of {requests}: {told:?}");
    }
}

/// AIPerf writes an export of a cancelled run too.
#[test]
fn a_run_that_was_cancelled_is_told() {
    let cancelled = |said: &str| {
        let flag = format!("\"was_cancelled\": {said}");
        with("aa-01", EXPORT, |text| {
            assert!(text.contains("\"was_cancelled\": false"));
            text.replace("\"was_cancelled\": false", &flag)
        })
    };
    let none = findings(&cancelled("false").findings, "INCOMPLETE_RUN");
    assert!(none.is_empty(), "{none:?}");
    let document = cancelled("true");
    assert_eq!(
        findings(&document.findings, "INCOMPLETE_RUN"),
        [
            "AIPerf says that this run was cancelled or cut short; its numbers are those of the requests that had ended"
        ]
    );
    assert_eq!(document.findings[0].place.text().as_deref(), Some(EXPORT));
}
