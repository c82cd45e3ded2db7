//! The policy file, `perfbridge_policy_v1`: JSON with the keys of `perfbridge.toml`.

use super::gating::{Gating, Inconclusive, SpeedOfLight, Waiver, end_of};
use super::policy_value::{At, PLACE, invalid, unknown};
use super::tolerance::{self, Amount, Origin, Set, Tolerances};
use crate::fault::Result;
use crate::json;
use crate::measure::metrics::Kind;
use crate::measure::{Metric, Name, Number, Quantity};
use crate::secret;
use crate::text::shorten;
use serde_json::Value;

/// The value of `schema` in a policy file, which may be left out.
pub const SCHEMA: &str = "perfbridge_policy_v1";

const KEYS: &[&str] = &[
    "schema",
    "headline_level",
    "vary",
    "observe_tails",
    "baseline_max_age_days",
    "tolerance",
    "rule",
    "min_effect",
    "fail_on",
    "require_tier",
    "inconclusive",
    "ratchet",
    "sol_pct",
    "waiver",
];

/// What a policy file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// The place of the headline, as it is written.
    pub headline: Option<String>,
    /// Identity fields that are declared as changed.
    pub vary: Vec<String>,
    /// Whether percentiles that the sample cannot carry stay out of the verdict.
    pub observe_tails: bool,
    /// Days after which a baseline is old.
    pub baseline_max_age_days: Option<f64>,
    /// Tolerances.
    pub tolerances: Tolerances,
    /// What the gate demands.
    pub gating: Gating,
}

impl File {
    /// Reads the JSON text of a file.
    ///
    /// Faults: no JSON object; a key that does not exist; a value that is none of its key. The place says which key:
    /// `policy: rule[2].metric`.
    pub fn parse(text: &str) -> Result<File> {
        let value = Value::Object(json::parse_object(PLACE, text)?);
        let root = At {
            path: String::new(),
            value: &value,
        };
        let mut file = File::default();
        for (key, at) in root.table(KEYS)? {
            file.read(key, &at)?;
        }
        Ok(file)
    }

    fn read(&mut self, key: &str, at: &At<'_>) -> Result<()> {
        match key {
            "headline_level" => {
                self.headline =
                    Some(at.written(&["a concurrency such as 16, or a rate such as \"5/s\""])?)
            }
            "vary" => {
                for item in at.list()? {
                    self.vary.push(item.text()?.to_owned());
                }
            }
            "observe_tails" => self.observe_tails = at.flag()?,
            "baseline_max_age_days" => self.baseline_max_age_days = Some(at.number("of days")?),
            "tolerance" => tolerances(at, None, &mut self.tolerances.sets)?,
            "rule" => {
                for (number, rule) in (1..).zip(at.list()?) {
                    let set = read_rule(&rule, number)?;
                    self.tolerances.sets.push(set);
                }
            }
            "min_effect" => self.tolerances.min_effect = at.number("of percent")?,
            "schema" if at.text()? != SCHEMA => return Err(at.wrong(&format!("{SCHEMA:?}"))),
            "schema" => {}
            _ => self.gate(key, at)?,
        }
        Ok(())
    }

    fn gate(&mut self, key: &str, at: &At<'_>) -> Result<()> {
        let gating = &mut self.gating;
        gating.asked = true;
        match key {
            "ratchet" => gating.ratchet = at.flag()?,
            "sol_pct" => gating.sol = Some(speed_of_light(at)?),
            "waiver" => {
                for waiver in at.list()? {
                    gating.waivers.push(read_waiver(&waiver)?);
                }
            }
            _ => {
                let chosen = choose_for_gate(gating, key, at.text()?);
                return chosen.map_err(|fault| at.place(fault));
            }
        }
        Ok(())
    }
}

/// What `gate` is for a promotion.
const FORWARD: &str = "forward";

/// Sets one of the choices that a command line can state too, or something that only a caller knows: the day, and the
/// file at which reports stand.
///
/// Faults: no such choice, a value that is none of it.
pub fn choose(gating: &mut Gating, key: &str, value: &str) -> Result<()> {
    let (of_caller, is_one, expected) = match key {
        "today" => (
            &mut gating.today,
            end_of(value).is_some(),
            "a day such as 2027-01-31",
        ),
        "report_at" => (
            &mut gating.report_at,
            !value.is_empty() && !value.starts_with('/') && !value.contains(char::is_control),
            "a path below the repository",
        ),
        _ => return choose_for_gate(gating, key, value),
    };
    if !is_one {
        return Err(invalid(format!(
            "found \"{}\" as {key}; expected {expected}",
            shorten(value)
        )));
    }
    *of_caller = Some(value.to_owned());
    Ok(())
}

fn choose_for_gate(gating: &mut Gating, key: &str, value: &str) -> Result<()> {
    gating.asked = true;
    let inconclusive = Inconclusive::ALL.map(Inconclusive::as_str);
    let known: &[&str] = match key {
        "gate" => &["true", FORWARD],
        "fail_on" => &["red", "yellow"],
        "require_tier" => &["verdict", "draft"],
        "inconclusive" => &inconclusive,
        _ => {
            return Err(unknown(
                key,
                &["fail_on", "require_tier", "inconclusive", "gate"],
            ));
        }
    };
    let Some(at) = known.iter().position(|name| *name == value) else {
        return Err(invalid(format!(
            "found \"{}\"; expected {}",
            shorten(value),
            known.join(", ")
        )));
    };
    match key {
        "fail_on" => gating.fails_on_yellow = at == 1,
        "require_tier" => gating.takes_drafts = at == 1,
        "inconclusive" => gating.inconclusive = Inconclusive::ALL[at],
        "gate" if at == 1 => gating.forward = true,
        _ => {}
    }
    Ok(())
}

/// The table `tolerance`; classes of kernels may be a table of their own in it.
fn tolerances(at: &At<'_>, prefix: Option<&str>, sets: &mut Vec<Set>) -> Result<()> {
    for (key, value) in at.map()? {
        let here = at.child(key, value);
        let written = match prefix {
            Some(prefix) => format!("{prefix}.{key}"),
            None => key.clone(),
        };
        let of_classes = prefix.is_some() || key == Quantity::KernelClass.name();
        if of_classes && value.is_object() {
            tolerances(&here, Some(&written), sets)?;
            continue;
        }
        let (metric, name, place) =
            tolerance::number(&written).map_err(|fault| here.place(fault))?;
        sets.push(Set {
            name,
            place,
            model: None,
            amount: amount(&here, metric)?,
            origin: Origin::Policy,
            rule: None,
        });
    }
    Ok(())
}

/// A tolerance, or a budget: percent and a floor together.
fn amount(at: &At<'_>, metric: &Metric) -> Result<Amount> {
    if !at.value.is_object() {
        let text = match at.value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let value = tolerance::value(metric, &text).map_err(|fault| at.place(fault))?;
        return Ok(Amount { value, floor: 0.0 });
    }
    let keys = at.table(&["percent", "floor"])?;
    if metric.kind == Kind::Absolute {
        return Err(at.wrong(&format!(
            "a number of points: {} is compared in points, which is a floor already",
            metric.name()
        )));
    }
    let number = |name: &str, of: &str| at.needs(&keys, name)?.number(of);
    Ok(Amount {
        value: number("percent", "of percent")?,
        floor: number("floor", &format!("of {}", metric.unit().as_str()))?,
    })
}

fn read_rule(at: &At<'_>, rule: usize) -> Result<Set> {
    let keys = at.table(&["metric", "place", "model", "tolerance"])?;
    let metric_at = at.needs(&keys, "metric")?;
    let (metric, name) = metric_of(&metric_at)?;
    let tolerance = at.needs(&keys, "tolerance")?;
    let mut set = Set {
        name,
        place: None,
        model: None,
        amount: amount(&tolerance, metric)?,
        origin: Origin::Policy,
        rule: Some(rule),
    };
    for (key, at) in keys {
        match key {
            "place" => set.place = Some(place_of(&at)?),
            "model" => set.model = Some(at.text()?.to_owned()),
            _ => {}
        }
    }
    Ok(set)
}

/// A metric without a place, which has a key of its own.
fn metric_of(at: &At<'_>) -> Result<(&'static Metric, Name)> {
    let text = at.text()?;
    match tolerance::number(text).map_err(|fault| at.place(fault))? {
        (metric, name, None) => Ok((metric, name)),
        _ => Err(at.wrong("a metric alone: the place has a key of its own, place")),
    }
}

fn place_of(at: &At<'_>) -> Result<crate::measure::Place> {
    let text = at.written(&["a place such as \"c16\", \"5/s\" or \"server\""])?;
    tolerance::at_place(&text).map_err(|fault| at.place(fault))
}

fn read_waiver(at: &At<'_>) -> Result<Waiver> {
    let keys = at.table(&["metric", "place", "model", "reason", "owner", "expires"])?;
    let text = |name: &str| {
        let at = at.needs(&keys, name)?;
        at.text().map(str::to_owned)
    };
    let (_, name) = metric_of(&at.needs(&keys, "metric")?)?;
    let place = place_of(&at.needs(&keys, "place")?)?;
    let expires = text("expires")?;
    if end_of(&expires).is_none() {
        let at = at.needs(&keys, "expires")?;
        return Err(at.wrong("the last day on which it holds, for instance 2027-01-31"));
    }
    let model = keys.iter().find(|(key, _)| *key == "model");
    Ok(Waiver {
        number: Number { place, name },
        model: match model {
            Some((_, at)) => Some(at.text()?.to_owned()),
            None => None,
        },
        // They stand in every output.
        reason: secret::redact(&text("reason")?),
        owner: secret::redact(&text("owner")?),
        expires,
    })
}

fn speed_of_light(at: &At<'_>) -> Result<SpeedOfLight> {
    let mut sol = SpeedOfLight::default();
    for (key, at) in at.table(&["min", "max_loss"])? {
        match key {
            "min" => sol.min = Some(at.number("of percent")?),
            _ => sol.max_loss = Some(at.number("of points")?),
        }
    }
    match sol == SpeedOfLight::default() {
        true => Err(at.wrong("min, max_loss or both: the share of the ceiling that is demanded")),
        false => Ok(sol),
    }
}
