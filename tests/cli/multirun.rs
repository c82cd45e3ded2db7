//! The directories that AIPerf makes of several runs, put together from real runs of the corpus in the layouts
//! of its `docs/api/sweep-aggregates.md`.

use crate::support::{Home, Ran, bundle};
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

/// The document is that of the same runs given one by one.
fn assert_is_trials_of_runs(home: &Home, document: &Value) {
    let runs: Vec<String> = RUNS.iter().map(|run| bundle(run)).collect();
    let same = home.json(&[
        "ingest", "--source", &runs[0], "--source", &runs[1], "--source", &runs[2],
    ]);
    assert_eq!(document["metrics"], same["metrics"]);
    assert_eq!(document["trials"]["summary"], same["trials"]["summary"]);
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

/// Runs that are compared with themselves are called that.
fn same_run(ran: &Ran) {
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let last = ran.stdout.lines().last().unwrap_or_default();
    assert!(
        last.starts_with("– NO_VERDICT by rule same-run: "),
        "{}",
        ran.stdout
    );
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

    // A link to a run is that run.
    let last = home.path("many/profile_runs/run_0003");
    fs::rename(&last, home.path("moved")).expect("moved");
    std::os::unix::fs::symlink(home.path("moved"), &last).expect("a link");
    assert_eq!(home.ok(&["ingest", "--source", &many]), found);

    // Every command takes it: on either side of a diff, and to calibrate.
    let same = ["diff", "--baseline", &many, "--current", &many];
    same_run(&home.run(&same));
    let calibrated = home.json(&["calibrate", "--runs", &many, "--json"]);
    assert_eq!(calibrated["runs"], 3);
    let registry = Home::with_registry();
    let entry = registry.record(&[&many], &[]);
    same_run(&registry.run(&["diff", "--baseline", &entry, "--current", &many, "--yes"]));
}

#[test]
fn a_list_of_concurrencies_that_is_repeated_is_trials_of_all_levels() {
    let home = Home::new();
    let document = home.json(&["ingest", "--source", &repeated_sweep(&home)]);
    assert_eq!(document["trials"]["n"], 3);
    assert_is_trials_of_runs(&home, &document);
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
fn other_layouts() {
    let home = Home::new();
    copy(
        "aa-01",
        16,
        &home.path("search/search_iter_0000/profile_runs/run_0001"),
    );
    home.run(&["ingest", "--source", &home.text("search")])
        .refused("found search_iter_0000, which is one step of a search for the best setting");
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

/// `--parameter-sweep-mode independent`, and a command with `--num-profile-runs` for each level.
#[test]
fn runs_below_each_level_are_trials_of_all_levels() {
    let home = Home::new();
    for level in [4, 16] {
        for (at, run) in RUNS.iter().enumerate() {
            let folder = format!("each/concurrency_{level}/profile_runs/trial_{:04}", at + 1);
            copy(run, level, &home.path(&folder));
        }
        let file =
            format!("each/concurrency_{level}/aggregate/profile_export_aiperf_aggregate.json");
        write(&home, &file, &aggregate(3));
    }
    let file = "each/sweep_aggregate/profile_export_aiperf_sweep.json";
    write(&home, file, &sweep(&[("concurrency", &[4, 16])], 2));
    let each = home.text("each");
    let document = home.json(&["ingest", "--source", &each]);
    assert_eq!(document["trials"]["n"], 3);
    assert_is_trials_of_runs(&home, &document);
    // Files are named as they stand below the input, and nothing is left behind.
    let path = &document["provenance"]["runs"][1]["files"][0]["path"];
    assert_eq!(
        path,
        "concurrency_16/profile_runs/trial_0002/profile_export_aiperf.json"
    );
    assert_eq!(fs::read_dir(home.path("tmp")).expect("scratch").count(), 0);

    let refused = |words: &str| home.run(&["ingest", "--source", &each]).refused(words);
    write(&home, file, &sweep(&[("isl", &[192, 256])], 2));
    refused("found the varied parameters: isl; expected concurrency alone");
    write(&home, file, &sweep(&[("concurrency", &[4, 16])], 2));
    let aside = home.path("aside");
    let last = home.path("each/concurrency_4/profile_runs/trial_0003");
    fs::rename(&last, &aside).expect("moved");
    refused(
        "concurrency_4/aggregate/profile_export_aiperf_aggregate.json: metadata.num_profile_runs: found 3, but 2 runs in",
    );
    write(
        &home,
        "each/concurrency_4/aggregate/profile_export_aiperf_aggregate.json",
        &aggregate(2),
    );
    refused(
        "concurrency_4/profile_runs: found trial_0001, trial_0002, in concurrency_16 trial_0001, trial_0002, trial_0003; expected the same runs of every level",
    );
    fs::rename(&aside, &last).expect("moved");
    write(
        &home,
        "each/concurrency_4/aggregate/profile_export_aiperf_aggregate.json",
        &aggregate(3),
    );
    std::os::unix::fs::symlink("/dev/null", last.join("link.json")).expect("a link");
    refused("trial_0003/link.json: found a symbolic link");
    fs::remove_file(last.join("link.json")).expect("removed");
    copy("aa-01", 16, &home.path("each/concurrency_32"));
    refused(
        "found one run of concurrency_32 beside the runs in concurrency_16/profile_runs; expected as many runs of every level",
    );
}

/// What stands beside a single run is of that run.
#[test]
fn one_run_is_no_trial() {
    let home = Home::new();
    let whole = home.json(&["ingest", "--source", &bundle("base-1")]);
    for folder in [
        "one/profile_runs/run_0001",
        "below/aiperf-c{}/profile_runs/run_0001",
    ] {
        let base = home.text(folder.split('/').next().expect("a folder"));
        for level in [1, 4, 8, 16, 32] {
            let mut target = folder.replace("{}", &level.to_string());
            if target == folder {
                target = format!("{folder}/aiperf-c{level}");
            }
            copy("base-1", level, &home.path(&target));
        }
        for when in ["pre", "post"] {
            let name = format!("tinyllama-7m-metrics-{when}.prom");
            fs::copy(
                Path::new(&bundle("base-1")).join(&name),
                Path::new(&base).join(&name),
            )
            .expect("copied");
        }
        let document = home.json(&["ingest", "--source", &base]);
        assert_eq!(document["metrics"], whole["metrics"]);
        assert_eq!(document["trials"], Value::Null);
        let rate = "prefix_cache_hit_rate_post";
        assert_eq!(
            document["server_metrics_delta"][rate],
            whole["server_metrics_delta"][rate]
        );
    }
}
