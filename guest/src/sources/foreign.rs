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
const EXPORT: &str = "Export its tables, or give the JSON export of the run";

/// Bytes at the beginning of a file that is no text.
const MAGIC: &[(&[u8], &str, &str)] = &[
    (&[0x1f, 0x8b], "gzip data", UNPACK),
    (b"PK\x03\x04", "a ZIP archive", UNPACK),
    (&[0x28, 0xb5, 0x2f, 0xfd], "zstd data", UNPACK),
    (&[0xfd, b'7', b'z', b'X', b'Z'], "xz data", UNPACK),
    (b"BZh", "bzip2 data", UNPACK),
    (&[0x04, 0x22, 0x4d, 0x18], "LZ4 data", UNPACK),
    (b"SQLite format 3\0", "an SQLite database", EXPORT),
    (b"PAR1", "a Parquet table", EXPORT),
    (b"ARROW1", "an Arrow table", EXPORT),
    (&[0x89, b'H', b'D', b'F'], "an HDF5 file", EXPORT),
    (
        &[0x93, b'N', b'U', b'M', b'P', b'Y'],
        "a NumPy array",
        EXPORT,
    ),
    (&[0x80, 0x03], "a Python pickle", EXPORT),
    (&[0x80, 0x04], "a Python pickle", EXPORT),
    (&[0x80, 0x05], "a Python pickle", EXPORT),
    (b"%PDF", "a PDF", AGAIN),
    (&[0x89, b'P', b'N', b'G'], "a PNG image", AGAIN),
    (&[0xff, 0xd8, 0xff], "a JPEG image", AGAIN),
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

/// Text of Windows, of which no format can be told.
pub(super) const UTF_16: Foreign = Foreign::Other(
    "text in UTF-16, as PowerShell writes it",
    "Convert it: iconv -f UTF-16 -t UTF-8",
);

/// Whether bytes begin with the mark of one of its byte orders, or with two letters of it.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [a, 0, b, 0, ..] | [0, a, 0, b, ..] => *a != 0 && *b != 0,
        _ => false,
    }
}

/// What a file is, where it is known; `None` for any other.
pub(super) fn what(bytes: &[u8], candidate: &Candidate<'_>) -> Option<Foreign> {
    if [".nsys-rep", ".qdrep"]
        .iter()
        .any(|end| candidate.name().ends_with(end))
    {
        let advice = "Make its table: nsys stats -r cuda_gpu_kern_sum --format csv";
        return Some(Foreign::Other("a report of Nsight Systems", advice));
    }
    let begins = |(magic, ..): &&(&[u8], &str, &str)| bytes.starts_with(magic);
    if let Some((_, what, advice)) = MAGIC.iter().find(begins) {
        if candidate.name() == "benchmark_data.db" {
            let what = "evalscope perf, request by request, in an SQLite database";
            return Some(Foreign::Result(what));
        }
        return Some(Foreign::Other(what, advice));
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Some(Foreign::Other("a tar archive", UNPACK));
    }
    if bytes.starts_with(&[0; 16]) {
        // What a file system leaves of a file whose machine went down.
        return Some(Foreign::Other("zero bytes and no text", AGAIN));
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
    if lower.starts_with("<?xml") || lower.starts_with("<error>") {
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
        let is_error = has("error") || has("detail") || has("message");
        if is_error && (keys.len() <= 4 || candidate.has("\"object\":") && keys.len() <= 6) {
            let advice = "A server answered with an error: ask it again for the file";
            return Some(Foreign::Other("the error answer of a server", advice));
        }
        if has("aggregation_type") || has("metadata") && candidate.has("\"aggregation_type\"") {
            // Since 0.8; before, `profile_export_aiperf_detailed.json`. Its writer drops the units of the records.
            let what = match candidate.has("\"detailed\"") {
                true => "AIPerf's summary that names no unit (_collated.json)",
                false => "AIPerf's summary of several runs",
            };
            return Some(Foreign::Other(what, "Give the runs that it sums up"));
        }
    }
    None
}

/// What shells and the programs that are called in them print where a file was to be: one or two short lines.
fn is_shell_error(head: &str) -> bool {
    const ENDS: [&str; 10] = [
        "command not found",
        ": not found",
        "No such file or directory",
        "Permission denied",
        "Connection refused",
        "Is a directory",
        "Killed",
        "(core dumped)",
        "No space left on device",
        "temporarily unavailable",
    ];
    const BEGINS: [&str; 14] = [
        "curl: (",
        "wget: ",
        "Error from server",
        "Error response from daemon",
        "An error occurred (",
        "error: ",
        "jq: ",
        "ssh: ",
        "srun: error",
        "slurmstepd: error",
        "zsh: command not found",
        "/usr/bin/python3: No module",
        "upstream connect error",
        "no healthy upstream",
    ];
    if head.len() >= 4096 {
        return false;
    }
    let lines: Vec<&str> = head
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let Some(last) = lines.last() else {
        return false;
    };
    let is_short = lines.len() <= 12;
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
