//! Why a row has its status, in one sentence.

use super::row::{Arm, Row};
use super::status::Status;
use super::tolerance::in_words;
use crate::measure::shown;
use crate::stats::Doubt;

/// The sentence: rule, tolerance and its origin, noise and its origin, numbers.
pub fn explain(row: &Row) -> String {
    let numbers = format!("{} -> {}", row.shown.baseline, row.shown.current);
    let tolerance = format!(
        "the tolerance of {} ({})",
        row.shown.tolerance,
        row.applied.source(row.metric)
    );
    // Where pairs decide, the change shown is theirs, which is not that of the two numbers.
    let change = match row.known.paired_change {
        Some(_) => {
            let of_numbers = shown::change(row.metric, row.delta, row.delta_pct);
            format!("{of_numbers}, inside the pairs {}", row.shown.change)
        }
        None => row.shown.change.clone(),
    };
    let judged = match row.status {
        Status::Regressed => {
            format!("{numbers} is a change of {change} for the worse, beyond {tolerance}")
        }
        Status::Unresolved => {
            let doubt = row.known.doubt.map(|doubt| match doubt {
                Doubt::Noise => "inside the noise",
                other => other.words(),
            });
            let why = row.because.as_deref().or(doubt);
            let why = why.unwrap_or("inside the noise");
            format!(
                "{numbers} is a change of {change}, which cannot be called a regression beyond {tolerance}: {why}"
            )
        }
        Status::Improved => {
            format!("{numbers} is a change of {change} for the better, beyond {tolerance}")
        }
        Status::Within if row.because.is_some() => {
            format!(
                "{numbers} is a change of {change}, which counts as within{}",
                because(row)
            )
        }
        Status::Within => format!("{numbers} is a change of {change}, within {tolerance}"),
        Status::NullLegacyBaseline => {
            format!("{numbers}: not measured on both sides, so not judged")
        }
        Status::UnmatchedLevel => {
            format!("{numbers}: the level is on one side only, so not judged")
        }
        Status::DefinitionMismatch => format!(
            "{numbers}: the two sides measure different quantities under this name, so not judged{}",
            because(row)
        ),
        Status::Unreliable => format!(
            "{numbers}: a number of this level is an artefact of measuring, so not judged{}",
            because(row)
        ),
        Status::Observed => format!(
            "{numbers}: too few requests for this percentile, kept out of the verdict by request"
        ),
    };
    format!("{}: {judged}{}.", in_words(&row.number), noise(row))
}

fn because(row: &Row) -> String {
    let because = row.because.as_ref();
    because.map_or(String::new(), |why| format!(" ({why})"))
}

fn noise(row: &Row) -> String {
    let known = &row.known;
    let Some(noise) = &known.noise else {
        return String::new();
    };
    let unit = row.unit_of_change();
    let mut text = of_trials(row);
    text += &format!(
        "; noise from {}: {} runs, standard deviation {:.3}{unit}, identical runs differ by up to {:.3}{unit} once in twenty",
        noise.method, noise.n, noise.std, noise.relative_floor
    );
    if let Some([low, high]) = known.interval {
        text.push_str(&format!(
            ", 99 % interval of the change {low:+.3} to {high:+.3}{unit}"
        ));
    }
    if let Some(p) = known.p_value {
        text.push_str(&format!(", p {p:.4}"));
    }
    text
}

/// The trials of both sides, and the change inside pairs.
fn of_trials(row: &Row) -> String {
    let mut text = String::new();
    if let Some(arms) = row.known.trials {
        let side = |arm: Arm| {
            let shown = |value: Option<f64>| shown::of_unit(value, row.metric.unit());
            format!("{} trials {} ± {}", arm.n, shown(arm.mean), shown(arm.std))
        };
        let (before, now) = (side(arms.baseline), side(arms.current));
        text = format!("; {before} against {now}");
    }
    let pairs = row.known.noise.as_ref().map_or(0, |noise| noise.pairs);
    if let Some(change) = row.known.paired_change {
        let unit = row.unit_of_change();
        text += &format!(
            "; judged by the median of the differences inside {pairs} pairs, {change:+.3}{unit}"
        );
    }
    text
}
