//! A ZIP archive is read as the directory that it was made of, and one that lies does no harm.

use crate::support::{Home, Ran, bundle};
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// An archive of these files.
fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("begun");
        writer.write_all(bytes).expect("written");
    }
    writer.finish().expect("finished").into_inner()
}

/// All files below a directory by their paths, each behind `prefix`.
fn files_of(dir: &Path, prefix: &str, found: &mut Vec<(String, Vec<u8>)>) {
    for item in fs::read_dir(dir).expect("a directory") {
        let path = item.expect("readable").path();
        let name = format!(
            "{prefix}{}",
            path.file_name().expect("a name").to_string_lossy()
        );
        match path.is_dir() {
            true => files_of(&path, &format!("{name}/"), found),
            false => found.push((name, fs::read(path).expect("read"))),
        }
    }
}

fn of_bundle(name: &str, prefix: &str) -> Vec<u8> {
    let mut files = Vec::new();
    files_of(Path::new(&bundle(name)), prefix, &mut files);
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    zipped(&files)
}

/// Nothing stays of what was unpacked, and nobody is told where it lay.
fn leaves_nothing(home: &Home, ran: &Ran) {
    let left: Vec<_> = fs::read_dir(home.path("tmp"))
        .expect("a directory")
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!ran.stderr.contains("perfbridge-"), "{}", ran.stderr);
    assert!(!ran.stdout.contains("perfbridge-"), "{}", ran.stdout);
}

/// Refused with exit code 2 and these words.
fn refused(archive: &[u8], words: &str) -> String {
    let home = Home::new();
    home.write("run.zip", archive);
    let ran = home.run(&["ingest", "run.zip"]);
    ran.refused(words);
    leaves_nothing(&home, &ran);
    assert!(
        !home.path("escaped").exists() && !Path::new("/tmp/escaped").exists(),
        "{words}"
    );
    ran.stderr
}

#[test]
fn an_archive_gives_the_document_of_its_directory() {
    let home = Home::new();
    for (name, prefix) in [
        ("base-1", ""),
        ("base-1", "base-1/"),
        ("base-1", "./run/"),
        ("aiperf-runs", "aiperf-runs/"),
    ] {
        home.write("run.zip", of_bundle(name, prefix));
        let ran = home.run(&["ingest", "run.zip"]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        assert_eq!(
            ran.stdout,
            home.ok(&["ingest", &bundle(name)]),
            "{name} {prefix}"
        );
        leaves_nothing(&home, &ran);
    }
    // One level alone is named by its folder.
    let level = format!("{}/aiperf-c4", bundle("base-1"));
    let mut files = Vec::new();
    files_of(Path::new(&level), "aiperf-c4/", &mut files);
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(n, b)| (n.as_str(), b.as_slice()))
        .collect();
    home.write("level.zip", zipped(&files));
    let read = home.json(&["ingest", "level.zip"]);
    let places: Vec<&String> = read["metrics"]
        .as_object()
        .expect("levels")
        .keys()
        .collect();
    assert_eq!(places, ["4"]);
}

#[test]
fn every_command_takes_an_archive() {
    let home = Home::with_registry();
    home.write("base.zip", of_bundle("base-1", "base-1/"));
    home.write("mixed/now.zip", of_bundle("regressed-1", ""));
    home.write("mixed/notes.txt", "what I did\n");
    let entry = home.record(&["base.zip"], &[]);
    for baseline in [entry.as_str(), "base.zip"] {
        let ran = home.run(&["diff", "--baseline", baseline, "--current", "mixed/now.zip"]);
        let direct = home.run(&[
            "diff",
            "--baseline",
            &bundle("base-1"),
            "--current",
            &bundle("regressed-1"),
        ]);
        assert_eq!(ran.code, direct.code, "{}", ran.stderr);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        leaves_nothing(&home, &ran);
    }
    let told = home.json(&["inspect", "mixed", "--json"]);
    assert_eq!(told["runs"][0]["path"], "now.zip");
    assert_eq!(told["runs"][0]["places"].as_array().map(Vec::len), Some(5));
    assert_eq!(told["not_read"][0]["path"], "notes.txt");
}

#[test]
fn an_archive_of_mixed_results_is_looked_into() {
    let home = Home::new();
    let mut files = Vec::new();
    files_of(Path::new(&bundle("base-1")), "ours/", &mut files);
    let vllm = crate::support::corpus("data/tools/vllm-bench-0.32.0/detailed/c4-detailed.json");
    files.push(("vllm/c4.json".to_owned(), fs::read(vllm).expect("read")));
    files.push(("inner.zip".to_owned(), of_bundle("base-1", "")));
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(n, b)| (n.as_str(), b.as_slice()))
        .collect();
    home.write("all.zip", zipped(&files));
    let ran = home.run(&["inspect", "all.zip", "--json"]);
    leaves_nothing(&home, &ran);
    let told: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let paths: Vec<&str> = told["runs"]
        .as_array()
        .expect("runs")
        .iter()
        .filter_map(|run| run["path"].as_str())
        .collect();
    assert_eq!(paths, ["ours", "vllm"]);
    assert_eq!(told["not_read"][0]["path"], "inner.zip");
    let why = told["not_read"][0]["message"].as_str().expect("a text");
    assert!(why.starts_with("found a ZIP archive"), "{why}");
}

#[test]
fn names_that_lead_out_are_refused() {
    for name in [
        "../escaped",
        "run/../../escaped",
        "/tmp/escaped",
        "C:/escaped",
        "..\\escaped",
        "run//escaped",
    ] {
        let said = refused(
            &zipped(&[("run/a.txt", b"x"), (name, b"x")]),
            "found a name that is no path inside the archive",
        );
        assert!(said.contains("run.zip: "), "{said}");
    }
    let deep = format!("{}a", "a/".repeat(21));
    refused(
        &zipped(&[(&deep, b"x")]),
        "found more than 20 folders below each other",
    );
    refused(
        &zipped(&[("a", b"x"), ("a/b", b"x")]),
        "found a file and a folder of one name",
    );
}

#[test]
fn links_are_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer
        .add_symlink("run/link.json", "/etc/passwd", SimpleFileOptions::default())
        .expect("added");
    let archive = writer.finish().expect("finished").into_inner();
    let said = refused(&archive, "found a link or a special file");
    assert!(said.contains("run.zip: run/link.json"), "{said}");
}

#[test]
fn archives_that_claim_more_than_they_are_have_bounds() {
    // 70 MB that shrink to a thousandth.
    let zeros = vec![0_u8; 70 << 20];
    let bomb = zipped(&[("a.json", &zeros)]);
    assert!(bomb.len() < 1 << 20, "{}", bomb.len());
    refused(
        &bomb,
        "found more than 250 times its own size once unpacked",
    );
    // One that says that it is small is counted while it is unpacked.
    let mut lying = bomb;
    let size = u32::to_le_bytes(70 << 20);
    while let Some(at) = lying.windows(4).position(|bytes| bytes == size) {
        lying[at..at + 4].copy_from_slice(&u32::to_le_bytes(10));
    }
    let home = Home::new();
    home.write("run.zip", &lying);
    let ran = home.run(&["ingest", "run.zip"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    leaves_nothing(&home, &ran);
    // An end that counts more entries than anybody packs is not believed.
    let mut many = vec![];
    many.extend_from_slice(&zipped(&[("a", b"x")]));
    let end = many.len() - 22;
    let mut large = Vec::from(*b"PK\x06\x06");
    large.extend(44_u64.to_le_bytes());
    large.extend([45, 0, 45, 0]);
    large.extend([0; 8]);
    large.extend(5_000_000_u64.to_le_bytes());
    large.extend(5_000_000_u64.to_le_bytes());
    large.extend(46_u64.to_le_bytes());
    large.extend(0_u64.to_le_bytes());
    large.extend(*b"PK\x06\x07");
    large.extend([0; 4]);
    large.extend((end as u64).to_le_bytes());
    large.extend(1_u32.to_le_bytes());
    let mut tail = many.split_off(end);
    tail[8..12].fill(0xff);
    many.extend(large);
    many.extend(tail);
    refused(&many, "found more than 100000 entries");
}

#[test]
fn what_cannot_be_unpacked_is_named() {
    let whole = of_bundle("base-1", "");
    refused(
        &whole[..whole.len() / 2],
        "found an archive that cannot be unpacked to its end",
    );
    // One byte of the data, which its checksum tells.
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("run/a.json", stored).expect("begun");
    writer.write_all(b"{\"a\": 12345}").expect("written");
    let plain = writer.finish().expect("finished").into_inner();
    let at = plain.windows(5).position(|bytes| bytes == b"12345");
    let mut changed = plain.clone();
    changed[at.expect("there")] = b'9';
    let said = refused(
        &changed,
        "found an archive that cannot be unpacked to its end",
    );
    assert!(said.contains("run.zip: run/a.json"), "{said}");
    // In the central directory, 8 bytes on stand the flags and 10 bytes on the method.
    let entry = plain.windows(4).rposition(|bytes| bytes == b"PK\x01\x02");
    let entry = entry.expect("an entry");
    let mut locked = plain.clone();
    locked[entry + 8] |= 1;
    refused(&locked, "found encrypted data");
    let mut other = plain.clone();
    other[entry + 10] = 93;
    refused(&other, "found the compression");
    let twice = zipped(&[("a.json", b"1"), ("b.json", b"2")]);
    let twice: Vec<u8> = twice
        .iter()
        .enumerate()
        .map(|(at, byte)| match twice[at..].starts_with(b"b.json") {
            true => b'a',
            false => *byte,
        })
        .collect();
    refused(&twice, "found two files of one name");
    refused(&zipped(&[]), "found no benchmark result");
}

#[test]
fn an_error_inside_names_the_archive_and_the_file() {
    let said = refused(
        &zipped(&[(
            "run/aiperf-c4/profile_export_aiperf.json",
            b"{\"schema_version\": \"1.4\", \"request_latency\": {\"unit\": \"ms\"",
        )]),
        "",
    );
    assert!(
        said.contains("run.zip/run: aiperf-c4/profile_export_aiperf.json"),
        "{said}"
    );
}
