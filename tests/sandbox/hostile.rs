//! Hostile bundles through the component: a clear fault that names the file, never a trap.

use crate::component::sandbox;
use crate::probe::{grant, options};
use perfbridge_host::sandbox::{Failure, Fault, FaultCode, Limits, Sandbox};
use std::fs;
use std::path::Path;

const EXPORT: &str = "aiperf-c16/profile_export_aiperf.json";
const RECORDS: &str = "aiperf-c16/profile_export.jsonl";

fn bundle(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a directory");
    for (path, bytes) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }
    folder
}

fn fault_in(folder: &Path) -> Fault {
    match sandbox().read_bundle(grant(folder, "bundle"), "bundle", &options()) {
        Err(Failure::Fault(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

fn fault(path: &str, bytes: impl Into<Vec<u8>>) -> Fault {
    fault_in(bundle(&[(path, bytes.into())]).path())
}

fn real(path: &str) -> Vec<u8> {
    let bundles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/bundles");
    fs::read(bundles.join(path)).expect("a file of the corpus")
}

fn place(fault: &Fault) -> &str {
    fault.where_.as_deref().unwrap_or_default()
}

#[test]
fn links_and_special_files_are_named() {
    let good = (
        "aiperf-c16/profile_export_aiperf.json",
        real("aa-01/aiperf-c16/profile_export_aiperf.json"),
    );
    let link = |make: &dyn Fn(&Path)| {
        let folder = bundle(std::slice::from_ref(&good));
        make(folder.path());
        fault_in(folder.path())
    };
    let symlink = std::os::unix::fs::symlink::<&Path, std::path::PathBuf>;
    let to_file =
        link(&|root| symlink(Path::new("/etc/passwd"), root.join("report.md")).expect("linked"));
    assert_eq!(place(&to_file), "report.md");
    assert!(
        to_file.message.starts_with("found a symbolic link; "),
        "{}",
        to_file.message
    );
    let to_folder = link(&|root| symlink(Path::new(".."), root.join("aiperf-c8")).expect("linked"));
    assert_eq!(place(&to_folder), "aiperf-c8");
    let inside = link(&|root| {
        symlink(
            Path::new("profile_export_aiperf.json"),
            root.join("aiperf-c16/z"),
        )
        .expect("linked")
    });
    assert_eq!(place(&inside), "aiperf-c16/z");
    let dangling = link(&|root| symlink(Path::new("nowhere"), root.join("a")).expect("linked"));
    assert!(
        dangling.message.starts_with("found a symbolic link; "),
        "{}",
        dangling.message
    );
    let pipe = link(&|root| {
        let made = std::process::Command::new("mkfifo")
            .arg(root.join("pipe"))
            .status();
        assert!(made.is_ok_and(|status| status.success()));
    });
    assert_eq!(place(&pipe), "pipe");
    assert!(
        pipe.message
            .contains("a special file (pipe, socket or device)"),
        "{}",
        pipe.message
    );
}

#[test]
fn empty_and_foreign_directories_say_what_was_found_and_expected() {
    let fault = fault_in(tempfile::tempdir().expect("a directory").path());
    assert!(
        fault.message.contains("an empty directory"),
        "{}",
        fault.message
    );
    let tools = "expected a result of one of:\n  AIPerf, SGLang bench_serving, vLLM bench serve,";
    assert!(fault.message.contains(tools), "{}", fault.message);
    let many: Vec<(String, Vec<u8>)> = (0..9).map(|n| (format!("{n}.bin"), vec![0; 4])).collect();
    let many: Vec<(&str, Vec<u8>)> = many
        .iter()
        .map(|(path, bytes)| (path.as_str(), bytes.clone()))
        .collect();
    let fault = fault_in(bundle(&many).path());
    assert!(
        fault.message.contains("7.bin, and 1 more"),
        "{}",
        fault.message
    );
    assert!(matches!(fault.code, FaultCode::NotUnderstood));
}

#[test]
fn damaged_exports() {
    let good =
        String::from_utf8(real("aa-01/aiperf-c16/profile_export_aiperf.json")).expect("text");
    let cut = fault(EXPORT, &good.as_bytes()[..good.len() / 2]);
    assert!(matches!(cut.code, FaultCode::Damaged), "{cut:?}");
    assert!(cut.message.contains("The file was cut"), "{}", cut.message);
    assert!(place(&cut).starts_with(EXPORT), "{}", place(&cut));
    let with = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        fault(EXPORT, good.replacen(from, to, 1))
    };
    let at = good.find("\"time_to_first_token\"").expect("the metric");
    let avg = &good[at..][..good[at..].find(",\n").unwrap_or(80)];
    let nan = with(avg, &avg.replace("\"ms\"", "\"ms\", \"p1\": NaN"));
    assert!(nan.message.contains("NaN"), "{nan:?}");
    let unit = with(avg, &avg.replace("\"ms\"", "\"fortnights\""));
    assert!(matches!(unit.code, FaultCode::BadValue), "{unit:?}");
    assert!(unit.message.contains("fortnights"), "{}", unit.message);
    let mut bytes = good.clone().into_bytes();
    let middle = bytes.len() / 2;
    bytes[middle] = 0xff;
    let text = fault(EXPORT, bytes);
    assert!(matches!(text.code, FaultCode::Damaged), "{text:?}");
}

#[test]
fn nesting_and_long_lines() {
    let deep = format!(
        "{{\"input_config\": {}{}}}",
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    let fault_deep = fault(EXPORT, deep);
    assert!(
        matches!(fault_deep.code, FaultCode::Limit),
        "{fault_deep:?}"
    );
    let first = real("base-1-records/aiperf-c16/profile_export.jsonl");
    let line_end = first
        .iter()
        .position(|byte| *byte == b'\n')
        .expect("a line");
    let mut long = first[..=line_end].to_vec();
    long.extend(std::iter::repeat_n(b' ', 17 << 20));
    let fault_long = fault(RECORDS, long);
    assert!(
        matches!(fault_long.code, FaultCode::Limit),
        "{fault_long:?}"
    );
    assert_eq!(place(&fault_long), format!("{RECORDS}:2"));
    let mut nested = first[..=line_end].to_vec();
    nested.extend(
        format!(
            "{{\"metadata\": {}{}}}\n",
            "[".repeat(5000),
            "]".repeat(5000)
        )
        .bytes(),
    );
    assert!(place(&fault(RECORDS, nested)).starts_with(&format!("{RECORDS}:2")));
}

#[test]
fn folders_without_end() {
    let folder = tempfile::tempdir().expect("a directory");
    fs::create_dir_all(folder.path().join("d/".repeat(18))).expect("made");
    let fault = fault_in(folder.path());
    assert!(matches!(fault.code, FaultCode::Limit), "{fault:?}");
    assert!(
        fault.message.contains("more than 16 levels deep"),
        "{}",
        fault.message
    );
}

/// 20 MB of repeated records in 16 MiB of memory: what is kept of a record does not grow with the line.
#[test]
fn memory_stays_flat_over_many_records() {
    let records = real("base-1-records/aiperf-c16/profile_export.jsonl");
    let mut many = Vec::new();
    while many.len() < 20 << 20 {
        many.extend(&records);
    }
    let folder = bundle(&[(RECORDS, many)]);
    let limits = Limits {
        seconds: 60,
        memory_bytes: 16 << 20,
    };
    let small = Sandbox::new(
        crate::component::COMPONENT,
        crate::component::COMPILED,
        limits,
    )
    .expect("it loads");
    let options = perfbridge_host::sandbox::ingest::Options {
        model: Some("m".to_owned()),
        ..options()
    };
    let document = small.read_bundle(grant(folder.path(), "bundle"), "bundle", &options);
    let document = document.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(document.places, ["16"]);
    // Repeating every record changes no median: it is AIPerf's own of the 32 requests.
    let json: serde_json::Value = serde_json::from_str(&document.json).expect("JSON");
    assert_eq!(json["metrics"]["16"]["ttft_p50_ms"], 674.186_369_5);
}
