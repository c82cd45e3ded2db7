//! Where things lie below a root.

use crate::refusal::Refusal;
use crate::{names, paths};
use std::path::{Path, PathBuf};

/// Everything the verbs write lies below this directory of the root.
pub const ARTIFACTS: &str = "experiments/artifacts";

/// The directory of all baselines, as written; it may be a symbolic link.
pub fn baselines(root: &Path) -> PathBuf {
    root.join(ARTIFACTS).join("perf-baselines")
}

/// The directory of all diff bundles, as written; it may be a symbolic link.
pub fn diffs(root: &Path) -> PathBuf {
    root.join(ARTIFACTS).join("perf-baseline-diffs")
}

/// The directory of what was said about baselines, as written; it may be a symbolic link.
pub fn marks(root: &Path) -> PathBuf {
    root.join(ARTIFACTS).join("perf-baseline-marks")
}

/// The directory of the components that judged, as written; it may be a symbolic link.
pub fn components(root: &Path) -> PathBuf {
    root.join(ARTIFACTS).join("perf-baseline-components")
}

/// Where the component with this hash is kept.
pub fn component(root: &Path, sha256: &str) -> PathBuf {
    components(root).join(format!("{sha256}.wasm"))
}

/// The resolved directory of one measurement below `top` (`baselines`, `diffs` or `marks`).
///
/// # Errors
/// An unsafe name, or a symbolic link that leads out of `top`.
pub fn measurement(top: &Path, family: &str, measurement: &str) -> Result<PathBuf, Refusal> {
    names::require_safe("family", family)?;
    names::require_safe("measurement", measurement)?;
    paths::contained(top, &[family, measurement])
}
