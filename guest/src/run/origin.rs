//! Which run of the tool a result is of.

use crate::stats::clock::Start;
use serde_json::{Map, Value};

/// What tells one run of a benchmark tool from another. Nothing of it depends on where the files lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The name that the tool gave its run: AIPerf's `benchmark_id`.
    pub id: Option<String>,
    /// When the measured phase began, as the tool wrote it: RFC 3339, without a zone where the tool gives none.
    pub start: Option<String>,
    /// SHA-256 of the result file, 64 lower-case hex digits.
    pub sha256: Option<String>,
    /// The same of the further result files that the tool wrote of the run: its numbers were read from the best of them.
    pub others: Vec<String>,
}

/// The key of the further result files.
pub const OTHERS: &str = "other_results_sha256";

impl Origin {
    /// The origin of an object whose keys are `names`: of the id, the start and the hash.
    pub fn of_json(map: &Map<String, Value>, names: [&str; 3]) -> Self {
        let text = |name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
        let [id, start, sha256] = names.map(text);
        let others = map.get(OTHERS).and_then(Value::as_array);
        let others = others.into_iter().flatten().filter_map(Value::as_str);
        Origin {
            id,
            start,
            sha256,
            others: others.map(str::to_owned).collect(),
        }
    }

    /// The hashes of all result files of the run that are known.
    fn files(&self) -> impl Iterator<Item = &String> {
        self.sha256.iter().chain(&self.others)
    }

    /// Whether two results are of one and the same run: a file of both, or one name whose start times do not differ,
    /// in whatever zone and with however many digits they are written.
    pub fn is_same_run(&self, other: &Origin) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        let differ = |a: &Option<String>, b: &Option<String>| {
            let both = a.as_deref().zip(b.as_deref());
            both.is_some_and(|(a, b)| a != b && !is_one_moment(a, b))
        };
        self.files().any(|file| other.files().any(|it| it == file))
            || same(&self.id, &other.id) && !differ(&self.start, &other.start)
    }
}

fn is_one_moment(a: &str, b: &str) -> bool {
    let both = Start::parse(a).zip(Start::parse(b));
    both.is_some_and(|(a, b)| a == b)
}
