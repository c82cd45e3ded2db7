//! What every form of an overview says in the same words.

use super::super::screen::clean;
use super::super::told;
use crate::judge::history::Report;
use crate::judge::overview::Overview;
use crate::judge::row::delta;
use crate::measure::shown;

/// Which runs there are: `12 registered runs, 2026-09-01 to 2026-11-28: 9 baselines, 3 observations`.
pub(super) fn about(overview: &Overview) -> String {
    let Some(course) = overview.courses.first() else {
        return "the newest run has no number".to_owned();
    };
    let (report, all) = (&course.report, overview.observed.len());
    let day = |at: usize| {
        let stamp = &report.points[at].stamp;
        stamp.get(..10).unwrap_or(stamp)
    };
    let observed = overview.observed.iter().filter(|it| **it).count();
    clean(&format!(
        "{}: {all} registered runs, {} to {}: {} baselines, {observed} observations",
        report.model,
        day(0),
        day(all - 1),
        all - observed
    ))
}

/// What a number is called: `c16 TTFT p50`.
pub(super) fn name(report: &Report) -> String {
    format!("{} {}", report.number.place, told::name(&report.number))
}

/// A value with its unit.
pub(super) fn value(report: &Report, value: f64) -> String {
    let text = shown::of_unit(Some(value), report.metric.unit());
    told::with_unit(&text, report.metric)
}

/// The change from one value to another.
pub(super) fn change(report: &Report, before: f64, after: f64) -> String {
    let [delta, percent] = delta(Some(before), Some(after));
    shown::change(report.metric, delta, percent)
}

/// Every run at which a number changed: what it is called, which numbers did, and what changed there.
pub(super) fn changes(overview: &Overview) -> Vec<[String; 3]> {
    let mut all = Vec::new();
    for (at, words) in &overview.changed {
        let (mut numbers, mut slug) = (Vec::new(), "");
        for course in &overview.courses {
            let report = &course.report;
            slug = &report.points[*at].slug;
            for step in &report.changes {
                if report.place_of(step) == *at {
                    numbers.push(format!(
                        "{} {} -> {} ({})",
                        name(report),
                        shown::of_unit(Some(step.before), report.metric.unit()),
                        value(report, step.after),
                        change(report, step.before, step.after)
                    ));
                }
            }
        }
        let numbers = told::listed(&numbers, 4).unwrap_or_default();
        all.push([slug, &numbers, words].map(clean));
    }
    all
}

/// Runs that are not compared with the newest, and why; of several numbers the first that says it.
pub(super) fn left_out(overview: &Overview) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(course) = overview.courses.first() {
        for point in &course.report.points {
            if let Err(why) = &point.value {
                all.push(clean(&format!("{}: {why}", point.slug)));
            }
        }
    }
    all
}
