//! The bytes on disk are those of the reference server: every golden entry and bundle is made again from the golden
//! inputs and compared. The root of the golden data is `/repo`.

mod common;

use common::{Bench, golden, list};
use perfbridge_registry::{Registry, read_snapshot, verify};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

const ENTRIES: &[(&str, &str, &[&str])] = &[
    (
        "tiny-llama-perfbench-v1/20261124T024431681970Z",
        "inputs/run1/inference_perfbench_v1.json",
        &[
            "--unit",
            "structured-json",
            "--notes",
            "GPQA=0.31. MMLU-Pro=0.12",
        ],
    ),
    (
        "tiny-llama-perfbench-v1/20261124T024432179862Z",
        "inputs/run2/inference_perfbench_v1.json",
        &[
            "--unit",
            "structured-json",
            "--notes",
            "second run, same cohort",
        ],
    ),
    (
        "tiny-llama-perfbench-v1/20261124T024432691032Z",
        "inputs/run3/inference_perfbench_v1.json",
        &[
            "--unit",
            "structured-json",
            "--notes",
            "with paired CPU profile; notes longer than sixty characters are cut in the index",
        ],
    ),
    (
        "tiny-llama-c16-throughput/20261124T024433280932Z",
        "inputs/scalar_throughput.txt",
        &[
            "--direction",
            "higher-is-better",
            "--value",
            "742.9",
            "--unit",
            "tokens/s",
        ],
    ),
    (
        "tiny-llama-c16-ttft-p50/20261124T024433899389Z",
        "inputs/scalar_ttft.json",
        &[
            "--direction",
            "lower-is-better",
            "--value",
            "68.5",
            "--unit",
            "ms",
        ],
    ),
    (
        "tiny-llama-bundle/20261124T024434689750Z",
        "inputs/bundle-dir",
        &[],
    ),
    (
        "tiny-llama-flat/20261124T024435430876Z",
        "inputs/flat_base.json",
        &["--unit", "structured-json"],
    ),
];

/// Makes all entries and bundles of the golden registry.
fn regenerate() -> Bench {
    let bench = Bench::new();
    for (entry, source, options) in ENTRIES {
        let (measurement, slug) = entry.split_once('/').expect("two names");
        bench.clock.set(slug);
        let dir = bench.recorded(measurement, source, options);
        assert!(dir.ends_with(entry), "{}", dir.display());
    }
    let cases = fs::read_to_string(golden().join("cases.json")).expect("the cases");
    let cases: serde_json::Value = serde_json::from_str(&cases).expect("JSON");
    for case in cases.as_array().expect("a list") {
        let text = |key: &str| case[key].as_str().expect("a text");
        bench
            .clock
            .set(text("bundle").rsplit('/').next().expect("a slug"));
        let mut args = vec!["--baseline", text("baseline"), "--current", text("current")];
        args.extend(
            case["args"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|arg| arg.as_str()),
        );
        let reply = bench.diff(&args);
        let payload = reply.json.expect("a payload");
        assert_eq!(payload["verdict"], case["verdict"]);
        assert_eq!(
            payload["diff_dir"],
            bench.path(text("bundle")).display().to_string()
        );
    }
    bench
}

#[test]
fn every_golden_file_comes_out_byte_for_byte() {
    let bench = regenerate();
    let golden = golden().join("registry");
    let mut expected = Vec::new();
    list(&golden, &golden, &mut expected);
    expected.sort();
    assert_eq!(bench.written(), expected);
    assert_eq!(expected.len(), 41);
    for file in &expected {
        let ours = fs::read_to_string(bench.path(file)).expect("ours");
        let ours = ours.replace(bench.root.to_str().expect("UTF-8"), "/repo");
        let theirs = fs::read_to_string(golden.join(file)).expect("theirs");
        assert_eq!(ours, theirs, "{file}");
    }
    let report = verify(&bench.root);
    assert_eq!(report.problems, []);
    assert_eq!((report.entries, report.rows, report.diffs), (7, 7, 3));
}

#[test]
fn the_golden_registry_reads_and_verifies_where_it_lies() {
    let root = golden().join("registry");
    let report = verify(&root);
    assert_eq!(report.problems, []);
    assert_eq!((report.entries, report.rows, report.diffs), (7, 7, 3));
    let registry = Registry::open(&root);
    assert_eq!(registry.families(), Ok(vec!["inference".to_owned()]));
    let newest = registry
        .newest("inference", "tiny-llama-perfbench-v1")
        .expect("readable");
    let newest = newest.expect("an entry");
    assert_eq!(newest.slug, "20261124T024432691032Z");
    assert_eq!(newest.baseline.direction, "two-sided");
    let scalar = registry
        .entry(
            "inference",
            "tiny-llama-c16-ttft-p50",
            "20261124T024433899389Z",
        )
        .expect("an entry");
    assert_eq!(scalar.baseline.value, Some(68.5));
    assert_eq!(scalar.baseline.hostname.as_deref(), Some("host"));
    let snapshot = read_snapshot(&scalar).expect("unchanged");
    // sha256sum of the file
    let sha256 = "31b4f0b0d3f9f89fc97034199d8a436fec635ea48c20d7d0622accc4001cc7ed";
    assert_eq!(snapshot.sha256, sha256);
    let bundle = registry
        .newest("inference", "tiny-llama-bundle")
        .expect("readable");
    let snapshot = read_snapshot(&bundle.expect("an entry")).expect("unchanged");
    assert!(snapshot.is_dir);
}

#[test]
fn a_snapshot_keeps_bytes_mode_and_time() {
    let bench = Bench::new();
    let file = bench.write("in/data.tar.gz", [0, 159, 146, 150, 10]);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("chmod");
    let old =
        std::time::SystemTime::UNIX_EPOCH + std::time::Duration::new(1_600_000_000, 123_456_789);
    fs::File::options()
        .write(true)
        .open(&file)
        .expect("open")
        .set_modified(old)
        .expect("utime");
    bench.write("in/dir/.hidden", "x");
    fs::create_dir_all(bench.path("in/dir/empty")).expect("mkdir");
    fs::set_permissions(bench.path("in/dir"), fs::Permissions::from_mode(0o555)).expect("chmod");

    let entry = bench.recorded("one", "in/data.tar.gz", &[]);
    let copy = entry.join("source-snapshot.gz");
    assert_eq!(fs::read(&copy).expect("the copy"), [0, 159, 146, 150, 10]);
    let meta = fs::metadata(&copy).expect("the copy");
    assert_eq!(meta.mode() & 0o7777, 0o640);
    assert_eq!(
        (meta.mtime(), meta.mtime_nsec()),
        (1_600_000_000, 123_456_789)
    );

    let entry = bench.recorded("two", "in/dir", &[]);
    let copy = entry.join("source-snapshot");
    assert_eq!(
        fs::metadata(&copy).expect("the copy").mode() & 0o7777,
        0o555
    );
    assert!(copy.join("empty").is_dir(), "an empty directory is copied");
    assert_eq!(
        fs::read_to_string(copy.join(".hidden")).expect("the copy"),
        "x"
    );
    fs::set_permissions(bench.path("in/dir"), fs::Permissions::from_mode(0o755)).expect("chmod");
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("chmod");
}
