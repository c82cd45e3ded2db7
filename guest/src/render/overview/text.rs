//! For a terminal: a line a number, as a curve of one character a run.

use super::super::layout::Layout;
use super::super::screen::{self, BOLD, DIM, Line, PLAIN, clean, clip, labelled, pad};
use super::words::{about, changes, name, value};
use crate::judge::overview::{Course, Overview};
use crate::measure::shown;
use crate::stats::changepoint::MIN_ENTRIES;

/// Heights of a curve, lowest first, and what marks a baseline, an observation, a change and a run without the number.
struct Marks {
    heights: [char; 8],
    baseline: char,
    observation: char,
    change: char,
    nothing: char,
}

const BLOCKS: Marks = Marks {
    heights: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
    baseline: '●',
    observation: '○',
    change: '↑',
    nothing: ' ',
};

const ASCII: Marks = Marks {
    heights: ['_', '.', ',', '-', '~', '=', '+', '#'],
    baseline: 'B',
    observation: 'o',
    change: '^',
    nothing: ' ',
};

/// Columns of a name, and the most runs in a curve: the newest.
const NAME: usize = 34;
const CURVE: usize = 24;

/// Renders an overview, with blocks or, for terminals that have none, in ASCII.
pub fn render(overview: &Overview, layout: Layout, has_blocks: bool) -> String {
    let marks = if has_blocks { &BLOCKS } else { &ASCII };
    let width = screen::width(layout);
    let begin = overview.runs.len().saturating_sub(CURVE);
    let mut lines = labelled("", &about(overview), width);
    lines.iter_mut().for_each(|line| line.paint = BOLD);
    let kind = |is_observation: bool| match is_observation {
        true => marks.observation,
        false => marks.baseline,
    };
    let runs = overview.runs[begin..].iter();
    let kinds: String = runs.map(|run| kind(run.is_observation)).collect();
    let head = format!(
        "{kinds}  {} baseline, {} observation",
        marks.baseline, marks.observation
    );
    lines.push(Line::painted(pad("", NAME, false) + " " + &head, DIM));
    for course in &overview.courses {
        lines.push(Line::painted(of_course(course, begin, width, marks), PLAIN));
    }
    let at: String = (begin..overview.runs.len())
        .map(
            |at| match overview.changed.iter().any(|(of, _)| *of == at) {
                true => marks.change,
                false => ' ',
            },
        )
        .collect();
    if !overview.changed.is_empty() {
        let text = format!("{} {at}  {} change", pad("", NAME, false), marks.change);
        lines.push(Line::painted(text, DIM));
    }
    for [slug, numbers, changed] in changes(overview) {
        let text = format!("{slug}: {numbers}; {changed}");
        lines.extend(labelled(&format!("{} ", marks.change), &text, width));
    }
    let said = match (overview.is_searched(), overview.changed.is_empty()) {
        (false, _) => format!("changes are looked for from {MIN_ENTRIES} comparable runs on"),
        (true, true) => "no change (E-divisive, level 0.01)".to_owned(),
        (true, false) => String::new(),
    };
    if !said.is_empty() {
        lines.push(Line::painted(said, PLAIN));
    }
    for run in &overview.runs {
        if let Some(why) = &run.excluded {
            let text = clean(&format!("{}: {why}", run.slug));
            lines.extend(labelled("left out: ", &text, width));
        }
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

/// `c16 throughput  ▁▂▇█  742.9 tok/s, -0.3 %`: the newest value, and its change from the one before.
fn of_course(course: &Course, begin: usize, width: usize, marks: &Marks) -> String {
    let values = &course.values[begin..];
    let mut line = pad(&clip(&name(course), NAME), NAME, false) + " ";
    let known = || values.iter().flatten().copied();
    let low = known().fold(f64::INFINITY, f64::min);
    let high = known().fold(f64::NEG_INFINITY, f64::max);
    for value in values {
        line.push(match value {
            None => marks.nothing,
            Some(_) if high <= low => marks.heights[3],
            Some(value) => marks.heights[((value - low) / (high - low) * 7.0 + 0.5) as usize],
        });
    }
    let known: Vec<f64> = known().collect();
    if let [.., newest] = known.as_slice() {
        line += &format!("  {}", value(course, *newest));
    }
    if let [.., before, newest] = known.as_slice() {
        let [delta, percent] = crate::judge::row::delta(Some(*before), Some(*newest));
        line += &format!(", {}", shown::change(course.metric, delta, percent));
    }
    clip(&line, width)
}
