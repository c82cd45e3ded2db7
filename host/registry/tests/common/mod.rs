//! What the tests share: a root to work in, and a machine that does not change.
#![allow(dead_code, reason = "each test file uses a part of it")]

use perfbridge_registry::{Embedded, Envelope, Grants, Surroundings, Verbs};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

/// The data written by the reference server.
pub fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/golden")
}

/// A clock that stands still until it is moved, a host called `host`, no git.
#[derive(Clone)]
pub struct Still(pub Arc<Mutex<SystemTime>>);

impl Still {
    /// Stands at a slug such as `20261124T024431681970Z`.
    pub fn at(slug: &str) -> Self {
        Self(Arc::new(Mutex::new(time_of(slug))))
    }

    pub fn set(&self, slug: &str) {
        *self.0.lock().expect("the clock") = time_of(slug);
    }
}

impl Surroundings for Still {
    fn now(&self) -> SystemTime {
        *self.0.lock().expect("the clock")
    }

    fn hostname(&self) -> String {
        "host".into()
    }

    fn uname(&self) -> String {
        "Linux host 0.0.0 #1 SMP x86_64".into()
    }

    fn git_sha(&self, _root: &Path) -> Option<String> {
        None
    }
}

/// The instant a slug of November 2026 stands for.
pub fn time_of(slug: &str) -> SystemTime {
    // 1793491200 is 2026-11-01T00:00:00Z by `date -u -d @1793491200`.
    let part = |from: usize, to: usize| slug[from..to].parse::<u64>().expect("digits");
    assert!(slug.starts_with("202611"), "{slug}");
    let seconds = (part(6, 8) - 1) * 86_400 + part(9, 11) * 3600 + part(11, 13) * 60 + part(13, 15);
    SystemTime::UNIX_EPOCH + Duration::new(1_793_491_200 + seconds, part(15, 21) as u32 * 1000)
}

/// A temporary root with the golden inputs in `inputs/`.
pub struct Bench {
    _dir: tempfile::TempDir,
    pub root: PathBuf,
    pub clock: Still,
    pub registry: Embedded,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(|grants| grants, |registry| registry)
    }

    pub fn with(
        grants: impl FnOnce(Grants) -> Grants,
        finish: impl FnOnce(Embedded) -> Embedded,
    ) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let root = dir.path().canonicalize().expect("an existing directory");
        copy_tree(&golden().join("inputs"), &root.join("inputs"));
        let clock = Still::at("20261124T024431681970Z");
        let mut granted = Grants::new(&root, &root);
        granted.user = Some("operator".into());
        granted.home = Some(root.join("home"));
        let registry = Embedded::new(grants(granted)).with_surroundings(Box::new(clock.clone()));
        Self {
            _dir: dir,
            root,
            clock,
            registry: finish(registry),
        }
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    pub fn text(&self, below: &str) -> String {
        let path = self.path(below);
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    pub fn write(&self, below: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(below);
        fs::create_dir_all(path.parent().expect("a parent")).expect("mkdir");
        fs::write(&path, bytes).expect("write");
        path
    }

    pub fn record(&self, args: &[&str]) -> Envelope {
        self.registry.record(&owned(args)).expect("an envelope")
    }

    pub fn diff(&self, args: &[&str]) -> Envelope {
        self.registry.diff(&owned(args)).expect("an envelope")
    }

    /// Records `source` as `inference/<measurement>`, two-sided, with more options; it must work.
    pub fn recorded(&self, measurement: &str, source: &str, more: &[&str]) -> PathBuf {
        let mut args = vec![
            "--family",
            "inference",
            "--measurement",
            measurement,
            "--source",
            source,
        ];
        if !more.contains(&"--direction") {
            args.extend(["--direction", "two-sided"]);
        }
        args.extend(more);
        let reply = self.record(&args);
        assert_eq!(
            (reply.returncode, reply.stderr.as_str()),
            (0, ""),
            "{args:?}"
        );
        PathBuf::from(
            reply.json.expect("a payload")["entry_dir"]
                .as_str()
                .expect("a path"),
        )
    }

    /// Every file below `experiments`, relative to the root.
    pub fn written(&self) -> Vec<String> {
        let mut found = Vec::new();
        list(&self.root, &self.path("experiments"), &mut found);
        found.sort();
        found
    }
}

pub fn owned(args: &[&str]) -> Vec<String> {
    args.iter().map(|arg| (*arg).to_owned()).collect()
}

pub fn list(root: &Path, dir: &Path, found: &mut Vec<String>) {
    let Ok(items) = fs::read_dir(dir) else { return };
    for item in items {
        let item = item.expect("an entry");
        let path = item.path();
        if item.file_type().expect("a type").is_dir() {
            list(root, &path, found);
        } else {
            found.push(
                path.strip_prefix(root)
                    .expect("below")
                    .display()
                    .to_string(),
            );
        }
    }
}

pub fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("mkdir");
    for item in fs::read_dir(from).expect("a directory") {
        let path = item.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy_tree(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copy");
        }
    }
}

/// An entry made by hand, outside of any registry.
pub fn by_hand(bench: &Bench, baseline: &str, snapshot: Option<&str>) -> PathBuf {
    bench.write("hand/baseline.json", baseline);
    if let Some(snapshot) = snapshot {
        bench.write("hand/source-snapshot.json", snapshot);
    }
    bench.path("hand")
}

/// Compares two documents as baseline and current file.
pub fn structured(bench: &Bench, before: &str, after: &str, more: &[&str]) -> Envelope {
    by_hand(
        bench,
        "{\"family\": \"f\", \"measurement\": \"m\"}",
        Some(before),
    );
    bench.write("current.json", after);
    bench.diff(&[&["--baseline", "hand", "--current", "current.json"], more].concat())
}

/// The payload of a reply that must be a success.
pub fn payload(reply: &Envelope) -> serde_json::Value {
    assert_eq!((reply.returncode, reply.stderr.as_str()), (0, ""));
    reply.json.clone().expect("a payload")
}

/// Refused by `diff`; nothing is written.
pub fn diff_refused(bench: &Bench, args: &[&str], code: i32, message: &str) {
    let reply = bench.diff(args);
    let message = message.replace("ROOT", bench.root.to_str().expect("UTF-8"));
    assert_eq!(
        (reply.returncode, reply.stdout.as_str(), &reply.json),
        (code, "", &None),
        "{args:?}"
    );
    assert!(
        reply.stderr.starts_with(&format!("FATAL: {message}")),
        "{args:?}: {}",
        reply.stderr
    );
    assert!(
        !bench
            .path("experiments/artifacts/perf-baseline-diffs")
            .exists(),
        "nothing is written"
    );
}

/// The options without which nothing is recorded, but for the source.
pub const BASE: &[&str] = &[
    "--family",
    "f",
    "--measurement",
    "m",
    "--direction",
    "two-sided",
];

/// Refused with code 2 and a message that begins so; nothing is written.
pub fn record_refused(bench: &Bench, more: &[&str], message: &str) {
    let before = bench.written();
    let reply = bench.record(&[BASE, more].concat());
    assert_eq!(
        (reply.returncode, &reply.stdout, &reply.json),
        (2, &String::new(), &None),
        "{more:?}"
    );
    let message = message.replace("ROOT", bench.root.to_str().expect("UTF-8"));
    assert!(
        reply.stderr.starts_with(&format!("FATAL: {message}")),
        "{more:?}: {}",
        reply.stderr
    );
    assert!(
        reply.stderr.ends_with('\n') && reply.stderr.lines().count() == 1,
        "{}",
        reply.stderr
    );
    assert_eq!(bench.written(), before, "{more:?}");
}
