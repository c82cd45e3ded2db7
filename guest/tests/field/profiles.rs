//! Profiles from the field. Shares are made by hand of the times or counts in the files.

use super::support::{document, judged, of_finding, row};
use perfbridge_guest::document::{Options, build};
use perfbridge_guest::files::MemoryTree;
use perfbridge_guest::sources::layout::profile_beside;
use perfbridge_guest::sources::read_bundle;
use serde_json::{Value, json};

fn classes(dir: &str) -> Value {
    document(dir).map["kernel_class_gpu_pct"].clone()
}

/// 12 rows of the grid, 67743875007 ns in all; of the tables that follow none is of kernels.
#[test]
fn a_grid_of_nsys_between_other_reports() {
    let total = 67_743_875_007.0;
    let ours = [
        53_351_148_261.0,
        7_309_552_741.0,
        2_013_233_300.0,
        1_627_559_125.0,
        893_758_039.0,
        801_382_093.0,
        621_587_111.0,
        446_382_087.0,
        332_836_627.0,
        144_639_388.0,
        132_399_905.0,
        69_396_330.0,
    ];
    assert_eq!(ours.iter().sum::<f64>(), total);
    let found = classes("20-nsys-grid-table-b200");
    let share = |class: &str| found[class].as_f64().unwrap_or_else(|| panic!("{class}"));
    let close = |class: &str, time: f64| {
        let expected = 100.0 * time / total;
        assert!((share(class) - expected).abs() < 1e-9, "{class}");
    };
    close("mla_attention", ours[0] + ours[1] + ours[3]);
    close("tp_all_reduce", ours[4]);
    close("nccldevkernel_allgather_ring_ll", ours[5]);
    // Two rows of one name that was cut.
    close(
        "void_at_native_unrolled_elementwise_kernel",
        ours[7] + ours[11],
    );
    assert_eq!(found.get("cuda_event_sync"), None);
    assert_eq!(found.as_object().expect("classes").len(), 9);
}

#[test]
fn csv_of_many_reports_gives_the_kernels_alone() {
    let found = document("21-nsys-csv-many-reports");
    let expected = json!({
        "fp8_bmm": 45.0,
        "tp_all_reduce": 30.0,
        "moe_routing_finalize": 15.0,
        "copy_kernel": 10.0,
    });
    assert_eq!(found.map["kernel_class_gpu_pct"], expected);
    assert_eq!(found.map["cpu_spinpoll_pct"], Value::Null);
}

/// Nanoseconds plain, and microseconds in quotes with separators behind a byte order mark.
#[test]
fn units_and_separators_are_one_profile() {
    one_profile(
        "22-nsys-unit-and-grouping",
        &json!({"fp8_bmm": 48.0, "tp_all_reduce": 32.0, "copy_kernel": 20.0}),
    );
}

/// 64-bit counts in quotes, as ClickHouse wrote them by default, and plain.
#[test]
fn quoted_counts_are_counts() {
    one_profile(
        "23-clickhouse-quoted-against-plain",
        &json!({
            "fp8_bmm": 45.0,
            "tp_all_reduce": 30.0,
            "moe_routing_finalize": 15.0,
            "nvjet_tst_64x8": 10.0,
        }),
    );
}

fn one_profile(case: &str, expected: &Value) {
    for side in ["baseline", "current"] {
        assert_eq!(&classes(&format!("{case}/{side}")), expected, "{side}");
    }
    let judged = judged(case);
    assert_eq!(judged.verdict.as_str(), "GREEN");
    for class in expected.as_object().expect("classes").keys() {
        let row = row(&judged, &format!("kernel_class_gpu_pct.{class}"), "profile");
        assert_eq!(
            (&row["status"], &row["delta"]),
            (&json!("WITHIN"), &json!(0.0))
        );
    }
}

/// Artifacts as they lie beside each other: the profile that bears the name of the run is the run's, no other.
#[test]
fn the_profile_of_a_run_is_the_one_of_its_name() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/field");
    let case = format!("{root}/23-clickhouse-quoted-against-plain/baseline");
    let text = |path: &str| std::fs::read(format!("{case}/{path}")).expect("a file of the case");
    let result = text("aiperf-c16/profile_export_aiperf.json");
    let profile = text("zymtrace/response.json");
    let query = text("zymtrace/query.sql");
    let other = String::from_utf8(profile.clone()).expect("text");
    let other = other.replace("4500", "9500").into_bytes();
    let read = |files: &[(&str, &[u8])]| {
        let run = read_bundle(&MemoryTree::new(files.iter().copied())).expect("readable");
        build::build(&run, None, &Options::default()).expect("a document")
    };
    let in_experiments = read(&[
        (
            "inference-perf-bench/r-2/aiperf-c16/profile_export_aiperf.json",
            &result,
        ),
        ("zymtrace-bundles/r-1/query.sql", &query),
        ("zymtrace-bundles/r-1/response.json", &other),
        ("zymtrace-bundles/r-2/query.sql", &query),
        ("zymtrace-bundles/r-2/response.json", &profile),
        ("zymtrace-bundles/r-22/response.json", &other),
    ]);
    let expected = json!({
        "fp8_bmm": 45.0,
        "tp_all_reduce": 30.0,
        "moe_routing_finalize": 15.0,
        "nvjet_tst_64x8": 10.0,
    });
    assert_eq!(in_experiments.map["kernel_class_gpu_pct"], expected);
    let said: Vec<(Option<String>, &str)> = of_finding(&in_experiments, "PROFILE_NOT_USED")
        .iter()
        .map(|one| (one.place.text(), one.message.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (
                Some("zymtrace-bundles/r-1".to_owned()),
                "the profile is of the run r-1, which is not in this directory"
            ),
            (
                Some("zymtrace-bundles/r-22".to_owned()),
                "the profile is of the run r-22, which is not in this directory"
            ),
        ]
    );
    // A run whose own directory holds it.
    let inside = read(&[
        ("aiperf-c16/profile_export_aiperf.json", &result),
        ("zymtrace-bundles/r-2/query.sql", &query),
        ("zymtrace-bundles/r-2/response.json", &profile),
    ]);
    assert_eq!(inside.map["kernel_class_gpu_pct"], expected);
}

#[test]
fn where_the_profile_of_a_run_lies() {
    for (run, profile) in [
        (
            "/a/experiments/artifacts/inference-perf-bench/r-2",
            Some("/a/experiments/artifacts/zymtrace-bundles/r-2"),
        ),
        (
            "inference-perf-bench/r-2/profile_runs/run_0001/",
            Some("zymtrace-bundles/r-2"),
        ),
        ("inference-perf-bench", None),
        ("inference-perf-bench/", None),
        ("inference-perf-bench/..", None),
        ("x/my-inference-perf-bench/r-2", None),
        ("runs/r-2", None),
    ] {
        assert_eq!(profile_beside(run).as_deref(), profile, "{run}");
    }
}
