//! Judges one measurement: its most recent run, and those before it as long as none passes.

use super::super::baseline::{self, Baseline};
use super::super::naming;
use super::super::output::Output;
use super::runs::{Found, Reader};
use crate::error::{Error, Result};
use crate::sandbox::judge::{Form, Judgement};
use crate::sandbox::{Case, Policy, Verdict};
use perfbridge_registry::{Registry, model_of};

use serde_json::{Value, json};
use std::path::Path;

/// So many runs are looked at to say since when a measurement fails.
const MOST_BACK: usize = 60;

/// A member as the component takes it, with every key that a line has.
pub fn told([measurement, model]: [Option<&str>; 2], more: Value) -> String {
    let mut told = json!({
        "measurement": measurement,
        "model": model,
        "run": null,
        "baseline": null,
    });
    if let (Value::Object(told), Value::Object(more)) = (&mut told, more) {
        told.extend(more);
    }
    told.to_string()
}

/// What a sweep reads once.
pub struct Fleet<'a> {
    pub reader: &'a Reader<'a>,
    pub registry: Registry,
    pub root: &'a Path,
    pub policy: &'a Policy,
    /// Runs that began before are not judged as the most recent.
    pub since: Option<f64>,
}

impl Fleet<'_> {
    /// The member of a registered measurement, as the component takes it; `runs` are those of it, the most recent first.
    pub fn member(&self, measurement: &str, runs: &[Found]) -> String {
        let model = model_of(measurement);
        let told = |more: Value| told([Some(measurement), Some(model)], more);
        let Some(newest) = runs.first() else {
            let problem = json!({"rule": "no-run", "reason": "there is no run of it"});
            return told(problem);
        };
        if self.is_old(newest) {
            let message = format!(
                "its most recent run, {}, began before --since",
                newest.shown
            );
            return told(json!({"model": newest.model, "rule": "no-run", "reason": message}));
        }
        match self.judged(measurement, runs) {
            Ok((baseline, [judged, since])) => {
                let text = told(json!({"run": newest.shown, "baseline": baseline}));
                // What the component wrote is handed back as it stands.
                let open = text.strip_suffix('}').unwrap_or(&text);
                let since = if since.is_empty() { "null" } else { &since };
                format!(
                    "{open},\"judged\":{},\"since\":{}}}",
                    judged.trim_end(),
                    since.trim_end()
                )
            }
            Err(error) => {
                let problem = match error.code {
                    "no-baseline" => "no-baseline",
                    _ => "unreadable",
                };
                told(json!({
                    "model": newest.model,
                    "run": newest.shown,
                    "rule": problem,
                    "reason": error.to_string(),
                }))
            }
        }
    }

    /// The member of runs whose model has no baseline; none where all of them are too old to be asked for.
    pub fn unregistered(&self, runs: &[Found]) -> Option<String> {
        let newest = runs.first()?;
        let message = format!(
            "no baseline of it is registered; should this run be the baseline: perfbridge record {} --yes",
            super::super::output::quoted(&newest.shown)
        );
        let more = json!({"run": newest.shown, "rule": "no-baseline", "reason": message});
        (!self.is_old(newest)).then(|| told([None, Some(&newest.model)], more))
    }

    /// Whether a run began before what is asked for. One that states no time may be of any.
    fn is_old(&self, run: &Found) -> bool {
        let times = self.since.zip(run.start);
        times.is_some_and(|(since, start)| start < since)
    }

    /// The name of the baseline, and the judgements of the most recent run and of the first of those that do not pass, where that is another.
    fn judged(&self, measurement: &str, runs: &[Found]) -> Result<(String, [String; 2])> {
        let entry = naming::standing(&self.registry, measurement, &Output::silent())?;
        let entry = entry.ok_or_else(|| Error {
            code: "no-baseline",
            ..Error::usage("its registry entries are unfinished: see perfbridge verify")
        })?;
        let called = format!("{measurement}@{}", entry.slug);
        let sandbox = self.reader.sandbox;
        let baseline = baseline::of_entry(sandbox, entry, Some(self.root.to_owned()))?;
        let history = baseline.history(sandbox, self.reader.output)?.documents;
        let mut texts = [String::new(), String::new()];
        for (at, run) in runs.iter().take(MOST_BACK).enumerate() {
            let judgement = self.judge(&baseline, &history, run);
            let mut judgement = match judgement {
                // What lies before is only looked at to count days.
                Err(_) if at > 0 => break,
                judgement => judgement?,
            };
            let passes = judgement.verdict == Verdict::Green;
            if at == 0 || !passes {
                texts[at.min(1)] = judgement.texts.pop().unwrap_or_default();
            }
            if passes {
                break;
            }
        }
        Ok((called, texts))
    }

    fn judge(&self, baseline: &Baseline, history: &[String], run: &Found) -> Result<Judgement> {
        baseline::check_model(baseline, &run.model)?;
        let current = self.reader.read(&run.path)?;
        let case = Case {
            baseline: &baseline.document.json,
            current: &current.json,
            history,
            policy: self.policy,
        };
        let judged = self.reader.sandbox.judge(&case, &[Form::named("sweep")]);
        judged.map_err(|failure| Error::from(failure).in_input(&run.path))
    }
}
