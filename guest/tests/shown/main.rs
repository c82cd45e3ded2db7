//! What people and agents are shown of a judgement, over every case of `tests/data/cases`: how much, how wide, and that
//! no output says what another one denies.

mod agent;
mod cases;
mod comment;
mod handoff;
mod hostile;
mod terminal;
mod whole;

use perfbridge_guest::judge::Judgement;
use perfbridge_guest::judge::row::Row;
use perfbridge_guest::judge::status::Status;
use perfbridge_guest::render::{Layout, form};

/// The widths of narrow, usual and wide terminals.
const WIDTHS: [usize; 3] = [60, 80, 120];

/// The words of each status, symbol first, as the page has them too.
const WORDS: [(Status, &str); 9] = [
    (Status::Regressed, "✕ regressed"),
    (Status::Unresolved, "? unresolved"),
    (Status::Improved, "✓ improved"),
    (Status::Within, "= within"),
    (Status::NullLegacyBaseline, "– no value"),
    (Status::UnmatchedLevel, "∅ one side only"),
    (Status::DefinitionMismatch, "≠ definitions differ"),
    (Status::Unreliable, "~ unreliable"),
    (Status::Observed, "○ observed"),
];

fn words(status: Status) -> &'static str {
    let found = WORDS.iter().find(|(of, _)| *of == status);
    found.expect("each status has words").1
}

fn shown(judgement: &Judgement, name: &str, width: usize) -> String {
    let form = form(name).unwrap_or_else(|fault| panic!("{fault}"));
    let layout = Layout {
        width,
        colour: false,
    };
    (form.render)(judgement, layout)
}

/// What was measured and is not within tolerance.
fn outside(judgement: &Judgement) -> Vec<&Row> {
    let measured = |row: &&Row| row.baseline.is_some() || row.current.is_some();
    let rows = judgement.rows.iter().filter(measured);
    rows.filter(|row| row.status != Status::Within).collect()
}

/// How many rows are not within tolerance, and apart from them those that were not judged, whose statuses are listed.
fn not_within(judgement: &Judgement) -> String {
    let judged = [Status::Regressed, Status::Unresolved, Status::Improved];
    let rows = outside(judgement);
    let of = rows
        .iter()
        .filter(|row| judged.contains(&row.status))
        .count();
    match rows.len() - of {
        0 => format!("{of} not within tolerance"),
        other if of == 0 => format!("{other} not judged"),
        other => format!("{of} outside, {other} not judged"),
    }
}

/// The row of the headline.
fn headline(judgement: &Judgement) -> Option<&Row> {
    let mut rows = judgement.rows.iter();
    rows.find(|row| row.number == judgement.headline)
}

/// The numbers of the headline as the JSON shows them: baseline, current and change, without those that are absent.
fn headline_numbers(judgement: &Judgement) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(&judgement.to_json()).expect("JSON");
    let rows = json["rows"].as_array().expect("rows");
    let is_headline = |row: &&serde_json::Value| {
        row["metric"] == json["headline"]["metric"] && row["level"] == json["headline"]["level"]
    };
    let Some(row) = rows.iter().find(is_headline) else {
        return Vec::new();
    };
    let shown = ["baseline", "current", "change"].map(|key| row["shown"][key].as_str());
    shown
        .into_iter()
        .flatten()
        .filter(|text| *text != "-")
        .map(str::to_owned)
        .collect()
}
