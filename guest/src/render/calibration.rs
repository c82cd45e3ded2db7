//! A calibration for people, in 80 columns.

use crate::judge::calibration::{Line, Report};
use crate::measure::{Place, shown};
use crate::stats::Advice;
use crate::stats::calibrate::Calibration;
use crate::stats::power::MOST_TRIALS;
use std::fmt::Write as _;

/// The heads of the columns, which [`row`] fills.
const HEAD: &str = "                 shows, with trials a side  for the
  metric                  n     mean    std      1     3     5    10  tolerance";

/// Columns of a name.
const NAME: usize = 22;

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
    let name = line.name();
    // A name that does not fit its column stands on a line of its own.
    let name = match name.len() > NAME {
        true => {
            writeln!(out, "  {name}")?;
            ""
        }
        false => &name,
    };
    write!(
        out,
        "  {name:<NAME$} {:>2} {:>8} {:>6.2} ",
        found.n,
        shown::of_unit(Some(found.mean), line.metric.unit()),
        written(found.std),
    )?;
    for plan in &found.plans {
        write!(out, " {:>5.1}", written(plan.shows))?;
    }
    match found.advice {
        Advice::Trials(trials) => writeln!(out, "  {trials:>2} trials"),
        Advice::Quieter(_) => writeln!(out, "  quieter"),
    }
}

fn notes(out: &mut String, report: &Report) -> std::fmt::Result {
    let mut say = |text: &str| -> std::fmt::Result {
        writeln!(out)?;
        super::screen::wrap(text, 80)
            .iter()
            .try_for_each(|piece| writeln!(out, "{piece}"))
    };
    if let Some((line, advice)) = report.advice() {
        say(&first(line, advice))?;
    }
    let wider = report.tolerances();
    let asked = report.trials_in_words();
    if wider.is_empty() {
        say(&format!(
            "With {asked} a side every default tolerance holds: identical runs exceed none of them for the worse more than once in a hundred comparisons."
        ))?;
    } else {
        say(&format!(
            "With {asked} a side identical runs would exceed these tolerances for the worse more than once in a hundred comparisons. A wider one hides what is smaller; more trials do not:"
        ))?;
        let widened = report
            .found()
            .filter_map(|(line, found)| Some((line, found.widened?)));
        for ((_, tolerance), (line, widened)) in wider.iter().zip(widened) {
            let shows = widened.shows / line.metric.per_written();
            let capped = match widened.capped {
                true => " (three times the default, and no more)",
                false => "",
            };
            let line = format!(
                "- {} at {}: {tolerance:.2}, no longer sees below {shows:.1}{capped}",
                line.name(),
                line.number.place
            );
            for piece in super::screen::wrap(&line, 80) {
                writeln!(out, "{piece}")?;
            }
        }
    }
    let text = format!(
        "std: deviation of one run, shrunk towards the metric's other levels. shows: the smallest true worsening that is REGRESSED with chance 0.8 at the default tolerance. for the tolerance: trials a side that show a worsening of its size at the level of the headline (0.5 %); quieter: more than {MOST_TRIALS}, so a quieter setting is needed. One run against one run without a history knows no noise: then identical runs are beyond some row's tolerance more often than any of this says."
    );
    writeln!(out)?;
    for piece in super::screen::wrap(&text, 80) {
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
                        line.number.place
                    )?;
                }
            }
            Err(why) => writeln!(
                out,
                "not calibrated: {} at {}: {why}",
                line.name(),
                line.number.place
            )?,
        }
    }
    Ok(())
}

/// What to do first.
fn first(line: &Line, advice: Advice) -> String {
    let row = format!("{} at {}", line.name(), line.number.place);
    match advice {
        Advice::Trials(trials) => format!(
            "Trials first: {trials} trials a side show a worsening of the size of every default tolerance; {row} needs them, other rows need fewer."
        ),
        Advice::Quieter(shows) => format!(
            "A quieter setting first: no number of trials up to {MOST_TRIALS} shows a worsening of the size of every default tolerance. With {MOST_TRIALS} trials a side {row} shows {:.1} and more.",
            shows / line.metric.per_written()
        ),
    }
}
