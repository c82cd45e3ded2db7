//! The table of what a directory holds.

use super::found::{Found, NUMBERS, Other, against, against_place, cells, tool, validity};
use crate::cli::output::columns;
use serde_json::{Map, Value};

/// The columns.
const HEAD: [&str; 10] = [
    "RUN", "TOOL", "MODEL", "PLACE", "N", "TOK/S", "TTFT", "REQ", "ERR", "SAID",
];

/// So many of them are names, which can be cut.
const NAMES: usize = 3;

/// A name is cut to no fewer characters.
const LEAST: usize = 8;

/// What stands where nothing is stated.
const NOTHING: &str = "-";

/// The runs, a row a place, in lines of at most that many characters; what is said of them; and what is none.
pub fn table(runs: &[Found], others: &[Other], most: usize) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(runs.iter().flat_map(of_run));
    narrow(&mut rows, most);
    let mut parts = Vec::new();
    if !runs.is_empty() {
        parts.push(columns(&rows) + "N: trials; TTFT: p50 in ms; SAID: how much is said against a run and its places.\n");
    }
    let said = runs
        .iter()
        .map(|found| (found.path.as_str(), validity(found)));
    parts.extend(told("said of them", said));
    let why = others.iter().map(|other| {
        let line = other.error.message.lines().next().unwrap_or_default();
        (other.path.as_str(), vec![line.to_owned()])
    });
    parts.extend(told("not read", why));
    parts.join("\n")
}

/// A section: names with lines below each; none without a line.
fn told<'a>(heading: &str, all: impl Iterator<Item = (&'a str, Vec<String>)>) -> Option<String> {
    let each = all.filter(|(_, lines)| !lines.is_empty());
    let each: Vec<String> = each
        .map(|(name, lines)| format!("{name}\n  {}\n", lines.join("\n  ")))
        .collect();
    (!each.is_empty()).then(|| format!("{heading}\n{}", each.concat()))
}

/// The rows of a run, one a place; what is of the whole run stands in the first.
fn of_run(found: &Found) -> Vec<[String; HEAD.len()]> {
    let said = |value: &Value| value.as_str().unwrap_or(NOTHING).to_owned();
    let tool = said(tool(&found.document));
    let model = said(&found.document["model"]);
    let trials = found.document["context"]["trials"].as_u64();
    let trials = trials.map_or_else(|| NOTHING.to_owned(), |trials| trials.to_string());
    let row = |(at, (place, cell)): (usize, (String, &Map<String, Value>))| {
        let whole = [&found.path, &tool, &model].map(|text| match at {
            0 => text.clone(),
            _ => String::new(),
        });
        let [path, tool, model] = whole;
        // What is of the whole run is counted in its first row.
        let said = match at {
            0 => against(found).len() + against_place(cell).len(),
            _ => against_place(cell).len(),
        };
        let said = match said {
            0 => NOTHING.to_owned(),
            said => said.to_string(),
        };
        let [throughput, ttft, requests, errors] = NUMBERS.map(|name| short(cell.get(name)));
        [
            path,
            tool,
            model,
            place,
            trials.clone(),
            throughput,
            ttft,
            requests,
            errors,
            said,
        ]
    };
    cells(&found.document)
        .into_iter()
        .enumerate()
        .map(row)
        .collect()
}

/// Cuts the columns of names, the widest first, until a line has at most that many characters. The ends of names stay: they
/// tell apart what lies in one directory.
fn narrow(rows: &mut [[String; HEAD.len()]], most: usize) {
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max();
    let mut widths: [usize; HEAD.len()] = std::array::from_fn(|at| width(at).unwrap_or_default());
    let gaps = 2 * (widths.len() - 1);
    while widths.iter().sum::<usize>() + gaps > most {
        let widest = (0..NAMES).max_by_key(|at| widths[*at]);
        let Some(widest) = widest.filter(|at| widths[*at] > LEAST) else {
            break;
        };
        widths[widest] -= 1;
    }
    for row in rows {
        for (text, width) in row.iter_mut().zip(widths).take(NAMES) {
            let long = text.chars().count();
            if long > width {
                let end = text.chars().skip(long - width + 1);
                *text = std::iter::once('…').chain(end).collect();
            }
        }
    }
}

/// Four digits that count. The JSON has all.
fn short(value: Option<&Value>) -> String {
    let Some(number) = value.and_then(Value::as_f64) else {
        return NOTHING.to_owned();
    };
    let whole = number.abs().max(1.0).log10().floor() as usize + 1;
    let text = format!("{number:.*}", 4_usize.saturating_sub(whole));
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{narrow, short};
    use serde_json::json;

    #[test]
    fn a_table_is_cut_to_the_terminal() {
        let row = |name: &str| {
            [
                "", "tool", "model", "c16", "1", "1234", "123.4", "32", "0", "-",
            ]
            .map(|text| {
                if text.is_empty() {
                    name.repeat(9)
                } else {
                    text.to_owned()
                }
            })
        };
        let mut rows = [row("0123456789"), row("ab")];
        narrow(&mut rows, 80);
        // 80 less the other columns (4, 5, 3, 1, 4, 5, 2, 1, 1) and nine gaps of two.
        let cut = &rows[0][0];
        assert_eq!(cut.chars().count(), 36);
        assert!(cut.starts_with("…5") && cut.ends_with("789"), "{cut}");
        assert_eq!(rows[1][0], "ab".repeat(9));
    }

    #[test]
    fn four_digits_that_count() {
        let shown = [
            json!(117.034_964),
            json!(1_316.593),
            json!(32),
            json!(0.0123),
            json!(null),
        ];
        let shown = shown.map(|value| short(Some(&value)));
        assert_eq!(shown, ["117", "1317", "32", "0.012", "-"]);
        assert_eq!(short(Some(&json!(159.83))), "159.8");
        assert_eq!(short(None), "-");
    }
}
