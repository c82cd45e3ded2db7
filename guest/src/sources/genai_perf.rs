//! GenAI-Perf's export, `profile_export_genai_perf.json`: AIPerf's metrics, which came from it, under its own
//! configuration. Seen with 0.0.16 and read in the sources of earlier ones, whose `input_config` is flat.
//!
//! It counts successful requests alone and tokens by the client's tokenizer, and names no version. Its CSV names neither
//! the model nor the load: the place is that of its folder, `<model>-openai-chat-concurrency4`.

use super::aiperf_csv;
use super::aiperf_definitions;
use super::aiperf_json::export::Export;
use super::entry::{Entry, put_load};
use super::source::Source;
use crate::fault::{Code, Fault, Result};
use crate::files::{self, Tree};
use crate::json::{self, Want};
use crate::measure::level::level_in_name;
use crate::measure::{Quantity, Rate, slo};
use crate::run::{Format, Reading, Run, Speaker, States, all_names};
use serde_json::{Map, Value};

/// The format.
pub static SOURCE: Source = Source {
    format: Format {
        name: "genai-perf-json",
        title: "GenAI-Perf JSON export (profile_export_genai_perf.json)",
        tool: Some("GenAI-Perf"),
        states: States::Results,
        speaker: Speaker::Tool,
        one_each: true,
        of_many_levels: false,
    },
    begins: None,
    by_content: |candidate| {
        candidate.has_keys(&["input_config"])
            && ["request_latency", "time_to_first_token"]
                .iter()
                .any(|key| candidate.has_keys(&[key]))
            && ["\"perf_analyzer\"", "\"service_kind\""]
                .iter()
                .any(|text| candidate.has(text))
    },
    by_name: |name| name == "profile_export_genai_perf.json",
    read,
};

/// The tables of the same export.
pub static CSV: Source = Source {
    format: Format {
        name: "genai-perf-csv",
        title: "GenAI-Perf CSV export (profile_export_genai_perf.csv)",
        ..SOURCE.format
    },
    begins: None,
    by_content: |candidate| {
        aiperf_csv::has_tables(candidate) && aiperf_csv::is_of_genai_perf(candidate)
    },
    by_name: |name| name == "profile_export_genai_perf.csv",
    read: |run, tree, path| {
        let mut result = aiperf_csv::result(&CSV.format, tree, path)?;
        aiperf_definitions::define_by_options(&mut result, false, false);
        let folder = files::name(files::folder(path));
        let (_, rate) = folder.rsplit_once("-request_rate").unwrap_or_default();
        let rate = rate.parse().ok().and_then(Rate::new);
        put_load(&mut result, level_in_name(folder), rate, None, None);
        let entry = Entry {
            format: &CSV.format,
            file: path,
            line: 1,
            map: &Map::new(),
        };
        entry.state(run, &result, None);
        run.results.push(result);
        Ok(())
    },
};

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let text = files::read_text(tree, path)?;
    let map = json::parse_part(path, &text, &|path| match path {
        ["telemetry_stats" | "telemetry_data"] => Want::Nothing,
        [_] => Want::Whole,
        _ => Want::Nothing,
    })?;
    let mut export = Export::new(&SOURCE.format, path, &text, map);
    // -1 where no limit could be checked.
    let goodput = export.map.get("request_goodput");
    if goodput.and_then(|it| it["avg"].as_f64()) == Some(-1.0) {
        export.map.remove("request_goodput");
    }
    let mut result = export.numbers()?;
    let succeeded = export.requests()?;
    if result.readings.is_empty() {
        let message = "found GenAI-Perf's export without a single known number; expected at least one of: request_latency, time_to_first_token, output_token_throughput";
        return Err(Fault::new(Code::NotUnderstood, message).at(path));
    }
    // It has no count of failures, and none is made up.
    result
        .readings
        .retain(|(quantity, _)| ![Quantity::Errors, Quantity::Requests].contains(quantity));
    if let Some(succeeded) = succeeded {
        let reading = Reading::only_successes(succeeded);
        result.push(Quantity::Requests, reading);
    }
    aiperf_definitions::define(&mut result);
    aiperf_definitions::define_by_options(&mut result, false, false);
    let entry = Entry {
        format: &SOURCE.format,
        file: path,
        line: json::line_of(&text, &["input_config"]).unwrap_or(1),
        map: &export.map,
    };
    let model = ["model_names", "model"].iter().find_map(|key| {
        match entry.get(&format!("input_config.{key}"))? {
            Value::Array(names) => all_names(names.iter().filter_map(Value::as_str)),
            named => named.as_str().map(str::to_owned),
        }
    });
    result.model = model;
    let limits = entry.get("input_config.input.goodput");
    result.slo = limits.and_then(slo::of).unwrap_or_default();
    // A list of one value is that value.
    let value = |key: &str| {
        let of_home = |home: &str| {
            let key = format!("input_config.{home}{key}");
            match entry.get(&key) {
                Some(list) if list.is_array() => (list.get(0), key),
                found => (found, key),
            }
        };
        match of_home("perf_analyzer.stimulus.") {
            (None, _) => of_home(""),
            found => found,
        }
    };
    let (level, key) = value("concurrency");
    let level = match level.filter(|level| !level.is_null()) {
        None => None,
        Some(level) => match level.as_u64().and_then(|level| u32::try_from(level).ok()) {
            Some(level) if level > 0 => Some(level),
            _ => return Err(entry.fault(&key, &level.to_string(), "a whole number from 1 on")),
        },
    };
    let (rate, key) = value("request_rate");
    let rate = match rate.filter(|rate| !rate.is_null()) {
        None => None,
        Some(rate) => match rate.as_f64().and_then(Rate::new) {
            Some(rate) => Some(rate),
            None => return Err(entry.fault(&key, &rate.to_string(), "a number above 0")),
        },
    };
    put_load(&mut result, level, rate, None, None);
    entry.state(run, &result, None);
    entry.state_text(run, "context.endpoint_type", "input_config.endpoint.type");
    let stream = entry.get("input_config.endpoint.streaming");
    if let Some(stream) = stream.filter(|stream| stream.is_boolean()) {
        run.state(&SOURCE.format, "context.streaming", stream.clone(), path);
    }
    let source = entry.text("input_config.input.prompt_source");
    if let Some(dataset) = entry.text("input_config.input.file").or(source) {
        entry.state_dataset(run, dataset)?;
    }
    run.results.push(result);
    Ok(())
}
