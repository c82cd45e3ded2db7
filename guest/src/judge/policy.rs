//! Tolerances and choices: defaults, a policy file, the command line.

use crate::fault::{Fault, Result, Sub};
use crate::fields;
use crate::measure::metrics::Kind;
use crate::measure::{METRICS, Metric, Name, Number, Place};
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

/// One tolerance as typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// A metric name, or a short one; of one place alone with `@` and the place, `ttft_p50_ms@c4`.
    pub metric: String,
    /// Percent or points.
    pub value: String,
    /// Who set it; of two for one metric the command line wins, else the later one.
    pub origin: Origin,
}

/// What the caller asks for, as typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// Tolerances, in order.
    pub tolerances: Vec<Written>,
    /// The place of the headline, in any form: `16`, `c16`, `5/s`.
    pub headline: Option<String>,
    /// Identity fields that the operator declares as what they changed, in order.
    pub vary: Vec<String>,
    /// Whether percentiles that the sample cannot carry stay out of the verdict.
    pub observe_tails: bool,
    /// Days after which a baseline is old; [`BASELINE_MAX_AGE_DAYS`] where nobody says it.
    pub baseline_max_age_days: Option<f64>,
}

/// A baseline all of whose runs are older than so many days is old.
pub const BASELINE_MAX_AGE_DAYS: f64 = 30.0;

/// The checked policy.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    tolerances: BTreeMap<Name, (f64, Origin)>,
    /// Of one place alone.
    at_places: BTreeMap<Number, (f64, Origin)>,
    /// The place of the headline that was asked for.
    pub headline: Option<Place>,
    /// Identity fields that the operator declares as what they changed.
    pub vary: Vec<String>,
    /// Whether percentiles that the sample cannot carry stay out of the verdict.
    pub observe_tails: bool,
    max_age_days: Option<f64>,
}

impl Policy {
    /// Checks a request.
    ///
    /// Faults: a metric or identity name that does not exist, a value that is not a finite number from 0 on.
    pub fn new(request: &Request) -> Result<Policy> {
        let mut policy = Policy {
            headline: request.headline.as_deref().map(headline).transpose()?,
            vary: request.vary.clone(),
            observe_tails: request.observe_tails,
            max_age_days: request.baseline_max_age_days.map(max_age).transpose()?,
            ..Policy::default()
        };
        for origin in [Origin::Policy, Origin::CommandLine] {
            for written in request
                .tolerances
                .iter()
                .filter(|written| written.origin == origin)
            {
                policy
                    .set(&written.metric, &written.value, origin)
                    .map_err(|fault| Fault {
                        message: format!("tolerance.{}: {}", written.metric, fault.message),
                        ..fault
                    })?;
            }
        }
        policy.vary.iter().try_for_each(|name| check_vary(name))?;
        Ok(policy)
    }

    /// Days after which a baseline is old.
    pub fn baseline_max_age_days(&self) -> f64 {
        self.max_age_days.unwrap_or(BASELINE_MAX_AGE_DAYS)
    }

    fn set(&mut self, written: &str, value: &str, origin: Origin) -> Result<()> {
        let (of, place) = match written.split_once('@') {
            Some((of, place)) => (of, Some(at_place(place)?)),
            None => (written, None),
        };
        let known = Name::written(of).and_then(|name| Some((name.metric()?, name)));
        let (metric, name) = known.ok_or_else(|| unknown_metric(of))?;
        let value = parse_value(metric, value)? * metric.per_written();
        match place {
            Some(place) => {
                let number = Number { place, name };
                self.at_places.insert(number, (value, origin))
            }
            None => self.tolerances.insert(name, (value, origin)),
        };
        Ok(())
    }

    /// The tolerance of a number where it stands: of its place, else of its name alone.
    pub fn tolerance_of(&self, metric: &Metric, number: &Number) -> (f64, Origin) {
        let here = self.at_places.get(number).copied();
        here.unwrap_or_else(|| self.tolerance(metric, &number.name))
    }

    /// The tolerance of a number, in its unit (percent, or the metric's own), and who set it: of its own name, else
    /// of its family, else the default.
    pub fn tolerance(&self, metric: &Metric, name: &Name) -> (f64, Origin) {
        let of_metric = || self.tolerances.get(&Name::Of(metric.quantity));
        let set = self.tolerances.get(name).or_else(of_metric);
        set.copied()
            .unwrap_or((metric.default_tolerance(), Origin::Default))
    }
}

/// The place of a tolerance that is written `ttft_p50_ms@c4`.
fn at_place(text: &str) -> Result<Place> {
    text.parse().map_err(|()| {
        Fault::because(
            Sub::PlaceInvalid,
            format!(
                "found the place {text:?}; expected a concurrency such as c4, or a rate such as 5/s"
            ),
        )
    })
}

/// The place of the headline. Throughput is measured where load is put on the server.
fn headline(text: &str) -> Result<Place> {
    let place = text.parse().ok();
    place
        .filter(|place: &Place| place.is_cell())
        .ok_or_else(|| {
            Fault::because(
                Sub::PlaceInvalid,
                format!("the headline level is {text}; expected a concurrency from 1 on, or a rate such as 5/s"),
            )
        })
}

fn max_age(days: f64) -> Result<f64> {
    if days.is_finite() && days >= 0.0 {
        return Ok(days);
    }
    Err(Fault::because(
        Sub::ToleranceInvalid,
        format!("baseline_max_age_days: found {days}; expected a finite number of days from 0 on"),
    ))
}

fn parse_value(metric: &Metric, text: &str) -> Result<f64> {
    let trimmed = text.trim();
    let (number, percent) = match trimmed.strip_suffix('%') {
        Some(number) => (number.trim_end(), true),
        None => (trimmed, false),
    };
    if percent && metric.kind == Kind::Absolute {
        return Err(Fault::because(
            Sub::ToleranceInvalid,
            format!(
                "found {text:?}; {} is compared in absolute points, expected a number without %",
                metric.name()
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
            Err(Fault::because(
                Sub::ToleranceInvalid,
                format!("found {text:?}; expected a finite number from 0 on, in {unit}"),
            ))
        }
    }
}

pub(super) fn unknown_metric(name: &str) -> Fault {
    let known = || {
        METRICS
            .iter()
            .flat_map(|metric| metric.short.into_iter().chain([metric.name()]))
    };
    let hint = match fields::nearest(name, known()) {
        Some(near) => format!("Did you mean {near}?"),
        None => format!(
            "The metrics are: {}",
            known().collect::<Vec<_>>().join(", ")
        ),
    };
    Fault::because(
        Sub::MetricUnknown,
        format!("there is no metric {name:?} with a tolerance. {hint}"),
    )
}

fn check_vary(name: &str) -> Result<()> {
    let known = fields::identity_names();
    if known.contains(&name) {
        return Ok(());
    }
    let hint = match fields::nearest(name, known.iter().copied()) {
        Some(near) => format!("Did you mean {near}? "),
        None => String::new(),
    };
    Err(Fault::because(
        Sub::VaryUnknown,
        format!(
            "{name:?} is declared as varied, which is no identity field. {hint}The identity fields are: {}",
            known.join(", ")
        ),
    ))
}
