//! The table of context fields: what describes a measurement beside its numbers.

use crate::fault::{Fault, Result, Sub};
use crate::json::put;
use serde_json::{Map, Value};

/// The type that a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Any text.
    Text,
    /// A whole number from 1 on.
    Count,
    /// A finite number that is not negative.
    Number,
    /// `true` or `false`.
    Flag,
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Dotted path in the document.
    pub path: &'static str,
    /// What it holds.
    pub holds: Type,
    /// Whether it is part of the identity: two runs that differ in it are not compared.
    pub identity: bool,
    /// Whether a difference in it is listed as what changed.
    pub may_differ: bool,
    /// Whether few runs have it: then documents and texts without it do not name it.
    pub rare: bool,
    /// Whether it is of the headline's place alone: it says nothing about sides whose places are others.
    pub of_headline: bool,
}

const fn field(path: &'static str, holds: Type) -> Field {
    Field {
        path,
        holds,
        identity: false,
        may_differ: true,
        rare: false,
        of_headline: false,
    }
}

/// A field that few runs have.
const fn rare(path: &'static str, holds: Type) -> Field {
    Field {
        rare: true,
        ..field(path, holds)
    }
}

/// A field that says how a run was judged, what it is a share of or how it started, and has a place of its own in a
/// judgement.
const fn beside(path: &'static str, holds: Type) -> Field {
    Field {
        may_differ: false,
        ..field(path, holds)
    }
}

const fn identity(path: &'static str, holds: Type) -> Field {
    Field {
        identity: true,
        ..beside(path, holds)
    }
}

use Type::{Count, Flag, Number, Text};

/// Whether the server had anything in its prefix cache when the run began: `cold` or `warm`.
pub const REGIME: &str = "context.regime";

/// All fields, in the order of the document.
pub const FIELDS: &[Field] = &[
    identity("model", Text),
    field("model_path", Text),
    field("deployment.namespace", Text),
    field("deployment.cluster", Text),
    field("deployment.service", Text),
    field("deployment.vllm_version", Text),
    identity("deployment.tensor_parallel_size", Count),
    identity("deployment.data_parallel_size", Count),
    identity("deployment.pipeline_parallel_size", Count),
    identity("deployment.expert_parallel_size", Count),
    identity("deployment.quantization", Text),
    identity("deployment.kv_cache_dtype", Text),
    identity("deployment.speculative_decoding", Text),
    identity("workload.dataset", Text),
    identity("workload.split", Text),
    field("workload.conversation_num", Count),
    rare("workload.prompt_prefix", Text),
    identity("workload.input_token_band", Text),
    identity("workload.output_token_band", Text),
    identity("context.hardware", Text),
    identity("context.delivery", Text),
    field("context.dtype", Text),
    field("context.parallel_strategy", Text),
    field("context.max_num_seqs", Count),
    field("context.max_num_batched_tokens", Count),
    field("context.gpu_memory_utilization", Number),
    field("context.max_model_len", Count),
    field("context.cudagraph_mode", Text),
    field("context.enforce_eager", Flag),
    field("context.async_scheduling", Flag),
    field("context.prefix_caching", Text),
    field("context.block_size", Count),
    field("context.num_gpu_blocks", Count),
    field("context.kv_cache_size_tokens", Count),
    beside(REGIME, Text),
    field("context.tier", Text),
    field("context.image", Text),
    field("context.vllm_commit", Text),
    field("context.serving_engine", Text),
    field("context.bench_backend", Text),
    field("context.endpoint_type", Text),
    field("context.streaming", Flag),
    Field {
        of_headline: true,
        ..field("context.num_prompts", Count)
    },
    rare("context.tokenizer", Text),
    rare("context.request_options", Text),
    rare("context.warm_up", Text),
    beside("context.sol_pct", Number),
    beside("context.sol_key", Text),
    beside("context.sol_peak", Number),
    beside("context.sol_unit", Text),
    beside("context.sol_rigor", Text),
    beside("context.trials", Count),
    beside("context.same_node", Flag),
    beside("context.baseline_named", Text),
];

/// Mean lengths further apart than this share of the baseline's are another workload.
pub const LENGTH_TOLERANCE: f64 = 0.05;

/// Whether two mean lengths are another workload. The 1e-9 keeps exactly 5 % inside, as for tolerances.
pub fn lengths_differ(baseline: f64, current: f64) -> bool {
    (current - baseline).abs() > baseline * LENGTH_TOLERANCE + 1e-9 * baseline.max(1.0)
}

/// The name under which the load of each place belongs to the identity.
pub const LOAD: &str = "load";

/// The names of everything that makes the identity: its fields, and load and mean lengths of each place.
pub fn identity_names() -> Vec<&'static str> {
    let fields = FIELDS.iter().filter(|field| field.identity);
    fields
        .map(Field::name)
        .chain([LOAD, "isl", "osl"])
        .collect()
}

impl Field {
    /// The last part of the path: the name that policies and findings use.
    pub fn name(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }

    /// Reads a value that was typed on a command line.
    ///
    /// Faults: not of the field's type.
    pub fn parse(&self, text: &str) -> Result<Value> {
        let refuse = |expected: &str| {
            Err(Fault::because(
                Sub::SettingInvalid,
                format!("{} is set to {text:?}; expected {expected}", self.path),
            ))
        };
        match self.holds {
            Type::Text if text.trim().is_empty() => refuse("a text that is not empty"),
            Type::Text => Ok(Value::from(text)),
            Type::Count => match text.parse::<u64>() {
                Ok(count) if count > 0 => Ok(Value::from(count)),
                _ => refuse("a whole number from 1 on"),
            },
            Type::Number => match text.parse::<f64>() {
                Ok(number) if number.is_finite() && number >= 0.0 => Ok(Value::from(number)),
                _ => refuse("a finite number that is not negative"),
            },
            Type::Flag => match text {
                "true" | "yes" | "on" => Ok(Value::from(true)),
                "false" | "no" | "off" => Ok(Value::from(false)),
                _ => refuse("true or false"),
            },
        }
    }
}

/// The field of a dotted path.
pub fn find(path: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.path == path)
}

/// Sets a dotted path whose parents are objects, or not there.
pub fn set(map: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => put(map, path, value),
        Some((parent, rest)) => {
            let parent = map.entry(parent).or_insert_with(|| Map::new().into());
            if let Value::Object(parent) = parent {
                set(parent, rest, value);
            }
        }
    }
}

/// The value at a dotted path of an object; null counts as absent.
pub fn get<'a>(map: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('.');
    let first = map.get(parts.next()?)?;
    parts
        .try_fold(first, |value, part| value.get(part))
        .filter(|value| !value.is_null())
}

/// A value as plain text: strings without quotes, whole floats without a fraction.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => format!("{float:.0}"),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

/// Whether two stated values are the same: case and blanks at the ends do not count, nor does 1 against 1.0.
pub fn same(a: &Value, b: &Value) -> bool {
    normal(a) == normal(b)
}

/// A stated value as [`same`] compares it.
pub fn normal(value: &Value) -> String {
    plain(value).trim().to_lowercase()
}

/// The nearest of the known names, for "did you mean"; `None` when nothing is near.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |candidate: &&str| strsim::levenshtein(name, candidate);
    let near = |candidate: &&str| distance(candidate) <= 1 + candidate.len().max(name.len()) / 4;
    known.into_iter().filter(near).min_by_key(distance)
}
