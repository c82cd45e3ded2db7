//! A calibration for people, in 80 columns.

use crate::judge::calibration::{Line, Report};
use crate::measure::{Place, shown};
use crate::stats::calibrate::Calibration;
use std::fmt::Write as _;

/// The heads of the columns, which [`row`] fills.
const HEAD: &str = "                    1 in    detectable, trials a side
  metric                  n     mean    std    100       1      3      5     10";

/// Renders a calibration.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = table(&mut out, report).and_then(|()| notes(&mut out, report));
    out
}

fn table(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "{}: noise between {} runs", report.model, report.runs)?;
    let mut place = None;
    for (line, found) in report.found() {
        let here = line.number.place;
        if place != Some(here) {
            place = Some(here);
            let unit = match here {
                Place::Level(_) | Place::Rate(_) => "percent",
                Place::Server | Place::Profile => "points",
            };
            writeln!(out, "\n{:<24}{HEAD}", format!("{}, {unit}", here.words()))?;
        }
        row(out, line, found)?;
    }
    Ok(())
}

fn row(out: &mut String, line: &Line, found: &Calibration) -> std::fmt::Result {
    // As users write it: 0.02 of a rate are 2 points.
    let written = |value: f64| value / line.metric.per_written();
    let plans = &found.plans;
    write!(
        out,
        "  {:<22} {:>2} {:>8} {:>6.2} {:>6.2}",
        line.name(),
        found.n,
        shown::of_unit(Some(found.mean), line.metric.unit()),
        written(found.std),
        written(plans[0].flaps_once_in_100),
    )?;
    for (at, plan) in plans.iter().enumerate() {
        let width = if at == 0 { 7 } else { 6 };
        write!(out, " {:>width$.2}", written(plan.detectable))?;
    }
    writeln!(out)
}

fn notes(out: &mut String, report: &Report) -> std::fmt::Result {
    let rows = report.found().count();
    let text = format!(
        "std: deviation of one run, shrunk towards the metric's other levels. 1 in 100: the tolerance that this row alone exceeds for the worse in one of a hundred comparisons of single identical runs. In a whole diff of these {rows} rows some row is then beyond its own such tolerance in {:.1} of a hundred comparisons if rows are independent, and in at most {rows} however they depend. Detectable: the smallest true worsening seen with chance 0.8 at the level of the headline (0.5 %).",
        report.any_row_in_100()
    );
    writeln!(out)?;
    for piece in super::text::wrap(&text, 80) {
        writeln!(out, "{piece}")?;
    }
    for line in &report.lines {
        match &line.found {
            Ok(found) => {
                if let Some(at) = found.left_out {
                    writeln!(
                        out,
                        "run {} is an outlier in {} at {} and left out of its noise",
                        at + 1,
                        line.name(),
                        line.level()
                    )?;
                }
            }
            Err(why) => writeln!(
                out,
                "not calibrated: {} at {}: {why}",
                line.name(),
                line.level()
            )?,
        }
    }
    Ok(())
}
