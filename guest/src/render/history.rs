//! A history for people, in 80 columns.

use crate::judge::history::{Point, Report};
use crate::judge::row::delta;
use crate::measure::shown;
use crate::stats::changepoint::MIN_ENTRIES;
use std::fmt::Write as _;

/// Size of the plot in characters, without its axis.
const WIDTH: usize = 66;
const HEIGHT: usize = 8;

/// The heads of the columns.
const HEAD: &str =
    "registered           slug                   engine                value   change\n";

/// Renders a history.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = table(&mut out, report)
        .and_then(|()| changes(&mut out, report))
        .and_then(|()| excluded(&mut out, report));
    out
}

fn table(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(
        out,
        "{}: {} at {}, {}\n",
        report.model,
        report.number.name,
        report.number.place,
        report.metric.unit().as_str()
    )?;
    out.push_str(HEAD);
    let mut before = None;
    for (point, value) in report.compared() {
        let change = match delta(before, Some(value)) {
            [_, Some(percent)] => shown::percent(percent),
            _ => shown::ABSENT.to_owned(),
        };
        before = Some(value);
        writeln!(
            out,
            "{:<20} {:<22} {:<15} {:>11} {change:>8}",
            point.stamp,
            point.slug,
            engine(point),
            shown::of_unit(Some(value), report.metric.unit()),
        )?;
    }
    Ok(())
}

/// The commit, shortened, else the version.
fn engine(point: &Point) -> String {
    let known = point
        .commit
        .as_deref()
        .map(|commit| commit.chars().take(12).collect());
    known
        .or_else(|| point.version.clone())
        .unwrap_or_else(|| shown::UNRECORDED.to_owned())
}

fn changes(out: &mut String, report: &Report) -> std::fmt::Result {
    let compared: Vec<(&Point, f64)> = report.compared().collect();
    if !report.is_searched() {
        return writeln!(
            out,
            "\n{} comparable entries; change points and the plot need {MIN_ENTRIES}",
            compared.len()
        );
    }
    plot(out, report, &compared)?;
    if report.changes.is_empty() {
        return writeln!(out, "no change point (E-divisive, level 0.01)");
    }
    writeln!(
        out,
        "change points (E-divisive, level 0.01), marked ^, with entry and engine:"
    )?;
    for change in &report.changes {
        let point = compared[change.index].0;
        let [_, percent] = delta(Some(change.before), Some(change.after));
        writeln!(
            out,
            "  {} ({}): {} -> {} ({}), p {:.3}",
            point.slug,
            engine(point),
            shown::of_unit(Some(change.before), report.metric.unit()),
            shown::of_unit(Some(change.after), report.metric.unit()),
            percent.map_or_else(|| shown::ABSENT.to_owned(), shown::percent),
            change.p_value
        )?;
    }
    Ok(())
}

fn plot(out: &mut String, report: &Report, compared: &[(&Point, f64)]) -> std::fmt::Result {
    let values = || compared.iter().map(|point| point.1);
    let low = values().fold(f64::INFINITY, f64::min);
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    let column = |at: usize| at * (WIDTH - 1) / (compared.len() - 1);
    let mut lines = vec![[b' '; WIDTH]; HEIGHT + 1];
    for (at, value) in values().enumerate() {
        let share = if high > low {
            (high - value) / (high - low)
        } else {
            0.5
        };
        lines[(share * (HEIGHT - 1) as f64 + 0.5) as usize][column(at)] = b'*';
    }
    for change in &report.changes {
        lines[HEIGHT][column(change.index)] = b'^';
    }
    writeln!(out)?;
    for (at, line) in lines.iter().enumerate() {
        let label = match at {
            0 => shown::of_unit(Some(high), report.metric.unit()),
            _ if at == HEIGHT - 1 => shown::of_unit(Some(low), report.metric.unit()),
            _ => String::new(),
        };
        let edge = if at == HEIGHT { '+' } else { '|' };
        let drawn = String::from_utf8_lossy(line);
        writeln!(out, "{}", format!("{label:>11} {edge} {drawn}").trim_end())?;
    }
    Ok(())
}

fn excluded(out: &mut String, report: &Report) -> std::fmt::Result {
    for point in &report.points {
        if let Err(why) = &point.value {
            writeln!(out, "excluded: {} {}: {why}", point.stamp, point.slug)?;
        }
    }
    Ok(())
}
