//! One page of HTML that needs nothing beside it: a plot a number, and a list of what changed.

use super::super::junit::escape;
use super::super::page_head::PAGE_HEAD;
use super::words::{about, changes, left_out, name, value};
use crate::judge::overview::{Course, Overview};

/// Size of a plot, and the room at its edges.
const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 90.0;
const EDGE: f64 = 8.0;

const LEGEND: &str = "<p>Filled: a baseline of record. Hollow: an observation. Blue: the default tolerance around the newest baseline. Yellow: two standard deviations to either side of the mean since the last change. Red: a change (E-divisive, level 0.01).</p>
<table><tr><th>changed at<th>what moved<th>what changed there</tr>
";

/// Renders an overview. Text from outside stands where no element begins or ends, and nothing in the page can run.
pub fn render(overview: &Overview) -> String {
    let mut out = PAGE_HEAD.to_owned();
    let mut put = |before: &str, text: &str| {
        out += before;
        out += &escape(text);
    };
    put("<h1>", &about(overview));
    put("</h1>\n", "");
    put(LEGEND, "");
    for [slug, numbers, changed] in changes(overview) {
        put("<tr><td>", &slug);
        put("<td>", &numbers);
        put("<td>", &changed);
        put("</tr>\n", "");
    }
    put("</table>\n<main>\n", "");
    for course in &overview.courses {
        put("<figure><figcaption><b>", &name(&course.report));
        put("</b> ", &newest(course));
        put("</figcaption>", "");
        put(&plot(overview, course), "");
    }
    put("</main>\n", "");
    for text in left_out(overview) {
        put("<p>left out: ", &text);
        put("</p>\n", "");
    }
    put("</body></html>\n", "");
    out
}

fn newest(course: &Course) -> String {
    let mut values = course.report.points.iter().rev();
    let newest = values.find_map(|point| point.value.as_ref().ok());
    newest.map_or_else(String::new, |newest| value(&course.report, *newest))
}

/// Bands behind, then the curve, changes and a mark a run with its name and number.
fn plot(overview: &Overview, course: &Course) -> String {
    let points = &course.report.points;
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut reach = |value: f64| {
        low = low.min(value);
        high = high.max(value);
    };
    for point in points {
        point.value.iter().for_each(|value| reach(*value));
    }
    for band in [course.tolerance, course.noise].into_iter().flatten() {
        band.into_iter().for_each(&mut reach);
    }
    let range = if high > low { high - low } else { 1.0 };
    let y = |value: f64| EDGE + (high - value) / range * (HEIGHT - 2.0 * EDGE);
    let steps = points.len().saturating_sub(1).max(1) as f64;
    let x = |at: f64| EDGE + at / steps * (WIDTH - 2.0 * EDGE);
    let mut out = format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\">");
    // A path of straight lines; a band is one as wide as the plot.
    let mut path = |class: &str, ends: [[f64; 2]; 4]| {
        out += &format!("<polygon class=\"{class}\" points=\"");
        for [x, y] in ends {
            out += &format!("{x:.1},{y:.1} ");
        }
        out += "\"/>";
    };
    for (class, band) in [("t", course.tolerance), ("n", course.noise)] {
        if let Some(band) = band {
            let [from, to] = band.map(y);
            path(class, [[0.0, to], [WIDTH, to], [WIDTH, from], [0.0, from]]);
        }
    }
    for change in &course.report.changes {
        let at = x(course.report.place_of(change) as f64 - 0.5);
        let (top, bottom) = ([at, 0.0], [at, HEIGHT]);
        path("c", [top, bottom, bottom, top]);
    }
    let (mut curve, mut marks) = (String::new(), String::new());
    for (at, point) in points.iter().enumerate() {
        if let Ok(number) = point.value {
            let (x, y) = (x(at as f64), y(number));
            curve += &format!("{x:.1},{y:.1} ");
            let class = if overview.observed[at] { "o" } else { "b" };
            let title = format!("{}: {}", point.slug, value(&course.report, number));
            marks += &format!(
                "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"><title>{}</title></circle>",
                escape(&title)
            );
        }
    }
    out + &format!("<polyline class=\"l\" points=\"{curve}\"/>{marks}</svg></figure>\n")
}
