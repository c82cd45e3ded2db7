//! AIPerf's summaries of several runs: a level for each combination of `profile_export_aiperf_sweep.json`, and one for
//! `profile_export_aiperf_aggregate.json`. Read in the sources of 0.13, and seen in files of 0.12.
//!
//! A number is the mean of the runs' own, so that the runs themselves are read where they are there. The spread beside it
//! is not: of one run it is written as 0. `profile_export_aiperf_collated.json` names no unit and is not read.

use super::aiperf_definitions;
use super::aiperf_json::export::{Export, METRICS};
use super::entry::{Entry, put_load};
use super::source::Source;
use crate::fault::{Code, Fault, Result, Sub};
use crate::files::{self, Tree};
use crate::json;
use crate::measure::Quantity;
use crate::run::{Format, Reading, Run};
use serde_json::{Map, Value};

/// The format.
pub static SOURCE: Source = Source {
    format: Format::of_tool(
        "aiperf-summary-json",
        "AIPerf summary of several runs (profile_export_aiperf_sweep.json, _aggregate.json)",
        "AIPerf",
    ),
    begins: None,
    by_content: |candidate| {
        candidate.has_keys(&["per_combination_metrics"])
            || candidate.has_keys(&["metadata", "metrics"])
                && candidate.has("\"aggregation_type\"")
                && candidate.has("\"confidence\"")
    },
    by_name: |_| false,
    read,
};

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let runs = ["profile_export_aiperf.", "profile_export."];
    let is_run = |path: &String| {
        runs.iter()
            .any(|start| files::name(path).starts_with(start))
    };
    if tree.list()?.iter().any(is_run) {
        return Ok(());
    }
    let text = files::read_text(tree, path)?;
    let map = json::parse_object(path, &text)?;
    let entry = Entry {
        format: &SOURCE.format,
        file: path,
        line: 1,
        map: &map,
    };
    let nothing = Map::new();
    let object = |value: Option<&Value>| match value {
        Some(Value::Object(map)) => map.clone(),
        _ => Map::new(),
    };
    match entry.get("per_combination_metrics") {
        Some(Value::Array(all)) => {
            for one in all {
                let parameters = object(one.get("parameters"));
                add(run, &entry, &parameters, &object(one.get("metrics")))?;
            }
        }
        Some(_) => {
            let expected = "the list of the combinations";
            return Err(entry.fault("per_combination_metrics", "no list", expected));
        }
        None => {
            let values = entry.get("metadata.variation_values");
            let values = values.and_then(Value::as_object).unwrap_or(&nothing);
            add(run, &entry, values, &object(entry.get("metrics")))?;
        }
    }
    Ok(())
}

/// Adds the result of one combination of parameters.
fn add(
    run: &mut Run,
    entry: &Entry<'_>,
    parameters: &Map<String, Value>,
    metrics: &Map<String, Value>,
) -> Result<()> {
    let export = Export::new(entry.format, entry.file, "", single(metrics));
    let mut result = export.numbers()?;
    if result.readings.is_empty() {
        let message = "found AIPerf's summary of several runs without a single known number; expected at least one of: output_token_throughput, time_to_first_token, request_latency";
        return Err(Fault::new(Code::NotUnderstood, message).at(entry.file));
    }
    // Means of counts are no counts, unless all runs had as many.
    let counts = [Quantity::Errors, Quantity::Requests];
    let is_whole = |of: &Quantity, value: f64| !counts.contains(of) || value.fract() == 0.0;
    result
        .readings
        .retain(|(of, reading)| is_whole(of, reading.value));
    if let Some(succeeded) = export.requests()?.filter(|count| count.fract() == 0.0)
        && result.get(Quantity::Requests).is_none()
    {
        let reading = Reading::only_successes(succeeded);
        result.push(Quantity::Requests, reading);
    }
    aiperf_definitions::define(&mut result);
    place(entry, &mut result, parameters)?;
    result.model = entry.text("metadata.model").map(str::to_owned);
    let of = |key: &str| entry.get(key).or(entry.get(&format!("metadata.{key}")));
    let runs = of("num_profile_runs").and_then(Value::as_u64);
    if runs.is_none_or(|runs| runs > 1) {
        for (_, reading) in &mut result.readings {
            reading.method = Some("the mean over the runs that AIPerf summed up");
        }
    }
    if let Some(Value::Array(failed)) = of("failed_runs")
        && !failed.is_empty()
    {
        let statement = format!("failed_runs: {}", failed.len());
        result.validity.push(statement);
    }
    entry.state(run, &result, entry.text("aiperf_version"));
    run.results.push(result);
    Ok(())
}

/// The metrics as an export of one run has them: `time_to_first_token_p50` with its `mean` becomes the `p50` of that.
fn single(metrics: &Map<String, Value>) -> Map<String, Value> {
    let mut single = metrics.clone();
    let count = ("request_count", "avg");
    let known = METRICS
        .iter()
        .map(|metric| (metric.name, metric.statistic))
        .chain([count]);
    for (name, statistic) in known {
        let Some(stated) = metrics.get(&format!("{name}_{statistic}")) else {
            continue;
        };
        let home = single.entry(name).or_insert_with(|| Map::new().into());
        // One metric has one unit.
        if let Value::Object(home) = home
            && home.get("unit").is_none_or(|unit| *unit == stated["unit"])
        {
            home.insert(statistic.to_owned(), stated["mean"].clone());
            home.insert("unit".to_owned(), stated["unit"].clone());
        }
    }
    single
}

/// The place: a concurrency or a rate alone.
fn place(
    entry: &Entry<'_>,
    result: &mut crate::run::LevelResult,
    parameters: &Map<String, Value>,
) -> Result<()> {
    let leaf = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let map: Map<String, Value> = parameters
        .iter()
        .map(|(name, value)| (leaf(name), value.clone()))
        .collect();
    let names: Vec<&str> = map.keys().map(String::as_str).collect();
    let of = Entry {
        map: &map,
        ..*entry
    };
    match names[..] {
        [] => {}
        ["concurrency"] => put_load(result, of.concurrency("concurrency")?, None, None, None),
        ["request_rate" | "rate"] => put_load(result, None, of.rate(names[0])?, None, None),
        _ => {
            let message = format!(
                "found the varied parameters: {}; expected the concurrency or the request rate alone. Others make other workloads: give the directory of one combination",
                names.join(", ")
            );
            return Err(Fault::because(Sub::RunsRefused, message).at(entry.file));
        }
    }
    Ok(())
}
