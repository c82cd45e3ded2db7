//! The score of a quality benchmark that a run was paired with.

use super::shown;
use crate::json::{put, real};
use serde_json::{Map, Value};

/// In what a score is written. Two scales of one benchmark are never compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// From 0 to 1.
    Fraction,
    /// Written with a percent sign.
    Percent,
    /// Any other number, as it was written: points, perplexity.
    Points,
}

impl Scale {
    /// Every one.
    const ALL: [Scale; 3] = [Scale::Fraction, Scale::Percent, Scale::Points];

    /// The scale of a number that stands without a unit.
    pub fn of(value: f64) -> Scale {
        match (0.0..=1.0).contains(&value) {
            true => Scale::Fraction,
            false => Scale::Points,
        }
    }

    /// In documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Scale::Fraction => "fraction",
            Scale::Percent => "percent",
            Scale::Points => "points",
        }
    }

    /// The smallest difference that is called one where nobody knows the error of a score: one point of a hundred.
    pub fn step(self) -> f64 {
        match self {
            Scale::Fraction => 0.01,
            Scale::Percent | Scale::Points => 1.0,
        }
    }

    /// A number of this scale as text.
    pub fn shown(self, value: f64) -> String {
        match self {
            Scale::Percent => format!("{} %", shown::trimmed(value)),
            Scale::Fraction | Scale::Points => shown::trimmed(value),
        }
    }
}

/// One score.
#[derive(Clone, Debug, PartialEq)]
pub struct Eval {
    /// The benchmark, as its tool calls it: `GPQA`, `gpqa_diamond_cot_zeroshot`.
    pub task: String,
    /// Which of its numbers, where somebody says so: `exact_match,strict-match`.
    pub metric: Option<String>,
    /// Version of the task.
    pub version: Option<String>,
    /// Examples in the prompt.
    pub shots: Option<String>,
    /// The score, finite.
    pub value: f64,
    /// In what it is written.
    pub scale: Scale,
    /// Standard error in the same unit, from 0 on.
    pub stderr: Option<f64>,
    /// Whether less is better: perplexity, word error rate.
    pub lower_is_better: bool,
    /// Who says it: `stated`, `notes`, `lm-evaluation-harness`, `nemo-evaluator`.
    pub source: String,
}

/// The section of a document that holds them.
pub const EVALS: &str = "evals";

/// What an object of a score must be.
pub const EXPECTED: &str =
    "a list of scores, each an object with `task`, `value` and `scale` (fraction, percent, points)";

impl Eval {
    /// A score of which nothing else is known.
    pub fn new(task: &str, value: f64, scale: Scale, source: &str) -> Self {
        Eval {
            task: task.to_owned(),
            metric: None,
            version: None,
            shots: None,
            value,
            scale,
            stderr: None,
            lower_is_better: false,
            source: source.to_owned(),
        }
    }

    /// How alike two scores are: 3 where they are the same number of the same benchmark, whatever its value is; 2 of one
    /// metric; 1 of one benchmark; else 0.
    pub fn alike(&self, other: &Eval) -> u8 {
        if folded(&self.task) != folded(&other.task) {
            0
        } else if self.metric != other.metric {
            1
        } else if self.version != other.version || self.shots != other.shots {
            2
        } else {
            3
        }
    }

    /// Whether both are the same number of the same benchmark.
    pub fn is_of(&self, other: &Eval) -> bool {
        self.alike(other) == 3
    }

    /// The score as text.
    pub fn shown(&self) -> String {
        self.scale.shown(self.value)
    }

    /// As documents hold it.
    pub fn to_json(&self) -> Value {
        let mut map = Map::new();
        put(&mut map, "task", self.task.clone().into());
        put(&mut map, "metric", text(&self.metric));
        put(&mut map, "version", text(&self.version));
        put(&mut map, "shots", text(&self.shots));
        put(&mut map, "value", real(Some(self.value)));
        put(&mut map, "scale", self.scale.as_str().into());
        put(&mut map, "stderr", real(self.stderr));
        put(&mut map, "lower_is_better", self.lower_is_better.into());
        put(&mut map, "source", self.source.clone().into());
        map.into()
    }

    /// Reads what [`Eval::to_json`] wrote; none for what is no score.
    pub fn of_json(value: &Value) -> Option<Eval> {
        let read = |key: &str| match &value[key] {
            Value::Null => Some(None),
            Value::String(text) if !text.is_empty() => Some(Some(text.clone())),
            _ => None,
        };
        let scale = value["scale"].as_str()?;
        let stderr = match &value["stderr"] {
            Value::Null => None,
            of => Some(of.as_f64().filter(|of| *of >= 0.0)?),
        };
        Some(Eval {
            task: read("task")??,
            metric: read("metric")?,
            version: read("version")?,
            shots: read("shots")?,
            value: value["value"].as_f64()?,
            scale: Scale::ALL.into_iter().find(|one| one.as_str() == scale)?,
            stderr,
            lower_is_better: match &value["lower_is_better"] {
                Value::Null => false,
                of => of.as_bool()?,
            },
            source: read("source")?.unwrap_or_default(),
        })
    }
}

/// Every score of a list; none where one is of another form.
pub fn all(list: &Value) -> Option<Vec<Eval>> {
    let mut all = Vec::new();
    for one in list.as_array()? {
        all.push(Eval::of_json(one)?);
    }
    Some(all)
}

/// A text, or null.
pub fn text(text: &Option<String>) -> Value {
    match text {
        Some(text) => text.clone().into(),
        None => Value::Null,
    }
}

/// The name of a benchmark without case, and with `_` for `-`.
pub fn folded(task: &str) -> String {
    task.to_lowercase().replace('-', "_")
}
