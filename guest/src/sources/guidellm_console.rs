//! What GuideLLM prints at the end of a run. Read in the sources of 0.2 to 0.8 and seen in consoles of 0.2, 0.5.4 and 0.8.1.
//!
//! Numbers have one or two digits behind the point. Up to 0.4 there are two tables of fixed columns; 0.2 writes seconds
//! under `Req Latency (ms)`, which is not read. From 0.5 on the tables name each column in up to three lines, and those
//! of throughput count all requests: they are that of the successful ones where no other request had a token. Up to 0.7
//! a strategy stands there without its number, and the streams above in what was configured.

use super::entry::Entry;
use super::guidellm;
use super::guidellm_tables::{finish, join, take};
use super::source::Source;
use crate::fault::{Fault, Result};
use crate::fields;
use crate::files::{self, Tree};
use crate::measure::Quantity;
use crate::run::{Format, Run};
use crate::text;
use serde_json::{Map, Value};

/// What is printed at the end of a run.
pub static CONSOLE: Source = Source {
    format: Format {
        name: "guidellm-console",
        title: "GuideLLM console (Run Summary Info, Benchmarks Stats)",
        ..guidellm::SOURCE.format
    },
    begins: None,
    by_content: |candidate| {
        let has = |text| candidate.has(text);
        has("Run Summary Info") && has("| Benchmark") && has("| Strategy")
            || has("Benchmarks Stats") && has("| Request Stats")
    },
    by_name: |_| false,
    read,
};

/// Columns of the two tables up to 0.4, by what later ones call them; those that are not read have no name.
const INFO: [&str; 19] = [
    "Strategy",
    "",
    "",
    "",
    "Requests/Comp/Tot",
    "Requests/Inc/Tot",
    "Requests/Err/Tot",
    "Input Tok/Per Req/Mean",
    "",
    "",
    "Output Tok/Per Req/Mean",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
];
const STATS: [&str; 17] = [
    "Strategy",
    "Requests/Per Sec/Mean",
    "",
    "Output Tokens/Per Sec/Mean",
    "",
    LATENCY_MEAN,
    LATENCY_MEDIAN,
    "",
    "TTFT/ms/Mean",
    "TTFT/ms/Mdn",
    "TTFT/ms/p99",
    "ITL/ms/Mean",
    "ITL/ms/Mdn",
    "",
    "",
    "",
    "",
];
const LATENCY_MEAN: &str = "Request Latency/Sec/Mean";
const LATENCY_MEDIAN: &str = "Request Latency/Sec/Mdn";

/// Where the texts of a row are, under the paths of their numbers.
const PRINTED: &str = "printed";

/// Rows of one run: strategy, line, what its tables say.
type Rows = Vec<(String, u64, Map<String, Value>)>;

#[derive(Default)]
struct Console {
    /// Of earlier runs in the file.
    done: Rows,
    rows: Rows,
    headings: Vec<String>,
    /// Rows that the open table has had.
    had: Vec<usize>,
    in_rows: bool,
    /// What stands behind `streams=[`.
    streams: String,
    /// What stands behind `rampup_duration`.
    ramp: Option<String>,
    model: Option<String>,
}

impl Console {
    /// The rows of a table begin. A run begins with the table of its times.
    fn open(&mut self) {
        self.in_rows = true;
        self.had.clear();
        let is_first = |heading: &String| heading == "Timings/Start" || heading == INFO[6];
        let has = |path: &str| {
            let of = |(.., map): &(_, _, Map<_, _>)| fields::get(map, path).is_some();
            self.rows.iter().any(of)
        };
        let again = self.headings.iter().any(|heading| heading == STATS[8])
            && has("metrics.time_to_first_token_ms");
        if self.headings.iter().any(is_first) && !self.rows.is_empty() || again {
            self.close();
        }
    }

    fn row(&mut self, path: &str, line: u64, cells: &[&str]) -> Result<()> {
        if cells.len() != self.headings.len() {
            let message = format!(
                "found a row of {} cells under {} headings; expected as many. The table was broken over lines: print it to a wider terminal, or give benchmarks.json of the run",
                cells.len(),
                self.headings.len()
            );
            return Err(Fault::damaged(message).at_line(path, line));
        }
        let strategy = cells.first().copied().unwrap_or_default();
        // Up to 0.7 several rows can have one name.
        let mut all = (0..).zip(&self.rows);
        let is_it = |(at, (name, ..)): &(usize, &(String, _, _))| {
            name == strategy && !self.had.contains(at)
        };
        let at = all.find(is_it).map(|(at, _)| at);
        let at = at.unwrap_or_else(|| {
            self.rows.push((strategy.to_owned(), line, Map::new()));
            self.rows.len() - 1
        });
        self.had.push(at);
        let map = &mut self.rows[at].2;
        let mut printed = match map.get_mut(PRINTED).map(Value::take) {
            Some(Value::Object(printed)) => printed,
            _ => Map::new(),
        };
        for (heading, cell) in self.headings.iter().zip(cells) {
            // `317.2 ± 47.1`, `557.0*`.
            let word = cell.split_whitespace().next().unwrap_or_default();
            let word = word.trim_end_matches('*');
            take(map, heading, word);
            // The digits of a number are those of its text.
            take(&mut printed, heading, &format!("\"{word}\""));
        }
        map.insert(PRINTED.to_owned(), printed.into());
        Ok(())
    }

    /// Ends a run.
    fn close(&mut self) {
        let listed = std::mem::take(&mut self.streams);
        let listed = listed.split(']').next().unwrap_or_default();
        let streams: Vec<&str> = listed.split(',').map(str::trim).collect();
        let mut rows = std::mem::take(&mut self.rows);
        let bare = |(name, ..): &&mut (String, _, _)| name == "concurrent";
        if rows.iter_mut().filter(bare).count() == streams.len() {
            for ((name, ..), streams) in rows.iter_mut().filter(bare).zip(streams) {
                *name = format!("concurrent@{streams}");
            }
        }
        // It stays for the tables that are printed twice.
        let ramp = self.ramp.as_deref().unwrap_or_default();
        let ramp = ramp.split([' ', ',', '}']).next().unwrap_or_default();
        let ramp = ramp.parse::<f64>().ok();
        for (.., map) in &mut rows {
            if let Some(ramp) = ramp {
                fields::set(map, "profile.rampup_duration", ramp.into());
            }
            if let Some(model) = &self.model {
                fields::set(map, "config.backend.model", model.as_str().into());
            }
        }
        // 0.8 can print its tables twice.
        let earlier = self.done.len().checked_sub(rows.len());
        let earlier = earlier.map_or(&[][..], |from| &self.done[from..]);
        let says = |(name, _, map): &(String, u64, Map<_, _>)| (name.clone(), map.clone());
        if !earlier.iter().map(says).eq(rows.iter().map(says)) {
            self.done.append(&mut rows);
        }
    }
}

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let text = files::read_text(tree, path)?;
    let is_old = !text::holds(&text, "Run Summary Info");
    let mut console = Console::default();
    let mut lines = (1..).zip(text.lines()).peekable();
    while let Some((number, line)) = lines.next() {
        let plain = text::strip_ansi(line);
        console.preamble(&plain);
        let taken = match is_old {
            true => console.old_line(path, number, &plain),
            false => console.line(path, number, &plain),
        };
        // A last row that was cut.
        match taken {
            Err(_) if lines.peek().is_none() => break,
            taken => taken?,
        }
    }
    if console.in_rows || console.rows.is_empty() && console.done.is_empty() {
        let message = "found a table that does not end; expected all tables of a run. The log was cut: copy it again from the run";
        return Err(Fault::damaged(message).at(path));
    }
    console.close();
    for (strategy, line, mut map) in console.done {
        fields::set(&mut map, "strategy", strategy.into());
        drop_empty(&mut map);
        if !is_old {
            drop_mixed(&mut map);
        }
        let entry = Entry {
            format: &CONSOLE.format,
            file: path,
            line,
            map: &map,
        };
        let before = run.results.len();
        finish(run, &entry)?;
        for result in &mut run.results[before..] {
            for (quantity, reading) in &mut result.readings {
                reading.is_near = true;
                reading.decimals = decimals(&map, *quantity);
            }
        }
    }
    Ok(())
}

/// The digits of a number that was printed, in our unit.
fn decimals(map: &Map<String, Value>, quantity: Quantity) -> Option<i32> {
    let all = guidellm::DISTRIBUTIONS.iter().chain(&[guidellm::GOODPUT]);
    let (_, path, factor) = all
        .flat_map(|(_, rows)| *rows)
        .find(|row| row.0 == quantity)?;
    let text = fields::get(map, &format!("{PRINTED}.{path}"))?.as_str()?;
    let exponent = if *factor == 1e3 { 3 } else { 0 };
    text::number(text, exponent).ok().map(|read| read.decimals)
}

/// Where the requests are not counted, without a token none was successful: then the rest is zeros.
fn drop_empty(map: &mut Map<String, Value>) {
    let zero = |path: &str| fields::get(map, path).and_then(Value::as_f64) == Some(0.0);
    let none = zero("tokens.successful") || zero("metrics.requests_per_second.successful.mean");
    if none && fields::get(map, "metrics.request_totals").is_none() {
        fields::set(map, "metrics.request_totals.successful", 0.into());
    }
}

/// Takes the throughput of all requests away where others than the successful ones had a part in it.
fn drop_mixed(map: &mut Map<String, Value>) {
    let none = |path: &str| fields::get(map, path).and_then(Value::as_f64) == Some(0.0);
    let alone = |of: &str| none(&format!("{of}.incomplete")) && none(&format!("{of}.errored"));
    let (tokens, requests) = (alone("tokens"), alone("metrics.request_totals"));
    for (keep, name) in [
        (tokens, "output_tokens_per_second"),
        (requests, "requests_per_second"),
    ] {
        if !keep {
            fields::set(map, &format!("metrics.{name}"), Value::Null);
        }
    }
}

impl Console {
    fn preamble(&mut self, line: &str) {
        let behind = |start: &str| line.split_once(start).map(|(_, rest)| rest);
        let model = behind("backend validated with model ").or(behind("backend_model='"));
        let streams = behind("streams=[");
        if (model.is_some() || streams.is_some()) && !self.in_rows && !self.rows.is_empty() {
            self.close();
        }
        if let Some(named) = model {
            let mut words = named.split(['\'', ' ']);
            self.model = words.next().map(str::to_owned);
        }
        if let Some(rest) = behind("rampup_duration") {
            self.ramp = Some(rest.trim_start_matches(['\'', ':', '=', ' ']).to_owned());
        } else if self.ramp.as_deref() == Some("") {
            self.ramp = Some(line.trim().to_owned());
        }
        if let Some(listed) = streams {
            self.streams = listed.to_owned();
        } else if !self.streams.is_empty() && !self.streams.contains(']') {
            self.streams.push_str(line);
        }
    }

    fn line(&mut self, path: &str, number: u64, plain: &str) -> Result<()> {
        let Some((_, row)) = plain.split_once('|') else {
            return Ok(());
        };
        let row = row.trim_end().strip_suffix('|').unwrap_or(row);
        if row.starts_with("==") {
            (self.headings, self.in_rows) = (Vec::new(), false);
        } else if row.starts_with("--") {
            self.open();
        } else if self.in_rows {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            self.row(path, number, &cells)?;
        } else {
            // A cell that is quite empty belongs to the one before it.
            let mut last = "";
            let cells = row.split('|').map(|cell| {
                if !cell.is_empty() {
                    last = cell.trim();
                }
                last
            });
            let cells: Vec<&str> = cells.collect();
            let len = cells.len().max(self.headings.len());
            self.headings.resize(len, String::new());
            for (heading, cell) in self.headings.iter_mut().zip(cells) {
                join(heading, cell);
            }
        }
        Ok(())
    }

    /// A line of what was printed up to 0.4.
    fn old_line(&mut self, path: &str, number: u64, plain: &str) -> Result<()> {
        let cells: Vec<&str> = plain.split('|').map(str::trim).collect();
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect();
        match cells[..] {
            ["Metadata", ..] => {
                let in_seconds = cells.contains(&"Req Latency (sec)");
                self.headings = names(&STATS);
                if !in_seconds {
                    let of_latency = |name: &&mut String| name.starts_with("Request Latency");
                    let of_latency = self.headings.iter_mut().filter(of_latency);
                    of_latency.for_each(String::clear);
                }
            }
            ["Benchmark", second, ..] => {
                if second == "Start Time" {
                    self.headings = names(&INFO);
                }
                if cells.len() != self.headings.len() {
                    return self.row(path, number, &cells);
                }
                self.open();
            }
            [start, _, ..] if start.starts_with("--") => {}
            [_, _, ..] if self.in_rows => self.row(path, number, &cells)?,
            [start, ..] if start.starts_with("==") => self.in_rows = false,
            _ => {}
        }
        Ok(())
    }
}
