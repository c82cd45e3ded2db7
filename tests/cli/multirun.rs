//! The directories that AIPerf makes of several runs, put together from real runs of the corpus in the layouts
//! of its `docs/api/sweep-aggregates.md`.

use crate::support::{Home, bundle};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const RUNS: [&str; 3] = ["aa-01", "aa-02", "aa-03"];

/// Copies the results of one level of a real run.
fn copy(run: &str, level: u32, target: &Path) {
    let source = Path::new(&bundle(run)).join(format!("aiperf-c{level}"));
    fs::create_dir_all(target).expect("made");
    for entry in fs::read_dir(source).expect("a level") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), target.join(entry.file_name())).expect("copied");
    }
}

/// What `AggregateConfidenceJsonExporter` writes of so many runs, with one of its metrics.
fn aggregate(runs: u64) -> Value {
    json!({
        "schema_version": "1.0",
        "aiperf_version": "0.13.0",
        "metadata": {
            "aggregation_type": "confidence",
            "num_profile_runs": runs,
            "num_successful_runs": runs,
            "failed_runs": [],
            "confidence_level": 0.95,
        },
        "metrics": {"output_token_throughput_avg": {
            "mean": 249.2, "std": 3.0, "min": 246.0, "max": 251.9, "cv": 0.012, "se": 1.7,
            "ci_low": 241.8, "ci_high": 256.6, "t_critical": 4.303, "unit": "tokens/sec",
        }},
    })
}

fn sweep(parameters: &[(&str, &[u32])], combinations: u64) -> Value {
    let listed = parameters
        .iter()
        .map(|(name, values)| json!({"name": name, "values": values}));
    json!({
        "aggregation_type": "sweep",
        "num_profile_runs": combinations,
        "num_successful_runs": combinations,
        "failed_runs": [],
        "metadata": {"sweep_parameters": listed.collect::<Vec<_>>(), "num_combinations": combinations},
        "per_combination_metrics": [],
        "best_configurations": {},
        "pareto_optimal": [],
    })
}

const CSV: &str = "metric,mean,std,min,max,cv,se,ci_low,ci_high,t_critical,unit\nrequest_throughput_avg,7.79,0.09,7.69,7.87,0.0120,0.0540,7.56,8.02,4.3027,requests/sec\n";

fn write(home: &Home, path: &str, value: &Value) {
    home.write(path, value.to_string());
}

/// `--num-profile-runs 3 --concurrency 16` with its summaries.
fn repeated(home: &Home) -> String {
    for (at, run) in RUNS.iter().enumerate() {
        let folder = format!("many/profile_runs/run_{:04}", at + 1);
        copy(run, 16, &home.path(&folder));
    }
    write(
        home,
        "many/aggregate/profile_export_aiperf_aggregate.json",
        &aggregate(3),
    );
    home.write("many/aggregate/profile_export_aiperf_aggregate.csv", CSV);
    home.text("many")
}

/// `--concurrency 4,16 --num-profile-runs 3`, the list repeated.
fn repeated_sweep(home: &Home) -> String {
    for (at, run) in RUNS.iter().enumerate() {
        for level in [4, 16] {
            let folder = format!("sweep/profile_runs/trial_{:04}/concurrency_{level}", at + 1);
            copy(run, level, &home.path(&folder));
        }
    }
    for level in [4, 16] {
        let file =
            format!("sweep/aggregate/concurrency_{level}/profile_export_aiperf_aggregate.json");
        write(home, &file, &aggregate(3));
    }
    write(
        home,
        "sweep/aggregate/sweep_aggregate/profile_export_aiperf_sweep.json",
        &sweep(&[("phases.profiling.concurrency", &[4, 16])], 2),
    );
    home.text("sweep")
}

#[test]
fn a_directory_of_runs_is_their_trials() {
    let home = Home::new();
    let many = repeated(&home);
    let each = |option: &str| {
        let runs = 1..=3;
        runs.flat_map(|run| {
            [
                option.to_owned(),
                format!("{many}/profile_runs/run_{run:04}"),
            ]
        })
        .collect::<Vec<_>>()
    };
    let mut words = vec!["ingest".to_owned()];
    words.extend(each("--source"));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let found = home.ok(&["ingest", "--source", &many]);
    assert_eq!(found, home.ok(&words));
    let document: Value = serde_json::from_str(&found).expect("JSON");
    assert_eq!(document["trials"]["n"], 3);
    // AIPerf's throughputs of the three runs at 16 are 249.7, 246.0 and 251.9 tok/s.
    let throughput = document["metrics"]["16"]["throughput_toks_per_s"].as_f64();
    assert_eq!(throughput.map(|it| (it * 10.0).round()), Some(2497.0));

    // Every command takes it: on either side of a diff, and to calibrate.
    let judged = home.json(&["diff", "--baseline", &many, "--current", &many, "--json"]);
    assert_eq!(judged["verdict"], "GREEN");
    let calibrated = home.json(&["calibrate", "--runs", &many, "--json"]);
    assert_eq!(calibrated["runs"], 3);
    let registry = Home::with_registry();
    let entry = registry.record(&[&many], &[]);
    let judged = registry.json(&[
        "diff",
        "--baseline",
        &entry,
        "--current",
        &many,
        "--yes",
        "--json",
    ]);
    assert_eq!(judged["verdict"], "GREEN");
}

#[test]
fn a_list_of_concurrencies_that_is_repeated_is_trials_of_all_levels() {
    let home = Home::new();
    let document = home.json(&["ingest", "--source", &repeated_sweep(&home)]);
    assert_eq!(document["trials"]["n"], 3);
    let runs: Vec<String> = RUNS.iter().map(|run| bundle(run)).collect();
    let same = home.json(&[
        "ingest", "--source", &runs[0], "--source", &runs[1], "--source", &runs[2],
    ]);
    assert_eq!(document["metrics"], same["metrics"]);
    assert_eq!(document["trials"]["summary"], same["trials"]["summary"]);
}

#[test]
fn a_list_of_concurrencies_is_the_levels_of_one_bundle() {
    let home = Home::new();
    for level in [4, 16] {
        copy(
            "aa-01",
            level,
            &home.path(&format!("one/concurrency_{level}")),
        );
    }
    let file = "one/sweep_aggregate/profile_export_aiperf_sweep.json";
    write(&home, file, &sweep(&[("concurrency", &[4, 16])], 2));
    home.write(
        "one/sweep_aggregate/profile_export_aiperf_sweep.csv",
        "concurrency,ttft_p99_ms_mean\n4,1.0\n",
    );
    let one = home.text("one");
    let document = home.json(&["ingest", "--source", &one]);
    assert_eq!(
        document["metrics"],
        home.json(&["ingest", "--source", &bundle("aa-01")])["metrics"]
    );

    // Other parameters make other workloads, and a value without results is told.
    let refused = |value: &Value, words: &str| {
        write(&home, file, value);
        home.run(&["ingest", "--source", &one]).refused(words);
    };
    refused(
        &sweep(&[("concurrency", &[4, 16]), ("isl", &[192])], 2),
        "profile_export_aiperf_sweep.json: metadata.sweep_parameters: found the varied parameters: concurrency, isl; expected concurrency alone",
    );
    refused(
        &sweep(&[], 2),
        "found the varied parameters: none; expected concurrency alone",
    );
    refused(
        &sweep(&[("concurrency", &[4, 16, 32])], 3),
        "metadata.num_combinations: found 3, but 2 directories of results; expected one for each value",
    );
}

#[test]
fn the_summary_must_count_the_runs_that_are_there() {
    let home = Home::new();
    let many = repeated(&home);
    let file = "many/aggregate/profile_export_aiperf_aggregate.json";
    let refused = |value: &str, words: &str| {
        home.write(file, value);
        for words_of in [["ingest", "--source"], ["calibrate", "--runs"]] {
            home.run(&[words_of[0], words_of[1], &many]).refused(words);
        }
    };
    refused(
        &aggregate(5).to_string(),
        "profile_export_aiperf_aggregate.json: metadata.num_profile_runs: found 5, but 3 runs in",
    );
    let mut failed = aggregate(3);
    failed["metadata"]["failed_runs"] =
        json!([{"label": "run_0003", "error": "Connection timeout"}]);
    refused(
        &failed.to_string(),
        "metadata.failed_runs: found 1 of 3 runs failed, the first run_0003 (Connection timeout); expected none",
    );
    let mut fewer = aggregate(3);
    fewer["metadata"]["num_successful_runs"] = json!(2);
    refused(
        &fewer.to_string(),
        "metadata.num_successful_runs: found 2, but 3 runs in",
    );
    refused(
        "{\"metadata\": {}}",
        "metadata.num_profile_runs: found no number",
    );
    refused("{", "found what is no JSON");
    // Every value of a list is counted.
    let sweep = repeated_sweep(&home);
    write(
        &home,
        "sweep/aggregate/concurrency_16/profile_export_aiperf_aggregate.json",
        &aggregate(4),
    );
    home.run(&["ingest", "--source", &sweep]).refused(
        "concurrency_16/profile_export_aiperf_aggregate.json: metadata.num_profile_runs: found 4",
    );
}

#[test]
fn layouts_without_a_bundle_in_one_directory_are_named() {
    let home = Home::new();
    copy(
        "aa-01",
        16,
        &home.path("search/search_iter_0000/profile_runs/run_0001"),
    );
    home.run(&["ingest", "--source", &home.text("search")])
        .refused("found search_iter_0000, which is one step of a search for the best setting");
    for level in [4, 16] {
        for (at, run) in RUNS.iter().enumerate() {
            let folder = format!("each/concurrency_{level}/profile_runs/trial_{:04}", at + 1);
            copy(run, level, &home.path(&folder));
        }
    }
    home.run(&["ingest", "--source", &home.text("each")]).refused(
        "found the runs below each level (concurrency_16/profile_runs), as --parameter-sweep-mode independent writes them; expected the levels below each run. Make one directory for each run, move concurrency_16/profile_runs/trial_0001 to concurrency_16 in the first",
    );
    // Runs that stand beside their summary, and a directory that only looks like one.
    for (at, run) in RUNS.iter().enumerate() {
        copy(run, 16, &home.path(&format!("beside/run_{:04}", at + 1)));
    }
    home.run(&["ingest", "--source", &home.text("beside")])
        .refused("found two results for concurrency 16");
    write(
        &home,
        "beside/aggregate/profile_export_aiperf_aggregate.json",
        &aggregate(3),
    );
    let document = home.json(&["ingest", "--source", &home.text("beside")]);
    assert_eq!(document["trials"]["n"], 3);
}
