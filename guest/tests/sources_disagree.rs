//! Files of one run that say different things: which counts, and that it is said.

mod support;

use perfbridge_guest::document::{Document, Options, build};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::files::{MemoryTree, Tree, read_text};
use perfbridge_guest::sources::read_bundle;
use support::findings;

const EXPORT: &str = "aiperf-c16/profile_export_aiperf.json";
const REPORT: &str = "perf-bench-report-2026-11-24.md";

/// A bundle of the corpus, each file with its path and text changed.
fn made(name: &str, change: impl Fn(&str, String) -> (String, String)) -> Document {
    let root = format!(
        "{}/../tests/data/bundles/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let tree = NativeTree::new(root);
    let listed = tree.list().expect("a bundle");
    let files = listed.into_iter().map(|path| {
        let (path, text) = change(&path, read_text(&tree, &path).expect("text"));
        (path, text.into_bytes())
    });
    let run = read_bundle(&MemoryTree::new(files)).unwrap_or_else(|fault| panic!("{fault}"));
    build(&run, None, &Options::default()).unwrap_or_else(|fault| panic!("{fault}"))
}

fn unchanged(name: &str) -> Document {
    made(name, |path, text| (path.to_owned(), text))
}

/// The report of `base-1` with one text replaced, which must be there.
fn reported(old: &str, new: &str) -> Document {
    made("base-1", |path, text| {
        if path != REPORT {
            return (path.to_owned(), text);
        }
        assert!(text.contains(old), "{old}");
        (path.to_owned(), text.replace(old, new))
    })
}

/// The places of the findings with a code.
fn places(document: &Document, code: &str) -> Vec<String> {
    let all = document.findings.iter();
    all.filter(|one| one.code.as_str() == code)
        .map(|one| one.place.text().unwrap_or_default())
        .collect()
}

/// The export says 259.76… and the report, rounded, 259.8: that is agreement. 260.8 is none.
#[test]
fn a_number_that_the_export_contradicts() {
    let code = "SOURCES_DISAGREE";
    assert!(findings(&unchanged("base-1").findings, code).is_empty());
    let document = reported("| 16 | 259.8 |", "| 16 | 260.8 |");
    assert_eq!(
        places(&document, code),
        ["metrics.16.throughput_toks_per_s"]
    );
    let said = findings(&document.findings, code);
    assert!(
        said[0].starts_with(&format!("{EXPORT} has 259.")),
        "{said:?}"
    );
    let end = format!("{REPORT} has 260.8; the first is used");
    assert!(said[0].ends_with(&end), "{said:?}");
    // 260.8 - 259.79394365725085.
    let source = &document.map["sources"]["16"]["throughput_toks_per_s"];
    let by = source["disagrees_by"].as_f64().expect("a number");
    assert!((by - 1.006_056_342_749).abs() < 1e-9, "{by}");
    assert_eq!(
        document.map["metrics"],
        unchanged("base-1").map["metrics"],
        "the export counts"
    );
}

/// All that AIPerf and somebody wrote of one level, best first; they are of one run.
fn of_one_level() -> Vec<(&'static str, &'static str, String)> {
    let text = |bundle: &str, path: &str| {
        let root = format!(
            "{}/../tests/data/bundles/{bundle}",
            env!("CARGO_MANIFEST_DIR")
        );
        read_text(&NativeTree::new(root), path).expect("text")
    };
    let records = "aiperf-c16/profile_export.jsonl";
    let csv = "aiperf-c16/profile_export_aiperf.csv";
    vec![
        ("aiperf-json", EXPORT, text("base-1", EXPORT)),
        ("aiperf-csv", csv, text("base-1-csv", csv)),
        ("aiperf-records", records, text("base-1-records", records)),
        (
            "aiperf-console",
            "aiperf-c16.log",
            text("base-1-console", "aiperf-c16.log"),
        ),
        ("report-markdown", REPORT, text("base-1", REPORT)),
    ]
}

fn read(files: &[(&str, &str, String)]) -> Document {
    let files = files.iter().map(|(_, path, text)| (*path, text.as_bytes()));
    let run = read_bundle(&MemoryTree::new(files)).unwrap_or_else(|fault| panic!("{fault}"));
    build(&run, None, &Options::default()).unwrap_or_else(|fault| panic!("{fault}"))
}

/// The JSON export before the CSV, that before the records, those before the console, and the report last. The numbers
/// are those that the files state; AIPerf divides by the length of the phase, which the records do not hold.
#[test]
fn the_best_source_that_is_there_counts() {
    let all = of_one_level();
    for (at, (throughput, ttft)) in [
        (259.79394365725085, 674.1863695),
        (259.79, 674.19),
        (260.0200165186197, 674.1863695),
        (259.79, 674.19),
        (259.8, 674.2),
    ]
    .into_iter()
    .enumerate()
    {
        let document = read(&all[at..]);
        let of = &document.map["sources"]["16"];
        for name in ["throughput_toks_per_s", "ttft_p50_ms"] {
            assert_eq!(of[name]["file"], all[at].1);
            assert_eq!(of[name]["format"], all[at].0);
        }
        let cell = &document.map["metrics"]["16"];
        support::close(cell["throughput_toks_per_s"].as_f64(), throughput);
        support::close(cell["ttft_p50_ms"].as_f64(), ttft);
        // Rounding is no disagreement, nor is what the records can only come near to.
        assert!(findings(&document.findings, "SOURCES_DISAGREE").is_empty());
    }
}

/// Whichever source says something else, the best one is kept and both are named.
#[test]
fn every_source_is_compared_with_the_best() {
    let other = |(format, text): (&str, &str)| match format {
        "aiperf-records" => text
            .lines()
            .map(|line| {
                let mut record: serde_json::Value = serde_json::from_str(line).expect("JSON");
                record["metrics"]["time_to_first_token"]["value"] = 684.19.into();
                record.to_string() + "\n"
            })
            .collect(),
        "report-markdown" => text.replace("674.2", "684.2"),
        _ => text.replace("674.19", "684.19"),
    };
    for at in 1..5 {
        let mut files = of_one_level();
        files.swap(1, at);
        files.truncate(2);
        files.push(("models", "models.json", SERVED.to_owned()));
        files[1].2 = other((files[1].0, &files[1].2));
        let path = files[1].1;
        let document = read(&files);
        let said: Vec<String> = findings(&document.findings, "SOURCES_DISAGREE");
        let value = if path == REPORT { "684.2" } else { "684.19" };
        let expected = format!("{EXPORT} has 674.1863695, {path} has {value}; the first is used");
        assert!(said.contains(&expected), "{said:?}");
        support::close(
            document.map["metrics"]["16"]["ttft_p50_ms"].as_f64(),
            674.1863695,
        );
    }
}

const SERVED: &str =
    "{\"object\": \"list\", \"data\": [{\"id\": \"tinyllama-7m\", \"object\": \"model\"}]}";

/// What the server states about itself counts before what somebody wrote down.
#[test]
fn a_context_that_the_server_contradicts() {
    let code = "CONTEXT_DISAGREES";
    assert!(findings(&unchanged("base-1").findings, code).is_empty());
    let document = reported("KV cache dtype: auto", "KV cache dtype: fp8");
    assert_eq!(places(&document, code), ["deployment.kv_cache_dtype"]);
    let said = findings(&document.findings, code);
    let end = format!(" says auto, {REPORT} says fp8; the first is used");
    assert!(said[0].ends_with(&end), "{said:?}");
    assert_eq!(document.map["deployment"]["kv_cache_dtype"], "auto");
}

/// The benchmark's own echo counts before the server's labels, those before the report, and a setting before all.
#[test]
fn who_is_believed_about_the_context() {
    let echoed = |settings: &[(&str, &str)]| {
        let root = format!(
            "{}/../tests/data/bundles/base-1",
            env!("CARGO_MANIFEST_DIR")
        );
        let tree = NativeTree::new(root);
        let listed = tree.list().expect("a bundle");
        let files = listed.into_iter().map(|path| {
            let mut text = read_text(&tree, &path).expect("text");
            if path == EXPORT {
                let gpus = "\"telemetry_data\": {\"endpoints\": {\"x\": {\"gpus\": {\"0\": {\"gpu_name\": \"H100\"}}}}}, ";
                text = text.replacen('{', &format!("{{{gpus}"), 1);
            }
            if path == REPORT {
                text = text.replace("KV cache dtype: auto", "KV cache dtype: fp8");
            }
            (path, text.into_bytes())
        });
        let run = read_bundle(&MemoryTree::new(files)).unwrap_or_else(|fault| panic!("{fault}"));
        let owned = |(path, value): &(&str, &str)| ((*path).to_owned(), (*value).to_owned());
        let options = Options {
            settings: settings.iter().map(owned).collect(),
            ..Options::default()
        };
        build(&run, None, &options).unwrap_or_else(|fault| panic!("{fault}"))
    };
    let told = |document: &Document| findings(&document.findings, "CONTEXT_DISAGREES");
    let document = echoed(&[]);
    assert_eq!(document.map["context"]["hardware"], "H100");
    assert_eq!(document.map["deployment"]["kv_cache_dtype"], "auto");
    let said = told(&document);
    assert_eq!(said.len(), 2, "{said:?}");
    let hardware = said
        .iter()
        .find(|one| one.starts_with(EXPORT))
        .expect("of the export");
    assert!(
        hardware.contains("says H100, ") && hardware.contains(REPORT),
        "{hardware}"
    );
    // Whoever sets a field knows better than any file; that the files say something else is told.
    let set = echoed(&[
        ("context.hardware", "B200"),
        ("deployment.kv_cache_dtype", "fp8_e5m2"),
    ]);
    assert_eq!(set.map["context"]["hardware"], "B200");
    assert_eq!(set.map["deployment"]["kv_cache_dtype"], "fp8_e5m2");
    assert_eq!(told(&set).len(), 2);
}

/// The type of the weights that somebody names is no quantization, and lengths make no band: both stay unknown.
#[test]
fn what_nobody_stated_is_not_guessed() {
    let document = unchanged("base-1");
    assert_eq!(document.map["context"]["dtype"], "bfloat16");
    assert!(document.map["deployment"]["quantization"].is_null());
    assert_eq!(document.map["metrics"]["16"]["isl_mean"], 335.0);
    for name in ["input_token_band", "output_token_band", "split"] {
        assert!(document.map["workload"][name].is_null(), "{name}");
    }
}

/// A folder that was renamed does not make another concurrency of its result.
#[test]
fn a_level_that_its_name_contradicts() {
    let code = "LEVEL_NAME_DISAGREES";
    assert!(findings(&unchanged("aa-01").findings, code).is_empty());
    let renamed = "aiperf-c8/profile_export_aiperf.json";
    let document = made("aa-01", |path, text| (path.replace(EXPORT, renamed), text));
    assert_eq!(places(&document, code), [renamed]);
    assert_eq!(
        findings(&document.findings, code),
        ["the name says concurrency 8, the content 16; the content counts"]
    );
    assert_eq!(document.map["metrics"], unchanged("aa-01").map["metrics"]);
}
