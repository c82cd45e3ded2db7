//! What may change before it counts: tolerances, for which numbers each was written, and which of several applies.

use crate::fault::{Fault, Result, Sub};
use crate::fields;
use crate::measure::metrics::Kind;
use crate::measure::{METRICS, Metric, Name, Number, Place};
use crate::text::excerpt;

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

/// How much may change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amount {
    /// Percent of the baseline, or in the unit of a metric that is compared in points.
    pub value: f64,
    /// In the unit of the metric: less than this does not count either, however many percent it is. 0 for none.
    pub floor: f64,
}

/// A tolerance, and for what it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    /// The number, or the family of kernel classes.
    pub name: Name,
    /// Where it applies; everywhere if none is named.
    pub place: Option<Place>,
    /// The models for which it applies, see [`matches()`]; every one if none is named.
    pub model: Option<String>,
    /// How much.
    pub amount: Amount,
    /// Who wrote it.
    pub origin: Origin,
    /// Which rule of the policy file it is, counted from 1; none for the table `tolerance` and for the command line.
    pub rule: Option<usize>,
}

impl Set {
    /// Which of several applies: the highest. The command line wins over rules, these over the table of the file; of
    /// rules the later one, else what names the place, else what names the class.
    fn rank(&self, metric: &Metric, asked: &Asked<'_>) -> Option<u8> {
        let exact = self.name == *asked.name;
        let named = exact || self.name == Name::Of(metric.quantity);
        let here = self.place.is_none_or(|of| Some(of) == asked.place)
            && is_meant(self.model.as_deref(), asked.model);
        let nearer = 2 * u8::from(self.place.is_some()) + u8::from(exact);
        (named && here).then_some(match (self.origin, self.rule) {
            (Origin::CommandLine, _) => 8 + nearer,
            (_, Some(_)) => 4,
            _ => nearer,
        })
    }
}

/// What made a tolerance larger than its percentage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Raised {
    /// The floor of a budget, in the unit of the metric.
    Floor(f64),
    /// The smallest change that may count, in percent.
    MinEffect(f64),
}

/// The tolerance of one number, and where it is from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Applied {
    /// In percent, or in the unit of the number.
    pub value: f64,
    /// Who set it.
    pub origin: Origin,
    /// Which rule of the policy file, counted from 1.
    pub rule: Option<usize>,
    /// What made it larger than was written.
    pub raised: Option<Raised>,
}

impl Applied {
    /// The tolerance as it is printed: one that a floor made is a quotient, of which two decimals say enough.
    pub fn printed(&self) -> f64 {
        match self.raised {
            Some(_) => (100.0 * self.value).round() / 100.0,
            None => self.value,
        }
    }

    /// Where it is from, in words: `default`, `policy`, `policy, rule 2`, `policy, raised by the floor of 2 ms`.
    pub fn source(&self, metric: &Metric) -> String {
        let mut text = self.origin.as_str().to_owned();
        if let Some(rule) = self.rule {
            text.push_str(&format!(", rule {rule}"));
        }
        match self.raised {
            Some(Raised::Floor(floor)) => {
                let unit = metric.unit().as_str();
                text.push_str(&format!(", raised by the floor of {floor} {unit}"));
            }
            Some(Raised::MinEffect(least)) => {
                text.push_str(&format!(", raised by min_effect {least} %"));
            }
            None => {}
        }
        text
    }
}

/// A percentage that no change reaches; a floor over a baseline of next to nothing would be no number.
const MOST: f64 = 1e9;

/// Every tolerance that was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tolerances {
    /// In the order in which they were written.
    pub sets: Vec<Set>,
    /// In percent: the smallest change that may count, for metrics that are compared in percent.
    pub min_effect: f64,
}

impl Tolerances {
    /// The tolerance of a number; of its name alone where no place is given, without floors where no baseline is.
    pub fn of(&self, metric: &Metric, asked: &Asked<'_>) -> Applied {
        let mut best: Option<(u8, &Set)> = None;
        for set in &self.sets {
            let Some(rank) = set.rank(metric, asked) else {
                continue;
            };
            if best.is_none_or(|(of, _)| rank >= of) {
                best = Some((rank, set));
            }
        }
        let mut applied = Applied {
            value: metric.default_tolerance(),
            origin: Origin::Default,
            rule: None,
            raised: None,
        };
        let mut floor = 0.0;
        if let Some((_, set)) = best {
            applied.value = set.amount.value;
            applied.origin = set.origin;
            applied.rule = set.rule;
            floor = set.amount.floor;
        }
        let base = asked.baseline.filter(|base| *base != 0.0);
        let least = base.map_or(0.0, |base| (100.0 * floor / base.abs()).min(MOST));
        if least > applied.value {
            applied.value = least;
            applied.raised = Some(Raised::Floor(floor));
        }
        if metric.kind == Kind::Percent && self.min_effect > applied.value {
            applied.value = self.min_effect;
            applied.raised = Some(Raised::MinEffect(self.min_effect));
            if applied.origin == Origin::Default {
                applied.origin = Origin::Policy;
            }
        }
        applied
    }
}

/// What a tolerance is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The number, or a class of kernels.
    pub name: &'a Name,
    /// Where it stands.
    pub place: Option<Place>,
    /// The model of the current run.
    pub model: &'a str,
    /// The baseline's number.
    pub baseline: Option<f64>,
}

/// Whether what is written for the models of a pattern, or for every one, is written for this one.
pub fn is_meant(pattern: Option<&str>, model: &str) -> bool {
    pattern.is_none_or(|pattern| matches(pattern, model))
}

/// The number of a text as people write it: a metric, and where it is one of a place alone, `@` and the place.
///
/// Faults: no such metric, no place.
pub fn number(written: &str) -> Result<(&'static Metric, Name, Option<Place>)> {
    let (of, place) = match written.split_once('@') {
        Some((of, place)) => (of, Some(at_place(place)?)),
        None => (written, None),
    };
    let known = Name::written(of).and_then(|name| Some((name.metric()?, name)));
    let (metric, name) = known.ok_or_else(|| unknown_metric(of))?;
    Ok((metric, name, place))
}

/// A number in words: `ttft_p50_ms at c4`.
pub fn in_words(number: &Number) -> String {
    format!("{} at {}", number.name, number.place)
}

/// The place of a tolerance that is written `ttft_p50_ms@c4`.
pub fn at_place(text: &str) -> Result<Place> {
    text.parse().map_err(|()| {
        Fault::because(
            Sub::PlaceInvalid,
            format!(
                "found the place {text:?}; expected a concurrency such as c4, a rate such as 5/s, server or profile"
            ),
        )
    })
}

/// What was written for a metric, in the unit of its tolerance.
///
/// Faults: no finite number from 0 on; a percentage of what is compared in points.
pub fn value(metric: &Metric, text: &str) -> Result<f64> {
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
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value * metric.per_written()),
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
        format!(
            "there is no metric {:?} with a tolerance. {hint}",
            excerpt(name)
        ),
    )
}

/// Whether a text is what a pattern describes: `*` stands for any characters, `?` for one. In time of at most the product
/// of both lengths, whatever the pattern.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where the last star stands, and how far it reaches so far.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, reach)) => {
                    star = Some((at, reach + 1));
                    p = at + 1;
                    t = reach + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}
