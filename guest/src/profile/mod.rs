//! GPU kernels and CPU samples of a paired profile.

/// Everything that a profile bundle holds.
#[derive(Clone, Debug, Default)]
pub struct Observed {}

/// The profile's two fields of the document.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    /// Share of on-CPU samples in the spin-poll path, 0..100.
    pub cpu_spinpoll_pct: Option<f64>,
}

/// Placeholder.
pub fn resolve(_: &Observed) -> Resolved {
    Resolved::default()
}

impl Resolved {
    /// Placeholder.
    pub fn kernel_classes_json(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    /// Placeholder.
    pub fn sources_json(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
}
