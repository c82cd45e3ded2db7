//! One page of HTML that needs nothing beside it: a plot a number, and a list of what changed.

use super::super::junit::escape;
use super::super::sweep::page_head;
use super::words::{about, changes, name, value};
use crate::judge::overview::{Course, Overview};
use std::fmt::Write as _;

const STYLE: &str = "main{display:grid;grid-template-columns:repeat(auto-fill,minmax(21rem,1fr));gap:1rem}
figure{margin:0;border:1px solid #8886;border-radius:.4rem;padding:.6rem}figcaption{font-size:.85rem}
svg{width:100%;height:auto;display:block}.t{fill:#4a90d933}.n{fill:#e6a23c44}.l{fill:none;stroke:#4a90d9;stroke-width:1.5}
.b{fill:#4a90d9}.o{fill:Canvas;stroke:#4a90d9;stroke-width:1.5}.c{stroke:#c33;stroke-dasharray:4 3}";

/// Size of a plot, and the room at its edges.
const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 90.0;
const EDGE: f64 = 8.0;

/// Renders an overview. Text from outside stands where no element begins or ends, and nothing in the page can run.
pub fn render(overview: &Overview) -> String {
    let mut out = page_head("History of a measurement", STYLE);
    // Writing to a string cannot fail.
    let _ = body(&mut out, overview);
    out
}

fn body(out: &mut String, overview: &Overview) -> std::fmt::Result {
    writeln!(out, "<h1>{}</h1>", escape(&about(overview)))?;
    out.push_str("<p>Filled: a baseline of record. Hollow: an observation. Blue: the default tolerance around the newest baseline. Yellow: two standard deviations to either side of the mean since the last change. Red: a change (E-divisive, level 0.01).</p>\n");
    let changes = changes(overview);
    if !changes.is_empty() {
        out.push_str("<table><tr><th>changed at<th>what moved<th>what changed there</tr>\n");
        for cells in &changes {
            let cells = cells.each_ref().map(|cell| escape(cell)).join("<td>");
            writeln!(out, "<tr><td>{cells}</tr>")?;
        }
        out.push_str("</table>\n");
    }
    out.push_str("<main>\n");
    for course in &overview.courses {
        plot(out, overview, course)?;
    }
    out.push_str(
        "</main>\n<h2>Runs</h2>\n<table><tr><th>run<th>registered<th>kind<th>engine<th></tr>\n",
    );
    for run in &overview.runs {
        let kind = match run.is_observation {
            true => "observation",
            false => "baseline",
        };
        let cells = [
            &run.slug,
            &run.stamp,
            kind,
            run.version.as_deref().unwrap_or("unrecorded"),
            run.excluded.as_deref().unwrap_or_default(),
        ];
        writeln!(out, "<tr><td>{}</tr>", cells.map(escape).join("<td>"))?;
    }
    out.push_str("</table></body></html>\n");
    Ok(())
}

/// Bands behind, then the curve, changes and a mark a run with its name and number.
fn plot(out: &mut String, overview: &Overview, course: &Course) -> std::fmt::Result {
    let bands = [("t", course.tolerance), ("n", course.noise)];
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    let ends = bands.iter().filter_map(|band| band.1).flatten();
    for value in course.values.iter().flatten().copied().chain(ends) {
        low = low.min(value);
        high = high.max(value);
    }
    let range = if high > low { high - low } else { 1.0 };
    let y = |value: f64| EDGE + (high - value) / range * (HEIGHT - 2.0 * EDGE);
    let steps = course.values.len().saturating_sub(1).max(1) as f64;
    let x = |at: usize| EDGE + at as f64 / steps * (WIDTH - 2.0 * EDGE);
    let newest = course.values.iter().flatten().next_back();
    let newest = newest.map_or_else(String::new, |newest| value(course, *newest));
    let title = escape(&name(course));
    writeln!(
        out,
        "<figure><figcaption><b>{title}</b> {}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">",
        escape(&newest)
    )?;
    for (class, band) in bands {
        if let Some([from, to]) = band {
            let (top, height) = (y(to), y(from) - y(to));
            write!(
                out,
                "<rect class=\"{class}\" x=\"0\" y=\"{top:.1}\" width=\"{WIDTH}\" height=\"{height:.1}\"/>"
            )?;
        }
    }
    for change in &course.changes {
        let at = (x(change.at) + x(change.at.saturating_sub(1))) / 2.0;
        write!(
            out,
            "<line class=\"c\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"0\" y2=\"{HEIGHT}\"/>"
        )?;
    }
    out.push_str("<polyline class=\"l\" points=\"");
    for (at, number) in course.values.iter().enumerate() {
        if let Some(number) = number {
            write!(out, "{:.1},{:.1} ", x(at), y(*number))?;
        }
    }
    out.push_str("\"/>");
    for (at, number) in course.values.iter().enumerate() {
        if let Some(number) = number {
            let run = &overview.runs[at];
            let class = if run.is_observation { "o" } else { "b" };
            write!(
                out,
                "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"><title>{}: {}</title></circle>",
                x(at),
                y(*number),
                escape(&run.slug),
                escape(&value(course, *number))
            )?;
        }
    }
    out.push_str("</svg></figure>\n");
    Ok(())
}
