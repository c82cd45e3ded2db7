//! For a terminal: a line a number, as a curve of one character a run.

use super::super::layout::Layout;
use super::super::screen::{self, BOLD, DIM, Line, PLAIN, clip, labelled, pad};
use super::words::{about, change, changes, left_out, name, value};
use crate::judge::history::Report;
use crate::judge::overview::Overview;
use crate::stats::changepoint::MIN_ENTRIES;

/// Heights of a curve, lowest first; then what marks a baseline, an observation and a change.
const BLOCKS: [char; 11] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█', '●', '○', '↑'];
const ASCII: [char; 11] = ['_', '.', ',', '-', '~', '=', '+', '#', 'B', 'o', '^'];

/// Columns of a name, and the most runs in a curve: the newest.
const NAME: usize = 34;
const CURVE: usize = 24;

/// Renders an overview, with blocks or, for terminals that have none, in ASCII.
pub fn render(overview: &Overview, layout: Layout, has_blocks: bool) -> String {
    let marks = if has_blocks { &BLOCKS } else { &ASCII };
    let width = screen::width(layout);
    let count = overview.observed.len();
    let begin = count.saturating_sub(CURVE);
    let mut lines = labelled("", &about(overview), width);
    lines.iter_mut().for_each(|line| line.paint = BOLD);
    let mut curve = |name: &str, curve: &str, rest: &str, paint| {
        let text = format!("{} {curve}  {rest}", pad(&clip(name, NAME), NAME, false));
        lines.push(Line::painted(clip(&text, width), paint));
    };
    let (mut kinds, mut at) = (String::new(), String::new());
    for run in begin..count {
        kinds.push(marks[8 + usize::from(overview.observed[run])]);
        let changed = overview.changed.iter().any(|(of, _)| *of == run);
        at.push(if changed { marks[10] } else { ' ' });
    }
    let legend = format!("{} baseline, {} observation", marks[8], marks[9]);
    curve("", &kinds, &legend, DIM);
    for course in &overview.courses {
        let (drawn, rest) = of_report(&course.report, begin, marks);
        curve(&name(&course.report), &drawn, &rest, PLAIN);
    }
    if !overview.changed.is_empty() {
        curve("", &at, &format!("{} change", marks[10]), DIM);
    }
    for [slug, numbers, changed] in changes(overview) {
        let text = format!("{slug}: {numbers}; {changed}");
        lines.extend(labelled(&format!("{} ", marks[10]), &text, width));
    }
    let searched = overview
        .courses
        .iter()
        .any(|course| course.report.is_searched());
    let said = match (searched, overview.changed.is_empty()) {
        (false, _) => format!("changes are looked for from {MIN_ENTRIES} comparable runs on"),
        (true, true) => "no change (E-divisive, level 0.01)".to_owned(),
        (true, false) => String::new(),
    };
    if !said.is_empty() {
        lines.push(Line::painted(said, PLAIN));
    }
    for text in left_out(overview) {
        lines.extend(labelled("left out: ", &text, width));
    }
    let mut out = String::new();
    for line in lines {
        line.write(&mut out, layout);
    }
    match has_blocks {
        true => out,
        false => out.replace('…', "~"),
    }
}

/// The curve, the newest value and its change from the one before.
fn of_report(report: &Report, begin: usize, marks: &[char; 11]) -> (String, String) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    let (mut before, mut newest) = (None, None);
    for value in report.points[begin..].iter().flat_map(|point| &point.value) {
        low = low.min(*value);
        high = high.max(*value);
        before = newest.replace(*value);
    }
    let mut curve = String::new();
    for point in &report.points[begin..] {
        curve.push(match point.value {
            Err(_) => ' ',
            Ok(_) if high <= low => marks[3],
            Ok(value) => marks[((value - low) / (high - low) * 7.0 + 0.5) as usize],
        });
    }
    let mut rest = newest.map_or_else(String::new, |newest| value(report, newest));
    if let (Some(before), Some(newest)) = (before, newest) {
        rest += ", ";
        rest += &change(report, before, newest);
    }
    (curve, rest)
}
