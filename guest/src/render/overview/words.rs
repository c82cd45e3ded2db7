//! What every form of an overview says in the same words.

use super::super::screen::clean;
use super::super::told;
use crate::judge::overview::{Course, Overview};
use crate::judge::row::delta;
use crate::measure::shown;

/// Which runs there are: `12 registered runs, 2026-09-01 to 2026-11-28: 9 baselines, 3 observations`.
pub(super) fn about(overview: &Overview) -> String {
    let day = |stamp: &str| clean(stamp.get(..10).unwrap_or(stamp));
    let [first, last] = [overview.runs.first(), overview.runs.last()]
        .map(|run| run.map_or_else(String::new, |run| day(&run.stamp)));
    let all = overview.runs.len();
    let observed = overview
        .runs
        .iter()
        .filter(|run| run.is_observation)
        .count();
    format!(
        "{}: {all} registered runs, {first} to {last}: {} baselines, {observed} observations",
        clean(&overview.model),
        all - observed
    )
}

/// What a number is called: `c16 TTFT p50`.
pub(super) fn name(course: &Course) -> String {
    format!("{} {}", course.number.place, told::name(&course.number))
}

/// A value with its unit.
pub(super) fn value(course: &Course, value: f64) -> String {
    told::with_unit(
        &shown::of_unit(Some(value), course.metric.unit()),
        course.metric,
    )
}

/// Both sides of a change, and by how much.
pub(super) fn step(course: &Course, before: f64, after: f64) -> String {
    let [delta, percent] = delta(Some(before), Some(after));
    format!(
        "{} -> {} ({})",
        shown::of_unit(Some(before), course.metric.unit()),
        value(course, after),
        shown::change(course.metric, delta, percent)
    )
}

/// Every run at which a number changed: what it is called, which numbers did, and what changed there.
pub(super) fn changes(overview: &Overview) -> Vec<[String; 3]> {
    let mut all = Vec::new();
    for (at, words) in &overview.changed {
        let mut numbers = Vec::new();
        for course in &overview.courses {
            for change in course.changes.iter().filter(|change| change.at == *at) {
                let step = step(course, change.before, change.after);
                numbers.push(format!("{} {step}", name(course)));
            }
        }
        let run = &overview.runs[*at];
        let numbers = told::listed(&numbers, 4).unwrap_or_default();
        all.push([clean(&run.slug), numbers, clean(words)]);
    }
    all
}
