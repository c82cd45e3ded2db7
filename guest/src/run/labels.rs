//! The labels of a series of a server metric.

use crate::order::Ordered as _;
use std::sync::Arc;

/// The labels of a series, sorted by name, each name once. Held once where many scrapes have the series.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Labels(Arc<Vec<(String, String)>>);

impl Labels {
    /// Sorts the labels; the error is a name that stands twice.
    pub fn new(mut labels: Vec<(String, String)>) -> Result<Self, String> {
        labels.order();
        match labels.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => Err(pair[0].0.clone()),
            None => Ok(Labels(labels.into())),
        }
    }

    /// The value of a label.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// The same labels without some names.
    pub(crate) fn without(&self, keys: &[&str]) -> Self {
        self.filtered(|key| !keys.contains(&key))
    }

    /// The labels of the given names only.
    pub(crate) fn only(&self, keys: &[&str]) -> Self {
        self.filtered(|key| keys.contains(&key))
    }

    fn filtered(&self, keep: impl Fn(&str) -> bool) -> Self {
        let kept = self.0.iter().filter(|(key, _)| keep(key));
        Labels(Arc::new(kept.cloned().collect()))
    }

    /// The served model that the series is about. Triton calls the label `model`.
    pub(crate) fn model(&self) -> Option<&str> {
        self.get("model_name").or_else(|| self.get("model"))
    }
}

impl std::fmt::Display for Labels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        let list: Vec<String> = self
            .0
            .iter()
            .map(|(key, value)| format!("{key}=\"{}\"", crate::text::shorten(value)))
            .collect();
        write!(f, "{{{}}}", list.join(","))
    }
}
