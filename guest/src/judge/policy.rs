//! Tolerances and choices: defaults, a policy file, the command line.

use crate::fault::{Code, Fault, Result};
use crate::fields;
use crate::metrics::{self, KERNEL_CLASS, Kind, METRICS, Metric};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Who set a tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The table of defaults.
    Default,
    /// The policy file.
    Policy,
    /// The command line.
    CommandLine,
}

impl Origin {
    /// The origin as rows carry it.
    pub fn as_str(self) -> &'static str {
        match self {
            Origin::Default => "default",
            Origin::Policy => "policy",
            Origin::CommandLine => "command-line",
        }
    }
}

/// What the caller asks for, as typed.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Text of the TOML policy file.
    pub policy_toml: Option<String>,
    /// Name of the policy file in faults.
    pub policy_name: Option<String>,
    /// `--tolerance.<metric> <value>`, in order.
    pub tolerances: Vec<(String, String)>,
    /// `--headline-level`.
    pub headline_level: Option<u32>,
    /// `--vary`, in order.
    pub vary: Vec<String>,
    /// `--tails observe`.
    pub observe_tails: bool,
}

/// The checked policy.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    tolerances: BTreeMap<String, (f64, Origin)>,
    /// The headline level that was asked for.
    pub headline_level: Option<u32>,
    /// Identity fields that the operator declares as what they changed.
    pub vary: Vec<String>,
    /// Whether percentiles that the sample cannot carry stay out of the verdict.
    pub observe_tails: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    headline_level: Option<u32>,
    #[serde(default)]
    observe_tails: bool,
    #[serde(default)]
    vary: Vec<String>,
    #[serde(default)]
    tolerance: toml::Table,
}

impl Policy {
    /// Checks a request.
    ///
    /// Faults: a policy file that cannot be read, a metric or identity name that does not exist, a value that
    /// is not a finite number from 0 on.
    pub fn new(request: &Request) -> Result<Policy> {
        let mut policy = Policy::default();
        if let Some(text) = &request.policy_toml {
            policy.read_file(text, request.policy_name.as_deref().unwrap_or("policy"))?;
        }
        for (name, value) in &request.tolerances {
            policy
                .set(name, value, Origin::CommandLine)
                .map_err(|fault| Fault {
                    message: format!("--tolerance.{name}: {}", fault.message),
                    ..fault
                })?;
        }
        policy.observe_tails |= request.observe_tails;
        policy.headline_level = request.headline_level.or(policy.headline_level);
        if policy.headline_level == Some(0) {
            return Err(Fault::new(
                Code::Usage,
                "the headline level is 0; expected a concurrency from 1 on",
            ));
        }
        for name in &request.vary {
            policy.vary.push(name.clone());
        }
        for name in &policy.vary {
            check_vary(name)?;
        }
        Ok(policy)
    }

    fn read_file(&mut self, text: &str, name: &str) -> Result<()> {
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| 1 + text[..span.start].matches('\n').count() as u64);
            let message = format!(
                "found a policy that cannot be read ({}); expected TOML with headline_level, vary, observe_tails and a [tolerance] table",
                error.message()
            );
            let fault = Fault::new(Code::Usage, message);
            match line {
                Some(line) => fault.at_line(name, line),
                None => fault.at(name),
            }
        })?;
        self.headline_level = file.headline_level;
        self.vary = file.vary;
        self.observe_tails = file.observe_tails;
        for (metric, value) in flatten(&file.tolerance) {
            self.set(&metric, &value, Origin::Policy)
                .map_err(|fault| fault.at(format!("{name}: tolerance.{metric}")))?;
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: &str, origin: Origin) -> Result<()> {
        let metric = metrics::find_written(name).ok_or_else(|| unknown_metric(name))?;
        let written = parse_value(metric, value)?;
        let key = if metric.name == KERNEL_CLASS && name.contains('.') {
            name
        } else {
            metric.name
        };
        self.tolerances
            .insert(key.to_owned(), (written * metric.per_written, origin));
        Ok(())
    }

    /// The tolerance of a row, in the unit of its number (percent, or the metric's own), and who set it.
    pub fn tolerance(&self, metric: &Metric, row_name: &str) -> (f64, Origin) {
        let set = self
            .tolerances
            .get(row_name)
            .or_else(|| self.tolerances.get(metric.name));
        set.copied()
            .unwrap_or((metric.default * metric.per_written, Origin::Default))
    }
}

/// `[tolerance]` may nest: `kernel_class_gpu_pct.fp8_bmm = 4` is a table in TOML.
fn flatten(table: &toml::Table) -> Vec<(String, String)> {
    let mut flat = Vec::new();
    for (key, value) in table {
        match value {
            toml::Value::Table(inner) => {
                flat.extend(
                    flatten(inner)
                        .into_iter()
                        .map(|(inner, value)| (format!("{key}.{inner}"), value)),
                );
            }
            toml::Value::String(text) => flat.push((key.clone(), text.clone())),
            toml::Value::Integer(number) => flat.push((key.clone(), number.to_string())),
            toml::Value::Float(number) => flat.push((key.clone(), number.to_string())),
            other => flat.push((key.clone(), other.type_str().to_owned())),
        }
    }
    flat
}

fn parse_value(metric: &Metric, text: &str) -> Result<f64> {
    let trimmed = text.trim();
    let (number, percent) = match trimmed.strip_suffix('%') {
        Some(number) => (number.trim_end(), true),
        None => (trimmed, false),
    };
    if percent && metric.kind == Kind::Absolute {
        return Err(Fault::new(
            Code::Usage,
            format!(
                "found {text:?}; {} is compared in absolute points, expected a number without %",
                metric.name
            ),
        ));
    }
    match number.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        _ => {
            let unit = if metric.kind == Kind::Percent {
                "percent, for instance 5 or 5%"
            } else {
                "points, for instance 2"
            };
            Err(Fault::new(
                Code::Usage,
                format!("found {text:?}; expected a finite number from 0 on, in {unit}"),
            ))
        }
    }
}

fn unknown_metric(name: &str) -> Fault {
    let known = || {
        METRICS
            .iter()
            .flat_map(|metric| metric.short.into_iter().chain([metric.name]))
    };
    let hint = match fields::nearest(name, known()) {
        Some(near) => format!("Did you mean {near}?"),
        None => format!(
            "The metrics are: {}",
            known().collect::<Vec<_>>().join(", ")
        ),
    };
    Fault::new(
        Code::Usage,
        format!("there is no metric {name:?} with a tolerance. {hint}"),
    )
}

fn check_vary(name: &str) -> Result<()> {
    let known = super::identity::names();
    if known.contains(&name) {
        return Ok(());
    }
    let hint = match fields::nearest(name, known.iter().copied()) {
        Some(near) => format!("Did you mean {near}? "),
        None => String::new(),
    };
    Err(Fault::new(
        Code::Usage,
        format!(
            "--vary names {name:?}, which is no identity field. {hint}The identity fields are: {}",
            known.join(", ")
        ),
    ))
}
