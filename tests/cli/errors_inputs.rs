//! What is said of inputs, ceilings and registries that cannot be used.

use super::errors::say;
use crate::support::{Home, bundle, golden, snapshot};
use std::fs;
use std::os::unix::fs::symlink;

#[test]
fn inputs() {
    let (home, mut all) = (Home::new(), String::new());
    let run1 = golden("run1");
    let text = fs::read_to_string(&run1).expect("text");
    home.write("empty/readme.bin", [0]);
    fs::create_dir(home.path("nothing")).expect("made");
    fs::create_dir(home.path("linked")).expect("made");
    symlink("/etc/passwd", home.path("linked/report.md")).expect("linked");
    let fifo = std::process::Command::new("mkfifo")
        .arg(home.path("pipe"))
        .status();
    assert!(fifo.is_ok_and(|status| status.success()));
    home.write("latin1.json", [b'{', 0xe9]);
    home.write("schema.json", text.replace("perfbench_v1", "perfbench_v2"));
    home.write(
        "repeated.json",
        text.replacen("\"model\"", "\"model\": \"x\", \"model\"", 1),
    );
    home.write("cut.json", &text[..text.len() / 2]);
    home.write("nan.json", text.replacen("41.2", "NaN", 1));
    home.write("negative.json", text.replacen("41.2", "-41.2", 1));
    home.write(
        "mirror.json",
        text.replacen("{", "{\"metrics.16.ttft_p50_ms\": 1,", 1),
    );
    for name in [
        "missing",
        "empty",
        "nothing",
        "linked",
        "pipe",
        "latin1.json",
        "schema.json",
        "repeated.json",
        "cut.json",
        "nan.json",
        "negative.json",
        "mirror.json",
    ] {
        say(&home, &mut all, &["ingest", "--source", name]);
    }
    let (aa, csv) = (bundle("aa-01"), bundle("base-1-csv"));
    let commands: [&[&str]; 11] = [
        &["ingest", "--source", &csv],
        &["ingest", "--source", &aa, "--model", "other"],
        &[
            "ingest",
            "--source",
            &aa,
            "--set",
            "deployment.quantization",
        ],
        &[
            "ingest",
            "--source",
            &aa,
            "--set",
            "deployment.quantisation=FP8",
        ],
        &[
            "ingest",
            "--source",
            &aa,
            "--set",
            "deployment.tensor_parallel_size=two",
        ],
        &["ingest", "--source", &aa, "--set", "model=other"],
        &["ingest", "--source", &aa, "--profile", "missing"],
        &["ingest", "--source", &aa, "--profile", &aa],
        &[
            "ingest",
            "--source",
            &run1,
            "--set",
            "context.hardware=B200",
        ],
        &["ingest", "--source", &run1, "--model", "other"],
        &["ingest", "--source", &aa, "--source", &aa],
    ];
    for words in commands {
        say(&home, &mut all, words);
    }
    say(
        &home,
        &mut all,
        &["ingest", "--source", &aa, "--source", &run1],
    );
    say(&home, &mut all, &["view", &run1, "--baseline-profile", &aa]);
    say(&home, &mut all, &["view", &aa, &aa, "--profile", "missing"]);
    say(
        &home,
        &mut all,
        &[
            "diff",
            "--baseline",
            &run1,
            "--current",
            &run1,
            "--headline-level",
            "7",
        ],
    );
    snapshot("errors-inputs.txt", &all);
}

#[test]
fn ceilings() {
    let (home, mut all) = (Home::new(), String::new());
    home.write("bad.yaml", "a: [1\n");
    home.write("good.yaml", "b200:\n  decode_toks_per_s: 0\n  name: x\n  bandwidth: {peak: 8000, unit: GB/s}\n  plain: 12\n");
    let aa = bundle("aa-01");
    for (file, key) in [
        ("missing.yaml", "k"),
        ("bad.yaml", "k"),
        ("good.yaml", "h100.x"),
        ("good.yaml", "b200.decode_toks_per_s"),
        ("good.yaml", "b200.name"),
        ("good.yaml", "b200.bandwidth"),
        ("good.yaml", "b200.plain"),
    ] {
        say(
            &home,
            &mut all,
            &[
                "ingest",
                "--source",
                &aa,
                "--sol-ceilings",
                file,
                "--sol-key",
                key,
            ],
        );
    }
    snapshot("errors-ceilings.txt", &all);
}

#[test]
fn registries() {
    let (home, mut all) = (Home::new(), String::new());
    let run1 = golden("run1");
    for words in [
        &["list"][..],
        &["verify"],
        &["show", "tiny-llama"],
        &["record", "--yes", "--source", &run1],
        &["diff", "--model", "tiny-llama", "--current", &run1],
        &[
            "diff",
            "--baseline",
            "tiny-llama@20261124T024431681970Z",
            "--current",
            &run1,
        ],
        &["record", "--source", &run1, "--repo-root", "repo"],
    ] {
        say(&home, &mut all, words);
    }
    home.ok(&["init", "repo"]);
    let root = ["--repo-root", "repo"];
    for words in [
        &["diff", "--model", "tiny-llama", "--current", &run1][..],
        &[
            "diff",
            "--baseline",
            "tiny-llama@20261124T024431681970Z",
            "--current",
            &run1,
        ],
        &["diff", "--baseline", "no/such/entry", "--current", &run1],
        &["show", "tiny-llama"],
    ] {
        say(&home, &mut all, &[words, &root].concat());
    }
    home.record(&[&run1], &[]);
    for words in [
        &["diff", "--model", "other", "--current", &run1][..],
        &[
            "diff",
            "--baseline",
            "tiny-llama@20200101T000000000000Z",
            "--current",
            &run1,
        ],
        &["show", "tiny-llama@../../x"],
    ] {
        say(&home, &mut all, &[words, &root].concat());
    }
    snapshot("errors-registry.txt", &all);
}
