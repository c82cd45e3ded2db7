//! Rows of a judgement in the columns of a terminal.

use super::screen::{Line, PLAIN, clip, columns, pad};
use super::told;
use crate::judge::row::{Arm, Row};
use crate::measure::{Unit, shown};

/// How much of a row there is room for, most first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Room {
    /// Everything, with the interval where there is one.
    Interval,
    /// Everything but the interval.
    Tolerance,
    /// Status, place, metric, numbers, change.
    Change,
    /// The same without the word that pairs decide.
    Numbers,
    /// The same, not aligned; a row that is still too wide has the symbol of its status alone, whose word is in the
    /// legend.
    Ragged,
}

const COLUMNS: usize = 6;

/// Rows that are laid out.
pub(super) struct Table {
    /// A line for each.
    pub lines: Vec<Line>,
    /// Whether the tolerances found room in them.
    pub has_tolerance: bool,
}

/// The rows, aligned, none wider than `width`.
pub(super) fn rows(rows: &[&Row], width: usize) -> Table {
    const ROOMS: [Room; 4] = [Room::Interval, Room::Tolerance, Room::Change, Room::Numbers];
    let fits = |room: &Room| {
        let lines = aligned(rows, *room);
        lines.iter().all(|line| columns(line) <= width)
    };
    let room = ROOMS.into_iter().find(fits).unwrap_or(Room::Ragged);
    let line = |(text, row): (String, &&Row)| {
        let reason = told::not_judged(row).filter(|_| columns(&text) + 12 <= width);
        let text = reason.map_or_else(|| text.clone(), |reason| format!("{text}  {reason}"));
        Line::painted(clip(&text, width), told::status(row.status).paint)
    };
    let lines = match room {
        Room::Ragged => rows.iter().map(|row| ragged(row, width)).collect(),
        room => aligned(rows, room),
    };
    Table {
        lines: lines.into_iter().zip(rows).map(line).collect(),
        has_tolerance: room <= Room::Tolerance,
    }
}

fn ragged(row: &Row, width: usize) -> String {
    let [status, place, name, before, after, change] = cells(row, Room::Ragged);
    let text = format!("{status} {place} {name} {before} -> {after} {change}");
    if columns(&text) <= width {
        return text;
    }
    let symbol = told::status(row.status).symbol;
    let text = |name: &str| format!("{symbol} {place} {name} {before} -> {after} {change}");
    let over = columns(&text(&name)).saturating_sub(width);
    text(&clip(&name, columns(&name).saturating_sub(over).max(1)))
}

fn aligned(rows: &[&Row], room: Room) -> Vec<String> {
    let cells: Vec<[String; COLUMNS]> = rows.iter().map(|row| cells(row, room)).collect();
    let mut widths = [0; COLUMNS];
    for line in &cells {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(columns(cell));
        }
    }
    let line = |cells: &[String; COLUMNS]| {
        let padded = cells.iter().zip(widths).enumerate();
        // The baseline stands to the right, against its arrow, and so does the change.
        let padded = padded.map(|(at, (cell, width))| pad(cell, width, at == 3 || at == 5));
        let [status, place, name, before, after, change] =
            <[String; COLUMNS]>::try_from(padded.collect::<Vec<_>>()).unwrap_or_default();
        let text = format!("{status} {place} {name} {before} -> {after} {change}");
        text.trim_end().to_owned()
    };
    cells
        .iter()
        .zip(rows)
        .map(|(cells, row)| line(cells) + &beside(row, room))
        .collect()
}

fn cells(row: &Row, room: Room) -> [String; COLUMNS] {
    let words = told::status(row.status);
    let name = clip(&told::name(&row.number), 36);
    let status = format!("{} {}", words.symbol, words.word);
    let change = match row.status.is_judged() {
        true if room <= Room::Change => told::change(row),
        true => row.shown.change.clone(),
        false => String::new(),
    };
    [
        status,
        row.number.place.to_string(),
        name,
        row.shown.baseline.clone(),
        match (row.current, row.metric.unit()) {
            (None, Unit::Fraction | Unit::Percent) => shown::ABSENT.to_owned(),
            (None, unit) => format!("{} {}", shown::ABSENT, unit.as_str()),
            _ => told::with_unit(&row.shown.current, row.metric),
        },
        change,
    ]
}

/// What stands behind the change of a judged row.
fn beside(row: &Row, room: Room) -> String {
    if !row.status.is_judged() || room > Room::Tolerance {
        return String::new();
    }
    let interval = row
        .shown
        .interval
        .as_ref()
        .filter(|_| room == Room::Interval);
    let interval = interval.map(|interval| format!(", 99 % CI {interval}"));
    format!(
        "  (tolerance {}{})",
        row.shown.tolerance,
        interval.unwrap_or_default()
    )
}

/// The trials of a row: how many, mean and standard deviation of both sides, and the change inside pairs with its
/// interval.
pub(super) fn trials(row: &Row) -> Option<String> {
    let arms = row.known.trials?;
    let of = |value: Option<f64>| shown::of_unit(value, row.metric.unit());
    let side = |arm: Arm| {
        let std = arm.std.map(|std| format!(" ± {}", of(Some(std))));
        format!("{}{}", of(arm.mean), std.unwrap_or_default())
    };
    let now = told::with_unit(&side(arms.current), row.metric);
    let mut text = format!(
        "n={}+{}, mean {} -> {now}",
        arms.baseline.n,
        arms.current.n,
        side(arms.baseline)
    );
    if let Some(change) = row.known.paired_change {
        text += &format!(", inside pairs {}", shown::of_change(row.metric, change));
    }
    if let Some(interval) = &row.shown.interval {
        text += &format!(", 99 % CI {interval}");
    }
    Some(text)
}

/// What the statuses of the rows mean, each once.
pub(super) fn legend(rows: &[&Row]) -> Vec<String> {
    let mut seen = Vec::new();
    for row in rows {
        if !seen.contains(&row.status) {
            seen.push(row.status);
        }
    }
    let entry = |status| {
        let words = told::status(status);
        format!("{} {} = {}", words.symbol, words.word, words.means)
    };
    seen.into_iter().map(entry).collect()
}

/// A line of its own in the colour of the text.
pub(super) fn plain(text: String) -> Line {
    Line::painted(text, PLAIN)
}
