//! The numbers of an export.

use super::echo::Echo;
use super::{counts, load, statements};
use crate::fault::{Code, Fault, Result};
use crate::json;
use crate::measure::Quantity;
use crate::run::{Format, LevelResult, Reading};
use crate::sources::aiperf_definitions;
use crate::sources::dimension::Dimension;
use serde_json::{Map, Value};

/// Where AIPerf 0.1 and 0.2 put all metrics.
pub(super) const RECORDS: &str = "records";

/// Where a quantity stands.
pub(crate) struct Metric {
    pub(crate) quantity: Quantity,
    /// Its name.
    pub(crate) name: &'static str,
    /// Its name in AIPerf 0.1 and 0.2, where that is another.
    old: Option<&'static str>,
    pub(crate) statistic: &'static str,
    dimension: Dimension,
}

impl Metric {
    /// Whether a key is one of its names.
    pub(super) fn is_called(&self, key: &str) -> bool {
        self.name == key || self.old == Some(key)
    }
}

const fn metric(
    quantity: Quantity,
    name: &'static str,
    statistic: &'static str,
    dimension: Dimension,
) -> Metric {
    Metric {
        quantity,
        name,
        old: None,
        statistic,
        dimension,
    }
}

impl Metric {
    /// Whether its `count` is one of requests; that of gaps between chunks is not.
    fn of_requests(&self) -> bool {
        ![Q::ChunkGapMean, Q::ChunkGapP75].contains(&self.quantity)
    }

    const fn old(self, old: &'static str) -> Self {
        Metric {
            old: Some(old),
            ..self
        }
    }
}

use Dimension::{
    Milliseconds, Requests, RequestsPerSecond, Seconds, Tokens, TokensPerSecond,
    TokensPerSecondPerUser,
};
use Quantity as Q;

/// Every metric that is read.
#[rustfmt::skip]
pub(crate) const METRICS: &[Metric] = &[
    metric(Q::Throughput, "output_token_throughput", "avg", TokensPerSecond),
    metric(Q::TtftP50, "time_to_first_token", "p50", Milliseconds).old("ttft"),
    metric(Q::TtftP95, "time_to_first_token", "p95", Milliseconds).old("ttft"),
    metric(Q::TtftP99, "time_to_first_token", "p99", Milliseconds).old("ttft"),
    metric(Q::TtftMean, "time_to_first_token", "avg", Milliseconds).old("ttft"),
    metric(Q::ItlP50, "inter_token_latency", "p50", Milliseconds).old("itl"),
    metric(Q::ItlMean, "inter_token_latency", "avg", Milliseconds).old("itl"),
    metric(Q::TpsPerUser, "output_token_throughput_per_user", "avg", TokensPerSecondPerUser),
    metric(Q::RequestLatencyP50, "request_latency", "p50", Milliseconds),
    metric(Q::RequestLatencyMean, "request_latency", "avg", Milliseconds),
    metric(Q::RequestRate, "request_throughput", "avg", RequestsPerSecond),
    metric(Q::ChunkGapMean, "inter_chunk_latency", "avg", Milliseconds),
    metric(Q::ChunkGapP75, "inter_chunk_latency", "p75", Milliseconds),
    metric(Q::Errors, "error_request_count", "avg", Requests),
    metric(Q::Requests, "completed_request_count", "avg", Requests),
    metric(Q::IslMean, "input_sequence_length", "avg", Tokens).old("isl"),
    metric(Q::OslMean, "output_sequence_length", "avg", Tokens).old("osl"),
    metric(Q::Goodput, "goodput", "avg", RequestsPerSecond).old("request_goodput"),
    metric(Q::BenchmarkSeconds, "benchmark_duration", "avg", Seconds),
];

/// The fields with their statistic.
pub(crate) fn fields() -> Vec<(String, Quantity)> {
    let name = |metric: &Metric| {
        (
            format!("{}.{}", metric.name, metric.statistic),
            metric.quantity,
        )
    };
    METRICS.iter().map(name).collect()
}

/// One export.
pub(crate) struct Export<'a> {
    pub(super) format: &'static Format,
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    pub(crate) map: Map<String, Value>,
    /// Whether the metrics stand below `records`.
    wrapped: bool,
    /// Whether `records` is there and holds none.
    hollow: bool,
}

impl<'a> Export<'a> {
    /// The export of a file; what AIPerf 0.2 wrapped is unwrapped.
    pub(crate) fn new(
        format: &'static Format,
        path: &'a str,
        text: &'a str,
        mut map: Map<String, Value>,
    ) -> Self {
        let records = map.remove(RECORDS);
        let wrapped = matches!(records, Some(Value::Object(_)));
        let held = |records: &Value| records.as_object().is_some_and(|held| !held.is_empty());
        let hollow = records.as_ref().is_some_and(|records| !held(records));
        if let Some(Value::Object(records)) = records {
            for (name, value) in records {
                map.entry(name).or_insert(value);
            }
        }
        Export {
            format,
            path,
            text,
            map,
            wrapped,
            hollow,
        }
    }

    /// Whether the metrics can stand where they are looked for.
    pub(super) fn is_of_known_shape(&self) -> bool {
        !self.hollow
    }

    /// What was configured.
    pub(super) fn echo(&self) -> Echo<'_> {
        Echo::new(&self.map)
    }

    /// The metrics of the file.
    pub(crate) fn numbers(&self) -> Result<LevelResult> {
        let mut result = LevelResult::new(self.format, self.path);
        for metric in METRICS {
            if let Some(reading) = self.reading(metric.name, metric)? {
                result.push(metric.quantity, reading);
            }
        }
        Ok(result)
    }

    /// How many requests succeeded.
    pub(crate) fn requests(&self) -> Result<Option<f64>> {
        let metric = metric(Q::Requests, "request_count", "avg", Requests);
        let succeeded = self.reading(metric.name, &metric)?;
        Ok(succeeded.map(|reading| reading.value))
    }

    /// The result of the file.
    pub(super) fn result(&self) -> Result<LevelResult> {
        let mut result = self.numbers()?;
        aiperf_definitions::define(&mut result);
        let echo = self.echo();
        let flag = |key: &str| self.map.get(key).and_then(Value::as_bool);
        result.complete = flag("was_cancelled") != Some(true) && flag("is_complete") != Some(false);
        let echoed = load::of(&echo).map_err(|found| self.bad_load(&found))?;
        (result.load, result.place) = (echoed.load, echoed.place);
        result.varies = echoed.varies;
        result.model = echo.model();
        result.planned = echo.planned();
        result.warmup_requests = echo.warmup_requests();
        result.run_id = echo.run_id();
        result.start_time = statements::start_time(&self.map);
        result.validity = statements::against(&self.map);
        result.slo = echo.slo();
        let per_chunk = echo.flag("--per-chunk-usage", &["endpoint", "per_chunk_usage"]);
        let server_counts = echo.flag(
            "--use-server-token-count",
            &["endpoint", "use_server_token_count"],
        );
        aiperf_definitions::define_by_options(&mut result, server_counts, per_chunk);
        let succeeded = self.requests()?;
        counts::settle(&mut result, succeeded, &self.map, &echo);
        Ok(result)
    }

    fn bad_load(&self, found: &str) -> Fault {
        let keys: &[&str] = match self.map["input_config"].get("phases") {
            Some(_) => &["input_config", "phases"],
            None => &["input_config", "loadgen"],
        };
        Fault::new(Code::BadValue, found).at_field(
            self.path,
            json::line_of(self.text, keys),
            "concurrency",
        )
    }

    fn reading(&self, name: &str, metric: &Metric) -> Result<Option<Reading>> {
        let (statistic, dimension) = (metric.statistic, metric.dimension);
        let named = |key: &'_ str| self.map.get(key).filter(|value| !value.is_null());
        let found = match (named(name), metric.old) {
            (Some(object), _) => Some((name, object)),
            (None, Some(old)) => named(old).map(|object| (old, object)),
            (None, None) => None,
        };
        let Some((name, object)) = found else {
            return Ok(None);
        };
        let refuse = |code, found: String, expected: &str, key: &str| {
            let mut keys = vec![name, key];
            if self.wrapped {
                keys.insert(0, RECORDS);
            }
            Fault::new(code, format!("found {found}; expected {expected}")).at_field(
                self.path,
                json::line_of(self.text, &keys),
                &format!("{name}.{statistic}"),
            )
        };
        let Some(value) = object.get(statistic).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let Some(value) = value.as_f64() else {
            let found = json::kind(value).to_owned();
            return Err(refuse(Code::BadValue, found, "a number or null", statistic));
        };
        if value < 0.0 {
            let expected = "a number that is not negative";
            return Err(refuse(
                Code::BadValue,
                format!("{value}"),
                expected,
                statistic,
            ));
        }
        let unit = object.get("unit").and_then(Value::as_str);
        let unit = unit.unwrap_or_default();
        let Some(factor) = dimension.factor(unit) else {
            let found = format!("the unit {unit:?}");
            return Err(refuse(Code::BadValue, found, dimension.exported(), "unit"));
        };
        // AIPerf 0.2 writes a count of 1 with single values and none that means anything.
        let samples = object.get("count").and_then(Value::as_u64);
        Ok(Some(Reading {
            samples: samples.filter(|_| !self.wrapped && metric.of_requests()),
            ..Reading::exact(value * factor)
        }))
    }
}
