//! Bundles as other tools and machines leave them: the numbers must be those of the original.

mod support;

use perfbridge_guest::document::{Document, Options, build};
use perfbridge_guest::fault::{Code, Result};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::files::{MemoryTree, Tree, read_text};
use perfbridge_guest::sources::read_bundle;
use support::findings;

type Files = Vec<(String, Vec<u8>)>;

/// The files of a bundle of the corpus.
fn files(name: &str) -> Files {
    let root = format!(
        "{}/../tests/data/bundles/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let tree = NativeTree::new(root);
    let listed = tree.list().expect("a bundle");
    let read = |path: String| {
        let text = read_text(&tree, &path).expect("text");
        (path, text.into_bytes())
    };
    listed.into_iter().map(read).collect()
}

fn try_made(files: &Files) -> Result<Document> {
    let run = read_bundle(&MemoryTree::new(files.clone()))?;
    let options = Options {
        model: Some("tinyllama-7m".to_owned()),
        ..Options::default()
    };
    build(&run, None, &options)
}

fn made(files: &Files) -> Document {
    try_made(files).unwrap_or_else(|fault| panic!("{fault}"))
}

/// Everything that is judged.
fn numbers(document: &Document) -> String {
    let sections = ["metrics", "server_metrics_delta", "deployment", "workload"];
    let all = sections.map(|section| document.map[section].to_string());
    all.join("\n")
}

const KINDS: [&str; 7] = [
    "base-1",
    "base-1-csv",
    "base-1-records",
    "base-1-console",
    "base-2-console",
    "base-1-report",
    "errors-1-records",
];

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    for kind in KINDS {
        let original = files(kind);
        let mut marked = original.clone();
        for (_, bytes) in &mut marked {
            bytes.splice(0..0, *b"\xef\xbb\xbf");
        }
        assert_eq!(numbers(&made(&marked)), numbers(&made(&original)), "{kind}");
    }
}

#[test]
fn line_ends_of_windows_change_nothing() {
    for kind in KINDS {
        let original = files(kind);
        let mut edited = original.clone();
        for (_, bytes) in &mut edited {
            let text = String::from_utf8(std::mem::take(bytes)).expect("text");
            let bare = text.replace("\r\n", "\n");
            *bytes = bare.replace('\n', "\r\n").into_bytes();
        }
        assert_eq!(numbers(&made(&edited)), numbers(&made(&original)), "{kind}");
    }
}

#[test]
fn utf_16_is_named() {
    let mut all = files("base-1-console");
    let text = String::from_utf8(all[0].1.clone()).expect("text");
    for little in [true, false] {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        all[0].1 = units
            .flat_map(|unit| {
                if little {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                }
            })
            .collect();
        let fault = try_made(&all).map(drop).expect_err("refused");
        assert_eq!(fault.code, Code::NotUnderstood);
        assert_eq!(fault.place.as_deref(), Some("aiperf-c16.log:1"));
        assert!(
            fault
                .message
                .starts_with("found text in UTF-16, as PowerShell writes it; expected UTF-8"),
            "{fault}"
        );
    }
    // A file that is of no format is not looked into.
    let mut others = files("base-1");
    others.push(("Thumbs.db".to_owned(), vec![0xff, 0xfe, 0, 1]));
    made(&others);
}

/// AIPerf writes its exports once more for each phase; where one of the run's own is lost, the other kind may
/// still be there.
#[test]
fn the_export_of_the_phase_is_a_copy_of_the_same_kind() {
    let original = files("base-1-csv");
    let mut copied = original.clone();
    for (path, bytes) in &original {
        let (folder, name) = path.split_once('/').expect("a folder");
        for phase in ["warmup", "profiling"] {
            copied.push((format!("{folder}/phases/{phase}/{name}"), bytes.clone()));
        }
    }
    assert_eq!(numbers(&made(&copied)), numbers(&made(&original)));
    // Only the copy of the measured phase is left.
    copied.retain(|(path, _)| path.contains("/phases/"));
    assert_eq!(numbers(&made(&copied)), numbers(&made(&original)));
    // The other kind of the phase is better than nothing, and agrees with the run's own.
    for (path, bytes) in files("base-1") {
        if let Some(folder) = path.strip_suffix("/profile_export_aiperf.json") {
            copied.push((
                format!("{folder}/phases/profiling/profile_export_aiperf.json"),
                bytes,
            ));
        }
    }
    copied.extend(original);
    let document = made(&copied);
    assert_eq!(
        document.map["metrics"],
        made(&files("base-1")).map["metrics"]
    );
    assert!(findings(&document.findings, "SOURCES_DISAGREE").is_empty());
}

/// The CSV does not say its concurrency, so the name of its folder must.
#[test]
fn folders_are_named_in_many_ways() {
    let original = files("base-1-csv");
    for name in [
        "c{}",
        "C{}",
        "AIPerf-C{}",
        "aiperf_c{}",
        "conc{}",
        "concurrency_{}",
        "concurrency-{}",
        "phases.profiling.concurrency={}",
        "tinyllama-7m-openai-chat-concurrency{}",
        "a/b/aiperf-c{}",
        "aiperf-c0{}",
    ] {
        let renamed = original.iter().map(|(path, bytes)| {
            let (folder, file) = path.split_once('/').expect("a folder");
            let level = folder.strip_prefix("aiperf-c").expect("a level");
            (
                format!("{}/{file}", name.replace("{}", level)),
                bytes.clone(),
            )
        });
        assert_eq!(
            numbers(&made(&renamed.collect())),
            numbers(&made(&original)),
            "{name}"
        );
    }
    // A bare number may be anything.
    let bare = original
        .iter()
        .map(|(path, bytes)| (path.replace("aiperf-c", ""), bytes.clone()));
    let fault = try_made(&bare.collect()).map(drop).expect_err("refused");
    assert!(
        fault
            .message
            .starts_with("cannot tell the concurrency of this result"),
        "{fault}"
    );
}

/// Edits the text of each file.
fn edited(name: &str, edit: impl Fn(&str) -> String) -> Files {
    let mut all = files(name);
    for (_, bytes) in &mut all {
        let text = String::from_utf8(std::mem::take(bytes)).expect("text");
        *bytes = edit(&text).into_bytes();
    }
    all
}

/// `kubectl logs` and `docker compose logs` put the container's name and a time before each line, whatever is in it.
#[test]
fn logs_that_were_carried_by_a_container() {
    const TIME: &str = "2026-11-24T03:06:06.422513817Z ";
    const POD: &str = "[pod/aiperf-bench-x7k2p/aiperf] ";
    const COMPOSE: &str = "aiperf-1      | ";
    const COLOURED: &str = "\u{1b}[36maiperf-1  | \u{1b}[0m";
    let pod_and_time = format!("{POD}{TIME}");
    let compose_and_time = format!("{COMPOSE}{TIME}");
    for kind in ["base-1-console", "base-2-console"] {
        let original = numbers(&made(&files(kind)));
        for before in [
            TIME,
            POD,
            COMPOSE,
            COLOURED,
            &pod_and_time,
            &compose_and_time,
        ] {
            let mut carried = edited(kind, |text| {
                let lines = text.split_inclusive('\n');
                lines.map(|line| format!("{before}{line}")).collect()
            });
            assert_eq!(numbers(&made(&carried)), original, "{kind}: {before:?}");
            // Under a name that says nothing; the footer knows the level.
            for (path, _) in &mut carried {
                *path = path.replace("aiperf-c", "job-");
            }
            assert_eq!(numbers(&made(&carried)), original, "{kind}: {before:?}");
        }
    }
}

/// Boxes as Rich draws them where it may not use heavy lines, or no lines at all.
#[test]
fn tables_in_other_boxes() {
    const LIGHT: [(char, char); 8] = [
        ('┏', '┌'),
        ('━', '─'),
        ('┳', '┬'),
        ('┓', '┐'),
        ('┃', '│'),
        ('┡', '├'),
        ('╇', '┼'),
        ('┩', '┤'),
    ];
    let light = |text: &str| {
        let swap = |c: char| {
            LIGHT
                .iter()
                .find(|(from, _)| *from == c)
                .map_or(c, |(_, to)| *to)
        };
        text.chars().map(swap).collect::<String>()
    };
    let ascii = |text: &str| {
        let swap = |c: char| match c {
            '━' | '─' => '-',
            '┃' | '│' => '|',
            '┏' | '┳' | '┓' | '┡' | '╇' | '┩' | '└' | '┴' | '┘' => '+',
            other => other,
        };
        text.chars().map(swap).collect::<String>()
    };
    let original = numbers(&made(&files("base-1-console")));
    assert_eq!(numbers(&made(&edited("base-1-console", light))), original);
    assert_eq!(numbers(&made(&edited("base-1-console", ascii))), original);
}

#[test]
fn paths_of_windows_in_the_footer() {
    let windows = |text: &str| {
        text.replace("/bench/", "C:\\Users\\a b\\")
            .replace("/aiperf-c", "\\aiperf-c")
    };
    let original = numbers(&made(&files("base-1-console")));
    assert_eq!(numbers(&made(&edited("base-1-console", windows))), original);
}

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
