//! What earlier versions of AIPerf wrote.

use crate::made::{Files, edited, files, made, numbers};

/// The echo of AIPerf before schema 1.0, of one with named phases, and of a run of a list of values.
#[test]
fn other_layouts_of_the_configuration() {
    use serde_json::{Value, json};
    let original = made(&files("base-2-unscraped"));
    let layout = |change: &dyn Fn(&mut Value, u64)| {
        let mut all = edited("base-2-unscraped", |text| {
            let mut export: Value = serde_json::from_str(text).expect("JSON");
            let level = export["input_config"]["phases"][1]["concurrency"].as_u64();
            assert!(export["run_info"]["benchmark_id"] == export["benchmark_id"]);
            change(&mut export, level.expect("a level"));
            export.to_string()
        });
        // The names of the folders say nothing.
        for (path, _) in &mut all {
            *path = path.replace("aiperf-c", "run");
        }
        let document = made(&all);
        assert_eq!(document.map["metrics"], original.map["metrics"]);
    };
    layout(&|_, _| ());
    layout(&|export, level| {
        for later in [
            "schema_version",
            "completed_request_count",
            "run_info",
            "is_complete",
        ] {
            export.as_object_mut().expect("an object").remove(later);
        }
        let requests = export["input_config"]["phases"][1]["requests"].clone();
        export["input_config"] = json!({
            "endpoint": {"model_names": ["tinyllama-7m"], "type": "chat"},
            "loadgen": {"concurrency": level, "request_count": requests},
        });
    });
    layout(&|export, _| {
        let phases = export["input_config"]["phases"].clone();
        export["input_config"]["phases"] = json!({"warmup": phases[0], "profiling": phases[1]});
    });
    for name in ["concurrency", "phases.profiling.concurrency"] {
        layout(&|export, level| {
            let phase = export["input_config"]["phases"][1].as_object_mut();
            phase.expect("a phase").remove("concurrency");
            export["run_info"]["variation_values"] = json!({name: level});
        });
    }
}

/// What AIPerf 0.3.0 and 0.7.0 wrote: each kind of file gives the number of the export, rounded as it is there.
#[test]
fn older_versions_of_aiperf() {
    for version in ["0.3.0", "0.7.0"] {
        let all: Files = files("aiperf-older");
        let all: Files = all
            .into_iter()
            .filter_map(|(path, bytes)| Some((path.strip_prefix(version)?[1..].to_owned(), bytes)))
            .collect();
        let export = &all.iter().find(|(path, _)| path.ends_with("aiperf.json"));
        let export: serde_json::Value =
            serde_json::from_slice(&export.expect("an export").1).expect("JSON");
        let only = |end: &str| {
            let mut files = all.clone();
            files.retain(|(path, _)| path.ends_with(end));
            files
                .iter_mut()
                .for_each(|(path, _)| *path = format!("run-c4/{path}"));
            made(&files)
        };
        for (end, apart) in [(".json", 0.0), (".csv", 0.005), (".jsonl", 1e-9)] {
            let document = only(end);
            let level = &document.map["metrics"]["4"];
            for (name, metric, statistic) in [
                ("ttft_p50_ms", "time_to_first_token", "p50"),
                ("ttft_p95_ms", "time_to_first_token", "p95"),
                ("itl_p50_ms", "inter_token_latency", "p50"),
                ("tps_per_user", "output_token_throughput_per_user", "avg"),
                ("request_latency_p50_ms", "request_latency", "p50"),
            ] {
                let expected = export[metric][statistic].as_f64().expect(metric);
                let found = level[name].as_f64().unwrap_or(f64::NAN);
                let what = format!("{version} {end} {name}: {found} {expected}");
                assert!(
                    (found - expected).abs() <= apart + 1e-12 * expected,
                    "{what}"
                );
            }
            // The CSV export of these versions counts no failed requests.
            let errors = if end == ".csv" {
                serde_json::Value::Null
            } else {
                0.into()
            };
            assert_eq!(
                (&level["requests"], &level["errors"]),
                (&20.into(), &errors)
            );
        }
    }
}

#[test]
fn an_export_with_gpu_telemetry_is_known_by_its_content_too() {
    // `telemetry_data.summary` has keys that AIPerf's export of the server's metrics also has, and with many GPUs
    // `input_config` stands behind more than is looked at to recognise a file.
    let under = |name: &str, telemetry: usize| {
        let all = files("aiperf-older/0.7.0");
        let (_, export) = all
            .into_iter()
            .find(|(path, _)| path == "profile_export_aiperf.json")
            .expect("an export");
        let export = String::from_utf8(export).expect("text");
        assert!(export.contains("\"endpoints_configured\""));
        let more = format!(
            "\"telemetry_data\": {{\"more\": \"{}\",",
            "x".repeat(telemetry)
        );
        let export = export.replacen("\"telemetry_data\": {", &more, 1);
        assert!(export.len() > telemetry + 1000);
        numbers(&made(&vec![(name.to_owned(), export.into_bytes())]))
    };
    let expected = under("aiperf-c4/profile_export_aiperf.json", 0);
    for telemetry in [0, 100_000] {
        assert_eq!(under("aiperf-c4/mine.json", telemetry), expected);
    }
}
