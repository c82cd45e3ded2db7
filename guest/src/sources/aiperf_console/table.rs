//! The box-drawn table: title, top border, header row, border, body rows, bottom border.

use crate::fault::{Code, Fault, Result};
use crate::sources::aiperf_labels::{self, Collector};
use crate::text;

/// What stands between cells.
const BARS: [char; 4] = ['│', '┃', '║', '|'];

/// Whether a trimmed line is drawn only: a border of a table in any of Rich's box styles.
pub fn is_border(line: &str) -> bool {
    const DRAWN: &str = "─━═┌┐└┘├┤┬┴┼┏┓┗┛┣┫┳┻╋┡┩╇╈┢┪╭╮╰╯╞╡╪";
    let mut has_corner = false;
    let mut drawn = |c: char| {
        if BARS.contains(&c) {
            return true;
        }
        let is_corner = match c.is_ascii() {
            true => matches!(c, '+' | '-' | '='),
            false => DRAWN.chars().any(|corner| corner == c),
        };
        has_corner |= is_corner;
        is_corner
    };
    line.chars().all(&mut drawn) && has_corner
}

/// What a line did to the table.
#[derive(Debug)]
pub enum Step {
    /// The table goes on.
    More,
    /// This was the bottom border.
    Done,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Top,
    Header,
    Body,
}

#[derive(Debug)]
struct Row {
    line: u64,
    label: String,
    cells: Vec<String>,
}

/// A table that is being read.
#[derive(Debug)]
pub struct Table {
    title_line: u64,
    state: State,
    width: usize,
    header: Vec<String>,
    rows: Vec<Row>,
}

impl Table {
    /// A table whose title is on `title_line`.
    pub fn new(title_line: u64) -> Self {
        Table {
            title_line,
            state: State::Top,
            width: 0,
            header: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// The line of the title.
    pub fn title_line(&self) -> u64 {
        self.title_line
    }

    /// Takes the next line, trimmed and without escape codes.
    ///
    /// Faults: a line that is no part of a table, a row of another number of cells than the header.
    pub fn line(&mut self, file: &str, line: u64, text: &str) -> Result<Step> {
        if text.is_empty() {
            return Ok(Step::More);
        }
        if text.contains(char::REPLACEMENT_CHARACTER) {
            return Err(Fault::damaged("found bytes that are not UTF-8 inside the table; expected text. Copy the file again from the run".to_owned()).at_line(file, line));
        }
        let is_row = text.starts_with(BARS);
        match (&self.state, is_border(text)) {
            (State::Top, true) => {
                self.width = text.chars().count();
                self.state = State::Header;
            }
            (State::Header, true) => self.end_header(file, line)?,
            (State::Body, true) => return self.bottom(file, line, text),
            (State::Header, false) if is_row => self.header_row(file, line, &cells(text))?,
            (State::Body, false) if is_row => self.body_row(file, line, cells(text))?,
            _ => return Err(no_part(file, line, text)),
        }
        Ok(Step::More)
    }

    /// A header that is too long for its column goes on in the next row.
    fn header_row(&mut self, file: &str, line: u64, cells: &[&str]) -> Result<()> {
        if self.header.is_empty() {
            self.header = cells.iter().map(|cell| (*cell).to_owned()).collect();
            return Ok(());
        }
        self.check_width(file, line, cells)?;
        for (header, cell) in self
            .header
            .iter_mut()
            .zip(cells)
            .filter(|(_, cell)| !cell.is_empty())
        {
            header.push(' ');
            header.push_str(cell);
        }
        Ok(())
    }

    fn end_header(&mut self, file: &str, line: u64) -> Result<()> {
        if self
            .header
            .first()
            .is_none_or(|first| first != aiperf_labels::METRIC)
        {
            return Err(Fault::damaged(format!(
                "found a table whose first column is `{}`; expected `{}`",
                self.header.first().map_or("", String::as_str),
                aiperf_labels::METRIC
            ))
            .at_line(file, line));
        }
        if let Some(twice) = repeated(&self.header) {
            return Err(Fault::new(
                Code::Conflict,
                format!("found the column `{twice}` twice; expected each column once"),
            )
            .at_line(file, line));
        }
        self.state = State::Body;
        Ok(())
    }

    fn body_row(&mut self, file: &str, line: u64, cells: Vec<&str>) -> Result<()> {
        self.check_width(file, line, &cells)?;
        let Some((label, values)) = cells.split_first() else {
            return Ok(());
        };
        let is_blank = values.iter().all(|cell| cell.is_empty());
        match self.rows.last_mut() {
            // A name of more than 30 characters has its unit in the next row, alone.
            Some(last) if is_blank && !label.is_empty() => {
                last.label.push(' ');
                last.label.push_str(label);
            }
            _ if is_blank && label.is_empty() => {}
            _ if is_blank || label.is_empty() || label.starts_with('(') => {
                return Err(Fault::damaged(format!(
                    "found the row `{}`, which is a piece of another; expected a metric with its values on one line. The terminal was too narrow: use `profile_export_console.txt` or the JSON export",
                    text::excerpt(&cells.join(" "))
                ))
                .at_line(file, line));
            }
            _ => self.rows.push(Row {
                line,
                label: (*label).to_owned(),
                cells: values.iter().map(|cell| (*cell).to_owned()).collect(),
            }),
        }
        Ok(())
    }

    fn check_width(&self, file: &str, line: u64, cells: &[&str]) -> Result<()> {
        if cells.len() == self.header.len() {
            return Ok(());
        }
        Err(Fault::damaged(format!(
            "found {} cells in this row; expected {}, as in the header. The file was cut or edited: copy it again from the run",
            cells.len(),
            self.header.len()
        ))
        .at_line(file, line))
    }

    fn bottom(&self, file: &str, line: u64, text: &str) -> Result<Step> {
        if text.chars().count() == self.width {
            return Ok(Step::Done);
        }
        Err(Fault::damaged(format!(
            "found a bottom border of {} characters; expected {}, as at the top of the table. The file was cut: copy it again from the run",
            text.chars().count(),
            self.width
        ))
        .at_line(file, line))
    }

    /// Reads the rows by the names of the columns.
    pub fn collect(&self, file: &str) -> Result<Collector> {
        let mut collector = Collector::default();
        for row in &self.rows {
            if row.label.contains(aiperf_labels::CUT) && aiperf_labels::may_be_known(&row.label) {
                return Err(Fault::damaged(format!(
                    "found the shortened name `{}`; expected it whole. The terminal was too narrow: use `profile_export_console.txt` or the JSON export",
                    text::excerpt(&row.label)
                ))
                .at_line(file, row.line));
            }
            collector.row(file, row.line, &row.label, "N/A", |column| {
                let at = self
                    .header
                    .iter()
                    .skip(1)
                    .position(|header| header == column)?;
                row.cells.get(at).map(String::as_str)
            })?;
        }
        Ok(collector)
    }

    /// The fault for a file that ends inside the table.
    pub fn cut(&self, file: &str, line: u64) -> Fault {
        Fault::damaged(format!(
            "the file ends inside the table of results that begins on line {}; expected its bottom border. Copy the file again from the run",
            self.title_line
        ))
        .at_line(file, line)
    }
}

fn cells(row: &str) -> Vec<&str> {
    let inner = row.strip_prefix(BARS).unwrap_or(row);
    let inner = inner.strip_suffix(BARS).unwrap_or(inner);
    let mut cells = vec![inner];
    // One bar after another: a search for any of them goes from character to character, and mostly all are the same.
    for bar in BARS {
        if inner.contains(bar) {
            cells = cells.iter().flat_map(|cell| cell.split(bar)).collect();
        }
    }
    cells.iter().map(|cell| cell.trim()).collect()
}

fn repeated(header: &[String]) -> Option<&str> {
    header
        .iter()
        .enumerate()
        .find(|(at, name)| header[..*at].contains(name))
        .map(|(_, name)| name.as_str())
}

fn no_part(file: &str, line: u64, found: &str) -> Fault {
    Fault::damaged(format!(
        "found `{}` where the table of results goes on; expected a row or a border. The file was cut or edited: copy it again from the run",
        text::excerpt(found)
    ))
    .at_line(file, line)
}
