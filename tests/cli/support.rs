//! A hermetic command line: no environment but what stands here, its own directories, no terminal.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A home of its own for one test.
pub struct Home {
    dir: tempfile::TempDir,
}

/// What a command left behind.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// A bundle of the corpus.
pub fn bundle(name: &str) -> String {
    corpus("data/bundles").join(name).display().to_string()
}

/// A directory of `tests`.
pub fn corpus(name: &str) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests")
        .join(name);
    tests
        .canonicalize()
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A golden document of the specification's form.
pub fn golden(run: &str) -> String {
    let path = corpus("data/golden/inputs")
        .join(run)
        .join("inference_perfbench_v1.json");
    path.display().to_string()
}

impl Home {
    pub fn new() -> Home {
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir(dir.path().join("tmp")).expect("made");
        Home { dir }
    }

    /// A home with an empty registry at `repo`.
    pub fn with_registry() -> Home {
        let home = Home::new();
        home.ok(&["init", "repo"]);
        home
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    pub fn text(&self, below: &str) -> String {
        self.path(below).display().to_string()
    }

    /// Writes a file and gives its path.
    pub fn write(&self, below: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(below);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, bytes).expect("written");
        path.display().to_string()
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_perfbridge"));
        command.args(words);
        command
    }

    /// The command line after a line of shell that bounds it, for instance `ulimit -v 1000000`.
    pub fn bounded(&self, bound: &str, words: &[&str]) -> Command {
        let mut command = self.program("/bin/sh");
        command
            .args(["-c", &format!("{bound} && exec \"$0\" \"$@\"")])
            .arg(env!("CARGO_BIN_EXE_perfbridge"))
            .args(words);
        command
    }

    pub fn program(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.dir.path())
            .env("TMPDIR", self.path("tmp"))
            .env("USER", "operator")
            .env("COLUMNS", "80")
            .env("PATH", "/usr/bin:/bin")
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, words: &[&str]) -> Ran {
        Ran::of(self.command(words).output().expect("it runs"))
    }

    /// Runs what must succeed, and gives its stdout.
    pub fn ok(&self, words: &[&str]) -> String {
        let ran = self.run(words);
        assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
        ran.stdout
    }

    pub fn json(&self, words: &[&str]) -> Value {
        let text = self.ok(words);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{words:?}: {error}: {text}"))
    }

    /// Records and gives the directory of the entry.
    pub fn record(&self, sources: &[&str], more: &[&str]) -> String {
        let mut words = vec!["record", "--yes", "--json", "--repo-root", "repo"];
        words.extend(sources.iter().flat_map(|source| ["--source", source]));
        words.extend(more);
        let report = self.json(&words);
        report["entry_dir"].as_str().expect("entry_dir").to_owned()
    }

    /// The one bundle that diffs of this measurement made.
    pub fn made_diff(&self, measurement: &str) -> PathBuf {
        let dir = self
            .path("repo/experiments/artifacts/perf-baseline-diffs/inference")
            .join(measurement);
        let mut made: Vec<_> = fs::read_dir(dir)
            .expect("a bundle")
            .map(|item| item.expect("readable").path())
            .collect();
        assert_eq!(made.len(), 1, "{made:?}");
        made.remove(0)
    }

    /// The text with what differs from run to run replaced.
    pub fn masked(&self, text: &str) -> String {
        let home = self.dir.path().canonicalize().expect("a directory");
        let tests = corpus("data");
        let text = text
            .replace(&tests.display().to_string(), "TESTS")
            .replace(&home.display().to_string(), "HOME")
            .replace(&self.dir.path().display().to_string(), "HOME");
        mask_slugs(&text)
    }
}

/// `20261124T024431681970Z` becomes `SLUG`, and the random part of a scratch directory `perfbridge-RANDOM`.
fn mask_slugs(text: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    let is_slug = |text: &str| {
        let bytes = text.as_bytes();
        bytes.len() >= 22
            && bytes[8] == b'T'
            && bytes[21] == b'Z'
            && bytes[..22]
                .iter()
                .enumerate()
                .all(|(at, byte)| at == 8 || at == 21 || byte.is_ascii_digit())
    };
    while let Some(next) = rest.chars().next() {
        if rest.is_char_boundary(22.min(rest.len())) && is_slug(rest) {
            masked.push_str("SLUG");
            rest = &rest[22..];
        } else if let Some(after) = rest.strip_prefix("tmp/perfbridge-") {
            masked.push_str("tmp/perfbridge-RANDOM");
            rest = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
        } else {
            masked.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    masked
}

impl Ran {
    pub fn of(output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Checks that it was refused with these words and printed no data.
    pub fn refused(&self, words: &str) {
        assert_eq!(self.code, 2, "{}", self.stderr);
        assert_eq!(self.stdout, "", "data on stdout");
        assert_first_line_is_short(&self.stderr);
        assert!(self.says(words), "{:?} is not in {}", words, self.stderr);
    }

    /// Whether stderr has these words, `PLACE: ` in front of them or not. An error stands in several lines, cut where a
    /// clause ends, with its place in the second.
    pub fn says(&self, words: &str) -> bool {
        let mut lines: Vec<&str> = self.stderr.lines().collect();
        let place = lines.iter().position(|line| line.starts_with("  at "));
        let place = place.map(|at| lines.remove(at).trim_start_matches("  at "));
        let lines = lines.join("\n");
        let whole = match (lines.split_once("error: "), place) {
            (Some((before, rest)), Some(place)) => format!("{before}error: {place} {rest}"),
            _ => lines,
        };
        let flat = |text: &str| {
            let ends = [';', '.', ':', ','];
            let words = text.split_whitespace();
            let words = words.map(|word| word.trim_end_matches(ends).trim_start_matches('('));
            words.collect::<Vec<_>>().join(" ")
        };
        flat(&whole).contains(&flat(words))
    }
}

/// An error says in fewer than 100 characters what is wrong, however long the paths are.
pub fn assert_first_line_is_short(stderr: &str) {
    let first = stderr.lines().find(|line| line.starts_with("error: "));
    let first = first.unwrap_or_else(|| panic!("no error: {stderr}"));
    assert!(first.chars().count() < 100, "{first}");
}

/// Compares with a file of `tests/cli/snapshots`; `PERFBRIDGE_BLESS=1` writes it anew.
pub fn snapshot(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/cli/snapshots")
        .join(name);
    if std::env::var_os("PERFBRIDGE_BLESS").is_some() {
        fs::write(&path, found).expect("written");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut lines = found.lines().zip(expected.lines()).enumerate();
    if let Some((at, (found, expected))) = lines.find(|(_, (found, expected))| found != expected) {
        panic!(
            "{name}, line {}:\n  found    {found}\n  expected {expected}\nRun with PERFBRIDGE_BLESS=1 if the new text is right",
            at + 1
        );
    }
    assert_eq!(found.len(), expected.len(), "{name}: one is longer");
}
