//! The report `cuda_gpu_kern_sum` of `nsys stats`: GPU time by kernel.
//!
//! Up to 2022 it is called `gpukernsum` and may split a kernel by its grid. Three shapes are read: CSV, the
//! aligned columns, and the boxed table; each may stand between notices and other reports. Only the total
//! time and the name are taken, and the shares are made from them: the printed percentages have one decimal.

use super::csv_row;
use super::source::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{LineReader, Tree};
use crate::finding::{Finding, FindingCode};
use crate::run::profile::{GpuTable, Weight};
use crate::run::{Format, Run, Speaker, States};
use crate::text;

/// The format.
pub static SOURCE: Source = Source {
    format: Format {
        name: "nsys",
        title: "Nsight Systems kernel summary (`nsys stats -r cuda_gpu_kern_sum`)",
        tool: Some("Nsight Systems"),
        states: States::Profile,
        speaker: Speaker::Tool,
        one_each: false,
        of_many_levels: false,
    },
    begins: None,
    by_content,
    by_name,
    read,
};

/// Below this sum of the printed percentages rows are missing, each printed one being off by 0.05 at most.
const LEAST_PERCENT: f64 = 99.5;

fn by_content(candidate: &Candidate<'_>) -> bool {
    !candidate.is_json_object()
        && candidate.has("Total Time (")
        && candidate
            .head
            .lines()
            .any(|line| line.contains("Total Time (") && header(line).is_some())
}

fn by_name(name: &str) -> bool {
    let ends = [".csv", ".tsv", ".txt", ".json"];
    let text = ends.iter().any(|end| name.ends_with(end));
    text && ["gpu_kern_sum", "gpukernsum"]
        .iter()
        .any(|report| name.contains(report))
}

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let mut lines = LineReader::new(tree.open(path)?, path);
    let mut report = Report::default();
    while let Some(bytes) = lines.next_line()? {
        let outcome = std::str::from_utf8(bytes)
            .map_err(|_| Fault::damaged("found bytes that are not UTF-8; expected text"))
            .and_then(|line| report.take(line));
        if let Err(fault) = outcome {
            let line = lines.line();
            return Err(match fault.place.clone() {
                Some(field) => {
                    Fault::new(fault.code, fault.message).at_field(path, Some(line), &field)
                }
                None => fault.at_line(path, line),
            });
        }
    }
    report.end_table();
    if report.kernels.is_empty() {
        if report.tables > 0 || report.skipped {
            run.profile.findings.push(Finding::new(
                FindingCode::ProfileEmpty,
                path.to_owned(),
                "the report holds no kernel: nothing ran on the GPU while it was recorded, or CUDA was not traced",
            ));
            return Ok(());
        }
        return Err(Fault::damaged("found no kernel table; expected a header with `Time (%)`, `Total Time (ns)`, `Instances` and `Name`. Make it with `nsys stats -r cuda_gpu_kern_sum --format csv`")
        .at(path));
    }
    if let Some(sum) = report.cut {
        run.profile.findings.push(Finding::new(
            FindingCode::ProfileCut,
            path.to_owned(),
            format!("the listed kernels are {sum:.1} % of the GPU time; the shares are of the listed ones only"),
        ));
    }
    run.profile.gpu.push(GpuTable {
        file: path.to_owned(),
        weight: Weight::Nanoseconds,
        kernels: report.kernels,
    });
    Ok(())
}

/// How the cells of a table are told apart.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Csv,
    Tabs,
    Columns,
    Boxed,
}

#[derive(Clone, Debug)]
struct Header {
    shape: Shape,
    names: Vec<String>,
    percent: usize,
    total: usize,
    /// The unit of the total in nanoseconds.
    unit: f64,
}

/// The header of a kernel table; other reports have other last columns, or calls instead of instances.
fn header(line: &str) -> Option<Header> {
    let line = line.trim();
    let (shape, names) = if line.starts_with('|') {
        (Shape::Boxed, boxed(line))
    } else if line.contains('\t') {
        (Shape::Tabs, tabs(line))
    } else if line.contains(',') {
        (Shape::Csv, csv_row::split(line).ok()?)
    } else {
        let cells = line
            .split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty());
        (Shape::Columns, cells.map(str::to_owned).collect())
    };
    let at = |wanted: &str| {
        let squeezed = |name: &String| name.replace(' ', "");
        names
            .iter()
            .position(|name| squeezed(name).starts_with(wanted))
    };
    let total = at("TotalTime(")?;
    at("Instances")?;
    let last = names.last()?.trim();
    let known = last == "Name";
    let unit = match names[total].split_once('(')?.1.trim_end_matches(')') {
        "ns" | "nsec" => 1.0,
        "us" | "\u{b5}s" | "\u{3bc}s" | "usec" => 1e3,
        "ms" | "msec" => 1e6,
        "s" | "sec" => 1e9,
        _ => return None,
    };
    let percent = at("Time(%)")?;
    known.then_some(Header {
        shape,
        names,
        percent,
        total,
        unit,
    })
}

/// The cells of a line of tab-separated values.
fn tabs(line: &str) -> Vec<String> {
    let cell = |cell: &str| cell.trim().trim_matches('"').to_owned();
    line.split('\t').map(cell).collect()
}

/// The cells of `| a | b |`; the last one may hold `|` itself.
fn boxed(line: &str) -> Vec<String> {
    let inside = line.trim().trim_start_matches('|').trim_end_matches('|');
    inside
        .split('|')
        .map(|cell| cell.trim().to_owned())
        .collect()
}

#[derive(Default)]
struct Report {
    header: Option<Header>,
    tables: usize,
    skipped: bool,
    kernels: Vec<(String, f64)>,
    /// Sum of the printed percentages and number of rows of the running table.
    percent: (f64, usize),
    /// The sum of a table that does not hold all kernels.
    cut: Option<f64>,
}

impl Report {
    /// Takes one line. A fault about a cell has the column as its place.
    fn take(&mut self, line: &str) -> Result<()> {
        let trimmed = line.trim();
        if trimmed.starts_with("SKIPPED") {
            self.skipped = true;
        }
        if line.contains("Total Time")
            && let Some(header) = header(line)
        {
            self.end_table();
            self.tables += 1;
            self.header = Some(header);
            return Ok(());
        }
        let Some(header) = self.header.clone() else {
            return Ok(());
        };
        let rule = trimmed.starts_with("---") || trimmed.starts_with("+-");
        if rule {
            return Ok(());
        }
        if trimmed.is_empty() {
            // The columns of a few versions leave a line free below the header.
            if self.percent.1 > 0 {
                self.end_table();
            }
            return Ok(());
        }
        let is_row = match header.shape {
            Shape::Boxed => trimmed.starts_with('|'),
            _ => begins_with_number(trimmed),
        };
        if is_row {
            self.row(&header, trimmed)
        } else {
            self.end_table();
            Ok(())
        }
    }

    fn row(&mut self, header: &Header, line: &str) -> Result<()> {
        let cells = cells(header, line)?;
        let percent = cells[header.percent].trim_end_matches('%');
        if percent.contains(',') {
            let message = format!(
                "found the percentage `{percent}`; expected a decimal point. Run `nsys stats` with LC_ALL=C"
            );
            return Err(Fault::new(Code::NotUnderstood, message).at(&*header.names[header.percent]));
        }
        let percent = number(header, header.percent, percent)?;
        if percent > 100.0 {
            let message = format!("found {percent}; expected at most 100");
            return Err(Fault::new(Code::BadValue, message).at(&*header.names[header.percent]));
        }
        let total = number(header, header.total, &cells[header.total])?;
        self.percent.0 += percent;
        self.percent.1 += 1;
        let allowed = 100.5 + 0.05 * self.percent.1 as f64;
        if self.percent.0 > allowed {
            let message = format!(
                "found percentages that add up to {:.1}; expected at most 100",
                self.percent.0
            );
            return Err(Fault::new(Code::BadValue, message).at(&*header.names[header.percent]));
        }
        let name = cells.last().cloned().unwrap_or_default();
        self.kernels.push((name, total * header.unit));
        Ok(())
    }

    fn end_table(&mut self) {
        self.header = None;
        let (sum, rows) = std::mem::take(&mut self.percent);
        if rows > 0 && sum < LEAST_PERCENT - 0.05 * rows as f64 {
            self.cut = Some(sum);
        }
    }
}

/// Whether a line begins with a percentage, a wrong one included; notices begin with a word or `[`.
fn begins_with_number(line: &str) -> bool {
    let end = line.find([',', ' ', '\t']).unwrap_or(line.len());
    let first = line[..end].trim_matches('"');
    first.starts_with(|c: char| c.is_ascii_digit() || c == '-') || first.parse::<f64>().is_ok()
}

/// One cell for each column of the header.
fn cells(header: &Header, line: &str) -> Result<Vec<String>> {
    let wanted = header.names.len();
    let cells = match header.shape {
        Shape::Csv => csv_row::split(line)
            .map_err(|found| Fault::damaged(format!("{found}; expected one CSV row a line")))?,
        Shape::Tabs => tabs(line),
        Shape::Boxed => {
            let mut cells = boxed(line);
            if cells.len() > wanted {
                let name = cells.split_off(wanted - 1).join("|");
                cells.push(name);
            }
            cells
        }
        Shape::Columns => columns(header, line),
    };
    if cells.len() == wanted {
        return Ok(cells);
    }
    Err(Fault::damaged(format!(
        "found a row of {} cells; expected {wanted}, as in the header. The file was cut or edited: make the report again",
        cells.len()
    )))
}

/// Words up to the name; a grid or block of threads is three words under one column.
fn columns(header: &Header, line: &str) -> Vec<String> {
    let mut rest = line;
    let mut cells = Vec::new();
    for name in &header.names[..header.names.len() - 1] {
        let words = if name.ends_with("XYZ") { 3 } else { 1 };
        let mut cell = Vec::new();
        for _ in 0..words {
            rest = rest.trim_start();
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            if end == 0 {
                return cells;
            }
            cell.push(&rest[..end]);
            rest = &rest[end..];
        }
        cells.push(cell.join(" "));
    }
    let name = rest.trim();
    if !name.is_empty() {
        cells.push(name.to_owned());
    }
    cells
}

/// A number with or without thousands separators: commas, spaces that do not break, or apostrophes in Swiss output.
fn number(header: &Header, column: usize, cell: &str) -> Result<f64> {
    let plain: String = cell
        .chars()
        .filter(|c| !matches!(c, ',' | '\'' | '’' | '\u{a0}' | '\u{202f}'))
        .collect();
    let value = plain.trim().parse::<f64>().ok();
    value
        .filter(|value| value.is_finite() && *value >= 0.0)
        .ok_or_else(|| {
            let message = format!(
                "found `{}`; expected a number that is not negative",
                text::shorten(cell)
            );
            Fault::new(Code::BadValue, message).at(&*header.names[column])
        })
}
