//! What can be registered, and what `--schema` says about it.

mod common;

use common::{BASE, Bench, record_refused};
use perfbridge_registry::Grants;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

#[test]
fn sources_that_no_snapshot_can_hold_are_refused_by_name() {
    let bench = Bench::new();
    record_refused(
        &bench,
        &["--source", ""],
        "--source is empty: name the file or the directory",
    );
    record_refused(
        &bench,
        &["--source", "/dev/null"],
        "--source is neither a file nor a directory: /dev/null",
    );
    record_refused(
        &bench,
        &["--source", "a\0b"],
        "path holds a zero byte: 'a\\x00b'",
    );
    let dir = bench.path("dir/sub");
    fs::create_dir_all(&dir).expect("mkdir");
    let fifo = dir.join("fifo");
    let made = std::process::Command::new("mkfifo")
        .arg(&fifo)
        .status()
        .expect("mkfifo");
    assert!(made.success());
    record_refused(
        &bench,
        &["--source", "dir"],
        "--source holds something that is neither a file nor a directory: ROOT/dir/sub/fifo",
    );
    record_refused(
        &bench,
        &["--source", "dir/sub/fifo"],
        "--source is neither a file nor a directory: ROOT/dir/sub/fifo",
    );
    fs::remove_file(&fifo).expect("rm");
    symlink("nowhere", dir.join("link")).expect("symlink");
    record_refused(
        &bench,
        &["--source", "dir"],
        "--source holds a symbolic link, which a snapshot cannot keep: ROOT/dir/sub/link",
    );
    fs::remove_file(dir.join("link")).expect("rm");
    let odd = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"x\xff");
    fs::write(dir.join(odd), "").expect("write");
    record_refused(
        &bench,
        &["--source", "dir"],
        "--source holds a name that is not UTF-8: ROOT/dir/sub/x",
    );
    for source in [
        ".",
        "/",
        "experiments",
        "experiments/artifacts/perf-baselines",
    ] {
        bench.recorded("m", "inputs/flat_base.json", &[]);
        record_refused(
            &bench,
            &["--source", source],
            "--source contains the registry it would be copied into: ",
        );
    }
    let own = bench.record(&[
        "--family",
        "inference",
        "--measurement",
        "m",
        "--direction",
        "two-sided",
        "--source",
        "experiments/artifacts/perf-baselines/inference/m",
    ]);
    assert!(
        own.stderr.contains("contains the registry"),
        "{}",
        own.stderr
    );
}

#[test]
fn a_source_that_is_a_link_is_resolved() {
    let bench = Bench::new();
    symlink("inputs/scalar_ttft.json", bench.path("latest")).expect("symlink");
    let entry = bench.recorded("m", "latest", &[]);
    assert!(
        entry.join("source-snapshot.json").is_file(),
        "the suffix is the target's"
    );
    let text = fs::read_to_string(entry.join("baseline.json")).expect("baseline.json");
    assert!(text.contains("/inputs/scalar_ttft.json\""));
    fs::create_dir_all(bench.path("home")).expect("mkdir");
    fs::write(bench.path("home/.env"), "x").expect("write");
    let entry = bench.recorded("m", "~/.env", &[]);
    assert!(
        entry.join("source-snapshot").is_file(),
        "`.env` has no suffix"
    );
}

/// A caller names places, wherever they are; a link below the root names another one behind the caller's back.
#[test]
fn a_link_that_leads_out_of_the_root_is_refused() {
    let bench = Bench::new();
    let outside = tempfile::tempdir().expect("a directory");
    let outside = outside.path().canonicalize().expect("a path");
    fs::write(outside.join("x.json"), "{\"a\": 1}").expect("write");
    fs::write(outside.join("schema.json"), "{}").expect("write");
    symlink(outside.join("x.json"), bench.path("file")).expect("symlink");
    symlink(&outside, bench.path("dir")).expect("symlink");
    symlink("dir/x.json", bench.path("twice")).expect("symlink");
    symlink(&bench.root, outside.join("back")).expect("symlink");
    symlink(outside.join("x.json"), outside.join("latest")).expect("symlink");
    let out = outside.display();
    for (source, link, target) in [
        ("file", "file", format!("{out}/x.json")),
        ("dir", "dir", out.to_string()),
        ("dir/x.json", "dir", format!("{out}/x.json")),
        ("inputs/../dir/x.json", "dir", format!("{out}/x.json")),
        ("twice", "twice", format!("{out}/x.json")),
        ("dir/missing", "dir", format!("{out}/missing")),
    ] {
        let words = format!(
            "--source leads out of the root by a symbolic link: ROOT/{link} leads to {target}; name that place itself"
        );
        record_refused(&bench, &["--source", source], &words);
    }
    let entry = bench.recorded("m", "inputs/flat_base.json", &[]);
    let entry = entry.display().to_string();
    let refused = bench.diff(&["--baseline", &entry, "--current", "file"]);
    assert_eq!(refused.returncode, 2);
    let words = "FATAL: --current leads out of the root by a symbolic link: ";
    assert!(refused.stderr.starts_with(words), "{}", refused.stderr);
    let refused = bench.diff(&["--baseline", "dir", "--current", &entry]);
    let words = "FATAL: --baseline leads out of the root by a symbolic link: ";
    assert!(refused.stderr.starts_with(words), "{}", refused.stderr);
    for (name, target) in [
        ("source-snapshot.json", "flat.json"),
        ("baseline.json", "baseline.json"),
    ] {
        let held = Path::new(&entry).join(name);
        fs::copy(&held, outside.join(target)).expect("copied");
        fs::remove_file(&held).expect("removed");
        symlink(outside.join(target), &held).expect("symlink");
        let refused = bench.diff(&["--baseline", &entry, "--current", "inputs/flat_base.json"]);
        let words = format!(
            "FATAL: --baseline leads out of the root by a symbolic link: {entry}/{name} leads to {out}/{target};"
        );
        assert!(refused.stderr.starts_with(&words), "{}", refused.stderr);
        fs::remove_file(&held).expect("removed");
        fs::copy(outside.join(target), &held).expect("copied");
    }
    record_refused(
        &bench,
        &[
            "--source",
            "inputs/flat_base.json",
            "--schema",
            "dir/schema.json",
        ],
        "--schema leads out of the root by a symbolic link: ROOT/dir leads to",
    );
    // Named plainly, by a link that is not of the root, or back into it: all of these are what the caller said.
    let plain = format!("{out}/x.json");
    let latest = format!("{out}/latest");
    let back = format!("{out}/back/inputs/flat_base.json");
    for source in [&plain, &latest, &back, "dir/back/inputs/flat_base.json"] {
        bench.recorded("m", source, &[]);
    }
    // At the command line the caller may do all that the files allow.
    let any = |grants| Grants {
        allowed_roots: None,
        ..grants
    };
    let bench = Bench::with(any, |registry| registry);
    symlink(&plain, bench.path("file")).expect("symlink");
    bench.recorded("m", "file", &[]);
}

/// A registry that lies elsewhere by links is still of the root.
#[test]
fn the_registry_itself_may_be_a_link() {
    let bench = Bench::new();
    let outside = tempfile::tempdir().expect("a directory");
    fs::create_dir_all(bench.path("experiments/artifacts")).expect("mkdir");
    for name in ["perf-baselines", "perf-baseline-diffs"] {
        let target = outside.path().join(name);
        fs::create_dir(&target).expect("mkdir");
        symlink(target, bench.path("experiments/artifacts").join(name)).expect("symlink");
    }
    let entry = bench.recorded("m", "inputs/flat_base.json", &[]);
    let slug = entry.file_name().expect("a slug").to_string_lossy();
    let below = format!("experiments/artifacts/perf-baselines/inference/m/{slug}");
    let current = format!("{below}/source-snapshot.json");
    let compared = bench.diff(&["--baseline", &below, "--current", &current]);
    assert_eq!(compared.returncode, 0, "{}", compared.stderr);
}

#[test]
fn schemas_are_checked_and_the_place_is_named() {
    let bench = Bench::new();
    let schema = |text: &str| bench.write("schema.json", text);
    let source = |text: &str| bench.write("source.json", text);
    let args = &["--source", "source.json", "--schema", "schema.json"];
    schema(
        "{\"properties\": {\"m\": {\"properties\": {\"16\": {\"items\": {\"type\": \"number\"}}}}}}",
    );
    source("{\"m\": {\"16\": [1, \"x\"]}}");
    record_refused(&bench, args, "--source fails JSON Schema at m.16.1: ");
    schema("{\"required\": [\"z\"], \"properties\": {\"a\": {\"type\": \"null\"}}}");
    source("{\"a\": 1}");
    record_refused(&bench, args, "--source fails JSON Schema at <root>: ");
    source("{\"a\": NaN}");
    record_refused(&bench, args, "--source is not valid JSON: NaN and Infinity");
    source("{");
    record_refused(
        &bench,
        args,
        "--source is not valid JSON: expecting property name",
    );
    bench.write("source.json", [b'"', 0xff, b'"']);
    record_refused(
        &bench,
        args,
        "--source is not valid JSON: not UTF-8 at byte 1",
    );
    source("{}");
    schema("{\"anyOf\": [{\"type\": \"null\"}, {\"properties\": {\"a\": {\"minimum\": 3}}}]}");
    source("{\"a\": 1}");
    record_refused(&bench, args, "--source fails JSON Schema at a: ");
    schema(
        "{\"$ref\": \"#/$defs/d\", \"$defs\": {\"d\": {\"allOf\": [{\"properties\": {\"a\": {\"const\": 2}}}]}}}",
    );
    record_refused(&bench, args, "--source fails JSON Schema at a: ");
    source("{}");
    schema("{\"type\": \"nonsense\"}");
    record_refused(&bench, args, "--schema is not a valid JSON Schema: ");
    schema("{\"$ref\": \"http://127.0.0.1:9/other.json\"}");
    record_refused(&bench, args, "--schema is not a valid JSON Schema: ");
    bench.write("other.json", "{}");
    for other in [
        "other.json",
        "file:///etc/hostname",
        "https://example.com/other.json",
    ] {
        schema(&format!("{{\"$ref\": \"{other}\"}}"));
        record_refused(&bench, args, "--schema is not a valid JSON Schema: ");
    }
    schema("{\"pattern\": \"(?=a)\"}");
    record_refused(
        &bench,
        args,
        "--schema is not a valid JSON Schema: '(?=a)' is not valid regex: ",
    );
    record_refused(
        &bench,
        &["--source", "inputs", "--schema", "schema.json"],
        "--schema requires --source to be a JSON file",
    );
    record_refused(
        &bench,
        &["--source", "source.json", "--schema", "inputs"],
        "--schema must be a file: ROOT/inputs",
    );
    schema("{\"$schema\": \"http://example.com/unknown\", \"maxLength\": 3}");
    source(&format!("\"{}\"", "x".repeat(5000)));
    let reply = bench.record(&[BASE, args].concat());
    assert!(
        reply.stderr.len() < 700,
        "a long value is cut: {}",
        reply.stderr.len()
    );
    schema(
        "{\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"type\": \"object\", \"properties\": {\"at\": {\"format\": \"date\"}}}",
    );
    source("{\"at\": \"no date\"}");
    let entry = bench.recorded("m", "source.json", &["--schema", "schema.json"]);
    let text = fs::read_to_string(entry.join("baseline.json")).expect("baseline.json");
    assert!(text.contains(&format!(
        "\"schema_path\": \"{}/schema.json\"",
        bench.root.display()
    )));
}
