//! Every number over the registered runs, for a terminal and as a page.

mod page;
mod text;

use super::layout::Layout;
use super::screen::clean;
use super::told;
use crate::fault::{Fault, Result, Sub};
use crate::judge::overview::{Course, Overview};
use crate::judge::row::delta;
use crate::measure::shown;

/// A form: its name and what makes its text.
pub type Form = (&'static str, fn(&Overview, Layout) -> String);

/// Every form.
pub const FORMS: &[Form] = &[
    ("text", |overview, layout| {
        text::render(overview, layout, true)
    }),
    ("ascii", |overview, layout| {
        text::render(overview, layout, false)
    }),
    ("page", |overview, _| page::render(overview)),
];

/// The form of a name.
///
/// Faults: there is no such form; those there are are listed.
pub fn form(name: &str) -> Result<Form> {
    let found = FORMS.iter().find(|form| form.0 == name);
    found.copied().ok_or_else(|| {
        Fault::because(
            Sub::FormUnknown,
            format!("found the form {name:?} of an overview; expected one of text, ascii, page"),
        )
    })
}

/// Which runs there are: `12 registered runs, 2026-09-01 to 2026-11-28: 9 baselines, 3 observations`.
fn about(overview: &Overview) -> String {
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
fn name(course: &Course) -> String {
    format!("{} {}", course.number.place, told::name(&course.number))
}

/// A value with its unit.
fn value(course: &Course, value: f64) -> String {
    told::with_unit(
        &shown::of_unit(Some(value), course.metric.unit()),
        course.metric,
    )
}

/// Both sides of a change, and by how much.
fn step(course: &Course, before: f64, after: f64) -> String {
    let [delta, percent] = delta(Some(before), Some(after));
    format!(
        "{} -> {} ({})",
        shown::of_unit(Some(before), course.metric.unit()),
        value(course, after),
        shown::change(course.metric, delta, percent)
    )
}

/// Every run at which a number changed: what it is called, which numbers did, and what changed there.
fn changes(overview: &Overview) -> Vec<[String; 3]> {
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
