//! Earlier baselines: which of them measured the same thing, and in which order they came.

use super::identity;
use super::policy::Policy;
use super::sessions;
use crate::document::Document;
use crate::fields::{self, FIELDS};
use serde::Serialize;
use serde_json::Value;

/// The fields that say how the engine was set up. What it made of that on its own (the number of blocks that fit), where it
/// ran and who asked are not among them.
const ENGINE: [&str; 16] = [
    "deployment.vllm_version",
    "context.serving_engine",
    "context.vllm_commit",
    "context.image",
    "context.dtype",
    "context.parallel_strategy",
    "context.max_num_seqs",
    "context.max_num_batched_tokens",
    "context.gpu_memory_utilization",
    "context.max_model_len",
    "context.cudagraph_mode",
    "context.enforce_eager",
    "context.async_scheduling",
    "context.prefix_caching",
    "context.block_size",
    "context.streaming",
];

/// One entry of the history.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Its document.
    pub document: &'a Document,
    /// Why its noise is not this baseline's; `None` where it counts.
    pub left_out: Option<String>,
    /// Whether it measured the same thing, whatever the engine was.
    pub is_alike: bool,
}

/// One entry as a judgement lists it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Listed {
    /// Its number, which rows refer to.
    pub entry: usize,
    /// When it was captured, where it says so.
    pub captured_at: Option<String>,
    /// SHA-256 of its bundle.
    pub bundle_sha256: Option<String>,
    /// Whether it was kept to be looked at and was never a baseline.
    pub observation: bool,
    /// Why its noise does not count; null where it does.
    pub left_out: Option<String>,
}

/// The history of a baseline, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Past<'a>(pub Vec<Entry<'a>>);

impl<'a> Past<'a> {
    /// Puts the entries in order and says which count: each run once, neither the baseline nor the current run among them,
    /// of the identity and the engine configuration of the baseline. An entry that was captured with another time zone
    /// or says no time stays where it was given.
    pub fn new(baseline: &Document, current: &Document, history: &'a [Document]) -> Past<'a> {
        let mut ordered: Vec<&Document> = history.iter().collect();
        sessions::in_order(&mut ordered);
        let mut entries: Vec<Entry<'a>> = Vec::new();
        for document in ordered {
            let earlier = |entry: &&Entry| is_same(entry.document, document);
            let repeated = match () {
                () if is_same(baseline, document) => Some("the baseline itself"),
                () if is_same(current, document) => Some("the current run itself"),
                () if entries.iter().any(|entry| earlier(&entry)) => {
                    Some("the same run as an earlier entry")
                }
                () => None,
            };
            let other = differing(baseline, document);
            entries.push(Entry {
                document,
                is_alike: repeated.is_none() && other.is_none(),
                left_out: repeated
                    .map(str::to_owned)
                    .or(other)
                    .or_else(|| other_engine(baseline, document)),
            });
        }
        Past(entries)
    }

    /// All entries, as a judgement lists them.
    pub fn listed(&self) -> Vec<Listed> {
        let of = |entry: &Entry, key: &str| {
            let value = entry.document.provenance(key)?.as_str();
            value.map(str::to_owned)
        };
        let one = |(at, entry): (usize, &Entry)| Listed {
            entry: at + 1,
            captured_at: of(entry, "captured_at"),
            bundle_sha256: of(entry, "bundle_sha256"),
            observation: is_observation(entry.document),
            left_out: entry.left_out.clone(),
        };
        self.0.iter().enumerate().map(one).collect()
    }

    /// The entries whose noise counts, with their places in the history.
    pub fn counted(&self) -> impl Iterator<Item = (usize, &'a Document)> {
        let all = self.0.iter().enumerate();
        all.filter(|(_, entry)| entry.left_out.is_none())
            .map(|(at, entry)| (at, entry.document))
    }

    /// Earlier baselines of the same identity, whatever their engine was, with their places. Observations are none.
    pub fn baselines(&self) -> impl Iterator<Item = (usize, &'a Document)> {
        let all = self.0.iter().enumerate();
        let is_baseline = |entry: &Entry| entry.is_alike && !is_observation(entry.document);
        all.filter(move |(_, entry)| is_baseline(entry))
            .map(|(at, entry)| (at, entry.document))
    }
}

/// Whether a run was kept to be looked at and was never a baseline.
pub fn is_observation(document: &Document) -> bool {
    document.provenance("observation") == Some(&Value::Bool(true))
}

/// Whether two documents are of one run: the same bytes of the bundle, or the same document.
fn is_same(a: &Document, b: &Document) -> bool {
    let bundle = |document: &Document| {
        let hash = document.provenance("bundle_sha256")?.as_str();
        hash.map(str::to_owned)
    };
    match (bundle(a), bundle(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a.map == b.map,
    }
}

/// The identity fields in which an entry differs. What the operator varies now is nothing that the past may differ in.
fn differing(baseline: &Document, entry: &Document) -> Option<String> {
    let policy = Policy::default();
    let compared = identity::compare(baseline, entry, &policy, &mut Vec::new());
    let names = compared.mismatched;
    (!names.is_empty()).then(|| format!("another {}", names.join(", ")))
}

/// The first field of the engine's configuration that both state and in which they differ.
fn other_engine(baseline: &Document, entry: &Document) -> Option<String> {
    let of = |document: &Document, path: &str| fields::get(&document.map, path).cloned();
    let engine = FIELDS.iter().filter(|field| ENGINE.contains(&field.path));
    for field in engine {
        if let (Some(a), Some(b)) = (of(baseline, field.path), of(entry, field.path))
            && !fields::same(&a, &b)
        {
            let (a, b) = (fields::plain(&a), fields::plain(&b));
            return Some(format!("{} {b}, in the baseline {a}", field.path));
        }
    }
    None
}
