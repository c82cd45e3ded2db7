//! What a file is that none of the formats reads: somebody put it there for what its name says, and is told what it is.

use super::source::Candidate;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Foreign {
    /// A result of a benchmark that is not read.
    Result(&'static str),
    /// Something that holds no result; with what to do about it.
    Other(&'static str, &'static str),
}

impl Foreign {
    /// In words, for messages.
    pub(super) fn words(&self) -> String {
        match self {
            Foreign::Result(tool) => format!("a result of {tool}"),
            Foreign::Other(what, _) => (*what).to_owned(),
        }
    }

    /// What to do about it.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Foreign::Result(_) => {
                "Such results are not read: give those of AIPerf or another tool that is"
            }
            Foreign::Other(_, advice) => advice,
        }
    }
}

const UNPACK: &str = "Unpack it and give what is inside";
const AGAIN: &str = "Copy the file again from the run";

/// Bytes at the beginning of a file that is no text.
const MAGIC: &[(&[u8], &str, &str)] = &[
    (&[0x1f, 0x8b], "gzip data", UNPACK),
    (b"PK\x03\x04", "a ZIP archive", UNPACK),
    (&[0x28, 0xb5, 0x2f, 0xfd], "zstd data", UNPACK),
    (&[0xfd, b'7', b'z', b'X', b'Z'], "xz data", UNPACK),
    (b"BZh", "bzip2 data", UNPACK),
    (
        b"SQLite format 3\0",
        "an SQLite database",
        "Export its tables, or give the JSON export of the run",
    ),
    (b"%PDF", "a PDF", AGAIN),
    (&[0x89, b'P', b'N', b'G'], "a PNG image", AGAIN),
    (&[0x7f, b'E', b'L', b'F'], "a program", AGAIN),
];

/// Texts of which all stand in the head of a result of the tool.
const RESULTS: &[(&str, &[&str])] = &[
    (
        "perf_analyzer",
        &["\"experiments\"", "\"response_timestamps\""],
    ),
    ("LLMPerf", &["\"inter_token_latency_s\"", "\"ttft_s\""]),
];

/// What a file is, where it is known; `None` for any other.
pub(super) fn what(bytes: &[u8], candidate: &Candidate<'_>) -> Option<Foreign> {
    let begins = |(magic, ..): &&(&[u8], &str, &str)| bytes.starts_with(magic);
    if let Some((_, what, advice)) = MAGIC.iter().find(begins) {
        if candidate.name() == "benchmark_data.db" {
            let what = "evalscope perf, request by request, in an SQLite database";
            return Some(Foreign::Result(what));
        }
        return Some(Foreign::Other(what, advice));
    }
    let start: String = candidate.head.trim_start().chars().take(400).collect();
    let lower = start.to_ascii_lowercase();
    if ["<!doctype html", "<html", "<head", "<body"]
        .iter()
        .any(|tag| lower.starts_with(tag))
    {
        let advice = "A server answered with a page: ask it again for the file";
        return Some(Foreign::Other("an HTML page", advice));
    }
    if lower.starts_with("<?xml") {
        return Some(Foreign::Other("XML", AGAIN));
    }
    if start.starts_with("version https://git-lfs.github.com/spec/") {
        let advice = "Fetch the file itself: git lfs pull";
        return Some(Foreign::Other("a pointer of Git LFS", advice));
    }
    if is_shell_error(candidate.head) {
        let advice = "The command that was to write it failed: run it again";
        return Some(Foreign::Other("the error text of a shell", advice));
    }
    if start.starts_with("Traceback (most recent call last)") {
        let advice = "The program that was to write it failed: run it again";
        return Some(Foreign::Other("a Python traceback", advice));
    }
    let all = |(_, texts): &&(&str, &[&str])| texts.iter().all(|text| candidate.has(text));
    if let Some((tool, _)) = RESULTS.iter().find(all) {
        return Some(Foreign::Result(tool));
    }
    if candidate.is_json_object() {
        let keys = candidate.top_level_keys();
        let has = |key: &str| keys.contains(&key);
        if keys.len() <= 4 && (has("error") || has("detail") || has("message")) {
            let advice = "A server answered with an error: ask it again for the file";
            return Some(Foreign::Other("the error answer of a server", advice));
        }
        if has("aggregation_type") || has("metadata") && candidate.has("\"aggregation_type\"") {
            let advice = "Give the runs that it sums up";
            return Some(Foreign::Other("AIPerf's summary of several runs", advice));
        }
    }
    None
}

/// What shells and the programs that are called in them print where a file was to be: one or two short lines.
fn is_shell_error(head: &str) -> bool {
    const ENDS: [&str; 5] = [
        "command not found",
        "No such file or directory",
        "Permission denied",
        "Connection refused",
        "Is a directory",
    ];
    const BEGINS: [&str; 5] = ["curl: (", "wget: ", "Error from server", "error: ", "ssh: "];
    let lines: Vec<&str> = head
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let Some(last) = lines.last() else {
        return false;
    };
    let is_short = lines.len() <= 12 && head.len() < 4096;
    let first = lines[0];
    is_short
        && !first.starts_with(['{', '[', '#'])
        && (ENDS
            .iter()
            .any(|end| last.ends_with(end) || first.ends_with(end))
            || lines
                .iter()
                .any(|line| BEGINS.iter().any(|begin| line.starts_with(begin))))
}
