//! What AIPerf repeats below `phases/`.

use super::{server_metrics_csv, server_metrics_json};
use crate::files::{self, Entry};

/// AIPerf repeats its exports for each phase under `phases/`. Those of the warm-up are no results, and
/// those of the measured phase stand once more in the run's own folder; only what is missing
/// there is read from `phases/profiling`.
pub(super) fn is_copy(path: &str, entries: &[Entry]) -> bool {
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
    entries
        .iter()
        .any(|entry| files::folder(&entry.path) == run && own.contains(&files::name(&entry.path)))
}

/// `a/phases/warmup/x.json` is (`a`, `warmup`).
fn split_phase(path: &str) -> Option<(&str, &str)> {
    let folder = files::folder(path);
    let (before, phase) = folder.rsplit_once('/')?;
    let run = if before == "phases" {
        ""
    } else {
        before.strip_suffix("/phases")?
    };
    Some((run, phase))
}
