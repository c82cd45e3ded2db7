//! Server metrics: which of what was scraped and exported answers which question.
//!
//! The sources fill [`ServerMetrics`]; [`resolve`] answers the five questions of the document, with the
//! metric and the files behind each answer, or the reason why there is none.

pub mod catalog;
pub mod config;
mod peaks;
mod rate;
mod resolved;
mod restart;
mod select;
mod sums;
mod twins;
mod window;

use crate::finding::FindingCode;
use crate::run::server::ServerMetrics;

pub use rate::{home, split_phase};
pub use resolved::{Conditions, Load, Measured, Resolved};
pub use select::models;

/// Answers the five questions for one model.
pub fn resolve(observed: &ServerMetrics, conditions: &Conditions) -> Resolved {
    let mut resolved = Resolved::default();
    if observed.scrapes.is_empty() && observed.exports.is_empty() {
        let none = Measured::missing(observed.missing("the bundle holds no server metrics"));
        return all(resolved, &none);
    }
    let once = twins::once(observed, conditions, &mut resolved.findings);
    let observed = once.as_ref();
    let chosen = match select::choose(observed, conditions, &mut resolved.findings) {
        Ok(chosen) => chosen,
        Err(reason) => return all(resolved, &Measured::missing(reason)),
    };
    let scale = sums::Scale::new(observed, &mut resolved.findings);
    let reset = restart::of_exports(observed, &chosen);
    let reset = reset.as_deref();
    let by_other_traffic = rate::resolve(observed, &chosen, conditions, reset, &mut resolved);
    let spoiled = window::Spoiled {
        reset,
        by_other_traffic,
    };
    window::hit_rates(
        observed,
        &chosen,
        conditions,
        &scale,
        &spoiled,
        &mut resolved,
    );
    let mut said = resolved.findings.iter().map(|finding| &finding.code);
    if let Some(message) = reset
        && !said.any(|code| *code == FindingCode::CounterReset)
    {
        resolved.findings.push(restart::reset(message));
    }
    peaks::resolve(observed, &chosen, conditions, &scale, &mut resolved);
    resolved
}

/// What the cache of the server held when the run began, and the scrape that says so: `cold` where nothing had been
/// looked up yet, else `warm`; none without a scrape from before the run.
pub fn regime(observed: &ServerMetrics, model: &str) -> Option<(&'static str, String)> {
    let conditions = Conditions {
        model: Some(model.to_owned()),
        ..Conditions::default()
    };
    let chosen = select::choose(observed, &conditions, &mut Vec::new()).ok()?;
    window::regime(observed, &chosen)
}

fn all(mut resolved: Resolved, measured: &Measured) -> Resolved {
    for field in [
        &mut resolved.hit_rate_pre,
        &mut resolved.hit_rate_post,
        &mut resolved.kv_usage_peak,
        &mut resolved.running_peak,
        &mut resolved.generation_tps,
    ] {
        *field = measured.clone();
    }
    resolved
}
