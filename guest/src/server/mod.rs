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
mod window;

use crate::run::server::ServerMetrics;

pub use resolved::{Conditions, Measured, Resolved};
pub use select::models;

/// Answers the five questions for one model.
pub fn resolve(observed: &ServerMetrics, conditions: &Conditions) -> Resolved {
    let mut resolved = Resolved::default();
    if observed.scrapes.is_empty() && observed.exports.is_empty() {
        let none = Measured::missing("the bundle holds no server metrics");
        return all(resolved, &none);
    }
    let chosen = match select::choose(observed, conditions, &mut resolved.findings) {
        Ok(chosen) => chosen,
        Err(reason) => return all(resolved, &Measured::missing(reason)),
    };
    let scale = sums::Scale::new(observed, &mut resolved.findings);
    window::hit_rates(observed, &chosen, conditions, &scale, &mut resolved);
    peaks::resolve(observed, &chosen, &scale, &mut resolved);
    rate::resolve(observed, &chosen, conditions, &mut resolved);
    resolved
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
