//! What a caller asks for: a policy file, and the command line, which wins.

use super::gating::Gating;
use super::policy_file::{File, choose};
pub use super::tolerance::Origin;
use super::tolerance::{self, Amount, Applied, Asked, Set, Tolerances};
use crate::fault::{Fault, Result, Sub};
use crate::fields;
use crate::measure::{Metric, Name, Number, Place};

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
    /// A policy file as JSON text, `perfbridge_policy_v1`. Everything else wins over it.
    pub file: Option<String>,
    /// Choices for the gate by the name of their key in the file, with `gate` = `true` to have one.
    pub choices: Vec<(String, String)>,
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// Every tolerance that was written.
    pub tolerances: Tolerances,
    /// The place of the headline that was asked for.
    pub headline: Option<Place>,
    /// Identity fields that the operator declares as what they changed.
    pub vary: Vec<String>,
    /// Whether percentiles that the sample cannot carry stay out of the verdict.
    pub observe_tails: bool,
    /// What the gate demands.
    pub gating: Gating,
    max_age_days: Option<f64>,
}

impl Policy {
    /// Checks a request.
    ///
    /// Faults: those of the file; a metric or identity name that does not exist, a value that is not a finite number
    /// from 0 on, a choice that does not exist. The place of one in the file begins with `policy`.
    pub fn new(request: &Request) -> Result<Policy> {
        let of_file = |key: &'static str| move |fault: Fault| fault.at(format!("policy: {key}"));
        let file = match &request.file {
            Some(text) => File::parse(text)?,
            None => File::default(),
        };
        let in_file = file.headline.as_deref().map(headline).transpose();
        let in_file = in_file.map_err(of_file("headline_level"))?;
        let typed = request.headline.as_deref().map(headline).transpose()?;
        file.vary
            .iter()
            .try_for_each(|name| check_vary(name))
            .map_err(of_file("vary"))?;
        request.vary.iter().try_for_each(|name| check_vary(name))?;
        let max_age_days = request.baseline_max_age_days.map(max_age).transpose()?;
        let mut policy = Policy {
            tolerances: file.tolerances,
            headline: typed.or(in_file),
            vary: file.vary,
            observe_tails: file.observe_tails || request.observe_tails,
            gating: file.gating,
            max_age_days: max_age_days.or(file.baseline_max_age_days),
        };
        policy.vary.extend(request.vary.iter().cloned());
        for written in &request.tolerances {
            let set = set(written).map_err(|fault| Fault {
                message: format!("tolerance.{}: {}", written.metric, fault.message),
                ..fault
            })?;
            policy.tolerances.sets.push(set);
        }
        for (key, value) in &request.choices {
            choose(&mut policy.gating, key, value)?;
        }
        Ok(policy)
    }

    /// Days after which a baseline is old.
    pub fn baseline_max_age_days(&self) -> f64 {
        self.max_age_days.unwrap_or(BASELINE_MAX_AGE_DAYS)
    }

    /// The tolerance of a number where it stands, of this model and against this number of the baseline.
    pub fn tolerance_of(
        &self,
        metric: &Metric,
        number: &Number,
        model: &str,
        baseline: Option<f64>,
    ) -> Applied {
        self.tolerances.of(
            metric,
            &Asked {
                name: &number.name,
                place: Some(number.place),
                model,
                baseline,
            },
        )
    }

    /// The tolerance of a name wherever it stands, in its unit: percent, or the metric's own.
    pub fn tolerance(&self, metric: &Metric, name: &Name) -> f64 {
        let asked = Asked {
            name,
            place: None,
            model: "",
            baseline: None,
        };
        self.tolerances.of(metric, &asked).value
    }
}

fn set(written: &Written) -> Result<Set> {
    let (metric, name, place) = tolerance::number(&written.metric)?;
    let value = tolerance::value(metric, &written.value)?;
    Ok(Set {
        name,
        place,
        model: None,
        amount: Amount { value, floor: 0.0 },
        origin: written.origin,
        rule: None,
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
