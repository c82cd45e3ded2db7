//! llm-d's benchmark report 0.1, 0.2 and 0.2.1, as YAML or JSON, and the partial reports of 0.2.1 that inference-perf
//! writes. Read in its schemas and converters, and seen in partial reports of inference-perf 0.7.0.
//!
//! Each statistic states its unit. A report is made of another tool's result: which quantity an inter-token latency is
//! follows from that tool alone. Where the native file lies beside a partial report, that file is read.

mod engines;

use super::entry::{self, Entry, Row, add_count, put_load};
use super::source::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{self, Tree};
use crate::json::{self, Want};
use crate::measure::definition::OUTPUT_TOKENS;
use crate::measure::{Definition, Quantity as Q};
use crate::run::{Format, LevelResult, Reading, Run, Speaker, States};
use serde_json::Value;

/// The format.
pub static SOURCE: Source = Source {
    format: Format {
        name: "llm-d-report",
        title: "llm-d benchmark report (YAML or JSON)",
        tool: None,
        states: States::Results,
        speaker: Speaker::Tool,
        one_each: true,
        of_many_levels: true,
    },
    begins: None,
    by_content: is_report,
    by_name: |_| false,
    read,
};

fn is_report(candidate: &Candidate<'_>) -> bool {
    if candidate.is_json_object() {
        let keys = candidate.top_level_keys();
        let has = |key: &&str| keys.contains(key);
        return has(&"results") && candidate.has("\"request_performance\"")
            || ["metrics", "scenario", "version"].iter().all(has)
                && candidate.has("\"time_to_first_token\"");
    }
    // The console of a benchmark prints such a report between its own lines.
    let mut lines = candidate.head.lines();
    let first = lines.find(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let is_yaml = |line: &str| {
        let key = line.split_once(':').map_or(line, |(key, _)| key);
        line.trim_end() == "---" || (key != line && !key.contains(' '))
    };
    if !first.is_some_and(is_yaml) {
        return false;
    }
    let has_key = |key: &str| {
        let mut lines = candidate.head.lines();
        lines.any(|line| line.strip_prefix(key) == Some(":"))
    };
    candidate.has("request_performance:") && has_key("results")
        || candidate.has("time_to_first_token:") && has_key("metrics") && has_key("scenario")
}

/// A number with a unit beside it: below `latency` or `throughput`, its name, and which statistic.
type Stated = (Q, &'static str, &'static str);

const TIMES: &[Stated] = &[
    (Q::TtftP50, "latency.time_to_first_token", "p50"),
    (Q::TtftP95, "latency.time_to_first_token", "p95"),
    (Q::TtftP99, "latency.time_to_first_token", "p99"),
    (Q::TtftMean, "latency.time_to_first_token", "mean"),
    (Q::RequestLatencyP50, "latency.request_latency", "p50"),
    (Q::RequestLatencyMean, "latency.request_latency", "mean"),
];

const PER_TOKEN: &[Stated] = &[
    (Q::ItlP50, "latency.time_per_output_token", "p50"),
    (Q::ItlMean, "latency.time_per_output_token", "mean"),
];

/// GuideLLM's time per output token has the TTFT in it.
const OF_GUIDELLM: &[Stated] = &[
    (Q::ItlP50, "latency.inter_token_latency", "p50"),
    (Q::ItlMean, "latency.inter_token_latency", "mean"),
];

const RATES: &[Stated] = &[
    (Q::Throughput, "throughput.output_token_rate", "mean"),
    (Q::RequestRate, "throughput.request_rate", "mean"),
];

/// Of 0.1, without units.
const OLD_RATES: &[Row] = &[
    (
        Q::Throughput,
        "metrics.throughput.output_tokens_per_sec",
        1.0,
    ),
    (Q::RequestRate, "metrics.throughput.requests_per_sec", 1.0),
    (Q::BenchmarkSeconds, "metrics.time.duration", 1.0),
];

/// The fields below `metrics` of 0.1 and `results.request_performance.aggregate` of 0.2.
pub(super) fn fields() -> Vec<(String, Q)> {
    let stated = [TIMES, PER_TOKEN, OF_GUIDELLM, RATES].concat().into_iter();
    let stated =
        stated.map(|(quantity, name, statistic)| (format!("{name}.{statistic}"), quantity));
    let old = OLD_RATES.iter().map(|row| (row.1.to_owned(), row.0));
    stated.chain(old).collect()
}

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    if has_native(tree, path)? {
        return Ok(());
    }
    let is_json = {
        let head = files::read_head(&mut *tree.open(path)?, 64)?;
        let text = String::from_utf8_lossy(&head).into_owned();
        text.trim_start_matches(files::BOM)
            .trim_start()
            .starts_with('{')
    };
    if is_json {
        let want = |path: &[&str]| match path {
            ["results" | "scenario" | "run" | "metrics"]
            | ["results", "request_performance"]
            | ["scenario", "load"]
            | ["scenario", "load", "standardized"] => Want::Enter,
            ["version"]
            | ["run" | "metrics" | "scenario", _]
            | ["scenario", "load", ..]
            | ["results", "request_performance", "aggregate"] => Want::Whole,
            _ => Want::Nothing,
        };
        return entry::each(&SOURCE.format, run, (tree, path), &want, add);
    }
    match json::parse_yaml(path, &files::read_text(tree, path)?)? {
        // It stands last where keys are sorted.
        Value::Object(map) if !map.contains_key("version") => {
            let message = "found a report without its `version`; expected the rest. The file was cut: copy it again from the run";
            Err(Fault::damaged(message).at(path))
        }
        Value::Object(map) => add(
            run,
            &Entry {
                format: &SOURCE.format,
                file: path,
                line: 1,
                map: &map,
            },
        ),
        _ => Err(Fault::damaged("found no object; expected a report of llm-d").at(path)),
    }
}

/// Whether the stage file of a partial report lies beside it.
fn has_native(tree: &dyn Tree, path: &str) -> Result<bool> {
    let name = files::name(path);
    let Some((_, stage)) = name.split_once("partial.stage_") else {
        return Ok(false);
    };
    let stage = stage.split('.').next().unwrap_or(stage);
    let native = format!("stage_{stage}_lifecycle_metrics.json");
    let beside = tree.children(files::folder(path))?;
    Ok(beside.iter().any(|child| child.name == native))
}

fn add(run: &mut Run, entry: &Entry<'_>) -> Result<()> {
    let mut result = entry.result();
    let old = entry.get("metrics").is_some();
    let base = if old {
        "metrics"
    } else {
        "results.request_performance.aggregate"
    };
    let tool = entry
        .text("scenario.load.standardized.tool")
        .or(entry.text("scenario.load.name"));
    let is_partial = entry
        .text("run.uid")
        .is_some_and(|uid| uid.starts_with("inference-perf-stage"));
    let tool = tool.or(is_partial.then_some("inference-perf"));
    let per_token = if tool == Some("guidellm") {
        OF_GUIDELLM
    } else {
        PER_TOKEN
    };
    for stated in TIMES.iter().chain(per_token).chain(RATES) {
        add_stated(entry, &mut result, base, stated)?;
    }
    if old {
        entry.add(&mut result, OLD_RATES, None)?;
    }
    check(entry, &result)?;
    add_counts(entry, &mut result, base)?;
    add_load(entry, &mut result, tool)?;
    define(&mut result, tool, is_partial);
    result.run_id = entry.text("run.uid").map(str::to_owned);
    result.start_time = entry.text("run.time.start").map(str::to_owned);
    engines::describe(run, entry, &mut result);
    let version = entry.text("scenario.load.standardized.tool_version");
    let tool = tool.unwrap_or("llm-d benchmark");
    let tool = version.map_or_else(|| tool.to_owned(), |version| format!("{tool} {version}"));
    entry.state_as(run, &result, tool);
    run.results.push(result);
    Ok(())
}

/// Adds a statistic in the unit that stands beside it.
fn add_stated(
    entry: &Entry<'_>,
    result: &mut LevelResult,
    base: &str,
    (quantity, name, statistic): &Stated,
) -> Result<()> {
    let Some(number) = entry.number(&format!("{base}.{name}.{statistic}"))? else {
        return Ok(());
    };
    let key = format!("{base}.{name}.units");
    let unit = entry.text(&key).unwrap_or_default();
    let factor = match (name.starts_with("latency"), unit) {
        (true, "ms" | "ms/token") => 1.0,
        (true, "s" | "s/token") => 1e3,
        (false, "tokens/s") if *quantity == Q::Throughput => 1.0,
        (false, "queries/s" | "requests/s") if *quantity == Q::RequestRate => 1.0,
        (is_time, unit) => {
            let expected = match is_time {
                true => "s, ms, s/token or ms/token",
                false => "tokens/s, or queries/s for requests",
            };
            return Err(entry.fault(&key, &format!("the unit {unit:?}"), expected));
        }
    };
    result.push(*quantity, Reading::exact(number * factor));
    Ok(())
}

fn check(entry: &Entry<'_>, result: &LevelResult) -> Result<()> {
    if result
        .readings
        .iter()
        .any(|(quantity, _)| *quantity != Q::BenchmarkSeconds)
    {
        return Ok(());
    }
    let message = "found llm-d's benchmark report without a single known number; expected at least one of: latency.time_to_first_token, latency.request_latency, latency.time_per_output_token, throughput.output_token_rate, throughput.output_tokens_per_sec";
    Err(Fault::new(Code::NotUnderstood, message).at_line(entry.file, entry.line))
}

fn add_counts(entry: &Entry<'_>, result: &mut LevelResult, base: &str) -> Result<()> {
    let of = |name: &str| entry.count(&format!("{base}.requests.{name}"));
    let (total, failures, incomplete) = (of("total")?, of("failures")?, of("incomplete")?);
    if let Some(failures) = failures {
        add_count(result, Q::Errors, failures);
    }
    if let Some(incomplete) = incomplete {
        add_count(result, Q::Cancelled, incomplete);
    }
    if let Some(total) = total {
        let ended = total.saturating_sub(incomplete.unwrap_or(0));
        match failures {
            Some(_) => add_count(result, Q::Requests, ended),
            None => result.push(Q::Requests, Reading::only_successes(ended as f64)),
        }
    }
    let length = |name: &str| entry.number(&format!("{base}.requests.{name}.mean"));
    for (quantity, name) in [(Q::IslMean, "input_length"), (Q::OslMean, "output_length")] {
        if let Some(mean) = length(name)? {
            result.push(quantity, Reading::exact(mean));
        }
    }
    Ok(())
}

/// The rate beside a concurrency is made up by inference-perf, and a cap of a rate elsewhere.
fn add_load(entry: &Entry<'_>, result: &mut LevelResult, tool: Option<&str>) -> Result<()> {
    let mut homes = vec![
        (
            "scenario.load.standardized".to_owned(),
            "concurrency",
            "rate_qps",
        ),
        (
            "scenario.load.args".to_owned(),
            "max_concurrency",
            "request_rate",
        ),
    ];
    let stages = entry.get("scenario.load.args.load.stages");
    let stage = entry.count("scenario.load.metadata.stage")?.unwrap_or(0) as usize;
    let stage = stages.and_then(|stages| stages.get(stage));
    let of_stage = stage
        .and_then(Value::as_object)
        .map(|map| Entry { map, ..*entry });
    homes.retain(|(home, ..)| entry.get(home).is_some());
    for (home, concurrency, rate) in homes {
        let level = format!("{home}.{concurrency}");
        let unlimited = entry.text(&level).is_some();
        let level = if unlimited {
            None
        } else {
            entry.concurrency(&level)?
        };
        let mut rate = entry.rate(&format!("{home}.{rate}"))?;
        if level.is_some() && tool == Some("inference-perf") {
            rate = None;
        }
        let burstiness = entry.number(&format!("{home}.burstiness"))?;
        put_load(result, level, rate, burstiness, None);
    }
    if let (None, Some(stage)) = (result.place, of_stage) {
        let level = stage.concurrency("concurrency_level")?;
        let rate = stage.rate("rate")?.filter(|_| level.is_none());
        put_load(result, level, rate, None, None);
    }
    Ok(())
}

/// What is known of the numbers of a tool.
fn define(result: &mut LevelResult, tool: Option<&str>, is_partial: bool) {
    result.define("request_latency_p50_ms", Definition::StreamEnd);
    let itl = match tool {
        Some("vllm-benchmark" | "inferencemax") => Some(Definition::TpotPerRequest),
        Some("guidellm") => Some(Definition::TpotByToken),
        // Reports of earlier versions count chunks under the same key.
        Some("inference-perf") if is_partial => Some(Definition::TpotPerRequest),
        _ => None,
    };
    if let Some(itl) = itl {
        result.define("itl_p50_ms", itl);
    }
    if matches!(tool, Some("vllm-benchmark" | "guidellm")) {
        result.define(OUTPUT_TOKENS, Definition::ServerUsage);
    }
}
