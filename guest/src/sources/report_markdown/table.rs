//! One table of results: a row for each concurrency level.

use super::columns::{self, Column};
use super::outline::{Row, Table};
use crate::fault::{Code, Fault, Result};
use crate::measure::{Place, Quantity};
use crate::run::{Format, LevelResult, Reading};
use crate::sources::aiperf_definitions;
use crate::text::{self, NumberError};

/// Texts that stand for a number that nobody measured.
const ABSENT: [&str; 6] = ["", "-", "–", "—", "n/a", "na"];

/// Reads a table into levels with their lines; a table without results of levels gives none.
///
/// `unfinished` says that the file has no line end at its end. A row that may have been cut there is refused.
pub fn read(
    format: &'static Format,
    file: &str,
    table: &Table,
    unfinished: bool,
) -> Result<Vec<(u64, LevelResult)>> {
    let Some(concurrency) = columns::concurrency(&table.header) else {
        return Ok(Vec::new());
    };
    let mut columns = table
        .header
        .iter()
        .map(|header| columns::column(file, table.line, header))
        .collect::<Result<Vec<_>>>()?;
    columns::prefer_tpot(&table.header, &mut columns);
    check_columns(file, table, &columns)?;
    if !columns
        .iter()
        .any(|column| matches!(column, Column::Number { .. }))
    {
        return Ok(Vec::new());
    }
    if !table.has_separator || table.rows.is_empty() {
        return Err(Fault::damaged("found the header of a table of results without rows; expected a line of dashes and a row for each concurrency level. The report was cut").at_line(file, table.line));
    }
    table
        .rows
        .iter()
        .map(|row| {
            check_row(file, table, row, unfinished)?;
            let mut level = LevelResult::new(format, file);
            aiperf_definitions::define(&mut level);
            let concurrency = stated_level(file, row, &row.cells[concurrency])?;
            level.place = Some(Place::Level(concurrency));
            for ((column, header), cell) in columns.iter().zip(&table.header).zip(&row.cells) {
                if let Column::Number {
                    quantity,
                    exponent,
                    whole,
                } = *column
                    && let Some(reading) = cell_number(file, row, header, cell, exponent, whole)?
                {
                    level.push(quantity, reading);
                }
            }
            check_counts(file, row, &level)?;
            Ok((row.line, level))
        })
        .collect()
}

/// The fault for the first table that has measurements and does not say for which concurrency.
///
/// Beside complete tables such a table is a summary and does no harm.
pub fn without_concurrency<'t>(
    file: &str,
    mut tables: impl Iterator<Item = &'t Table>,
) -> Option<Fault> {
    let table = tables.find(|table| {
        columns::concurrency(&table.header).is_none() && columns::has_measurements(&table.header)
    })?;
    let names: Vec<String> = table
        .header
        .iter()
        .map(|name| format!("`{}`", text::excerpt(name)))
        .collect();
    Some(
        Fault::damaged(format!(
            "found a table with the columns {} and no column `Concurrency`; expected one, since a number without its level cannot be compared",
            names.join(", ")
        ))
        .at_line(file, table.line),
    )
}

fn check_columns(file: &str, table: &Table, columns: &[Column]) -> Result<()> {
    let key = |column: &Column| match column {
        Column::Concurrency => Some(None),
        Column::Number { quantity, .. } => Some(Some(*quantity)),
        Column::Other => None,
    };
    for (at, column) in columns.iter().enumerate() {
        let Some(found) = key(column) else { continue };
        if let Some(earlier) = columns[..at]
            .iter()
            .position(|other| key(other) == Some(found))
        {
            return Err(Fault::new(
                Code::Conflict,
                format!(
                    "found the columns `{}` and `{}`, which are the same quantity; expected one. Take one out",
                    table.header[earlier], table.header[at]
                ),
            )
            .at_line(file, table.line));
        }
    }
    Ok(())
}

fn check_row(file: &str, table: &Table, row: &Row, unfinished: bool) -> Result<()> {
    if row.cells.len() != table.header.len() {
        let column = table.header.get(row.cells.len()).or(table.header.last());
        return Err(Fault::damaged(format!(
            "found {} cells in this row; expected {}, as in the header. The report was cut or edited: complete the row",
            row.cells.len(),
            table.header.len()
        ))
        .at_field(file, Some(row.line), column.map_or("", String::as_str)));
    }
    // `| 16 | 1` may have been `| 16 | 12 |`.
    let open_end = row.last && unfinished && !row.closed;
    if open_end || (table.closed && !row.closed) {
        return Err(Fault::damaged("this row does not end with `|`, so its last number may have been cut; expected the whole row. Complete it").at_field(
            file,
            Some(row.line),
            table.header.last().map_or("", String::as_str),
        ));
    }
    Ok(())
}

fn stated_level(file: &str, row: &Row, cell: &str) -> Result<u32> {
    let digits = cell.strip_prefix(['c', 'C']).unwrap_or(cell);
    text::number(digits, 0)
        .ok()
        .filter(|printed| {
            printed.decimals == 0 && printed.value >= 1.0 && printed.value <= f64::from(u32::MAX)
        })
        .map(|printed| printed.value as u32)
        .ok_or_else(|| {
            Fault::new(
                Code::BadValue,
                format!(
                    "found `{}`; expected a concurrency such as `16`",
                    text::excerpt(cell)
                ),
            )
            .at_field(file, Some(row.line), "Concurrency")
        })
}

fn cell_number(
    file: &str,
    row: &Row,
    header: &str,
    cell: &str,
    exponent: i32,
    whole: bool,
) -> Result<Option<Reading>> {
    if ABSENT.contains(&cell.to_lowercase().as_str()) {
        return Ok(None);
    }
    let bad = |expected: &str| {
        Fault::new(
            Code::BadValue,
            format!(
                "found `{}`; expected {expected}, or `-` where nothing was measured",
                text::excerpt(cell)
            ),
        )
        .at_field(file, Some(row.line), header)
    };
    let printed =
        text::number(cell, exponent).map_err(|error: NumberError| bad(error.expected()))?;
    if whole && printed.value.fract() != 0.0 {
        return Err(bad("a whole number"));
    }
    Ok(Some(Reading::printed(printed.value, printed.decimals)))
}

fn check_counts(file: &str, row: &Row, level: &LevelResult) -> Result<()> {
    let count = |quantity| level.get(quantity).map(|reading| reading.value);
    match (count(Quantity::Errors), count(Quantity::Requests)) {
        (Some(errors), Some(all)) if errors > all => Err(Fault::damaged(format!(
            "found {errors} errors in {all} requests; expected the requests to include the failed ones. Correct the row"
        ))
        .at_line(file, row.line)),
        _ => Ok(()),
    }
}
