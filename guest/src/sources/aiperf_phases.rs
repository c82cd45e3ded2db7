//! What AIPerf repeats below `phases/`.

use super::{server_metrics_csv, server_metrics_json};
use crate::files;
use crate::server::split_phase;

/// AIPerf repeats its exports for each phase under `phases/`. Those of the warm-up are no results, and
/// those of the measured phase stand once more in the run's own folder; only what is missing
/// there is read from `phases/profiling`.
pub(super) fn is_copy(path: &str, paths: &[String]) -> bool {
    let Some((run, phase)) = split_phase(path) else {
        return false;
    };
    if phase != "profiling" {
        return true;
    }
    let own = match files::name(path) {
        server_metrics_json::PHASE_NAME => [server_metrics_json::NAME, server_metrics_csv::NAME],
        name => ["profile_export_aiperf.json", name],
    };
    paths
        .iter()
        .any(|other| files::folder(other) == run && own.contains(&files::name(other)))
}
